"""What every task has: seeded batches, a loss, a metric, and what a network without memory would reach."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.training.batches import Batch
from lstmviz.core.training.losses import Loss
from lstmviz.core.training.metrics import Metric


@dataclass(frozen=True)
class Baseline:
    """What can be had without learning the task.

    loss    the loss of that answer, in the units of the task's loss
    metric  its metric
    words   how one gets there, for people
    """

    loss: float
    metric: float
    words: str


class Task(ABC):
    """Something to learn. A task is a frozen value; its batches depend on the random numbers that it is given alone."""

    name: ClassVar[str]
    """What it is called on the command line."""
    title: ClassVar[str]

    @property
    @abstractmethod
    def loss(self) -> Loss:
        """What training makes small."""

    @property
    @abstractmethod
    def metric(self) -> Metric:
        """How well it is done."""

    @property
    @abstractmethod
    def features(self) -> tuple[str, ...]:
        """The names of the I inputs of a step."""

    @property
    @abstractmethod
    def answers(self) -> tuple[str, ...]:
        """The names of the O outputs; for cross-entropy those of the classes."""

    @property
    @abstractmethod
    def baseline(self) -> Baseline:
        """What a network without memory would reach."""

    @abstractmethod
    def batch(self, random: np.random.Generator, size: int) -> Batch:
        """``size`` sequences to learn from."""

    def validation(self, random: np.random.Generator, size: int) -> Batch:
        """``size`` sequences that training never shows; where sequences are made up, simply others."""
        return self.batch(random, size)

    def of_inputs(self, x: Array) -> Batch | None:
        """The inputs x [T, I] that a person gives, with what would be right; None where they alone do not say that.

        Raises LstmvizError for inputs that are none of this task.
        """
        return None

    @property
    def input_size(self) -> int:
        """I."""
        return len(self.features)

    @property
    def output_size(self) -> int:
        """O."""
        return len(self.answers)
