"""What one update learns from: sequences, what is right, and which steps count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.arrays import Array, BoolArray, frozen
from lstmviz.core.errors import LstmvizError

Classes = NDArray[np.int64]


class Stream(Enum):
    """What random numbers are for: training and validation never share any."""

    TRAINING = 0
    VALIDATION = 1
    PROBE = 2


def random_for(seed: int, stream: Stream, number: int) -> np.random.Generator:
    """The random numbers of batch ``number``: they depend on nothing else, so two networks can get the same batch."""
    return np.random.default_rng((seed, stream.value, number))


@dataclass(frozen=True, eq=False)
class Batch:
    """B sequences of T steps. All arrays are read-only.

    x       [T, B, I]
    target  numbers [T, B, O], or class numbers [T, B]
    mask    [T, B], true at the steps that the loss looks at; false also where a shorter sequence has ended
    asked   [T, B], the steps that the metric looks at; the same as ``mask`` unless a task says otherwise
    legal   [T, B, O], every answer that would be right where there are several; None where there is one
    """

    x: Array
    target: Array | Classes
    mask: BoolArray
    asked: BoolArray
    legal: BoolArray | None = None

    @property
    def length(self) -> int:
        """T."""
        return int(self.x.shape[0])

    @property
    def size(self) -> int:
        """B."""
        return int(self.x.shape[1])


def make_batch(x: Array, target: Any, mask: BoolArray, asked: Any = None, legal: Any = None) -> Batch:
    """A batch of read-only arrays; ``asked`` is ``mask`` where None."""
    asked = _read_only(mask if asked is None else asked)
    return Batch(frozen(x), _read_only(target), _read_only(mask), asked, None if legal is None else _read_only(legal))


def last_step(length: int, size: int) -> BoolArray:
    """A mask [T, B] of the last step of every sequence."""
    mask = np.zeros((length, size), np.bool_)
    mask[-1] = True
    return mask


def one_hot(classes: Classes, count: int) -> Array:
    """[...] class numbers as [..., count], 1 at the class and 0 elsewhere."""
    return np.eye(count)[classes]


def next_symbols(x: Array) -> Batch | None:
    """One-hot symbols x [T, I], each step asked for the following one; None where there is one step alone."""
    if len(x) < 2:
        return None
    target = np.roll(x.argmax(-1), -1)[:, None]
    return make_batch(x[:, None], target, np.arange(len(x))[:, None] < len(x) - 1)


def refuse_small(settings: Sequence[tuple[str, Any, int]]) -> None:
    """Raises LstmvizError for the first (name, value, least) whose value is not a whole number from ``least`` on."""
    for name, value, least in settings:
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise LstmvizError(f"The {name} is {value}", where=name, how=f"Give a whole number, {least} or more.")


def _read_only(array: Any) -> Any:
    """A copy that nobody can change; ``frozen`` is for floats only by its types."""
    copy = np.array(array)
    copy.flags.writeable = False
    return copy
