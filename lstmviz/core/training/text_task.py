"""The task of a phone's keyboard: which character comes next in a text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.errors import LstmvizError
from lstmviz.core.training.batches import Batch, Classes, make_batch, next_symbols, one_hot, refuse_small
from lstmviz.core.training.losses import Loss
from lstmviz.core.training.metrics import Metric
from lstmviz.core.training.tasks import Baseline, Task


@dataclass(frozen=True)
class NextCharacter(Task):
    """Predict the next character at every step of windows of a text.

    text        what to learn
    length      T, the characters of a window
    held_out    the share of the text, from its end, that only validation sees
    """

    text: str
    length: int = 50
    held_out: float = 0.1

    name: ClassVar[str] = "text"
    title: ClassVar[str] = "Next character"
    loss: ClassVar[Loss] = Loss.CROSS_ENTROPY
    metric: ClassVar[Metric] = Metric.ACCURACY

    def __post_init__(self) -> None:
        refuse_small([("length", self.length, 1)])
        if not 0 < self.held_out < 1:
            raise LstmvizError(
                f"The share held out is {self.held_out}", where="held_out", how="Give a number between 0 and 1."
            )
        if not self.text.strip():
            raise LstmvizError("There is no text to learn from", where="text", how="Paste or open a text.")
        if len(self.vocabulary) < 2:
            raise LstmvizError(
                f"The text has one character only, “{self.text[0]}”", where="text", how="Give a text with several."
            )
        if min(self._split, len(self.text) - self._split) <= self.length:
            raise LstmvizError(
                f"A text of {len(self.text):,} characters is too short for windows of {self.length}",
                where="text",
                how="Both the part to learn from and the part held out must be longer than a window: "
                "give a longer text or choose a shorter window.",
            )

    @cached_property
    def vocabulary(self) -> tuple[str, ...]:
        """The characters that occur, sorted: the order of inputs and outputs."""
        return tuple(sorted(set(self.text)))

    @property
    def features(self) -> tuple[str, ...]:
        """The vocabulary."""
        return self.vocabulary

    @property
    def answers(self) -> tuple[str, ...]:
        """The vocabulary."""
        return self.vocabulary

    @cached_property
    def baseline(self) -> Baseline:
        """How often each character occurs in the part to learn from."""
        counts = np.bincount(self._codes[: self._split], minlength=len(self.vocabulary))
        shares = counts[counts > 0] / counts.sum()
        return Baseline(
            float(-(shares * np.log(shares)).sum()), float(shares.max()), "knowing how often each character occurs"
        )

    def batch(self, random: np.random.Generator, size: int) -> Batch:
        """x [T, size, V]: windows that begin anywhere in the part to learn from."""
        return self._windows(random, size, 0, self._split)

    def validation(self, random: np.random.Generator, size: int) -> Batch:
        """Windows of the part held out."""
        return self._windows(random, size, self._split, len(self.text))

    def of_inputs(self, x: Array) -> Batch | None:
        """The next character of a typed text; None where there is one alone."""
        return next_symbols(x)

    @cached_property
    def _codes(self) -> Classes:
        numbers = {character: number for number, character in enumerate(self.vocabulary)}
        return np.array([numbers[character] for character in self.text], np.int64)

    @property
    def _split(self) -> int:
        return len(self.text) - round(self.held_out * len(self.text))

    def _windows(self, random: np.random.Generator, size: int, first: int, stop: int) -> Batch:
        starts = random.integers(first, stop - self.length, size)
        codes = self._codes[starts + np.arange(self.length + 1)[:, None]]
        mask = np.ones((self.length, size), np.bool_)
        return make_batch(one_hot(codes[:-1], len(self.vocabulary)), codes[1:], mask)
