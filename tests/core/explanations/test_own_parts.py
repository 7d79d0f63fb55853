"""Why the numbers of networks with parts of their own are what they are."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from lstmviz.core.analysis.step_table import step_columns
from lstmviz.core.cursor import Cursor, Stage, clamped
from lstmviz.core.engine.backward_step import BACKWARD_STAGES
from lstmviz.core.errors import LstmvizError
from lstmviz.core.explanations.explain import explain_stage, explain_value
from lstmviz.core.explanations.narration import stage_sentence
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.run import analyse
from lstmviz.core.value_reference import ValueReference, symbols_of, value_of
from tests.own_parts import each_network, experiment


@each_network
def test_explanations_add_up(name):
    run = analyse(replace(experiment(name, 4), baseline=None))
    trace = run.trace
    asked = 0
    for layer in (*trace.layers, "head"):
        for symbol in symbols_of(trace, layer):
            for ref in (ValueReference(each, 2, layer, unit) for each in (symbol, f"d{symbol}") for unit in range(2)):
                try:
                    value = value_of(run, ref)
                except LstmvizError:
                    continue
                found = explain_value(run, ref, most=10_000)
                total = math.fsum(term.value for term in found.terms)
                assert found.value == value
                if found.total_reference is None:
                    assert found.total == value
                assert total == pytest.approx(found.total, rel=1e-12, abs=1e-12), (ref, found.formula)
                asked += 1
    assert asked > 40


def test_a_projected_h_is_the_sum_over_what_every_unit_shows():
    run = analyse(experiment("projection"))
    found = explain_value(run, ValueReference("h", 3, "l0", 1), most=100)
    assert found.formula == "W_hr m[3]"
    assert {term.weight for term in found.terms} == {f"weight_hr_l0[1, {unit}]" for unit in range(5)}
    assert all(term.sources[0].symbol == "m" for term in found.terms)
    weights = run.network.state_dict()["weight_hr_l0"]
    assert sum(term.value for term in found.terms) == pytest.approx(weights[1] @ run.trace["l0"].m[2, 0], abs=1e-14)
    with pytest.raises(LstmvizError, match="no unit 2"):
        explain_value(run, ValueReference("h", 3, "l0", 2))


def test_coupled_gates_say_which_is_one_minus_which():
    for name, symbol, formula in (("i = 1 - f", "i", "1 − f[2]"), ("f = 1 - i", "f", "1 − i[2]")):
        run = analyse(experiment(name))
        assert explain_value(run, ValueReference(symbol, 2, "l0", 0)).formula == formula
        unused = explain_value(run, ValueReference(f"dz_{symbol}", 2, "l0", 0))
        assert unused.value == 0
        assert "coupled" in unused.terms[0].label


@each_network
def test_every_stage_of_every_unit_has_words(name):
    run = analyse(experiment(name, 3))
    for layer, traced in run.trace.layers.items():
        for unit in range(traced.parameters.hidden_size):
            for stage in (*Stage, *BACKWARD_STAGES[Cell.LSTM]):
                cursor = clamped(run, Cursor(2, layer, stage, unit))
                assert cursor.unit == unit
                assert stage_sentence(run, cursor)
                assert bool(explain_stage(run, cursor)) == (stage is not Stage.READ)
            assert step_columns(run, layer, unit)
