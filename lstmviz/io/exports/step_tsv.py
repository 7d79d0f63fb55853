"""The table of one unit, as the Table view shows it, as tab-separated text: for a file or the clipboard.

Numbers have all their digits here, so that they can be computed with.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lstmviz.core.analysis.step_table import Column, step_columns
from lstmviz.core.progress import Steps
from lstmviz.core.run import Run
from lstmviz.io.atomic import replacing

_ROWS_AT_ONCE = 5_000


def table_text(columns: Sequence[Column]) -> str:
    """The whole table as tab-separated text, the titles first."""
    return "".join(_pieces(columns))


def writing_tsv(run: Run, path: str | Path, layer: str = "l0", unit: int = 0) -> Steps[None]:
    """Write the table of one unit. Yields the fraction done.

    Raises LstmvizError if it cannot be written; then what was there before is untouched.
    """
    with replacing(path) as file:
        for number, text in enumerate(_pieces(step_columns(run, layer, unit))):
            file.write(text.encode("utf-8", "backslashreplace"))
            yield min(number * _ROWS_AT_ONCE / run.length, 1)


def _pieces(columns: Sequence[Column]) -> Iterator[str]:
    """The titles, then some rows at a time."""
    yield _lines([[column.title for column in columns]])
    for start in range(0, len(columns[0].values), _ROWS_AT_ONCE):
        steps = slice(start, start + _ROWS_AT_ONCE)
        yield _lines(zip(*(_plain(column.values[steps]) for column in columns), strict=True))


def _plain(values: Any) -> Any:
    return values.tolist() if isinstance(values, np.ndarray) else values


def _lines(rows: Any) -> str:
    """A label with a tab, a quote or the end of a line in it is put in quotes, as spreadsheets expect."""
    text = io.StringIO()
    csv.writer(text, delimiter="\t", lineterminator="\n").writerows(rows)
    return text.getvalue()
