"""``.safetensors`` files: names, types, shapes and bytes."""

from __future__ import annotations

from typing import Any

import numpy as np

from lstmviz.core.errors import LstmvizError
from lstmviz.io.models.arrays import BFLOAT16, FileArray, from_buffer
from lstmviz.io.models.libraries import needed
from lstmviz.io.models.limits import DAMAGED

_TYPES: dict[str, np.dtype[Any]] = {
    "F64": np.dtype("<f8"),
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "BF16": BFLOAT16,
    "I64": np.dtype("<i8"),
    "I32": np.dtype("<i4"),
    "I16": np.dtype("<i2"),
    "I8": np.dtype("<i1"),
    "U8": np.dtype("<u1"),
    "BOOL": np.dtype("?"),
}


def looks_like_safetensors(data: bytes) -> bool:
    """Whether ``data`` begins with the length of a header in JSON, and the header."""
    return len(data) > 9 and data[8:9] == b"{" and int.from_bytes(data[:8], "little") < 2**32


def read_safetensors(data: bytes, where: str) -> dict[str, FileArray]:
    """Every array of a type that can be weights, by name. Raises LstmvizError."""
    with needed("safetensors"):
        import safetensors
    try:
        entries = safetensors.deserialize(data)  # type: ignore[no-untyped-call]  # comes without types
    except safetensors.SafetensorError as error:
        told = ascii(str(error))[1:-1][:120]
        raise LstmvizError(f"The safetensors file is damaged: {told}", where=where, how=DAMAGED) from error
    arrays: dict[str, FileArray] = {}
    for name, entry in entries:
        dtype = _TYPES.get(str(entry["dtype"]))
        if dtype is not None:
            arrays[name] = from_buffer(bytes(entry["data"]), dtype, list(entry["shape"]), f"{where}, {name[:80]}")
    return dict(sorted(arrays.items()))
