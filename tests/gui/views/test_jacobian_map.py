"""The map of dh[t]/dh[s]: pixels, what the mouse reads, coarse maps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import lstmviz
from lstmviz.core.experiments.recipe import NetworkRecipe
from lstmviz.core.progress import drain
from lstmviz.core.run import Run, analyse
from lstmviz.gui.style import LIGHT
from lstmviz.gui.views.paths.analysis import analysing_paths
from lstmviz.gui.views.paths.jacobian_map import JacobianMap
from lstmviz.gui.views.paths.jacobian_map_drawing import DARKEST, MapGrid, arranged, map_colours, map_scale
from lstmviz.gui.views.paths.maps import NetworkMap, map_steps
from tests.experiments import company_b, linear_loop, random_lstm


def maps_of(run: Run, layer: str = "l0") -> tuple[NetworkMap, ...]:
    return drain(analysing_paths(run, layer, "fro")).maps


@pytest.fixture
def company(qtbot: QtBot) -> JacobianMap:
    """The two maps of Company B, 900 x 400."""
    view = JacobianMap()
    qtbot.addWidget(view)
    view.resize(900, 400)
    view.show_maps(maps_of(analyse(company_b())), 4, (0.5, 4.5))
    view.show_step(1)
    view.show()
    QApplication.processEvents()
    return view


def middle(view: JacobianMap, number: int, s: float, t: float) -> QPointF:
    """The middle of the cell of s and t."""
    frame = dict(view.drawn())[number]
    return QPointF(frame.across.x(s), frame.y(t))


def test_values_are_the_librarys_norms_of_all_pairs() -> None:
    run = analyse(random_lstm(15))
    assert run.baseline is not None
    for found, trace in zip(maps_of(run), (run.trace, run.baseline.trace), strict=True):
        expected = lstmviz.jacobian_norms(trace, step="all", log10=True)
        assert found.complete
        assert MapGrid(found).log10 == pytest.approx(expected)


def test_pixels_have_the_colour_of_their_value(company: JacobianMap) -> None:
    picture = company.grab().toImage()
    for number, grid in enumerate(company.grids):
        colours = map_colours(grid, company.scale, LIGHT)
        for t in range(1, 5):
            for s in range(1, 5):
                if s == 1 or t == 1:
                    continue  # the marks of the cursor lie there
                place = middle(company, number, s - 0.3, t + 0.3).toPoint()
                expected = QColor.fromRgba(int(colours[t - 1, s - 1])) if s <= t else QColor(LIGHT.panel)
                assert picture.pixelColor(place) == expected


def test_scale_is_shared_and_never_darker_than_its_floor() -> None:
    grids = [MapGrid(found) for found in maps_of(analyse(random_lstm(60)))]
    scale = map_scale(grids)
    assert scale.low == DARKEST
    assert scale.high >= max(grid.log10.max() for grid in grids)
    exploding = map_scale([MapGrid(found) for found in maps_of(analyse(linear_loop(1e200, 4)))])
    assert (exploding.low, exploding.high) == (0, 600)


def test_mouse_reads_the_pair_in_words_and_chooses_the_step_it_starts_from(company: JacobianMap, qtbot: QtBot) -> None:
    said: list[str] = []
    chosen: list[int] = []
    company.hovered.connect(said.append)
    company.step_chosen.connect(chosen.append)
    run = analyse(company_b())
    value = lstmviz.jacobian_norms(run.trace, step=3)[1]
    qtbot.mouseMove(company, middle(company, 0, 2, 3).toPoint())
    assert said[-1] == f"LSTM: ‖dh[3]/dh[2]‖ = {value:.3f}, a small change of h[2] arrives at h[3] shrunk."
    qtbot.mouseMove(company, middle(company, 1, 4, 2).toPoint())
    assert said[-1] == "RNN: ‖dh[2]/dh[4]‖ is 0, for step 4 was not read yet when h[2] was computed."
    qtbot.mouseClick(company, Qt.MouseButton.LeftButton, pos=middle(company, 1, 2, 4).toPoint())
    assert chosen == [2]
    qtbot.mouseClick(company, Qt.MouseButton.LeftButton, pos=QPointF(1, 1).toPoint())
    assert chosen == [2]


def test_cursor_is_marked_where_its_row_and_column_meet(company: JacobianMap) -> None:
    place = middle(company, 0, 3, 3).toPoint()
    company.show_step(3)
    assert company.grab().toImage().pixelColor(place) == QColor(LIGHT.accent)
    company.show_step(2)
    assert company.grab().toImage().pixelColor(place) != QColor(LIGHT.accent)


def test_exact_zeros_are_hatched_and_said(qtbot: QtBot) -> None:
    view = JacobianMap()
    qtbot.addWidget(view)
    view.resize(400, 400)
    view.show_maps(maps_of(analyse(linear_loop(0.0, 5))), 5, (0.5, 5.5))
    (grid,) = view.grids
    assert grid.has_zeros
    assert not grid.has_overflow
    pair = view.pair_at(middle(view, 0, 1, 4))
    assert pair is not None
    assert view.sentence(pair).endswith("does not reach h[4] at all.")


def test_what_is_not_a_number_has_the_warning_colour() -> None:
    (found,) = maps_of(analyse(linear_loop(0.5, 5)))
    values = found.log10.copy()
    values[3, 1], values[4, 0] = np.nan, np.inf
    grid = MapGrid(replace(found, log10=values))
    assert grid.has_overflow
    colours = map_colours(grid, map_scale([grid]), LIGHT)
    warning = QColor(LIGHT.warning).rgba()
    assert colours[3, 1] == colours[4, 0] == warning
    assert (colours == warning).sum() == 2


@pytest.mark.parametrize("layer", ["l0", "l0_reverse"])
def test_coarse_map_stands_for_the_rows_before_it_and_tells_which_one_it_reads(layer: str) -> None:
    recipe = NetworkRecipe(hidden_size=3, bidirectional=True, seed=1)
    run = analyse(replace(random_lstm(60), recipe=recipe, baseline=None))
    coarse = [progress.paths.maps[0] for progress in analysing_paths(run, layer, "fro") if progress.paths.maps]
    assert coarse
    assert not coarse[0].complete
    grid, whole = MapGrid(coarse[0]), MapGrid(maps_of(run, layer)[0])
    ends = coarse[0].steps.ends
    for row, t in enumerate(grid.steps):
        end = int(ends[grid.rows[row]])
        assert end <= t if layer == "l0_reverse" and t >= ends[0] else end >= t or t > ends[-1]
        assert grid.log10[row] == pytest.approx(whole.log10[end - 1])


def test_long_sequence_has_a_row_for_every_few_steps_and_the_last_read_among_them() -> None:
    for length in (1, 7, 300, 301, 1000, 5000):
        for reverse in (False, True):
            steps = map_steps(length, 1 if reverse else length)
            assert len(steps) <= 300
            assert (1 if reverse else length) in steps
            assert steps[0] - steps.step < 1 <= steps[0]
            assert steps[-1] <= length < steps[-1] + steps.step


def test_time_and_pixels_are_inverse_when_zoomed(company: JacobianMap) -> None:
    company.show_time((1.5, 3.5))
    pair = company.pair_at(middle(company, 1, 2, 3))
    assert pair is not None
    assert (pair.map, pair.s, pair.t) == (1, 2, 3)


def test_maps_stand_apart_or_alone() -> None:
    for width, height in ((600, 250), (560, 500), (1000, 300), (300, 240)):
        rects, bar = arranged(width, height, 2)
        for number, rect in enumerate(rects):
            assert rect.left() >= 0
            assert rect.right() <= width
            assert 0 <= rect.top() < rect.bottom() <= height
            assert not any(rect.intersects(other) for other in rects[:number])
            assert not rect.intersects(bar)
    assert len(arranged(1000, 300, 2)[0]) == 2
    assert len(arranged(300, 240, 2)[0]) == 1


def test_where_there_is_room_for_one_map_the_chosen_one_is_drawn(company: JacobianMap) -> None:
    assert [number for number, _ in company.drawn()] == [0, 1]
    company.resize(300, 240)
    assert [number for number, _ in company.drawn()] == [0]
    company.show_first(1)
    assert [number for number, _ in company.drawn()] == [1]
    pair = company.pair_at(middle(company, 1, 2, 3))
    assert pair is not None
    assert pair.map == 1
