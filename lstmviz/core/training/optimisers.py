"""From gradients to new weights: SGD with momentum, and Adam. Weights and gradients are one vector [P]."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from lstmviz.core.arrays import Array

_BETA_1, _BETA_2, _EPSILON = 0.9, 0.999, 1e-8
"""Adam's decay rates and the number that keeps it from dividing by zero, as its authors chose them."""


class Optimiser(Enum):
    """How weights follow their gradients."""

    SGD = "sgd"
    ADAM = "adam"


@dataclass(frozen=True, eq=False)
class Moments:
    """What an optimiser remembers; read-only.

    count   updates so far
    first   [P]  SGD: the velocity; Adam: the running mean of the gradient
    second  [P]  Adam: the running mean of its square; zeros for SGD without use for it
    """

    optimiser: Optimiser
    count: int
    first: Array
    second: Array | None

    @staticmethod
    def none(optimiser: Optimiser, like: Array) -> Moments:
        """Before the first update of weights shaped like ``like`` [P]."""
        zeros = np.zeros_like(like)
        zeros.flags.writeable = False
        return Moments(optimiser, 0, zeros, zeros if optimiser is Optimiser.ADAM else None)

    @property
    def nbytes(self) -> int:
        """Bytes of its arrays."""
        return self.first.nbytes + (0 if self.second is None else self.second.nbytes)


def updated(weights: Array, gradient: Array, moments: Moments, lr: float, momentum: float) -> tuple[Array, Moments]:
    """The weights [P] after one update, and what the optimiser remembers then; nothing given is changed."""
    with np.errstate(all="ignore"):
        step = _sgd if moments.second is None else _adam
        return step(weights, gradient, moments, lr, momentum)


def _sgd(weights: Array, gradient: Array, moments: Moments, lr: float, momentum: float) -> tuple[Array, Moments]:
    """v = momentum v + gradient; weights - lr v (Sutskever and others 2013, in PyTorch's form)."""
    velocity = momentum * moments.first + gradient
    velocity.flags.writeable = False
    return weights - lr * velocity, Moments(Optimiser.SGD, moments.count + 1, velocity, None)


def _adam(weights: Array, gradient: Array, moments: Moments, lr: float, momentum: float) -> tuple[Array, Moments]:
    """Kingma and Ba 2015, algorithm 1; ``momentum`` is not looked at."""
    assert moments.second is not None
    count = moments.count + 1
    first = _BETA_1 * moments.first
    first += (1 - _BETA_1) * gradient
    second = _BETA_2 * moments.second
    step = gradient * gradient
    step *= 1 - _BETA_2
    second += step
    np.sqrt(second, step)
    step /= np.sqrt(1 - _BETA_2**count)
    step += _EPSILON
    np.divide(first, step, step)
    step *= lr / (1 - _BETA_1**count)
    for array in (first, second):
        array.flags.writeable = False
    return np.subtract(weights, step, step), Moments(Optimiser.ADAM, count, first, second)
