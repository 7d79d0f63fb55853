"""``.npz`` and ``.npy`` files. Arrays of objects, which are pickles, are refused."""

from __future__ import annotations

import io
from tokenize import TokenError

import numpy as np

from lstmviz.core.errors import LstmvizError
from lstmviz.io.models.arrays import FileArray, from_buffer
from lstmviz.io.models.limits import DAMAGED
from lstmviz.io.models.zip_reading import ZipReader

_LONGEST_HEADER = 2**16
"""Bytes at the beginning that have the header, which may have 10,000 characters."""

_HOW = "Save the weights by name: np.savez(path, weight_ih_l0=..., weight_hh_l0=...)."


def read_npz(archive: ZipReader, where: str) -> dict[str, FileArray]:
    """Every array in the file by name. Raises LstmvizError."""
    return {
        name.removesuffix(".npy"): npy_array(archive.view(name), f"{where}, {name[:80]}")
        for name in archive.names
        if name.endswith(".npy")
    }


def npz_facts(archive: ZipReader) -> dict[str, str]:
    """What ``saving.save_network`` wrote beside the arrays, by name; nothing for other files."""
    words = archive.comment.decode("ascii", "replace").split()
    return dict(word.split("=", 1) for word in words if "=" in word)


def npy_array(data: bytes | memoryview, where: str) -> FileArray:
    """The array in ``data``, as a view of it: any numbers, any byte order, C or Fortran order.

    Raises LstmvizError for objects and for a header that says something else than what follows.
    """
    file = io.BytesIO(data[:_LONGEST_HEADER])
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
