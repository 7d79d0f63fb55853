"""The linear maps around the recurrence, each one matrix product over all steps and sequences at once."""

from __future__ import annotations

import numpy as np

from lstmviz.core.arrays import Array


def affine(x: Array, weight: Array, bias: Array) -> Array:
    """weight x[t] + bias for every step: x [T, B, I], weight [O, I], bias [O] to [T, B, O]."""
    result = np.empty((*x.shape[:-1], weight.shape[0]), weight.dtype)
    np.dot(_rows(x), weight.T, _rows(result))
    result += bias
    return result


def weight_gradient(dz: Array, x: Array) -> Array:
    """dL/dW of z[t] = W x[t] + b, summed over steps and sequences: dz [T, B, O], x [T, B, I] to [O, I]."""
    return np.asarray(np.dot(_rows(dz).T, _rows(x)))


def bias_gradient(dz: Array) -> Array:
    """dL/db of z[t] = W x[t] + b: dz [T, B, O] to [O]."""
    return np.asarray(_rows(dz).sum(0))


def input_gradient(dz: Array, weight: Array) -> Array:
    """dL/dx of z[t] = W x[t] + b: dz [T, B, O], weight [O, I] to [T, B, I]."""
    dx = np.empty((*dz.shape[:-1], weight.shape[1]), dz.dtype)
    np.dot(_rows(dz), weight, _rows(dx))
    return dx


def as_right_operand(matrix: Array, rows: int) -> Array:
    """A copy of ``matrix`` laid out so that ``np.dot(left, matrix)`` is fastest for a left side of ``rows`` rows.

    The product of one row (GEMV) likes the matrix row by row, that of many rows (GEMM) column by column.
    """
    return np.ascontiguousarray(matrix) if rows == 1 else np.asfortranarray(matrix)


def _rows(array: Array) -> Array:
    """[T, B, N] as [T * B, N]."""
    return array.reshape(-1, array.shape[-1])
