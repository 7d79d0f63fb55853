"""The run to compare with: kept, dropped, or read from a file."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from lstmviz.core.experiment import Experiment
from lstmviz.core.run import Progress, Run, analyse
from lstmviz.gui import comparison as module
from lstmviz.gui.comparison import Comparison
from lstmviz.gui.session import Session
from lstmviz.io.sessions import SessionFile, save_session
from tests.experiments import random_lstm


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """The run of a file is worked out once this is set."""
    gate = threading.Event()

    def analysing(experiment: Experiment) -> Generator[Progress, None, Run]:
        while not gate.wait(0.002):
            yield Progress(0.5, "network, forwards")
        return analyse(experiment)

    monkeypatch.setattr(module, "_HERE_SECONDS", 0.0)
    monkeypatch.setattr(module, "analysing", analysing)
    return gate


@pytest.fixture
def comparison(qtbot: QtBot, tmp_path: Path, gate: threading.Event) -> Iterator[Comparison]:
    window = QWidget()
    qtbot.addWidget(window)
    session = Session(random_lstm(4, 2, 1), parent=window)
    path = tmp_path / "other.lstmviz"
    save_session(path, SessionFile(random_lstm(5, 2, 1), session.cursor))
    made = Comparison(session, window, choose=lambda *_: str(path))
    yield made
    made.close()
    session.close()


def test_the_run_of_a_file_is_compared_with_once_it_is_there(
    qtbot: QtBot, comparison: Comparison, gate: threading.Event
) -> None:
    names: list[str] = []
    comparison.chosen.connect(lambda _, name: names.append(name))
    comparison.open()
    gate.set()
    qtbot.waitUntil(lambda: names == ["other.lstmviz"])
    assert comparison.drop_action.isEnabled()


@pytest.mark.parametrize(
    ("choose", "name", "droppable"), [(Comparison.keep, "the kept run", True), (Comparison.drop, "", False)]
)
def test_what_is_chosen_later_is_not_replaced_by_what_was_still_being_read(
    qtbot: QtBot,
    comparison: Comparison,
    gate: threading.Event,
    choose: Callable[[Comparison], None],
    name: str,
    droppable: bool,
) -> None:
    names: list[str] = []
    comparison.chosen.connect(lambda _, name: names.append(name))
    comparison.open()
    choose(comparison)
    gate.set()
    qtbot.wait(50)
    assert names == [name]
    assert comparison.drop_action.isEnabled() == droppable
