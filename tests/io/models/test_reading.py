"""Opening models: kinds by content, several in one file, layers around the network, and ``load_network``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import Nonlinearity
from lstmviz.io.models.reading import load_network, read_model

FIXTURES = Path(__file__).parent / "fixtures"


def saved(path: Path, **arrays: np.ndarray) -> Path:
    np.savez(path, **arrays)
    return path


def named(prefix: str, network: Network) -> dict[str, np.ndarray]:
    return {prefix + name: array for name, array in network.state_dict().items()}


def test_the_kind_is_told_by_the_content_and_not_by_the_name(tmp_path: Path) -> None:
    for name in ("bidirectional.pt", "old_layout.bin", "model.safetensors", "cudnn.h5", "exported.onnx"):
        path = tmp_path / f"{name}.txt"
        path.write_bytes((FIXTURES / name).read_bytes())
        original = read_model(FIXTURES / name)
        assert read_model(path).candidates == original.candidates
        assert read_model(path).format == original.format


@pytest.mark.parametrize("dtype", ["<f8", ">f8", "<f4", ">f4", "<f2"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_numbers_of_any_width_and_order(dtype: str, order: str, tmp_path: Path) -> None:
    network = Network.create("lstm", 3, 2, num_layers=2, bidirectional=True)
    arrays = {name: np.asarray(array, dtype, order=order) for name, array in network.state_dict().items()}
    loaded = load_network(saved(tmp_path / "w.npz", **arrays))
    wide = np.float64 if dtype.endswith("8") else np.float32
    assert loaded.dtype == wide
    for name, array in loaded.state_dict().items():
        np.testing.assert_array_equal(array, arrays[name].astype(wide))
        assert not array.flags.writeable


def test_one_of_several_is_chosen_by_its_name(tmp_path: Path) -> None:
    encoder, decoder = Network.create("lstm", 3, 2), Network.create("rnn", 2, 4)
    path = saved(tmp_path / "two.npz", **named("encoder.", encoder), **named("decoder.", decoder))
    with pytest.raises(LstmvizError, match=r"2 recurrent networks.*encoder, decoder"):
        load_network(path)
    assert load_network(path, "encoder") == encoder
    assert load_network(path, "decoder", nonlinearity="relu").layers[0].nonlinearity is Nonlinearity.RELU
    with pytest.raises(LstmvizError, match=r"no “other”.*encoder, decoder"):
        load_network(path, "other")


def test_the_same_weights_twice_are_one_network(tmp_path: Path) -> None:
    network = Network.create("lstm", 3, 2)
    file = read_model(saved(tmp_path / "twice.npz", **named("a.", network), **named("b.", network)))
    assert [each.name for each in file.candidates] == ["a"]
    assert file.ignored == ("b: the same weights as a",)


def test_the_function_of_a_vanilla_rnn_is_asked_for_only_where_the_file_is_silent(tmp_path: Path) -> None:
    path = saved(tmp_path / "rnn.npz", **Network.create("rnn", 3, 2).state_dict())
    candidate = read_model(path).candidate()
    assert not candidate.nonlinearity_known
    assert "tanh or relu" in candidate.notes[0]
    assert load_network(path).layers[0].nonlinearity is Nonlinearity.TANH
    assert load_network(path, nonlinearity="relu").layers[0].nonlinearity is Nonlinearity.RELU
    assert load_network(FIXTURES / "relu_module.pt", nonlinearity="relu").layers[0].nonlinearity is Nonlinearity.RELU
    with pytest.raises(LstmvizError, match="The file says that its function is relu"):
        load_network(FIXTURES / "relu_module.pt", nonlinearity="tanh")


def test_what_cannot_be_run_is_an_error_with_the_reason() -> None:
    with pytest.raises(LstmvizError, match="This is a GRU"):
        load_network(FIXTURES / "gru.pt")


LSTM = named("rnn.", Network.create("lstm", 3, 2))
TABLE, MATRIX, BIAS = np.ones((5, 3)), np.ones((5, 2)), np.ones(5)


def test_an_embedding_and_a_dense_layer_come_along_where_nothing_else_is_there(tmp_path: Path) -> None:
    arrays = {"encoder.weight": TABLE, **LSTM, "fc.weight": MATRIX, "fc.bias": BIAS}
    candidate = read_model(saved(tmp_path / "m.npz", **arrays)).candidate()
    assert candidate.embedding is not None
    assert (candidate.embedding.name, candidate.head_name) == ("encoder", "fc")
    assert candidate.network is not None
    assert candidate.network.output_size == 5
    alone = read_model(saved(tmp_path / "h.npz", **LSTM, **{"fc.weight": MATRIX})).candidate()
    assert (alone.embedding, alone.head_name) == (None, "fc")


@pytest.mark.parametrize(
    "others",
    [
        {"fc1.weight": MATRIX, "fc1.bias": BIAS, "fc2.weight": np.ones((1, 5)), "fc2.bias": np.ones(1)},
        {"norm.weight": np.ones(2), "fc.weight": MATRIX, "fc.bias": BIAS},
        {"a.weight": MATRIX, "a.bias": BIAS, "b.weight": MATRIX, "b.bias": BIAS},
    ],
)
def test_layers_whose_place_is_not_known_are_left_aside_and_told(others: dict[str, np.ndarray], tmp_path: Path) -> None:
    file = read_model(saved(tmp_path / "m.npz", **{"embedding.weight": TABLE}, **LSTM, **others))
    candidate = file.candidate()
    assert (candidate.embedding, candidate.head_name) == (None, "")
    assert "is not known" in candidate.notes[-1]
    assert len(file.ignored) == 1 + len(others)
    assert candidate.network is not None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rnn.weight_hh_l0": np.ones((7, 2))}, "7 rows"),
        ({"rnn.weight_hh_l0": np.ones((8, 3))}, "8 rows of weight_ih do not go with H = 3"),
        ({"rnn.weight_hh_l0": np.ones((8, 2, 1))}, r"\[8, 2, 1\]"),
        ({"rnn.weight_ih_l2": np.ones((8, 2)), "rnn.weight_hh_l2": np.ones((8, 2))}, "layer l1 are missing"),
        ({"rnn.weight_ih_l0_reverse": np.ones((8, 3))}, "weight_hh is missing"),
        ({"rnn.weight_ih_l0": np.ones((8, 0))}, "none of size 0"),
    ],
)
def test_weights_that_do_not_go_together(changes: dict[str, np.ndarray], words: str, tmp_path: Path) -> None:
    with pytest.raises(LstmvizError, match=words):
        load_network(saved(tmp_path / "m.npz", **LSTM | changes))


def test_a_file_without_recurrent_weights_tells_what_it_has(tmp_path: Path) -> None:
    with pytest.raises(LstmvizError, match=r"fc.weight \[5, 2\]"):
        read_model(saved(tmp_path / "m.npz", **{"fc.weight": MATRIX}))


def test_a_library_that_is_missing_costs_its_format_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    with pytest.raises(LstmvizError, match="The library onnx cannot be used"):
        read_model(FIXTURES / "exported.onnx")
    assert read_model(FIXTURES / "bidirectional.pt").candidates
