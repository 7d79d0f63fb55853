from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.engine.backward_step import BackwardStage
from lstmviz.core.errors import LstmvizError
from lstmviz.core.explanations.value_places import cursor_at
from lstmviz.core.explanations.value_words import meaning_of, value_in_words
from lstmviz.core.run import Run, analyse
from lstmviz.core.value_reference import ValueReference, is_there, name_of, refuse_unknown, value_of
from tests.experiments import company_b, letters, linear_loop, random_lstm


@pytest.fixture(scope="module")
def run() -> Run:
    return analyse(random_lstm(5, 3, num_layers=2, bidirectional=True, output_size=2))


def test_it_is_the_number_at_that_place(run: Run) -> None:
    layer, grads = run.trace["l1"], run.gradients["l1"]
    for symbol in ("z_f", "f", "i", "g", "o", "c", "tanh_c", "h"):
        assert value_of(run, ValueReference(symbol, 3, "l1", 2)) == getattr(layer, symbol)[2, 0, 2]
        assert value_of(run, ValueReference(f"d{symbol}", 3, "l1", 2)) == getattr(grads, symbol)[2, 0, 2]
    assert value_of(run, ValueReference("x", 3, "l1", 5)) == run.trace["l0_reverse"].h[2, 0, 2]
    assert value_of(run, ValueReference("dx", 3, "l0", 1)) == run.gradients["l0"].x[2, 0, 1]
    assert value_of(run, ValueReference("y", 4, "head", 1)) == run.trace.y[3, 0, 1]
    assert value_of(run, ValueReference("dy", 5, "head", 0)) == run.main.dy[4, 0, 0]
    assert run.baseline is not None
    assert value_of(run, ValueReference("z", 2, "l0", 1, baseline=True)) == run.baseline.trace["l0"].z[1, 0, 1]


def test_the_initial_state_stands_before_the_first_step_that_is_read(run: Run) -> None:
    assert value_of(run, ValueReference("c", 0, "l0", 1)) == 0
    assert value_of(run, ValueReference("h", 6, "l0_reverse", 1)) == 0
    assert value_of(run, ValueReference("dc", 0, "l0", 1)) == run.gradients["l0"].c0[0, 1]
    assert value_of(run, ValueReference("dh", 6, "l0_reverse", 1)) == run.gradients["l0_reverse"].h0[0, 1]
    assert value_of(run, ValueReference("h", 5, "l0_reverse", 1)) == run.trace["l0_reverse"].h[4, 0, 1]


@pytest.mark.parametrize(
    "change",
    [
        {"symbol": "q"},
        {"symbol": "z"},
        {"symbol": ""},
        {"symbol": "d"},
        {"t": -1},
        {"t": 0},
        {"t": 6},
        {"layer": "l2"},
        {"layer": "head"},
        {"unit": 3},
        {"unit": -1},
        {"baseline": True},
    ],
)
def test_what_is_not_there_is_refused(run: Run, change: dict) -> None:
    ref = replace(ValueReference("f", 1, "l0", 0), **change)
    assert not is_there(run, ref)
    with pytest.raises(LstmvizError):
        value_of(run, ref)


def test_only_states_have_an_initial_step(run: Run) -> None:
    there = {s for s in ("x", "f", "h", "c", "dh", "dc", "df", "z_f") if is_there(run, ValueReference(s, 0, "l0", 0))}
    assert there == {"h", "c", "dh", "dc"}
    assert not is_there(run, ValueReference("h", 6, "l0", 0))
    assert not is_there(run, ValueReference("h", 0, "l0_reverse", 0))


def test_no_vanilla_rnn_no_value_of_it() -> None:
    run = analyse(replace(company_b(), baseline=None))
    assert not is_there(run, ValueReference("h", 1, "l0", 0, baseline=True))


def test_a_refusal_says_what_there_is(run: Run) -> None:
    with pytest.raises(LstmvizError) as caught:
        refuse_unknown(run.trace, ValueReference("f", 1, "l9", 0))
    assert "l0_reverse" in str(caught.value)


def test_names_leave_out_what_there_is_only_one_of(run: Run) -> None:
    assert name_of(ValueReference("f", 3, "l0", 2)) == "f[3] of unit 2, layer l0"
    assert name_of(ValueReference("f", 3, "l0", 2), run) == "f[3] of unit 2, layer l0"
    assert name_of(ValueReference("h", 3, "l0", 2, baseline=True)) == "h[3] of unit 2, layer l0, vanilla RNN"
    assert name_of(ValueReference("y", 3, "l0", 1), run) == "y[3] of output 1"
    assert name_of(ValueReference("dtanh_c", 3, "l1", 0)) == "dtanh(c[3]) of unit 0, layer l1"
    assert name_of(ValueReference("c", 2, "l0", 0), analyse(company_b())) == "c[2]"


def test_value_and_meaning_in_words() -> None:
    run = analyse(company_b())
    assert value_in_words(run, ValueReference("f", 3, "l0", 0)) == "f[3] = 0.975378"
    assert value_in_words(run, ValueReference("dh", 3, "l0", 0)) == "dh[3] = −0.00419580"
    for symbol in ("x", "z_f", "f", "i", "g", "o", "c", "tanh_c", "h", "y", "z", "dz_f"):
        assert len(meaning_of(ValueReference(symbol, 3, "l0", 0))) > 10


def test_looking_at_a_value_puts_the_cursor_where_it_is_computed(run: Run) -> None:
    here = Cursor(1, "l1", Stage.READ, 0)
    for ref, there in (
        (ValueReference("f", 3, "l0", 2), Cursor(3, "l0", Stage.FORGET, 2)),
        (ValueReference("dz_g", 2, "l0_reverse", 1), Cursor(2, "l0_reverse", BackwardStage.CANDIDATE, 1)),
        (ValueReference("x", 4, "l0", 2), Cursor(4, "l0", Stage.READ, 0)),
        (ValueReference("y", 4, "head", 1), Cursor(4, "l1", Stage.HIDDEN, 0)),
        (ValueReference("h", 0, "l0", 2), Cursor(1, "l0", Stage.READ, 2)),
        (ValueReference("dc", 6, "l0_reverse", 2), Cursor(5, "l0_reverse", BackwardStage.CARRY, 2)),
        (ValueReference("h", 3, "l0", 2, baseline=True), Cursor(3, "l0", Stage.HIDDEN, 0)),
    ):
        assert cursor_at(run, ref, here) == there


def test_in_a_vanilla_rnn_too() -> None:
    run = analyse(linear_loop(1.1, 4))
    assert cursor_at(run, ValueReference("z", 3, "l0", 0), Cursor(1)).stage is Stage.HIDDEN
    assert cursor_at(run, ValueReference("dz", 3, "l0", 0), Cursor(1)).stage is BackwardStage.CARRY


def test_numbers_are_plain_floats() -> None:
    run = analyse(letters())
    assert type(value_of(run, ValueReference("f", 1, "l0", np.int64(1)))) is float  # type: ignore[arg-type]
