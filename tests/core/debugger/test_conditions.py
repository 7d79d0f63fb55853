from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lstmviz.core.debugger import condition_names
from lstmviz.core.debugger.conditions import (
    FUNCTIONS,
    MAX_CONDITION_CHARACTERS,
    MAX_WATCH_VALUES,
    check_condition,
    check_watch,
    evaluate_condition,
    evaluate_watch,
    find,
    quantities,
    watch_value,
)
from lstmviz.core.engine.passes import backward, forward
from lstmviz.core.engine.trace import LSTMGradients, LSTMTrace
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.core.experiments.what_if import DeleteStep, WhatIf
from lstmviz.core.networks.network import Network
from lstmviz.core.run import Run, analyse
from lstmviz.io.sequences import parse_sequence
from tests.experiments import company_b, letters, linear_loop, random_lstm

RUN = analyse(letters())
LAYERS = analyse(random_lstm(num_layers=2, bidirectional=True, hidden_size=3))
RNN = analyse(linear_loop(0.5, 5))
LSTM = RUN.trace["l0"]
GRADIENTS = RUN.gradients["l0"]
assert isinstance(LSTM, LSTMTrace)
assert isinstance(GRADIENTS, LSTMGradients)
C, F, H = LSTM.c[:, 0], LSTM.f[:, 0], LSTM.h[:, 0]
DH = GRADIENTS.h[:, 0]
EARLIER = np.concatenate([[0.0], C[:-1, 0]])
LOSSES = RUN.objective.losses(RUN.trace.y, RUN.sequence)
T = RUN.length


def shifted(array: np.ndarray, first: float) -> np.ndarray:
    return np.concatenate([np.full_like(array[:1], first), array[:-1]])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f[2] < 0.7", F[:, 2] < 0.7),
        ("any(abs(c) > 0.9)", (np.abs(C) > 0.9).any(1)),
        ("all(c > -0.4)", (C > -0.4).all(1)),
        ("norm(dh) < 1", np.linalg.norm(DH, axis=1) < 1),
        ("c[0] * prev(c[0]) < 0", C[:, 0] * EARLIER < 0),
        ("not finite(c)", np.zeros(T, bool)),
        ("finite(c) and finite(dh)", np.ones(T, bool)),
        ("max(h) > 0.3 or min(h) < -0.4", (H.max(1) > 0.3) | (H.min(1) < -0.4)),
        ("mean(f < 0.7) >= 0.5", (F < 0.7).mean(1) >= 0.5),
        ("z_f[1] > 0.8", LSTM.z_f[:, 0, 1] > 0.8),
        ("df[1] > 0", GRADIENTS.f[:, 0, 1] > 0),
        ("dz_o[3] + dc[3] > 0", GRADIENTS.z_o[:, 0, 3] + GRADIENTS.c[:, 0, 3] > 0),
        ("dx[0] > 0 or dtanh_c[0] > 0", (GRADIENTS.x[:, 0, 0] > 0) | (GRADIENTS.tanh_c[:, 0, 0] > 0)),
        ("l0.i[4] > 0.5", LSTM.i[:, 0, 4] > 0.5),
        ("x[2] == 1", RUN.trace.x[:, 0, 2] == 1),
        ("y[1] > 0", RUN.trace.y[:, 0, 1] > 0),
        ("norm(dy) > 0.5", np.linalg.norm(RUN.main.dy[:, 0], axis=1) > 0.5),
        ("rnn.h[0] > 0", RUN.baseline.trace["l0"].h[:, 0, 0] > 0),
        ("rnn.l0.dh[0] > 0", RUN.baseline.gradients["l0"].h[:, 0, 0] > 0),
        ("any(rnn.x > 0)", np.ones(T, bool)),
        ("rnn.loss > 0 and rnn.y[0] > 0", RUN.baseline.trace.y[:, 0, 0] > 0),
        ("loss > 1.5 and loss > prev(loss)", (LOSSES > 1.5) & (shifted(LOSSES, np.nan) < LOSSES)),
        ("t % 4 == 0", np.arange(1, T + 1) % 4 == 0),
        ("t == T", np.arange(1, T + 1) == T),
        ("3 < 2", np.zeros(T, bool)),
        ("norm(3) == 3 and any(1 < 2) and finite(1)", np.ones(T, bool)),
    ],
)
def test_conditions(text: str, expected: np.ndarray) -> None:
    holds = evaluate_condition(RUN, text)
    assert holds.dtype == np.bool_
    assert holds.tolist() == expected.tolist()
    assert not holds.flags.writeable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("t * 2", np.arange(2.0, 2 * T + 1, 2)),
        ("c", C),
        ("f < 0.7", F < 0.7),
        ("norm(h)", np.linalg.norm(H, axis=1)),
        ("loss", LOSSES),
        ("rnn.loss", RUN.objective.losses(RUN.baseline.trace.y, RUN.sequence)),
        ("prev(h)", shifted(H, 0.0)),
        ("prev(prev(t))", [np.nan, np.nan, *range(1, T - 1)]),
        ("prev(f) - f", shifted(F, np.nan) - F),
        ("prev(prev(c[1]))", [np.nan, 0, *C[:-2, 1]]),
        ("prev(dh[0])", shifted(DH[:, 0], np.nan)),
    ],
)
def test_watches(text: str, expected: object) -> None:
    values = evaluate_watch(RUN, text)
    assert values.dtype == np.float64
    np.testing.assert_allclose(values, expected, rtol=1e-14)
    for t in (1, 2, T):
        np.testing.assert_allclose(watch_value(RUN, text, t), np.atleast_1d(values[t - 1]), rtol=1e-14)


def test_the_token_is_the_text_of_a_step() -> None:
    assert (np.flatnonzero(evaluate_condition(RUN, 'token == "l"')) + 1).tolist() == [3, 4, 9, 10]
    assert evaluate_condition(RUN, "(' ') != (token)").tolist() == [label != "␣" for label in "hello␣hello"]
    assert (np.flatnonzero(evaluate_condition(RUN, "prev(token == 'h')")) + 1).tolist() == [2, 8]
    numbers = analyse(replace(company_b(), sequence=parse_sequence("1, 0.50, 2", SequenceKind.NUMBERS)))
    assert evaluate_condition(numbers, 'token == "0.50"').tolist() == [False, True, False]


def test_layers_by_name_and_what_a_plain_name_means() -> None:
    def values(layer: str) -> list[float]:
        return LAYERS.trace[layer].f[:, 0, 1].tolist()

    assert evaluate_watch(LAYERS, "f[1]").tolist() == values("l0")
    assert evaluate_watch(LAYERS, "f[1]", layer="l1_reverse").tolist() == values("l1_reverse")
    assert evaluate_watch(LAYERS, "l1.f[1]", layer="l0_reverse").tolist() == values("l1")
    assert evaluate_watch(LAYERS, "l0_reverse.f[1]").tolist() == values("l0_reverse")
    rnn = LAYERS.baseline.trace
    assert evaluate_watch(LAYERS, "rnn.h[0]", layer="l1").tolist() == rnn["l1"].h[:, 0, 0].tolist()
    assert evaluate_watch(LAYERS, "rnn.l0_reverse.h[0]").tolist() == rnn["l0_reverse"].h[:, 0, 0].tolist()
    with pytest.raises(LstmvizError, match="no layer called 'l7'"):
        evaluate_condition(LAYERS, "t > 1", layer="l7")


def test_prev_is_one_step_earlier_in_time_in_every_layer() -> None:
    backwards = LAYERS.trace["l0_reverse"]
    assert isinstance(backwards, LSTMTrace)
    c = backwards.c[:, 0, 0]
    np.testing.assert_array_equal(evaluate_watch(LAYERS, "prev(l0_reverse.c[0])"), shifted(c, np.nan))


def test_prev_of_the_first_step_is_the_initial_state() -> None:
    trace = forward(RUN.network, np.ones((3, 5)), c0=np.full((1, 1, 8), 2.0), h0=np.full((1, 1, 8), 0.5))
    assert find(trace, "prev(c[0]) == 2 and prev(h[1]) == 0.5").tolist() == [True, False, False]
    assert not find(trace, "prev(f[0]) == prev(f[0]) or prev(f[0]) != 1")[0]


def test_a_comparison_with_nan_is_false() -> None:
    for operator in ("<", "<=", ">", ">=", "==", "!="):
        assert not evaluate_condition(RUN, f"0/0 {operator} 1").any()


def test_a_vanilla_rnn_alone() -> None:
    assert evaluate_watch(RNN, "h").tolist() == [1, 0.5, 0.25, 0.125, 0.0625]
    assert evaluate_watch(RNN, "dz").tolist() == [0.0625, 0.125, 0.25, 0.5, 1]
    assert evaluate_condition(RNN, "h < 0.3").tolist() == [False, False, True, True, True]


def test_the_norm_neither_overflows_nor_underflows() -> None:
    vanishing = analyse(linear_loop(1e-30, 12))
    norms = evaluate_watch(vanishing, "norm(dh)")
    np.testing.assert_allclose(norms, vanishing.gradients["l0"].h[:, 0, 0], rtol=1e-14)
    assert 0 < norms[1] < 1e-290
    exploding = analyse(linear_loop(1e30, 12))
    assert evaluate_watch(exploding, "norm(h)").tolist()[-1] == np.inf
    assert np.isfinite(evaluate_watch(exploding, "norm(h)")[:10]).all()
    assert evaluate_condition(exploding, "not finite(h)").tolist() == [False] * 11 + [True]


def test_long_runs_are_worked_through_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["c[0] * prev(c[0]) < 0", "prev(prev(t)) < 7", 'prev(token == "l")', "any(prev(prev(prev(h))) > 0.2)"]
    whole = [evaluate_condition(RUN, text).tolist() for text in texts]
    watch = evaluate_watch(RUN, "prev(h)")
    monkeypatch.setattr(condition_names, "_CHUNK_VALUES", 16)
    assert [evaluate_condition(RUN, text).tolist() for text in texts] == whole
    np.testing.assert_array_equal(evaluate_watch(RUN, "prev(h)"), watch)


def test_only_arrays_that_are_named_are_touched() -> None:
    touched = set()

    class Spy:
        def __getattr__(self, name: str) -> object:
            touched.add(name)
            return getattr(LSTM, name)

    trace = replace(RUN.trace, layers={"l0": Spy()})
    assert find(trace, "abs(c[0]) > 0").any()
    assert "c" in touched
    assert not touched & {"f", "i", "g", "o", "z", "z_f", "gates", "tanh_c"}


@pytest.mark.parametrize(
    ("text", "culprit", "messages"),
    [
        ("f < 0.1", "f < 0.1", ["8 answers a step", "any(f < 0.1)", "all(f < 0.1)"]),
        ("(c) ", "(c)", ["is a number, not a condition", "(c) > 0"]),
        ("any(c)", "c", ["condition is needed here", "c > 0"]),
        ("not c[0]", "c[0]", ["condition is needed here"]),
        ("t > 1 and c[0]", "c[0]", ["condition is needed here"]),
        ("max(f < 0.1, 2) > 0", "max(f < 0.1, 2)", ["takes 1 argument, here are 2"]),
        ("prev() > 0", "prev()", ["takes 1 argument, here are 0"]),
        ("f[8] < 1", "f[8]", ["no unit 8", "0 to 7"]),
        ("f[99999999999999999999] < 1", "f[99999999999999999999]", ["no unit"]),
        ("t[0] < 1", "t[0]", ["one value a step"]),
        ("x[0] * h > 1", "x[0] * h > 1", ["8 answers"]),
        ("any(x > h)", "x > h", ["5 and 8 units"]),
        ("fx > 1", "fx", ["Did you mean"]),
        ("qqqq > 1", "qqqq", ["z_f", "token"]),
        ("max > 1", "max", ["is a function"]),
        ("1 + l7.f[0] > 1", "l7", ["no layer “l7”", "l0 alone"]),
        ("l0.y[0] > 1", "l0.y", ["belongs to no layer"]),
        ("l0.qqq > 1", "qqq", ["no name that can be used"]),
        ("rnn.f[0] > 1", "f", ["vanilla RNN has no “f”"]),
        ("rnn.l9.h[0] > 1", "l9", ["no layer “l9”"]),
        ("rnn.h.l0.h > 1", "h.l0", ["no layer “h.l0”"]),
        ("f(2) < 1", "f", ["“f” is not a function that can be used here", "any, all"]),
        ("t(2) < 1", "t", ["is a value, not a function"]),
        ('__import__("os")', "__import__", ["is not a function"]),
        ("c.__class__ > 1", "c", ["no layer “c”"]),
        ("c.sum() > 1", "c.sum", ["is not a function"]),
        ("token", "token", ["text of a step"]),
        ("token > 1", "token", ["text of a step"]),
        ('token < "a"', "token", ["Compare it with a text"]),
        ('c[0] == "a"', '"a"', ["only be compared with token"]),
        ('"a" == "a"', '"a"', ["only be compared with token"]),
        ("token == 'a", "'", ["never closed"]),
        ("token = 'a'", "=", ["Write =="]),
        ("f[2] < ", "", ["ends too early"]),
        ("", "", ["Nothing is typed"]),
        ("  ", "  ", ["Nothing is typed"]),
        ("1 < " + "1" * MAX_CONDITION_CHARACTERS, "1111", ["304 characters, the limit is 300"]),
    ],
)
def test_a_mistake_is_marked_at_its_place_with_what_was_expected(text: str, culprit: str, messages: list[str]) -> None:
    for attempt in (evaluate_condition, check_condition):
        with pytest.raises(LstmvizError) as caught:
            attempt(RUN, text)
        error = caught.value
        assert error.span is not None
        assert text[slice(*error.span)] == culprit
        for message in messages:
            assert message in str(error)


def test_one_unit_needs_no_any() -> None:
    run = analyse(company_b())
    assert evaluate_condition(run, "f < 0.9").tolist() == (run.trace["l0"].f[:, 0, 0] < 0.9).tolist()


def test_a_network_without_a_baseline_has_no_rnn() -> None:
    with pytest.raises(LstmvizError, match="no vanilla RNN") as caught:
        evaluate_condition(RNN, "1 + rnn.h > 0")
    assert caught.value.span == (4, 7)


def test_a_watch_of_too_many_values_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert T * 8 < MAX_WATCH_VALUES
    monkeypatch.setattr("lstmviz.core.debugger.conditions.MAX_WATCH_VALUES", T * 8 - 1)
    with pytest.raises(LstmvizError, match="88 values over all steps; the limit is 87"):
        evaluate_watch(RUN, "c")
    assert evaluate_watch(RUN, "norm(c)").shape == (T,)


def test_find_in_a_trace() -> None:
    network = Network.create("lstm", input_size=3, hidden_size=4, seed=1)
    trace = forward(network, np.random.default_rng(0).standard_normal((6, 2, 3)))
    gradients = backward(trace, np.ones_like(trace.y))
    for sequence in (0, 1):
        f, dh = trace["l0"].f[:, sequence], gradients["l0"].h[:, sequence]
        assert find(trace, "any(f < 0.4)", sequence=sequence).tolist() == (f < 0.4).any(1).tolist()
        assert find(trace, "dh[0] > 1", gradients=gradients, sequence=sequence).tolist() == (dh[:, 0] > 1).tolist()
    with pytest.raises(LstmvizError, match="holds 2 sequences"):
        find(trace, "any(f < 0.4)")
    for text, says in [
        ("norm(dh) < 1", "only the forward pass is known"),
        ("norm(dy) < 1", "needs an objective"),
        ("loss < 1", "needs an objective"),
        ("token == 'a'", "has no tokens"),
        ("rnn.h[0] < 1", "no vanilla RNN"),
    ]:
        with pytest.raises(LstmvizError, match=says) as caught:
            find(trace, text, sequence=0)
        assert caught.value.span is not None
    assert find(RUN, "norm(dh) < 1").tolist() == evaluate_condition(RUN, "norm(dh) < 1").tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f[2] < 0.1", ("f[2]",)),
        ("any(abs(c) > 3)", ("abs(c)",)),
        ("c[0] * prev(c[0]) < 0", ("c[0] * prev(c[0])",)),
        ("not finite(c) or (1 < -h[1] and c[0] > max(h))", ("c", "-h[1]", "c[0]", "max(h)")),
        ("token == 'a' and t > 2 and t < 9", ("t",)),
        ("1 < 2", ()),
    ],
)
def test_the_numbers_that_a_condition_looks_at(text: str, expected: tuple[str, ...]) -> None:
    assert quantities(text) == expected


NAMES = ["x", "f", "z_f", "c", "tanh_c", "h", "dh", "dz_o", "y", "dy", "loss", "t", "T", "token", "rnn.h", "l0.c"]
PIECES = [
    *NAMES,
    *(f"{name}(" for name in FUNCTIONS),
    *"()[],.'\"<+-*/%^=:1é\ud800\x00\n",
    "f[2]",
    "f[9]",
    "rnn",
    "l1.",
]
PIECES += [
    '"l"',
    " and ",
    " or ",
    " not ",
    "==",
    "!=",
    "**",
    "9**9**9",
    "1e308",
    "99999999999999",
    "__class__",
    "lambda",
]


@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(st.sampled_from(PIECES), max_size=25).map("".join),
        st.recursive(
            st.sampled_from([*NAMES, "f[2]", "1", "'l'"]),
            lambda inner: st.one_of(
                st.tuples(inner, st.sampled_from(["<", "==", "!=", "*", "+", "**", " and ", " or "]), inner).map(
                    "".join
                ),
                st.tuples(st.sampled_from([*FUNCTIONS, "", "not ", "-"]), inner).map(lambda p: f"{p[0]}({p[1]})"),
            ),
            max_leaves=8,
        ),
    )
)
@example("9**9**9 > 0")
@example("(" * 299)
@example("prev(" * 40 + "c[0]" + ")" * 40 + " > 0")
@example("f[" + "9" * 290 + "] > 0")
@example("1" * 100_000)
@example("not " * 60 + "finite(c)")
def test_any_text_is_a_condition_or_a_marked_mistake(text: str) -> None:
    try:
        holds = evaluate_condition(RUN, text)
    except LstmvizError as error:
        assert error.span is not None  # noqa: PT017 - most texts are refused, some are not
        start, end = error.span
        assert 0 <= start <= end <= len(text)
        with pytest.raises(LstmvizError):
            check_condition(RUN, text)
    else:
        assert (holds.dtype, holds.shape) == (np.bool_, (T,))
        check_condition(RUN, text)
        check_watch(RUN, text)
        for quantity in quantities(text):
            check_watch(RUN, quantity)


def test_the_run_type_is_told_from_a_trace() -> None:
    assert isinstance(RUN, Run)
    with pytest.raises(LstmvizError, match="no layer called 'l3'"):
        find(RUN.trace, "t > 1", layer="l3")


def test_tokens_and_steps_are_those_that_the_what_ifs_leave() -> None:
    run = analyse(replace(letters(), what_ifs=(WhatIf(DeleteStep(1)),)))
    assert (np.flatnonzero(evaluate_condition(run, 'token == "l" or t == T')) + 1).tolist() == [2, 3, 8, 9, 10]
