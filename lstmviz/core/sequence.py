"""The sequence that a network reads: numbers, with the names that stand on the axes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from lstmviz.core.arrays import Array, ValueEquality


class SequenceKind(Enum):
    """How the user wrote the sequence down."""

    NUMBERS = "numbers"
    TEXT = "text"
    FORMULA = "formula"


@dataclass(frozen=True, eq=False)
class Sequence(ValueEquality):
    """What the network reads, one row a step, and what the user typed to get it.

    values      float64 [T, I], read-only, finite, T >= 1 and I >= 1
    labels      T short texts for the time axis: the number itself, the character, or t
    features    I names: the header's, the vocabulary's characters, x for a single one, or x0, x1 ...
    source      the text as typed; parsing it again gives this sequence
    vocabulary  the characters of a one-hot text in column order; empty for numbers
    """

    values: Array
    labels: tuple[str, ...]
    features: tuple[str, ...]
    source: str
    kind: SequenceKind
    vocabulary: tuple[str, ...] = ()

    @property
    def length(self) -> int:
        """T, the number of steps."""
        return int(self.values.shape[0])

    @property
    def input_size(self) -> int:
        """I, the number of features a step."""
        return int(self.values.shape[1])
