"""What the plots of gradients and of paths have in common: the run before, and clicks on curves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lstmviz.core.arrays import Array
from lstmviz.core.cursor import Cursor
from lstmviz.core.experiment import Experiment
from lstmviz.core.gradients.decay import gradient_curves
from lstmviz.core.run import Run, analyse
from lstmviz.core.value_reference import LENGTH, ValueReference, value_of
from lstmviz.gui.views.gradients.gradients_view import GradientsView
from lstmviz.gui.views.log_plot import BEFORE, NEAR_PIXELS, LogPlot
from lstmviz.gui.views.paths.paths_view import PathsView
from tests.experiments import company_b, random_lstm


def with_before(experiment: Experiment, length: int | None = None) -> Run:
    """A run of other weights than its run before, whose vanilla RNN is the same."""
    now = analyse(experiment)
    other = replace(experiment, recipe=replace(experiment.recipe, seed=77))
    if length is not None:
        other = replace(other, sequence=random_lstm(length).sequence)
    return replace(now, before=replace(analyse(other), baseline=now.baseline))


def drawn(plot: LogPlot, key: str) -> Array | None:
    """The heights of the curve of the run before."""
    data = plot.ghosts[key].getOriginalDataset()
    return data[1] if plot.ghosts[key].isVisible() and data[0] is not None else None


@pytest.fixture
def paths(qtbot: QtBot) -> Iterator[PathsView]:
    view = PathsView()
    qtbot.addWidget(view)
    view.resize(1350, 720)
    view.show()
    yield view
    view.stop()


@pytest.fixture
def gradients(qtbot: QtBot) -> GradientsView:
    view = GradientsView()
    qtbot.addWidget(view)
    view.resize(1000, 640)
    view.show()
    return view


def test_gradients_of_the_run_before_are_drawn_where_they_differ(gradients: GradientsView) -> None:
    run = with_before(random_lstm())
    assert run.before is not None
    gradients.show_run(run, Cursor(3))
    earlier = {curve.key: curve for curve in gradient_curves(run.before, "l0")}
    for key in ("h", "c"):
        assert drawn(gradients.plot, key) == pytest.approx(earlier[key].log10)
    assert drawn(gradients.plot, "baseline") is None, "it is the same as now"
    assert [row.name for row in gradients.legend.rows()][-1] == BEFORE
    gradients.plot.show_read_out(4)
    assert f"before&nbsp;&nbsp;</td><td align='right'>{earlier['h'].at(4)}" in gradients.plot.read_out
    gradients.show_run(replace(run, before=None), Cursor(3))
    assert drawn(gradients.plot, "h") is None
    assert BEFORE not in [row.name for row in gradients.legend.rows()]


@pytest.mark.parametrize("length", [7, 15])
def test_run_before_may_have_fewer_or_more_steps(gradients: GradientsView, length: int) -> None:
    run = with_before(random_lstm(11), length)
    gradients.show_run(run, Cursor(3))
    heights = drawn(gradients.plot, "h")
    assert heights is not None
    assert len(heights) == min(length, 11)
    gradients.plot.show_read_out(11)
    assert ("before" in gradients.plot.read_out) is (length > 11)


def test_paths_of_the_run_before_are_drawn_where_they_differ(paths: PathsView, qtbot: QtBot) -> None:
    run = with_before(random_lstm())
    paths.show_run(run, Cursor(3))
    qtbot.waitUntil(lambda: not paths.busy)
    alone = PathsView()
    qtbot.addWidget(alone)
    alone.show()
    assert run.before is not None
    alone.show_run(run.before, Cursor(3))
    qtbot.waitUntil(lambda: not alone.busy)
    for panel, other, keys in (
        (paths.cell, alone.cell, ("forget", "held_h", "total")),
        (paths.hidden, alone.hidden, ("main",)),
    ):
        for key in keys:
            expected = other.plot.items_by_key[key].getOriginalDataset()[1]
            found = drawn(panel.plot, key)
            assert found is not None
            # each plot has its own floor for exact zeros, and there are none
            assert found == pytest.approx(expected)
            assert not np.array_equal(found, panel.plot.items_by_key[key].getOriginalDataset()[1])
        assert [row.name for row in panel.legend.rows()][-1] == BEFORE
    assert drawn(paths.hidden.plot, "baseline") is None
    alone.stop()


def click(view: GradientsView, qtbot: QtBot, key: str, t: int, down: float = 0.0) -> None:
    """Click on the point of a curve, or so many pixels below it."""
    plot = view.plot
    height = plot.items_by_key[key].getOriginalDataset()[1][t - 1]
    place = QPointF(plot.mapFromScene(plot.getViewBox().mapViewToScene(QPointF(t, height)))) + QPointF(0, down)
    qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=place.toPoint())
    QApplication.processEvents()


def test_click_on_a_curve_asks_why(gradients: GradientsView, qtbot: QtBot) -> None:
    asked: list[ValueReference] = []
    gradients.value_asked.connect(asked.append)
    run = analyse(company_b())
    gradients.show_run(run, Cursor(1))
    for key, reference in (
        ("c", ValueReference("dc", 2, "l0", 0)),
        ("h", ValueReference("dh", 3, "l0", 0)),
        ("baseline", ValueReference("dh", 2, "l0", 0, baseline=True)),
    ):
        click(gradients, qtbot, key, reference.t)
        assert asked[-1] == reference
        curve = next(each for each in gradient_curves(run, "l0") if each.key == key)
        assert np.log10(abs(value_of(run, reference))) == pytest.approx(curve.log10[reference.t - 1])
    count = len(asked)
    lowest = min(gradients.plot.items_by_key, key=lambda k: gradients.plot.items_by_key[k].getOriginalDataset()[1][1])
    click(gradients, qtbot, lowest, 2, NEAR_PIXELS + 4)
    assert len(asked) == count
    gradients.show_run(analyse(random_lstm()), Cursor(1))
    click(gradients, qtbot, "h", 3)
    assert asked[-1] == ValueReference("dh", 3, "l0", LENGTH)
