"""A seeded monkey before the real window: random commands, and what has to hold after each of them and at the end."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from PyQt6 import sip
from PyQt6.QtCore import QCoreApplication, QEvent, QObject, QThread, QTimer
from PyQt6.QtGui import QPixmapCache
from PyQt6.QtWidgets import QApplication, QFileDialog, QMessageBox

from lstmviz.core.cursor import clamped
from lstmviz.core.run import Run, analyse
from lstmviz.gui.main_window import MainWindow
from lstmviz.gui.process.crash import HANDLER
from lstmviz.io.experiments import DEFAULT_EXAMPLE, load_example
from lstmviz.io.sessions import SessionFile, load_session, save_session
from tests.stories.monkey_commands import COMMANDS, Commands
from tests.stories.person import Person

LAST_COMMANDS = 25
"""So many are told when something goes wrong."""

COLLECT_EVERY, REPLAY_EVERY = 50, 100
"""Commands between two collections of garbage, which the app does on a timer, and between two replays."""

KEPT_PICTURES = 8 * 2**20
"""Bytes of drawn pictures that the cell keeps: so few that they are soon let go again, and look like no leak."""


class Monkey:
    """Does random commands, the same ones for the same seed, and looks after each whether all is well."""

    def __init__(self, person: Person, seed: int, folder: Path, patch: pytest.MonkeyPatch, qtlog: Any) -> None:
        self.person, self.seed, self.folder = person, seed, folder
        self.hands = Commands(person, Random(), folder, patch)
        self.counts: Counter[str] = Counter()
        self.seconds: Counter[str] = Counter()
        self._qtlog = qtlog
        self._done: deque[str] = deque(maxlen=LAST_COMMANDS)
        self._crashes = HANDLER.crash_count
        self._answer_dialogs(patch)
        patch.setattr("lstmviz.gui.views.cell.grounds.MOST_BYTES", KEPT_PICTURES)

    @property
    def window(self) -> MainWindow:
        return self.person.window

    def act(self, commands: int) -> None:
        """So many commands. Raises AssertionError that names the seed and the last commands."""
        weights, choices = zip(*COMMANDS, strict=True)
        for _ in range(commands):
            number = self.counts.total()
            # its own for each command: how fast threads are must not change what comes later
            self.hands.random = Random(f"{self.seed} {number}")
            (command,) = self.hands.random.choices(choices, weights)
            self.counts[command.__name__] += 1
            self._done.append(f"{number} {command.__name__}")
            began = time.monotonic()
            try:
                self._done[-1] += f" {command(self.hands)}"
                self._settle()
                self.look()
                if number % COLLECT_EVERY == 0:
                    gc.collect()
                if number % REPLAY_EVERY == 0:
                    self.replay()
                self.seconds[command.__name__] += time.monotonic() - began
            except Exception as error:
                last = "\n  ".join(self._done)
                raise AssertionError(f"seed {self.seed}: {error}\nafter\n  {last}") from error

    def look(self) -> None:
        """What has to hold between any two commands."""
        session, window = self.window.session, self.window
        run, cursor = session.run, session.cursor
        assert HANDLER.crash_count == self._crashes, "an exception that nobody caught"
        messages = [record.message for record in self._qtlog.records if not record.ignored]
        assert not messages, messages
        assert QApplication.activeModalWidget() is None, "a dialog that blocks"
        assert run.experiment is session.experiment
        assert session.busy or session.wanted is session.experiment
        assert cursor == clamped(run, cursor), f"{cursor} is outside"
        shown = (window.tabs.current, window.timeline_view, window.inspector_view)
        for view in filter(None, shown):
            assert view.run is not None, view.objectName()
            assert view.run.has_numbers_of(run), f"{view.objectName()} shows another run"
            assert view.cursor_at == cursor, f"{view.objectName()} shows {view.cursor_at}, not {cursor}"
        assert window.transport.slider.value() == cursor.t
        assert window.transport.slider.maximum() == run.length
        assert window.isWindowModified() == window.files.document.unsaved
        assert window.undo_action.isEnabled() == bool(session.undo_name)
        assert window.undo_action.text() == f"Undo {session.undo_name}".rstrip()
        assert window.checker.result is None or window.checker.can_check(run)

    def replay(self) -> SessionFile:
        """What is saved now, read again: the same experiment and cursor, and a run with the same bits."""
        self.window.player.pause()
        self.hands.finish_typing()
        session = self.window.session
        path = self.folder / "replay" / "session.lstmviz"
        path.parent.mkdir(exist_ok=True)
        save_session(path, SessionFile(session.experiment, session.cursor))
        loaded = load_session(path)
        assert loaded.experiment == session.experiment, "another experiment is in the file"
        assert loaded.cursor == session.cursor
        assert_same_bits(analyse(loaded.experiment), session.run)
        return loaded

    def rest(self) -> Resources:
        """What the process holds when the window shows a small experiment in every tab, and nobody works."""
        window = self.window
        self.replay()
        window.comparison.drop()
        window.showNormal()
        window.resize(1440, 900)
        window.session.apply("rest", load_example(DEFAULT_EXAMPLE).experiment)
        self.hands.calm()
        for index in range(window.tabs.count()):
            window.tabs.setCurrentIndex(index)
            self._settle()
        # gc.get_objects() hands out tuples that another thread is still filling, which breaks that thread
        self.person.qtbot.waitUntil(
            lambda: not any(thread.isRunning() for thread in window.findChildren(QThread)), timeout=60_000
        )
        QPixmapCache.clear()
        return Resources.now(window)

    def _settle(self) -> None:
        """What Qt does between two commands of a person."""
        popup = QApplication.activePopupWidget()
        if popup is not None:
            popup.close()
        QApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    def _answer_dialogs(self, patch: pytest.MonkeyPatch) -> None:
        """The dialogs that wait for an answer get a random one."""
        hands = self.hands
        buttons = QMessageBox.StandardButton

        def answer(box: QMessageBox) -> int:
            button = box.button(hands.random.choice((buttons.Save, buttons.Discard, buttons.Discard, buttons.Cancel)))
            assert button is not None
            button.click()
            return 0

        def file_to_open(*_: object) -> tuple[str, str]:
            return (str(hands.some_file()) if hands.likely(0.9) else "", "")

        def file_to_save(*_: object) -> tuple[str, str]:
            name = hands.random.choice(("one.lstmviz", "two", "three [*].lstmviz", "no-folder/four.lstmviz", ""))
            return (str(self.folder / name) if name else "", "")

        patch.setattr(QMessageBox, "exec", answer)
        patch.setattr(QFileDialog, "getOpenFileName", file_to_open)
        patch.setattr(QFileDialog, "getSaveFileName", file_to_save)


# Runs, bit for bit


def assert_same_bits(a: Run, b: Run) -> None:
    """Both runs have the same arrays, to the last bit."""
    first, second = dict(arrays_of(a)), dict(arrays_of(b))
    assert first.keys() == second.keys(), sorted(first.keys() ^ second.keys())
    different = [path for path, array in first.items() if not _same_bits(array, second[path])]
    assert not different, f"other numbers in {different[:8]}"


def arrays_of(value: Any, path: str = "") -> Iterator[tuple[str, np.ndarray]]:
    """Every array and number in a frozen value, with the way to it."""
    if isinstance(value, np.ndarray | float):
        yield path, np.asarray(value)
    elif is_dataclass(value):
        for field in fields(value):
            yield from arrays_of(getattr(value, field.name), f"{path}.{field.name}")
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from arrays_of(each, f"{path}[{key}]")
    elif isinstance(value, tuple):
        for index, each in enumerate(value):
            yield from arrays_of(each, f"{path}[{index}]")


def _same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


# What a window takes


@dataclass(frozen=True)
class Resources:
    """What the process holds at one moment.

    resident  bytes of memory; 0 where the system does not say
    objects   QObjects of the window; runs: Run values that are alive
    """

    resident: int
    objects: int
    windows: int
    timers: int
    threads: int
    runs: int

    @classmethod
    def now(cls, window: MainWindow) -> Resources:
        gc.collect()
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)  # glibc: what is free goes back to the system
        found = [each for each in gc.get_objects() if isinstance(each, QThread | QTimer | Run)]
        living = [each for each in found if isinstance(each, Run) or not sip.isdeleted(each)]
        timers = sum(isinstance(each, QTimer) and each.isActive() for each in living)
        threads = sum(isinstance(each, QThread) and each.isRunning() for each in living)
        return cls(
            resident=_resident_bytes(),
            objects=len(window.findChildren(QObject)),
            windows=len(QApplication.topLevelWidgets()),
            timers=timers,
            # Python keeps a record of every QThread that has called it: no thread of its own
            threads=threads + sum(not each.name.startswith("Dummy-") for each in threading.enumerate()),
            runs=sum(isinstance(each, Run) for each in living),
        )


def _resident_bytes() -> int:
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
