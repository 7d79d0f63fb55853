from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from lstmviz.core.arrays import Array
from lstmviz.core.cursor import Cursor
from lstmviz.core.engine.passes import forward
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.objective import Objective, ObjectiveKind
from lstmviz.core.experiments.recipe import BaselineRecipe, NetworkRecipe
from lstmviz.core.networks.network import Network
from lstmviz.core.run import analyse
from lstmviz.gui.style import DARK, LIGHT
from lstmviz.gui.views.gradients.parameter_gradients import ParameterGradients, ParameterGroup, parameter_groups
from tests import own_parts
from tests.experiments import company_b, letters, linear_loop, random_lstm

ROWS = {"i": 0, "f": 1, "g": 2, "o": 3}
NAMES = {"W": "weight_ih_l0", "U": "weight_hh_l0", "b": "bias_ih_l0"}


def groups_of(experiment: Experiment, layer: str = "l0") -> dict[str, ParameterGroup]:
    return {group.symbol: group for group in parameter_groups(analyse(experiment), layer)}


@pytest.fixture
def bars(qtbot: QtBot) -> ParameterGradients:
    view = ParameterGradients()
    qtbot.addWidget(view)
    view.resize(300, 480)
    return view


@pytest.mark.parametrize("symbol", ["W", "U", "b"])
def test_bars_are_the_norms_of_the_blocks_of_each_gate(symbol: str) -> None:
    run = analyse(random_lstm(12))
    assert run.baseline is not None
    (group,) = [group for group in parameter_groups(run, "l0") if group.symbol == f"‖dL/d{symbol}‖"]
    for gradient in group.gradients:
        if gradient.owner == "RNN":
            block = run.baseline.gradients.params[NAMES[symbol]]
        else:
            start = 8 * ROWS[gradient.owner]
            block = run.gradients.params[NAMES[symbol]][start : start + 8]
        assert 10**gradient.log10 == pytest.approx(np.linalg.norm(block), rel=1e-12)
    assert [gradient.owner for gradient in group.gradients] == ["f", "i", "g", "o", "RNN"]


def test_projections_and_peepholes_have_bars_of_their_own() -> None:
    run = analyse(own_parts.experiment("everything"))
    groups = {group.symbol: group for group in parameter_groups(run, "l0")}
    (projection,) = groups["‖dL/dW_hr‖"].gradients
    assert 10**projection.log10 == pytest.approx(np.linalg.norm(run.gradients.params["weight_hr_l0"]), rel=1e-12)
    peepholes = run.gradients.params["peepholes_l0"]
    for gradient in groups["‖dL/dp‖"].gradients:
        row = peepholes["ifo".index(gradient.owner)]
        assert 10**gradient.log10 == pytest.approx(np.linalg.norm(row), rel=1e-12, abs=1e-300)


def test_scalars_are_signed_and_agree_with_central_differences() -> None:
    experiment = company_b()
    run = analyse(experiment)
    network = run.network

    def loss(name: str, row: int, change: float) -> float:
        array: Array = network.state_dict()[name].copy()
        array.flat[row] += change
        changed = network.with_parameters({name: array})
        trace = forward(changed, experiment.sequence.values[:, None, :])
        return experiment.objective.evaluate(trace.y, experiment.sequence)[0]

    groups = parameter_groups(run, "l0")
    assert [group.symbol for group in groups] == ["dL/dw_x", "dL/dw_h", "dL/db"]
    for group, name in zip(groups, NAMES.values(), strict=True):
        for gradient in group.gradients[:4]:
            row, h = ROWS[gradient.owner], 1e-5
            slope = (loss(name, row, h) - loss(name, row, -h)) / (2 * h)
            assert gradient.scalar == pytest.approx(slope, rel=1e-6, abs=1e-11)
            assert gradient.text.startswith("−")


def test_one_unit_with_two_inputs_has_a_vector_and_two_scalars() -> None:
    experiment = replace(random_lstm(5, hidden_size=1, features=2), baseline=None)
    groups = groups_of(experiment)
    assert list(groups) == ["‖dL/dW‖", "dL/dw_h", "dL/db"]
    assert all(gradient.scalar is None for gradient in groups["‖dL/dW‖"].gradients)


def test_head_is_there_when_the_network_has_one() -> None:
    run = analyse(letters("hello"))
    head = {group.symbol: group for group in parameter_groups(run, "l0")}["‖dL/dV‖"]
    assert 10 ** head.gradients[0].log10 == pytest.approx(np.linalg.norm(run.gradients.params["head.weight"]))
    assert [gradient.title for gradient in head.gradients] == ["LSTM", "RNN"]
    assert "‖dL/dV‖" not in groups_of(random_lstm(5))


def test_meanings_follow_layer_and_direction() -> None:
    experiment = random_lstm(5, num_layers=2, bidirectional=True)
    assert groups_of(experiment)["‖dL/dW‖"].meaning == "W reads the input x[t]"
    upper = groups_of(experiment, "l1_reverse")
    assert upper["‖dL/dW‖"].meaning == "W reads h[t] of the layer below"
    assert upper["‖dL/dU‖"].meaning == "U reads h[t+1], one step later"
    assert upper["‖dL/dU‖"].gradients[0].source == "weight_hh_l1_reverse, rows 8 to 15"


def test_networks_of_the_same_kind_have_names_of_their_own() -> None:
    experiment = replace(linear_loop(1.1, 6), baseline=BaselineRecipe())
    assert [gradient.title for gradient in groups_of(experiment)["dL/db"].gradients] == ["RNN", "baseline"]


def test_bias_is_shown_once_and_only_where_there_is_one() -> None:
    run = analyse(random_lstm(5))
    bare = {name: array for name, array in run.network.state_dict().items() if not name.startswith("bias")}
    recipe = NetworkRecipe.given(Network.from_state_dict(bare))
    without = replace(random_lstm(5), recipe=recipe, baseline=None)
    assert list(groups_of(random_lstm(5))) == ["‖dL/dW‖", "‖dL/dU‖", "‖dL/db‖"]
    assert list(groups_of(without)) == ["‖dL/dW‖", "‖dL/dU‖"]


def test_longer_bars_are_larger_gradients(bars: ParameterGradients) -> None:
    bars.show_run(analyse(linear_loop(1.2, 30)), Cursor(1))
    picture = bars.grab().toImage()
    rows = [
        sum(picture.pixelColor(x, y).name() == LIGHT.hidden for x in range(90, 230)) for y in range(picture.height())
    ]
    x_bar, h_bar, b_bar = dict.fromkeys(length for length in rows if length)
    # dL/dw_x = 198, dL/dw_h = 4780, dL/db = 1180
    assert x_bar < b_bar < h_bar


@pytest.mark.parametrize("weight", [1e200, 0.0])
def test_infinite_and_zero_gradients_are_written(bars: ParameterGradients, weight: float) -> None:
    bars.show_run(analyse(linear_loop(weight, 8)), Cursor(1))
    assert not bars.grab().isNull()
    written = {row[2] for row in bars.table()[1]}
    assert written & ({"∞", "nan"} if weight else {"0"})


def test_dead_network_has_bars_of_no_length(bars: ParameterGradients) -> None:
    dead = replace(random_lstm(4), objective=Objective(ObjectiveKind.ONE_UNIT, t=1))
    bars.show_run(analyse(dead), Cursor(1))
    zeros = [row for row in bars.table()[1] if row[0] == "‖dL/dU‖"]
    assert {row[2] for row in zeros} == {"0"}


def test_pointing_at_a_row_says_what_it_is(bars: ParameterGradients, qtbot: QtBot) -> None:
    run = analyse(company_b())
    bars.show_run(run, Cursor(1))
    bars.show()
    said: list[str] = []
    bars.hovered.connect(said.append)
    qtbot.mouseMove(bars, QPoint(100, 106))
    forget = run.gradients.params["weight_ih_l0"][1, 0]
    assert forget < 0
    assert said[-1] == ("dL/dw_x of forget f = −6.17×10⁻⁵; w_x reads the input x[t]; PyTorch: weight_ih_l0, row 1")
    assert float(forget) == pytest.approx(-6.17e-5, rel=1e-2)
    qtbot.mouseMove(bars, QPoint(100, 4))
    assert said[-1] == ""


def test_a_step_changes_nothing_and_a_layer_everything(bars: ParameterGradients) -> None:
    bars.show_run(analyse(random_lstm(6, num_layers=2)), Cursor(1))
    groups = bars.groups
    bars.show_cursor(Cursor(4))
    assert bars.groups is groups
    bars.show_cursor(Cursor(4, "l1"))
    assert bars.groups[0].gradients[0].source.startswith("weight_ih_l1")
    assert "W reads h[t] of the layer below" in bars.summary()


def test_theme_changes_ground_and_bars(bars: ParameterGradients) -> None:
    bars.show_run(analyse(random_lstm(6)), Cursor(1))
    for theme in (LIGHT, DARK):
        bars.set_theme(theme)
        picture = bars.grab().toImage()
        colours = {picture.pixelColor(100, y).name() for y in range(picture.height())}
        assert {theme.panel, theme.forget, theme.input, theme.candidate, theme.output, theme.rnn} <= colours
