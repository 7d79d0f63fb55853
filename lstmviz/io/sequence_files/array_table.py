"""The arrays of ``.npy`` and ``.npz`` files -> float64 rows, one array and one sequence of it chosen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from tokenize import TokenError

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.errors import LstmvizError
from lstmviz.core.text import count
from lstmviz.io.models.arrays import FileArray
from lstmviz.io.models.limits import DAMAGED
from lstmviz.io.models.numpy_files import npy_array
from lstmviz.io.models.zip_reading import ZipReader
from lstmviz.io.sequence_files.content import FileKind
from lstmviz.io.tables import MAX_STEPS, MAX_VALUES

_OBJECTS = "This is an array of Python objects, which could run code"
_HOW_PLAIN = "Save plain numbers: numpy.save(path, numpy.asarray(x, dtype=float))."
_MOST_NOT_FINITE = 1000


@dataclass(frozen=True)
class ArrayTable:
    """The numbers of an array.

    values      float64 [rows, columns], nan where the number is not finite
    not_finite  the first of those as they stand in the file, by row and column
    arrays      name and shape of every array that could be chosen
    chosen      the name of the one that was
    items       how many sequences it holds: the first of three dimensions, else 1
    item        which of them this is
    """

    values: NDArray[np.float64]
    not_finite: dict[tuple[int, int], str]
    arrays: tuple[tuple[str, tuple[int, ...]], ...]
    chosen: str
    items: int
    item: int
    recognised: tuple[str, ...]


def read_array_table(data: bytes, kind: FileKind, where: str, array: str, item: int) -> ArrayTable:
    """The numbers of one array of a file. Raises LstmvizError for objects, text, and more than three dimensions."""
    found = _arrays(data, kind, where)
    usable = {name: each for name, each in found.items() if isinstance(each, np.ndarray) and _problem(each) is None}
    if not usable:
        name, first = next(iter(found.items()))
        what, how = _problem(first) or ("", "")
        raise LstmvizError(what, where=f"{where}, {name}" if name else where, how=how)
    if array and array not in usable:
        how = f"There are: {', '.join(list(usable)[:12])}."
        raise LstmvizError(f"There is no array “{array[:60]}” of numbers in this file", where=where, how=how)
    chosen = array or next(iter(usable))
    whole = usable[chosen]
    items = whole.shape[0] if whole.ndim == 3 else 1
    if not 0 <= item < items:
        raise LstmvizError(
            f"There is no sequence {item + 1:,}", where=where, how=f"The array holds {count(items, 'sequence')}."
        )
    rows = whole[item] if whole.ndim == 3 else whole.reshape(-1, 1) if whole.ndim == 1 else whole
    if max(rows.shape) > MAX_STEPS or rows.size > MAX_VALUES:
        raise LstmvizError(
            f"The array has {rows.shape[0]:,} × {rows.shape[1]:,} numbers",
            where=where,
            how=f"The limits are {MAX_STEPS:,} steps and {MAX_VALUES:,} numbers; save a part of it, as x[:1000].",
        )
    with np.errstate(all="ignore"):
        values = np.array(rows, dtype=np.float64)
    places = ~np.isfinite(values)
    first = np.argwhere(places)[:_MOST_NOT_FINITE].tolist()
    not_finite = {(row, column): f"{values[row, column]}" for row, column in first}
    values[places] = np.nan
    arrays = tuple((name, tuple(each.shape)) for name, each in usable.items())
    return ArrayTable(
        values, not_finite, arrays, chosen, items, item, tuple(_recognised(chosen, whole, item, len(found)))
    )


def _recognised(name: str, array: FileArray, item: int, number_of_arrays: int) -> list[str]:
    shape = " × ".join(f"{size:,}" for size in array.shape)
    words = [f"an array of {shape} numbers ({array.dtype.name})"]
    if number_of_arrays > 1:
        words[0] = f"“{name[:40]}”, {words[0]}, one of {number_of_arrays:,} in the file"
    if array.ndim == 3:
        words.append(f"three dimensions are taken as sequence, step, feature; this is sequence {item + 1:,}")
    return words


def _arrays(data: bytes, kind: FileKind, where: str) -> dict[str, FileArray | LstmvizError]:
    """The arrays of the file by name, in place of an unreadable one why it is; at least one."""
    if kind is FileKind.NPY:
        return {"": _array(data, where)}
    archive = ZipReader(data, where)
    names = [name for name in archive.names if name.endswith(".npy")]
    if not names:
        raise LstmvizError(
            "This zip file holds no arrays of NumPy", where=where, how="Unpack it, and open the table inside."
        )
    return {name.removesuffix(".npy"): _array(archive.read(name), f"{where}, {name[:80]}") for name in names}


def _array(data: bytes, where: str) -> FileArray | LstmvizError:
    try:
        return npy_array(data, where)
    except LstmvizError as error:
        return error
    except TokenError:  # of a header that NumPy takes for one of Python 2
        return LstmvizError("The header of the array is damaged", where=where, how=DAMAGED)


def _problem(array: FileArray | LstmvizError) -> tuple[str, str] | None:
    """Why an array cannot be a sequence, and what could be saved instead; or None."""
    if isinstance(array, LstmvizError):
        return (_OBJECTS if "objects" in array.what else array.what), _HOW_PLAIN
    if array.dtype.kind == "c":
        return "These are complex numbers", "Save their parts as features: numpy.stack([x.real, x.imag], axis=-1)."
    if array.dtype.kind not in "biuf":
        return f"These are no numbers, but {array.dtype}", _HOW_PLAIN
    if not math.prod(array.shape):
        return "The array is empty", "Save one with a step at least."
    if array.ndim == 0:
        return "This is a single number, not a sequence", "Save one number a step."
    if array.ndim > 3:
        words = f"The array has {array.ndim} dimensions; a sequence has one, two, or three with several sequences"
        return words, "Save one part of it, as x[0]."
    return None
