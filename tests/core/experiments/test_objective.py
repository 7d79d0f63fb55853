from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lstmviz.core.arrays import frozen
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.objective import Objective, ObjectiveKind, Where
from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.io.sequences import parse_sequence

SEQUENCE = parse_sequence("abcab", SequenceKind.TEXT)
Y = np.random.default_rng(0).standard_normal((5, 1, 3))

OBJECTIVES = {
    "sum": Objective(),
    "unit": Objective(ObjectiveKind.ONE_UNIT, unit=2, t=3),
    "unit at the end": Objective(ObjectiveKind.ONE_UNIT, unit=1),
    "squared, last": Objective(ObjectiveKind.SQUARED_ERROR, target=frozen([[0.5, -1.0, 2.0]])),
    "squared, one for all": Objective(ObjectiveKind.SQUARED_ERROR, Where.EVERY, target=frozen([[0.5]])),
    "squared, every": Objective(ObjectiveKind.SQUARED_ERROR, Where.EVERY, target=frozen(np.arange(15.0).reshape(5, 3))),
    "squared, next input": Objective(ObjectiveKind.SQUARED_ERROR, Where.EVERY, next_input=True),
    "entropy, last": Objective(ObjectiveKind.CROSS_ENTROPY, target=frozen([[2.0]])),
    "entropy, every": Objective(ObjectiveKind.CROSS_ENTROPY, Where.EVERY, target=frozen([[0.0], [1], [2], [0], [1]])),
    "entropy, next input": Objective(ObjectiveKind.CROSS_ENTROPY, Where.EVERY, next_input=True),
    "entropy, next input, last": Objective(ObjectiveKind.CROSS_ENTROPY, Where.LAST, next_input=True),
}


@pytest.mark.parametrize("name", OBJECTIVES)
def test_dy_is_the_slope_of_the_loss(name: str) -> None:
    objective, step = OBJECTIVES[name], 1e-6
    _, dy = objective.evaluate(Y, SEQUENCE)
    for place in np.ndindex(Y.shape):
        moved = np.zeros_like(Y)
        moved[place] = step
        above, below = (objective.evaluate(Y + sign * moved, SEQUENCE)[0] for sign in (1, -1))
        assert dy[place] == pytest.approx((above - below) / (2 * step), rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_loss_looks_only_at_the_steps_it_names(name: str) -> None:
    _, dy = OBJECTIVES[name].evaluate(Y, SEQUENCE)
    looked_at = {t + 1 for t in range(5) if dy[t].any()}
    assert looked_at == set(OBJECTIVES[name].steps(5)) - ({5} if "next" in name else set())


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_losses_of_the_steps_add_up_to_the_loss(name: str) -> None:
    objective = OBJECTIVES[name]
    loss, dy = objective.evaluate(Y, SEQUENCE)
    losses = objective.losses(Y, SEQUENCE)
    assert losses.shape == (5,)
    assert losses.sum() == pytest.approx(loss, rel=1e-14)
    assert (losses != 0).tolist() == dy.any((1, 2)).tolist()


def test_the_loss_of_a_step_follows_from_the_output_of_that_step_alone() -> None:
    entropy, squared = OBJECTIVES["entropy, every"], OBJECTIVES["squared, every"]
    probabilities = np.exp(Y[:, 0]) / np.exp(Y[:, 0]).sum(1, keepdims=True)
    np.testing.assert_allclose(entropy.losses(Y, SEQUENCE), -np.log(probabilities[range(5), [0, 1, 2, 0, 1]]))
    np.testing.assert_allclose(squared.losses(Y, SEQUENCE), ((Y[:, 0] - np.arange(15.0).reshape(5, 3)) ** 2).sum(1))


def test_cross_entropy_of_equal_outputs_is_log_of_their_number() -> None:
    loss, _ = OBJECTIVES["entropy, last"].evaluate(np.zeros((5, 1, 3)), SEQUENCE)
    assert loss == pytest.approx(np.log(3))


def test_cross_entropy_of_huge_outputs_stays_finite() -> None:
    loss, dy = OBJECTIVES["entropy, last"].evaluate(Y * 1e300, SEQUENCE)
    assert np.isfinite(loss)
    assert np.isfinite(dy).all()


@pytest.mark.parametrize(
    ("objective", "words"),
    [
        (Objective(ObjectiveKind.SQUARED_ERROR), "no target"),
        (Objective(ObjectiveKind.SQUARED_ERROR, target=frozen([[1.0], [2.0]])), "2 targets for 5 steps"),
        (Objective(ObjectiveKind.SQUARED_ERROR, target=frozen([[1.0, 2.0]])), "3 outputs"),
        (Objective(ObjectiveKind.CROSS_ENTROPY, target=frozen([[0.5]])), "class numbers"),
        (Objective(ObjectiveKind.CROSS_ENTROPY, target=frozen([[-1.0]])), "class numbers"),
        (Objective(ObjectiveKind.CROSS_ENTROPY, target=frozen([[7.0]])), "Class 7 needs 8 outputs"),
        (Objective(ObjectiveKind.ONE_UNIT, unit=3), "no unit 3"),
        (Objective(ObjectiveKind.ONE_UNIT, t=6), "no step 6"),
    ],
)
def test_what_does_not_fit_is_said_in_words(objective: Objective, words: str) -> None:
    for asked in (objective.evaluate, objective.losses):
        with pytest.raises(LstmvizError, match=words) as caught:
            asked(Y, SEQUENCE)
        assert caught.value.how


def test_the_next_input_needs_a_next_step() -> None:
    with pytest.raises(LstmvizError, match="two steps"):
        OBJECTIVES["entropy, next input"].evaluate(Y[:1], parse_sequence("a", SequenceKind.TEXT))


def test_objectives_are_equal_by_content() -> None:
    objective = OBJECTIVES["squared, last"]
    assert objective == replace(objective, target=frozen([[0.5, -1.0, 2.0]]))
    assert objective != replace(objective, target=frozen([[0.5, -1.0, 2.5]]))
