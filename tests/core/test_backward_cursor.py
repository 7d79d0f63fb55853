"""Walking the backward pass: the moves, the words, the explanations."""

from __future__ import annotations

import numpy as np
import pytest

from lstmviz.core import cursor as moves
from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.engine.backward_step import BACKWARD_STAGES, BackwardStage, LSTMBackwardStep
from lstmviz.core.experiment import Experiment
from lstmviz.core.explanations.explain import explain_stage
from lstmviz.core.explanations.narration import STAGE_TITLES, stage_sentence
from lstmviz.core.run import analyse
from tests.experiments import company_b, letters, linear_loop, random_lstm


@pytest.mark.parametrize("experiment", [company_b(), linear_loop(0.9, 5), random_lstm(length=4, bidirectional=True)])
def test_it_goes_from_the_loss_to_step_one_and_back(experiment: Experiment) -> None:
    run = analyse(experiment)
    for layer in run.trace.layers:
        cursor = moves.first(run, Cursor(t=2, layer=layer, stage=BackwardStage.ARRIVE))
        seen = [cursor]
        while (following := moves.step_stage(run, cursor, 1)) != cursor:
            cursor = following
            seen.append(cursor)
        steps = range(1, run.length + 1) if layer.endswith("_reverse") else range(run.length, 0, -1)
        stages = BACKWARD_STAGES[run.network.cell]
        assert [(c.t, c.stage) for c in seen] == [(t, stage) for t in steps for stage in stages]
        assert cursor == moves.last(run, cursor)
        for expected in reversed(seen):
            assert cursor == expected
            cursor = moves.step_stage(run, cursor, -1)


def test_turning_keeps_the_step() -> None:
    run = analyse(company_b())
    forward = Cursor(3, stage=Stage.CELL)
    backward = moves.turned(run, forward, backward=True)
    assert backward == Cursor(3, stage=BackwardStage.ARRIVE)
    assert moves.turned(run, backward, backward=True) == backward
    assert moves.turned(run, backward, backward=False) == Cursor(3, stage=Stage.HIDDEN)


def test_a_backward_stage_of_an_lstm_is_clamped_in_an_rnn() -> None:
    run = analyse(linear_loop(0.9, 5))
    assert moves.clamped(run, Cursor(2, stage=BackwardStage.FORGET)).stage in BACKWARD_STAGES[run.network.cell]


def test_the_run_gives_the_numbers_of_a_backward_step() -> None:
    run = analyse(company_b())
    step = run.main.backward_step("l0", 3)
    assert isinstance(step, LSTMBackwardStep)
    assert step.dh[0] == pytest.approx(-4.195797e-3, rel=1e-6)
    assert step.dc[0] == pytest.approx(-2.666324e-3, rel=1e-6)
    np.testing.assert_allclose(step.dh_before, run.main.backward_step("l0", 2).dh, rtol=1e-12)


@pytest.mark.parametrize("experiment", [company_b(), letters(), linear_loop(1.1, 4), random_lstm(num_layers=2)])
def test_every_backward_place_can_be_told_and_explained(experiment: Experiment) -> None:
    run = analyse(experiment)
    for layer in run.trace.layers:
        for stage in BACKWARD_STAGES[run.network.cell]:
            for t in (1, 2, run.length):
                cursor = Cursor(t, layer, stage)
                assert stage_sentence(run, cursor)
                assert STAGE_TITLES[stage]
                explanations = explain_stage(run, cursor)
                assert explanations
                for explanation in explanations:
                    if explanation.terms:
                        total = sum(term.value for term in explanation.terms)
                        assert total == pytest.approx(explanation.total, rel=1e-9, abs=1e-15)


def test_the_gate_formula_gives_its_value() -> None:
    run = analyse(company_b())
    for stage, gate, arrives, other in (
        (BackwardStage.FORGET, "f", "c", "c_before"),
        (BackwardStage.INPUT, "i", "c", "g"),
        (BackwardStage.OUTPUT, "o", "h", "tanh_c"),
    ):
        (explanation,) = explain_stage(run, Cursor(3, stage=stage))
        layer, grads = run.trace["l0"], run.gradients["l0"]
        value = getattr(layer, gate)[2, 0, 0]
        expected = getattr(grads, arrives)[2, 0, 0] * getattr(layer, other)[2, 0, 0] * value * (1 - value)
        assert explanation.name == f"dz_{gate}[3]"
        assert explanation.value == pytest.approx(expected, rel=1e-9)
        assert f"{gate} × (1 − {gate})" in explanation.formula
