"""Files of PyTorch without PyTorch: ``torch.save`` as a zip file or in the older layout, whole modules, TorchScript."""

from __future__ import annotations

import io
import re
from typing import Any, BinaryIO

import numpy as np

from lstmviz.core.errors import LstmvizError
from lstmviz.io.models.attribute_tree import Tree, tree_of
from lstmviz.io.models.limits import DAMAGED, HARMFUL
from lstmviz.io.models.pickle_calls import STORAGE_TYPES
from lstmviz.io.models.pickle_values import Name, Storage
from lstmviz.io.models.unpickling import unpickled
from lstmviz.io.models.zip_reading import ZipReader

OLD_MAGIC = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
"""How a file of the older layout begins: a pickle of one large whole number."""

_PICKLE = re.compile(r"(?:[^/]+/)?data\.pkl")


def pickle_inside(names: list[str]) -> str | None:
    """The name of the pickle in a zip file of PyTorch; None in another zip file."""
    return next((name for name in names if _PICKLE.fullmatch(name)), None)


def read_torch_zip(archive: ZipReader, where: str) -> tuple[str, Tree]:
    """What it is, and everything with numbers in it. Raises LstmvizError."""
    name = pickle_inside(archive.names)
    assert name is not None
    folder = name.removesuffix("data.pkl")
    big_endian = f"{folder}byteorder" in archive.names and archive.read(f"{folder}byteorder").strip() == b"big"
    storages: dict[str, Storage] = {}

    def storage(identity: Any) -> Storage:
        dtype, key, size = _storage_identity(identity, where)
        if key not in storages:
            data = archive.view(f"{folder}data/{key}")
            if dtype.names is None and big_endian:
                dtype = dtype.newbyteorder(">")
            storages[key] = Storage(dtype, size, key, data)
        known = storages[key]
        # the same bytes may be seen as another type
        return known if known.dtype == dtype else Storage(dtype, size, key, known.data)

    root = unpickled(io.BytesIO(archive.read(name)), where, storage)
    tree = tree_of(root, where)
    script = [each for each in archive.names if each.startswith(f"{folder}code/") and each.endswith(".py")]
    if script:
        _tell_nonlinearity(tree, archive, script)
        return "TorchScript (a zip file with data.pkl and code)", tree
    return "PyTorch (a zip file with data.pkl)", tree


def read_torch_old(data: bytes, where: str) -> tuple[str, Tree]:
    """The same for a file of the layout before PyTorch 1.6. Raises LstmvizError."""
    return "PyTorch (the layout before version 1.6)", tree_of(_old_root(data, where), where)


def read_pickle(data: bytes, where: str) -> tuple[str, Tree]:
    """The same for a plain pickle, with tensors of PyTorch in it or arrays of NumPy. Raises LstmvizError."""
    return "pickle", tree_of(unpickled(io.BytesIO(data), where), where)


def _old_root(data: bytes, where: str) -> Any:
    """Three small pickles, then the objects, then the keys of the storages, then their numbers."""
    file = io.BytesIO(data)
    storages: dict[str, Storage] = {}

    def storage(identity: Any) -> Storage:
        dtype, key, size = _storage_identity(identity, where)
        return storages.setdefault(key, Storage(dtype, size, key))

    unpickled(file, where)
    version = unpickled(file, where)
    system = unpickled(file, where)
    if version != 1001:
        raise LstmvizError("This version of PyTorch's old layout is not known", where=where, how=DAMAGED)
    root = unpickled(file, where, storage)
    keys = unpickled(file, where)
    big_endian = isinstance(system, dict) and system.get("little_endian") is False
    for key in keys if isinstance(keys, list) else ():
        if not isinstance(key, str) or key not in storages:
            raise LstmvizError("The file has numbers that belong to nothing", where=where, how=HARMFUL)
        _fill(storages[key], file, big_endian, where)
    return root


def _fill(storage: Storage, file: BinaryIO, big_endian: bool, where: str) -> None:
    order: Any = "big" if big_endian else "little"
    size = int.from_bytes(file.read(8), order, signed=True)
    if size != storage.size:
        raise LstmvizError(
            f"{storage.size:,} numbers are announced, {size:,} follow", where=f"{where}, storage", how=DAMAGED
        )
    if storage.dtype.names is None and big_endian:
        storage.dtype = storage.dtype.newbyteorder(">")
    storage.data = file.read(size * storage.dtype.itemsize)
    if len(storage.data) < size * storage.dtype.itemsize:
        raise LstmvizError("The file is cut off in the middle of its numbers", where=where, how=DAMAGED)


def _storage_identity(identity: Any, where: str) -> tuple[np.dtype[Any], str, int]:
    """Type, key and size from ``("storage", class, key, location, size, ...)``."""
    match identity:
        case ("storage", Name(_, kind), str(key), _, int(size), *_) if size >= 0 and re.fullmatch(r"[\w.-]{1,40}", key):
            if kind in STORAGE_TYPES:
                return STORAGE_TYPES[kind], key, size
            raise LstmvizError(
                f"The file has tensors of the type {ascii(kind)[1:-1][:40]}",
                where=where,
                how="Save them as float64, float32, float16 or bfloat16.",
            )
    raise LstmvizError("The pickle refers to something that is no storage of numbers", where=where, how=HARMFUL)


def _tell_nonlinearity(tree: Tree, archive: ZipReader, script: list[str]) -> None:
    """TorchScript keeps phi of a vanilla RNN in its code alone, as the name of the function that is called."""
    code = b"".join(archive.read(name) for name in script)
    used = [name for name in ("rnn_tanh", "rnn_relu") if re.search(rf"\b{name}\(".encode(), code)]
    if len(used) == 1:
        tree.settings["mode"] = used[0].upper()
