from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from lstmviz.core.experiments.objective import Objective, ObjectiveKind
from lstmviz.core.experiments.recipe import BaselineRecipe, NetworkRecipe
from lstmviz.core.gradients.decay import (
    basis_in_words,
    comparison_in_words,
    decay,
    decay_in_words,
    entry_in_words,
    extremes_in_words,
    farthest_step,
    gradient_curves,
    headline,
)
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.run import Run, analyse
from tests.experiments import company_b, letters, linear_loop, random_lstm, squared_error


def with_curves(main: list[float], baseline: list[float]) -> Run:
    """A run whose ||dL/dh[t]|| are given as log10."""
    run = analyse(random_lstm(len(main), features=1))
    assert run.baseline is not None
    run.main.log10_dh["l0"] = np.array(main)
    run.main.log10_dc["l0"] = np.array(main)
    run.baseline.log10_dh["l0"] = np.array(baseline)
    return run


def test_curves_are_the_lengths_of_the_gradients() -> None:
    run = analyse(random_lstm(20))
    assert run.baseline is not None
    for curve, gradients in zip(
        gradient_curves(run, "l0"),
        (run.gradients["l0"].h, run.gradients["l0"].c, run.baseline.gradients["l0"].h),
        strict=True,
    ):
        assert 10**curve.log10 == pytest.approx(np.linalg.norm(gradients[:, 0], axis=1), rel=1e-12)


def test_curves_have_names_that_say_what_they_are() -> None:
    names = [curve.name() for curve in gradient_curves(analyse(company_b()), "l0")]
    assert names == ["LSTM ‖dL/dh[t]‖", "LSTM ‖dL/dc[t]‖", "RNN ‖dL/dh[t]‖"]
    beside_an_rnn = replace(linear_loop(1.1, 5), baseline=BaselineRecipe())
    names = [curve.name("3") for curve in gradient_curves(analyse(beside_an_rnn), "l0")]
    assert names == ["RNN ‖dL/dh[3]‖", "baseline RNN ‖dL/dh[3]‖"]


def test_decay_of_the_linear_loop_is_its_weight() -> None:
    run = analyse(linear_loop(1.2, 30))
    measured = decay(gradient_curves(run, "l0")[0], "l0")
    assert measured is not None
    assert 10**measured.log10_per_step == pytest.approx(1.2)
    assert (measured.start, measured.end) == (30, 1)
    assert decay_in_words(run, "l0") == "Each step back multiplies it by 1.20."
    assert headline(run, "l0") == "At step 1 the RNN's gradient is 198 times that at step 30."
    assert basis_in_words(run, "l0") == "Mean factor of ‖dL/dh[t]‖ from step 30 back to step 1."


def test_level_gradient_is_as_large_everywhere() -> None:
    assert headline(analyse(linear_loop(1.0, 9)), "l0") == "At step 1 the RNN's gradient is as large as at step 9."


def test_sentences_name_the_larger_network() -> None:
    run = with_curves([-0.6, -0.4, -0.2], [-5.8, -3.0, -0.2])
    assert headline(run, "l0") == "At step 1 the LSTM's gradient is 10^5.2 times the RNN's."
    assert decay_in_words(run, "l0") == "Per step back in time: LSTM 0.631×, RNN 0.00158×."
    swapped = with_curves([-5.8, -3.0, -0.2], [-0.6, -0.4, -0.2])
    assert headline(swapped, "l0") == "At step 1 the RNN's gradient is 10^5.2 times the LSTM's."
    assert comparison_in_words(run, "l0", 3, " (cursor)") == "At step 3 (cursor) both gradients are equally large."
    close = with_curves([0.001, 0.0], [0.0, 0.0])
    assert headline(close, "l0") == "At step 1 both gradients are about equally large."


@pytest.mark.parametrize(
    ("main", "baseline", "words"),
    [
        (-2.0, -math.inf, "the LSTM's gradient is 0.0100, the RNN's is exactly 0."),
        (math.inf, 1.0, "the LSTM's gradient is infinite, the RNN's is 10.0."),
        (math.nan, -math.inf, "the LSTM's gradient is not a number, the RNN's is exactly 0."),
        (-math.inf, -math.inf, "both gradients are exactly 0."),
    ],
)
def test_no_ratio_is_made_up_for_zero_and_infinity(main: float, baseline: float, words: str) -> None:
    assert headline(with_curves([main, 0.0], [baseline, 0.0]), "l0") == f"At step 1 {words}"


def test_each_curve_says_over_which_steps_it_was_measured() -> None:
    run = with_curves([-3.0, -2.0, -1.0, 0.0], [-math.inf, -math.inf, -1.0, 0.0])
    words = basis_in_words(run, "l0")
    assert "LSTM ‖dL/dh[t]‖ from step 4 back to 1" in words
    assert "RNN ‖dL/dh[t]‖ from step 4 back to 3" in words
    assert "RNN ‖dL/dh[t]‖: exactly 0 from step 2 back." in extremes_in_words(run, "l0")


def test_unknown_factor_of_one_network_is_called_unknown() -> None:
    run = with_curves([-1.0, 0.0], [-math.inf, 0.0])
    assert decay_in_words(run, "l0") == "Per step back in time: LSTM 0.100×, RNN unknown."


def test_one_step_has_no_way_back() -> None:
    run = analyse(random_lstm(1, features=1))
    assert decay_in_words(run, "l0") == "There is one step only, so no way back through time."
    assert headline(run, "l0") == "At step 1 both gradients are equally large."
    assert basis_in_words(run, "l0") == ""


def test_loss_at_the_first_step_leaves_later_ones_without_gradient() -> None:
    run = analyse(replace(random_lstm(6), objective=Objective(ObjectiveKind.ONE_UNIT, t=1)))
    assert extremes_in_words(run, "l0") == "Every curve: exactly 0 at steps 2 to 6."
    assert entry_in_words(run, "l0") == "The loss looks at step 1 only; what comes later cannot change it."
    assert decay_in_words(run, "l0").startswith("No factor per step back")


def test_loss_without_error_has_no_gradient_at_all() -> None:
    still = linear_loop(0.0, 4)
    run = analyse(replace(still, objective=squared_error([[0.0]])))
    assert headline(run, "l0") == "Every gradient is exactly 0: no small change of a state would change the loss."


def test_gradient_entering_at_every_step_is_no_pure_decay() -> None:
    assert entry_in_words(analyse(letters("hello")), "l0") == (
        "The loss looks at every step from 1 to 4, so gradient enters at each of them: no pure decay."
    )
    assert entry_in_words(analyse(company_b()), "l0") == ""
    stacked = analyse(random_lstm(5, num_layers=2))
    assert entry_in_words(stacked, "l0") == "Layer l1 above sends gradient down at every step as well."
    assert entry_in_words(stacked, "l1") == ""


def test_thresholds_are_named_with_the_step_from_which_they_hold() -> None:
    run = with_curves([5.0, 4.0, 2.0, 0.0], [-8.0, -7.0, -5.0, 0.0])
    assert extremes_in_words(run, "l0") == (
        "The LSTM's gradient has exploded, above 10³, from step 2 back. "
        "The RNN's gradient has vanished, below 10⁻⁶, from step 2 back."
    )
    recovered = with_curves([0.0, -8.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0])
    assert extremes_in_words(recovered, "l0") == ""


def test_overflow_is_told() -> None:
    run = analyse(linear_loop(1e200, 6))
    assert "RNN ‖dL/dh[t]‖: infinite or not a number from step 4 back." in extremes_in_words(run, "l0")
    assert decay_in_words(run, "l0") == "Each step back multiplies it by 10^200."


def test_backward_direction_is_read_the_other_way_round() -> None:
    recipe = NetworkRecipe(cell=Cell.RNN, hidden_size=3, num_layers=2, bidirectional=True, seed=1)
    run = analyse(replace(random_lstm(9), recipe=recipe, baseline=None))
    assert farthest_step(run, "l0_reverse") == 9
    # the top layer's reverse direction has read step 9 alone when the loss looks there
    assert extremes_in_words(run, "l1_reverse") == "RNN ‖dL/dh[t]‖: exactly 0 at steps 1 to 8."
    measured = decay(gradient_curves(run, "l0_reverse")[0], "l0_reverse")
    assert measured is not None
    assert (measured.start, measured.end) == (1, 9)
    h = np.linalg.norm(run.gradients["l0_reverse"].h[:, 0], axis=1)
    assert 10**measured.log10_per_step == pytest.approx((h[8] / h[0]) ** (1 / 8))
