"""Starting, pausing, stopping, branching: on a thread, and the thread ends."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from lstmviz.core.training.process import TrainingProcess, beginning
from lstmviz.gui.training.controller import TrainingController, TrainingStatus
from tests.gui.training.plans import EXPLODED, driven, explosion, finished, tiny_plan

ENDLESS = 1_000_000


@pytest.fixture
def controller(qtbot: QtBot) -> Iterator[TrainingController]:
    made = TrainingController()
    yield made
    made.close()


def _wait(qtbot: QtBot, controller: TrainingController, status: TrainingStatus) -> None:
    qtbot.waitUntil(lambda: controller.status is status)


def test_training_runs_to_its_end(qtbot: QtBot, controller: TrainingController) -> None:
    controller.start(tiny_plan())
    assert controller.status is TrainingStatus.RUNNING
    _wait(qtbot, controller, TrainingStatus.ENDED)
    assert controller.record is not None
    assert np.array_equal(controller.record.networks[0].loss, finished(tiny_plan()).networks[0].loss)


def test_pause_and_resume(qtbot: QtBot, controller: TrainingController) -> None:
    controller.start(tiny_plan(updates=ENDLESS))
    qtbot.waitUntil(lambda: controller.record is not None and controller.record.update > 0)
    controller.pause()
    _wait(qtbot, controller, TrainingStatus.PAUSED)
    assert controller.record is not None
    paused_at = controller.record.update
    controller.resume()
    qtbot.waitUntil(lambda: controller.record is not None and controller.record.update > paused_at)
    controller.stop()
    _wait(qtbot, controller, TrainingStatus.ENDED)
    assert controller.record.networks[0].updates.tolist() == list(range(1, controller.record.update + 1))


@pytest.mark.parametrize(
    ("press", "status"),
    [(TrainingController.pause, TrainingStatus.PAUSED), (TrainingController.stop, TrainingStatus.ENDED)],
)
def test_pause_and_stop_right_after_the_start_count(
    qtbot: QtBot, controller: TrainingController, press: Callable[[TrainingController], None], status: TrainingStatus
) -> None:
    controller.start(tiny_plan(updates=ENDLESS))
    press(controller)
    _wait(qtbot, controller, status)
    assert controller.record is not None
    assert controller.record.update == 0


def test_pause_by_whoever_hears_of_the_start_counts(qtbot: QtBot, controller: TrainingController) -> None:
    controller.status_changed.connect(lambda _: controller.pause())
    controller.start(tiny_plan(updates=ENDLESS))
    _wait(qtbot, controller, TrainingStatus.PAUSED)


def test_single_updates(qtbot: QtBot, controller: TrainingController) -> None:
    for number in (1, 2):
        controller.single_update(tiny_plan(updates=2))
        qtbot.waitUntil(lambda: controller.status is not TrainingStatus.RUNNING)
        assert controller.record is not None
        assert controller.record.update == number
    assert controller.status is TrainingStatus.ENDED
    controller.single_update(tiny_plan())
    assert controller.status is TrainingStatus.ENDED


def test_stop_after_a_pause_keeps_the_moments(qtbot: QtBot, controller: TrainingController) -> None:
    controller.single_update(tiny_plan())
    _wait(qtbot, controller, TrainingStatus.PAUSED)
    controller.stop()
    assert controller.status is TrainingStatus.ENDED
    assert controller.record is not None
    assert [moment.update for moment in controller.record.moments] == [0, 1]


def test_branch_goes_on_from_a_moment(qtbot: QtBot, controller: TrainingController) -> None:
    controller.start(tiny_plan())
    _wait(qtbot, controller, TrainingStatus.ENDED)
    assert controller.record is not None
    controller.branch(tiny_plan(updates=5), controller.record.moments[10])
    _wait(qtbot, controller, TrainingStatus.ENDED)
    assert controller.record.update == 15
    assert controller.record.before is not None
    assert controller.record.before.update == 20


def test_breakdown_ends_the_training_in_words(qtbot: QtBot, controller: TrainingController) -> None:
    controller.start(explosion())
    _wait(qtbot, controller, TrainingStatus.ENDED)
    assert controller.record is not None
    stop = controller.record.networks[0].stop
    assert stop is not None
    assert re.fullmatch(EXPLODED, stop.words)


def test_impossible_plan_is_refused_and_the_record_stays(qtbot: QtBot, controller: TrainingController) -> None:
    controller.start(tiny_plan())
    _wait(qtbot, controller, TrainingStatus.ENDED)
    record, plan = controller.record, tiny_plan()
    with qtbot.waitSignal(controller.failed) as failed:
        controller.start(replace(plan, recipe=replace(plan.recipe, hidden_size=2_000_000)))
    assert failed.args is not None
    assert failed.args[0].startswith("The weights of 2,000,000 hidden units would take")
    assert controller.record is record


def test_closing_while_training_leaves_no_thread(qtbot: QtBot) -> None:
    controller = TrainingController()
    controller.start(tiny_plan(updates=ENDLESS))
    running = controller.status is TrainingStatus.RUNNING
    controller.close()
    assert running


def test_a_training_from_a_file_waits_and_goes_on_to_the_same_bits(
    qtbot: QtBot, controller: TrainingController
) -> None:
    record = driven(TrainingProcess(beginning(tiny_plan())), most=7)
    controller.show(record)
    assert controller.status is TrainingStatus.PAUSED
    assert controller.record is record
    controller.resume()
    _wait(qtbot, controller, TrainingStatus.ENDED)
    assert np.array_equal(controller.record.networks[0].loss, finished(tiny_plan()).networks[0].loss)


def test_another_training_takes_the_place_of_one_that_runs(qtbot: QtBot, controller: TrainingController) -> None:
    controller.start(tiny_plan(updates=ENDLESS))
    qtbot.waitUntil(lambda: controller.record is not None and controller.record.update > 0)
    ended = finished(tiny_plan())
    controller.show(ended)
    qtbot.wait(120)  # what the other still reports counts no more
    assert controller.record is ended
    assert controller.status is TrainingStatus.ENDED
    controller.show(None)
    assert controller.record is None
    assert controller.status is TrainingStatus.NONE
    controller.single_update(tiny_plan(updates=1))
    _wait(qtbot, controller, TrainingStatus.ENDED)


def test_a_record_that_cannot_be_gone_on_with_says_so(qtbot: QtBot, controller: TrainingController) -> None:
    record = driven(TrainingProcess(beginning(tiny_plan())), most=3)
    foreign = replace(record.networks[0], log10_dh=np.zeros((4, 99)))
    controller.show(replace(record, networks=(foreign, record.networks[1])))
    with qtbot.waitSignal(controller.failed) as said:
        controller.resume()
    assert "another length" in said.args[0]
    assert controller.status is TrainingStatus.PAUSED
