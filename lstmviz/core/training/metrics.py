"""How well a task is done, in a number that people understand."""

from __future__ import annotations

from enum import Enum

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.training.batches import Batch


class Metric(Enum):
    """What is measured at the steps that a batch asks about."""

    MEAN_SQUARED_ERROR = "mean squared error"
    ACCURACY = "share of right answers"
    WHOLE_SEQUENCES = "share of sequences with every answer right"
    LEGAL_SYMBOLS = "share of steps at which the likeliest symbols are the legal ones"

    @property
    def higher_is_better(self) -> bool:
        """False for an error alone."""
        return self is not Metric.MEAN_SQUARED_ERROR

    def better(self, a: float, b: float) -> bool:
        """Whether ``a`` is better than ``b``; nan never is."""
        return a > b if self.higher_is_better else a < b

    def measure(self, y: Array, batch: Batch) -> float:
        """The metric of the outputs y [T, B, O]; nan where nothing is asked."""
        asked = batch.asked
        if not asked.any():
            return float("nan")
        with np.errstate(all="ignore"):
            if self is Metric.MEAN_SQUARED_ERROR:
                return float(((y[asked] - batch.target[asked]) ** 2).mean())
            if self is Metric.LEGAL_SYMBOLS:
                assert batch.legal is not None
                # the k likeliest of k legal ones are legal: the least likely of them beats every other
                legal = batch.legal[asked]
                least = np.where(legal, y[asked], np.inf).min(-1)
                return float((least > np.where(legal, -np.inf, y[asked]).max(-1)).mean())
            right = y.argmax(-1) == batch.target
            if self is Metric.ACCURACY:
                return float(right[asked].mean())
            return float((right | ~asked).all(0).mean())
