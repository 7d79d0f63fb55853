from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lstmviz.core.engine.passes import backward, forward
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.recipe import NetworkRecipe
from lstmviz.core.run import Progress, analyse, analysing, expected_seconds
from tests.experiments import company_b, letters, linear_loop, random_lstm, squared_error


def test_the_worked_example_gives_its_textbook_loss_and_gradients() -> None:
    run = analyse(company_b())
    assert run.main.loss == pytest.approx((0.969393 - 1) ** 2, rel=1e-4)
    dh, dc = [-5.434823e-3, -3.026626e-3, -4.195797e-3, -6.121308e-2], [-6.231331e-3, -3.823748e-3, -2.666324e-3]
    np.testing.assert_allclose(run.gradients["l0"].h[:, 0, 0], dh, rtol=2e-7)
    np.testing.assert_allclose(run.main.log10_dh["l0"], np.log10(np.abs(dh)), atol=1e-6)
    np.testing.assert_allclose(run.main.log10_dc["l0"][:3], np.log10(np.abs(dc)), atol=1e-6)


@pytest.mark.parametrize("weight", [0.5, 0.9, 1.0, 1.5])
def test_the_feedback_loop_multiplies_its_gradient_by_the_weight(weight: float) -> None:
    run = analyse(linear_loop(weight, 60))
    np.testing.assert_allclose(run.gradients["l0"].h[:, 0, 0], weight ** np.arange(59.0, -1, -1), rtol=1e-12)


def test_the_baseline_runs_on_the_same_sequence_and_objective() -> None:
    experiment = letters()
    run = analyse(experiment)
    assert run.baseline is not None
    assert experiment.baseline is not None
    rnn = experiment.baseline.build(experiment.recipe, run.network)
    trace = forward(rnn, experiment.sequence.values)
    loss, dy = experiment.objective.evaluate(trace.y, experiment.sequence)
    assert run.baseline.loss == loss
    np.testing.assert_array_equal(run.baseline.gradients["l0"].h, backward(trace, dy)["l0"].h)


def test_progress_grows_from_start_to_end() -> None:
    seen: list[Progress] = list(analysing(random_lstm(length=3000, hidden_size=2)))
    fractions = [progress.fraction for progress in seen]
    assert fractions == sorted(fractions)
    assert fractions[0] < 0.3
    assert 0.9 < fractions[-1] <= 1
    assert {progress.doing for progress in seen} >= {"network, forwards", "vanilla RNN, backwards"}


def test_the_same_experiment_gives_the_same_bits() -> None:
    one, other = (analyse(random_lstm(num_layers=2)) for _ in range(2))
    assert one.experiment == other.experiment
    for name, grads in one.gradients.layers.items():
        np.testing.assert_array_equal(grads.z, other.gradients[name].z)


def test_a_run_cannot_be_changed() -> None:
    run = analyse(company_b())
    with pytest.raises(ValueError, match="read-only"):
        run.trace["l0"].h[0] = 0


@pytest.mark.parametrize(
    ("experiment", "words"),
    [
        (replace(company_b(), recipe=NetworkRecipe(hidden_size=100_000)), "298 GiB"),
        (replace(company_b(), objective=squared_error([[1.0, 2.0]])), "1 outputs"),
        (replace(random_lstm(length=40_000, hidden_size=1), recipe=NetworkRecipe(hidden_size=600)), "4.47 GiB"),
    ],
)
def test_what_cannot_be_analysed_is_refused_in_words(experiment: Experiment, words: str) -> None:
    with pytest.raises(LstmvizError, match=words):
        analyse(experiment)


def test_long_experiments_are_expected_to_take_longer() -> None:
    assert expected_seconds(company_b()) < 0.01
    assert expected_seconds(random_lstm(length=5000, hidden_size=256)) > 0.5
