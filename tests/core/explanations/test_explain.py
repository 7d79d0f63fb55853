"""Every number of a run is explained, and the terms add up to it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

import lstmviz
from lstmviz.core.cursor import STAGES, Cursor, Stage
from lstmviz.core.engine.bug_museum import Bug
from lstmviz.core.engine.step import lstm_step
from lstmviz.core.engine.trace import LSTMTrace
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.objective import Objective, ObjectiveKind, Where
from lstmviz.core.experiments.what_if import (
    Clamp,
    DeleteStep,
    MemoryBlocks,
    Peepholes,
    SetInput,
    Silence,
    UseVariant,
    Variant,
    WhatIf,
)
from lstmviz.core.explanations.explain import explain, explain_stage, explain_value
from lstmviz.core.explanations.explanation import Explanation, TermKind
from lstmviz.core.explanations.narration import stage_sentence, value_sentence
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.quantity import Quantity
from lstmviz.core.run import Run, analyse
from lstmviz.core.value_reference import LENGTH, ValueReference, is_there, length_of, name_of, symbols_of, value_of
from tests.experiments import company_b, letters, linear_loop, random_lstm, squared_error


def every_value(run: Run) -> Iterator[ValueReference]:
    """Every number of a run, forward and backward, of both networks."""
    for network in filter(None, (run.main, run.baseline)):
        trace = network.trace
        for layer in (*trace.layers, "head"):
            for node in symbols_of(trace, layer):
                for symbol in (node, f"d{node}"):
                    for t in range(run.length + 2):
                        for unit in range(2 * trace.network.hidden_size + trace.y.shape[2]):
                            ref = ValueReference(symbol, t, layer, unit, baseline=network is run.baseline)
                            if is_there(run, ref):
                                yield ref


def assert_adds_up(found: Explanation, tolerance: float = 1e-12) -> None:
    """The terms add up to the total, within ``tolerance`` of the largest of them."""
    assert found.terms
    values = [term.value for term in found.terms]
    largest = max(abs(value) for value in (*values, found.total))
    assert abs(sum(values) - found.total) <= tolerance * largest, found


RUNS = {
    "one unit": company_b,
    "letters, head, cross-entropy": lambda: letters("hel"),
    "linear RNN": lambda: linear_loop(1.1, 4),
    "stacked": lambda: random_lstm(4, 3, num_layers=2),
    "stacked, both directions, head": lambda: random_lstm(3, 2, num_layers=2, bidirectional=True, output_size=2),
    "RNN under study": lambda: replace(random_lstm(3, 2, cell=Cell.RNN), baseline=None),
    "squared error": lambda: replace(
        random_lstm(3, 2, output_size=2), objective=squared_error([[0.5, -1.0]], Where.EVERY)
    ),
    "one unit's output": lambda: replace(random_lstm(3, 2), objective=Objective(ObjectiveKind.ONE_UNIT, unit=1, t=2)),
}

CHANGES = {
    "f held": Clamp("f", "l0", None, 2, 3, 1.0),
    "i held": Clamp("i", "l0", 1, 1, 9, 0.25),
    "g held": Clamp("g", "l0", 0, 2, 2, -3.0),
    "o held": Clamp("o", "l0_reverse", None, 1, 2, 0.5),
    "c held": Clamp("c", "l0", 1, 2, 3, 2.0),
    "h held": Clamp("h", "l0", 0, 3, 3, 0.75),
    "silent": Silence("l0", 1),
    "step left out": DeleteStep(2),
    "peepholes": Peepholes(0.5, -0.25, (1.0, 2.0)),
    "blocks": MemoryBlocks(2),
} | {variant.value: UseVariant(variant) for variant in Variant}


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("most", [2, 8])
def test_every_value_is_explained_and_its_terms_add_up(name: str, most: int) -> None:
    run = analyse(RUNS[name]())
    for ref in every_value(run):
        found = explain_value(run, ref, most)
        assert found.value == value_of(run, ref)
        assert found.formula
        assert_adds_up(found)
        for source in (source for term in found.terms for source in term.sources):
            assert is_there(run, source)
            assert source != ref


@pytest.mark.parametrize("name", CHANGES)
def test_the_terms_add_up_with_what_ifs_too(name: str) -> None:
    experiment = random_lstm(4, 2, bidirectional=True, output_size=2)
    run = analyse(replace(experiment, what_ifs=(WhatIf(CHANGES[name]),)))
    for ref in every_value(run):
        assert_adds_up(explain_value(run, ref))


def test_an_input_that_a_what_if_changed_was_not_typed() -> None:
    ref = ValueReference("x", 2, "l0", 0)
    assert "typed by you" in explain_value(analyse(company_b()), ref).formula
    changed = analyse(replace(company_b(), what_ifs=(WhatIf(SetInput(2, 0, 3.0)),)))
    found = explain_value(changed, ref)
    assert found.value == 3
    assert "typed" not in found.formula + found.terms[0].label


def test_an_equal_sequence_that_was_read_again_was_typed_all_the_same() -> None:
    first = analyse(company_b())
    again = analyse(replace(company_b(), sequence=replace(company_b().sequence)), first)
    assert "typed by you" in explain_value(again, ValueReference("x", 2, "l0", 0)).formula


def test_two_what_ifs_at_once_add_up() -> None:
    changes = (CHANGES["peepholes"], CHANGES["c held"], CHANGES["f held"], UseVariant(Variant.COUPLED_GATES))
    run = analyse(replace(random_lstm(4, 2), what_ifs=tuple(map(WhatIf, changes))))
    for ref in every_value(run):
        assert_adds_up(explain_value(run, ref))


def test_a_node_that_is_held_says_so_instead_of_its_formula() -> None:
    run = analyse(replace(random_lstm(4, 2), what_ifs=(WhatIf(CHANGES["f held"]), WhatIf(CHANGES["c held"]))))
    assert explain_value(run, ValueReference("f", 3, "l0", 0)).formula == "held at 1.000 by a what-if"
    assert explain_value(run, ValueReference("f", 1, "l0", 0)).formula == "sigmoid(z_f[1])"
    assert explain_value(run, ValueReference("dz_f", 3, "l0", 0)).terms[0].label == "f[3] is held by a what-if"
    (nothing,) = explain_value(run, ValueReference("dg", 2, "l0", 1)).terms
    assert (nothing.label, nothing.value) == ("c[2] is held by a what-if", 0)


def test_variants_have_their_own_formulas() -> None:
    coupled = analyse(replace(random_lstm(4, 2), what_ifs=(WhatIf(UseVariant(Variant.COUPLED_GATES)),)))
    assert explain_value(coupled, ValueReference("i", 2, "l0", 0)).formula == "1 − f[2]"
    seeing = analyse(replace(random_lstm(4, 2), what_ifs=(WhatIf(CHANGES["peepholes"]),)))
    assert "+ p_o c[2]" in explain_value(seeing, ValueReference("z_o", 2, "l0", 0)).formula
    linear = analyse(replace(random_lstm(4, 2), what_ifs=(WhatIf(UseVariant(Variant.NO_OUTPUT_ACTIVATION)),)))
    assert explain_value(linear, ValueReference("h", 2, "l0", 0)).formula == "o[2] × c[2]"


@pytest.mark.parametrize("bug", [Bug.NO_FORGET_SLOPE, Bug.DC_NOT_CARRIED, Bug.DH_NOT_CARRIED])
def test_a_mistake_in_the_backward_pass_is_the_term_that_is_missing(bug: Bug) -> None:
    run = analyse(replace(company_b(), bug=bug))
    mistakes = 0
    for ref in every_value(run):
        found = explain_value(run, ref)
        assert_adds_up(found, 1e-8)
        mistakes += any(term.kind is TermKind.MISTAKE for term in found.terms)
    assert mistakes
    right = analyse(company_b())
    terms = [term for ref in every_value(right) for term in explain_value(right, ref).terms]
    assert not any(term.kind is TermKind.MISTAKE for term in terms)


def test_the_worked_example_is_explained_with_its_textbook_numbers() -> None:
    trace = analyse(company_b()).trace
    f = explain(trace, "f", t=3, unit=0)
    assert f.formula == "sigmoid(z_f[3])"
    assert f.substituted == "sigmoid(3.679)"
    assert [(term.kind, term.label, term.weight) for term in f.terms] == [
        (TermKind.RECURRENT, "U_f 2.700 × h[2] 0.612", "weight_hh_l0[1, 0]"),
        (TermKind.BIAS, "bias b_f", "bias_ih_l0[1] + bias_hh_l0[1]"),
        (TermKind.INPUT, "W_f 1.630 × x[3] 0.250", "weight_ih_l0[1, 0]"),
    ]
    c = explain(trace, "c", t=3, unit=0)
    assert c.substituted == "0.975 × 0.914 + 0.905 × 0.651"
    assert c.value == pytest.approx(1.480604, abs=5e-7)


def test_terms_come_largest_first_and_name_unit_and_feature() -> None:
    run = analyse(letters())
    found = explain_value(run, ValueReference("i", 5, "l0", 2), most=99)
    sizes = [abs(term.value) for term in found.terms]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) == 8 + run.experiment.sequence.input_size + 1
    assert any("U_i[2,7]" in term.label and "h[4][7]" in term.label for term in found.terms)
    assert any("W_i[2,4]" in term.label and "x[5][4]" in term.label for term in found.terms)


@pytest.mark.parametrize("most", [0, 1, 2, 5])
def test_no_more_terms_than_asked_for(most: int) -> None:
    run = analyse(letters())
    found = explain_value(run, ValueReference("dh", 3, "l0", 2), most)
    assert len(found.terms) == max(most, 1)
    assert found.terms[-1].kind is TermKind.REST
    assert_adds_up(found)


def sources(run: Run, ref: ValueReference) -> set[ValueReference]:
    return {source for term in explain_value(run, ref, 99).terms for source in term.sources}


def test_sources_are_where_a_number_came_from() -> None:
    run = analyse(random_lstm(4, 2, num_layers=2, bidirectional=True, output_size=2))

    def at(symbol: str, t: int, layer: str, unit: int) -> ValueReference:
        return ValueReference(symbol, t, layer, unit)

    assert sources(run, at("c", 3, "l0", 1)) == {at(s, t, "l0", 1) for s, t in (("f", 3), ("c", 2), ("i", 3), ("g", 3))}
    assert sources(run, at("c", 3, "l0_reverse", 1)) >= {at("c", 4, "l0_reverse", 1)}
    assert sources(run, at("h", 3, "l0", 1)) == {at("o", 3, "l0", 1), at("tanh_c", 3, "l0", 1)}
    assert sources(run, at("x", 3, "l1", 3)) == {at("h", 3, "l0_reverse", 1)}
    assert sources(run, at("x", 3, "l0", 1)) == set()
    assert sources(run, at("h", 0, "l0", 1)) == set()
    assert sources(run, at("z_f", 3, "l1", 0)) == (
        {at("x", 3, "l1", d) for d in range(4)} | {at("h", 2, "l1", m) for m in range(2)}
    )
    assert sources(run, at("y", 3, "head", 0)) == {
        at("h", 3, layer, m) for layer in ("l1", "l1_reverse") for m in (0, 1)
    }
    assert sources(run, at("dz_f", 3, "l0", 1)) == {at("dc", 3, "l0", 1), at("c", 2, "l0", 1), at("f", 3, "l0", 1)}
    assert sources(run, at("dc", 3, "l0", 1)) == {
        at(s, t, "l0", 1) for s, t in (("dh", 3), ("o", 3), ("c", 3), ("f", 4), ("dc", 4))
    }
    gates = {at(f"dz_{gate}", 4, "l0", m) for gate in "ifgo" for m in (0, 1)}
    assert sources(run, at("dh", 3, "l0", 1)) == gates | {at("dx", 3, "l1", 1), at("dx", 3, "l1_reverse", 1)}
    assert sources(run, at("dh", 4, "l1", 1)) == {at("dy", 4, "head", 0), at("dy", 4, "head", 1)}
    assert sources(run, at("dh", 0, "l0", 1)) == {at(f"dz_{gate}", 1, "l0", m) for gate in "ifgo" for m in (0, 1)}


def test_sources_of_the_vanilla_rnn_stay_in_it() -> None:
    run = analyse(random_lstm(4, 2))
    found = sources(run, ValueReference("h", 3, "l0", 1, baseline=True))
    assert ValueReference("h", 2, "l0", 0, baseline=True) in found
    assert all(source.baseline for source in found)


def test_every_chain_of_sources_ends_at_what_was_typed_or_at_the_initial_state() -> None:
    run = analyse(random_lstm(3, 2, num_layers=2))
    ends, seen, to_do = set(), set(), [ValueReference("h", 3, "l1", 0)]
    while to_do:
        ref = to_do.pop()
        found = sources(run, ref)
        if not found:
            ends.add((ref.symbol, ref.t == 0, ref.layer))
        to_do += found - seen
        seen |= found
    assert ends == {("x", False, "l0"), *((state, True, layer) for state in "ch" for layer in ("l0", "l1"))}


def test_infinite_values_are_explained_without_a_warning() -> None:
    run = analyse(linear_loop(1e200, 5))
    found = explain_value(run, ValueReference("h", 5, "l0", 0))
    assert found.value == np.inf
    assert "∞" in found.substituted
    for ref in every_value(run):
        found = explain_value(run, ref)
        total = sum(term.value for term in found.terms)
        assert total == found.total or (math.isnan(total) and math.isnan(found.total))


def test_a_term_that_is_not_a_number_is_named() -> None:
    weights = random_lstm(3, 4).recipe.build(3)
    weight_hh = weights.state_dict()["weight_hh_l0"].copy()
    weight_hh[5, 2] = np.nan
    trace = lstmviz.forward(weights.with_parameters({"weight_hh_l0": weight_hh}), np.ones((3, 3)))
    found = explain(trace, "z_f", t=1, unit=1, most=3)
    assert math.isnan(found.value)
    assert found.terms[0].weight == "weight_hh_l0[5, 2]"


def test_the_library_function_explains_a_trace() -> None:
    network = lstmviz.Network.create("lstm", 2, 3, num_layers=2, output_size=1, seed=1)
    trace = lstmviz.forward(network, np.random.default_rng(0).standard_normal((4, 2, 2)))
    found = explain(trace, "f", t=3, unit=2, layer="l1", sequence=1)
    assert found.value == trace["l1"].f[2, 1, 2]
    assert_adds_up(found)
    assert explain(trace, "y", t=4, unit=0, sequence=0).value == trace.y[3, 0, 0]
    for mistake in ({"t": 5}, {"unit": 3}, {"symbol": "df"}, {"symbol": "q"}, {"layer": "l2"}, {"sequence": None}):
        with pytest.raises(LstmvizError):
            explain(trace, **{"symbol": "f", "t": 3, "unit": 0, "sequence": 0} | mistake)


def test_a_reverse_layer_looks_at_the_step_after() -> None:
    trace = analyse(random_lstm(length=4, bidirectional=True)).trace
    layer = trace["l0_reverse"]
    assert isinstance(layer, LSTMTrace)
    assert "c[4]" in explain(trace, "c", t=3, unit=0, layer="l0_reverse").formula
    step = lstm_step(layer, 3)
    assert step.before == 4
    np.testing.assert_array_equal(step.c_before, layer.c[3, 0])


def test_every_stage_has_a_sentence_with_its_numbers() -> None:
    run = analyse(company_b())
    sentences = {stage: stage_sentence(run, Cursor(3, stage=stage)) for stage in Stage}
    assert "97.5 %" in sentences[Stage.FORGET]
    assert "90.5 %" in sentences[Stage.INPUT]
    assert "+0.651" in sentences[Stage.CANDIDATE]
    assert "1.481" in sentences[Stage.CELL]
    assert "96.2 %" in sentences[Stage.OUTPUT]
    assert "0.867" in sentences[Stage.HIDDEN]
    assert len(set(sentences.values())) == len(Stage)


@pytest.mark.parametrize("experiment", [letters(), linear_loop(1.1, 3), random_lstm(num_layers=2)])
def test_every_place_can_be_explained_and_told(experiment: Experiment) -> None:
    run = analyse(experiment)
    for layer in run.trace.layers:
        for stage in STAGES[run.network.cell]:
            cursor = Cursor(2, layer, stage)
            assert stage_sentence(run, cursor)
            assert bool(explain_stage(run, cursor)) == (stage is not Stage.READ)


def test_the_hover_sentence_has_the_full_number() -> None:
    run = analyse(company_b())
    assert value_sentence(run, "l0", Quantity.FORGET_GATE, 3, 0).startswith("f[3] of unit 0 = 0.975378: forget gate")


def test_the_token_is_said_when_the_cell_reads() -> None:
    run = analyse(letters("abc"))
    assert "“b”" in stage_sentence(run, Cursor(2, stage=Stage.READ))
    numbers = analyse(replace(company_b()))
    assert "0.25" in stage_sentence(numbers, Cursor(3, stage=Stage.READ))


def test_a_length_is_what_its_units_add() -> None:
    run = analyse(random_lstm(hidden_size=20))
    for symbol, baseline in (("dh", False), ("dc", False), ("dh", True)):
        ref = ValueReference(symbol, 4, "l0", LENGTH, baseline)
        found = explain_value(run, ref)
        network = run.baseline if baseline else run.main
        assert network is not None
        entries = getattr(network.gradients["l0"], symbol[1:])[3, 0]
        assert found.value == value_of(run, ref) == pytest.approx(float(np.linalg.norm(entries)), rel=1e-14)
        assert_adds_up(found)
        assert all(term.value >= 0 for term in found.terms)
        largest = int(np.argmax(np.abs(entries)))
        assert found.terms[0].sources == (replace(ref, unit=largest),)
        assert found.name == f"‖{symbol}[4]‖"
        assert name_of(ref, run).startswith(found.name)
    with pytest.raises(LstmvizError, match="no unit -1"):
        explain_value(run, ValueReference("h", 4, "l0", LENGTH))


@pytest.mark.parametrize(
    ("entries", "length"),
    [([3e-200, 4e-200], 5e-200), ([3e200, -4e200], 5e200), ([0, 0], 0), ([math.inf, 1], math.inf), ([2], 2)],
)
def test_the_length_of_very_small_and_very_large_gradients(entries: list[float], length: float) -> None:
    assert length_of(np.array(entries, float)) == pytest.approx(length, rel=1e-15)
    assert math.isnan(length_of(np.array([math.nan, 1.0])))
