"""Opening a model in a window: one undoable change, reading in the background, Cancel, files that are broken, drops."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QMimeData, QUrl
from PyQt6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from lstmviz.gui import model_opening
from lstmviz.gui.model_opening import ModelOpening, choose_model, choose_vocabulary, model_paths
from lstmviz.gui.panels.model_import.model_dialog import ModelDialog
from lstmviz.gui.session import Session
from lstmviz.gui.style import DARK
from lstmviz.io.models import reading
from lstmviz.io.models.reading import read_model
from tests.experiments import random_lstm

FIXTURES = Path(__file__).parents[1] / "io" / "models" / "fixtures"


class Desk:
    """Somebody who opens models, and what they answer."""

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot = qtbot
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.session = Session(random_lstm(6, 4, 3), parent=self.window)
        self.model = self.vocabulary = ""
        self.opening = ModelOpening(
            self.session, self.window, choose=lambda *_: self.model, choose_vocabulary=lambda *_: self.vocabulary
        )

    def open(self, path: Path) -> ModelDialog:
        """Choose the file, and wait until it has been read."""
        self.model = str(path)
        self.opening.action.trigger()
        dialog = self.opening.dialog
        assert dialog is not None
        self._qtbot.waitUntil(lambda: not dialog.table.isHidden() or bool(dialog.error_line.text()))
        return dialog


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    desk = Desk(qtbot)
    yield desk
    desk.opening.close()
    desk.session.close()


def test_a_model_is_opened_as_one_change_that_undo_takes_back(desk: Desk) -> None:
    before = desk.session.experiment
    desk.open(FIXTURES / "bidirectional.pt").open_button.click()
    network = read_model(FIXTURES / "bidirectional.pt").candidate().network
    assert desk.session.run.network == network
    assert desk.session.experiment.sequence == before.sequence
    assert desk.session.cursor.t == 6
    assert desk.session.undo_name == "open bidirectional"
    desk.session.undo()
    assert desk.session.experiment == before


def test_what_was_typed_is_part_of_the_experiment_before_its_sequence_is_offered(desk: Desk) -> None:
    desk.opening.typed_wanted.connect(lambda: desk.session.apply("type", random_lstm(9, 4, 3)))
    assert desk.open(FIXTURES / "cell.pth").reading_box.itemText(0) == "the sequence that is there now, 9 steps"


def test_nothing_chosen_opens_nothing(desk: Desk) -> None:
    desk.opening.action.trigger()
    assert desk.opening.dialog is None


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"\x89HDF\r\n\x1a\n cut off", b"no model at all"])
def test_a_broken_file_is_told_and_the_open_work_stays(content: bytes, desk: Desk, tmp_path: Path) -> None:
    before = desk.session.experiment
    path = tmp_path / "broken.pt"
    path.write_bytes(content)
    dialog = desk.open(path)
    assert "broken.pt" in dialog.error_line.text()
    assert not dialog.open_button.isEnabled()
    dialog.cancel_button.click()
    assert desk.opening.dialog is None
    assert desk.session.experiment == before


def test_cancel_while_the_file_is_read_closes_at_once_and_the_result_is_dropped(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def slow(path: Path) -> object:
        begun.set()
        may_end.wait(10)
        return read_model(path)

    monkeypatch.setattr(reading, "read_model", slow)
    desk.opening.open_path(FIXTURES / "cell.pth")
    dialog = desk.opening.dialog
    assert dialog is not None
    qtbot.waitUntil(begun.is_set)
    assert dialog.format_line.text() == "Reading the file …"
    assert not dialog.open_button.isEnabled()
    dialog.cancel_button.click()
    assert desk.opening.dialog is None
    monkeypatch.undo()
    other = desk.open(FIXTURES / "simple.h5")
    may_end.set()
    desk.opening.close()
    assert "1 recurrent network" in other.format_line.text()
    assert other.table.candidate is not None
    assert other.table.candidate.name == "simple_rnn"


def test_a_second_file_takes_the_place_of_the_first(desk: Desk) -> None:
    first = desk.open(FIXTURES / "cell.pth")
    second = desk.open(FIXTURES / "gru.pt")
    assert desk.opening.dialog is second is not first
    assert second.heading.text() == "gru.pt"


def test_a_vocabulary_is_read_from_the_file_that_is_chosen(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = desk.open(FIXTURES / "checkpoint.pt")
    path = tmp_path / "v.txt"
    path.write_text("b\na\nn\nx\ny\nz\n", encoding="utf-8")
    desk.vocabulary = str(path)
    dialog.vocabulary_button.click()
    qtbot.waitUntil(lambda: dialog.vocabulary_label.text() == "v.txt, 6 tokens")
    path.write_bytes(b"\xff\xfe")
    dialog.vocabulary_button.click()
    qtbot.waitUntil(lambda: bool(dialog.error_line.text()))
    assert "v.txt" in dialog.error_line.text()
    assert dialog.open_button.isEnabled()


def test_the_dialog_follows_the_theme(desk: Desk) -> None:
    dialog = desk.open(FIXTURES / "cell.pth")
    desk.opening.set_theme(DARK)
    assert DARK.warning in dialog.styleSheet()


@pytest.mark.parametrize(("choose", "suffix"), [(choose_model, "*.safetensors"), (choose_vocabulary, "*.json")])
def test_the_file_dialogs_offer_the_suffixes(
    choose: model_opening.Choose, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def answer(*given: object) -> tuple[str, str]:
        asked.append(given)
        return "chosen", ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", answer)
    assert choose(None, "there") == "chosen"
    assert suffix in str(asked[0][3])
    assert asked[0][2] == "there"


def test_models_are_told_from_numbers_among_what_is_dropped(tmp_path: Path) -> None:
    np.savez(tmp_path / "numbers.npz", x=np.ones(3))
    np.savez(tmp_path / "weights.npz", weight_hh_l0=np.ones((8, 2)))
    names = ("numbers.npz", "weights.npz", "a.PT", "a.csv", "a.lstmviz")
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/a.pt"), *(QUrl.fromLocalFile(str(tmp_path / name)) for name in names)])
    assert [path.name for path in model_paths(data)] == ["weights.npz", "a.PT"]
    assert model_paths(None) == ()
