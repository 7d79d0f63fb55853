"""Files that cannot be read, are of another kind, cut off or changed, or hold code: in every format one message."""

from __future__ import annotations

import io
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstmviz.core.errors import LstmvizError
from lstmviz.io.models.reading import read_model
from lstmviz.io.models.suffixes import SUFFIXES
from lstmviz.io.models.vocabulary import read_vocabulary
from lstmviz.io.sequence_files.content import SUFFIXES as SEQUENCE_SUFFIXES
from lstmviz.io.sequence_files.reading import read_sequence_file
from tests.io.models import samples
from tests.io.models.refusals import Read, refusal

FORMATS = samples.every_format()
HDF5 = [name for name in FORMATS if name.endswith((".h5", ".hdf5"))]
READERS: dict[str, Read] = {
    **dict.fromkeys(SUFFIXES, read_model),
    **{f"x{suffix}": read_sequence_file for suffix in SEQUENCE_SUFFIXES},
    **dict.fromkeys(("v.json", "v.txt"), read_vocabulary),
}
"""A reader for each kind of file: models, sequences, vocabularies."""


# No file, no right, nothing in it


@pytest.mark.parametrize(("suffix", "read"), READERS.items(), ids=list(READERS))
def test_empty_files_folders_and_files_that_are_not_there(suffix: str, read: Read, tmp_path: Path) -> None:
    path = tmp_path / f"file{suffix}"
    assert "cannot be read" in refusal(path, read)
    path.write_bytes(b"")
    assert "empty" in refusal(path, read)
    path.unlink()
    path.mkdir()
    assert "folder" in refusal(path, read)


@contextmanager
def no_rights(content: bytes, name: str) -> Iterator[Path]:
    """A file that may not be read; who may read all files becomes somebody else meanwhile."""
    folder = Path(tempfile.mkdtemp())
    user = os.geteuid()
    try:
        folder.chmod(0o755)
        path = folder / name
        path.write_bytes(content)
        path.chmod(0)
        if user == 0:
            os.seteuid(65534)
        yield path
    finally:
        os.seteuid(user)
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("name", "read"),
    [*((name, read_model) for name in FORMATS), ("x.csv", read_sequence_file), ("v.json", read_vocabulary)],
)
def test_a_file_that_may_not_be_read(name: str, read: Read) -> None:
    with no_rights(FORMATS.get(name, b"1\n2\n"), name) as path:
        message = refusal(path, read)
    assert "Permission denied" in message
    assert "Check its name and rights" in message


# Another kind of file than its name says


@pytest.mark.parametrize("suffix", [".txt", ".onnx"])
@pytest.mark.parametrize("name", FORMATS)
def test_a_wrong_suffix_changes_nothing(name: str, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"renamed{suffix}"
    path.write_bytes(FORMATS[name])
    right = tmp_path / name
    right.write_bytes(FORMATS[name])
    assert read_model(path).candidates == read_model(right).candidates


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"\x00" * 600, b"\xff\xd8\xff\xe0 picture", "ünïcode".encode()])
def test_what_is_no_model_is_refused_under_every_suffix(content: bytes, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"other{suffix}"
    path.write_bytes(content)
    refusal(path)


# Cut off, and with wrong bits


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in HDF5])
def test_cut_off_at_every_block(name: str, tmp_path: Path) -> None:
    data, path = FORMATS[name], tmp_path / name
    for end in {*range(1, len(data), max(len(data) // 60, 1)), *range(512, len(data), 512), len(data) - 1}:
        path.write_bytes(data[:end])
        try:
            file = read_model(path)
        except LstmvizError as error:
            assert error.what  # noqa: PT017 - what follows the weights of ONNX may be cut off
        else:
            assert name.endswith(".onnx")
            assert file.candidates


_CUT_HDF5 = """
import sys
from lstmviz.core.errors import LstmvizError
from lstmviz.io.models.hdf5_reading import tree_of_hdf5
data = open(sys.argv[1], "rb").read()
for end in range(512, len(data), 512):
    try:
        tree_of_hdf5(data[:end], "cut")
    except LstmvizError as error:
        assert error.how, error
    else:
        sys.exit(f"read although it was cut off at {end}")
print("all refused")
"""


@pytest.mark.parametrize("name", HDF5)
def test_hdf5_cut_off_at_every_block(name: str, tmp_path: Path) -> None:
    """In one process of its own: a crash of the library would be seen as an exit."""
    path = tmp_path / name
    path.write_bytes(FORMATS[name])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-c", _CUT_HDF5, str(path)], capture_output=True, text=True, env=environment, check=False
    )
    assert done.stdout.strip() == "all refused", done.stderr


@pytest.mark.filterwarnings("ignore:Reading .npy:UserWarning")  # a damaged header can look like one of Python 2
@pytest.mark.parametrize("name", ["weights.npz", "weights.pkl", "characters.keras", "script.pt"])
def test_every_bit_may_be_wrong(name: str, tmp_path: Path) -> None:
    data, path = FORMATS[name], tmp_path / name
    random = np.random.default_rng(len(name))
    for place in random.integers(0, len(data), 30 if name.endswith(".keras") else 120):
        changed = bytearray(data)
        changed[place] ^= 1 << int(random.integers(8))
        path.write_bytes(changed)
        try:
            assert read_model(path).candidates
        except LstmvizError as error:
            assert error.what  # noqa: PT017 - most are refused, some change nothing that matters


def test_wrong_bits_in_the_numbers_of_a_zip_file_are_noticed(tmp_path: Path) -> None:
    data = bytearray(samples.torch_zip(samples.weights()))
    numbers = samples.weights()["weight_hh_l0"].tobytes()
    data[data.index(numbers) + 9] ^= 4
    path = tmp_path / "m.pt"
    path.write_bytes(data)
    assert "m/data/1" in refusal(path)


@pytest.mark.parametrize("content", [b'["a", "b\\u00e9", "c"]', b'{"the": 0, "cat": 1}', "a\nb\né\n".encode()])
def test_vocabularies_cut_off_or_with_wrong_bits(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "v.json"
    flipped = [
        content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :]
        for place in range(len(content))
        for bit in range(8)
    ]
    for changed in (*(content[:end] for end in range(1, len(content))), *flipped):
        path.write_bytes(changed)
        try:
            assert all(isinstance(token, str) for token in read_vocabulary(path))
        except LstmvizError as error:
            assert "v.json" in str(error) and error.how  # noqa: PT017, PT018 - some make another vocabulary


# Code


class Touches:
    """Unpickled by Python, this makes a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self._path,)


def evil(name: str, canary: Path) -> bytes:
    """A file of a format that holds pickles, with a call in it that makes ``canary``."""
    harm = pickle.dumps({"weight_ih_l0": Touches(canary)}, 2)
    file = io.BytesIO()
    if name in ("model.pt", "script.pt", "model.npz"):
        with zipfile.ZipFile(file, "w") as archive:
            if name == "model.npz":
                header = io.BytesIO()
                fields = {"descr": "|O", "fortran_order": False, "shape": ()}
                np.lib.format.write_array_header_1_0(header, fields)
                archive.writestr("weight_ih_l0.npy", header.getvalue() + harm)
            else:
                archive.writestr("m/data.pkl", harm)
                archive.writestr("m/constants.pkl", harm)
                archive.writestr("m/code/__torch__.py", f"open({str(canary)!r}, 'w')")
        return file.getvalue()
    if name == "old.bin":
        old = (samples.FIXTURES / "old_layout.bin").read_bytes()
        return old[: old.index(b"}")] + harm
    if name == "model.npy":
        np.save(file, np.array([Touches(canary)], dtype=object), allow_pickle=True)
        return file.getvalue()
    return harm


@pytest.mark.parametrize(
    "name", ["model.pt", "script.pt", "old.bin", "model.ckpt", "model.pkl", "model.npz", "model.npy", "model.h5"]
)
def test_nothing_in_a_pickle_is_run(name: str, tmp_path: Path) -> None:
    canary, path = tmp_path / "canary", tmp_path / name
    path.write_bytes(evil(name, canary))
    words = "Python objects" if name.endswith((".npy", ".npz")) else "asks Python to call"
    assert words in refusal(path)
    if name.endswith((".npy", ".npz")):
        with pytest.raises(LstmvizError):
            read_sequence_file(path)
    assert not canary.exists()
    if name == "model.pkl":  # the proof that the file would do it
        pickle.loads(path.read_bytes())
        assert canary.exists()


def test_code_in_a_lambda_layer_of_keras_is_not_run(tmp_path: Path) -> None:
    canary, path = tmp_path / "canary", tmp_path / "m.keras"
    code = f"__import__('pathlib').Path({str(canary)!r}).touch()"
    layers = [
        {"class_name": "LSTM", "config": {"name": "lstm"}},
        {"class_name": "Lambda", "config": {"name": "f", "function": {"class_name": "__lambda__", "config": code}}},
    ]
    config = {"class_name": "Sequential", "config": {"layers": layers}}
    path.write_bytes(samples.keras_zip(samples.weights(), config))
    assert read_model(path).candidate().kind.value == "LSTM"
    assert not canary.exists()
