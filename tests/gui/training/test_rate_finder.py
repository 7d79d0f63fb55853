"""The learning-rate finder: on a thread, with progress, and its suggestion goes into the form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PyQt6.QtCore import QPoint, Qt, QThread
from pytestqt.qtbot import QtBot

from lstmviz.core.training.learning_rate import USUAL_RATE, find_learning_rate
from lstmviz.core.training.memory_tasks import LongLagRecall
from lstmviz.core.training.wave_tasks import SinePrediction
from lstmviz.gui.style import DARK
from lstmviz.gui.training.rate_finder import HIGHEST, LOWEST, UPDATES, RateFinder
from lstmviz.gui.training.training_tab import TrainingTab
from tests.gui.training.plans import explosion, tiny_plan

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def tab(qtbot: QtBot) -> Iterator[TrainingTab]:
    made = TrainingTab()
    qtbot.addWidget(made)
    made.resize(1100, 640)
    made.show()
    yield made
    made.stop()


def opened(qtbot: QtBot, tab: TrainingTab) -> RateFinder:
    qtbot.mouseClick(tab.form.settings_fields.find_button, LEFT)
    (finder,) = tab.findChildren(RateFinder)
    return finder


def test_the_suggestion_is_that_of_the_core_and_goes_into_the_form(qtbot: QtBot, tab: TrainingTab) -> None:
    plan = tiny_plan(SinePrediction(12))
    tab.form.show_plan(plan)
    finder = opened(qtbot, tab)
    assert not finder.use_button.isEnabled()
    qtbot.waitUntil(lambda: not finder.busy)
    found = find_learning_rate(
        plan.build()["network"], plan.task, lowest=LOWEST, highest=HIGHEST, updates=UPDATES, clip=1.0, batch_size=4
    )
    suggestion = float(f"{found.suggestion:.1g}")
    assert finder.use_button.text() == f"Use {suggestion:g}"
    assert f"Suggested: {suggestion:g}" in finder.words.text()
    assert len(finder.plot.table()[1]) == len(found.points)
    qtbot.mouseClick(finder.as_table, LEFT, pos=QPoint(8, finder.as_table.height() // 2))
    assert finder.twin.isVisible()
    model = finder.twin.model()
    assert model is not None
    assert model.rowCount() == len(found.points)
    finder.set_theme(DARK)
    qtbot.mouseClick(finder.use_button, LEFT)
    assert tab.form.rate.value() == suggestion
    assert tab.form.plan().settings.lr == suggestion


def test_another_rate_is_taken_by_a_click(qtbot: QtBot, tab: TrainingTab) -> None:
    tab.form.show_plan(tiny_plan())
    finder = opened(qtbot, tab)
    qtbot.waitUntil(lambda: not finder.busy)
    qtbot.mouseClick(finder.plot, LEFT, pos=QPoint(round(finder.plot.x_of(0.2)), 120))
    assert finder.use_button.text() == "Use 0.2"
    qtbot.mouseClick(finder.cancel_button, LEFT)
    assert tab.form.rate.value() == tiny_plan().settings.lr


def test_cancel_while_it_runs_leaves_no_thread(qtbot: QtBot, tab: TrainingTab) -> None:
    plan = tiny_plan()
    tab.form.show_plan(replace(plan, settings=replace(plan.settings, batch_size=512)))
    finder = opened(qtbot, tab)
    assert finder.busy
    qtbot.mouseClick(finder.cancel_button, LEFT)
    assert not any(thread.isRunning() for thread in tab.findChildren(QThread))


def test_a_burst_is_said(qtbot: QtBot, tab: TrainingTab) -> None:
    tab.form.show_plan(explosion())
    finder = opened(qtbot, tab)
    qtbot.waitUntil(lambda: not finder.busy)
    assert "the loss bursts" in finder.words.text()
    finder.reject()


def test_where_nothing_is_learned_a_usual_rate_is_suggested(qtbot: QtBot, tab: TrainingTab) -> None:
    tab.form.show_plan(tiny_plan(LongLagRecall(30, keys=2)))
    finder = opened(qtbot, tab)
    qtbot.waitUntil(lambda: not finder.busy)
    assert "The loss fell at none of these rates" in finder.words.text()
    assert finder.use_button.text() == f"Use {USUAL_RATE:g}"
    finder.reject()


def test_what_cannot_be_trained_is_said_in_the_form(qtbot: QtBot, tab: TrainingTab) -> None:
    tab.form.settings_fields.clip.setValue(0)
    qtbot.mouseClick(tab.form.settings_fields.find_button, LEFT)
    assert not tab.findChildren(RateFinder)
    assert "threshold" in tab.form.error_line.text()
