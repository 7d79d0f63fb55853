"""ONNX: the official conformance cases of the ``onnx`` package, constants behind other nodes, and refusals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.backend.test.case.node import lstm, rnn
from onnx.reference import ReferenceEvaluator

from lstmviz.core.engine.passes import forward
from lstmviz.core.engine.trace import LSTMTrace
from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.network import Network
from lstmviz.io.models import limits
from lstmviz.io.models.model_file import Candidate, ModelFile
from lstmviz.io.models.reading import read_model
from lstmviz.io.models.wording import facts

Case = tuple[Any, dict[str, np.ndarray], list[np.ndarray]]


def official(monkeypatch: pytest.MonkeyPatch, module: Any, export: Callable[[], None]) -> Case:
    """Node, inputs by name and outputs of one of the official cases."""
    cases: list[Case] = []

    def record(node: Any, inputs: list[np.ndarray], outputs: list[np.ndarray], **_: Any) -> None:
        cases.append((node, dict(zip(filter(None, node.input), inputs, strict=True)), outputs))

    monkeypatch.setattr(module, "expect", record)
    export()
    (case,) = cases
    return case


def save(path: Path, nodes: list[Any], weights: dict[str, np.ndarray], **parts: Any) -> Path:
    constants = [numpy_helper.from_array(array, name) for name, array in weights.items()]
    inputs = [helper.make_tensor_value_info("X", TensorProto.FLOAT, None)]
    outputs = [helper.make_tensor_value_info(nodes[-1].output[-1], TensorProto.FLOAT, None)]
    graph = helper.make_graph(nodes, "g", inputs, outputs, constants, **parts)
    onnx.save(helper.make_model(graph), path)
    return path


def read_case(path: Path, case: Case) -> Candidate:
    node, inputs, _ = case
    return read_model(save(path, [node], {n: a for n, a in inputs.items() if n != "X"})).candidate()


def official_output(case: Case, candidate: Candidate) -> np.ndarray:
    """The last hidden state [D, B, H] of a case."""
    node, _, outputs = case
    last = outputs[list(filter(None, node.output)).index("Y_h")]
    layout = next((each.i for each in node.attribute if each.name == "layout"), 0)
    return (last.swapaxes(0, 1) if layout else last).reshape(candidate.num_directions, -1, candidate.hidden_size)


def steps_first(case: Case, candidate: Candidate) -> np.ndarray:
    node, inputs, _ = case
    layout = next((each.i for each in node.attribute if each.name == "layout"), 0)
    x = inputs["X"].swapaxes(0, 1) if layout else inputs["X"]
    return x[::-1] if candidate.reads_backwards else x


CASES = [
    (module, case, name)
    for module, case in ((lstm, lstm.LSTM), (rnn, rnn.RNN))
    for name in ("defaults", "initial_bias", "batchwise", "reverse", "bidirectional")
] + [(lstm, lstm.LSTM, "peepholes")]


@pytest.mark.parametrize(("module", "case", "name"), CASES, ids=lambda value: getattr(value, "__name__", value))
def test_official_cases(module: Any, case: Any, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = official(monkeypatch, module, getattr(case, f"export_{name}"))
    candidate = read_case(tmp_path / "case.onnx", found)
    assert candidate.network is not None
    trace = forward(candidate.network, steps_first(found, candidate))
    last = [layer.h[0 if each.endswith("_reverse") else -1] for each, layer in trace.layers.items()]
    np.testing.assert_allclose(np.stack(last), official_output(found, candidate), rtol=0, atol=1e-6)
    assert candidate.reads_backwards == (name == "reverse")


def test_official_peepholes_that_differ_are_in_the_order_of_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = official(monkeypatch, lstm, lstm.LSTM.export_peepholes)
    node, inputs, _ = found
    # the official case has all peepholes alike; with different ones the order shows
    inputs["P"] = np.linspace(-2, 2, inputs["P"].size, dtype=np.float32).reshape(inputs["P"].shape)
    given = {name: inputs[name] for name in ("X", "W", "R", "B", "P")}
    expected = lstm.LSTMHelper(**given).step()[1]
    candidate = read_case(tmp_path / "case.onnx", found)
    assert candidate.network is not None
    assert "Peepholes" in dict(facts(candidate))["Own parts"]
    trace = forward(candidate.network, inputs["X"])
    np.testing.assert_allclose(trace.y[-1], np.reshape(expected, trace.y[-1].shape), rtol=0, atol=1e-6)
    assert node.op_type == "LSTM"


def test_onnxs_own_reference_agrees_with_two_directions_and_peepholes(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    shapes = {"W": (2, 16, 3), "R": (2, 16, 4), "B": (2, 32), "P": (2, 12)}
    given = {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    inputs = ["X", "W", "R", "B", "", "", "", "P"]
    node = helper.make_node("LSTM", inputs, ["lstm_Y"], name="lstm", hidden_size=4, direction="bidirectional")
    path = save(tmp_path / "both.onnx", [node], given)
    x = random.normal(size=(6, 2, 3)).astype(np.float32)
    (expected,) = ReferenceEvaluator(node).run(None, {"X": x} | given)  # [T, directions, B, H]
    network = read_model(path).candidate().network
    assert network is not None
    trace = forward(network, x)
    np.testing.assert_allclose(trace["l0"].h, expected[:, 0], rtol=0, atol=1e-6)
    np.testing.assert_allclose(trace["l0_reverse"].h, expected[:, 1], rtol=0, atol=1e-6)


def test_input_forget_makes_the_forget_gate_one_minus_the_input_gate(tmp_path: Path) -> None:
    candidate = read_model(save(tmp_path / "coupled.onnx", [lstm_node(input_forget=1)], weights())).candidate()
    assert candidate.network is not None
    assert "f = 1 − i" in dict(facts(candidate))["Own parts"]
    trace = forward(candidate.network, np.ones((3, 3)))["l0"]
    assert isinstance(trace, LSTMTrace)
    np.testing.assert_allclose(trace.f, 1 - trace.i, rtol=0, atol=1e-6)
    np.testing.assert_allclose(trace.i, 1 / (1 + np.exp(-trace.z_i)), rtol=0, atol=1e-6)


def weights(seed: int = 0) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    return {
        "W": random.normal(size=(1, 8, 3)).astype(np.float32),
        "R": random.normal(size=(1, 8, 2)).astype(np.float32),
        "B": random.normal(size=(1, 16)).astype(np.float32),
    }


def lstm_node(name: str = "lstm", inputs: list[str] | None = None, **attributes: Any) -> Any:
    return helper.make_node(
        "LSTM", inputs or ["X", "W", "R", "B"], [f"{name}_Y"], name=name, hidden_size=2, **attributes
    )


def test_weights_behind_other_nodes_are_folded(tmp_path: Path) -> None:
    given = weights()
    plain = read_model(save(tmp_path / "plain.onnx", [lstm_node()], given)).candidate().network
    parts = {
        "whole": np.concatenate([given["W"][0], given["R"][0]], 1).T.astype(np.float64),
        "B": given["B"],
        "zero": np.array([0]),
        "three": np.array([3]),
        "five": np.array([5]),
    }
    nodes = [
        helper.make_node("Transpose", ["whole"], ["turned"], perm=[1, 0]),
        helper.make_node("Cast", ["turned"], ["both"], to=TensorProto.FLOAT),
        helper.make_node("Constant", [], ["one"], value=numpy_helper.from_array(np.array([1]))),
        helper.make_node("Slice", ["both", "zero", "three", "one"], ["left"]),
        helper.make_node("Slice", ["both", "three", "five", "one"], ["right"]),
        helper.make_node("Unsqueeze", ["left", "zero"], ["W"]),
        helper.make_node("Unsqueeze", ["right", "zero"], ["R"]),
        lstm_node(),
    ]
    folded = read_model(save(tmp_path / "folded.onnx", nodes, parts)).candidate().network
    assert plain is not None
    assert folded == plain


def test_the_same_node_in_two_branches_is_one(tmp_path: Path) -> None:
    def branch(name: str) -> Any:
        node = lstm_node(name)
        return helper.make_graph(
            [node], name, [], [helper.make_tensor_value_info(node.output[0], TensorProto.FLOAT, None)]
        )

    node = helper.make_node("If", ["condition"], ["Y"], then_branch=branch("yes"), else_branch=branch("no"))
    file = read_model(save(tmp_path / "if.onnx", [node], weights()))
    assert len(file.candidates) == 1
    assert any("the same weights" in each for each in file.ignored)


def test_initialisers_under_pytorchs_names_are_in_its_order(tmp_path: Path) -> None:
    network = Network.create("lstm", 3, 2, dtype=np.float32)
    nodes = [helper.make_node("MatMul", ["X", "lstm.weight_ih_l0"], ["Y"])]
    path = save(tmp_path / "names.onnx", nodes, {f"lstm.{name}": a for name, a in network.state_dict().items()})
    assert read_model(path).candidate().network == network


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"clip": 3.0}, "clip at 3"),
        ({"activations": ["HardSigmoid", "Tanh", "Tanh"]}, "HardSigmoid"),
    ],
)
def test_unusual_nodes_are_refused_by_name(attributes: dict[str, Any], words: str, tmp_path: Path) -> None:
    candidate = read_model(save(tmp_path / "unusual.onnx", [lstm_node(**attributes)], weights())).candidate()
    assert candidate.network is None
    assert words in candidate.refusal


def read_broken(path: Path, nodes: list[Any], given: dict[str, np.ndarray]) -> str:
    with pytest.raises(LstmvizError) as caught:
        read_model(save(path, nodes, given))
    return str(caught.value)


def test_weights_that_are_not_in_the_file(tmp_path: Path) -> None:
    given = weights()
    without = {name: array for name, array in given.items() if name != "W"}
    assert "is an input of the model" in read_broken(tmp_path / "a.onnx", [lstm_node()], without)
    quantised = helper.make_node("DequantizeLinear", ["Q", "scale"], ["W"])
    assert "DequantizeLinear" in read_broken(tmp_path / "b.onnx", [quantised, lstm_node()], without)
    loop = helper.make_node("Identity", ["W"], ["W"])
    assert "Identity" in read_broken(tmp_path / "c.onnx", [loop, lstm_node()], without)


def test_external_data_is_told_and_never_opened(tmp_path: Path) -> None:
    path = save(tmp_path / "external.onnx", [lstm_node()], weights())
    model = onnx.load(path)
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", str(Path(__file__))
    path.write_bytes(model.SerializeToString())
    with pytest.raises(LstmvizError, match="external data"):
        read_model(path)


def test_shapes_that_promise_more_than_there_is(tmp_path: Path) -> None:
    path = save(tmp_path / "huge.onnx", [lstm_node()], weights())
    model = onnx.load(path)
    model.graph.initializer[0].dims[:] = [1, 10**9, 3]
    path.write_bytes(model.SerializeToString())
    with pytest.raises(LstmvizError, match="1000000000"):
        read_model(path)
    misfit = weights() | {"R": np.ones((1, 8, 3), np.float32)}
    assert "[1, 12, 3]" in read_broken(tmp_path / "misfit.onnx", [lstm_node()], misfit)


def test_attributes_of_another_type_are_refused(tmp_path: Path) -> None:
    assert "The attribute direction" in read_broken(tmp_path / "a.onnx", [lstm_node(direction=3)], weights())
    assert "The attribute clip" in read_broken(tmp_path / "b.onnx", [lstm_node(clip="x")], weights())
    assert "The direction 'up'" in read_broken(tmp_path / "c.onnx", [lstm_node(direction="up")], weights())


def test_a_concatenation_that_doubles_itself_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_BYTES", 2**24)
    nodes = [helper.make_node("Concat", [f"d{n}", f"d{n}"], [f"d{n + 1}"], axis=0) for n in range(40)]
    given = {"d0": np.zeros((1024, 8), np.float32), **{n: a for n, a in weights().items() if n != "W"}}
    nodes += [helper.make_node("Identity", ["d40"], ["W"]), lstm_node()]
    assert "of memory" in read_broken(tmp_path / "bomb.onnx", nodes, given)


def stacked(tmp_path: Path, between: list[Any], second: dict[str, np.ndarray]) -> ModelFile:
    given = weights() | {f"{name}2": array for name, array in second.items()} | {"axis": np.array([1])}
    upper = lstm_node("upper", ["below", "W2", "R2", "B2"])
    return read_model(save(tmp_path / "stack.onnx", [lstm_node("lower"), *between, upper], given))


def test_nodes_that_follow_each_other_are_one_network_only_where_they_fit(tmp_path: Path) -> None:
    squeeze = [helper.make_node("Squeeze", ["lower_Y", "axis"], ["below"])]
    random = np.random.default_rng(1)
    fits = {"W": random.normal(size=(1, 8, 2)).astype(np.float32), **{k: weights(1)[k] for k in ("R", "B")}}
    (candidate,) = stacked(tmp_path, squeeze, fits).candidates
    assert candidate.name == "lower → upper"
    assert candidate.num_layers == 2
    wider = {
        "W": np.ones((1, 12, 2), np.float32),
        "R": np.ones((1, 12, 3), np.float32),
        "B": np.ones((1, 24), np.float32),
    }
    (candidate,) = stacked(tmp_path, squeeze, wider).candidates
    assert candidate.network is not None
    assert [layer.hidden_size for layer in candidate.network.layers] == [2, 3]
    misfit = {"W": np.ones((1, 8, 3), np.float32), **{k: weights(1)[k] for k in ("R", "B")}}
    file = stacked(tmp_path, squeeze, misfit)
    assert [each.name for each in file.candidates] == ["lower", "upper"]
    assert "sizes do not fit" in file.candidates[0].notes[-1]
    relu = [helper.make_node("Relu", ["lower_Y"], ["r"]), helper.make_node("Squeeze", ["r", "axis"], ["below"])]
    assert len(stacked(tmp_path, relu, fits).candidates) == 2
