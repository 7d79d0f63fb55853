"""Opening a model in a window: one undoable change, reading in the background, Cancel, files that are broken, drops."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QCoreApplication, QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from lstmviz.core.errors import LstmvizError
from lstmviz.gui.files import model_opening
from lstmviz.gui.files.model_opening import ModelOpening, choose_model, choose_vocabulary, model_paths
from lstmviz.gui.files.model_testing import choose_numbers
from lstmviz.gui.panels.model_import.model_dialog import ModelDialog
from lstmviz.gui.session import Session
from lstmviz.gui.style import DARK
from lstmviz.io.models import reading, self_test
from lstmviz.io.models.reading import read_model
from tests.experiments import random_lstm

FIXTURES = Path(__file__).parents[2] / "io" / "models" / "fixtures"


class Desk:
    """Somebody who opens models, and what they answer."""

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot = qtbot
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.session = Session(random_lstm(6, 4, 3), parent=self.window)
        self.model = self.vocabulary = self.numbers = ""
        self.opening = ModelOpening(
            self.session,
            self.window,
            choose=lambda *_: self.model,
            choose_vocabulary=lambda *_: self.vocabulary,
            choose_numbers=lambda *_: self.numbers,
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
def test_a_broken_file_is_told_and_the_open_work_stays(
    content: bytes, desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    before = desk.session.experiment
    path = tmp_path / "broken.pt"
    path.write_bytes(content)
    errors: list[LstmvizError] = []
    desk.opening.failed.connect(errors.append)
    desk.opening.open_path(path)
    qtbot.waitUntil(lambda: bool(errors))
    assert "broken.pt" in errors[0].where
    assert errors[0].how
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


def drop(dialog: ModelDialog, *paths: Path) -> None:
    """Files dragged onto the dialog and let go, through Qt's own events."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    button, modifier = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(30, 30), Qt.DropAction.CopyAction, data, button, modifier)
    QCoreApplication.sendEvent(dialog, enter)
    assert enter.isAccepted()
    dropped = QDropEvent(QPointF(30, 30), Qt.DropAction.CopyAction, data, button, modifier)
    QCoreApplication.sendEvent(dialog, dropped)
    assert dropped.isAccepted()


def test_a_known_output_is_compared_in_the_background(desk: Desk, qtbot: QtBot) -> None:
    dialog = desk.open(FIXTURES / "cell.pth")
    page = dialog.test_page
    dialog.test_button.click()
    desk.numbers = str(FIXTURES / "cell.x.npy")
    page.input_button.click()
    qtbot.waitUntil(lambda: page.input_label.text() == "cell.x.npy, [5, 3]")
    desk.numbers = str(FIXTURES / "cell.y.npy")
    page.expected_button.click()
    qtbot.waitUntil(page.test_button.isEnabled)
    page.test_button.click()
    assert page.verdict.text() == ""
    qtbot.waitUntil(lambda: bool(page.verdict.text()))
    assert "The output is the expected one" in page.verdict.text()
    desk.numbers = str(FIXTURES / "exported.y.npy")
    page.expected_button.click()
    qtbot.waitUntil(page.test_button.isEnabled)
    page.test_button.click()
    qtbot.waitUntil(lambda: bool(page.error_line.text()))
    assert "it must be" in page.error_line.text()
    assert dialog.open_button.isEnabled()
    desk.numbers = str(FIXTURES / "gru.pt")
    page.input_button.click()
    qtbot.waitUntil(lambda: "gru.pt" in page.error_line.text())


def test_files_dropped_on_the_dialog_are_what_they_can_be(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = desk.open(FIXTURES / "checkpoint.pt")
    path = tmp_path / "v.txt"
    path.write_text("b\na\nn\nx\ny\nz\n", encoding="utf-8")
    drop(dialog, path)
    qtbot.waitUntil(lambda: dialog.vocabulary_label.text() == "v.txt, 6 tokens")
    drop(dialog, FIXTURES / "checkpoint.y.npy", FIXTURES / "checkpoint.x.npy")
    qtbot.waitUntil(dialog.test_page.test_button.isEnabled)
    assert dialog.test_page.isVisible()
    assert dialog.test_page.input_label.text() == "checkpoint.x.npy, [5]"
    assert dialog.test_page.expected_label.text() == "checkpoint.y.npy, [5, 6]"
    drop(dialog, FIXTURES / "simple.h5")
    qtbot.waitUntil(lambda: desk.opening.dialog is not dialog)
    other = desk.opening.dialog
    assert other is not None
    assert other.heading.text() == "simple.h5"


def test_single_numbers_dropped_on_the_dialog_are_input_and_then_output(desk: Desk, qtbot: QtBot) -> None:
    page = desk.open(FIXTURES / "cell.pth").test_page
    assert desk.opening.dialog is not None
    drop(desk.opening.dialog, FIXTURES / "cell.x.npy")
    qtbot.waitUntil(lambda: "cell.x" in page.input_label.text())
    drop(desk.opening.dialog, FIXTURES / "exported.x.npy")
    qtbot.waitUntil(lambda: "exported.x" in page.expected_label.text())
    drop(desk.opening.dialog, FIXTURES / "cell.y.npy")
    qtbot.waitUntil(lambda: "cell.y" in page.expected_label.text())


def test_closing_while_it_computes_is_safe_and_the_result_is_dropped(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end = threading.Event(), threading.Event()
    real = self_test.self_testing

    def slow(*given: Any, **named: Any) -> Any:
        begun.set()
        may_end.wait(10)
        return real(*given, **named)

    monkeypatch.setattr(self_test, "self_testing", slow)
    dialog = desk.open(FIXTURES / "cell.pth")
    drop(dialog, FIXTURES / "cell.x.npy", FIXTURES / "cell.y.npy")
    qtbot.waitUntil(dialog.test_page.test_button.isEnabled)
    dialog.test_page.test_button.click()
    qtbot.waitUntil(begun.is_set)
    assert dialog.test_page.note.text() == "Computing …"
    dialog.cancel_button.click()
    assert desk.opening.dialog is None
    other = desk.open(FIXTURES / "cell.pth")
    may_end.set()
    desk.opening.close()
    assert other.test_page.verdict.text() == ""


def test_the_dialog_follows_the_theme(desk: Desk) -> None:
    dialog = desk.open(FIXTURES / "cell.pth")
    desk.opening.set_theme(DARK)
    assert DARK.warning in dialog.styleSheet()


@pytest.mark.parametrize(
    ("choose", "suffix"), [(choose_model, "*.safetensors"), (choose_vocabulary, "*.json"), (choose_numbers, "*.npy")]
)
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
