"""Somebody trains in the real window: own data, settings, answers, writing, and everything that goes wrong."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PyQt6.QtCore import QMimeData, QPointF, Qt, QThread, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import (
    QApplication,
    QCheckBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTreeWidget,
    QWidget,
)

from lstmviz.gui.style import ThemeName
from lstmviz.gui.training.controller import TrainingStatus
from lstmviz.gui.training.rate_finder import RateFinder
from lstmviz.gui.training.training_tab import TrainingTab
from tests.gui.training.plans import EXPLODED
from tests.stories.conftest import Open
from tests.stories.person import KEYS, Person

ACTION, MOUSE, NO_KEY = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def person(open_window: Open) -> Person:
    """Somebody before the tab Training, with room for its settings."""
    someone = open_window()
    someone.window.resize(1700, 1000)
    someone.click_tab("Training")
    someone.settle()
    return someone


def tab_of(person: Person) -> TrainingTab:
    tab = person.window.tabs.view("training")
    assert isinstance(tab, TrainingTab)
    return tab


def wait_until_over(person: Person) -> None:
    tab = tab_of(person)
    person.qtbot.waitUntil(lambda: tab.controller.status is TrainingStatus.ENDED, timeout=20_000)
    person.settle()


def make_small(person: Person, updates: int = 12) -> None:
    """A few units and updates, typed into the fields."""
    person.write_number("trained_units", "4")
    person.write_number("updates", str(updates))
    person.leave_field()


def drop(widget: QWidget, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    place = QPointF(10, 10)
    enter = QDragEnterEvent(place.toPoint(), ACTION, data, MOUSE, NO_KEY)
    QApplication.sendEvent(widget, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(widget, QDropEvent(place, ACTION, data, MOUSE, NO_KEY))


@pytest.fixture
def weather(tmp_path: Path) -> Path:
    """A table of 200 days."""
    path = tmp_path / "weather.csv"
    rows = [f"{math.sin(t / 5):.3f},{t % 7},{'sun' if math.sin(t / 5) > 0 else 'rain'}" for t in range(200)]
    path.write_text("warm,wind,sky\n" + "\n".join(rows) + "\n")
    return path


def test_pause_one_update_go_on_stop_and_look_at_the_answers(person: Person) -> None:
    make_small(person, 1_000_000)
    tab, before = tab_of(person), person.run
    person.click_button("start_training")
    person.qtbot.waitUntil(lambda: tab.controller.record is not None and tab.controller.record.update > 2)
    person.click_button("start_training")
    person.qtbot.waitUntil(lambda: tab.controller.status is TrainingStatus.PAUSED)
    record = tab.controller.record
    assert record is not None
    made = record.update
    person.click_button("single_update")
    person.qtbot.waitUntil(lambda: tab.controller.record is not None and tab.controller.record.update == made + 1)
    person.qtbot.waitUntil(lambda: tab.controller.status is TrainingStatus.PAUSED)
    assert person.reads("training_place") == f"update {made + 1:,} of 1,000,000"
    person.click_button("start_training")
    person.qtbot.waitUntil(lambda: tab.controller.record is not None and tab.controller.record.update > made + 2)
    person.click_button("stop_training")
    wait_until_over(person)
    person.click_tab("Answers")
    assert person.reads("answers_verdict").startswith("On this sequence, mean squared error: LSTM ")
    assert person.run is before
    person.click_button("debug_answers")
    assert person.run.experiment.look_for.startswith("A new sequence, under the weights of the LSTM")
    assert person.run.length == 50
    person.press(KEYS.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert person.run.experiment == before.experiment


def test_a_table_of_ones_own(person: Person, weather: Path) -> None:
    before = person.run
    drop(person.find(QWidget, "task_fields"), weather)
    assert person.run is before  # it is no sequence for the cell
    assert person.reads("training_table_name") == "weather.csv: 200 rows, 3 columns"
    person.choose("training_target", "sky")
    make_small(person)
    person.click_button("start_training")
    wait_until_over(person)
    assert "Share of right answers" in person.reads("training_headline")
    assert "knowing how often each class occurs" in person.reads("training_headline")
    person.click_tab("Answers")
    assert all(not picture.isNull() for picture in person.pictures())


def test_a_text_is_learned_written_and_every_letter_explained(person: Person) -> None:
    person.choose("training_task", "Next character")
    person.click(person.find(QPlainTextEdit, "training_text").viewport())
    person.press(KEYS.Key_A, Qt.KeyboardModifier.ControlModifier)
    person.paste("abcabcabd. " * 40)
    make_small(person)
    person.click_button("start_training")
    wait_until_over(person)
    person.click_tab("Writing")
    line = person.find(QLineEdit, "written_text")
    person.click(line, QPointF(20, 8))
    person.press(KEYS.Key_A, Qt.KeyboardModifier.ControlModifier)
    person.type("abc")
    likeliest = person.find(QPushButton, "suggestion_0").text().split()[0]
    person.click_button("greedy")
    person.click_button("write_one")
    assert line.text() == "abc" + likeliest.replace("␣", " ")
    person.click_button("greedy")
    person.click_button("write_many")
    first = line.text()
    line.setText("abc" + likeliest.replace("␣", " "))
    person.click_button("write_many")
    assert line.text() == first  # the same seed writes the same
    person.write_number("writing_seed", "7")
    line.setText("abc" + likeliest.replace("␣", " "))
    person.click_button("write_many")
    assert line.text() != first
    reasons = person.find(QTreeWidget, "writing_reasons")
    item = reasons.topLevelItem(4)
    assert item is not None
    place = int(item.text(0))
    assert line.text()[place - 1] == item.text(1).replace("␣", " ")
    person.click(reasons.viewport(), QPointF(reasons.visualItemRect(item).center()))
    person.click_button("debug_text")
    assert person.run.experiment.sequence.source == line.text()
    assert person.at[0] == place - 1


def test_a_learning_rate_is_found(person: Person) -> None:
    make_small(person)
    person.click_button("find_rate")
    (finder,) = person.window.findChildren(RateFinder)
    use = finder.findChild(QPushButton, "use_rate")
    assert use is not None
    person.qtbot.waitUntil(use.isEnabled)
    person.click(use, QPointF(8, 8))
    assert f"Use {tab_of(person).form.rate.value():g}" == use.text()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [("learning_rate", "1000000", "The learning rate is 1e+06"), ("clip", "0", "The threshold is 0")],
)
def test_what_cannot_be_trained_is_said_beside_its_field_and_nothing_starts(
    person: Person, field: str, value: str, words: str
) -> None:
    person.click_button("more_training_settings_button")
    before = person.find(QWidget, field).property("value")
    person.write_number(field, value)
    person.leave_field()
    person.click_button("start_training")
    assert tab_of(person).controller.status is TrainingStatus.NONE
    assert words in person.reads(f"{field}_error")
    person.write_number(field, str(before))
    assert person.reads(f"{field}_error") == ""
    make_small(person)
    person.click_button("start_training")
    wait_until_over(person)


def test_a_training_that_breaks_down_says_where_and_keeps_what_was_good(person: Person) -> None:
    before = person.run
    person.choose("training_preset", "Exploding: RNN without clipping")
    person.find(QWidget, "training_preset").clearFocus()
    person.click_button("start_training")
    wait_until_over(person)
    assert re.fullmatch(EXPLODED, person.reads("training_stops"))
    assert person.run is before
    tab = tab_of(person)
    assert tab.strip.moment is not None
    assert tab.strip.moment.update == 1
    person.click_tab("Answers")
    assert all(not picture.isNull() for picture in person.pictures())
    person.click_button("open_moment")
    assert person.run.trace.first_nonfinite is None
    assert "after 1 update" in person.run.experiment.title


def test_the_form_keeps_its_values_when_the_theme_changes(person: Person) -> None:
    person.choose("training_task", "Parity")
    make_small(person, 7)
    person.find(QCheckBox, "task_every_step").setChecked(False)
    plan = tab_of(person).form.plan()
    for theme in (ThemeName.DARK, ThemeName.LIGHT):
        person.window.set_theme(theme)
        person.settle()
        again = tab_of(person).form.plan()
        assert (again.task, again.recipe, again.settings) == (plan.task, plan.recipe, plan.settings)


def _while_it_trains(person: Person) -> None:
    make_small(person, 1_000_000)
    person.click_button("start_training")
    tab = tab_of(person)
    person.qtbot.waitUntil(lambda: tab.controller.record is not None and tab.controller.record.update > 2)


def _while_a_rate_is_sought(person: Person) -> None:
    person.write_number("trained_units", "512")
    person.leave_field()
    person.click_button("find_rate")
    assert person.window.findChildren(RateFinder)[0].busy


@pytest.mark.parametrize("busy", [_while_it_trains, _while_a_rate_is_sought])
def test_the_window_closes_meanwhile(person: Person, busy: Callable[[Person], None]) -> None:
    busy(person)
    before = person.run
    person.window.close()
    assert not any(thread.isRunning() for thread in person.window.findChildren(QThread))
    assert person.run is before


def test_the_status_line_says_what_is_under_the_mouse(person: Person) -> None:
    make_small(person)
    person.click_button("start_training")
    wait_until_over(person)
    person.click_tab("Answers")
    plot = tab_of(person).pages.answers.plot
    person.qtbot.mouseMove(plot, plot.part_rects()[0].center().toPoint())
    assert any("LSTM says" in label.text() for label in person.window.findChildren(QLabel))
