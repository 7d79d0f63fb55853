"""Long analyses that all end together, when a test wants it."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from lstmviz.core.experiment import Experiment
from lstmviz.gui.session import Session
from tests.gui.session.slow import Slow


class LongAnalyses:
    """From here on every analysis is long, and ends when it is told to: as it would, or refused."""

    def __init__(self, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
        self._qtbot, self._slow = qtbot, Slow()
        self._slow.install(monkeypatch)

    def end(self, session: Session, *, refused: tuple[Experiment, ...] = ()) -> None:
        """Let all end, also those that begin meanwhile, and refuse those of ``refused``."""
        self._slow.refused = refused
        while session.busy:
            self._slow.end_all()
            self._qtbot.wait(2)
        self.settle()

    def cancel(self, session: Session) -> None:
        """What the button Cancel does."""
        session.cancel()
        self.settle()

    def settle(self) -> None:
        """Let what waits for the event loop be done."""
        self._qtbot.wait(20)
