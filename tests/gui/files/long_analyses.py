"""Analyses that take as long as a test wants."""

from __future__ import annotations

import threading
from collections.abc import Generator

import pytest
from pytestqt.qtbot import QtBot

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.core.run import Progress, Run, analyse
from lstmviz.gui import session as session_module
from lstmviz.gui.session import Session


class LongAnalyses:
    """From here on every analysis is long, and ends when it is told to: as it would, or refused."""

    def __init__(self, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
        self._qtbot = qtbot
        self._gate = threading.Event()
        self._refused: tuple[Experiment, ...] = ()
        monkeypatch.setattr(session_module, "expected_seconds", lambda _: 60.0)
        monkeypatch.setattr(session_module, "analysing", self._analysing)

    def end(self, session: Session, *, refused: tuple[Experiment, ...] = ()) -> None:
        """Let all end, and refuse those of ``refused``."""
        self._refused = refused
        self._gate.set()
        self._qtbot.waitUntil(lambda: not session.busy)
        self._gate.clear()
        self.settle()

    def cancel(self, session: Session) -> None:
        """What the button Cancel does."""
        session.cancel()
        self.settle()

    def settle(self) -> None:
        """Let what waits for the event loop be done."""
        self._qtbot.wait(20)

    def _analysing(self, experiment: Experiment, known: Run | None = None) -> Generator[Progress, None, Run]:
        while not self._gate.wait(0.002):
            yield Progress(0.5, "network, forwards")
        if experiment in self._refused:
            raise LstmvizError("It does not fit")
        return analyse(experiment, known)
