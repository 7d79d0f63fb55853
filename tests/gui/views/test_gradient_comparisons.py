"""The lines and curves laid over the measured gradients, number by number: clipped, closed form, rho x orthogonal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lstmviz.core.experiments.objective import Objective, ObjectiveKind
from lstmviz.core.experiments.recipe import NetworkRecipe
from lstmviz.core.gradients.clipping import with_orthogonal_recurrence
from lstmviz.core.gradients.decay import gradient_curves
from lstmviz.core.networks.initialisation import Initialisation
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import Nonlinearity
from lstmviz.core.run import analyse
from lstmviz.gui.views.gradients.lab import (
    NOTHING,
    Choices,
    ReferenceLine,
    clear_place,
    clip,
    comparison,
    forget_bias_line,
    orthogonal_factor,
    orthogonal_line,
    within_reach,
)
from tests.experiments import letters, linear_loop, orthogonal_rnn, random_lstm

EVERYTHING = Choices(clip=True, threshold=1.0, forget_bias=True, orthogonal=True)


@pytest.mark.parametrize("rho", [0.5, 0.9, 1.0, 1.4])
def test_linear_network_lies_on_the_line_of_slope_rho(rho: float) -> None:
    run = analyse(orthogonal_rnn(rho))
    line = orthogonal_line(run, "l0", "h")
    assert line is not None
    assert line.log10_per_step == pytest.approx(np.log10(rho), abs=1e-12)
    assert line.values(40) == pytest.approx(run.main.log10_dh["l0"], abs=1e-9)
    assert "nothing else changes it" in line.sentence


def test_tanh_falls_below_the_line() -> None:
    run = analyse(orthogonal_rnn(0.9, phi=Nonlinearity.TANH))
    line = orthogonal_line(run, "l0", "h")
    assert line is not None
    assert (run.main.log10_dh["l0"][:-1] < line.values(40)[:-1]).all()
    assert "tanh' is below 1" in line.sentence


def test_baseline_beside_an_lstm_has_its_own_line() -> None:
    run = analyse(random_lstm(12, initialisation=Initialisation.ORTHOGONAL))
    (line,) = comparison(run, "l0", Choices(orthogonal=True)).lines
    assert line.key == "orthogonal_baseline"
    assert line.log10_per_step == pytest.approx(0, abs=1e-12)
    assert line.name == "RNN: ρ × orthogonal, ρ = 1"
    assert "slope log10 ρ = 0 a step" in line.short


@pytest.mark.parametrize(
    ("bias", "left", "half_life"),
    [(0.0, 8.882e-16, "1.00"), (1.0, 1.576e-7, "2.21"), (2.0, 1.753e-3, "5.46"), (3.0, 8.809e-2, "14.3")],
)
def test_closed_form_fades_from_the_last_gradient(bias: float, left: float, half_life: str) -> None:
    run = analyse(random_lstm(51, forget_bias=bias))
    line = forget_bias_line(run, "l0")
    assert line is not None
    values = line.values(51)
    assert values[-1] == run.main.log10_dc["l0"][-1]
    assert 10 ** (values[0] - values[-1]) == pytest.approx(left, rel=1e-3)
    assert line.short == f"half-life {half_life} steps at b_f = {bias:g}"


def test_closed_form_is_exact_where_the_gate_sees_its_bias_alone() -> None:
    experiment = random_lstm(30, forget_bias=1.5)
    network = experiment.build_network()
    silent = {name: np.zeros_like(array) for name, array in network.state_dict().items() if "weight" in name}
    recipe = NetworkRecipe.given(network.with_parameters(silent))
    run = analyse(replace(experiment, recipe=recipe, baseline=None))
    line = forget_bias_line(run, "l0")
    assert line is not None
    assert line.values(30) == pytest.approx(run.main.log10_dc["l0"], abs=1e-9)


def test_layer_that_reads_backwards_starts_at_the_first_step() -> None:
    run = analyse(random_lstm(9, bidirectional=True, num_layers=2, forget_bias=1.0))
    line = forget_bias_line(run, "l0_reverse")
    assert line is not None
    assert (line.anchor, line.end) == (1, 9)
    assert line.values(9)[0] == run.main.log10_dc["l0_reverse"][0]
    assert np.diff(line.values(9)) == pytest.approx(line.log10_per_step)


def test_line_starts_where_gradient_enters() -> None:
    run = analyse(replace(random_lstm(9), objective=Objective(ObjectiveKind.ONE_UNIT, t=6)))
    line = forget_bias_line(run, "l0")
    assert line is not None
    assert line.anchor == 6
    assert np.isnan(line.values(9)[6:]).all()
    assert line.at(7) == "–"
    assert line.at(6) == gradient_curves(run, "l0")[1].at(6)
    assert "enters at other steps" not in line.sentence


def test_words_name_the_mean_bias_and_gradient_that_enters_on_the_way() -> None:
    experiment = letters()
    line = forget_bias_line(analyse(replace(experiment, recipe=replace(experiment.recipe, forget_bias=None))), "l0")
    assert line is not None
    assert "mean b_f" in line.short
    assert "enters at other steps" in line.sentence


def test_dead_recurrence_has_no_line() -> None:
    assert comparison(analyse(linear_loop(0.0, 5)), "l0", EVERYTHING).lines == ()


def test_only_rho_times_orthogonal_has_a_factor() -> None:
    network = with_orthogonal_recurrence(Network.create("rnn", 2, 6), 0.7)
    weight_hh = network.layers[0].directions[0].weight_hh
    assert orthogonal_factor(weight_hh) == pytest.approx(0.7, rel=1e-12)
    assert orthogonal_factor(weight_hh.astype(np.float32)) == pytest.approx(0.7, rel=1e-6)
    assert orthogonal_factor(weight_hh + 1e-4) is None
    # rows of equal length that are not at right angles
    assert orthogonal_factor(np.array([[1.0, 0.0], [0.6, 0.8]])) is None
    assert orthogonal_factor(np.array([[-0.25]])) == 0.25
    assert orthogonal_factor(np.zeros((2, 2))) is None
    assert orthogonal_factor(np.full((2, 2), np.nan)) is None
    assert orthogonal_factor(np.full((1, 1), 1e200)) is None


def test_clipped_curve_is_the_smaller_of_curve_and_threshold() -> None:
    run = analyse(linear_loop(2.0, 20))
    curves = gradient_curves(run, "l0")
    clipped = clip(curves, 8.0)
    assert clipped.log10["h"] == pytest.approx(np.minimum(curves[0].log10, np.log10(8)))
    assert "RNN ‖dL/dh[t]‖ at 16 of 20 steps" in clipped.sentence
    assert "changes nothing" in clip(curves, 1e7).sentence


def test_infinite_gradients_cannot_be_clipped() -> None:
    curves = gradient_curves(analyse(linear_loop(1e200, 6)), "l0")
    clipped = clip(curves, 1.0)
    assert not np.isfinite(clipped.log10["h"][:4]).any()
    assert clipped.log10["h"][4:].tolist() == [0.0, 0.0]
    assert "too late" in clipped.sentence


def test_lines_are_cut_at_steps_and_heights() -> None:
    line = ReferenceLine("orthogonal", "", "", "", 10, 1, 0.0, -1.0)
    part = line.inside(3, 8, -100, 100)
    assert part is not None
    assert [list(part[0]), list(part[1])] == [[3, 8], [-7, -2]]
    part = line.inside(1, 10, -4, -1)
    assert part is not None
    assert [list(part[0]), list(part[1])] == [[6, 9], [-4, -1]]
    assert line.inside(1, 10, 1, 2) is None
    assert line.inside(11, 20, -100, 100) is None
    assert np.ravel(replace(line, log10_per_step=0.0).inside(2, 4, -1, 1)).tolist() == [2, 4, 0, 0]


def test_what_runs_away_does_not_squash_the_curves() -> None:
    run = analyse(orthogonal_rnn(3.0, 100, phi=Nonlinearity.TANH))
    compared = comparison(run, "l0", replace(EVERYTHING, threshold=1e9))
    measured = [run.main.log10_dh["l0"]]
    assert compared.lines[0].values(100).max() > 40
    spread = np.ptp(measured[0])
    heights = within_reach(measured, compared, 1, 100)
    assert heights.max() <= measured[0].max() + max(2.0, 0.4 * spread) + 1e-9
    assert len(within_reach(measured, NOTHING, 1, 100)) == 0


def test_names_stand_clear_of_curves_and_of_each_other() -> None:
    path = np.array([[0.0, 50.0], [200.0, 50.0]])
    along = np.linspace(0, 200, 100)
    line = np.stack([along, np.full(100, 50.0)], 1)
    above = np.stack([along, np.full(100, 58.0)], 1)
    drawn = np.concatenate([line, above])
    first = clear_place((60, 16), path, drawn, [], (200, 100))
    assert first[3] <= 50
    second = clear_place((60, 16), path, drawn, [first], (200, 100))
    assert second[3] <= 50
    assert second[0] >= first[2] or second[2] <= first[0]
    assert clear_place((60, 16), path, line, [], (200, 60))[3] <= 50
