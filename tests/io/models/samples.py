"""Small files of one LSTM in every format, as bytes, with numbers of any type: for tests of faults in files."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import safetensors.numpy
from onnx import TensorProto, helper, numpy_helper

from lstmviz.core.networks.network import Network

FIXTURES = Path(__file__).parent / "fixtures"
NETWORK = Network.create("lstm", 3, 2, seed=3)
Arrays = Mapping[str, np.ndarray]

_TORCH_STORAGES = {"f8": "DoubleStorage", "f4": "FloatStorage", "f2": "HalfStorage"}


def weights(**changes: Any) -> dict[str, np.ndarray]:
    """PyTorch's names; ``changes`` replace some."""
    return NETWORK.state_dict() | changes


def npz(arrays: Arrays) -> bytes:
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def pickled(arrays: Arrays) -> bytes:
    return pickle.dumps(dict(arrays), 4)


def safe(arrays: Arrays) -> bytes:
    return safetensors.numpy.save({name: np.ascontiguousarray(array) for name, array in arrays.items()})


def torch_pickle(arrays: Arrays, shape: str = "") -> bytes:
    """data.pkl of a state dict in the text protocol; arrays in Fortran order are transposed views, as in PyTorch."""
    items = []
    for number, (name, array) in enumerate(arrays.items()):
        kind = _TORCH_STORAGES[array.dtype.str[1:]]
        order = "F" if array.ndim == 2 and not array.flags.c_contiguous else "C"
        strides = np.empty(array.shape, np.int8, order=order).strides
        sizes, steps = (f"({''.join(f'I{each}' + chr(10) for each in values)}t" for values in (array.shape, strides))
        identity = f"(Vstorage\nctorch\n{kind}\nV{number}\nVcpu\nI{array.size}\ntQ"
        tail = "I00\nccollections\nOrderedDict\n(tRtRs"
        items.append(f"V{name}\nctorch._utils\n_rebuild_tensor_v2\n({identity}I0\n{shape or sizes}{steps}{tail}")
    return f"}}{''.join(items)}.".encode()


def torch_zip(arrays: Arrays, big_endian: bool = False, folder: str = "m", **pickle_options: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"{folder}/data.pkl", torch_pickle(arrays, **pickle_options))
        archive.writestr(f"{folder}/byteorder", "big" if big_endian else "little")
        for number, array in enumerate(arrays.values()):
            flat = array.ravel(order="A").astype(array.dtype.newbyteorder(">" if big_endian else "<"))
            archive.writestr(f"{folder}/data/{number}", flat.tobytes())
    return file.getvalue()


def onnx(arrays: Arrays, op_type: str = "LSTM") -> bytes:
    """One node; the blocks are in the order in which they are given."""
    given = {
        "W": arrays["weight_ih_l0"][None],
        "R": arrays["weight_hh_l0"][None],
        "B": np.concatenate([arrays["bias_ih_l0"], arrays["bias_hh_l0"]])[None],
    }
    constants = [numpy_helper.from_array(np.ascontiguousarray(array), name) for name, array in given.items()]
    node = helper.make_node(op_type, ["X", "W", "R", "B"], ["Y"], hidden_size=given["R"].shape[-1])
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in "XY"]
    return bytes(helper.make_model(helper.make_graph([node], "g", ends[:1], ends[1:], constants)).SerializeToString())


def keras_h5(arrays: Arrays, kind: str = "LSTM") -> bytes:
    """A file of Keras 2 with one layer called rnn."""
    layer = {"class_name": kind, "config": {"name": "rnn", "activation": "tanh", "recurrent_activation": "sigmoid"}}
    file = io.BytesIO()
    with h5py.File(file, "w") as saved:
        saved.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": {"layers": [layer]}})
        group = saved.create_group("model_weights/rnn/rnn")
        group["kernel:0"], group["recurrent_kernel:0"] = arrays["weight_ih_l0"].T, arrays["weight_hh_l0"].T
        group["bias:0"] = arrays["bias_ih_l0"]
    return file.getvalue()


def keras_zip(arrays: Arrays, config: Any = None, inner: bytes = b"") -> bytes:
    """A file of Keras 3 with one layer called lstm."""
    hdf5 = io.BytesIO()
    with h5py.File(hdf5, "w") as saved:
        group = saved.create_group("layers/lstm/cell/vars")
        named = (arrays["weight_ih_l0"].T, arrays["weight_hh_l0"].T, arrays["bias_ih_l0"])
        for number, array in enumerate(named):
            group[str(number)] = array
    layers = [{"class_name": "LSTM", "config": {"name": "lstm"}}]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr(
            "config.json", json.dumps(config or {"class_name": "Sequential", "config": {"layers": layers}})
        )
        archive.writestr("model.weights.h5", inner or hdf5.getvalue())
    return file.getvalue()


MAKERS = {
    "m.pt": torch_zip,
    "m.safetensors": safe,
    "m.keras": keras_zip,
    "m.h5": keras_h5,
    "m.onnx": onnx,
    "m.npz": npz,
    "m.pkl": pickled,
}
"""A maker for each format that can hold numbers of a chosen type."""

RECORDED = ("bidirectional.pt", "whole_module.pth", "old_layout.bin", "script.pt", "model.safetensors",
            "characters.keras", "both.h5", "keras_2.hdf5", "exported.onnx")  # fmt: skip
"""Files that PyTorch and Keras wrote."""


def every_format() -> dict[str, bytes]:
    """One whole file of each format by a name with its suffix."""
    return {name: (FIXTURES / name).read_bytes() for name in RECORDED} | {
        "weights.npz": npz(weights()),
        "weights.pkl": pickled(weights()),
    }
