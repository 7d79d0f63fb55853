"""Somebody drags files of models and of numbers onto the real window, good ones and bad ones."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QApplication, QWidget

from lstmviz.gui.panels.model_import.model_dialog import ModelDialog
from lstmviz.gui.panels.sequence_import.import_dialog import SequenceImportDialog
from lstmviz.io.models.reading import read_model
from tests.stories.person import Person

FIXTURES = Path(__file__).parents[1] / "io" / "models" / "fixtures"


def drop(widget: QWidget, *paths: Path) -> bool:
    """Drag files over the middle of a widget and let them go there; whether its window takes them."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    window = widget.window()
    assert window is not None
    handle = window.windowHandle()
    assert handle is not None
    middle = QPoint(widget.width() // 2, widget.height() // 2)
    place, copy = QPointF(widget.mapTo(window, middle)), Qt.DropAction.CopyAction
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    for event in (
        QDragEnterEvent(place.toPoint(), copy, mime, buttons, keys),
        QDropEvent(place, copy, mime, buttons, keys),
    ):
        event.ignore()
        QApplication.sendEvent(handle, event)
    return event.isAccepted()


def model_dialog(person: Person) -> ModelDialog:
    """The dialog, as soon as it has read its file."""
    models = person.window.files.models

    def ready() -> bool:
        dialog = models.dialog
        return dialog is not None and (dialog.table.isVisible() or bool(dialog.error_line.text()))

    person.qtbot.waitUntil(ready)
    assert models.dialog is not None
    return models.dialog


@pytest.mark.parametrize("over", ["timeline", "sequence"])
def test_a_model_is_dropped_tested_and_opened(person: Person, over: str) -> None:
    widget = person.window.timeline_view if over == "timeline" else person.editor.viewport()
    assert widget is not None
    assert drop(widget, FIXTURES / "cell.pth")
    dialog = model_dialog(person)
    assert drop(dialog.facts, FIXTURES / "cell.x.npy", FIXTURES / "cell.y.npy")
    person.qtbot.waitUntil(dialog.test_page.test_button.isEnabled)
    person.click(dialog.test_page.test_button)
    person.qtbot.waitUntil(lambda: bool(dialog.test_page.verdict.text()))
    assert "The output is the expected one" in dialog.test_page.verdict.text()
    person.click(dialog.open_button)
    assert person.run.network == read_model(FIXTURES / "cell.pth").candidate().network
    assert person.window.undo_action.text() == "Undo open cell"


def test_a_vocabulary_is_dropped_on_the_dialog(person: Person, tmp_path: Path) -> None:
    path = tmp_path / "letters.json"
    path.write_text('["b", "a", "n", "x", "y", "z"]')
    assert drop(person.window.timeline_view, FIXTURES / "checkpoint.pt")
    dialog = model_dialog(person)
    assert drop(dialog.table, path)
    person.qtbot.waitUntil(lambda: dialog.vocabulary_label.text() == "letters.json, 6 tokens")
    person.click(dialog.open_button)
    assert "".join(person.run.experiment.sequence.labels).startswith("bana")


def test_numbers_are_dropped_and_previewed(person: Person, tmp_path: Path) -> None:
    np.savetxt(tmp_path / "rows.csv", np.arange(12.0).reshape(4, 3), delimiter=",")
    assert drop(person.window.cell_view, tmp_path / "rows.csv")
    person.qtbot.waitUntil(lambda: bool(person.window.findChildren(SequenceImportDialog)))
    (dialog,) = person.window.findChildren(SequenceImportDialog)
    person.qtbot.waitUntil(dialog.use_button.isEnabled)
    person.click(dialog.use_button)
    person.qtbot.waitUntil(lambda: person.window.session.experiment.sequence.values.shape == (4, 3))


@contextmanager
def as_somebody_else() -> Iterator[None]:
    """Who may read every file is for a while somebody who may not."""
    user = os.geteuid()
    try:
        if user == 0:
            os.seteuid(65534)
        yield
    finally:
        os.seteuid(user)


def spoilt(kind: str, path: Path) -> None:
    whole = (FIXTURES / "bidirectional.pt").read_bytes()
    contents = {
        "empty": b"",
        "cut off": whole[: len(whole) // 2],
        "hdf5": b"\x89HDF\r\n\x1a\n" + bytes(800),
        "evil": b"cposix\nsystem\n(Vtouch canary\ntR.",
        "forbidden": whole,
    }
    if kind == "folder":
        path.mkdir()
    else:
        path.write_bytes(contents[kind])
    if kind == "forbidden":
        path.chmod(0)


@pytest.mark.parametrize("kind", ["empty", "cut off", "hdf5", "evil", "folder", "forbidden"])
def test_a_bad_model_is_told_and_the_open_work_is_untouched(person: Person, kind: str, tmp_path: Path) -> None:
    person.write_sequence("1, 2")
    person.leave_field()
    session = person.window.session
    before, run, cursor, undo = session.experiment, session.run, session.cursor, person.window.undo_action.text()
    path = tmp_path / "bad.pt"
    spoilt(kind, path)
    with as_somebody_else():
        assert drop(person.window.timeline_view, path)
        person.qtbot.waitUntil(lambda: person.window.messages.error is not None)
    assert "bad.pt" in person.reads("error_what")
    assert person.reads("error_how")
    assert person.window.files.models.dialog is None
    assert session.experiment is before
    assert session.run is run
    assert (session.cursor, person.window.undo_action.text()) == (cursor, undo)
    with person.qtbot.waitActive(person.window):
        person.window.activateWindow()
    person.write_sequence("1, 2, 3")
    assert person.run.experiment.sequence.length == 3
