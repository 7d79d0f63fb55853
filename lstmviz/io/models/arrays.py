"""Numbers in a file, of whatever type, as float64 or float32 arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.arrays import Array, frozen
from lstmviz.core.errors import LstmvizError
from lstmviz.io.models.limits import HARMFUL, MOST_BYTES, MOST_DIMENSIONS

FileArray = NDArray[Any]
"""An array as it lies in the file: any type of numbers, perhaps a view into the file's bytes."""

BFLOAT16 = np.dtype([("bfloat16", "<u2")])
"""The upper half of a float32, which NumPy does not know: kept under a name of its own until it is widened."""


def is_numeric(array: FileArray) -> bool:
    """Whether these can be weights: floats of any width, and bfloat16."""
    return array.dtype == BFLOAT16 or (array.dtype.kind == "f" and array.dtype.itemsize <= 8)


def as_floats(array: FileArray, where: str) -> Array:
    """A read-only copy as float64, or as float32 where the file has 32 bits or fewer.

    Raises LstmvizError for what is no floating-point number, and for NaN and infinity with the place.
    """
    if not is_numeric(array):
        raise LstmvizError(
            f"The weights are of type {array.dtype}", where=where, how="Save them as float64, float32 or float16."
        )
    if array.dtype == BFLOAT16:
        words: FileArray = np.ascontiguousarray(array)["bfloat16"]
        wide = (words.astype(np.uint32) << np.uint32(16)).view(np.float32)
    else:
        with np.errstate(all="ignore"):
            wide = np.asarray(array, np.float64 if array.dtype.itemsize == 8 else np.float32, order="C")
    refuse_non_finite(wide, where)
    return frozen(wide)


def refuse_non_finite(array: Array, where: str) -> None:
    """Raises LstmvizError naming the first number that is NaN or infinite, and its place."""
    finite = np.isfinite(array)
    if not finite.all():
        index = np.unravel_index(int(np.argmin(finite)), array.shape)
        place = ", ".join(str(int(each)) for each in index)
        raise LstmvizError(
            f"The weight at [{place}] is {array[index]}",
            where=where,
            how=f"{int(finite.size - finite.sum()):,} of {finite.size:,} numbers are not finite; "
            "the training has diverged. Open an earlier checkpoint.",
        )


def from_buffer(
    data: bytes | memoryview,
    dtype: np.dtype[Any],
    shape: Sequence[Any],
    where: str,
    *,
    offset: int = 0,
    strides: Sequence[Any] | None = None,
) -> FileArray:
    """A read-only view of ``data`` with ``shape``; ``offset`` and ``strides`` count elements, not bytes.

    Raises LstmvizError unless every element lies within ``data`` and there are no more of them than fit into it.
    """
    if not all(type(size) is int and size >= 0 for size in (*shape, offset)) or len(shape) > MOST_DIMENSIONS:
        raise LstmvizError("The shape of an array is not a list of a few whole numbers", where=where, how=HARMFUL)
    number, available = math.prod(shape), len(data) // dtype.itemsize
    # sizes that are impossible are refused even where another is 0, which NumPy does too
    if number > available or math.prod(max(size, 1) for size in shape) > max(available, MOST_BYTES):
        raise _too_little(shape, available, where)
    if strides is None:
        strides = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
    if len(strides) != len(shape) or not all(type(stride) is int and 0 <= stride <= MOST_BYTES for stride in strides):
        raise LstmvizError("The strides of an array do not go with its shape", where=where, how=HARMFUL)
    last = offset + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))
    if number and last >= available:
        raise _too_little(shape, available, where)
    if not number:
        return np.zeros(shape, dtype)
    flat = np.frombuffer(data, dtype, count=available)[offset:]
    return np.lib.stride_tricks.as_strided(
        flat, tuple(shape), [stride * dtype.itemsize for stride in strides], writeable=False
    )


def _too_little(shape: Sequence[int], available: int, where: str) -> LstmvizError:
    return LstmvizError(
        f"An array of shape {list(shape)} is announced, but only {available:,} numbers are there",
        where=where,
        how=HARMFUL,
    )
