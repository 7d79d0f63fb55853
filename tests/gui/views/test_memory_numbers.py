"""What the Memory view computes: the library's numbers, column by column, and what it says of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from lstmviz.core.attribution import attribute_memory, follow_write, retention_half_life, survival_map
from lstmviz.core.experiment import Experiment
from lstmviz.core.network import Network
from lstmviz.core.run import analyse
from lstmviz.core.sequence import SequenceKind
from lstmviz.core.trace import Trace
from lstmviz.gui.views.memory.numbers import UnitMemory
from lstmviz.gui.views.memory.stack import stack_of
from lstmviz.gui.views.memory.words import StepNames, half_life_in_words, what_became, who_wrote
from lstmviz.io.sequences import parse_sequence
from tests.experiments import company_b, random_lstm


def weights_of(experiment: Experiment, **changes: object) -> Experiment:
    """The experiment with entries of its weights replaced: name=(row, value)."""
    weights = {name: array.copy() for name, array in experiment.build_network().state_dict().items()}
    for name, (row, value) in changes.items():  # type: ignore[misc]
        weights[name][row] = value
    return replace(experiment, recipe=replace(experiment.recipe, weights=Network.from_state_dict(weights)))


def random_trace(length: int, seed: int) -> Trace:
    return analyse(random_lstm(length, 3, num_layers=2, bidirectional=True, forget_bias=float(seed))).trace


@given(st.integers(2, 12), st.integers(0, 3), st.data())
def test_every_number_is_the_librarys(length: int, seed: int, data: st.DataObject) -> None:
    trace = random_trace(length, seed)
    length = trace.length
    for name in trace.layers:
        t, unit = data.draw(st.integers(1, length)), data.draw(st.integers(0, 2))
        memory = UnitMemory(trace, name, unit)
        parts, expected = memory.contributions(t), attribute_memory(trace, t, unit, name)
        assert_allclose([parts.value(int(s)) for s in expected.steps], expected.values, rtol=1e-13)
        assert parts.c == expected.c
        assert abs(parts.residual) <= 1e-14
        fate, followed = memory.fate(t), follow_write(trace, t, unit, name)
        assert_allclose(fate.values[followed.steps - 1], followed.values, rtol=1e-13)
        assert np.count_nonzero(fate.values) == len(followed.steps)
        assert_allclose(memory.half_life, retention_half_life(trace, name)[unit], rtol=1e-13)
        steps = np.arange(1, length + 1)
        survival = survival_map(trace, unit, name)
        order = np.argsort(survival.steps)
        inside = order[(survival.steps[order] >= 1) & (survival.steps[order] <= length)]
        assert_allclose(memory.log10_survival_map(steps), survival.log10[np.ix_(inside, inside)], atol=1e-12)


def test_a_closed_gate_ends_everything_before_it() -> None:
    """The forget gate of the one unit is exactly 0 at step 3, where it reads 10."""
    experiment = replace(company_b(), sequence=parse_sequence("0, 0, 10, 0, 0", SequenceKind.NUMBERS))
    memory = UnitMemory(analyse(weights_of(experiment, weight_ih_l0=(1, -1e300))).trace, "l0", 0)
    parts = memory.contributions(5)
    assert parts.values[:2].tolist() == [0, 0]
    assert (parts.values[2:] != 0).all()
    assert memory.log10_survival(2, 3) == -np.inf
    assert memory.log10_survival(3, 5) == pytest.approx(memory.log10_survival(3, 4) + memory.log10_survival(4, 5))
    assert memory.fate(1).last == 0
    names = StepNames(analyse(experiment))
    assert "nothing of it is left at the end" in what_became(memory.fate(1), memory, names)


@pytest.mark.parametrize(
    ("bias", "words"),
    [
        (0.0, "gone after 1.0 step, on average"),
        (2.0, "gone after 5.5 steps, on average"),
        (5.0, "gone after 103 steps, on average"),
        (40.0, "Next to nothing of what unit 0 writes is ever lost"),
        (-40.0, "hardly anything is left after one step"),
    ],
)
def test_half_life_in_words(bias: float, words: str) -> None:
    experiment = weights_of(
        company_b(), weight_ih_l0=(1, 0.0), weight_hh_l0=(1, 0.0), bias_ih_l0=(1, bias), bias_hh_l0=(1, 0.0)
    )
    assert words in half_life_in_words(UnitMemory(analyse(experiment).trace, "l0", 0))


def test_the_largest_parts_are_named() -> None:
    run = analyse(company_b())
    parts = UnitMemory(run.trace, "l0", 0).contributions(4)
    assert parts.largest(2) == [4, 3]
    assert who_wrote(parts, 0, StepNames(run), 2) == (
        "c[4] of unit 0 is 2.409. Largest parts: step 4 “1” (+0.934) and step 3 “0.25” (+0.587)."
    )
    everything = UnitMemory(run.trace, "l0", 0).contributions(1)
    assert who_wrote(everything, 0, StepNames(run)) == "c[1] of unit 0 is 0.500, from step 1 “1” (+0.500)."


def test_how_far_back_most_of_the_memory_reaches() -> None:
    memory = UnitMemory(analyse(random_lstm(400, 2, forget_bias=2.0)).trace, "l0", 1)
    parts = memory.contributions(390)
    sizes = np.abs(parts.values[:390])[::-1]
    latest = parts.latest(0.9)
    assert sizes[:latest].sum() >= 0.9 * sizes.sum() > sizes[: latest - 1].sum()


def test_the_stack_goes_up_and_comes_back_to_the_cell_state() -> None:
    parts = UnitMemory(analyse(random_lstm(40, 4, forget_bias=3.0)).trace, "l0", 1).contributions(35)
    stack = stack_of(parts)
    assert stack.rising
    assert stack.falling
    chain = [*stack.rising, *stack.falling]
    assert chain[0].start == 0
    assert all(before.end == after.start for before, after in pairwise(chain))
    assert stack.end == pytest.approx(parts.c, abs=1e-14)
    assert all(each.value > 0 for each in stack.rising)
    assert all(each.value < 0 for each in stack.falling)
    named = [each for each in chain if each.step is not None]
    assert sorted(each.step for each in named if each.step) == sorted(parts.largest(5))
    assert all(each.value == pytest.approx(parts.value(each.step)) for each in named if each.step)
    assert sum(each.steps for each in chain) == 35
