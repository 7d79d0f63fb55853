"""The sequence that a network reads: numbers, with the names that stand on the axes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.arrays import Array, ValueEquality
from lstmviz.core.experiments.token_table import TokenTable


class SequenceKind(Enum):
    """How the user wrote the sequence down."""

    NUMBERS = "numbers"
    TEXT = "text"
    FORMULA = "formula"
    TOKENS = "tokens"


@dataclass(frozen=True, eq=False)
class Sequence(ValueEquality):
    """What the network reads, one row a step, and what the user typed to get it.

    values      float64 [T, I], read-only, finite, T >= 1 and I >= 1
    labels      T short texts for the time axis: the number itself, the character, or t
    features    I names: the header's, the vocabulary's characters, x for a single one, or x0, x1 ...
    source      the text as typed; parsing it again gives this sequence. Empty for very many numbers of a file, whose
                text is made when it is wanted (``lstmviz.io.sequence_files.as_typed``)
    vocabulary  the characters of a one-hot text in column order; otherwise empty
    table       the tokens of TOKENS and how each is read; otherwise None
    numbers     T numbers of tokens in the table, NO_TOKEN where a what-if has left none; empty without a table
    """

    values: Array
    labels: tuple[str, ...]
    features: tuple[str, ...]
    source: str
    kind: SequenceKind
    vocabulary: tuple[str, ...] = ()
    table: TokenTable | None = None
    numbers: tuple[int, ...] = ()

    @property
    def length(self) -> int:
        """T, the number of steps."""
        return int(self.values.shape[0])

    @property
    def input_size(self) -> int:
        """I, the number of features a step."""
        return int(self.values.shape[1])

    @property
    def reads_tokens(self) -> bool:
        """Whether a step is a character or a token, and its label says which, as far as it is one."""
        return bool(self.vocabulary) or self.table is not None

    @property
    def token_count(self) -> int:
        """V, how many characters or tokens there are to choose from; 0 where numbers are read."""
        return self.table.size if self.table else len(self.vocabulary)

    @property
    def classes(self) -> NDArray[np.intp]:
        """[T], which of them each step reads, from 0; NO_TOKEN where none. For numbers the largest feature."""
        if self.table is not None:
            return np.array(self.numbers, np.intp)
        return np.asarray(self.values.argmax(1), np.intp)

    def class_at(self, t: int) -> int:
        """Which of them step ``t`` (from 1) reads, as in ``classes``."""
        return self.numbers[t - 1] if self.table is not None else int(self.values[t - 1].argmax())
