"""Tasks that ask for something read long before: adding, copying, recall, parity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.training.batches import Batch, last_step, make_batch, one_hot, refuse_small
from lstmviz.core.training.losses import Loss
from lstmviz.core.training.metrics import Metric
from lstmviz.core.training.tasks import Baseline, Task


@dataclass(frozen=True)
class AddingProblem(Task):
    """Add the two marked ones of many random numbers (Hochreiter and Schmidhuber 1997).

    Every step reads a number in 0..1 and a marker; one step of each half is marked. Asked for after the last step.
    """

    length: int = 50

    name: ClassVar[str] = "adding"
    title: ClassVar[str] = "Adding problem"
    loss: ClassVar[Loss] = Loss.SQUARED_ERROR
    metric: ClassVar[Metric] = Metric.MEAN_SQUARED_ERROR
    features: ClassVar[tuple[str, ...]] = ("value", "marker")
    answers: ClassVar[tuple[str, ...]] = ("sum",)

    def __post_init__(self) -> None:
        refuse_small([("length", self.length, 2)])

    @property
    def baseline(self) -> Baseline:
        """The variance of the sum of two numbers from U[0, 1]."""
        return Baseline(1 / 6, 1 / 6, "always answering 1")

    def batch(self, random: np.random.Generator, size: int) -> Batch:
        """x [T, size, 2]; the target counts at the last step alone."""
        x = np.zeros((self.length, size, 2))
        x[..., 0] = random.random((self.length, size))
        middle, sequences = self.length // 2, np.arange(size)
        marked = (random.integers(0, middle, size), random.integers(middle, self.length, size))
        target = np.zeros((self.length, size, 1))
        for steps in marked:
            x[steps, sequences, 1] = 1
            target[-1, :, 0] += x[steps, sequences, 0]
        return make_batch(x, target, last_step(self.length, size))

    def of_inputs(self, x: Array) -> Batch:
        """The sum of whatever is marked, after the last step."""
        target = np.zeros((len(x), 1, 1))
        target[-1] = x[x[:, 1] > 0.5, 0].sum()
        return make_batch(x[:, None], target, last_step(len(x), 1))


@dataclass(frozen=True)
class CopyMemory(Task):
    """Read ten symbols, wait, and name them in order when told to (Arjovsky, Shah and Bengio 2016).

    delay  T: T - 1 blanks, then the sign to start; T + 20 steps in all
    """

    delay: int = 30

    name: ClassVar[str] = "copy"
    title: ClassVar[str] = "Copy memory"
    loss: ClassVar[Loss] = Loss.CROSS_ENTROPY
    metric: ClassVar[Metric] = Metric.ACCURACY
    SYMBOLS: ClassVar[int] = 8
    REMEMBERED: ClassVar[int] = 10
    answers: ClassVar[tuple[str, ...]] = (*"ABCDEFGH", "blank")
    features: ClassVar[tuple[str, ...]] = (*answers, "start")

    def __post_init__(self) -> None:
        refuse_small([("delay", self.delay, 1)])

    @property
    def baseline(self) -> Baseline:
        """10 ln 8 / (T + 20)."""
        loss = self.REMEMBERED * float(np.log(self.SYMBOLS)) / (self.delay + 2 * self.REMEMBERED)
        return Baseline(loss, 1 / self.SYMBOLS, "knowing when to answer, and then guessing")

    def batch(self, random: np.random.Generator, size: int) -> Batch:
        """x [T + 20, size, 10]; the loss looks at every step, the metric at the last ten."""
        blank, start = self.SYMBOLS, self.SYMBOLS + 1
        symbols = random.integers(0, self.SYMBOLS, (self.REMEMBERED, size))
        read = np.full((self.delay + 2 * self.REMEMBERED, size), blank)
        target = read.copy()
        read[: self.REMEMBERED] = symbols
        read[self.REMEMBERED + self.delay - 1] = start
        target[-self.REMEMBERED :] = symbols
        asked = np.zeros(read.shape, np.bool_)
        asked[-self.REMEMBERED :] = True
        return make_batch(one_hot(read, start + 1), target, np.ones_like(asked), asked)

    def of_inputs(self, x: Array) -> Batch | None:
        """The first ten symbols again in the ten steps from the sign to start on; None where that is not so."""
        read, first = x.argmax(-1), len(x) - self.REMEMBERED
        if first < self.REMEMBERED or read[first - 1] != self.SYMBOLS + 1 or (read[:10] >= self.SYMBOLS).any():
            return None
        target = np.full((len(x), 1), self.SYMBOLS)
        target[first:, 0] = read[: self.REMEMBERED]
        asked = (np.arange(len(x)) >= first)[:, None]
        return make_batch(x[:, None], target, np.ones_like(asked), asked)


@dataclass(frozen=True)
class LongLagRecall(Task):
    """Name the first symbol after many meaningless ones, when asked.

    lag   how many steps after the symbol the question comes
    keys  how many symbols there are
    """

    lag: int = 60
    keys: int = 4

    name: ClassVar[str] = "recall"
    title: ClassVar[str] = "Long-lag recall"
    loss: ClassVar[Loss] = Loss.CROSS_ENTROPY
    metric: ClassVar[Metric] = Metric.ACCURACY

    def __post_init__(self) -> None:
        refuse_small([("lag", self.lag, 1), ("keys", self.keys, 2)])

    @property
    def features(self) -> tuple[str, ...]:
        """The keys, two symbols without meaning, and the question."""
        return (*self.answers, "noise 1", "noise 2", "question")

    @property
    def answers(self) -> tuple[str, ...]:
        """The keys."""
        return tuple(f"key {number + 1}" for number in range(self.keys))

    @property
    def baseline(self) -> Baseline:
        """All keys are as likely as each other."""
        return Baseline(float(np.log(self.keys)), 1 / self.keys, "guessing")

    def batch(self, random: np.random.Generator, size: int) -> Batch:
        """x [lag + 1, size, keys + 3]; asked at the last step."""
        read = random.integers(self.keys, self.keys + 2, (self.lag + 1, size))
        read[0] = random.integers(0, self.keys, size)
        read[-1] = self.keys + 2
        target = np.broadcast_to(read[0], read.shape)
        return make_batch(one_hot(read, self.input_size), target, last_step(*read.shape))

    def of_inputs(self, x: Array) -> Batch | None:
        """The first symbol, after the last step; None where it is no key."""
        first = int(x[0].argmax())
        return make_batch(x[:, None], np.full((len(x), 1), first), last_step(len(x), 1)) if first < self.keys else None


@dataclass(frozen=True)
class Parity(Task):
    """Whether the number of ones read so far is even or odd: every single bit matters.

    every_step  asked at every step; False: at the last one alone, which is far harder
    """

    length: int = 20
    every_step: bool = True

    name: ClassVar[str] = "parity"
    title: ClassVar[str] = "Parity"
    loss: ClassVar[Loss] = Loss.CROSS_ENTROPY
    metric: ClassVar[Metric] = Metric.ACCURACY
    features: ClassVar[tuple[str, ...]] = ("bit",)
    answers: ClassVar[tuple[str, ...]] = ("even", "odd")

    def __post_init__(self) -> None:
        refuse_small([("length", self.length, 1)])

    @property
    def baseline(self) -> Baseline:
        """Without the bits before, either answer is as likely."""
        return Baseline(float(np.log(2)), 0.5, "guessing")

    def batch(self, random: np.random.Generator, size: int) -> Batch:
        """x [T, size, 1]."""
        bits = random.integers(0, 2, (self.length, size))
        mask = np.ones(bits.shape, np.bool_) if self.every_step else last_step(*bits.shape)
        return make_batch(bits[..., None].astype(np.float64), bits.cumsum(0) % 2, mask)

    def of_inputs(self, x: Array) -> Batch:
        """Even or odd after every step; a number above one half is a one."""
        ones = (x > 0.5).astype(np.int64)
        mask = np.ones(ones.shape, np.bool_) if self.every_step else last_step(len(x), 1)
        return make_batch(x[:, None], ones.cumsum(0) % 2, mask)
