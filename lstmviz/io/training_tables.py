"""A table that a network is to learn from: columns of numbers or texts, a row a time step."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lstmviz.core.errors import LstmvizError
from lstmviz.core.numerals import shortened
from lstmviz.core.progress import drain
from lstmviz.core.text import count
from lstmviz.io.sequence_files.content import FileKind, content_of, kind_of, text_of
from lstmviz.io.sequence_files.options import Delimiter, Header
from lstmviz.io.sequence_files.reading import reading_content
from lstmviz.io.sequence_files.text_layout import TextLayout, is_missing, layout_of, number_in
from lstmviz.io.tables import MAX_FEATURES

Cell = float | str

MOST_CELLS = 1_000_000
"""Of a table: read in half a second, and far more than a network learns from in a minute."""


@dataclass(frozen=True)
class TrainingTable:
    """The columns of a file by name, in its order.

    columns  a cell a row; nan where a column of numbers has none, and the text where it has one
    texts    the names of the columns that hold mostly texts
    """

    name: str
    columns: Mapping[str, tuple[Cell, ...]]
    texts: frozenset[str]

    @property
    def rows(self) -> int:
        """How many time steps there are."""
        return len(next(iter(self.columns.values())))

    @property
    def numeric(self) -> tuple[str, ...]:
        """The names of the columns of numbers."""
        return tuple(name for name in self.columns if name not in self.texts)


def read_training_table(path: str | Path) -> TrainingTable:
    """The table in a CSV, TSV, text, .npy or .npz file. Raises LstmvizError with what is wrong and where."""
    data, name = content_of(path), Path(path).name
    if data and not data.isspace() and kind_of(data, name) is not FileKind.TEXT:
        file = drain(reading_content(data, name))
        names = _distinct(file.names)
        return TrainingTable(
            name, {each: tuple(file.values[:, k].tolist()) for k, each in enumerate(names)}, frozenset()
        )
    return training_table_of(text_of(data, name)[0], name)


def training_table_of(text: str, name: str) -> TrainingTable:
    """The table in a text; ``name`` is what messages call it. Raises LstmvizError like ``read_training_table``."""
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    lines = [(number, line) for number, line in lines if not line.lstrip().startswith("#")]
    if not lines:
        raise LstmvizError("There is nothing in it", where=name, how="Choose a table with a row for every time step.")
    layout = layout_of([line for _, line in lines], Delimiter.AUTO, Header.AUTO)
    if layout.width > MAX_FEATURES or layout.width * len(lines) > MOST_CELLS:
        raise LstmvizError(
            f"There are {layout.width:,} columns and {len(lines):,} rows",
            where=name,
            how=f"The limits are {MAX_FEATURES:,} columns and {MOST_CELLS:,} cells.",
        )
    rows = _rows(layout, lines[1:] if layout.header else lines, name)
    names = _distinct(layout.header or tuple(f"column {k + 1}" for k in range(layout.width)))
    texts, columns = set(), {}
    for column, each in enumerate(names):
        cells = [row[column].strip() for row in rows]
        columns[each], is_text = _column(cells, decimal_comma=layout.decimal_comma)
        if is_text:
            texts.add(each)
    if len(rows) == 1 and len(texts) == len(names):
        raise _no_rows(name)
    return TrainingTable(name, columns, frozenset(texts))


def _no_rows(where: str) -> LstmvizError:
    return LstmvizError(
        "There are names, but no rows of numbers", where=where, how="Give a row of numbers for every time step."
    )


def _rows(layout: TextLayout, lines: list[tuple[int, str]], where: str) -> list[list[str]]:
    """The cells of every row. Raises LstmvizError for no row, and for one of another length."""
    if not lines:
        raise _no_rows(where)
    rows = []
    for number, line in lines:
        rows.append(layout.cells(line))
        if len(rows[-1]) != layout.width:
            raise LstmvizError(
                f"The row has {count(len(rows[-1]), 'cell')}, most have {layout.width}",
                where=f"{where}, line {number:,}",
                how="Every row needs a cell for every column.",
            )
    return rows


def _column(cells: list[str], *, decimal_comma: bool) -> tuple[tuple[Cell, ...], bool]:
    """The cells as numbers where they are, and whether the column is one of texts."""
    numbers = [number_in(cell, decimal_comma=decimal_comma) for cell in cells]
    there = [not is_missing(cell) for cell in cells]
    words = sum(is_there and math.isnan(value) for is_there, value in zip(there, numbers, strict=True))
    if 2 * words > sum(there):
        return tuple("" if is_missing(cell) else shortened(cell, 40) for cell in cells), True
    mixed = zip(cells, numbers, there, strict=True)
    return tuple(
        shortened(cell, 40) if is_there and math.isnan(value) else value for cell, value, is_there in mixed
    ), False


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    """``names`` with a number behind those that stood there before."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(result)
