"""The import dialog: what it shows, what it refuses, and what it hands over."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QMimeData, Qt, QUrl
from PyQt6.QtWidgets import QComboBox, QWidget
from pytestqt.qtbot import QtBot

from lstmviz.gui.panels.sequence_import import import_dialog
from lstmviz.gui.panels.sequence_import.dropped import sequence_paths
from lstmviz.gui.panels.sequence_import.import_dialog import SequenceImportDialog
from lstmviz.gui.style import DARK, LIGHT
from lstmviz.io.sequence_files.options import Missing, SequenceOptions
from lstmviz.io.sequence_files.preparing import Prepared
from lstmviz.io.sequence_files.reading import SequenceFile

CSV = "date;temp;wind\nmo;1,5;2\ntu;;3\nwe;2,5;4\nth;3,5;5\n"

Open = Callable[..., SequenceImportDialog]


@pytest.fixture
def open_dialog(qtbot: QtBot, tmp_path: Path) -> Iterator[Open]:
    """Opens the dialog on a file of that name and content, and waits until it has been read."""
    window = QWidget()
    qtbot.addWidget(window)
    opened = []

    def open_file(name: str, content: str | bytes, **arguments: object) -> SequenceImportDialog:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        dialog = SequenceImportDialog(path, window, **arguments)
        dialog.chosen.connect(lambda *given: chosen.append(given))
        dialog.show()
        opened.append(dialog)
        wait(qtbot, dialog)
        return dialog

    chosen: list[tuple[Prepared, SequenceOptions]] = []
    open_file.chosen = chosen
    yield open_file
    window.close()


def wait(qtbot: QtBot, dialog: SequenceImportDialog) -> None:
    qtbot.waitUntil(lambda: not dialog.progress.isVisible(), timeout=10_000)


def choose(qtbot: QtBot, dialog: SequenceImportDialog, box: QComboBox, words: str) -> None:
    index = next(index for index in range(box.count()) if box.itemText(index).startswith(words))
    box.setCurrentIndex(index)
    wait(qtbot, dialog)


def shown(dialog: SequenceImportDialog, row: int) -> list[str]:
    return [dialog.model.index(row, column).data() for column in range(dialog.model.columnCount())]


def headers(dialog: SequenceImportDialog) -> list[str]:
    horizontal = Qt.Orientation.Horizontal
    return [dialog.model.headerData(column, horizontal) for column in range(dialog.model.columnCount())]


def test_a_missing_number_is_marked_and_the_sequence_offered_once_it_is_dealt_with(
    open_dialog: Open, qtbot: QtBot
) -> None:
    dialog = open_dialog("weather.csv", CSV)
    assert "Semicolons between the cells" in dialog.recognised_line.text()
    assert headers(dialog) == ["date", "✓ temp", "✓ wind"]
    assert shown(dialog, 0) == ["mo", "1.5", "2"]
    assert shown(dialog, 1) == ["tu", "—", "3"]
    marked = dialog.model.index(1, 1)
    assert marked.data(Qt.ItemDataRole.BackgroundRole) is not None
    assert marked.data(Qt.ItemDataRole.ToolTipRole) == "line 3, column 2: the cell is empty"
    assert "line 3, column 2: the cell is empty" in dialog.error_line.text()
    assert not dialog.use_button.isEnabled()
    dialog.problem_button.click()
    assert dialog.table.currentIndex() == marked

    choose(qtbot, dialog, dialog.fields.missing_box, "take the step before")
    assert dialog.error_line.text() == ""
    assert "took the number of the step before" in dialog.note_line.text()
    assert dialog.size_label.text() == "4 steps × 2 features"
    dialog.use_button.click()
    ((prepared, options),) = open_dialog.chosen
    assert prepared.sequence.values.tolist() == [[1.5, 2], [1.5, 3], [2.5, 4], [3.5, 5]]
    assert options == SequenceOptions(missing=Missing.PREVIOUS)
    assert not dialog.isVisible()


def test_columns_are_taken_and_left_out_by_mouse_and_keyboard(open_dialog: Open, qtbot: QtBot) -> None:
    dialog = open_dialog("weather.csv", CSV)
    dialog.table.horizontalHeader().sectionClicked.emit(1)
    wait(qtbot, dialog)
    assert headers(dialog) == ["date", "temp", "✓ wind"]
    assert dialog.columns_label.text() == "1 of 3 columns taken."
    assert dialog.use_button.isEnabled()
    dialog.table.setCurrentIndex(dialog.model.index(0, 2))
    dialog.table.setFocus()
    qtbot.keyClick(dialog.table, Qt.Key.Key_Space)
    wait(qtbot, dialog)
    assert "No column is chosen" in dialog.error_line.text()
    dialog.all_button.click()
    wait(qtbot, dialog)
    assert headers(dialog) == ["✓ date", "✓ temp", "✓ wind"]
    assert "“mo” is not a number" in dialog.error_line.text()
    dialog.suggested_button.click()
    wait(qtbot, dialog)
    assert headers(dialog) == ["date", "✓ temp", "✓ wind"]
    dialog.reject()
    assert open_dialog.chosen == []


def test_other_options_read_the_file_again(open_dialog: Open, qtbot: QtBot) -> None:
    dialog = open_dialog("n.csv", "1,2,3\n4,5,6\n")
    assert dialog.size_label.text() == "2 steps × 3 features"
    choose(qtbot, dialog, dialog.fields.orientation_box, "each column")
    assert dialog.size_label.text() == "3 steps × 2 features"
    choose(qtbot, dialog, dialog.fields.orientation_box, "each row")
    choose(qtbot, dialog, dialog.fields.header_box, "names")
    assert dialog.size_label.text() == "1 step × 3 features"
    choose(qtbot, dialog, dialog.fields.delimiter_box, "tab")
    assert "No column of this file holds numbers" in dialog.error_line.text()
    assert not dialog.use_button.isEnabled()
    choose(qtbot, dialog, dialog.fields.delimiter_box, "comma")
    dialog.fields.standardise_box.setChecked(True)
    wait(qtbot, dialog)
    assert "mean 0 and standard deviation 1" in dialog.note_line.text()
    dialog.reject()


def test_what_was_read_before_cannot_be_used_while_the_file_is_read_again(
    open_dialog: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = open_dialog("n.csv", "1,5;2,5\n3,5;4,5\n")
    gate, reading = threading.Event(), import_dialog.reading_content

    def slow_reading(*arguments: Any) -> Generator[float, None, SequenceFile]:
        while not gate.wait(0.002):
            yield 0.5
        return (yield from reading(*arguments))

    monkeypatch.setattr(import_dialog, "reading_content", slow_reading)
    box = dialog.fields.delimiter_box
    box.setCurrentIndex(next(index for index in range(box.count()) if box.itemText(index).startswith("comma")))
    for act in (lambda: dialog.table.horizontalHeader().sectionClicked.emit(0), dialog.all_button.click):
        act()
        qtbot.wait(30)
        assert not dialog.use_button.isEnabled()
        assert dialog.size_label.text() == "Reading …"
    gate.set()
    wait(qtbot, dialog)
    assert len(headers(dialog)) == 3
    assert dialog._options.features is None  # the columns clicked were those of the other reading
    dialog.reject()


def test_an_array_and_a_sequence_of_it_are_chosen(open_dialog: Open, qtbot: QtBot, tmp_path: Path) -> None:
    np.savez(tmp_path / "made.npz", x=np.arange(12.0).reshape(2, 3, 2), y=np.ones(7))
    dialog = open_dialog("runs.npz", (tmp_path / "made.npz").read_bytes())
    assert not dialog.fields.delimiter_box.isVisible()
    dialog.fields.item_box.setValue(2)
    wait(qtbot, dialog)
    assert shown(dialog, 0) == ["6", "7"]
    choose(qtbot, dialog, dialog.fields.array_box, "y")
    assert dialog.size_label.text() == "7 steps × 1 feature"
    assert not dialog.fields.item_box.isVisible()
    dialog.reject()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [("a.csv", "", "The file is empty"), ("a.npy", b"\x93NUMPY\x01", "header"), ("a.csv", b"\x80\x04.", "a pickle")],
)
def test_a_file_that_cannot_be_read(open_dialog: Open, name: str, content: str | bytes, message: str) -> None:
    dialog = open_dialog(name, content)
    assert message in dialog.error_line.text()
    assert not dialog.use_button.isEnabled()
    assert dialog.model.rowCount() == 0
    dialog.reject()


def test_what_was_pasted_needs_no_file(open_dialog: Open, qtbot: QtBot) -> None:
    dialog = open_dialog("pasted", "not this", data=b"1,2\n3,4\n", theme=DARK)
    assert shown(dialog, 1) == ["3", "4"]
    dialog.set_theme(LIGHT)
    dialog.use_button.click()
    assert open_dialog.chosen[0][0].sequence.source == "1, 2\n3, 4"


def test_options_of_before_are_shown(open_dialog: Open) -> None:
    options = SequenceOptions(missing=Missing.ZERO, features=(2,), standardise=True)
    dialog = open_dialog("weather.csv", CSV, options=options)
    assert dialog.fields.missing_box.choice is Missing.ZERO
    assert dialog.fields.standardise_box.isChecked()
    assert headers(dialog) == ["date", "temp", "✓ wind"]
    dialog.use_button.click()
    assert open_dialog.chosen[0][1] == options


def test_a_long_file_is_read_on_a_thread_and_closing_stops_it(open_dialog: Open, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("a,b\n" + "1.25,2.5\n" * 60_000)
    window = QWidget()
    qtbot.addWidget(window)
    dialog = SequenceImportDialog(path, window)
    dialog.show()
    assert dialog.progress.isVisible()
    assert dialog.size_label.text() == "Reading …"
    assert dialog.cancel_button.isEnabled()
    assert not dialog.columns_row.isVisible()
    dialog.reject()  # the fixture of every test fails where a thread goes on
    window.close()
    again = open_dialog("again.csv", path.read_bytes())
    assert again.size_label.text() == "60,000 steps × 2 features"
    assert again.model.rowCount() == 60_000
    again.reject()


def test_files_of_numbers_are_known_when_they_are_dropped() -> None:
    dropped = QMimeData()
    dropped.setUrls([QUrl.fromLocalFile(f"/data/{name}") for name in ("a.CSV", "b.png", "c.npz")])
    assert [path.name for path in sequence_paths(dropped)] == ["a.CSV", "c.npz"]
    assert sequence_paths(None) == ()
