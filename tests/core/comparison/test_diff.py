"""What differs between two runs: every number of the table against NumPy, and the first difference by brute force."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import lstmviz
from lstmviz.core.comparison.diff import Diff, diff, difference, diffing
from lstmviz.core.comparison.diff_words import Sides, details, exactly, headline, largest_in_words, value_in_words
from lstmviz.core.engine.trace import LSTMTrace, Trace
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.core.run import Run, analyse
from tests.experiments import company_b, letters, linear_loop, random_lstm


def with_bias(experiment: Experiment, forget_bias: float) -> Experiment:
    return replace(experiment, recipe=replace(experiment.recipe, forget_bias=forget_bias))


def with_node(run: Run, layer: str, node: str, t: int, unit: int, value: float) -> Run:
    """The same run with one number of the forward pass exchanged."""
    traced = run.trace[layer]
    array = getattr(traced, node).copy()
    array[t - 1 if len(array) == run.length else t, 0, unit] = value
    trace = replace(run.trace, layers={**run.trace.layers, layer: replace(traced, **{node: array})})
    return replace(run, main=replace(run.main, trace=trace))


def pair() -> tuple[Run, Run]:
    return analyse(letters()), analyse(with_bias(letters(), 2.5))


def test_the_table_is_what_numpy_says() -> None:
    a, b = pair()
    found = diff(a, b)
    assert list(found["l0"]) == ["x", "f", "i", "g", "o", "c", "h", "dc", "dh"]
    for symbol, row in found["l0"].items():
        values = (run.gradients["l0"] if symbol in ("dc", "dh") else run.trace["l0"] for run in (a, b))
        mine, theirs = (getattr(each, symbol.removeprefix("d"))[:, 0] for each in values)
        change = theirs - mine
        assert_array_equal(row.difference(), change)
        assert_allclose(row.norms, np.linalg.norm(change, axis=1), rtol=1e-12)
        assert row.largest == np.abs(change).max()
        assert row.largest == abs(change[row.t - 1, row.unit])
        assert_allclose(row.mean, np.abs(change).mean(), rtol=1e-12)
        assert row.relative == row.largest / np.abs(mine).max()
        assert row.differing == np.count_nonzero(change.any(axis=1))
        assert np.shares_memory(row.a, mine)
        assert np.shares_memory(row.b, theirs)
    assert found["l0"]["x"].same
    assert not found["l0"]["f"].same
    assert found.losses == (a.main.loss, b.main.loss)
    assert list(found.weights) == ["bias_ih_l0"]
    assert_allclose(
        found.weights["bias_ih_l0"],
        np.abs(b.network.state_dict()["bias_ih_l0"] - a.network.state_dict()["bias_ih_l0"]).max(),
    )


def test_equal_runs_have_no_difference() -> None:
    for one, other in ((analyse(letters()), analyse(letters())), (analyse(linear_loop(0.5, 4)),) * 2):
        found = diff(one, other)
        assert found.same
        assert found.first_forward is found.first_backward is None
        assert all(row.largest == row.relative == 0 and not row.difference().any() for row in found["l0"].values())
        assert headline(found) == "No difference: every number is the same, to the last bit."


def test_nan_equals_nan_and_infinity_itself() -> None:
    broken = linear_loop(1e200, 6)
    a, b = analyse(broken), analyse(broken)
    assert np.isinf(a.trace["l0"].h).any()
    assert diff(a, b).same
    with_nan = with_node(a, "l0", "h_states", 3, 0, np.nan)
    assert diff(with_nan, with_node(b, "l0", "h_states", 3, 0, np.nan)).same
    row = diff(a, with_nan)["l0"]["h"]
    assert np.isnan(row.largest)
    assert (row.t, row.unit, row.differing) == (3, 0, 1)
    assert "not a number in one of the two runs, first at step 3" in largest_in_words(row)
    assert_array_equal(
        difference(np.array([np.inf, np.inf, np.nan, 1.0]), np.array([np.inf, -np.inf, np.nan, 3.0])),
        [0, -np.inf, 0, 2],
    )


def test_norms_neither_overflow_nor_underflow() -> None:
    a = analyse(random_lstm(4, hidden_size=2))
    for size in (1e200, 1e-200):
        b = with_node(with_node(a, "l0", "c_states", 2, 0, size), "l0", "c_states", 2, 1, -size)
        zero = with_node(with_node(a, "l0", "c_states", 2, 0, 0.0), "l0", "c_states", 2, 1, 0.0)
        assert_allclose(diff(zero, b)["l0"]["c"].norms[1], np.sqrt(2) * size, rtol=1e-12)


@given(st.data())
def test_the_first_difference_is_the_first_in_the_order_of_computation(data: st.DataObject) -> None:
    """One, two or three numbers changed anywhere, the earliest found by looking at every number."""
    options = data.draw(st.sampled_from([{}, {"num_layers": 2}, {"bidirectional": True}]))
    a = analyse(random_lstm(5, hidden_size=2, **options))
    b, fields = a, {"z": 8, "gates": 8, "tanh_c": 2, "c_states": 2, "h_states": 2}
    for _ in range(data.draw(st.integers(1, 3))):
        node = data.draw(st.sampled_from(sorted(fields)))
        layer = data.draw(st.sampled_from(list(a.trace.layers)))
        reverse = a.trace[layer].reverse and node.endswith("states")
        t, unit = data.draw(st.integers(1, 5)), data.draw(st.integers(0, fields[node] - 1))
        b = with_node(b, layer, node, t - reverse, unit, 7.0)
    found = diff(a, b).first_forward
    expected = first_by_looking(a.trace, b.trace)
    assert found is not None
    assert (found.layer, found.node, found.t, found.unit) == expected
    assert found.b == 7.0


def first_by_looking(a: Trace, b: Trace) -> tuple[str, str, int, int]:
    places = []
    for number, (name, layer) in enumerate(a.layers.items()):
        for t in range(1, a.length + 1):
            position = a.length + 1 - t if layer.reverse else t
            when = (number, position) if a.network.bidirectional else (position, number)
            for order, node in enumerate(layer.NODES):
                for unit in range(2):
                    if getattr(layer, node)[t - 1, 0, unit] != getattr(b[name], node)[t - 1, 0, unit]:
                        places.append((when, order, unit, (name, node, t, unit)))
    return min(places)[-1]


def test_on_the_way_back_the_last_step_comes_first() -> None:
    a = analyse(random_lstm(6))
    b = replace(a, main=replace(a.main, gradients=changed_gradient(a, "z", 4, 9)))
    found = diff(a, b)
    assert found.first_forward is None
    first = found.first_backward
    assert first is not None
    assert (first.node, first.t, first.unit, first.gradient, first.b) == ("z_f", 4, 1, True, 7.0)
    assert headline(found).startswith(
        "The forward pass is the same. On the way back the first step that differs is step 4: the gradient of the sum "
        "that goes into the forget gate of unit 1, dL/dz_f[4], is"
    )


def changed_gradient(run: Run, node: str, t: int, unit: int):
    grads = run.gradients["l0"]
    array = getattr(grads, node).copy()
    array[t - 1, 0, unit] = 7.0
    return replace(run.gradients, layers={"l0": replace(grads, **{node: array})})


def test_initial_states_differ_before_the_first_step() -> None:
    network = lstmviz.Network.create("lstm", 2, 3, seed=1, bidirectional=True)
    x = np.random.default_rng(0).standard_normal((4, 1, 2))
    c0 = np.zeros((2, 1, 3))
    a = lstmviz.forward(network, x, c0=c0)
    c0[1, 0, 2] = 1.0
    found = diff(a, lstmviz.forward(network, x, c0=c0))
    first = found.first_forward
    assert first is not None
    assert (first.layer, first.node, first.t, first.unit, first.a, first.b) == ("l0_reverse", "c", 5, 2, 0.0, 1.0)
    assert headline(found).startswith("The initial cell state differs: c[5] of unit 2 in layer l0_reverse is 0 in the")
    assert found.losses is None
    assert "dc" not in found["l0"]


def test_traces_of_a_batch_need_a_sequence() -> None:
    network = lstmviz.Network.create("lstm", 2, 3, seed=1)
    x = np.random.default_rng(0).standard_normal((4, 2, 2))
    a = lstmviz.forward(network, x)
    x[2, 1] = 9.0
    b = lstmviz.forward(network, x)
    assert diff(a, b, sequence=0).same
    assert diff(a, b, sequence=1).first_forward.t == 3
    with pytest.raises(LstmvizError, match="holds 2 sequences"):
        diff(a, b)


def test_another_length_compares_the_common_steps() -> None:
    found = diff(analyse(random_lstm(7)), analyse(random_lstm(5)))
    assert found.length == 5
    assert len(found["l0"]["c"].a) == 5
    assert not found.same_length
    assert "7 steps before, 5 now: steps 1 to 5 are compared." in details(found, Sides("before", "now"))


def test_gradients_that_differ_alone_are_not_called_the_same() -> None:
    """A longer run of the same numbers: its loss lies at a later step."""
    found = diff(analyse(random_lstm(45, num_layers=2)), analyse(random_lstm(60, num_layers=2)))
    assert found.plain_forward is None
    assert found.plain_backward is not None
    assert headline(found).startswith("The forward pass is the same")
    assert "Every gradient is the same" not in details(found)


def test_an_input_of_another_size_is_left_out() -> None:
    found = diff(analyse(random_lstm(5, features=3)), analyse(random_lstm(5, features=2)))
    assert "x" not in found["l0"]
    assert "The inputs have 3 and 2 numbers a step, so x is not compared." in details(found)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (lambda: linear_loop(0.5, 4), "one is an LSTM and the other a vanilla RNN"),
        (lambda: random_lstm(4, num_layers=2), "one has 1 layer and the other 2 layers"),
        (lambda: random_lstm(4, bidirectional=True), "one is bidirectional and the other is not"),
        (lambda: random_lstm(4, hidden_size=5), "one has 8 units a layer and the other 5 units"),
    ],
)
def test_what_does_not_fit_is_said(other, words: str) -> None:
    with pytest.raises(LstmvizError, match=words):
        diff(analyse(random_lstm(4)), analyse(other()))


def test_a_vanilla_rnn_has_a_table_too() -> None:
    found = diff(analyse(linear_loop(0.5, 4)), analyse(linear_loop(0.25, 4)))
    assert list(found["l0"]) == ["x", "h", "dh"]
    assert found.first_forward is not None
    assert (found.first_forward.node, found.first_forward.t) == ("z", 2)
    assert_array_equal(found["l0"]["h"].difference()[:, 0], 0.25 ** np.arange(4) - 0.5 ** np.arange(4))


def test_it_works_in_pieces() -> None:
    a, b = pair()
    steps, fractions = diffing(a, b), []
    while True:
        try:
            fractions.append(next(steps))
        except StopIteration as end:
            result = end.value
            break
    assert isinstance(result, Diff)
    assert fractions == sorted(fractions)
    assert fractions[-1] <= 1


def test_sentences() -> None:
    a = analyse(company_b())
    changed = company_b().sequence.values.copy()
    changed[2] = 0.5
    b = analyse(replace(company_b(), sequence=replace(company_b().sequence, values=changed)))
    found, sides = diff(a, b), Sides("before", "now")
    assert (
        headline(found, sides) == "The first step that differs is step 3: the input, x[3], is 0.250 before, 0.500 now."
    )
    row = found["l0"]["f"]
    assert value_in_words(row, 2, 0, sides).endswith("no difference.")
    f_a, f_b = a.trace["l0"].f[2, 0, 0], b.trace["l0"].f[2, 0, 0]
    assert value_in_words(row, 3, 0, sides) == (
        f"f[3] of unit 0: {exactly(f_a, f_b)} before, {exactly(f_b, f_a)} now, difference +{f_b - f_a:.5f}."
    )
    assert details(found, sides).startswith("On the way back the first step that differs is step 4")
    losses = (exactly(a.main.loss, b.main.loss), exactly(b.main.loss, a.main.loss))
    assert f"The loss is {losses[0]} before and {losses[1]} now, a change of −0.000" in details(found, sides)


def test_as_many_digits_as_tell_two_numbers_apart() -> None:
    assert exactly(0.5, 0.75) == "0.500"
    assert exactly(1.00001, 1.00002) == "1.000010"
    assert exactly(0.1, np.nextafter(0.1, 1)) == "0.1"
    assert exactly(np.nextafter(0.1, 1), 0.1) == "0.10000000000000002"
    assert exactly(-0.25, -0.25) == "−0.250"
    assert exactly(float("nan"), 1.0) == "nan"
    assert exactly(float("-inf"), 1.0) == "−∞"


def test_rounding_is_called_rounding() -> None:
    a = analyse(random_lstm(4))
    c = a.trace["l0"].c_states
    b = with_node(a, "l0", "c_states", 2, 3, float(np.nextafter(c[2, 0, 3], 9)))
    found = diff(a, b)
    assert found.rounding_only
    assert headline(found).startswith("The two differ by rounding only. The first step that differs is step 2")
    farther = diff(a, with_node(b, "l0", "c_states", 4, 0, 5.0))
    assert not farther.rounding_only
    assert farther.first_forward.t == 2
    assert (farther.plain_forward.t, farther.plain_forward.node) == (4, "c")
    assert headline(farther).startswith("The first step that differs is step 4: the cell state of unit 0, c[4], is")
    assert headline(farther).endswith("Up to there they differ by rounding, from step 2 on.")


def test_nodes_have_words_for_every_node() -> None:
    a = analyse(random_lstm(3))
    for node in LSTMTrace.NODES:
        stacked = {"z": "z", "t": "tanh_c", "c": "c_states", "h": "h_states"}.get(node[0], "gates")
        unit = {"i": 0, "f": 8, "g": 16, "o": 24}.get(node[-1], 0) if stacked in ("z", "gates") else 0
        b = with_node(a, "l0", stacked, 2, unit, 9.0)
        first = diff(a, b).first_forward
        assert first is not None
        assert first.node == node
        assert "step 2" in headline(diff(a, b))
