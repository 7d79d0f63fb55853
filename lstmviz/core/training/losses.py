"""The losses of training over a batch, and dL/dy, where backpropagation through time starts."""

from __future__ import annotations

from enum import Enum

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.activations import log_softmax
from lstmviz.core.training.batches import Batch, Classes


class Loss(Enum):
    """What training makes small.

    SQUARED_ERROR  the mean of (y - target)^2 over all scored steps and outputs
    CROSS_ENTROPY  the mean of -log softmax(y)[class] over all scored steps, in nats
    """

    SQUARED_ERROR = "squared error"
    CROSS_ENTROPY = "cross-entropy"

    def evaluate(self, y: Array, batch: Batch, first: int = 0) -> tuple[float, Array]:
        """L and dL/dy for the outputs y [t, B, O] of the steps from ``first`` (from 0) on.

        The mean is over the scored steps of the whole batch: the losses of its windows add up to that of all steps.
        """
        steps = slice(first, first + len(y))
        mask = batch.mask[steps]
        outputs, right = y[mask], batch.target[steps][mask]
        scored = max(1, int(np.count_nonzero(batch.mask)))
        with np.errstate(all="ignore"):
            value, slope = self._squared(outputs, right) if self is Loss.SQUARED_ERROR else self._cross(outputs, right)
            dy = np.zeros_like(y)
            dy[mask] = slope / scored
            return float(value) / scored, dy

    def _squared(self, y: Array, target: Array | Classes) -> tuple[Array, Array]:
        """y and target [N, O]."""
        error = y - target
        outputs = y.shape[-1]
        return np.asarray((error * error).sum() / outputs), np.asarray(2 / outputs * error)

    def _cross(self, y: Array, classes: Array | Classes) -> tuple[Array, Array]:
        """y [N, O], classes [N]."""
        log_probabilities = log_softmax(y)
        rows = np.arange(len(y))
        slope = np.exp(log_probabilities)
        slope[rows, classes] -= 1
        return -log_probabilities[rows, classes].sum(), slope
