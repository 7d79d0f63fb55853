"""``.safetensors`` files: names, types, shapes and bytes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from lstmviz.core.errors import LstmvizError
from lstmviz.io.json_text import json_value
from lstmviz.io.models.arrays import BFLOAT16, FileArray, from_buffer
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


def safetensors_facts(data: bytes) -> dict[str, str]:
    """The texts beside the arrays, by name: there ``saving.save_network`` says what names and shapes do not tell."""
    size = int.from_bytes(data[:8], "little")
    try:
        header = json.loads(data[8 : 8 + size])
        found = header.get("__metadata__", {}).items()
    except (ValueError, RecursionError, AttributeError):
        return {}  # whoever reads the arrays says what is wrong with it
    return {name: value for name, value in found if isinstance(value, str)}


def read_safetensors(data: bytes, where: str) -> dict[str, FileArray]:
    """Every array of a type that can be weights, by name, as views of ``data``: what is not used takes no memory.

    Raises LstmvizError for a header that is no list of arrays, and for arrays that are not where it says.
    """
    start = 8 + int.from_bytes(data[:8], "little")
    if start > len(data):
        raise LstmvizError("The file is cut off in the middle of its header", where=where, how=DAMAGED)
    numbers = memoryview(data)[start:]
    arrays: dict[str, FileArray] = {}
    end = 0
    for name, entry in json_value(data[8:start], where).items():
        if name == "__metadata__":
            continue
        place = f"{where}, {name[:80]}"
        match entry:
            case {"dtype": str(kind), "shape": list(shape), "data_offsets": [int(first), int(last)]} if (
                0 <= first <= last
            ):
                end = max(end, last)
            case _:
                raise LstmvizError("The header does not say where an array is", where=place, how=DAMAGED)
        dtype = _TYPES.get(kind)
        if dtype is not None and last <= len(numbers):
            array = from_buffer(numbers[first:last], dtype, shape, place)
            if array.size * dtype.itemsize != last - first:
                raise LstmvizError(f"The shape {list(shape)} does not go with the size", where=place, how=DAMAGED)
            arrays[name] = array
    if end != len(numbers):
        raise LstmvizError(
            f"The header says that {end:,} bytes follow, but there are {len(numbers):,}", where=where, how=DAMAGED
        )
    return dict(sorted(arrays.items()))
