"""``.npz`` and ``.npy`` files. Arrays of objects, which are pickles, are refused."""

from __future__ import annotations

import io
from tokenize import TokenError

import numpy as np

from lstmviz.core.errors import LstmvizError
from lstmviz.io.models.arrays import FileArray, from_buffer
from lstmviz.io.models.limits import DAMAGED
from lstmviz.io.models.zip_reading import ZipReader

_HOW = "Save the weights by name: np.savez(path, weight_ih_l0=..., weight_hh_l0=...)."


def read_npz(archive: ZipReader, where: str) -> dict[str, FileArray]:
    """Every array in the file by name. Raises LstmvizError."""
    return {
        name.removesuffix(".npy"): npy_array(archive.read(name), f"{where}, {name[:80]}")
        for name in archive.names
        if name.endswith(".npy")
    }


def npy_array(data: bytes, where: str) -> FileArray:
    """The array in ``data``: any numbers, any byte order, C or Fortran order, no more memory than ``data``.

    Raises LstmvizError for objects and for a header that says something else than what follows.
    """
    file = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(file)
        read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        if version not in ((1, 0), (2, 0)):
            raise ValueError(f"version {version}")
        shape, fortran, dtype = read_header(file, max_header_size=10_000)
    except (ValueError, TypeError, SyntaxError, TokenError, RecursionError, MemoryError, OverflowError) as error:
        told = ascii(str(error))[1:-1][:100]
        raise LstmvizError(f"The header of the array is damaged: {told}", where=where, how=DAMAGED) from error
    if dtype.hasobject or dtype.names or dtype.subdtype or dtype.itemsize == 0:
        raise LstmvizError(f"This is an array of {_kind(dtype)}, not of numbers", where=where, how=_HOW)
    content = memoryview(data)[file.tell() :]
    array = from_buffer(content, dtype, shape[::-1] if fortran else shape, where)
    return array.T if fortran else array


def _kind(dtype: np.dtype[np.generic]) -> str:
    return "Python objects" if dtype.hasobject else "records" if dtype.names else str(dtype)[:40]
