"""Weights that are written come back as a network with the very same output."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lstmviz.core.engine.passes import forward
from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.network import Network
from lstmviz.io.models.reading import load_network
from lstmviz.io.models.saving import save_network
from lstmviz.io.models.suffixes import WEIGHT_FORMATS

NETWORKS = {
    "plain": {},
    "float32": {"dtype": np.float32},
    "head": {"output_size": 2},
    "stacked, both directions": {"num_layers": 2, "bidirectional": True, "output_size": 3},
}


@pytest.mark.parametrize("suffix", WEIGHT_FORMATS)
@pytest.mark.parametrize("name", NETWORKS)
def test_output_is_bit_identical(name: str, suffix: str, tmp_path: Path) -> None:
    network = Network.create("lstm", 3, 5, seed=7, **NETWORKS[name])
    save_network(network, tmp_path / f"net{suffix}")
    loaded = load_network(tmp_path / f"net{suffix}")
    assert loaded == network
    x = np.random.default_rng(1).standard_normal((9, 2, 3)).astype(network.dtype)
    y, again = forward(network, x).y, forward(loaded, x).y
    assert y.dtype == again.dtype == network.dtype
    assert y.tobytes() == again.tobytes()


@pytest.mark.parametrize("suffix", WEIGHT_FORMATS)
@pytest.mark.parametrize("nonlinearity", ["tanh", "relu", "identity"])
def test_nonlinearity_of_a_vanilla_rnn_is_in_the_file(nonlinearity: str, suffix: str, tmp_path: Path) -> None:
    network = Network.create("rnn", 2, 4, output_size=1, nonlinearity=nonlinearity)
    save_network(network, tmp_path / f"net{suffix}")
    assert load_network(tmp_path / f"net{suffix}") == network


def test_names_are_those_of_pytorch(tmp_path: Path) -> None:
    network = Network.create("lstm", 2, 3, bidirectional=True, output_size=1)
    save_network(network, tmp_path / "net.npz")
    with np.load(tmp_path / "net.npz") as arrays:
        assert {"weight_ih_l0", "weight_hh_l0_reverse", "bias_ih_l0", "head.weight", "head.bias"} <= set(arrays)
        assert arrays["weight_ih_l0"].shape == (12, 2)
        assert np.array_equal(arrays["head.weight"], network.state_dict()["head.weight"])


def test_another_ending_is_refused_and_a_failure_leaves_the_old_file(tmp_path: Path) -> None:
    network = Network.create("lstm", 1, 1)
    with pytest.raises(LstmvizError, match=r"Let the name end in \.npz or \.safetensors"):
        save_network(network, tmp_path / "net.pt")
    old = tmp_path / "old.npz"
    old.write_bytes(b"precious")
    old.chmod(0o444)
    with pytest.raises(LstmvizError, match="may only be read"):
        save_network(network, old)
    assert old.read_bytes() == b"precious"
