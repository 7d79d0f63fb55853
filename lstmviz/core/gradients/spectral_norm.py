"""The largest singular values of many matrices at once, by repeated squaring with a bound on the error."""

from __future__ import annotations

import numpy as np

from lstmviz.core.arrays import Array

_TOLERANCE = 1e-10
"""Bound on the relative error of a singular value; rounding adds some units in the last place."""

_LARGEST_POWER = 128
"""Matrices whose largest eigenvalues lie so close together that this power does not tell go to the solver."""

_FEWEST, _SMALLEST = 8, 6
"""Fewer or smaller matrices than this are quicker left to the solver."""

_SMALL, _LARGE = 1e-60, 1e60
"""Traces between which a matrix can be squared twice without leaving the range of floats."""


def largest_singular_values(blocks: Array, squares: Array) -> Array:
    """The largest singular value of each of ``blocks`` [N, S, W], [N], to a relative error of 1e-10.

    squares  [N]  sums of all entries squared: 0, not finite (these come back), or between 2**-900 and 2**900
    """
    usable = np.isfinite(squares) & (squares > 0)
    if not usable.all():
        result = squares.copy()
        if usable.any():
            result[usable] = largest_singular_values(blocks[usable], squares[usable])
        return result
    across = blocks.transpose(0, 2, 1)
    gram = across @ blocks if blocks.shape[2] < blocks.shape[1] else blocks @ across
    return np.sqrt(_largest_eigenvalues(gram, squares))


def _largest_eigenvalues(gram: Array, traces: Array) -> Array:
    """Those of symmetric matrices [N, W, W] without negative eigenvalues, of which not all are 0.

    With eigenvalues a_1 >= a_2 >= ..., tr(G^2N)^(1/2N) is a_1 (1 + q)^(1/2N) with q = sum (a_k/a_1)^2N over k > 1: too
    large by a factor of at most 1 + q/2N. The ratio e + 1 = tr(G^N)^2 / tr(G^2N) bounds q: with s = sum (a_k/a_1)^N
    it is (1 + s)^2 / (1 + q). As q <= s, e >= s; as q <= s^2, e >= 2 s / (1 + s^2); so s <= e (1 + e^2) / 2.
    """
    if len(gram) < _FEWEST or gram.shape[1] < _SMALLEST:
        return _solved(gram)
    result = np.empty(len(gram))
    # power * exp(log) is G^N of the matrices numbered ``left``, N = exponent; ``traces`` are those of ``power``
    left, power, log, exponent = np.arange(len(gram)), gram, np.zeros(len(gram)), 1
    while True:
        if traces.min() < _SMALL or traces.max() > _LARGE:
            power, log = power / traces[:, None, None], log + np.log(traces)
            traces = np.ones(len(traces))
        squared = np.einsum("nij,nij->n", power, power)
        excess = traces * traces / squared - 1
        exponent *= 2
        accurate = (excess * (1 + excess * excess)) ** 2 <= 8 * _TOLERANCE * exponent
        result[left[accurate]] = np.exp((np.log(squared[accurate]) + 2 * log[accurate]) / exponent)
        if accurate.any():
            left, power, log, squared = (each[~accurate] for each in (left, power, log, squared))
        if not len(left):
            return result
        if exponent >= _LARGEST_POWER:
            result[left] = _solved(gram[left])
            return result
        power, traces, log = power @ power, squared, 2 * log


def _solved(gram: Array) -> Array:
    eigenvalues: Array = np.linalg.eigvalsh(gram)
    return np.maximum(eigenvalues[:, -1], 0)
