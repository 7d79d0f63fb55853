"""Typed text -> the sequence that the network reads: numbers, characters, a formula of t, or tokens of a table."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.arrays import frozen
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.sequence import Sequence, SequenceKind
from lstmviz.core.experiments.token_table import TokenTable
from lstmviz.core.text import visible
from lstmviz.io.tables import MAX_STEPS, MAX_VALUES, read_table

MAX_VOCABULARY = 256

_LABEL_CHARACTERS = 8


def parse_sequence(
    text: str,
    kind: SequenceKind,
    *,
    length: int = 0,
    vocabulary: Iterable[str] = (),
    table: TokenTable | None = None,
) -> Sequence:
    """The sequence that ``text`` describes.

    NUMBERS  rows of numbers (``lstmviz.io.tables``), or one line of them for a single feature
    TEXT     a character a step, one-hot over ``vocabulary``, or over the sorted characters of the text
    FORMULA  an expression of t a line, at t = 1 .. ``length`` (``lstmviz.io.formula``)
    TOKENS   tokens of ``table`` (``lstmviz.io.typed_tokens``)

    Raises LstmvizError; its span is the place of the mistake in ``text``.
    """
    match kind:
        case SequenceKind.NUMBERS:
            return _numbers(text)
        case SequenceKind.TEXT:
            return _characters(text, tuple(vocabulary))
        case SequenceKind.FORMULA:
            from lstmviz.io.formula import formula_values

            values = formula_values(text, length)
            return _sequence(values, _counted(length), plain_names(values.shape[1]), text, kind)
        case SequenceKind.TOKENS:
            from lstmviz.io.typed_tokens import parse_tokens

            if table is None:
                raise LstmvizError(
                    "There is no table of tokens", how="Open a trained model that has one.", span=(0, len(text))
                )
            return parse_tokens(text, table)


def _sequence(
    values: NDArray[np.float64],
    labels: tuple[str, ...],
    features: tuple[str, ...],
    source: str,
    kind: SequenceKind,
    vocabulary: tuple[str, ...] = (),
) -> Sequence:
    values.flags.writeable = False
    return Sequence(frozen(values), labels, features, source, kind, vocabulary)


def _counted(length: int) -> tuple[str, ...]:
    return tuple(map(str, range(1, length + 1)))


def plain_names(width: int) -> tuple[str, ...]:
    """What features are called that have no names: x for a single one, or x0, x1 ..."""
    return ("x",) if width == 1 else tuple(f"x{column}" for column in range(width))


def _numbers(text: str) -> Sequence:
    table = read_table(text, subject="sequence", instead=", or switch to “text” or “formula”")
    values = np.asarray(table.values, dtype=np.float64)
    labels = _counted(len(values))
    if table.cells:
        labels = tuple(
            cell if len(cell) <= _LABEL_CHARACTERS else f"{value:.6g}"
            for cell, value in zip(table.cells, values[:, 0].tolist(), strict=True)
        )
    return _sequence(values, labels, table.header or plain_names(values.shape[1]), text, SequenceKind.NUMBERS)


def _characters(text: str, vocabulary: tuple[str, ...]) -> Sequence:
    """One-hot rows of the characters of ``text``; a Windows line end is one character, a byte order mark none."""
    if len(text) > 2 * MAX_STEPS:  # even if every second character belonged to a line end
        raise _too_long(len(text), MAX_STEPS, (MAX_STEPS, len(text)))
    codes = _code_points(text)
    kept = np.ones(len(codes), dtype=np.bool_)
    kept[:1] = codes[:1] != ord("\ufeff")
    kept[:-1] &= ~((codes[:-1] == ord("\r")) & (codes[1:] == ord("\n")))
    places = np.flatnonzero(kept)
    if not len(places):
        raise LstmvizError("The sequence is empty", how="Type some characters, one for each step.", span=(0, len(text)))
    if len(places) > MAX_STEPS:
        raise _too_long(len(places), MAX_STEPS, (int(places[MAX_STEPS]), len(text)))
    codes = codes[places]
    if vocabulary:
        _refuse_vocabulary(vocabulary)
        columns = _columns(codes, places, vocabulary)
    else:
        vocabulary = _own_vocabulary(codes, places)
        columns = np.searchsorted(_code_points("".join(vocabulary)), codes)
    steps = len(codes)
    if steps * len(vocabulary) > MAX_VALUES:
        most = MAX_VALUES // len(vocabulary)
        raise LstmvizError(
            f"{steps:,} characters one-hot over {len(vocabulary)} are {steps * len(vocabulary):,} values; "
            f"the limit is {MAX_VALUES:,}",
            how=f"Keep the first {most:,} characters.",
            span=(int(places[most]), len(text)),
        )
    values = np.zeros((steps, len(vocabulary)))
    values[np.arange(steps), columns] = 1.0
    features = tuple(map(visible, vocabulary))
    labels = tuple(map(features.__getitem__, columns.tolist()))
    return _sequence(values, labels, features, text, SequenceKind.TEXT, vocabulary)


def _code_points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def _too_long(count: int, limit: int, span: tuple[int, int]) -> LstmvizError:
    return LstmvizError(
        f"The text has {count:,} characters, one a step; the limit is {limit:,}",
        how=f"Keep the first {limit:,}.",
        span=span,
    )


def _own_vocabulary(codes: NDArray[np.uint32], places: NDArray[np.intp]) -> tuple[str, ...]:
    """The different characters of the text, sorted."""
    different, first_seen = np.unique(codes, return_index=True)
    if len(different) > MAX_VOCABULARY:
        place = int(places[np.sort(first_seen)[MAX_VOCABULARY]])
        raise LstmvizError(
            f"The text has {len(different):,} different characters; the limit is {MAX_VOCABULARY}",
            how="Cut the text before the marked character, or use fewer different ones.",
            span=(place, place + 1),
        )
    return tuple(map(chr, different.tolist()))


def _refuse_vocabulary(vocabulary: tuple[str, ...]) -> None:
    if len(vocabulary) > MAX_VOCABULARY:
        raise LstmvizError(
            f"The vocabulary has {len(vocabulary):,} characters; the limit is {MAX_VOCABULARY}", how="Shorten it."
        )
    for entry in vocabulary:
        if len(entry) != 1:
            raise LstmvizError(
                f"The vocabulary holds “{entry[:40]}”", how="Each of its entries must be a single character."
            )
        if vocabulary.count(entry) > 1:
            raise LstmvizError(f"The vocabulary holds “{visible(entry)}” twice", how="Remove one of them.")


def _columns(codes: NDArray[np.uint32], places: NDArray[np.intp], vocabulary: tuple[str, ...]) -> NDArray[np.intp]:
    """The column of each character in a given vocabulary."""
    known = _code_points("".join(vocabulary))
    order = np.argsort(known)
    columns: NDArray[np.intp] = order[np.searchsorted(known, codes, sorter=order).clip(max=len(known) - 1)]
    unknown = known[columns] != codes
    if unknown.any():
        index = int(unknown.argmax())
        place = int(places[index])
        raise LstmvizError(
            f"“{visible(chr(int(codes[index])))}” is not in the vocabulary {''.join(map(visible, vocabulary))}",
            how="Type another character, or take the vocabulary from the text.",
            span=(place, place + 1),
        )
    return columns
