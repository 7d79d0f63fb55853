"""Arrays of floating-point numbers as ``.npy`` files: the plain kind that ``numpy.save`` writes, and no other."""

from __future__ import annotations

import io
import math
import re

import numpy as np

from lstmviz.core.arrays import Array, frozen
from lstmviz.core.errors import LstmvizError
from lstmviz.core.text import count

_MAGIC = b"\x93NUMPY\x01\x00"
_HEADER = re.compile(
    rb"\{'descr': '(?P<dtype><f[48])', 'fortran_order': False, "
    rb"'shape': \((?P<shape>(?:\d{1,18}, ?)*(?:\d{1,18})?)\), \} *\n"
)
_MOST_DIMENSIONS = 8

_HOW = "Arrays are .npy files of float64 or float32 numbers, as numpy.save writes them."


def npy_bytes(array: Array) -> bytes:
    """The file of ``array``; float64 and float32 alone."""
    if array.dtype.kind != "f" or array.dtype.itemsize not in (4, 8):
        raise TypeError(f"arrays of {array.dtype} are not saved")
    file = io.BytesIO()
    little_endian = np.asarray(array, array.dtype.newbyteorder("<"), order="C")
    np.lib.format.write_array(file, little_endian, version=(1, 0), allow_pickle=False)
    return file.getvalue()


def array_of(data: bytes, where: str) -> Array:
    """The array in the file ``data``, read-only, bit for bit. Never takes more memory than ``data``.

    Raises LstmvizError for another kind of file, and for a header that says something else than what follows.
    """
    if not data.startswith(_MAGIC) or len(data) < 10:
        raise LstmvizError("This is not an array", where=where, how=_HOW)
    start = 10 + int.from_bytes(data[8:10], "little")
    header = _HEADER.fullmatch(data[10:start])
    if not header:
        raise LstmvizError(
            "The header of the array says something else than float64 or float32 numbers in rows",
            where=where,
            how=_HOW,
        )
    dtype = np.dtype(header["dtype"].decode())
    shape = tuple(int(size) for size in header["shape"].replace(b",", b" ").split())
    size = math.prod(shape)
    # an empty array needs no bytes, whatever its other dimensions are, but NumPy cannot have them all
    possible = math.prod(max(size, 1) for size in shape) * dtype.itemsize < 2**62
    if len(shape) > _MOST_DIMENSIONS or not possible or size * dtype.itemsize != len(data) - start:
        raise LstmvizError(
            f"The header promises {count(size, 'number')} in {len(shape)} dimensions, "
            f"{count((len(data) - start) // dtype.itemsize, 'number')} follow",
            where=where,
            how="The file is damaged, or was made to do harm.",
        )
    return frozen(np.frombuffer(data, dtype, offset=start).reshape(shape), dtype.newbyteorder("="))
