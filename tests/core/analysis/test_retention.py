"""What one unit keeps: the library's numbers, step by step, from sums that are kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from lstmviz.core.analysis.attribution import attribute_memory, follow_write, retention_half_life, survival_map
from lstmviz.core.analysis.retention import UnitMemory
from lstmviz.core.engine.trace import LSTMTrace, Trace
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.core.experiments.what_if import Change, Clamp, WhatIf
from lstmviz.core.networks.network import Network
from lstmviz.core.run import analyse
from lstmviz.io.sequences import parse_sequence
from tests.experiments import company_b, random_lstm


def weights_of(experiment: Experiment, **changes: object) -> Experiment:
    """The experiment with entries of its weights replaced: name=(row, value)."""
    weights = {name: array.copy() for name, array in experiment.build_network().state_dict().items()}
    for name, (row, value) in changes.items():  # type: ignore[misc]
        weights[name][row] = value
    return replace(experiment, recipe=replace(experiment.recipe, weights=Network.from_state_dict(weights)))


def random_trace(length: int, seed: int, *changes: Change) -> Trace:
    experiment = random_lstm(length, 3, num_layers=2, bidirectional=True, forget_bias=float(seed))
    return analyse(replace(experiment, what_ifs=tuple(map(WhatIf, changes)))).trace


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


@pytest.mark.parametrize("value", [0.0, 0.4, 1.0, 2.5])
@pytest.mark.parametrize("symbol", ["f", "c"])
def test_what_a_what_if_holds_is_followed(symbol: str, value: float) -> None:
    """A held forget gate keeps what it is held at; a held cell state keeps nothing and is written whole."""
    for name in ("l0", "l0_reverse"):
        trace = random_trace(9, 1, Clamp(symbol, name, 1, 4, 5, value))
        layer, memory = trace[name], UnitMemory(trace, name, 1)
        assert isinstance(layer, LSTMTrace)
        for t in range(1, 10):
            parts, expected = memory.contributions(t), attribute_memory(trace, t, 1, name)
            assert abs(parts.residual) <= 1e-14
            assert abs(expected.residual) <= 1e-14
            assert_allclose([parts.value(int(s)) for s in expected.steps], expected.values, rtol=1e-13)
            followed = follow_write(trace, t, 1, name)
            assert_allclose(memory.fate(t).values[followed.steps - 1], followed.values, rtol=1e-13)
        first, last = (5, 3) if layer.reverse else (4, 6)
        between = range(min(first, last), max(first, last) + 1)
        kept = np.prod([layer.kept[k - 1, 0, 1] for k in between if k != first])
        assert_allclose(10 ** memory.log10_survival(first, last), kept, rtol=1e-12)
        survival = survival_map(trace, 1, name)
        order = survival.steps.tolist()
        assert_allclose(10 ** survival.log10[order.index(first), order.index(last)], kept, rtol=1e-12)


def test_half_life_of_a_gate_that_is_held_open() -> None:
    trace = random_trace(6, 0, Clamp("f", "l0", 2, 1, 6, 0.5))
    assert UnitMemory(trace, "l0", 2).half_life == pytest.approx(1)
    assert retention_half_life(trace)[2] == pytest.approx(1)


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


def test_how_far_back_most_of_the_memory_reaches() -> None:
    memory = UnitMemory(analyse(random_lstm(400, 2, forget_bias=2.0)).trace, "l0", 1)
    parts = memory.contributions(390)
    sizes = np.abs(parts.values[:390])[::-1]
    latest = parts.latest(0.9)
    assert sizes[:latest].sum() >= 0.9 * sizes.sum() > sizes[: latest - 1].sum()


@pytest.mark.parametrize(
    ("change", "words"),
    [({"unit": 3}, "no unit 3"), ({"layer": "l7"}, "no layer called 'l7'"), ({"sequence": 1}, "no sequence 1")],
)
def test_what_is_not_there_is_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(LstmvizError, match=words):
        UnitMemory(**{"trace": random_trace(4, 0), "layer": "l0", "unit": 0} | change)  # type: ignore[arg-type]
