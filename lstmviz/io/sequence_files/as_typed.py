"""Numbers of a file -> the sequence that typing them would give; and its text, where that has not been made yet."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.arrays import Array, frozen
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.sequence import Sequence, SequenceKind
from lstmviz.core.progress import Steps
from lstmviz.core.text import count
from lstmviz.io.sequences import parse_sequence, plain_names
from lstmviz.io.tables import MAX_CHARACTERS, MAX_STEPS, MAX_VALUES, format_rows

MOST_TYPED = 20_000
"""With more numbers than this nobody types: their text is only made when it is asked for."""

_VALUES_PER_CHUNK = 2**14
_LABEL_CHARACTERS = 8
_NO_NAME = re.compile(r"[\s,;\"\[\]()#\x1c-\x1f\ufeff]+")


def as_typed(values: NDArray[np.float64], names: tuple[str, ...]) -> Steps[Sequence]:
    """The sequence that typing ``values`` [T, I] under ``names`` would give; all finite.

    Of more than ``MOST_TYPED`` numbers the source stays empty; ``typed_text`` makes it.
    """
    steps, width = values.shape
    names = _typed_names(names)
    if values.size <= MOST_TYPED:
        source = yield from _text(values, names)
        if width == 1:
            return parse_sequence(source, SequenceKind.NUMBERS)  # the labels are the numbers as they are typed
    else:
        source = ""
    labels = tuple(map(str, range(1, steps + 1)))
    if width == 1:
        labels = yield from _number_labels(values[:, 0])
    return Sequence(frozen(values), labels, names, source, SequenceKind.NUMBERS)


def refuse_too_many(values: Array, where: str, how: str) -> None:
    """Raises LstmvizError where ``values`` [T, I] are more than a sequence may have; ``how`` to come to fewer."""
    if len(values) > MAX_STEPS or values.size > MAX_VALUES:
        raise LstmvizError(
            f"There are {len(values):,} steps of {count(values.shape[1], 'feature')}",
            where=where,
            how=f"The limits are {MAX_STEPS:,} steps and {MAX_VALUES:,} numbers; {how}.",
        )


def typed_text(sequence: Sequence) -> Steps[str]:
    """The text that gives ``sequence``, of numbers, when it is typed. Raises LstmvizError where it is too long."""
    if sequence.source:
        return sequence.source
    text = yield from _text(sequence.values, sequence.features)
    if len(text) > MAX_CHARACTERS:
        raise LstmvizError(
            f"These numbers take {len(text):,} characters as text; the limit is {MAX_CHARACTERS:,}",
            how="Change them in the file that they come from.",
        )
    return text


def beginning_of(sequence: Sequence, most_rows: int = 4) -> str:
    """The first rows of a sequence of numbers as text, for a look at them."""
    return format_rows(sequence.values[:most_rows]).strip("[]")


def _text(values: Array, names: tuple[str, ...]) -> Steps[str]:
    steps, width = values.shape
    standard = names == plain_names(width)
    parts = []
    one_line = width == 1 and standard and steps <= MOST_TYPED  # an editor is slow at laying out a very long line
    for rows, fraction in _slices(steps, width):
        parts.append(format_rows(values[rows]) if one_line else _lines(values[rows]))
        yield fraction
    if not standard:
        # the comma after a single name keeps its spaces from separating
        return "\n".join([", ".join(names) + ("," if width == 1 else ""), *parts])
    if one_line:
        return ", ".join(parts)
    return "\n".join(parts) if steps > 1 else format_rows(values)


def _number_labels(values: NDArray[np.floating]) -> Steps[tuple[str, ...]]:
    """The numbers as they are typed, long ones with six digits: what ``parse_sequence`` calls the steps."""
    labels: list[str] = []
    for rows, fraction in _slices(len(values), 1):
        for value in values[rows].tolist():
            typed = repr(value).removesuffix(".0")
            labels.append(typed if len(typed) <= _LABEL_CHARACTERS else f"{value:.6g}")
        yield fraction
    return tuple(labels)


def _slices(steps: int, width: int) -> Iterator[tuple[slice, float]]:
    size = max(1, _VALUES_PER_CHUNK // width)
    for start in range(0, steps, size):
        stop = min(start + size, steps)
        yield slice(start, stop), stop / steps


def _lines(values: Array) -> str:
    """A line a row, also for a single row or column."""
    text = format_rows(values)
    return text.replace(", ", "\n") if values.shape[1] == 1 else text.strip("[]")


def _typed_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names as they could stand in the first row of a typed table and be recognised there."""
    plain = tuple(_NO_NAME.sub(" ", name).strip() or f"x{column}" for column, name in enumerate(names))
    return plain if any(map(_is_word, plain)) else tuple(f"x {name}" for name in plain)


def _is_word(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return True
    return False
