"""The maps of outputs on inputs and of losses on states: values, words, coarse maps, the switch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

import lstmviz
from lstmviz.core.cursor import Cursor
from lstmviz.core.experiments.objective import ObjectiveKind
from lstmviz.core.experiments.recipe import NetworkRecipe
from lstmviz.core.gradients.connectivity import itemised_gradients
from lstmviz.core.gradients.scaled import Scaled
from lstmviz.core.gradients.step_map import StepMap
from lstmviz.core.progress import drain
from lstmviz.core.run import Run, analyse
from lstmviz.gui.views.paths import paths_view
from lstmviz.gui.views.paths.analysis import analysing_paths
from lstmviz.gui.views.paths.jacobian_map_drawing import MapGrid, map_scale
from lstmviz.gui.views.paths.maps import (
    CELL,
    CONNECTIVITY,
    HIDDEN,
    KINDS,
    LOSS,
    MapKind,
    NetworkMap,
    Reach,
    felt,
    kinds_of,
    pair_in_words,
    reach_in_words,
    reach_of,
)
from lstmviz.gui.views.paths.paths_view import PathsView
from tests.experiments import letters, linear_loop, random_lstm


def maps_of(run: Run, kind: MapKind, layer: str = "l0") -> tuple[NetworkMap, ...]:
    return drain(analysing_paths(run, layer, "fro", kind)).maps


def made_map(log10: list[list[float]], kind: MapKind = CONNECTIVITY, name: str = "LSTM") -> NetworkMap:
    """A whole map with these values."""
    values = np.array(log10, float)
    steps = np.arange(1, len(values) + 1)
    found = StepMap(steps, steps, Scaled.zeros(*values.shape))
    return NetworkMap(name, name != "LSTM", kind, Reach.BEFORE, 1, found, values, True)


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[PathsView]:
    view = PathsView()
    qtbot.addWidget(view)
    view.resize(1350, 720)
    view.show()
    yield view
    view.stop()


def test_values_are_the_librarys() -> None:
    run = analyse(letters())
    assert run.baseline is not None
    for number, network in enumerate((run.main, run.baseline)):
        trace = network.trace
        felt_inputs = maps_of(run, CONNECTIVITY)[number]
        assert MapGrid(felt_inputs).log10 == pytest.approx(lstmviz.connectivity(trace, "fro", log10=True).T)
        itemised = itemised_gradients(trace, network.dy)
        lengths = np.linalg.norm(itemised, axis=2).T
        with np.errstate(divide="ignore"):
            assert MapGrid(maps_of(run, LOSS)[number]).log10 == pytest.approx(np.log10(lengths))
    (cell,) = maps_of(run, CELL)  # the vanilla RNN has no cell state
    assert cell.log10 == pytest.approx(lstmviz.jacobian_norms(run.trace, "c", "c", step="all", log10=True))


def test_output_of_one_linear_unit_feels_inputs_as_far_back_as_its_weight_says() -> None:
    run = analyse(linear_loop(0.5, 20))
    maps = maps_of(run, CONNECTIVITY)
    assert felt(maps[0], 15) == (9, 15)  # 0.5**6 is more than 1 %, 0.5**7 is less
    assert reach_in_words(maps, 15) == (
        "The output at step 15 still feels inputs back to step 9 (above 1 % of the largest)."
    )
    value = pair_in_words(maps[0], 13, 15)
    assert value == "RNN: ‖dy[15]/dx[13]‖ = 0.250, so strongly the output at step 15 feels the input at step 13."
    assert (
        pair_in_words(maps[0], 9, 4) == "RNN: ‖dy[4]/dx[9]‖ is 0, for step 9 was not read yet when y[4] was computed."
    )


def test_both_networks_are_compared_in_one_sentence() -> None:
    far, near = made_map([[0, 0], [-1, 0]]), made_map([[0, 0], [-3, 0]], name="RNN")
    assert reach_in_words((far, near), 2) == (
        "The output at step 2 still feels inputs back to step 1; the RNN's only at step 2 alone "
        "(above 1 % of the largest)."
    )
    assert "in the RNN too" in reach_in_words((far, replace(far, network="RNN")), 2)
    assert reach_in_words((), 2) == ""


def test_dead_and_exploding_rows_are_said() -> None:
    dead = made_map([[-np.inf, -np.inf], [-np.inf, -np.inf]])
    assert reach_in_words((dead,), 2) == "The output at step 2: exactly 0, it feels nothing at all."
    assert pair_in_words(dead, 1, 2).endswith("= 0, the output at step 2 does not feel the input at step 1 at all.")
    lost = made_map([[0, -np.inf], [np.nan, 0]], LOSS)
    assert "infinite or not a number in the LSTM" in reach_in_words((lost,), 2)
    one_dead = (dead, made_map([[0, 0], [-1, 0]], name="RNN"))
    assert "exactly 0 in the LSTM; the RNN's back to step 1" in reach_in_words(one_dead, 2)


def test_loss_at_one_step_fills_one_row_and_the_others_say_why() -> None:
    experiment = random_lstm(700, 3)
    run = analyse(replace(experiment, objective=replace(experiment.objective, kind=ObjectiveKind.ONE_UNIT, t=350)))
    (found, _) = maps_of(run, LOSS)
    assert found.every == 3
    rows = np.flatnonzero(np.isfinite(found.log10).any(axis=1))
    assert found.steps.ends[rows].tolist() == [350]
    said = reach_in_words((found,), 10)
    assert said == "The loss does not look at step 11, only at step 350: there is no gradient from here."
    assert reach_in_words((replace(found, log10=np.full_like(found.log10, -np.inf)),), 10) == (
        "Every gradient is exactly 0."
    )


def test_reach_is_all_steps_where_both_directions_mix() -> None:
    recipe = NetworkRecipe(hidden_size=3, num_layers=2, bidirectional=True, seed=1)
    run = analyse(replace(random_lstm(9), recipe=recipe, baseline=None))
    reaches = {(kind.key, layer): reach_of(kind, run.main, layer) for kind in KINDS for layer in run.trace.layers}
    assert reaches["hidden", "l1_reverse"] is reaches["loss", "l1_reverse"] is Reach.AFTER
    assert reaches["loss", "l1"] is Reach.BEFORE
    assert reaches["loss", "l0"] is reaches["connectivity", "l1"] is Reach.ALL
    (found,) = maps_of(run, CONNECTIVITY)
    grid = MapGrid(found)
    assert grid.read.all()
    assert np.isfinite(grid.log10).all()
    for kind in (HIDDEN, LOSS):
        (one_way,) = maps_of(run, kind, "l1_reverse")
        assert np.isneginf(one_way.log10[~MapGrid(one_way).read]).all()
    assert " from step " in reach_in_words((found,), 5)


def test_scale_of_small_values_reaches_as_far_down_as_any() -> None:
    small = MapGrid(made_map([[-20.5, -np.inf], [-45, -21]]))
    assert (map_scale([small]).low, map_scale([small]).high) == (-32, -20)


def test_switch_draws_other_maps_without_computing_the_curves_again(view: PathsView, qtbot: QtBot) -> None:
    run = analyse(letters())
    view.show_run(run, Cursor(5))
    qtbot.waitUntil(lambda: not view.busy)
    curves = view.hidden.plot.items_by_key["main"].getOriginalDataset()[1]
    said: list[str] = []
    view.hovered.connect(said.append)
    for kind in (CONNECTIVITY, LOSS, CELL):
        view.maps.which_kind.choose(KINDS.index(kind))
        qtbot.waitUntil(lambda: not view.busy)
        assert {grid.found.kind.key for grid in view.map.grids} == {kind.key}
        assert len(view.map.grids) == (1 if kind is CELL else 2)
        assert view.hidden.plot.items_by_key["main"].getOriginalDataset()[1] == pytest.approx(curves)
        number, frame = view.map.drawn()[0]
        pair = view.map.pair_at(frame.rect.center())
        assert pair is not None
        assert view.map.sentence(pair).startswith(f"LSTM: {kind.name(pair.t, pair.s)}")
        assert number == 0
    before = view.maps.sentence.text()
    view.show_cursor(Cursor(9))
    assert view.maps.sentence.text() != before
    assert "c[9]" in view.maps.sentence.text()
    assert view.maps.summary in view.summary()


def test_vanilla_rnn_has_no_cell_state_to_choose(view: PathsView, qtbot: QtBot) -> None:
    view.show_run(analyse(random_lstm(9)), Cursor(3))
    view.maps.which_kind.choose(KINDS.index(CELL))
    qtbot.waitUntil(lambda: not view.busy)
    run = analyse(linear_loop(0.5, 9))
    view.show_run(run, Cursor(3))
    qtbot.waitUntil(lambda: not view.busy)
    assert CELL not in kinds_of(run)
    assert view.maps.kind is HIDDEN
    assert [grid.found.kind for grid in view.map.grids] == [HIDDEN]


def test_long_sentence_leaves_out_what_is_in_brackets(view: PathsView) -> None:
    view.maps.show_maps((made_map([[0, 0], [-1, 0]]), made_map([[0, 0], [-3, 0]], name="RNN")), 2, (0.5, 2.5))
    view.maps.show_step(2)
    assert view.maps.sentence.text() == view.maps.summary
    view.maps.resize(260, 400)
    assert view.maps.sentence.text().endswith("the RNN's only at step 2 alone.")
    assert view.maps.sentence.toolTip() == view.maps.summary


def test_thread_rests_while_the_cursor_moves_and_directions_wait_pale(
    view: PathsView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    view.show_run(analyse(random_lstm(30)), Cursor(5))
    qtbot.waitUntil(lambda: not view.busy)
    monkeypatch.setattr(paths_view, "QUICK_SECONDS", 0.0)
    assert view.directions.up_to_date
    view.show_cursor(Cursor(20))
    assert not view.directions.up_to_date
    assert view.directions.shown is not None
    assert view.directions.shown.t == 5
    pale = view.directions.grab().toImage()
    qtbot.waitUntil(lambda: not view.busy)
    assert view.directions.up_to_date
    assert view.directions.shown.t == 20
    assert view.directions.grab().toImage() != pale


@pytest.mark.parametrize(("size", "alone"), [((1350, 720), False), ((800, 520), True)])
def test_choice_between_the_maps_is_offered_where_one_alone_fits(
    view: PathsView, qtbot: QtBot, size: tuple[int, int], alone: bool
) -> None:
    view.resize(*size)
    view.show_run(analyse(random_lstm(30)), Cursor(5))
    qtbot.waitUntil(lambda: not view.busy)
    assert view.maps.which_map.isVisible() is alone
    assert len(view.map.drawn()) == (1 if alone else 2)
    view.resize(1350 + 800 - size[0], 720 + 520 - size[1])
    qtbot.waitUntil(lambda: view.maps.which_map.isVisible() is not alone)
    assert len(view.map.drawn()) == (2 if alone else 1)
