"""Files that are damaged, or made to do harm: one message that says what and where, and nothing else happens."""

from __future__ import annotations

import io
import os
import struct
import sys
import tracemalloc
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.network import Network
from lstmviz.io.models.reading import read_model

FIXTURES = Path(__file__).parent / "fixtures"
IN_PROCESS = sorted(
    path.name for path in FIXTURES.iterdir() if path.suffix in (".pt", ".pth", ".bin", ".safetensors", ".onnx")
)


def refusal(path: Path) -> str:
    with pytest.raises(LstmvizError) as caught:
        read_model(path)
    assert path.name in str(caught.value)
    return str(caught.value)


def arrays(**changes: np.ndarray) -> dict[str, np.ndarray]:
    return Network.create("lstm", 3, 2).state_dict() | changes


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(IN_PROCESS), st.lists(st.tuples(st.floats(0, 1), st.integers(1, 255)), min_size=1, max_size=8))
def test_wrong_bytes_are_read_or_refused(tmp_path: Path, name: str, changes: list[tuple[float, int]]) -> None:
    data = bytearray((FIXTURES / name).read_bytes())
    for place, mask in changes:
        data[min(int(place * len(data)), len(data) - 1)] ^= mask
    _read_or_refuse(tmp_path / name, bytes(data))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(IN_PROCESS), st.floats(0, 0.999))
@example("bidirectional.pt", 0.0)
def test_files_that_are_cut_off_are_refused(tmp_path: Path, name: str, part: float) -> None:
    data = (FIXTURES / name).read_bytes()
    path = tmp_path / name
    path.write_bytes(data[: int(part * len(data))])
    if path.suffix == ".onnx":  # what follows the weights may be cut off
        _read_or_refuse(path, path.read_bytes())
    else:
        with pytest.raises(LstmvizError):
            read_model(path)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([b"", b"\x80\x02", b"\x80\x04", b"PK\x03\x04", b"\x08\x08", b"\x93NUMPY\x01\0", b"("]), st.binary()
)
def test_any_bytes_are_refused(tmp_path: Path, start: bytes, rest: bytes) -> None:
    _read_or_refuse(tmp_path / "any", start + rest)


def _read_or_refuse(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    try:
        file = read_model(path)
    except LstmvizError:
        return
    assert file.candidates


@pytest.mark.parametrize("part", [0.01, 0.2, 0.5, 0.9, 0.99])
def test_hdf5_that_is_cut_off_is_refused(tmp_path: Path, part: float) -> None:
    data = (FIXTURES / "cudnn.h5").read_bytes()
    path = tmp_path / "cut.h5"
    path.write_bytes(data[: int(part * len(data))])
    refusal(path)


def test_a_crash_of_the_hdf5_library_costs_that_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crashing = tmp_path / "python"
    crashing.write_text("#!/bin/sh\nkill -SEGV $$\n")
    crashing.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(crashing))
    with pytest.raises(LstmvizError, match="The HDF5 library failed"):
        read_model(FIXTURES / "cudnn.h5")


def test_hdf5_with_wrong_bytes_is_read_or_refused(tmp_path: Path) -> None:
    data = (FIXTURES / "cudnn.h5").read_bytes()
    for seed in range(6):
        random = np.random.default_rng(seed)
        changed = bytearray(data)
        for place in random.integers(8, 2500, 40):
            changed[place] = random.choice([0, 127, 255])
        _read_or_refuse(tmp_path / "wrong.h5", bytes(changed))


def keras_file(path: Path) -> h5py.File:
    file = h5py.File(path, "w")
    group = file.create_group("model_weights/lstm/lstm")
    group["kernel"], group["bias"] = np.ones((3, 8)), np.ones(8)
    return file


def test_hdf5_links_to_other_files_are_not_followed(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["secret"] = np.ones((2, 8))
    with keras_file(tmp_path / "linked.h5") as file:
        file["model_weights/lstm/lstm/recurrent_kernel"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/secret")
    assert "links to another file" in refusal(tmp_path / "linked.h5")
    (tmp_path / "numbers").write_bytes(bytes(128))
    with keras_file(tmp_path / "outside.h5") as file:
        place = [(str(tmp_path / "numbers"), 0, 128)]
        file["model_weights/lstm/lstm"].create_dataset("recurrent_kernel", (2, 8), "f8", external=place)
    assert "in another file" in refusal(tmp_path / "outside.h5")


def test_hdf5_arrays_larger_than_the_file_and_compressed_ones_are_refused(tmp_path: Path) -> None:
    with keras_file(tmp_path / "huge.h5") as file:
        file["model_weights/lstm/lstm"].create_dataset("recurrent_kernel", (10**9, 4), "f8", chunks=(1000, 4))
    assert "[1000000000, 4]" in refusal(tmp_path / "huge.h5")
    with keras_file(tmp_path / "small.h5") as file:
        file["model_weights/lstm/lstm"].create_dataset("recurrent_kernel", data=np.ones((2, 8)), compression="gzip")
    assert "compressed" in refusal(tmp_path / "small.h5")


def test_zip_bombs_and_names_that_lead_elsewhere_are_refused(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.npz"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("weight_ih_l0.npy", bytes(2**28 + 1))
    tracemalloc.start()
    assert "when it is inflated" in refusal(bomb)
    assert tracemalloc.get_traced_memory()[1] < 2**23
    tracemalloc.stop()
    for name in ("../weight.npy", "/weight.npy", "a/../../weight.npy", "c:\\weight.npy", "..\\weight.npy"):
        with zipfile.ZipFile(tmp_path / "names.npz", "w") as archive:
            archive.writestr(name, b"x")
        with pytest.raises(LstmvizError, match="leads elsewhere"):
            read_model(tmp_path / "names.npz")


def test_a_zip_file_that_lies_about_its_sizes(tmp_path: Path) -> None:
    path = tmp_path / "lies.npz"
    np.savez_compressed(path, **arrays())
    data = bytearray(path.read_bytes())
    place = data.index(b"PK\x01\x02") + 24
    data[place : place + 4] = struct.pack("<I", 17)
    path.write_bytes(data)
    assert "size than announced" in refusal(path) or "damaged" in refusal(path)


def test_numpy_files_of_objects_are_not_unpickled(tmp_path: Path) -> None:
    path = tmp_path / "objects.npz"
    np.savez(path, weights=np.array([{"weight_ih_l0": 1}], dtype=object), allow_pickle=True)
    assert "Python objects" in refusal(path)
    np.savez(path, weights=np.zeros(2, [("a", float)]))
    assert "records" in refusal(path)
    np.save(tmp_path / "one.npy", np.ones((8, 3)))
    assert "one array" in refusal(tmp_path / "one.npy")


def test_a_numpy_header_that_promises_more_than_there_is(tmp_path: Path) -> None:
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": (10**9, 4)})
    with zipfile.ZipFile(tmp_path / "huge.npz", "w") as archive:
        archive.writestr("weight_ih_l0.npy", file.getvalue())
    assert "[1000000000, 4]" in refusal(tmp_path / "huge.npz")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"<!DOCTYPE html>", "web page"),
        (b"version https://git-lfs.github.com/spec/v1", "Git LFS"),
        (b'{"class_name": "Sequential"}', "JSON"),
        (b"just a text\n", "damaged"),
    ],
)
def test_other_kinds_of_files_are_called_by_their_names(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    path.write_bytes(content)
    assert words in refusal(path)


def test_what_is_no_plain_file_is_refused(tmp_path: Path) -> None:
    assert "folder" in refusal(tmp_path)
    assert "cannot be read" in refusal(tmp_path / "missing.pt")
    os.mkfifo(tmp_path / "pipe.pt")
    assert "no plain file" in refusal(tmp_path / "pipe.pt")
    with pytest.raises(LstmvizError, match="cannot be read"):
        read_model("a\0b")


def test_weights_that_are_not_numbers_are_named_with_their_place(tmp_path: Path) -> None:
    broken = arrays()["weight_hh_l0"].copy()
    broken[3, 1] = np.nan
    path = tmp_path / "nan.npz"
    np.savez(path, **arrays(weight_hh_l0=broken))
    with pytest.raises(LstmvizError, match=r"\[3, 1\] is nan \(weight_hh_l0\)"):
        read_model(path)
