"""Trainings are saved, closed, killed, opened again, and go on as if nothing had been."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QPointF
from PyQt6.QtWidgets import QPushButton

from lstmviz.core.cursor import Cursor
from lstmviz.core.training.presets import TrainingPreset
from lstmviz.core.training.process import TrainingProcess, beginning
from lstmviz.core.training.record import TrainingRecord
from lstmviz.gui.files.recovery import recovery_folder
from lstmviz.gui.settings import SettingsStore
from lstmviz.gui.training.controller import TrainingStatus
from lstmviz.gui.training.training_tab import TrainingTab
from lstmviz.io.sessions import SessionFile, load_session, save_session
from tests.experiments import letters
from tests.gui.training.plans import driven, tiny_plan
from tests.stories.conftest import Open
from tests.stories.person import CONTROL, KEYS, Person

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # what the off-screen one says of every menu

ENDLESS = 1_000_000


@pytest.fixture
def asked(open_window: Open) -> Person:
    """Somebody in a window that asks before work is lost."""
    return open_window(store=SettingsStore())


def _tab(person: Person) -> TrainingTab:
    person.click_tab("Training")
    tab = person.window.tabs.view("training")
    assert isinstance(tab, TrainingTab)
    return tab


def _start(person: Person, plan: TrainingPreset) -> TrainingTab:
    tab = _tab(person)
    tab.form.show_plan(plan)
    person.click(tab.start_button, QPointF(8, 8))
    person.qtbot.waitUntil(lambda: tab.controller.record is not None and tab.controller.record.update > 5)
    return tab


def _save_as(person: Person, path: Path) -> None:
    person.window.files.actions._choose_to_save = lambda *_: str(path)
    person.activate()
    person.press(KEYS.Key_S, CONTROL)


def _record(tab: TrainingTab) -> TrainingRecord:
    assert tab.controller.record is not None
    return tab.controller.record


def _assert_as_never_interrupted(record: TrainingRecord, plan: TrainingPreset) -> None:
    whole = driven(TrainingProcess(beginning(plan)), record.update)
    for one, other in zip(record.networks, whole.networks, strict=True):
        assert np.array_equal(one.loss, other.loss)
        assert record.moments[-1].states[one.key].network == whole.moments[-1].states[one.key].network


def test_saved_closed_and_opened_again_a_training_goes_on(asked: Person, open_window: Open, tmp_path: Path) -> None:
    plan = tiny_plan(updates=ENDLESS)
    tab = _start(asked, plan)
    assert asked.window.isWindowModified()
    asked.click(tab.start_button, QPointF(8, 8))
    asked.qtbot.waitUntil(lambda: tab.controller.status is TrainingStatus.PAUSED)
    saved = _record(tab)
    _save_as(asked, tmp_path / "run.lstmviz")
    assert not asked.window.isWindowModified()
    asked.window.close()
    assert not asked.window.isVisible()

    later = open_window(store=SettingsStore())
    later.window.files.actions.open_path(tmp_path / "run.lstmviz")
    tab = _tab(later)
    assert tab.start_button.text() == "Go on"
    assert _record(tab).update == saved.update
    assert _record(tab).networks[0].loss.tobytes() == saved.networks[0].loss.tobytes()
    assert tab.strip.slider.maximum() == len(saved.moments) - 1
    assert not later.window.isWindowModified()
    later.click(tab.single_button, QPointF(8, 8))
    later.qtbot.waitUntil(lambda: tab.controller.status is TrainingStatus.PAUSED)
    assert _record(tab).update == saved.update + 1
    assert later.window.isWindowModified()
    _assert_as_never_interrupted(_record(tab), plan)


def test_closing_while_a_training_runs_asks_and_it_goes_on_meanwhile(asked: Person, tmp_path: Path) -> None:
    tab = _start(asked, tiny_plan(updates=ENDLESS))
    words = asked.will_answer("ask_to_save", "Cancel")
    asked.window.close()
    assert words
    assert asked.window.isVisible()
    before = _record(tab).update
    asked.qtbot.waitUntil(lambda: _record(tab).update > before)
    asked.window.files.actions._choose_to_save = lambda *_: str(tmp_path / "kept.lstmviz")
    asked.will_answer("ask_to_save", "Save")
    asked.window.close()
    assert not asked.window.isVisible()
    kept = load_session(tmp_path / "kept.lstmviz").training
    assert kept is not None
    assert kept.update >= before
    _assert_as_never_interrupted(kept, tiny_plan(updates=ENDLESS))


def test_opening_another_file_ends_the_training_and_undo_brings_it_back(asked: Person, tmp_path: Path) -> None:
    plan = tiny_plan(updates=ENDLESS)
    save_session(tmp_path / "plain.lstmviz", SessionFile(letters(), Cursor(1)))
    tab = _start(asked, plan)
    asked.will_answer("ask_to_save", "Don’t save")
    asked.window.files.actions.open_path(tmp_path / "plain.lstmviz")
    assert tab.controller.status is TrainingStatus.NONE
    asked.activate()
    asked.press(KEYS.Key_Z, CONTROL)
    assert tab.controller.status is TrainingStatus.PAUSED
    assert _record(tab).update > 5
    _assert_as_never_interrupted(_record(tab), plan)


TRAINING = """
import sys
from PyQt6.QtCore import QTimer
from lstmviz.gui import main_window
from lstmviz.gui.process.application import create_application
from lstmviz.gui.settings import Settings
from lstmviz.io.experiments import load_example
from tests.gui.training.plans import tiny_plan

app = create_application(["lstmviz"])
window = main_window.MainWindow(load_example("company-b"), Settings())
window.show()
tab = window.tabs.view("training")
tab.form.show_plan(tiny_plan(updates=1_000_000))
tab.start_or_pause()
QTimer.singleShot(300, lambda: print("training", flush=True))
sys.exit(app.exec())
"""


def test_a_killed_window_loses_a_few_seconds_of_training_at_most(open_window: Open) -> None:
    process = subprocess.Popen([sys.executable, "-c", TRAINING], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "training\n"
    began = time.monotonic()
    mine = f"recovery-{process.pid}-*.lstmviz"
    while not list(recovery_folder().glob(mine)) and time.monotonic() - began < 15:
        time.sleep(0.02)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    process.stdout.close()

    person = open_window()
    person.window.files.offer_recovery()
    person.settle()
    person.click(person.find(QPushButton, "recovery_open"), QPointF(8, 8))
    tab = _tab(person)
    record = _record(tab)
    assert record.update > 0
    assert tab.start_button.text() == "Go on"
    _assert_as_never_interrupted(record, tiny_plan(updates=ENDLESS))
    assert person.window.isWindowModified()
