"""The offer after a crash: open, throw away, later."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PyQt6.QtWidgets import QListWidget, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor
from lstmviz.gui.files.recovery import Recoverable, recoverable
from lstmviz.gui.panels.recovery_dialog import RecoveryDialog
from lstmviz.io.sessions import SessionFile, save_session
from tests.experiments import random_lstm


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three that were left: one of a file, one of none, and a damaged one."""
    for number, origin in enumerate(("/home/me/mine.lstmviz", ""), 1):
        session = SessionFile(replace(random_lstm(4, 2, 1), title=f"title {number}"), Cursor(1), origin)
        save_session(tmp_path / f"recovery-{number}-1-1.lstmviz", session)
    (tmp_path / "recovery-3-1-1.lstmviz").write_bytes(b"")
    return tmp_path


@pytest.fixture
def dialog(qtbot: QtBot, folder: Path) -> RecoveryDialog:
    found = sorted(recoverable(folder), key=lambda each: each.path)
    window = QWidget()
    qtbot.addWidget(window)
    dialog = RecoveryDialog(tuple(found), window)
    dialog.show()
    return dialog


def press(dialog: RecoveryDialog, name: str) -> None:
    button = dialog.findChild(QPushButton, name)
    assert button
    button.click()


def rows(dialog: RecoveryDialog) -> list[str]:
    found = dialog.findChild(QListWidget)
    assert found is not None
    return [found.item(row).text() for row in range(found.count())]  # type: ignore[union-attr]


def select(dialog: RecoveryDialog, row: int) -> None:
    found = dialog.findChild(QListWidget)
    assert found is not None
    found.setCurrentRow(row)


def test_says_what_there_is(dialog: RecoveryDialog) -> None:
    first, second, third = rows(dialog)
    assert first.startswith("mine.lstmviz\n")
    assert first.endswith(" · belongs to /home/me/mine.lstmviz")
    assert second.startswith("title 2\n")
    assert second.endswith(" · was never saved to a file")
    assert third.endswith(" · cannot be read: The file is empty")


def test_open_hands_over_one_and_leaves_the_others_for_later(dialog: RecoveryDialog, folder: Path) -> None:
    opened: list[Recoverable] = []
    dialog.open_requested.connect(opened.append)
    select(dialog, 1)
    press(dialog, "recovery_open")
    assert [each.title for each in opened] == ["title 2"]
    later = recoverable(folder)
    assert len(later) == 2
    for each in (*later, *opened):
        each.release()


def test_throw_away_deletes_one_and_closes_after_the_last(dialog: RecoveryDialog, folder: Path) -> None:
    for left in (2, 1, 0):
        press(dialog, "recovery_discard")
        assert len(rows(dialog)) == left
        assert len(list(folder.glob("*.lstmviz"))) == left
    assert dialog.result() == RecoveryDialog.DialogCode.Accepted


def test_a_damaged_one_cannot_be_opened(dialog: RecoveryDialog) -> None:
    button = dialog.findChild(QPushButton, "recovery_open")
    assert button
    assert button.isEnabled()
    select(dialog, 2)
    assert not button.isEnabled()
    dialog.reject()


@pytest.mark.parametrize("way", ["later", "close"])
def test_later_leaves_everything(dialog: RecoveryDialog, folder: Path, way: str) -> None:
    if way == "later":
        press(dialog, "recovery_later")
    else:
        dialog.close()
    later = recoverable(folder)
    assert len(later) == 3
    for each in later:
        each.release()
