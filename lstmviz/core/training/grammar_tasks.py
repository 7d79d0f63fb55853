"""Tasks that predict the next symbol of a formal language: counting a^n X b^n, and the embedded Reber grammar."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np

from lstmviz.core.arrays import Array, BoolArray
from lstmviz.core.training.batches import Batch, Classes, make_batch, one_hot, refuse_small
from lstmviz.core.training.losses import Loss
from lstmviz.core.training.metrics import Metric
from lstmviz.core.training.tasks import Baseline, Task


@dataclass(frozen=True)
class Counting(Task):
    """After n times a and an X, say b n times, then end: a^n X b^n (Gers and Schmidhuber 2001).

    Asked from X on, where the next symbol is certain. n is drawn from 1 ... most.
    """

    most: int = 10

    name: ClassVar[str] = "counting"
    title: ClassVar[str] = "Counting aⁿXbⁿ"
    loss: ClassVar[Loss] = Loss.CROSS_ENTROPY
    metric: ClassVar[Metric] = Metric.WHOLE_SEQUENCES
    features: ClassVar[tuple[str, ...]] = ("a", "X", "b")
    answers: ClassVar[tuple[str, ...]] = ("a", "X", "b", "end")

    def __post_init__(self) -> None:
        refuse_small([("most", self.most, 2)])

    @property
    def baseline(self) -> Baseline:
        """Who sees the current symbol alone knows b after X, and after a b that one in E[n] is the last."""
        mean = (1 + self.most) / 2
        last = 1 / mean
        surprise = -(last * np.log(last) + (1 - last) * np.log(1 - last))
        return Baseline(float(mean * surprise / (mean + 1)), 0.0, "answering b always, without counting")

    def batch(self, random: np.random.Generator, size: int) -> Batch:
        """x [2 most + 1, size, 3]; a shorter word is followed by zeros that do not count."""
        n = random.integers(1, self.most + 1, size)
        t = np.arange(2 * self.most + 1)[:, None]
        read = (t >= n).astype(np.int64) + (t > n)
        follows = np.where(t < 2 * n, (t + 1 >= n).astype(np.int64) + (t + 1 > n), 3)
        inside = t <= 2 * n
        return make_batch(one_hot(read, 3) * inside[..., None], follows, inside & (t >= n))

    def of_inputs(self, x: Array) -> Batch | None:
        """As many b as there were a before the X, then the end; None for what does not begin like such a word."""
        read = x.argmax(-1)
        n = int(np.argmax(read == 1))
        if read[n] != 1 or read[:n].any() or n == 0 or len(x) > 2 * n + 1 or (read[n + 1 :] != 2).any():
            return None
        t = np.arange(len(x))[:, None]
        return make_batch(x[:, None], np.where(t < 2 * n, 2, 3), t >= n)


SYMBOLS = "BTPSXVE"
"""The alphabet of the Reber grammar, in the order of the inputs and outputs."""

_GRAMMAR: tuple[dict[str, int], ...] = (
    {"B": 1},
    {"T": 2, "P": 3},
    {"S": 2, "X": 4},
    {"T": 3, "V": 5},
    {"X": 3, "S": 6},
    {"P": 4, "V": 6},
    {"E": 7},
)
"""The inner grammar: for each state the symbols that may follow and where they lead; 7 is the end (Reber 1967)."""


@dataclass(frozen=True)
class EmbeddedReber(Task):
    """Predict the next symbol of words B T ... T E or B P ... P E with a Reber word inside.

    The second T or P repeats the first, and only the memory of it tells which. The metric asks whether the likeliest
    symbols are the legal ones (Hochreiter and Schmidhuber 1997). Branches are taken with equal chances.
    """

    name: ClassVar[str] = "reber"
    title: ClassVar[str] = "Embedded Reber grammar"
    loss: ClassVar[Loss] = Loss.CROSS_ENTROPY
    metric: ClassVar[Metric] = Metric.LEGAL_SYMBOLS
    features: ClassVar[tuple[str, ...]] = tuple(SYMBOLS)
    answers: ClassVar[tuple[str, ...]] = tuple(SYMBOLS)

    @property
    def baseline(self) -> Baseline:
        """Who knows the inner grammar but not the first T or P is unsure of one symbol a word."""
        symbols, branches = _expected_inner_word()
        steps = symbols + 3
        return Baseline(
            float(np.log(2) * (branches + 2) / steps),
            1 - 0.5 / steps,
            "knowing the grammar, but not the first T or P any more",
        )

    def batch(self, random: np.random.Generator, size: int) -> Batch:
        """x [longest word - 1, size, 7]; a shorter word is followed by zeros that do not count."""
        words = [draw_word(random) for _ in range(size)]
        length = max(len(word) for word, _ in words) - 1
        read, target = np.zeros((2, length, size), np.int64)
        mask = np.zeros((length, size), np.bool_)
        legal = np.zeros((length, size, len(SYMBOLS)), np.bool_)
        for number, (word, allowed) in enumerate(words):
            steps = slice(0, len(word) - 1)
            codes = encoded(word)
            read[steps, number], target[steps, number] = codes[:-1], codes[1:]
            mask[steps, number] = True
            legal[steps, number] = allowed
        return make_batch(one_hot(read, len(SYMBOLS)) * mask[..., None], target, mask, legal=legal)

    def of_inputs(self, x: Array) -> Batch | None:
        """The next symbol of a word; after its last one only where it is certain. None for a word that is illegal."""
        read = x.argmax(-1)
        legal = legal_symbols("".join(SYMBOLS[symbol] for symbol in read))
        if legal is None:
            return None
        target = np.append(read[1:], legal[-1].argmax())[:, None]
        mask = (np.arange(len(x)) < len(x) - 1) | (legal.sum(-1) == 1)
        return make_batch(x[:, None], target, mask[:, None], legal=legal[:, None])


def legal_symbols(word: str) -> BoolArray | None:
    """Which symbols may follow after each symbol of a word, finished or not, [n, 7]; None for an illegal one."""
    if word[:1] != "B" or word[1:2] not in ("", "T", "P"):
        return None
    outer, state, allowed = word[1:2], 0, ["TP", "B"][: len(word)]
    for symbol in word[2:]:
        if symbol not in tuple(_may_follow(state, outer)):
            return None
        state = _GRAMMAR[state][symbol] if state < len(_GRAMMAR) else state + 1
        allowed.append(_may_follow(state, outer))
    return np.array([[symbol in each for symbol in SYMBOLS] for each in allowed])


def _may_follow(state: int, outer: str) -> str:
    """The symbols that a state of the inner word allows; behind it come the outer symbol, E, and nothing."""
    return "".join(_GRAMMAR[state]) if state < len(_GRAMMAR) else (outer, "E", "")[state - len(_GRAMMAR)]


def draw_word(random: np.random.Generator) -> tuple[str, BoolArray]:
    """A word of the embedded grammar, and after each symbol but the last which ones may follow, [n - 1, 7]."""
    outer = "TP"[int(random.integers(2))]
    word, allowed = "B" + outer, ["TP", "B"]
    state = 0
    while state < len(_GRAMMAR):
        choices = _GRAMMAR[state]
        symbol = list(choices)[int(random.integers(len(choices)))]
        word, state = word + symbol, choices[symbol]
        allowed.append("".join(_GRAMMAR[state]) if state < len(_GRAMMAR) else outer)
    word, allowed = word + outer + "E", [*allowed, "E"]
    return word, np.array([[symbol in each for symbol in SYMBOLS] for each in allowed])


def encoded(word: str) -> Classes:
    """The symbols of a word as numbers."""
    return np.array([SYMBOLS.index(symbol) for symbol in word], np.int64)


@cache
def _expected_inner_word() -> tuple[float, float]:
    """The mean number of symbols of an inner word, and of choices between two: visits of a chain's states."""
    states = len(_GRAMMAR)
    moves = np.zeros((states, states))
    for state, choices in enumerate(_GRAMMAR):
        for following in choices.values():
            if following < states:
                moves[state, following] += 1 / len(choices)
    visits = np.linalg.inv(np.eye(states) - moves)[0]
    return float(visits.sum()), float(visits[[len(choices) > 1 for choices in _GRAMMAR]].sum())
