"""The linear maps around the recurrence, each one matrix product over all steps and sequences at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.workspace import empty_arrays

_LARGE = 2**22
"""Bytes of a matrix that lies well outside the second-level cache of a core."""

_FEW_COLUMNS = 3
"""Columns of a matrix up to which it is faster to multiply by one after the other."""


def affine(x: Array, weight: Array, bias: Array, out: Array) -> None:
    """weight x[t] + bias for every step into ``out``: x [T, B, I], weight [O, I], bias [O], out [T, B, O]."""
    np.dot(_with_one(x), np.column_stack([weight, bias]).T, _rows(out))


def weight_gradient(dz: Array, x: Array) -> Array:
    """dL/dW of z[t] = W x[t] + b, summed over steps and sequences: dz [T, B, O], x [T, B, I] to [O, I]."""
    return np.asarray(np.dot(_rows(dz).T, _rows(x)))


def bias_gradient(dz: Array) -> Array:
    """dL/db of z[t] = W x[t] + b: dz [T, B, O] to [O]."""
    return np.asarray(_rows(dz).sum(0))


def weight_and_bias_gradient(dz: Array, x: Array) -> tuple[Array, Array]:
    """dL/dW [O, I] and dL/db [O] of z[t] = W x[t] + b in one pass over dz [T, B, O]; x [T, B, I]."""
    both = np.dot(_rows(dz).T, _with_one(x))
    return both[:, :-1].copy(), both[:, -1].copy()


def input_gradient(dz: Array, weight: Array) -> Array:
    """dL/dx of z[t] = W x[t] + b: dz [T, B, O], weight [O, I] to [T, B, I]."""
    dx = np.empty((*dz.shape[:-1], weight.shape[1]), dz.dtype)
    if weight.shape[1] > _FEW_COLUMNS:
        np.dot(_rows(dz), weight, _rows(dx))
    else:
        for column, of_input in zip(_rows(dx).T, weight.T, strict=True):
            column[...] = np.dot(_rows(dz), of_input)
    return dx


def _with_one(x: Array) -> Array:
    """[T, B, N] as [T * B, N + 1], with a 1 behind each x[t]: what the bias is multiplied by."""
    rows = _rows(x)
    return np.concatenate([rows, np.ones((len(rows), 1), rows.dtype)], 1)


def as_right_operand(matrix: Array, rows: int) -> Array:
    """A copy of ``matrix`` in the layout of ``empty_right_operand``."""
    height, width = matrix.shape
    operand = empty_right_operand(height, width, rows, matrix.dtype)
    operand[...] = matrix
    return operand


def empty_right_operand(height: int, width: int, rows: int, dtype: np.dtype[Any]) -> Array:
    """An uninitialised matrix laid out so that ``np.dot(left, matrix)`` is fastest for a left side of ``rows`` rows.

    The product of one row (GEMV) likes the matrix row by row, unless it is large and its rows are longer than its
    columns; that of many rows (GEMM) likes it column by column.
    """
    by_rows = rows == 1 and (height >= width or height * width * dtype.itemsize < _LARGE)
    (matrix,) = empty_arrays(dtype, (height, width) if by_rows else (width, height))
    return matrix if by_rows else matrix.T


def _rows(array: Array) -> Array:
    """[T, B, N] as [T * B, N]."""
    return array.reshape(-1, array.shape[-1])
