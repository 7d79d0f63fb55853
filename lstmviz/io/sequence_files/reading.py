"""A file of numbers -> what a person is shown before it becomes the sequence."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.arrays import Array, frozen
from lstmviz.core.errors import LstmvizError
from lstmviz.core.numerals import shortened
from lstmviz.core.progress import Steps, drain
from lstmviz.core.text import count
from lstmviz.io.sequence_files.array_table import ArrayTable, read_array_table
from lstmviz.io.sequence_files.content import FileKind, content_of, kind_of, text_of
from lstmviz.io.sequence_files.options import Orientation, SequenceOptions
from lstmviz.io.sequence_files.text_layout import TextLayout
from lstmviz.io.sequence_files.text_table import Problem, TextTable, reading_table
from lstmviz.io.tables import MAX_FEATURES, parse_rows

_MOST_IN_BRACKETS = 4_000_000
_INDEX_NAMES = re.compile(r"|x0|unnamed: 0|index|id|row|step|t", re.IGNORECASE)


@dataclass(frozen=True)
class SequenceFile:
    """The numbers of a file, a row a time step, before cells without a number are dealt with.

    values      float64 [T, columns], read-only, nan where the file has no finite number
    names       one a column
    named       whether the names come from the file
    suggested   the columns to take unless the user says otherwise: those that hold numbers and do more than count
    turned      whether the columns of the file are the steps
    recognised  what was recognised and why, in pieces of sentences
    problems    the first cells without a number, by step (``row``) and column
    arrays      name and shape of every array of an .npz or .npy file
    array       the name of the one that was read; items and item: the sequences of a three-dimensional one
    """

    name: str
    kind: FileKind
    values: Array
    names: tuple[str, ...]
    named: bool
    suggested: tuple[int, ...]
    turned: bool
    recognised: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    arrays: tuple[tuple[str, tuple[int, ...]], ...] = ()
    array: str = ""
    items: int = 1
    item: int = 0


def read_sequence_file(path: str | Path, options: SequenceOptions | None = None) -> SequenceFile:
    """What is in the file, read with ``options``. Raises LstmvizError with what is wrong, where, and how to mend it."""
    return drain(reading_file(path, options))


def reading_file(path: str | Path, options: SequenceOptions | None = None) -> Steps[SequenceFile]:
    """``read_sequence_file`` with progress."""
    return reading_content(content_of(path), Path(path).name, options)


def reading_content(data: bytes, name: str, options: SequenceOptions | None = None) -> Steps[SequenceFile]:
    """The same for what is in memory already; ``name`` is what messages call it."""
    options = options or SequenceOptions()
    yield 0.0
    if not data or data.isspace():
        raise LstmvizError("There is nothing in it", where=name, how="Choose a table of numbers.")
    kind = kind_of(data, name)
    if kind is not FileKind.TEXT:
        array = read_array_table(data, kind, name, options.array, options.item)
        return _finished(_of_array(name, kind, array, options))
    text, encoding = text_of(data, name)
    yield 0.0
    table = _bracketed_table(text, name)
    if table is None:
        table = yield from reading_table(text, name, options.delimiter, options.header)
    return _finished(_of_text(name, table, encoding, options))


def _bracketed_table(text: str, where: str) -> TextTable | None:
    """The numbers of lists as Python and JSON write them, [1, 2] or [[1, 0], [0, 1]]; None for anything else."""
    if not (text.lstrip().startswith("[") and text.rstrip().endswith("]")):
        return None
    if len(text) > _MOST_IN_BRACKETS:
        raise LstmvizError(
            f"A list in square brackets of {len(text):,} characters; the limit is {_MOST_IN_BRACKETS:,}",
            where=where,
            how="Save the numbers as .csv or .npy: those may be longer.",
        )
    try:
        values = np.asarray(parse_rows(text), dtype=np.float64)
    except LstmvizError:
        return None  # read as any other table, so that each mistake is marked in its cell
    recognised = ("a list in square brackets",)
    return TextTable(values, TextLayout(",", False, values.shape[1], (), recognised), (), (), 0)


def _of_array(name: str, kind: FileKind, table: ArrayTable, options: SequenceOptions) -> SequenceFile:
    rows, columns = table.values.shape
    turned = options.orientation is Orientation.COLUMNS or (
        options.orientation is Orientation.AUTO and rows == 1 and columns > 1
    )
    values = table.values.T if turned else table.values
    holes = np.argwhere(np.isnan(values[:, :MAX_FEATURES]))[:1000].tolist()
    problems = tuple(_problem_at(table, row, column, turned) for row, column in holes)
    return SequenceFile(
        name, kind, values, (), False, (), turned, table.recognised, problems,
        table.arrays, table.chosen, table.items, table.item,
    )  # fmt: skip


def _problem_at(table: ArrayTable, step: int, feature: int, turned: bool) -> Problem:
    place = (feature, step) if turned else (step, feature)
    cell = table.not_finite.get(place, "nan")
    return Problem(step, feature, cell, _place(step, feature, turned), f"“{cell}” is not a finite number")


def _place(step: int, feature: int, turned: bool) -> str:
    row, column = (feature, step) if turned else (step, feature)
    return f"row {row + 1:,}, column {column + 1:,}"


def _of_text(name: str, table: TextTable, encoding: str, options: SequenceOptions) -> SequenceFile:
    rows, columns = table.values.shape
    header = table.layout.header
    turned = options.orientation is Orientation.COLUMNS or (
        options.orientation is Orientation.AUTO and rows == 1 and columns > 1 and not header
    )
    values, names, problems = table.values, header, table.problems
    recognised = [encoding, *table.layout.recognised]
    if table.comments:
        recognised.append(f"{count(table.comments, 'line')} that begin with # left out")
    if turned:
        names = ()
        begins_with_words = table.first and np.isnan(values[:, 0]).all() and not np.isnan(values).all()
        skip = 1 if begins_with_words else 0
        if skip:
            names = tuple(shortened(" ".join(cell.split())) or f"x{row}" for row, cell in enumerate(table.first))
            recognised.append("the first column holds the names")
        values = values[:, skip:].T
        # a row of another length is one without numbers at every step; the first stands for all
        moved = (replace(each, row=max(each.column - skip, 0), column=each.row) for each in problems)
        problems = tuple(each for each, before in zip(moved, problems, strict=True) if before.column != 0 or not skip)
    return SequenceFile(name, FileKind.TEXT, values, names, bool(names), (), turned, tuple(recognised), problems)


def _finished(file: SequenceFile) -> SequenceFile:
    """``file`` with names, suggestions and what follows from its shape."""
    steps, columns = file.values.shape
    if columns > MAX_FEATURES:
        how = "Choose “each column is a step”, or keep fewer columns." if not file.turned else "Keep fewer rows."
        raise LstmvizError(
            f"There are {columns:,} features a step; the limit is {MAX_FEATURES:,}", where=file.name, how=how
        )
    names = file.names or (("x",) if columns == 1 else tuple(f"x{column}" for column in range(columns)))
    numbers = ~np.isnan(file.values)
    filled = np.count_nonzero(numbers, axis=0)
    numeric = [column for column in range(columns) if 2 * filled[column] >= steps]
    recognised = list(file.recognised)
    words = [names[column] for column in range(columns) if column not in numeric]
    if words:
        listed = ", ".join(f"“{shortened(name, 20)}”" for name in words[:4]) + (" …" if len(words) > 4 else "")
        recognised.append(f"{listed} left out: mostly no numbers there")
    counts = file.named and len(numeric) > 1 and _only_counts(file.values[:, numeric[0]])
    if counts and _INDEX_NAMES.fullmatch(names[numeric[0]]):
        recognised.append(f"“{names[numeric[0]]}” left out: it only counts the rows")
        numeric = numeric[1:]
    if file.turned:
        recognised.append("each column is a time step")
    elif columns > steps > 1:
        recognised.append("there are more columns than rows: is each column a step?")
    return replace(
        file, values=frozen(np.ascontiguousarray(file.values)), names=names, suggested=tuple(numeric),
        recognised=tuple(recognised),
    )  # fmt: skip


def _only_counts(column: NDArray[np.floating]) -> bool:
    return len(column) > 2 and column[0] in (0, 1) and bool((np.diff(column) == 1).all())
