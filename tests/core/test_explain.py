from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lstmviz.core.cursor import STAGES, Cursor, Stage
from lstmviz.core.experiment import Experiment
from lstmviz.core.explain import TermKind, explain, explain_stage
from lstmviz.core.narration import stage_sentence, value_sentence
from lstmviz.core.quantity import QUANTITIES, Quantity
from lstmviz.core.run import analyse
from lstmviz.core.step import lstm_step
from lstmviz.core.trace import LSTMTrace
from tests.experiments import company_b, letters, linear_loop, random_lstm


@pytest.mark.parametrize(
    "experiment", [company_b(), letters(), random_lstm(num_layers=2, bidirectional=True), linear_loop(1.1, 5)]
)
@pytest.mark.parametrize("most", [2, 8])
def test_the_terms_add_up_to_the_value(experiment: Experiment, most: int) -> None:
    run = analyse(experiment)
    for layer in run.trace.layers.values():
        for quantity in QUANTITIES[run.network.cell]:
            for t in (1, 2, run.length):
                found = explain(layer, quantity.symbol, t, run.network.hidden_size - 1, most)
                assert found.value == quantity.of(layer)[t - 1, -1]
                assert len(found.terms) <= most
                if found.terms:
                    total = sum(term.value for term in found.terms)
                    assert total == pytest.approx(found.total, rel=1e-12, abs=1e-14)


def test_the_worked_example_is_explained_with_its_textbook_numbers() -> None:
    layer = analyse(company_b()).trace["l0"]
    f = explain(layer, "f", t=3, unit=0)
    assert f.formula == "sigmoid(z_f[3])"
    assert f.substituted == "sigmoid(3.679)"
    assert [(term.kind, term.label) for term in f.terms] == [
        (TermKind.RECURRENT, "2.700 × h[2] 0.612"),
        (TermKind.BIAS, "bias b_f"),
        (TermKind.INPUT, "1.630 × x[3] 0.250"),
    ]
    c = explain(layer, "c", t=3, unit=0)
    assert c.substituted == "0.975 × 0.914 + 0.905 × 0.651"
    assert c.value == pytest.approx(1.480604, abs=5e-7)


def test_terms_come_largest_first_and_name_unit_and_feature() -> None:
    run = analyse(letters())
    found = explain(run.trace["l0"], "i", t=5, unit=2, most=99)
    sizes = [abs(term.value) for term in found.terms]
    assert sizes == sorted(sizes, reverse=True)
    assert any("h[4][7]" in term.label for term in found.terms)
    assert any("x[5][4]" in term.label for term in found.terms)


def test_a_reverse_layer_looks_at_the_step_after() -> None:
    layer = analyse(random_lstm(length=4, bidirectional=True)).trace["l0_reverse"]
    assert isinstance(layer, LSTMTrace)
    assert "c[4]" in explain(layer, "c", t=3, unit=0).formula
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


def test_infinite_values_are_explained_without_a_warning() -> None:
    run = analyse(linear_loop(1e200, 5))
    found = explain(run.trace["l0"], "h", t=5, unit=0)
    assert found.value == np.inf
    assert "∞" in found.substituted


def test_the_hover_sentence_has_the_full_number() -> None:
    run = analyse(company_b())
    assert value_sentence(run, "l0", Quantity.FORGET_GATE, 3, 0).startswith("f[3] of unit 0 = 0.975378: forget gate")


def test_the_token_is_said_when_the_cell_reads() -> None:
    run = analyse(letters("abc"))
    assert "“b”" in stage_sentence(run, Cursor(2, stage=Stage.READ))
    numbers = analyse(replace(company_b()))
    assert "0.25" in stage_sentence(numbers, Cursor(3, stage=Stage.READ))
