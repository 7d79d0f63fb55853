"""The nonlinearities and their derivatives, relatively accurate over the whole range of floats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.networks.parameters import Nonlinearity


def sigmoid(z: Any) -> Array:
    """1 / (1 + exp(-z)), relatively accurate also where it is tiny; never overflows.

    With e = exp(-|z|) it is 1 / (1 + e) for z >= 0 and e / (1 + e) below.
    """
    z = np.asarray(z)
    e = np.exp(-np.abs(z))
    return np.asarray(np.where(z >= 0, 1, e) / (1 + e))


def sigmoid_slope(z: Array, a: Array, out: Array) -> None:
    """The derivative of a = sigmoid(z) into ``out``: sigmoid(z) sigmoid(-z), accurate where a (1 - a) cancels."""
    np.exp(z, out)
    np.add(out, 1, out)
    np.divide(a, out, out)
    if exp_overflows(z):
        np.exp(-z, out, where=z > np.log(np.finfo(z.dtype).max))


def exp_overflows(z: Array) -> bool:
    """Whether exp(z) is infinite or NaN somewhere."""
    return not z.max(initial=0) <= np.log(np.finfo(z.dtype).max)


def tanh_slope(z: Array, out: Array, factor: Array | float = 1) -> None:
    """``factor`` times the derivative of tanh at z into ``out``: 1 / cosh(z)^2, where 1 - tanh(z)^2 would cancel."""
    cosh = np.cosh(z)
    np.divide(factor, cosh, out)
    np.divide(out, cosh, out)


def mend_sigmoid_tail(z: Array, gate: Array) -> None:
    """Put the denormal numbers into ``gate`` = 1 / (1 + exp(-z)) that it has lost because exp(-z) is infinite."""
    limit = -np.log(np.finfo(z.dtype).max)
    if not z.min(initial=0) >= limit:  # also where z has a NaN
        np.exp(z, gate, where=z < limit)


def phi(nonlinearity: Nonlinearity) -> Callable[[Array, Array], Any]:
    """phi of the vanilla RNN, called as phi(z, out)."""
    functions: dict[Nonlinearity, Callable[[Array, Array], Any]] = {
        Nonlinearity.TANH: np.tanh,
        Nonlinearity.RELU: _relu,
        Nonlinearity.IDENTITY: np.positive,
    }
    return functions[nonlinearity]


def _relu(z: Array, out: Array) -> Array:
    return np.maximum(z, 0, out=out)


def phi_slope(nonlinearity: Nonlinearity, z: Array, out: Array) -> None:
    """phi'(z) into ``out``; relu's slope at exactly 0 is 0, as in PyTorch."""
    if nonlinearity is Nonlinearity.TANH:
        tanh_slope(z, out)
    else:
        out[...] = z > 0 if nonlinearity is Nonlinearity.RELU else 1


def log_softmax(logits: Array) -> Array:
    """log of the probabilities [..., O] that softmax makes of ``logits``.

    The largest logit is taken out first, so that exp cannot overflow and the log is never of 0.
    """
    shifted = logits - logits.max(-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(-1, keepdims=True)))
