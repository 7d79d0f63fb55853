"""Tasks that predict the next value of waves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.errors import LstmvizError
from lstmviz.core.training.batches import Batch, make_batch, refuse_small
from lstmviz.core.training.losses import Loss
from lstmviz.core.training.metrics import Metric
from lstmviz.core.training.tasks import Baseline, Task

_SLOWEST, _FASTEST = 2 * np.pi / 30, 2 * np.pi / 10
"""Radians a step: periods from 30 down to 10 steps."""


@dataclass(frozen=True)
class NoisySum(Task):
    """Predict the next value of a sum of sine waves from noisy readings of it.

    waves  how many, each of amplitude 1 with its own random frequency and phase
    noise  standard deviation of what is added to every reading; the target is without
    """

    length: int = 50
    waves: int = 2
    noise: float = 0.1

    name: ClassVar[str] = "noisy-sum"
    title: ClassVar[str] = "Noisy sum of sines"
    loss: ClassVar[Loss] = Loss.SQUARED_ERROR
    metric: ClassVar[Metric] = Metric.MEAN_SQUARED_ERROR
    features: ClassVar[tuple[str, ...]] = ("reading",)
    answers: ClassVar[tuple[str, ...]] = ("next value",)

    def __post_init__(self) -> None:
        refuse_small([("length", self.length, 1), ("waves", self.waves, 1)])
        if not 0 <= self.noise < np.inf:
            raise LstmvizError(f"The noise is {self.noise}", where="noise", how="Give a number, 0 or more.")

    @property
    def baseline(self) -> Baseline:
        """(sin(a + w) - sin a)^2 is 1 - cos w in the mean over a; then the mean over the frequencies w."""
        change = 1 - (np.sin(_FASTEST) - np.sin(_SLOWEST)) / (_FASTEST - _SLOWEST)
        error = float(self.waves * change + self.noise**2)
        return Baseline(error, error, "repeating the last reading")

    def batch(self, random: np.random.Generator, size: int) -> Batch:
        """x [T, size, 1]; asked at every step."""
        frequency = random.uniform(_SLOWEST, _FASTEST, (self.waves, size))
        phase = random.uniform(0, 2 * np.pi, (self.waves, size))
        t = np.arange(self.length + 1)[:, None, None]
        wave = np.sin(frequency * t + phase).sum(1)[..., None]
        readings = wave[:-1] + self.noise * random.standard_normal((self.length, size, 1))
        return make_batch(readings, wave[1:], np.ones((self.length, size), np.bool_))

    def of_inputs(self, x: Array) -> Batch | None:
        """The next reading, at every step that has one; None where there is one step alone."""
        if len(x) < 2:
            return None
        mask = np.arange(len(x))[:, None] < len(x) - 1
        return make_batch(x[:, None], np.roll(x, -1, axis=0)[:, None], mask)


@dataclass(frozen=True)
class SinePrediction(NoisySum):
    """Predict the next value of one sine wave of unknown frequency."""

    waves: int = 1
    noise: float = 0.0

    name: ClassVar[str] = "sine"
    title: ClassVar[str] = "Sine wave"
