"""Files that pretend to hold more than there is, lead elsewhere, or hold other numbers than usual: in every format."""

from __future__ import annotations

import io
import pickle
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import onnx as onnx_library
import pytest

from lstmviz.core.errors import LstmvizError
from lstmviz.io.models.reading import read_model
from lstmviz.io.sequence_files.reading import read_sequence_file
from tests.io.models import samples
from tests.io.models.refusals import little_memory, refusal

# More than there is


def bomb(name: str) -> bytes:
    """A zip file whose part of that name is inflated to 300 MB."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", "{}")
        with archive.open(name, "w") as part:
            for _ in range(300):
                part.write(bytes(2**20))
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "inside"),
    [("m.pt", "m/data.pkl"), ("m.keras", "model.weights.h5"), ("m.npz", "weight_ih_l0.npy"), ("x.npz", "x.npy")],
)
def test_zip_bombs_take_no_memory(name: str, inside: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(bomb(inside))
    assert path.stat().st_size < 2**20
    with little_memory():
        message = refusal(path, read_sequence_file if name == "x.npz" else read_model)
    assert "when it is inflated" in message


@pytest.mark.parametrize("name", ["m.pt", "m.safetensors", "m.npz"])
def test_what_is_not_used_takes_no_memory_beyond_the_file(name: str, tmp_path: Path) -> None:
    """A large embedding beside the recurrent weights: it is in the file's bytes, and never copied."""
    large = {"words.weight": np.ones((40_000, 101))}
    path = tmp_path / name
    path.write_bytes(samples.MAKERS[name](samples.weights() | large))
    read_model(path)  # libraries are loaded
    with little_memory():
        assert read_model(path).candidate().network is not None
        assert tracemalloc.get_traced_memory()[1] < path.stat().st_size + 2**22


HUGE = 10**9


def huge_old() -> bytes:
    """The older layout, with a storage that announces more numbers than follow."""
    old = bytearray((samples.FIXTURES / "old_layout.bin").read_bytes())
    sizes = [place for place in range(len(old) - 8) if old[place : place + 8] == struct.pack("<q", 48)]
    for place in sizes:
        old[place : place + 8] = struct.pack("<q", HUGE)
    return bytes(old)


def huge_npy(shape: tuple[int, ...]) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": shape})
    return file.getvalue() + bytes(64)


def huge_npz() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("weight_hh_l0.npy", huge_npy((HUGE, 2)))
    return file.getvalue()


def huge_safetensors() -> bytes:
    data = samples.safe(samples.weights())
    size = int.from_bytes(data[:8], "little")
    header = data[8 : 8 + size].replace(b'"shape":[8,3]', b'"shape":[1000000000,3]')
    return len(header).to_bytes(8, "little") + header + data[8 + size :]


def huge_pickle() -> bytes:
    return pickle.dumps(samples.weights(), 2).replace(b"K\x08K\x03\x86", b"J\x00\xca\x9a\x3bK\x03\x86")


def huge_onnx() -> bytes:
    model = onnx_library.load_from_string(samples.onnx(samples.weights()))
    del model.graph.initializer[0].dims[:]
    model.graph.initializer[0].dims.extend([1, HUGE, 3])
    return bytes(model.SerializeToString())


def huge_h5() -> bytes:
    file = io.BytesIO()
    with h5py.File(file, "w") as saved:
        group = saved.create_group("model_weights/rnn/rnn")
        group["recurrent_kernel:0"] = np.ones((2, 8))
        group.create_dataset("kernel:0", (HUGE, 8), "f8", chunks=(1000, 8))
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("m.pt", lambda: samples.torch_zip(samples.weights(), shape=f"(I{HUGE}\nI3\nt")),
        ("m.bin", huge_old),
        ("m.safetensors", huge_safetensors),
        ("m.pkl", huge_pickle),
        ("m.onnx", huge_onnx),
        ("m.h5", huge_h5),
        ("m.npz", huge_npz),
        ("m.npy", lambda: huge_npy((HUGE, 4))),
    ],
)
def test_shapes_of_a_thousand_million_numbers_take_no_memory(
    name: str, make: Callable[[], bytes], tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(make())
    with little_memory():
        message = refusal(path)
    assert str(HUGE) in message or f"{HUGE:,}" in message or "invalid shape" in message, message


@pytest.mark.parametrize("shape", [(HUGE,), (HUGE, 4), (4, HUGE), (HUGE, 0)])
def test_sequences_of_a_thousand_million_numbers_take_no_memory(shape: tuple[int, ...], tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    path.write_bytes(huge_npy(shape))
    with little_memory():
        refusal(path, read_sequence_file)


# Elsewhere


@pytest.mark.parametrize("folder", ["../m", "/m", "a/../../m", "c:/m", "..\\m"])
def test_names_that_lead_out_of_a_zip_file(folder: str, tmp_path: Path) -> None:
    path = tmp_path / "m.pt"
    path.write_bytes(samples.torch_zip(samples.weights(), folder=folder))
    with pytest.raises(LstmvizError, match="leads elsewhere"):
        read_model(path)
    assert [each.name for each in tmp_path.iterdir()] == ["m.pt"]


def test_links_inside_the_hdf5_file_of_a_keras_zip_are_not_followed(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "secret.h5", "w") as secret:
        secret["w"] = np.ones((2, 8))
    inner = io.BytesIO()
    with h5py.File(inner, "w") as saved:
        saved["layers/lstm/cell/vars/0"] = np.ones((3, 8))
        saved["layers/lstm/cell/vars/1"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "/w")
    path = tmp_path / "m.keras"
    path.write_bytes(samples.keras_zip(samples.weights(), inner=inner.getvalue()))
    assert "links to another file" in refusal(path)


def test_virtual_arrays_of_hdf5_are_not_followed(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "secret.h5", "w") as secret:
        secret["w"] = np.ones((2, 8))
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as saved:
        layout = h5py.VirtualLayout((2, 8), "f8")
        layout[:] = h5py.VirtualSource(str(tmp_path / "secret.h5"), "w", (2, 8))
        group = saved.create_group("model_weights/rnn/rnn")
        group["kernel"] = np.ones((3, 8))
        group.create_virtual_dataset("recurrent_kernel", layout)
    assert "in another file" in refusal(path)


# What is in it


GRU = {
    "weight_ih_l0": np.ones((6, 3)),
    "weight_hh_l0": np.ones((6, 2)),
    "bias_ih_l0": np.ones(6),
    "bias_hh_l0": np.ones(6),
}


@pytest.mark.parametrize("name", samples.MAKERS)
def test_a_gru_is_called_a_gru(name: str, tmp_path: Path) -> None:
    make: Any = samples.MAKERS[name]
    path = tmp_path / name
    named = {"m.onnx": ("GRU",), "m.h5": ("GRU",)}.get(name, ())
    path.write_bytes(make(GRU, *named))
    candidate = read_model(path).candidate()
    assert candidate.network is None
    assert "This is a GRU" in candidate.refusal


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", samples.MAKERS)
def test_weights_that_are_not_finite_are_named_with_their_place(name: str, number: float, tmp_path: Path) -> None:
    array = samples.weights()["weight_hh_l0"].copy()
    array[5, 1] = number
    path = tmp_path / name
    path.write_bytes(samples.MAKERS[name](samples.weights(weight_hh_l0=array)))
    with pytest.raises(LstmvizError, match=r"\[(0, )?5, 1\] is|\[1, 5\] is") as caught:
        read_model(path)
    assert "1 of 16 numbers are not finite" in str(caught.value)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["<f8", ">f8", "<f4", ">f4", "<f2", ">f2"])
@pytest.mark.parametrize("name", samples.MAKERS)
def test_numbers_of_any_width_and_order(name: str, dtype: str, order: Any, tmp_path: Path) -> None:
    if dtype[0] == ">" and name in ("m.safetensors", "m.onnx"):
        dtype = f"<{dtype[1:]}"  # these have one order alone
    arrays = {each: np.asarray(array, dtype, order=order) for each, array in samples.weights().items()}
    big_endian = {"big_endian": True} if name == "m.pt" and dtype[0] == ">" else {}
    make: Any = samples.MAKERS[name]
    path = tmp_path / name
    path.write_bytes(make(arrays, **big_endian))
    network = read_model(path).candidate().network
    assert network is not None
    assert network.dtype == (np.float64 if dtype.endswith("8") else np.float32)
    found = network.state_dict()
    for each in ("weight_ih_l0", "weight_hh_l0"):
        blocks = np.split(arrays[each].astype(network.dtype), 4)
        wanted = [blocks[0], blocks[2], blocks[3], blocks[1]] if name == "m.onnx" else blocks
        np.testing.assert_array_equal(found[each], np.concatenate(wanted))
