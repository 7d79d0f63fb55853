"""The tab Training as its user sees it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor
from lstmviz.core.experiment import Experiment
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.run import analyse
from lstmviz.core.training.presets import TrainingPreset
from lstmviz.core.training.process import TrainingProcess, beginning
from lstmviz.gui.style import DARK
from lstmviz.gui.training.controller import TrainingStatus
from lstmviz.gui.training.training_tab import TrainingTab
from lstmviz.io.models.reading import load_network
from tests.gui.training.plans import driven, finished, text_plan, tiny_plan

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def tab(qtbot: QtBot) -> Iterator[TrainingTab]:
    made = TrainingTab()
    qtbot.addWidget(made)
    made.resize(1100, 640)
    made.show()
    yield made
    made.stop()


def _trained(qtbot: QtBot, tab: TrainingTab, plan: TrainingPreset | None = None) -> None:
    tab.form.show_plan(plan or tiny_plan())
    qtbot.mouseClick(tab.start_button, LEFT)
    qtbot.waitUntil(lambda: tab.controller.status is TrainingStatus.ENDED)


def _opened(tab: TrainingTab) -> list[tuple[str, Experiment, Cursor | None, str, bool]]:
    opened: list[tuple[str, Experiment, Cursor | None, str, bool]] = []
    tab.experiment_chosen.connect(lambda *choice: opened.append(choice))
    return opened


def test_training_from_start_to_end(qtbot: QtBot, tab: TrainingTab) -> None:
    assert tab.start_button.text() == "Start"
    assert not tab.strip.isVisible()
    _trained(qtbot, tab)
    assert tab.start_button.text() == "Start anew"
    assert "After 20 updates the LSTM is at " in tab.dashboard.headline.text()
    assert tab.dashboard.stops.text() == "All 20 updates done."
    assert tab.strip.words.text().startswith("after 20 updates (newest), loss of the batch ")
    assert tab.form.isEnabled()
    assert tab.strip.isVisible()
    header, rows = tab.table()
    assert header[:2] == ("update", "LSTM loss")
    assert [row[0] for row in rows] == [str(update) for update in range(1, 21)]
    assert tab.controller.record is not None
    assert float(rows[4][1]) == pytest.approx(tab.controller.record.networks[0].loss[4], rel=1e-5)


def test_buttons_while_it_runs(qtbot: QtBot, tab: TrainingTab) -> None:
    tab.form.show_plan(tiny_plan(updates=1_000_000))
    qtbot.mouseClick(tab.start_button, LEFT)
    assert tab.busy
    assert tab.start_button.text() == "Pause"
    assert not tab.form.isEnabled()
    assert not tab.strip.branch_button.isEnabled()
    qtbot.waitUntil(lambda: tab.dashboard.record is not None)
    qtbot.mouseClick(tab.start_button, LEFT)
    qtbot.waitUntil(lambda: not tab.busy)
    assert tab.start_button.text() == "Go on"
    assert tab.single_button.isEnabled()
    qtbot.mouseClick(tab.stop_button, LEFT)
    assert tab.controller.status is TrainingStatus.ENDED


def test_moment_is_opened_in_the_debugger(qtbot: QtBot, tab: TrainingTab) -> None:
    _trained(qtbot, tab)
    opened = _opened(tab)
    tab.strip.slider.setValue(3)
    assert opened == []
    tab.strip.network.setCurrentIndex(1)
    qtbot.mouseClick(tab.strip.open_button, LEFT)
    ((name, experiment, cursor, merge_key, reveal),) = opened
    assert (name, cursor, merge_key, reveal) == ("look at a moment of training", None, "training moment", True)
    assert experiment.recipe.cell is Cell.RNN
    weights = experiment.build_network().state_dict()
    assert tab.controller.record is not None
    kept = tab.controller.record.moments[3].states["baseline"].network.state_dict()
    assert all(np.array_equal(weights[key], kept[key]) for key in kept)


def test_views_follow_the_slider_when_they_are_asked_to(qtbot: QtBot, tab: TrainingTab) -> None:
    _trained(qtbot, tab)
    opened = _opened(tab)
    tab.strip.follows.setChecked(True)
    tab.strip.slider.setValue(5)
    tab.strip.slider.setValue(6)
    assert [(experiment.title, reveal) for _, experiment, _, _, reveal in opened] == [
        ("A tiny training: LSTM after 5 updates", False),
        ("A tiny training: LSTM after 6 updates", False),
    ]


def test_click_into_a_chart_looks_at_that_moment(qtbot: QtBot, tab: TrainingTab) -> None:
    _trained(qtbot, tab)
    rect = tab.dashboard.loss_chart.plot_rect()
    qtbot.mouseClick(tab.dashboard.loss_chart, LEFT, pos=rect.center().toPoint())
    assert tab.strip.moment is not None
    assert tab.strip.moment.update == 10


def test_chosen_moment_stays_chosen_while_training_goes_on(qtbot: QtBot, tab: TrainingTab) -> None:
    tab.form.show_plan(tiny_plan(updates=3))
    qtbot.mouseClick(tab.single_button, LEFT)
    qtbot.waitUntil(lambda: tab.controller.status is TrainingStatus.PAUSED)
    tab.strip.slider.setValue(0)
    qtbot.mouseClick(tab.start_button, LEFT)
    qtbot.waitUntil(lambda: tab.controller.status is TrainingStatus.ENDED)
    assert tab.strip.slider.maximum() == 3
    assert tab.strip.slider.value() == 0
    assert tab.strip.words.text().startswith("before training")


def test_branch_goes_on_with_the_settings_of_the_form(qtbot: QtBot, tab: TrainingTab) -> None:
    _trained(qtbot, tab)
    tab.strip.slider.setValue(10)
    tab.form.updates.setValue(5)
    tab.form.rate.setValue(0.05)
    qtbot.mouseClick(tab.strip.branch_button, LEFT)
    qtbot.waitUntil(lambda: tab.controller.status is TrainingStatus.ENDED)
    record = tab.controller.record
    assert record is not None
    assert record.update == 15
    assert record.settings.lr == 0.05
    assert sum(line.ghost and not line.rough for line in tab.dashboard.loss_chart.content.lines) == 2


def test_impossible_learning_rate_is_said_in_the_form(qtbot: QtBot, tab: TrainingTab) -> None:
    tab.form.rate.setValue(1e6)
    qtbot.mouseClick(tab.start_button, LEFT)
    assert tab.controller.status is TrainingStatus.NONE
    assert "The learning rate is 1e+06" in tab.form.error_line.text()
    assert tab.form.error_line.isVisible()


def test_trained_text_can_be_gone_on_with_and_stepped_through(qtbot: QtBot, tab: TrainingTab) -> None:
    assert tab.writing.isHidden()
    _trained(qtbot, tab, text_plan())
    tab.pages.setCurrentWidget(tab.writing)
    assert tab.writing.isVisible()
    opened = _opened(tab)
    tab.writing.text.setText("abc a")
    qtbot.mouseClick(tab.writing.debug_button, LEFT)
    assert tab.writing.error_line.text() == ""
    ((_, experiment, _, _, reveal),) = opened
    assert reveal
    assert experiment.sequence.source == "abc a"


def test_dark_theme_reaches_the_charts(qtbot: QtBot, tab: TrainingTab) -> None:
    _trained(qtbot, tab)
    tab.set_theme(DARK)
    image = tab.dashboard.loss_chart.grab().toImage()
    assert image.pixelColor(1, image.height() - 2).name() == DARK.surface


def test_settings_give_their_room_to_the_charts(qtbot: QtBot, tab: TrainingTab) -> None:
    _trained(qtbot, tab)
    narrow = tab.dashboard.width()
    qtbot.mouseClick(tab.fold_button, LEFT)
    assert not tab.form.isVisible()
    qtbot.waitUntil(lambda: tab.dashboard.width() > narrow)
    assert tab.fold_button.text() == "▸ Settings"
    assert tab.place.text() == "update 20 of 20"
    qtbot.mouseClick(tab.fold_button, LEFT)
    assert tab.form.isVisible()


def test_in_a_narrow_tab_the_settings_make_room_by_themselves(qtbot: QtBot, tab: TrainingTab) -> None:
    tab.resize(600, 500)
    _trained(qtbot, tab)
    assert not tab.form.isVisible()
    tab.form.rate.setValue(1e6)
    qtbot.mouseClick(tab.start_button, LEFT)
    assert tab.form.error_line.isVisible()


def test_a_moment_is_opened_with_the_rnn_of_that_very_moment_beside_it(qtbot: QtBot, tab: TrainingTab) -> None:
    _trained(qtbot, tab)
    opened = _opened(tab)
    tab.strip.slider.setValue(7)
    qtbot.mouseClick(tab.strip.open_button, LEFT)
    experiment = opened[-1][1]
    assert tab.strip.moment is not None
    states = tab.strip.moment.states
    assert experiment.recipe.weights == states["network"].network
    assert experiment.baseline is not None
    run = analyse(experiment)
    assert run.baseline is not None
    assert run.baseline.network == states["baseline"].network
    assert "at the same moment" in experiment.look_for


def test_the_network_of_a_moment_is_saved_under_pytorch_names(qtbot: QtBot, tab: TrainingTab, tmp_path: Path) -> None:
    _trained(qtbot, tab)
    said: list[str] = []
    tab.hovered.connect(said.append)
    tab.strip.slider.setValue(5)
    tab.choose_file = lambda _, start: (str(tmp_path / "mine"), "safetensors (*.safetensors)")
    qtbot.mouseClick(tab.strip.save_button, LEFT)
    assert tab.strip.moment is not None
    assert load_network(tmp_path / "mine.safetensors") == tab.strip.moment.states["network"].network
    assert said == ["The weights of the LSTM after update 5 are in mine.safetensors."]
    tab.choose_file = lambda *_: (str(tmp_path / "no" / "where.npz"), "")
    qtbot.mouseClick(tab.strip.save_button, LEFT)
    assert "folder does not exist" in tab.form.error_line.text()


def test_a_training_from_a_file_is_shown_as_it_was_left(qtbot: QtBot, tab: TrainingTab) -> None:
    reported: list[object] = []
    tab.training_changed.connect(reported.append)
    record = driven(TrainingProcess(beginning(tiny_plan())), 12)
    tab.show_training(record)
    assert reported == [record]
    assert tab.start_button.text() == "Go on"
    assert tab.place.text() == "update 12 of 20"
    assert tab.strip.words.text().startswith("after 12 updates (newest)")
    plan = tab.form.plan()
    assert (plan.recipe, plan.settings, plan.task) == (tiny_plan().recipe, record.settings, record.task)
    assert "After 12 updates the LSTM is at " in tab.dashboard.headline.text()
    qtbot.mouseClick(tab.start_button, LEFT)
    qtbot.waitUntil(lambda: tab.controller.status is TrainingStatus.ENDED)
    assert tab.controller.record is not None
    assert np.array_equal(tab.controller.record.networks[1].loss, finished(tiny_plan()).networks[1].loss)


def test_no_training_any_more(qtbot: QtBot, tab: TrainingTab) -> None:
    _trained(qtbot, tab, text_plan())
    tab.show_training(None)
    assert tab.start_button.text() == "Start"
    assert not tab.strip.isVisible()
    assert tab.dashboard.headline.text().startswith("Choose a task and press Start.")
    assert tab.place.text() == ""
    assert tab.table() == (("update",), [])
    _trained(qtbot, tab)
    assert tab.strip.isVisible()
    assert tab.dashboard.loss_chart.isVisible()


def test_where_patience_ends_a_training_the_best_moment_is_chosen(qtbot: QtBot, tab: TrainingTab) -> None:
    plan = tiny_plan(updates=2000)
    restless = replace(plan, settings=replace(plan.settings, lr=0.5, patience=5, validate_every=2))
    tab.show_training(finished(restless))
    assert tab.controller.record is not None
    best = tab.controller.record.result
    assert tab.strip.moment is best
    assert tab.strip.words.text().startswith(f"after {best.update} updates (best)")
    assert f"update {best.update}." in tab.dashboard.stops.text()
    tab.branch()  # what comes of it is followed, not the moment that it began at
    qtbot.waitUntil(lambda: tab.controller.status is TrainingStatus.ENDED)
    assert tab.controller.record.result.update > best.update
    assert tab.strip.moment is tab.controller.record.result


@pytest.mark.parametrize(("width", "folded"), [(700, True), (1200, False)])
def test_a_loaded_training_makes_room_for_its_charts_where_there_is_little(
    qtbot: QtBot, width: int, folded: bool
) -> None:
    tab = TrainingTab()
    qtbot.addWidget(tab)
    tab.show_training(driven(TrainingProcess(beginning(tiny_plan())), 12))
    tab.resize(width, 500)
    tab.show()
    assert tab.form.isVisible() != folded
    tab.stop()
