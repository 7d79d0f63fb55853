"""Self-test of an opened model: the error and its place, what counts as rounding, and causes that were tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstmviz.core.engine.passes import forward
from lstmviz.core.engine.trace import LSTMTrace
from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.network import Network
from lstmviz.io.models import self_test_causes
from lstmviz.io.models.finishing import finished
from lstmviz.io.models.hard_sigmoid import hard_sigmoid_steps
from lstmviz.io.models.model_file import Candidate, DirectionWeights, Embedding, Kind
from lstmviz.io.models.reading import read_model
from lstmviz.io.models.self_test import self_test
from lstmviz.io.models.self_test_files import pair_of, read_numbers, self_test_files

FIXTURES = Path(__file__).parent / "fixtures"
FRAMEWORKS = sorted(
    path.name
    for path in FIXTURES.iterdir()
    if path.suffix != ".npy" and (FIXTURES / f"{path.name.partition('.')[0]}.x.npy").exists()
)
X = np.random.default_rng(0).standard_normal((7, 5, 3))


def candidate(network: Network, gate_order: str = "i, f, g, o") -> Candidate:
    """What a reader would have found in a file with this network."""
    layers = tuple(
        tuple(DirectionWeights(p.weight_ih, p.weight_hh, p.bias_ih, p.bias_hh) for p in layer.directions)
        for layer in network.layers
    )
    return Candidate("net", Kind.LSTM, layers, gate_order, "a test", "two", network=network)


NETWORK = Network.create("lstm", 3, 3, output_size=2, seed=1)
PLAIN = candidate(NETWORK)


def softmax(y: np.ndarray) -> np.ndarray:
    return np.exp(y) / np.exp(y).sum(-1, keepdims=True)


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_what_pytorch_and_keras_computed_is_rounding_away_from_ours(name: str) -> None:
    found = read_model(FIXTURES / name).candidate()
    x, y = (np.load(FIXTURES / f"{name.partition('.')[0]}.{part}.npy") for part in "xy")
    result = self_test(found, x, y)
    if name == "simple.h5":  # Keras itself computes SimpleRNN with 32 bits here
        assert result.cause is not None
        assert result.cause.rounding
        assert "to some seven digits" in result.verdict
    else:
        assert result.passed, result.verdict
        assert result.tolerance < 2e-5


def test_the_largest_error_and_its_place() -> None:
    y = forward(NETWORK, X).y.copy()
    y[3, 2, 1] += 2
    y[5, 0, 0] = -y[5, 0, 0]
    result = self_test(PLAIN, X, y)
    assert result.largest == pytest.approx(2)
    assert (result.place.t, result.place.sequence, result.place.output) == (4, 2, 1)
    assert "step 4, sequence 2, output 1" in result.verdict
    assert (result.relative_place.t, result.largest_relative) == (6, pytest.approx(2))
    assert result.steps == tuple(range(1, 8))
    assert result.step_errors[3] == pytest.approx(2)
    assert result.step_errors[[0, 1, 2, 4, 6]].max() == 0
    assert not result.passed


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("sequences", [5, 1])
@pytest.mark.parametrize("part", ["y", "last y", "h", "last h"])
def test_every_way_to_write_the_output(part: str, sequences: int, batch_first: bool) -> None:
    network = Network.create("lstm", 3, 4, output_size=2)
    x = X[:, :sequences]
    trace = forward(network, x)
    y: Any = trace["l0"].h if part.endswith("h") else trace.y
    y = y[-1] if part.startswith("last") else y.swapaxes(0, 1) if batch_first else y
    given = x.swapaxes(0, 1) if batch_first else x
    forms = [y, np.squeeze(y, 0 if batch_first and y.ndim == 3 else -2)] if sequences == 1 else [y]
    for expected in forms:
        result = self_test(candidate(network), given, expected, batch_first=batch_first)
        assert result.largest == 0
        assert ("h of the top layer" in result.compared) == part.endswith("h")
        assert ("every step" in result.compared) != part.startswith("last")


def test_a_single_output_needs_no_axis() -> None:
    network = Network.create("lstm", 1, 4, output_size=1)
    x = X[:, 0, 0]
    assert self_test(candidate(network), x, forward(network, x[:, None]).y[:, 0, 0]).largest == 0


@pytest.mark.parametrize(
    ("dtype", "saved", "largest", "passed"),
    [
        ("f8", "f8", 1e-11, True),
        ("f8", "f8", 1e-9, False),
        ("f4", "f4", 3e-6, True),
        ("f4", "f4", 1e-4, False),
        ("f8", "f4", 3e-6, True),
        ("f4", "f2", 0.0, True),
        ("f8", "f4", 1e-4, False),
    ],
)
def test_what_counts_as_rounding_follows_the_digits(dtype: str, saved: str, largest: float, passed: bool) -> None:
    network = Network.create("lstm", 3, 3, output_size=2, seed=1, dtype=np.dtype(dtype))
    y = (forward(network, X).y.astype("f8") + largest).astype(saved).astype("f8")
    assert self_test(candidate(network), X, y).passed is passed
    assert self_test(candidate(network), X, y, tolerance=1.0).passed


def test_rounding_grows_with_the_size_of_the_output() -> None:
    large = NETWORK.with_parameters({"head.weight": NETWORK.state_dict()["head.weight"] * 1e6})
    assert self_test(candidate(large), X, forward(large, X).y + 1e-6).passed


def test_outputs_smaller_than_the_tolerance_are_not_expected_whatever_they_are() -> None:
    head = NETWORK.state_dict()["head.weight"]
    network = NETWORK.with_parameters({"head.weight": head * 1e-13, "head.bias": np.zeros(2)})
    right, y = candidate(network), forward(network, X).y
    assert self_test(right, X, y).passed
    result = self_test(right, X, y[::-1])
    assert not result.passed
    assert "a 20th of how much the expected numbers differ" in result.verdict


def test_probabilities_of_many_tokens_do_not_make_softmax_the_cause_of_anything() -> None:
    network = Network.create("lstm", 3, 4, output_size=50_000)
    network = network.with_parameters({"head.weight": network.state_dict()["head.weight"] * 0.01})
    x = X[:2, :1]
    wrong = softmax(np.random.default_rng(5).standard_normal((2, 1, 50_000)) * 0.01)
    assert wrong.max() < 1e-4
    assert self_test(candidate(network), x, wrong.astype("f4")).cause is None
    right = softmax(forward(network, x).y)
    assert "softmax" in self_test(candidate(network), x, right.astype("f4")).advice


def changed(change: Callable[[dict[str, np.ndarray]], dict[str, Any]]) -> np.ndarray:
    """y of the network with other weights: what the true model gives where the file was misunderstood."""
    return forward(Network.from_state_dict(NETWORK.state_dict() | change(NETWORK.state_dict())), X).y


def blocks(array: np.ndarray, order: list[int]) -> np.ndarray:
    return np.concatenate([np.split(array, 4)[place] for place in order])


def reordered(order: list[int]) -> Callable[[dict[str, np.ndarray]], dict[str, Any]]:
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    return lambda arrays: {name: blocks(arrays[name], order) for name in names}


def transposed(*names: str) -> Callable[[dict[str, np.ndarray]], dict[str, Any]]:
    return lambda arrays: {name: np.concatenate([block.T for block in np.split(arrays[name], 4)]) for name in names}


Y = forward(NETWORK, X).y
TOP = forward(NETWORK, X)["l0"]
assert isinstance(TOP, LSTMTrace)


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        (softmax(Y), "puts softmax on its output"),
        (1 / (1 + np.exp(-Y)), "puts sigmoid on its output"),
        (np.log(softmax(Y)), "puts log-softmax on its output"),
        (softmax(Y[-1]), "puts softmax on its output"),
        (TOP.c, "the cell state c of the top layer, every step"),
        (TOP.c[-1], "the cell state c of the top layer, the last step"),
        (np.concatenate([Y[:1], Y[:-1]]), "one step late"),
        (np.concatenate([Y[1:], Y[-1:]]), "one step early"),
        (forward(NETWORK, X[::-1]).y, "reads the steps in reverse"),
        (changed(reordered([1, 0, 2, 3])), "in the order f, i, g, o in the file, not i, f, g, o"),
        (softmax(changed(reordered([0, 2, 1, 3]))), "puts softmax"),
        (changed(transposed("weight_hh_l0")), "The recurrent weights lie transposed"),
        (changed(transposed("weight_hh_l0", "weight_ih_l0")), "All weights lie transposed"),
        (changed(lambda a: {"bias_hh_l0": 0 * a["bias_hh_l0"]}), "bias_ih"),
        (changed(lambda a: {"bias_ih_l0": a["bias_ih_l0"] + np.repeat([0, 1, 0, 0], 3)}), "adds 1 to the bias"),
    ],
)
def test_a_cause_is_tried_and_named(expected: np.ndarray, words: str) -> None:
    result = self_test(PLAIN, X, expected)
    assert not result.passed
    assert result.cause is not None
    assert words in result.advice
    assert result.cause.largest <= result.tolerance


@pytest.mark.parametrize("slope", [0.2, 1 / 6])
def test_hard_sigmoid_is_found_in_stacked_networks_of_both_directions(slope: float) -> None:
    network = Network.create("lstm", 3, 4, num_layers=2, bidirectional=True, output_size=2)
    steps = hard_sigmoid_steps(network, X, slope)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            y = end.value.y
            break
    result = self_test(candidate(network), X, y)
    assert result.cause is not None
    assert "hard_sigmoid" in result.cause.words


def test_the_last_state_of_each_direction_is_that_of_keras() -> None:
    network = Network.create("lstm", 3, 4, bidirectional=True, output_size=2)
    trace = forward(network, X)
    last = np.concatenate([trace["l0"].h[-1], trace["l0_reverse"].h[0]], -1)
    assert network.head is not None
    result = self_test(candidate(network), X, last @ network.head.weight.T + network.head.bias)
    assert result.cause is not None
    assert "each direction's own last step" in result.cause.words


def test_the_batch_first_is_found_where_the_shapes_do_not_tell_it() -> None:
    x = X[:5]
    y = forward(NETWORK, x.swapaxes(0, 1)).y.swapaxes(0, 1)
    result = self_test(PLAIN, x, y)
    assert result.cause is not None
    assert "sequences come first" in result.cause.words


def test_relu_of_a_vanilla_rnn() -> None:
    network = Network.create("rnn", 3, 4, nonlinearity="relu")
    guessed = Network.from_state_dict(network.state_dict())
    result = self_test(replace(candidate(guessed), kind=Kind.RNN), X, forward(network, X).y)
    assert result.cause is not None
    assert "function of the vanilla RNN is relu" in result.cause.words


def test_long_runs_are_tried_on_their_first_steps_and_then_wholly() -> None:
    x = np.random.default_rng(1).standard_normal((2, 600, 3))
    other = Network.from_state_dict(reordered([0, 1, 3, 2])(NETWORK.state_dict()) | {
        name: array for name, array in NETWORK.state_dict().items() if name.startswith("head")
    })  # fmt: skip
    y = forward(other, x.swapaxes(0, 1)).y.swapaxes(0, 1)
    result = self_test(PLAIN, x, y, batch_first=True)
    assert result.cause is not None
    assert "in the order i, f, o, g" in result.cause.words
    y = y.copy()
    y[1, 599] += 1
    assert self_test(PLAIN, x, y, batch_first=True).cause is None


def test_without_a_cause_what_was_tried_is_told() -> None:
    result = self_test(PLAIN, X, Y + np.random.default_rng(2).standard_normal(Y.shape))
    assert result.cause is None
    for words in ("None of the usual causes", "softmax", "every order of the gates", "hard_sigmoid", "transposed"):
        assert words in result.advice


def test_a_large_network_is_tried_with_fewer_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(self_test_causes, "_MOST_WORK", 1)
    result = self_test(PLAIN, X, Y + 1)
    assert "transposed weights" in result.tried
    assert "every order of the gates" not in result.tried


def test_tokens_go_through_the_embedding() -> None:
    table = np.random.default_rng(3).standard_normal((6, 3))
    found = replace(PLAIN, embedding=Embedding("words", table))
    tokens = np.array([0, 5, 2, 2])
    y = forward(NETWORK, table[tokens]).y
    assert self_test(found, tokens, y).passed
    assert self_test(found, tokens[:, None].astype(float), y).passed
    with pytest.raises(LstmvizError, match="“words” has 0 to 5"):
        self_test(found, tokens + 1, y)


def test_a_network_that_reads_backwards() -> None:
    found = replace(PLAIN, reads_backwards=True)
    assert self_test(found, X, forward(NETWORK, X[::-1]).y).passed


@pytest.mark.parametrize(
    ("x", "expected", "message"),
    [
        (X, np.zeros((7, 5, 4)), r"\[7, 5, 4\].*\[7, 5, 2\] or \[5, 2\] or \[7, 5, 3\] or \[5, 3\]"),
        (X, np.zeros((7, 2)), "It fits if sequences come first"),
        (X, np.full((7, 5, 2), np.nan), r"\[0, 0, 0\] is not finite \(the expected output\)"),
        (X * np.inf, Y, r"not finite \(x\)"),
        (X, np.array(["a"]), "type <U1"),
        (X[:0], Y, "empty"),
        (X[..., :2], Y, r"\[7, 5, 2\].*\[steps, 3\]"),
    ],
)
def test_what_cannot_be_compared(x: np.ndarray, expected: np.ndarray, message: str) -> None:
    with pytest.raises(LstmvizError, match=message):
        self_test(PLAIN, x, expected)


def test_a_network_that_cannot_be_run_says_why() -> None:
    gru = read_model(FIXTURES / "gru.pt").candidate()
    with pytest.raises(LstmvizError, match="This is a GRU"):
        self_test(finished(gru), X, Y)


ONE = Network.create("lstm", 2, 3, output_size=1)
ROWS = X[:, 0, :2]
OUT = forward(ONE, ROWS).y[:, 0]


def csv(path: Path, digits: str = "%.17g", header: str = "row,a,b,y") -> Path:
    np.savetxt(path, np.column_stack([range(7), ROWS, OUT]), digits, ",", header=header, comments="")
    return path


def test_a_column_of_the_same_table_is_expected(tmp_path: Path) -> None:
    found = candidate(ONE)
    path = csv(tmp_path / "data.csv")
    assert self_test_files(found, path).largest < 1e-15
    path = csv(tmp_path / "data.csv", header="row,a,b,price")
    assert self_test_files(found, path, parts=["price"]).largest < 1e-15
    with pytest.raises(LstmvizError, match=r"It is not clear which column.*a, b, price"):
        self_test_files(found, path)
    with pytest.raises(LstmvizError, match=r"no column of numbers “z” \(data.csv\).*a, b, price"):
        self_test_files(found, path, parts=["z"])


def test_few_decimals_in_a_text_are_rounding(tmp_path: Path) -> None:
    path = csv(tmp_path / "data.csv")
    written = tmp_path / "y.csv"
    np.savetxt(written, OUT, "%.4f")
    numbers = read_numbers(path)
    np.save(tmp_path / "x.npy", ROWS)
    result = self_test_files(candidate(ONE), tmp_path / "x.npy", written)
    assert 1e-6 < result.largest <= 5e-5
    assert result.passed
    assert "4 decimals" in result.verdict
    assert list(numbers.parts) == ["a", "b", "y"]


def test_arrays_of_one_file(tmp_path: Path) -> None:
    found = candidate(NETWORK)
    np.savez(tmp_path / "both.npz", x=X, y=Y)
    assert self_test_files(found, tmp_path / "both.npz").passed
    np.savez(tmp_path / "named.npz", before=X, after=Y)
    assert self_test_files(found, tmp_path / "named.npz", parts=["after"]).passed
    with pytest.raises(LstmvizError, match="which array"):
        self_test_files(found, tmp_path / "named.npz")
    np.savez(tmp_path / "y.npz", after=Y, other=X)
    np.save(tmp_path / "x.npy", X)
    assert self_test_files(found, tmp_path / "x.npy", tmp_path / "y.npz", parts=["after"]).passed
    with pytest.raises(LstmvizError, match=r"There is no array “z” \(y.npz\).*after, other"):
        self_test_files(found, tmp_path / "x.npy", tmp_path / "y.npz", parts=["z"])
    given = read_numbers(tmp_path / "named.npz")
    assert pair_of(given, None, ["after"], "before").x.shape == X.shape
    with pytest.raises(LstmvizError, match="Nothing is left for the input"):
        self_test_files(found, tmp_path / "x.npy", parts=[""])
