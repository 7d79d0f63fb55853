"""Exporting from the window: the dialog's answer, the file, progress, Cancel, and what goes wrong."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QFileDialog, QMessageBox, QProgressDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor
from lstmviz.core.errors import LstmvizError
from lstmviz.gui.export import run_export
from lstmviz.gui.export.run_export import RunExport, choose_export
from lstmviz.gui.session import Session
from lstmviz.io.exports.formats import EXPORTS
from tests.experiments import random_lstm


class Desk:
    """Somebody who exports, and what they answer."""

    def __init__(self) -> None:
        self.window = QWidget()
        self.session = Session(random_lstm(6, 4, 1), parent=self.window)
        self.answer = "", ""
        self.asked: list[str] = []
        self.errors: list[LstmvizError] = []
        self.written: list[str] = []
        self.export = RunExport(self.session, self.window, choose=self._choose)
        self.export.failed.connect(self.errors.append)
        self.export.exported.connect(self.written.append)

    def _choose(self, _: QWidget | None, start: str) -> tuple[str, str]:
        self.asked.append(start)
        return self.answer


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    desk = Desk()
    qtbot.addWidget(desk.window)
    yield desk
    desk.export.close()
    desk.session.close()


def words_of(name: str) -> str:
    return next(f"{each.words} (*{each.suffix})" for each in EXPORTS if each.name == name)


@pytest.mark.parametrize(
    ("typed", "listed", "file", "begins"),
    [
        ("run", "npz", "run.npz", "PK"),
        ("run.json", "csv", "run.json", "{"),
        ("run.v2", "csv", "run.v2.csv", "network,step"),
        ("run.py", "torch", "run.py", '"""Every number of one run of an LSTM and a vanilla RNN with PyTorch'),
        ("run.py", "csv", "run.py", '"""Every number of one run of an LSTM and a vanilla RNN, forwards'),
    ],
)
def test_the_name_and_the_list_tell_what_is_written(
    desk: Desk, tmp_path: Path, typed: str, listed: str, file: str, begins: str
) -> None:
    desk.answer = str(tmp_path / typed), words_of(listed)
    desk.export.action.trigger()
    assert desk.written == [str(tmp_path / file)]
    assert (tmp_path / file).read_bytes().decode("utf-8", "replace").startswith(begins)
    assert not desk.errors
    assert desk.asked[0].endswith("random.csv")


def test_the_table_is_that_of_the_pinned_unit(desk: Desk, tmp_path: Path) -> None:
    desk.session.seek(Cursor(2, unit=3))
    desk.answer = str(tmp_path / "run.tsv"), words_of("tsv")
    desk.export.ask()
    titles, first, *_ = ((tmp_path / "run.tsv").read_text()).splitlines()
    f = dict(zip(titles.split("\t"), first.split("\t"), strict=True))["f"]
    assert float(f) == desk.session.run.trace["l0"].f[0, 0, 3]


def test_nothing_is_written_when_nothing_was_chosen(desk: Desk) -> None:
    desk.export.ask()
    assert (desk.written, desk.errors, len(desk.asked)) == ([], [], 1)


def test_a_file_that_cannot_be_written_is_said(desk: Desk, tmp_path: Path) -> None:
    desk.answer = str(tmp_path / "gone" / "run.csv"), words_of("csv")
    desk.export.ask()
    assert "folder does not exist" in str(desk.errors[0])
    assert desk.written == []


def test_a_long_export_shows_progress_and_can_be_cancelled(
    desk: Desk, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_export, "_HERE_SECONDS", 0.0)
    monkeypatch.setattr(run_export, "PROGRESS_AFTER_MILLISECONDS", 0)
    monkeypatch.setattr(run_export, "exporting", lambda *_: iter_forever())
    file = tmp_path / "run.csv"
    file.write_text("old")
    desk.window.show()
    desk.answer = str(file), words_of("csv")
    desk.export.ask()
    (dialog,) = desk.window.findChildren(QProgressDialog)
    qtbot.waitUntil(lambda: dialog.isVisible() and dialog.value() == 250)
    assert desk.export.busy
    (cancel,) = dialog.findChildren(QPushButton)
    cancel.click()
    assert not desk.export.busy
    assert desk.written == []
    assert file.read_text() == "old"


@pytest.fixture
def under_way(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> UnderWay:
    """An export to run.csv that ends a moment after its window has begun to close."""
    under_way, writing = UnderWay(tmp_path / "run.csv"), run_export.exporting

    def slow_writing(*arguments: Any) -> Generator[float, None, None]:
        while not under_way.gate.wait(0.002):
            yield 0.25
        yield from writing(*arguments)

    monkeypatch.setattr(run_export, "_HERE_SECONDS", 0.0)
    monkeypatch.setattr(run_export, "exporting", slow_writing)
    desk.window.show()
    desk.export.write(under_way.file, EXPORTS[0])
    return under_way


class UnderWay:
    """What is being written, and when it goes on."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.gate = threading.Event()


def test_closing_lets_an_export_be_written(desk: Desk, under_way: UnderWay) -> None:
    (dialog,) = desk.window.findChildren(QProgressDialog)
    words: list[str] = []
    QTimer.singleShot(50, lambda: words.append(dialog.labelText() if dialog.isVisible() else "hidden"))
    QTimer.singleShot(60, under_way.gate.set)
    desk.export.close()
    assert under_way.file.exists()
    assert desk.written == [str(under_way.file)]
    assert words == ["lstmviz closes once run.csv is written …"]


def test_an_export_can_be_cancelled_while_the_window_waits_for_it(desk: Desk, under_way: UnderWay) -> None:
    (dialog,) = desk.window.findChildren(QProgressDialog)
    QTimer.singleShot(50, dialog.findChildren(QPushButton)[0].click)
    desk.export.close()
    assert not desk.export.busy
    assert not under_way.file.exists()


def test_an_export_that_fails_while_the_window_closes_is_said(
    desk: Desk, under_way: UnderWay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(QMessageBox, "warning", lambda _, title, words: said.append(words))
    desk.export.write(tmp_path / "gone" / "run.csv", EXPORTS[0])
    QTimer.singleShot(20, under_way.gate.set)
    desk.export.close()
    assert "folder does not exist" in said[0]


def iter_forever() -> Iterator[float]:
    while True:
        time.sleep(0.001)
        yield 0.25


def test_the_dialog_offers_every_export(monkeypatch: pytest.MonkeyPatch) -> None:
    offered = []

    def answer(*arguments: object) -> tuple[str, str]:
        offered.append(arguments)
        return "", ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    assert choose_export(None, "run.csv") == ("", "")
    assert offered[0][3].split(";;") == [words_of(each.name) for each in EXPORTS]
