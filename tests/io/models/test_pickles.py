"""Pickles: what is read, and that nothing in one is ever imported or called."""

from __future__ import annotations

import io
import pickle
import pickletools
import struct
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.network import Network
from lstmviz.io.models.attribute_tree import tree_of
from lstmviz.io.models.reading import read_model
from lstmviz.io.models.unpickling import unpickled


def read(data: bytes) -> Any:
    return unpickled(io.BytesIO(data), "test.pkl")


class Calls:
    """Pickled as a call of any function."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self._call = (function, arguments)

    def __reduce__(self) -> Any:
        return self._call


class Plain:
    """An object of a class that no reader knows."""

    def __init__(self) -> None:
        self.lstm = {"weight_ih_l0": np.ones((4, 1)), "weight_hh_l0": np.ones((4, 1))}


@pytest.mark.parametrize("protocol", range(6))
def test_plain_values_are_those_of_pythons_own_reader(protocol: int) -> None:
    shared = [1, 2]
    value = {"a": [1, -2, 2**70, 1.5, True, None], "b": ("x", "ü\n", b"\x00\xff"), 3: (), "c": [shared, shared]}
    result = read(pickle.dumps(value, protocol))
    assert result == value
    assert result["c"][0] is result["c"][1]
    assert read(pickle.dumps(OrderedDict(a=1), protocol)) == {"a": 1}
    assert read(pickle.dumps({1, 2}, protocol)) == [1, 2]


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("dtype", ["<f8", ">f8", "<f4", "<f2"])
def test_dictionaries_of_numpy_arrays(protocol: int, dtype: str, tmp_path: Path) -> None:
    network = Network.create("lstm", 3, 2)
    arrays = {name: array.astype(dtype) for name, array in network.state_dict().items()}
    arrays["weight_hh_l0"] = np.asfortranarray(arrays["weight_hh_l0"])
    path = tmp_path / "weights.pkl"
    path.write_bytes(pickle.dumps({"model": arrays, "vocabulary": ["a", "b"]}, protocol))
    loaded = read_model(path).candidate().network
    assert loaded == Network.from_state_dict(
        {name: np.ascontiguousarray(a.astype(float)) for name, a in arrays.items()}
    ).astype(np.float64 if dtype.endswith("8") else np.float32)


def test_names_of_the_numpy_before_version_2_are_known() -> None:
    data = pickle.dumps(np.arange(3.0), 2).replace(b"numpy._core", b"numpy.core")
    (array,) = tree_of(read(data), "test").arrays.values()
    assert array.tolist() == [0, 1, 2]


def test_objects_of_unknown_classes_are_kept_as_their_data(tmp_path: Path) -> None:
    path = tmp_path / "object.pkl"
    path.write_bytes(pickle.dumps(Plain()).replace(b"Plain", b"Other"))
    assert read_model(path).candidate().name == "lstm"


@pytest.mark.parametrize("protocol", [0, 2, 4])
@pytest.mark.parametrize("name", ["posix.system", "builtins.eval", "builtins.getattr", "pathlib.Path.touch"])
def test_calls_are_refused_by_name_and_not_made(name: str, protocol: int, tmp_path: Path) -> None:
    canary, path = tmp_path / "canary", tmp_path / "evil.pt"
    module, _, function = name.partition(".")
    argument = f"open({str(canary)!r}, 'w')" if function == "eval" else f"touch {canary}"
    call = f"c{module}\n{function}\n(V{argument}\ntR.".encode()
    path.write_bytes(call if protocol == 0 else b"\x80" + bytes([protocol]) + call)
    with pytest.raises(LstmvizError, match=f"asks Python to call {name}.*Nothing was run"):
        read_model(path)
    assert not canary.exists()


def test_the_same_pickle_does_harm_with_pythons_own_reader(tmp_path: Path) -> None:
    """The proof that the test above would see a call."""
    canary = tmp_path / "canary"
    pickle.loads(pickle.dumps(Calls(Path.touch, canary)))
    assert canary.exists()
    canary.unlink()
    with pytest.raises(LstmvizError, match="asks Python to call"):
        read(pickle.dumps(Calls(Path.touch, canary)))
    with zipfile.ZipFile(tmp_path / "evil.pt", "w") as archive:
        archive.writestr("evil/data.pkl", pickle.dumps({"weight_ih_l0": Calls(Path.touch, canary)}))
    with pytest.raises(LstmvizError, match="asks Python to call"):
        read_model(tmp_path / "evil.pt")
    assert not canary.exists()


@pytest.mark.parametrize(
    "instructions",
    [
        b"cposix\nsystem\n(Vtouch x\no.",  # OBJ pops the class from behind the mark
        b"(iposix\nsystem\n.",
        b"(cposix\nsystem\nVtouch x\no.",
        b"cbuiltins\neval\n(V1\ntR.",
    ],
)
def test_older_ways_to_call_are_refused_too(instructions: bytes) -> None:
    with pytest.raises(LstmvizError):
        read(instructions)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80\x04",
        b"\x80\x04.",
        b"\x80\x04K",
        b"h\x05.",
        b"(((.",
        b"tR.",
        b"]K\x01a(u.",
        b"]](ub.",
        b"\x80\x04\x8d" + struct.pack("<Q", 2**62) + b"x.",  # a text of 4 EiB
        b"\x80\x05\x96" + struct.pack("<Q", 2**62) + b"x.",
        b"\x8b\xff\xff\xff\x7f.",  # a whole number of 2 GiB
        b"r\xff\xff\xff\x7f.",
        b"\x82\x01.",  # a class by its number in a registry
        b"\x97.",
        b"X\x00\x00\x00\x00Q.",
    ],
)
def test_broken_pickles_are_refused(data: bytes) -> None:
    with pytest.raises(LstmvizError):
        read(data)


def test_a_large_index_of_the_memo_takes_no_memory() -> None:
    assert read(b"]r\xff\xff\xff\x7f0j\xff\xff\xff\x7f.") == []


def test_every_instruction_of_python_is_known_or_refused() -> None:
    values, refused = {}, set()
    for opcode in pickletools.opcodes:
        argument = {None: b"", "uint1": b"\1", "uint2": b"\1\0", "int4": b"\1\0\0\0", "uint4": b"\1\0\0\0"}.get(
            opcode.arg.name if opcode.arg else None, b"1\n1\n\0\0\0\0\0\0"
        )
        try:
            values[opcode.name] = read(opcode.code.encode("latin-1") + argument + b".")
        except LstmvizError as error:
            if "which is not read" in str(error):
                refused.add(opcode.name)
    assert values == {
        "NONE": None, "NEWTRUE": True, "NEWFALSE": False, "BININT": 1, "BININT1": 1, "BININT2": 1,
        "EMPTY_LIST": [], "EMPTY_TUPLE": (), "EMPTY_DICT": {}, "EMPTY_SET": [],
    }  # fmt: skip
    assert refused == {"EXT1", "EXT2", "EXT4", "NEXT_BUFFER"}  # they lead out of the file


def test_what_is_nested_without_end_ends() -> None:
    inside: Any = []
    inside.append(inside)
    cycle = {"a": inside}
    cycle["b"] = cycle
    assert tree_of(read(pickle.dumps(cycle)), "test").arrays == {}
    doubled: Any = ()
    for _ in range(60):
        doubled = (doubled, doubled)
    assert tree_of(read(pickle.dumps(doubled)), "test").arrays == {}
    # a tuple as a key would be hashed, which takes 2^60 steps
    keyed = pickle.dumps(doubled)[:-1]
    assert len(read(keyed[:2] + b"}" + keyed[2:] + b"K\x01s.")) == 1
    deep = b"\x80\x04)" + b"\x85" * 200_000 + b"."
    assert tree_of(read(deep), "test").arrays == {}


def test_copies_without_end_are_stopped() -> None:
    """A long text that is encoded again and again, each time into new memory."""
    text = b"X" + struct.pack("<I", 2**20) + b"x" * 2**20
    encode = b"c_codecs\nencode\nq\x01" + text + b"q\x020" + b"h\x01h\x02\x85R" * 3000
    with pytest.raises(LstmvizError, match="of memory"):
        read(b"\x80\x02" + encode + b".")


def tensor(storage: str, size: str, shape: str, strides: str, offset: str = "I0\n") -> bytes:
    """The pickle of a state dict with one tensor, in the text protocol."""
    identity = f"(Vstorage\nctorch\n{storage}\nV0\nVcpu\n{size}tQ"
    call = (
        f"ctorch._utils\n_rebuild_tensor_v2\n({identity}{offset}{shape}{strides}I00\nccollections\nOrderedDict\n(tRtR"
    )
    return f"}}Vweight_ih_l0\n{call}s.".encode()


def read_torch(path: Path, data: bytes, numbers: bytes = bytes(48)) -> str:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("m/data.pkl", data)
        archive.writestr("m/data/0", numbers)
    with pytest.raises(LstmvizError) as caught:
        read_model(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (tensor("FloatStorage", "I12\n", "(I1000000000\nI3\nt", "(I3\nI1\nt"), "1000000000"),
        (tensor("FloatStorage", "I12\n", "(I1000000000\nI3\nt", "(I0\nI0\nt"), "1000000000"),
        (tensor("FloatStorage", "I12\n", "(I4\nI3\nt", "(I3\nI100\nt"), "12 numbers"),
        (tensor("FloatStorage", "I12\n", "(I4\nI3\nt", "(I-3\nI1\nt"), "strides"),
        (tensor("FloatStorage", "I12\n", "(I4\nI3\nt", "(I3\nt"), "strides"),
        (tensor("FloatStorage", "I12\n", "(I4\nI-3\nt", "(I3\nI1\nt"), "shape"),
        (tensor("FloatStorage", "I12\n", "(I4\nVa\nt", "(I3\nI1\nt"), "shape"),
        (tensor("FloatStorage", "I12\n", "(I4\nI3\nt", "(I3\nI1\nt", "I1\n"), "12 numbers"),
        (tensor("FloatStorage", "I12\n", "(I4\nI3\nt", "(I3\nI1\nt", "I-1\n"), "shape"),
        (tensor("QInt8Storage", "I12\n", "(I4\nI3\nt", "(I3\nI1\nt"), "QInt8Storage"),
        (tensor("FloatStorage", "I12\n", "(I4\nI3\nt", "(I3\nI1\nt").replace(b"V0\n", b"V../../x\n"), "no storage"),
        (tensor("FloatStorage", "I12\n", "(I4\nI3\nt", "(I3\nI1\nt"), "weight_hh is missing"),
    ],
)
def test_tensors_that_leave_their_storage_are_refused(data: bytes, words: str, tmp_path: Path) -> None:
    assert words in read_torch(tmp_path / "m.pt", data)
