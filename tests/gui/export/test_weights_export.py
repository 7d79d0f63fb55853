"""The action that writes the weights of the network that is shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from lstmviz.gui.export.weights_export import WeightsExport
from lstmviz.gui.session import Session
from lstmviz.io.models.reading import load_network
from tests.experiments import random_lstm


class Chooser:
    """Answers the file dialog."""

    path = ""
    wanted = ""
    start = ""

    def __call__(self, parent: QWidget | None, start: str) -> tuple[str, str]:
        self.start = start
        return self.path, self.wanted


@pytest.fixture
def chooser() -> Chooser:
    return Chooser()


@pytest.fixture
def export(qtbot: QtBot, chooser: Chooser) -> Iterator[WeightsExport]:
    window = QWidget()
    qtbot.addWidget(window)
    session = Session(random_lstm(4, 2, 1, output_size=2), parent=window)
    yield WeightsExport(session, window, choose=chooser)
    session.close()


def test_the_weights_that_are_shown_are_written(export: WeightsExport, chooser: Chooser, tmp_path: Path) -> None:
    for name, wanted, written in (
        ("a.safetensors", "NumPy arrays (*.npz)", "a.safetensors"),
        ("b", "safetensors (*.safetensors)", "b.safetensors"),
        ("c.1", "NumPy arrays (*.npz)", "c.1.npz"),
    ):
        chooser.path, chooser.wanted = str(tmp_path / name), wanted
        export.action.trigger()
        assert load_network(tmp_path / written) == export._session.run.network
    assert Path(chooser.start).name == "random.npz"
    assert Path(chooser.start).parent == tmp_path  # where the last one was written


def test_nothing_chosen_writes_nothing_and_a_failure_is_said(
    qtbot: QtBot, export: WeightsExport, chooser: Chooser, tmp_path: Path
) -> None:
    export.action.trigger()
    assert list(tmp_path.iterdir()) == []
    chooser.path = str(tmp_path / "no" / "net.npz")
    with qtbot.waitSignal(export.failed) as said:
        export.action.trigger()
    assert "folder does not exist" in said.args[0].what
