"""Answers to new sequences, writing, and numbers, of whatever moment is looked at."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor
from lstmviz.core.experiment import Experiment
from lstmviz.core.training.grammar_tasks import EmbeddedReber
from lstmviz.core.training.inference import answers, drawn_sequence
from lstmviz.core.training.presets import TrainingPreset
from lstmviz.core.training.wave_tasks import SinePrediction
from lstmviz.gui.training.controller import TrainingStatus
from lstmviz.gui.training.training_tab import TrainingTab
from lstmviz.gui.views.training.answers_words import verdict
from tests.gui.training.plans import text_plan, tiny_plan

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def tab(qtbot: QtBot) -> Iterator[TrainingTab]:
    made = TrainingTab()
    qtbot.addWidget(made)
    made.resize(1100, 700)
    made.show()
    yield made
    made.stop()


def trained(qtbot: QtBot, tab: TrainingTab, plan: TrainingPreset) -> None:
    tab.form.show_plan(plan)
    qtbot.mouseClick(tab.start_button, LEFT)
    qtbot.waitUntil(lambda: tab.controller.status is TrainingStatus.ENDED)


def experiments(tab: TrainingTab) -> list[Experiment]:
    found: list[Experiment] = []
    tab.experiment_chosen.connect(lambda name, experiment, cursor, key, reveal: found.append(experiment))
    return found


def retyped(qtbot: QtBot, tab: TrainingTab, text: str) -> None:
    tab.pages.answers.text.setPlainText(text)
    qtbot.waitUntil(lambda: not tab.pages.answers._typing.isActive())


def test_making_the_tab_opens_no_window_beside_it(qtbot: QtBot) -> None:
    made = TrainingTab()
    qtbot.addWidget(made)
    assert not [each for each in QApplication.topLevelWidgets() if each.isVisible()]
    made.stop()


def test_pages_are_there_once_there_is_a_training(qtbot: QtBot, tab: TrainingTab) -> None:
    def shown() -> list[str]:
        return [tab.pages.tabText(k) for k in range(tab.pages.count()) if tab.pages.isTabVisible(k)]

    assert shown() == ["Charts"]
    trained(qtbot, tab, tiny_plan(updates=3))
    assert shown() == ["Charts", "Answers", "Numbers"]
    trained(qtbot, tab, text_plan(3))
    assert shown() == ["Charts", "Answers", "Writing", "Numbers"]
    tab.pages.setCurrentWidget(tab.writing)
    trained(qtbot, tab, tiny_plan(updates=3))
    assert tab.pages.currentIndex() == 0


def test_answers_are_those_of_both_networks_at_the_moment(qtbot: QtBot, tab: TrainingTab) -> None:
    trained(qtbot, tab, tiny_plan(SinePrediction(12)))
    page = tab.pages.answers
    tab.pages.setCurrentWidget(page)
    record = tab.controller.record
    assert record is not None

    def expected(moment: int, seed: int) -> str:
        states = record.moments[moment].states
        networks = {"LSTM": states["network"].network, "RNN": states["baseline"].network}
        return verdict(answers(record.task, networks, drawn_sequence(record.task, seed)))

    assert page.verdict.text() == expected(-1, 1)
    qtbot.mouseClick(page.another_button, LEFT)
    assert page.seed.value() == 2
    assert page.verdict.text() == expected(-1, 2)
    tab.strip.slider.setValue(0)
    qtbot.waitUntil(lambda: page.verdict.text() == expected(0, 2))
    page.as_table.setChecked(True)
    model = page.twin.model()
    assert model is not None
    assert model.rowCount() == 12


def test_a_typed_sequence_is_answered_and_a_wrong_one_said(qtbot: QtBot, tab: TrainingTab) -> None:
    trained(qtbot, tab, tiny_plan(EmbeddedReber()))
    page = tab.pages.answers
    tab.pages.setCurrentWidget(page)
    retyped(qtbot, tab, "BTBTXSE")
    assert page.error_line.text() == ""
    assert page.plot.answers is not None
    assert page.plot.answers.length == 7
    assert page.plot.answers.target is not None
    retyped(qtbot, tab, "BTQ")
    assert "no symbol “Q”" in page.error_line.text()
    assert page.plot.answers.length == 7
    opened = experiments(tab)
    qtbot.mouseClick(page.debug_button, LEFT)
    assert opened == []
    retyped(qtbot, tab, "EEE")
    assert "not known" in page.verdict.text()
    qtbot.mouseClick(page.debug_button, LEFT)
    assert opened[-1].sequence.source == "EEE"
    assert "not known" in opened[-1].look_for
    qtbot.mouseClick(page.another_button, LEFT)
    assert page.error_line.text() == ""
    assert page.plot.answers.target is not None


def test_a_typed_sequence_stays_when_the_same_task_is_trained_anew(qtbot: QtBot, tab: TrainingTab) -> None:
    trained(qtbot, tab, tiny_plan(EmbeddedReber()))
    page = tab.pages.answers
    tab.pages.setCurrentWidget(page)
    retyped(qtbot, tab, "BTBTXSE")
    trained(qtbot, tab, tiny_plan(EmbeddedReber(), updates=5))
    assert page.text.toPlainText() == "BTBTXSE"
    trained(qtbot, tab, tiny_plan(updates=5))
    assert page.text.toPlainText() != "BTBTXSE"


def test_the_sequence_is_opened_in_the_debugger(qtbot: QtBot, tab: TrainingTab) -> None:
    trained(qtbot, tab, tiny_plan())
    tab.pages.setCurrentWidget(tab.pages.answers)
    opened = experiments(tab)
    qtbot.mouseClick(tab.pages.answers.debug_button, LEFT)
    record = tab.controller.record
    assert record is not None
    (experiment,) = opened
    batch = drawn_sequence(record.task, 1)
    assert np.array_equal(experiment.sequence.values, batch.x[:, 0])
    assert experiment.objective.target is not None
    assert experiment.objective.target[-1, 0] == batch.target[-1, 0, 0]
    weights, kept = experiment.build_network().state_dict(), record.moments[-1].states["network"].network.state_dict()
    assert all(np.array_equal(weights[name], kept[name]) for name in kept)
    assert experiment.look_for.startswith("A new sequence, under the weights of the LSTM after 20 updates.")


def test_numbers_follow_the_training(qtbot: QtBot, tab: TrainingTab) -> None:
    tab.form.show_plan(tiny_plan(updates=4))
    qtbot.mouseClick(tab.single_button, LEFT)
    qtbot.waitUntil(lambda: tab.controller.status is TrainingStatus.PAUSED)
    page = tab.pages.numbers
    tab.pages.setCurrentWidget(page)
    model = page.twin.model()
    assert model is not None
    assert model.rowCount() == 1
    qtbot.mouseClick(tab.start_button, LEFT)
    qtbot.waitUntil(lambda: model.rowCount() == 4)
    page.which.setCurrentIndex(3)
    page.which.activated.emit(3)
    assert model.columnCount() == 7


def test_the_cell_at_a_chosen_character(qtbot: QtBot, tab: TrainingTab) -> None:
    trained(qtbot, tab, text_plan())
    tab.pages.setCurrentWidget(tab.writing)
    tab.writing.text.setText("abc ab")
    tab.writing.text.textEdited.emit("abc ab")
    opened, asked = experiments(tab), list[Cursor]()
    tab.experiment_chosen.connect(lambda name, experiment, cursor, key, reveal: asked.append(cursor))
    tab.writing.reasons.setCurrentItem(tab.writing.reasons.topLevelItem(2))
    item = tab.writing.reasons.currentItem()
    assert item is not None
    assert (item.text(0), item.text(1)) == ("4", "␣")
    qtbot.mouseClick(tab.writing.debug_button, LEFT)
    assert opened[-1].sequence.source == "abc ab"
    assert asked == [Cursor(t=3)]  # the step that reads c expects the space


def test_while_it_trains_nobody_writes(qtbot: QtBot, tab: TrainingTab) -> None:
    trained(qtbot, tab, text_plan(3))
    tab.pages.setCurrentWidget(tab.writing)
    tab.form.show_plan(text_plan(1_000_000))
    qtbot.mouseClick(tab.start_button, LEFT)
    assert tab.pages.currentIndex() == 0
    assert not tab.pages.isTabEnabled(tab.pages.indexOf(tab.writing))
    tab.pages.setCurrentWidget(tab.pages.answers)
    qtbot.waitUntil(lambda: tab.controller.record is not None and tab.controller.record.update > 20)
    qtbot.mouseClick(tab.stop_button, LEFT)
    qtbot.waitUntil(lambda: not tab.busy)
    assert tab.pages.isTabEnabled(tab.pages.indexOf(tab.writing))
