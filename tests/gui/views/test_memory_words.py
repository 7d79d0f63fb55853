"""What the Memory view says of its numbers, and the bar that adds up."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from lstmviz.core.analysis.retention import UnitMemory
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.core.networks.network import Network
from lstmviz.core.run import analyse
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


def test_nothing_left_is_said() -> None:
    """The forget gate of the one unit is exactly 0 at step 3, where it reads 10."""
    experiment = replace(company_b(), sequence=parse_sequence("0, 0, 10, 0, 0", SequenceKind.NUMBERS))
    run = analyse(weights_of(experiment, weight_ih_l0=(1, -1e300)))
    memory = UnitMemory(run.trace, "l0", 0)
    assert "nothing of it is left at the end" in what_became(memory.fate(1), memory, StepNames(run))


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
