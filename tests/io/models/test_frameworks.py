"""Files that PyTorch and Keras wrote (see make_fixtures.py), against the outputs of the frameworks themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lstmviz.core.engine.passes import forward
from lstmviz.core.networks.parameters import Nonlinearity
from lstmviz.io.models.model_file import Candidate, Kind
from lstmviz.io.models.reading import read_model

FIXTURES = Path(__file__).parent / "fixtures"

FLOAT64, FLOAT32 = 1e-12, 1e-6

OUTPUTS = {
    "bidirectional.pt": FLOAT64,
    "cell.pth": FLOAT64,
    "checkpoint.pt": FLOAT64,
    "whole_module.pth": FLOAT64,
    "relu_module.pt": FLOAT64,
    "relu_script.pt": FLOAT64,
    "script.pt": FLOAT64,
    "model.safetensors": FLOAT64,
    "characters.keras": FLOAT64,
    "both.h5": FLOAT64,
    "both.weights.h5": FLOAT64,
    "keras_2.hdf5": FLOAT64,
    "cudnn.h5": FLOAT64,
    "simple.h5": FLOAT32,  # Keras itself computes SimpleRNN with 32 bits here
    "old_layout.bin": FLOAT32,
    "bfloat16.pt": FLOAT32,
    "bfloat16.safetensors": FLOAT32,
    "exported.onnx": FLOAT32,
    "exported_stack.onnx": FLOAT32,
}


def only(name: str) -> Candidate:
    return read_model(FIXTURES / name).candidate()


@pytest.mark.parametrize(("name", "tolerance"), OUTPUTS.items())
def test_the_network_gives_the_outputs_of_the_framework(name: str, tolerance: float) -> None:
    candidate = only(name)
    stem = name.partition(".")[0]
    x, expected = np.load(FIXTURES / f"{stem}.x.npy"), np.load(FIXTURES / f"{stem}.y.npy")
    if x.dtype.kind == "i":
        assert candidate.embedding is not None
        assert candidate.head_name
        x = candidate.embedding.weight[x]
    assert candidate.network is not None
    y = forward(candidate.network, x).y[:, 0]
    assert candidate.network.dtype == (np.float64 if expected.dtype == np.float64 else np.float32)
    np.testing.assert_allclose(y, expected, rtol=0, atol=tolerance)
    assert abs(expected).max() > 0.03


def test_what_was_found_is_told() -> None:
    candidate = only("bidirectional.pt")
    found = (candidate.kind, candidate.num_layers, candidate.num_directions, candidate.input_size)
    assert found == (Kind.LSTM, 2, 2, 3)
    assert (candidate.hidden_size, candidate.output_size, candidate.proj_size) == (4, 8, 0)
    assert candidate.gate_order == "i, f, g, o"
    assert "weight_ih_l0" in candidate.gate_reason
    assert only("keras_2.hdf5").gate_order == "i, f, c, o"
    assert only("exported.onnx").gate_order == "i, o, f, c"
    assert only("old_layout.bin").biases == "none"
    assert only("both.h5").gate_biases["f"] == pytest.approx(1, abs=0.1)
    assert abs(only("both.h5").gate_biases["i"]) < 0.1


def test_names_are_those_of_the_modules_and_optimisers_are_left_aside() -> None:
    file = read_model(FIXTURES / "checkpoint.pt")
    (candidate,) = file.candidates
    assert candidate.name == "lstm"
    assert candidate.embedding is not None
    assert (candidate.embedding.name, candidate.head_name) == ("embedding", "decoder")
    assert any("optimizer_state_dict" in each for each in file.ignored)


def test_a_whole_module_and_its_script_tell_the_function_of_a_vanilla_rnn() -> None:
    for name in ("relu_module.pt", "relu_script.pt"):
        candidate = only(name)
        assert candidate.nonlinearity is Nonlinearity.RELU
        assert candidate.nonlinearity_known


def test_a_chain_of_keras_layers_is_one_network_with_its_functions_told() -> None:
    candidate = only("characters.keras")
    assert candidate.name == "lower → upper"
    assert candidate.num_layers == 2
    assert any("softmax" in note for note in candidate.notes)
    assert any("converted" in note for note in only("cudnn.h5").notes)
    assert any("weights alone" in note for note in only("both.weights.h5").notes)


@pytest.mark.parametrize(
    ("name", "words"),
    [("gru.pt", "GRU"), ("hard_sigmoid.keras", "hard_sigmoid")],
)
def test_what_the_engine_does_not_run_is_called_by_its_name(name: str, words: str) -> None:
    candidate = only(name)
    assert candidate.network is None
    assert words in candidate.refusal


def test_a_projection_runs() -> None:
    candidate = only("projected.pt")
    (weights,) = candidate.layers[0]
    assert weights.weight_hr is not None
    assert (candidate.proj_size, candidate.hidden_size, candidate.output_size) == (2, 4, 2)
    assert weights.weight_hr.shape == (2, 4)
    assert weights.weight_hh.shape == (16, 2)
    assert candidate.network is not None
    assert candidate.network.state_dict()["weight_hr_l0"].shape == (2, 4)
