"""The guards of conftest.py do fail a test that leaves something behind; a guard that sleeps would not be noticed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent

PROGRAM = """
import threading

import pytest
from PyQt6.QtCore import QSettings, QThread, QTimer, qDebug
from PyQt6.QtWidgets import QWidget

kept = []
released = threading.Event()


class Waiting(QThread):
    def run(self):
        released.wait()


def test_tidy(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    QTimer(window).start(10_000)
    QSettings("lstmviz", "lstmviz").setValue("theme", "dark")
    threading.Thread(target=lambda: None).start()


def test_settings_start_empty(qapp):
    assert QSettings("lstmviz", "lstmviz").allKeys() == []


def test_leaves_a_hidden_window(qapp):
    kept.append(QWidget())


def test_leaves_a_timer(qapp):
    kept.append(QTimer())
    kept[-1].start(10_000)


def test_leaves_a_qt_thread(qapp):
    kept.append(Waiting())
    kept[-1].start()


def test_leaves_a_thread():
    threading.Thread(target=released.wait, name="left").start()


def test_prints_a_qt_message(qapp):
    qDebug("unexpected")


@pytest.fixture(autouse=True, scope="module")
def release():
    yield
    released.set()
    for thread in kept:
        if isinstance(thread, QThread):
            thread.wait()
"""


def test_what_is_left_behind_fails_the_test(tmp_path: Path) -> None:
    shutil.copy(TESTS / "conftest.py", tmp_path)
    shutil.copy(TESTS.parent / "pyproject.toml", tmp_path)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_program.py").write_text(PROGRAM, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-rA", "--tb=no", "--color=no", "-p", "no:cacheprovider"]
    environment = os.environ | {"COLUMNS": "200"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    lines = done.stdout.splitlines()
    passed = {line.split("::")[1] for line in lines if line.startswith("PASSED")}
    blamed = {line.split("::")[1].split(" - ")[0] for line in lines if line.startswith(("FAILED", "ERROR"))}
    assert {"test_tidy", "test_settings_start_empty"} == passed - blamed, done.stdout + done.stderr
    assert blamed == {
        "test_leaves_a_hidden_window",
        "test_leaves_a_timer",
        "test_leaves_a_qt_thread",
        "test_leaves_a_thread",
        "test_prints_a_qt_message",
    }
