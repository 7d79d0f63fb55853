"""Files of Keras made by hand: configurations that the fixtures do not have."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from lstmviz.core.engine.passes import forward
from lstmviz.core.errors import LstmvizError
from lstmviz.io.models import keras_file
from lstmviz.io.models.keras_config import parsed_config
from lstmviz.io.models.model_file import Candidate, ModelFile
from lstmviz.io.models.reading import read_model
from lstmviz.io.models.wording import facts


def layer(kind: str, name: str, **settings: Any) -> dict[str, Any]:
    return {"class_name": kind, "config": {"name": name, **settings}}


def recurrent(inputs: int, units: int, seed: int = 0) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    shapes = {"kernel:0": (inputs, 4 * units), "recurrent_kernel:0": (units, 4 * units), "bias:0": (4 * units,)}
    return {name: random.normal(size=shape) for name, shape in shapes.items()}


def saved(path: Path, layers: list[dict[str, Any]], **weights: dict[str, np.ndarray]) -> ModelFile:
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": {"layers": layers}})
        for name, arrays in weights.items():
            for each, array in arrays.items():
                file[f"model_weights/{name}/{name}/{each}"] = array
    return read_model(path)


def single(path: Path, entry: dict[str, Any]) -> Candidate:
    return saved(path, [entry], a=recurrent(3, 2)).candidate()


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (layer("LSTM", "a", activation="relu"), "the activation relu"),
        (layer("LSTM", "a", recurrent_activation={"class_name": "function", "config": "hard_sigmoid"}), "hard_sigmoid"),
        (layer("PeepholeLSTM", "a"), "PeepholeLSTM"),
        (layer("RNN", "a", cell=layer("PeepholeLSTMCell", "c")), "PeepholeLSTM"),
        (layer("Bidirectional", "a", merge_mode="ave", layer=layer("LSTM", "b")), "joined by ave"),
    ],
)
def test_what_the_engine_does_not_have_is_named(entry: dict[str, Any], words: str, tmp_path: Path) -> None:
    candidate = single(tmp_path / "model.h5", entry)
    assert candidate.network is None
    assert words in candidate.refusal


def test_settings_that_change_how_the_sequence_is_read_are_told(tmp_path: Path) -> None:
    candidate = single(tmp_path / "model.h5", layer("LSTM", "a", go_backwards=True, stateful=True))
    assert candidate.reads_backwards
    assert any("starts from zeros" in note for note in candidate.notes)
    assert single(
        tmp_path / "cell.h5", layer("RNN", "a", cell=layer("LSTMCell", "c"), go_backwards=True)
    ).reads_backwards


def test_layers_of_two_sizes_are_one_network_with_what_is_around_them(tmp_path: Path) -> None:
    layers = [
        layer("Embedding", "words"),
        layer("LSTM", "a"),
        layer("SpatialDropout1D", "d"),
        layer("LSTM", "b"),
        layer("Dense", "out", activation="linear"),
    ]
    table, out = {"embeddings:0": np.ones((9, 3))}, {"kernel:0": np.ones((4, 1)), "bias:0": np.ones(1)}
    file = saved(tmp_path / "m.h5", layers, words=table, a=recurrent(3, 2), b=recurrent(2, 4), out=out)
    (candidate,) = file.candidates
    assert (candidate.name, candidate.head_name) == ("a → b", "out")
    assert candidate.embedding is not None
    assert dict(facts(candidate))["Sizes"].startswith("3 inputs a step; 2 units → 4 units, 2 layers")
    assert candidate.network is not None
    assert [each.hidden_size for each in candidate.network.layers] == [2, 4]
    x = np.random.default_rng(0).normal(size=(5, 3))
    trace = forward(candidate.network, x)
    lower, upper = (replace(candidate.network, layers=(each,), head=None) for each in candidate.network.layers)
    np.testing.assert_array_equal(trace["l1"].h, forward(upper, forward(lower, x).y).y)


def test_a_dense_layer_with_others_behind_it_is_left_aside(tmp_path: Path) -> None:
    layers = [layer("LSTM", "a"), layer("Dense", "b", activation="relu"), layer("Dense", "c", activation="softmax")]
    dense = {"kernel:0": np.ones((2, 2)), "bias:0": np.ones(2)}
    file = saved(tmp_path / "m.h5", layers, a=recurrent(3, 2), b=dense, c=dense)
    assert file.candidate().head_name == ""
    assert "more layers" in file.candidate().notes[-1]
    assert file.ignored == ("the layer b", "the layer c")


def test_functional_models_are_chains_only_where_each_layer_reads_the_one_before() -> None:
    def entry(name: str, *reads: str) -> dict[str, Any]:
        nodes = [[[each, 0, 0, {}] for each in reads]] if reads else []
        return {**layer("LSTM", name), "inbound_nodes": nodes}

    def chained(*entries: dict[str, Any]) -> bool:
        config = parsed_config({"class_name": "Functional", "config": {"layers": list(entries)}})
        assert config is not None
        return config.chained

    assert chained(entry("in"), entry("a", "in"), entry("b", "a"))
    assert not chained(entry("in"), entry("a", "in"), entry("b", "in"))
    assert not chained(entry("in"), entry("a", "in"), entry("b", "a", "in"))
    keras_3 = {"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["in", 0, 0]}}], "kwargs": {}}
    assert chained(entry("in"), {**layer("LSTM", "a"), "inbound_nodes": [keras_3]})
    assert not chained(entry("in"), entry("a", "in"), {**layer("LSTM", "b"), "inbound_nodes": [keras_3]})


def test_kernels_that_do_not_go_together_are_refused(tmp_path: Path) -> None:
    wrong = recurrent(3, 2) | {"recurrent_kernel:0": np.ones((2, 9))}
    with pytest.raises(LstmvizError, match=r"\[2, 9\]"):
        saved(tmp_path / "m.h5", [layer("LSTM", "a")], a=wrong)
    with pytest.raises(LstmvizError, match="No recurrent layers"):
        saved(tmp_path / "n.h5", [layer("Dense", "a")], a={"kernel:0": np.ones((4, 1))})
    with h5py.File(tmp_path / "j.h5", "w") as file:
        file.attrs["model_config"] = "{"
    with pytest.raises(LstmvizError, match="not JSON"):
        read_model(tmp_path / "j.h5")


def test_configurations_nested_without_end_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some versions of Python read JSON that is nested deeper than functions may call themselves."""
    nested: list[Any] = []
    for _ in range(5_000):
        nested = [nested]
    entry = {**layer("LSTM", "a"), "inbound_nodes": nested}
    config = {"class_name": "Functional", "config": {"layers": [entry]}}
    monkeypatch.setattr(keras_file, "json_value", lambda text, where: config)
    with pytest.raises(LstmvizError, match="nested too deeply"):
        saved(tmp_path / "d.h5", [], a=recurrent(3, 2))


def test_layers_of_a_model_inside_the_model_do_not_mix(tmp_path: Path) -> None:
    inside = {**layer("Functional", "inner", layers=[layer("LSTM", "a"), layer("Dense", "b")])}
    first, dense = recurrent(3, 2), {"kernel:0": np.full((3, 8), 7.0), "bias:0": np.zeros(8)}
    with h5py.File(tmp_path / "m.h5", "w") as file:
        config = {"class_name": "Sequential", "config": {"layers": [inside]}}
        file.attrs["model_config"] = json.dumps(config)
        for name, arrays in (("a/lstm_cell", first), ("b", dense)):
            for each, array in arrays.items():
                file[f"model_weights/inner/{name}/{each}"] = array
    candidate = read_model(tmp_path / "m.h5").candidate()
    np.testing.assert_array_equal(candidate.layers[0][0].weight_ih, first["kernel:0"].T)
    assert candidate.nonlinearity_known
    assert candidate.head_name == ""
