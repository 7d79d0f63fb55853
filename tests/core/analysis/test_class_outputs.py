"""What comes out of a step: softmax of the outputs by hand, the target, names, and what there was before what-ifs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lstmviz.core.analysis.class_names import has_classes
from lstmviz.core.analysis.class_outputs import step_output, target_class
from lstmviz.core.experiments.objective import Objective, ObjectiveKind, Where
from lstmviz.core.experiments.what_if import DeleteStep, SetWeight, WhatIf
from lstmviz.core.run import Run, analyse
from lstmviz.io.experiments import load_example
from tests.experiments import company_b, letters, random_lstm
from tests.tokens import next_word


def softmax(run: Run, t: int) -> np.ndarray:
    y = run.trace.y[t - 1, 0].astype(np.float64)
    return np.exp(y) / np.exp(y).sum()


@pytest.mark.parametrize("t", [1, 3, 6])
def test_the_likeliest_are_the_largest_of_softmax_by_hand(t: int) -> None:
    run = analyse(next_word())
    p, found = softmax(run, t), step_output(run, t, 5)
    order = np.argsort(-p)[:5]
    assert [each.number for each in found.likeliest] == order.tolist()
    np.testing.assert_allclose([each.probability for each in found.likeliest], p[order], rtol=1e-12)
    assert found.outputs == 9
    words = ("<unk>", ".", "the", "cat", "sat", "on", "mat", "New␣York", "dog")
    assert [each.name for each in found.likeliest] == [words[number] for number in order]
    assert found.likeliest[0].y == run.trace.y[t - 1, 0, order[0]]


def test_the_target_has_its_place_and_its_loss() -> None:
    run = analyse(next_word())
    losses = run.objective.losses(run.trace.y, run.sequence)
    for t, name in enumerate(run.sequence.labels[1:], 1):
        p, found = softmax(run, t), step_output(run, t)
        assert found.target is not None
        assert found.target.name == name
        assert found.rank == 1 + (p > p[found.target.number]).sum()
        assert found.loss == pytest.approx(losses[t - 1], rel=1e-6)
    assert step_output(run, run.length).target is None


def test_letters_have_their_names() -> None:
    run = analyse(letters())
    found = step_output(run, 5)
    assert {each.name for each in found.likeliest} == set("␣ehlo")
    assert found.target is not None
    assert found.target.name == "␣"
    assert sum(each.probability for each in found.likeliest) == pytest.approx(1, rel=1e-12)


def test_classes_without_names_go_by_their_numbers() -> None:
    target = np.array([[float(t % 3)] for t in range(11)])
    experiment = replace(
        random_lstm(output_size=4), objective=Objective(ObjectiveKind.CROSS_ENTROPY, Where.EVERY, target)
    )
    run = analyse(experiment)
    assert has_classes(run)
    assert [target_class(run, t) for t in (1, 2, 3, 4)] == [0, 1, 2, 0]
    assert {each.name for each in step_output(run, 1).likeliest} == set("0123")
    at_last = analyse(replace(experiment, objective=replace(experiment.objective, where=Where.LAST)))
    assert [target_class(at_last, t) for t in (10, 11)] == [None, 1]


def test_numbers_are_no_choice() -> None:
    assert not has_classes(analyse(company_b()))
    assert not has_classes(analyse(load_example("long-lag").experiment))
    summed = replace(next_word(), objective=Objective())
    assert has_classes(analyse(summed))
    assert step_output(analyse(summed), 2).target is None


def test_what_a_probability_was_before_the_what_ifs() -> None:
    change = WhatIf(SetWeight("head.bias", (4,), 3.0))
    run = analyse(replace(next_word(), what_ifs=(change,)))
    assert run.before is not None
    p = softmax(run.before, 2)
    for each in step_output(run, 2).likeliest:
        assert each.before == pytest.approx(p[each.number], rel=1e-12)
    shorter = analyse(replace(next_word(), what_ifs=(WhatIf(DeleteStep(2)),)))
    assert step_output(shorter, 2).likeliest[0].before is None
    assert step_output(run.before, 2).likeliest[0].before is None


def test_an_output_that_is_not_finite_has_no_probabilities() -> None:
    run = analyse(replace(next_word(), what_ifs=(WhatIf(SetWeight("head.bias", (4,), 1e38)),)))
    huge = step_output(run, 2)
    assert [each.probability for each in huge.likeliest] == [1, 0, 0, 0, 0]
    with np.errstate(all="ignore"):
        broken = replace(run, main=replace(run.main, trace=replace(run.trace, y=run.trace.y * np.inf)))
    assert step_output(broken, 2).likeliest == ()
