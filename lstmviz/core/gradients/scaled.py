"""Numbers beyond the range of floats, kept as a mantissa and an exact power of two, and norms of such matrices."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.arrays import Array
from lstmviz.core.gradients.spectral_norm import largest_singular_values

Exponents = NDArray[np.int32]

ZERO_EXPONENT = -(2**30)
"""The exponent of exact zeros: below all others, so that the largest of several exponents is never a zero's."""

_SMALL, _LARGE = 2.0**-900, 2.0**900
_Progress = TypeVar("_Progress")
_Result = TypeVar("_Result")


class Norm(Enum):
    """How large a matrix is: FRO sqrt(sum of squares), SPECTRAL the largest factor by which it stretches a vector."""

    FRO = "fro"
    SPECTRAL = "spectral"


@dataclass(frozen=True, eq=False)
class Scaled:
    """mantissa * 2**exponent, entry by entry; ``exponent`` is int32."""

    mantissa: Array
    exponent: Exponents

    @property
    def value(self) -> Array:
        """The numbers as floats; those out of range are 0 or inf, as IEEE 754 says."""
        with np.errstate(all="ignore"):
            return np.ldexp(self.mantissa, self.exponent)

    @property
    def log10(self) -> Array:
        """log10 of the numbers, however small or large they are; -inf for exact zeros."""
        with np.errstate(all="ignore"):
            return np.asarray(np.log10(self.mantissa) + self.exponent * math.log10(2))

    def read(self, log10: bool) -> Array:
        """``log10`` or ``value``."""
        return self.log10 if log10 else self.value

    def transposed(self) -> Scaled:
        """Rows and columns exchanged."""
        return Scaled(self.mantissa.T, self.exponent.T)

    @staticmethod
    def zeros(*shape: int) -> Scaled:
        """Exact zeros, to be filled."""
        return Scaled(np.zeros(shape), np.full(shape, ZERO_EXPONENT, np.int32))


def normalised(columns: Array, exponents: Exponents) -> tuple[Array, Exponents]:
    """The same columns [S, N] with the largest entry of each in [0.5, 1); ``exponents`` [N] are those of columns.

    A column with a number that is not finite stays as it is.
    """
    largest = np.abs(columns).max(0)
    _, shift = np.frexp(largest)
    shift = np.where(np.isfinite(largest), shift, 0)
    moved = np.where(largest == 0, ZERO_EXPONENT, exponents + shift).astype(np.int32)
    return np.ldexp(columns, -shift), moved


def powers_of_two(exponents: Exponents) -> Array:
    """2**exponent as floats, 0 below their range."""
    return np.ldexp(1.0, exponents)


def aligned(matrix: Array, exponents: Exponents) -> tuple[Array, int]:
    """One matrix [S, N] whose columns have ``exponents`` [N], with one exponent for all of it, and entries up to 1."""
    columns, exponents = normalised(matrix, exponents)
    largest = int(exponents.max())
    return columns * powers_of_two(exponents - largest), largest


def add_scaled(
    total: Array, exponents: Exponents, columns: Array, incoming: Exponents, rows: slice = slice(None)
) -> None:
    """total[rows] * 2**exponents += columns * 2**incoming, column by column, in place; ``total`` as a whole is scaled.

    total [S, N], exponents and incoming [N], columns [S or as many as ``rows``, N]
    """
    if (incoming != exponents).any():
        total[...], exponents[...] = normalised(total, exponents)
        columns, incoming = normalised(columns, incoming)
        largest = np.maximum(exponents, incoming)
        total *= powers_of_two(exponents - largest)
        columns *= powers_of_two(incoming - largest)
        exponents[...] = largest
    total[rows] += columns


def block_norms(columns: Array, exponents: Exponents, width: int, norm: Norm) -> tuple[Array, Exponents]:
    """Norms of N matrices side by side: mantissas and exponents, each [N].

    columns    [S, N * width], the matrices [S, width] one after the other
    exponents  [N * width], one for every column
    """
    by_block = exponents.reshape(-1, width)
    largest = by_block.max(1)
    if (by_block == largest[:, None]).all():
        squares = _squared_norms(columns, width)
        if ((squares >= _SMALL) & (squares <= _LARGE)).all():
            return _norms(columns, squares, width, norm), largest
    columns, exponents = normalised(columns, exponents)
    by_block = exponents.reshape(-1, width)
    largest = by_block.max(1)
    columns = columns * powers_of_two((by_block - largest[:, None]).ravel())
    return _norms(columns, _squared_norms(columns, width), width, norm), largest


def _squared_norms(columns: Array, width: int) -> Array:
    """Sum of squares of every matrix, [N]."""
    summed: Array = np.multiply(columns, columns).sum(0).reshape(-1, width).sum(1)
    return summed


def _norms(columns: Array, squares: Array, width: int, norm: Norm) -> Array:
    """The norms, given the Frobenius norms squared; no entry is out of the range where squares are floats."""
    if norm is Norm.FRO or width == 1 or len(columns) == 1:
        return np.sqrt(squares)
    return largest_singular_values(columns.reshape(len(columns), -1, width).transpose(1, 0, 2), squares)
