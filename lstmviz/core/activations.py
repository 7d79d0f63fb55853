"""The nonlinearities and their derivatives, relatively accurate over the whole range of floats."""

from __future__ import annotations

from typing import Any

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.parameters import Nonlinearity


def sigmoid(z: Any) -> Array:
    """1 / (1 + exp(-z)), relatively accurate also where it is tiny; never overflows.

    With e = exp(-|z|) it is 1 / (1 + e) for z >= 0 and e / (1 + e) below.
    """
    z = np.asarray(z)
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def sigmoid_slope(z: Any) -> Array:
    """The derivative of the sigmoid at z: e / (1 + e)^2 with e = exp(-|z|), accurate where a (1 - a) cancels."""
    e = np.exp(-np.abs(np.asarray(z)))
    return np.asarray(e / (1 + e) ** 2)


def apply(nonlinearity: Nonlinearity, z: Array) -> Array:
    """phi(z) of the vanilla RNN."""
    if nonlinearity is Nonlinearity.TANH:
        return np.tanh(z)
    return np.maximum(z, 0) if nonlinearity is Nonlinearity.RELU else z.copy()


def slope(nonlinearity: Nonlinearity, z: Array, h: Array) -> Array:
    """phi'(z), given h = phi(z) as well; relu's slope at exactly 0 is 0, as in PyTorch."""
    if nonlinearity is Nonlinearity.TANH:
        return 1 - h * h
    return (z > 0).astype(z.dtype) if nonlinearity is Nonlinearity.RELU else np.ones_like(z)
