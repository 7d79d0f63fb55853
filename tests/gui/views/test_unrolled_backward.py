"""The Unrolled view while the cursor walks the backward pass, and what flowed before what-ifs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QPointF
from PyQt6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.engine.backward_step import BackwardStage
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.objective import Objective
from lstmviz.core.experiments.what_if import Clamp, WhatIf
from lstmviz.core.run import analyse
from lstmviz.gui.views.unrolled.rows import unrolled
from lstmviz.gui.views.unrolled.scene import Scene
from lstmviz.gui.views.unrolled.unrolled_view import UnrolledView
from lstmviz.gui.views.unrolled.words import step_sentence
from tests.experiments import letters, random_lstm


def view_of(qtbot: QtBot, experiment: Experiment, cursor: Cursor) -> UnrolledView:
    view = UnrolledView()
    qtbot.addWidget(view)
    view.resize(900, 520)
    view.show_run(analyse(experiment), cursor)
    return view


def scene_of(view: UnrolledView) -> Scene:
    scene = view._scene_now()
    assert scene is not None
    return scene


def in_river(view: UnrolledView, image: QImage, t: float) -> QColor:
    """The colour in the upper half of the first river at time t."""
    layout = scene_of(view).layout
    return image.pixelColor(QPointF(layout.time.x(t), layout.rows[0].rivers[0] - 0.15 * layout.river).toPoint())


@pytest.mark.parametrize("length", [11, 100])
def test_steps_that_the_backward_pass_has_not_reached_are_pale(qtbot: QtBot, length: int) -> None:
    experiment = letters(("hello hello " * 9)[:length])
    view = view_of(qtbot, experiment, Cursor(6))
    whole = view.grab().toImage()
    view.show_cursor(Cursor(6, stage=BackwardStage.ARRIVE))
    image = view.grab().toImage()
    assert in_river(view, image, 3.2).lightnessF() > in_river(view, whole, 3.2).lightnessF()
    assert in_river(view, image, 8.8) == in_river(view, whole, 8.8)
    view.show_cursor(Cursor(6, stage=Stage.HIDDEN))
    assert view.grab().toImage() == whole


def test_the_last_stage_sends_the_gradient_on(qtbot: QtBot) -> None:
    view = view_of(qtbot, letters(), Cursor(6, stage=BackwardStage.CELL))
    before = view.grab().toImage()
    view.show_cursor(Cursor(6, stage=BackwardStage.CARRY))
    after = view.grab().toImage()
    assert in_river(view, after, 5.42).lightnessF() < in_river(view, before, 5.42).lightnessF()
    assert in_river(view, after, 4.8) == in_river(view, before, 4.8)


def test_in_a_layer_that_reads_from_the_end_later_steps_are_pale(qtbot: QtBot) -> None:
    experiment = random_lstm(9, bidirectional=True, num_layers=2)
    view = view_of(qtbot, experiment, Cursor(5, "l0_reverse"))
    whole = view.grab().toImage()
    view.show_cursor(Cursor(5, "l0_reverse", stage=BackwardStage.ARRIVE))
    image = view.grab().toImage()
    assert in_river(view, image, 7.8).lightnessF() > in_river(view, whole, 7.8).lightnessF()
    assert in_river(view, image, 2.2) == in_river(view, whole, 2.2)


def test_what_flowed_before_the_what_ifs_is_drawn_and_told(qtbot: QtBot) -> None:
    plain = replace(random_lstm(), objective=Objective())
    experiment = replace(plain, what_ifs=(WhatIf(Clamp("f", "l0", None, 4, 6, 0.02)),))
    run, was = analyse(experiment), analyse(plain)
    cell = unrolled(run, "l0").rows[0].rivers[0]
    assert cell.before is not None
    assert np.array_equal(cell.before, unrolled(was, "l0").rows[0].rivers[0].log10)
    assert unrolled(run, "l0").rows[1].rivers[0].before is None
    said, then = step_sentence(unrolled(run, "l0"), 2), step_sentence(unrolled(was, "l0"), 2)
    flowed = then.split(": ")[1].split("; RNN")[0]
    assert f" Before: {flowed}." in said
    view = view_of(qtbot, experiment, Cursor(11))
    layout, scale = scene_of(view).layout, scene_of(view).shown.scale
    fraction = float(scale.fractions(cell.before[1:2])[0])
    width = float(scene_of(view).bed.widths(np.array(fraction)))
    image = view.grab().toImage()
    bank = round(layout.rows[0].rivers[0] - width / 2)
    columns = range(round(layout.time.x(2.3)), round(layout.time.x(2.7)))
    darkest = min(image.pixelColor(x, y).lightness() for x in columns for y in (bank - 1, bank, bank + 1))
    ground = image.pixelColor(round(layout.time.x(2.5)), bank - 4).lightness()
    assert darkest < ground - 100
