"""The self-test of a model that is being opened: its files are read and its outputs computed in the background."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QFileDialog, QWidget

from lstmviz.core.progress import Steps
from lstmviz.gui.job import Job

if TYPE_CHECKING:
    from lstmviz.gui.panels.model_import.self_test_page import SelfTestPage, Slot, TestRequest
    from lstmviz.io.models.self_test import SelfTest
    from lstmviz.io.models.self_test_files import NumbersFile

Choose = Callable[[QWidget | None, str], str]
"""Given a folder to begin with, the chosen path; empty when nothing was chosen."""

_OUTPUT_WORDS = ("y", "out", "output", "outputs", "expected", "target", "targets")
_NUMBERS = "Arrays and tables (*.npy *.npz *.csv *.tsv *.txt);;All files (*)"


def choose_numbers(parent: QWidget | None, start: str) -> str:
    """The dialog to choose a known input, or its output."""
    return QFileDialog.getOpenFileName(parent, "Choose an input or its output", start, _NUMBERS)[0]


class ModelTesting(QObject):
    """Serves one SelfTestPage at a time. Call ``close`` when the window closes."""

    def __init__(self, parent: QObject, *, choose: Choose = choose_numbers) -> None:
        super().__init__(parent)
        self._choose = choose
        self._folder = Path.home()
        self._page: SelfTestPage | None = None
        self._reading, self._testing = Job(self), Job(self)
        self._reading.finished.connect(self._show_numbers)
        self._reading.failed.connect(self._show_failure)
        self._testing.finished.connect(self._show_test)
        self._testing.failed.connect(self._show_failure)

    def serve(self, page: SelfTestPage, folder: Path) -> None:
        """Do what this page asks for, from now on; files are first looked for in ``folder``."""
        self.forget()
        self._page, self._folder = page, folder
        page.file_wanted.connect(self._ask_for_file)
        page.test_wanted.connect(self._test)
        page.outdated.connect(self._testing.cancel)

    def forget(self) -> None:
        """The page is gone: what is still computed for it does not count any more."""
        self._page = None
        self._reading.cancel()
        self._testing.cancel()

    def close(self) -> None:
        """Stop, and wait for the threads."""
        self.forget()
        self._reading.close()
        self._testing.close()

    def read_dropped(self, paths: Sequence[Path]) -> None:
        """Read files that were dropped: the input, then the expected output, unless their names say otherwise."""
        from lstmviz.gui.panels.model_import.self_test_page import Slot

        if self._page is None:
            return
        if len(paths) == 1:
            slot = Slot.EXPECTED if _is_output(paths[0]) or self._page.has(Slot.INPUT) else Slot.INPUT
            self._read({slot: paths[0]})
        else:
            given, expected = sorted(paths[:2], key=_is_output)
            self._read({Slot.INPUT: given, Slot.EXPECTED: expected})

    def _ask_for_file(self, slot: Slot) -> None:
        chosen = self._choose(self._page, str(self._folder))
        if chosen:
            self._read({slot: Path(chosen)})

    def _read(self, paths: dict[Slot, Path]) -> None:
        if self._page is not None:
            self._folder = next(iter(paths.values())).parent
            self._testing.cancel()
            self._page.show_busy("Reading the file …")
            self._reading.start(_reading(paths), 0.0)

    def _test(self, request: TestRequest) -> None:
        self._testing.start(_comparing(request), 0.0)

    def _show_numbers(self, files: dict[Slot, NumbersFile]) -> None:
        for slot, file in files.items():
            if self._page is not None:
                self._page.show_numbers(slot, file)

    def _show_test(self, test: SelfTest) -> None:
        if self._page is not None:
            self._page.show_test(test)

    def _show_failure(self, words: str) -> None:
        if self._page is not None:
            self._page.show_failure(words)


def is_numbers(path: Path) -> bool:
    """Whether a dropped file is one for the test; a .txt is rather a vocabulary."""
    return path.suffix.lower() in (".npy", ".npz", ".csv", ".tsv")


def _is_output(path: Path) -> bool:
    """Whether the name says that it is an output: ``y.npy``, ``model.y.npy``, ``expected_1.csv``."""
    return any(word in _OUTPUT_WORDS for word in re.split(r"[^a-z]+", path.stem.lower()))


def _reading(paths: dict[Slot, Path]) -> Steps[dict[Slot, NumbersFile]]:
    # here: these modules would hold up every start of the window
    from lstmviz.io.models.self_test_files import read_numbers

    files = {}
    for slot, path in paths.items():
        yield 0.0
        files[slot] = read_numbers(path)
    return files


def _comparing(request: TestRequest) -> Steps[SelfTest]:
    from lstmviz.io.models.self_test import self_testing
    from lstmviz.io.models.self_test_files import pair_of

    yield 0.0
    pair = pair_of(request.given, request.expected, request.parts)
    testing = partial(self_testing, batch_first=request.batch_first, decimals=pair.decimals)
    return (yield from testing(request.candidate, pair.x, pair.expected))
