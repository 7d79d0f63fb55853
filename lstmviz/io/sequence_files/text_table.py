"""The text of a file -> float64 rows, with nan where a cell holds no number, and what stands there instead."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.errors import LstmvizError
from lstmviz.core.progress import Steps
from lstmviz.io.sequence_files.options import Delimiter, Header
from lstmviz.io.sequence_files.text_layout import TextLayout, layout_of, number_in, what_is_wrong
from lstmviz.io.tables import MAX_STEPS, MAX_VALUES

MOST_PROBLEMS_PER_COLUMN = 50
MOST_PROBLEMS = 5_000

_CHUNK_CHARACTERS = 2**17


@dataclass(frozen=True)
class Problem:
    """A cell without a finite number, or a row of another length (``column`` -1).

    row     of the table, from 0 (a header is none)
    column  of the table, from 0
    cell    as it stands in the file
    place   for people: ``line 7, column 2``
    what    what is wrong
    """

    row: int
    column: int
    cell: str
    place: str
    what: str


@dataclass(frozen=True)
class TextTable:
    """The numbers of a text.

    values    float64 [rows, columns], nan where there is no finite number
    first     the cells of the first column, for at most as many rows as there may be problems; else empty
    problems  the first of each column, in reading order
    comments  how many lines began with # and were left out
    """

    values: NDArray[np.float64]
    layout: TextLayout
    first: tuple[str, ...]
    problems: tuple[Problem, ...]
    comments: int


def reading_table(text: str, where: str, delimiter: Delimiter, header: Header) -> Steps[TextTable]:
    """Read ``text``; a cell without a number is a Problem, not an error.

    Raises LstmvizError for a text without rows and for more of them than fit.
    """
    reader: _Reader | None = None
    line_number, comments = 0, 0
    for lines, fraction in _chunks(text):
        numbered = [(line_number + number, line) for number, line in enumerate(lines, 1) if line and not line.isspace()]
        line_number += len(lines)
        if any("#" in line for _, line in numbered):
            kept = [(number, line) for number, line in numbered if not line.lstrip().startswith("#")]
            comments += len(numbered) - len(kept)
            numbered = kept
        if numbered:
            if reader is None:
                reader = _Reader(layout_of([line for _, line in numbered], delimiter, header), where)
                numbered = numbered[1:] if reader.layout.header else numbered
            reader.add(numbered)
        yield fraction
    if reader is None or not reader.count:
        raise LstmvizError(
            "There are no rows of numbers in this file", where=where, how="Give it a line for each time step."
        )
    return reader.table(comments)


def _chunks(text: str) -> Iterator[tuple[list[str], float]]:
    """Whole lines, some at a time, with the fraction of the text up to there."""
    start = 0
    while start < len(text):
        end = text.find("\n", start + _CHUNK_CHARACTERS)
        end = len(text) if end < 0 else end + 1
        yield text[start:end].removesuffix("\n").split("\n"), end / len(text)
        start = end


@dataclass
class _Reader:
    layout: TextLayout
    where: str
    count: int = 0
    _parts: list[NDArray[np.float64]] = field(default_factory=list)
    _first: list[str] = field(default_factory=list)
    _problems: list[Problem] = field(default_factory=list)
    _per_column: dict[int, int] = field(default_factory=dict)

    def add(self, numbered: list[tuple[int, str]]) -> None:
        """Read some more lines; ``numbered`` holds (line number, text)."""
        self._refuse_too_many(len(numbered))
        if not numbered:
            return
        rows = [self.layout.cells(line) for _, line in numbered]
        if len(self._first) < MOST_PROBLEMS:
            self._first.extend(row[0] if row else "" for row in rows)
        values = self._converted(rows, numbered)
        if values is None:
            values = self._converted_with_care(rows, numbered)
        self._parts.append(values)
        self.count += len(rows)

    def table(self, comments: int) -> TextTable:
        """Everything that was read."""
        first = tuple(self._first) if self.count <= MOST_PROBLEMS else ()
        return TextTable(np.concatenate(self._parts), self.layout, first, tuple(self._problems), comments)

    def _refuse_too_many(self, more: int) -> None:
        rows, width = self.count + more, self.layout.width
        how = "Keep the part that you want to look at, or every tenth row, in a file of its own."
        if rows > MAX_STEPS:
            raise LstmvizError(f"There are more than {MAX_STEPS:,} rows", where=self.where, how=how)
        if width > MAX_STEPS or rows * width > MAX_VALUES:
            raise LstmvizError(f"There are more than {MAX_VALUES:,} cells", where=self.where, how=how)

    def _converted(self, rows: list[list[str]], numbered: list[tuple[int, str]]) -> NDArray[np.float64] | None:
        """The rows at full speed, or None where something is not just numbers."""
        width = self.layout.width
        # Python's float also takes 1_000 and the digits of other scripts; here they are mistakes
        if any(len(row) != width for row in rows) or any(not line.isascii() or "_" in line for _, line in numbered):
            return None
        cells = chain.from_iterable(rows)
        if self.layout.decimal_comma:
            cells = (cell.replace(",", ".") for cell in cells)  # type: ignore[assignment]  # both are iterators of texts
        try:
            values = np.fromiter(map(float, cells), np.float64, len(rows) * width)
        except ValueError:
            return None
        return values.reshape(len(rows), width) if np.isfinite(values).all() else None

    def _converted_with_care(self, rows: list[list[str]], numbered: list[tuple[int, str]]) -> NDArray[np.float64]:
        width, decimal_comma = self.layout.width, self.layout.decimal_comma
        values = np.full((len(rows), width), np.nan)
        for index, (cells, (line, _)) in enumerate(zip(rows, numbered, strict=True)):
            if len(cells) != width:
                many = f"{len(cells):,} cell{'' if len(cells) == 1 else 's'}"
                what = f"the row has {many}, most have {width:,}"
                self._note(Problem(self.count + index, -1, cells[0] if cells else "", f"line {line:,}", what))
                continue
            row = [number_in(cell, decimal_comma=decimal_comma) for cell in cells]
            values[index] = row
            for column, value in enumerate(row):
                if math.isnan(value):
                    place = f"line {line:,}, column {column + 1:,}"
                    cell = cells[column]
                    self._note(Problem(self.count + index, column, cell.strip()[:80], place, what_is_wrong(cell)))
        return values

    def _note(self, problem: Problem) -> None:
        seen = self._per_column.get(problem.column, 0)
        if seen < MOST_PROBLEMS_PER_COLUMN and len(self._problems) < MOST_PROBLEMS:
            self._per_column[problem.column] = seen + 1
            self._problems.append(problem)
