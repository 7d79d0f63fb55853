"""The tokens that a network knows, and the row of numbers that it reads for each: an embedding, or one-hot."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.arrays import Array, ValueEquality, frozen, same
from lstmviz.core.errors import LstmvizError
from lstmviz.core.numerals import shortened
from lstmviz.core.text import count, visible

NO_TOKEN = -1
"""In place of the number of a token: there is none."""

MOST_TOKENS = 2_000_000
"""V at most."""

MOST_ONE_HOT = 100_000
"""V at most where every token is a feature of its own."""

_LABEL_CHARACTERS = 40

_UNKNOWN = ("<unk>", "[unk]", "<oov>", "<unknown>", "unk", "<unk/>")
"""What people call the token that stands for all words which are not in the table."""


@dataclass(frozen=True, eq=False)
class TokenTable(ValueEquality):
    """V tokens by their numbers, from 0.

    tokens   V texts; empty where nobody knows them: then their numbers are their names
    vectors  [V, I], read-only: x[t] = vectors[number]; None for one-hot, I = V
    name     of the embedding in the file of its model; empty for one-hot
    unknown  the number of the token that is read for a word which is not in the table; None: such a word is a mistake

    Tables are shared, never copied. Raises LstmvizError where the parts do not fit together.
    """

    tokens: tuple[str, ...]
    vectors: Array | None = None
    name: str = ""
    unknown: int | None = None

    def __post_init__(self) -> None:
        if self.vectors is not None:
            object.__setattr__(self, "vectors", frozen(self.vectors))
            if self.vectors.ndim != 2 or not self.vectors.size or self.vectors.dtype.kind != "f":
                raise LstmvizError("The embedding is no table of numbers", where=self.name)
            if self.tokens and len(self.tokens) != len(self.vectors):
                rows = f"the embedding has {count(len(self.vectors), 'row')}"
                raise LstmvizError(f"There are {count(len(self.tokens), 'token')}; {rows}", where=self.name)
        most = MOST_TOKENS if self.vectors is not None else MOST_ONE_HOT
        if not 1 <= self.size <= most:
            raise LstmvizError(
                f"A table of {count(self.size, 'token')}",
                where=self.name,
                how=f"One-hot needs 1 to {MOST_ONE_HOT:,} tokens, an embedding 1 to {MOST_TOKENS:,}.",
            )
        if self.unknown is not None and not 0 <= self.unknown < self.size:
            raise LstmvizError(f"There is no token {self.unknown} for unknown words", where=self.name)

    def __eq__(self, other: object) -> bool:
        """Equal content; the same table is known at once, and large ones are compared as a whole."""
        if self is other:
            return True
        if not isinstance(other, TokenTable):
            return NotImplemented
        mine, theirs = (self.unknown, self.name, self.tokens), (other.unknown, other.name, other.tokens)
        return mine == theirs and same(self.vectors, other.vectors)

    __hash__ = None

    @property
    def size(self) -> int:
        """V, the number of tokens."""
        return len(self.tokens) if self.vectors is None else len(self.vectors)

    @property
    def width(self) -> int:
        """I, the numbers that are read for a token."""
        return len(self.tokens) if self.vectors is None else int(self.vectors.shape[1])

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of every token; of one that is there twice the first."""
        return {token: len(self.tokens) - 1 - back for back, token in enumerate(reversed(self.tokens))}

    @cached_property
    def features(self) -> tuple[str, ...]:
        """The names of the I numbers that are read: the tokens where they are one-hot."""
        if self.vectors is None:
            return tuple(token_label(self, number) for number in range(self.size))
        return ("x",) if self.width == 1 else tuple(f"x{entry}" for entry in range(self.width))

    @cached_property
    def marks(self) -> tuple[str, ...]:
        """Tokens such as ``<eos>``, the longest first."""
        return tuple(sorted(filter(is_mark, self.numbers), key=len, reverse=True))

    @cached_property
    def unknown_token(self) -> int | None:
        """The number of a token that is called like one for unknown words; None without one."""
        names = {token.lower(): number for token, number in self.numbers.items() if token.lower() in _UNKNOWN}
        return next((names[name] for name in _UNKNOWN if name in names), None)

    @cached_property
    def by_characters(self) -> bool:
        """Whether a text is read character by character: no token has several, but for marks such as ``<eos>``."""
        return any(len(token) == 1 for token in self.tokens) and all(
            len(token) <= 1 or is_mark(token) for token in self.tokens
        )

    def token(self, number: int) -> str:
        """The token of that number; the number itself where nobody knows the tokens."""
        return self.tokens[number] if self.tokens else str(number)

    def rows(self, numbers: NDArray[np.intp]) -> Array:
        """x [T, I] of the tokens [T], float64."""
        if self.vectors is not None:
            return self.vectors[numbers].astype(np.float64)
        rows = np.zeros((len(numbers), self.width))
        rows[np.arange(len(numbers)), numbers] = 1.0
        return rows

    def number_of(self, row: Array) -> int:
        """The first token that is read as ``row`` [I]; NO_TOKEN where there is none."""
        if self.vectors is None:
            ones = np.flatnonzero(row)
            return int(ones[0]) if len(ones) == 1 and row[ones[0]] == 1 else NO_TOKEN
        alike = np.flatnonzero(self.vectors[:, 0] == row[0])  # few are: a table of millions is not compared as a whole
        found = alike[(self.vectors[alike] == row).all(axis=1)]
        return int(found[0]) if len(found) else NO_TOKEN


def is_mark(token: str) -> bool:
    """Whether a token is none of the text, such as ``<eos>`` or ``[PAD]``."""
    return len(token) > 2 and token[0] + token[-1] in ("<>", "[]")


def token_label(table: TokenTable, number: int) -> str:
    """The token as it stands on an axis: what cannot be seen in it has a sign, an empty one is ∅."""
    return shortened("".join(map(visible, table.token(number))) or "∅", _LABEL_CHARACTERS)
