"""Analyses that take as long as a test wants, and what signals carry."""

from __future__ import annotations

import threading
from collections.abc import Generator
from typing import Any

import pytest

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.core.run import Progress, Run, analyse
from lstmviz.gui import session as session_module
from tests.experiments import random_lstm


def experiment(length: int = 4, hidden_size: int = 3, num_layers: int = 1) -> Experiment:
    return random_lstm(length, hidden_size, 1, num_layers=num_layers)


class Slow:
    """Analyses that end when they are told to, each in its turn."""

    def __init__(self) -> None:
        self.started: list[Experiment] = []
        self._gates: list[threading.Event] = []
        self.fails_with: Exception | None = None
        self.refused: tuple[Experiment, ...] = ()

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """From here on every analysis takes long."""
        patch.setattr(session_module, "expected_seconds", lambda _: 60.0)
        patch.setattr(session_module, "analysing", self.analysing)

    def analysing(self, experiment: Experiment, known: Run | None = None) -> Generator[Progress, None, Run]:
        gate = threading.Event()
        self.started.append(experiment)
        self._gates.append(gate)
        yield Progress(0.5, "network, forwards")
        while not gate.wait(0.002):
            yield Progress(0.5, "network, forwards")
        if self.fails_with:
            raise self.fails_with
        if experiment in self.refused:
            raise LstmvizError("It does not fit")
        return analyse(experiment, known)

    def has_started(self, experiment: Experiment) -> bool:
        return experiment in self.started

    def end(self, number: int = -1) -> None:
        self._gates[number].set()

    def end_all(self) -> None:
        for gate in self._gates:
            gate.set()


def recorded(signal: Any) -> list[object]:
    received: list[object] = []
    signal.connect(lambda *arguments: received.append(arguments[0] if arguments else None))
    return received
