"""How the cells of a text stand: what separates them, the decimal comma, how many columns, whether names come first."""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from dataclasses import dataclass

from lstmviz.core.numerals import shortened
from lstmviz.core.text import count
from lstmviz.io.sequence_files.options import Delimiter, Header
from lstmviz.io.tables import MAX_STEPS, delimiter_of, has_decimal_commas

DELIMITER_WORDS = {",": "commas", ";": "semicolons", "\t": "tabs", None: "spaces"}

_MISSING = frozenset(("", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "missing", "-", "?"))
_SAMPLE_ROWS = 21
_QUOTED = re.compile(r'"[^"\n]*"')
_COMMA_IN_NUMBER = re.compile(r"[+-]?[0-9]+,[0-9]+(?:[eE][+-]?[0-9]+)?")
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(?:[eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class TextLayout:
    """What was recognised.

    delimiter  what separates two cells; None for white space
    width      cells a row
    header     one name a column, or empty
    """

    delimiter: str | None
    decimal_comma: bool
    width: int
    header: tuple[str, ...]
    recognised: tuple[str, ...]

    def cells(self, line: str) -> list[str]:
        """The cells of a line; an empty one that a delimiter at its end makes is left out."""
        cells = split(line, self.delimiter)
        if len(cells) == self.width + 1 and not cells[-1].strip():
            cells.pop()
        return cells


def split(line: str, delimiter: str | None) -> list[str]:
    """The cells of ``line``; quotes keep a delimiter from separating."""
    if delimiter is None:
        return line.replace('"', " ").split(maxsplit=MAX_STEPS)
    if '"' in line and len(line) < csv.field_size_limit():
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))
    return line.split(delimiter, MAX_STEPS)


def number_in(cell: str, *, decimal_comma: bool = False) -> float:
    """The number in a cell; nan where there is none, or none that is finite."""
    text = cell.strip().replace("\u2212", "-")
    if decimal_comma:
        text = text.replace(",", ".")
    if "_" in text or not text.isascii():
        return math.nan
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def is_missing(cell: str) -> bool:
    """Whether a cell is empty, or says that there is no number."""
    return cell.strip().lower() in _MISSING


def what_is_wrong(cell: str) -> str:
    """Why there is no number in ``cell``, for people."""
    text = cell.strip()
    if not text:
        return "the cell is empty"
    if is_missing(text):
        return f"“{text}” stands for a missing number"
    try:
        too_large = math.isinf(float(text))
    except ValueError:
        too_large = False
    return f"“{shortened(text)}” is not a finite number" if too_large else f"“{shortened(text)}” is not a number"


def layout_of(lines: list[str], delimiter: Delimiter, header: Header) -> TextLayout:
    """The layout by the first lines of a text, none of them blank; at least one."""
    sample = lines[:_SAMPLE_ROWS]
    separator, chosen = _separator("\n".join(sample), delimiter)
    rows = [split(line, separator) for line in sample]
    if separator is not None and len(rows[0]) > 1 and all(not row[-1].strip() for row in rows):
        rows = [row[:-1] for row in rows]
    # the body says how many columns there are: a header may lack a name
    width = max(Counter(map(len, rows[1:] or rows)).most_common(1)[0][0], 1)
    decimal_comma = separator in (None, "\t", ";") and has_decimal_commas("\n".join(sample))
    if separator is None and width == 1:
        rows[0] = [" ".join(rows[0])]  # the words of one name
    names, why = _names(rows, width, header, decimal_comma)
    recognised = [f"{DELIMITER_WORDS[separator]} between the cells, {chosen}"]
    if decimal_comma:
        recognised.append("a comma is the decimal point: it stands between digits only")
    recognised.append(f"{count(width, 'column')}; {why}")
    return TextLayout(separator, decimal_comma, width, names, tuple(recognised))


def _separator(sample: str, delimiter: Delimiter) -> tuple[str | None, str]:
    if delimiter is Delimiter.AUTO:
        plain = _QUOTED.sub("q", sample)
        if _has_spaced_decimal_commas(plain):
            return None, "because commas stand inside the numbers"
        return delimiter_of(plain), "as they stand in the first rows"
    return None if delimiter is Delimiter.SPACE else delimiter.value, "as you chose"


def _has_spaced_decimal_commas(plain: str) -> bool:
    """Whether rows as ``1,5 2,25`` stand there: as cells between commas, ``5 2`` would be none."""
    rows = [line.split() for line in plain.split("\n")]
    body = rows[1:] if len(rows) > 1 else rows
    if not all(len(row) > 1 for row in body):
        return False
    cells = [cell for row in body for cell in row]
    with_comma = sum(_COMMA_IN_NUMBER.fullmatch(cell) is not None for cell in cells)
    without = sum(_PLAIN_NUMBER.fullmatch(cell) is not None for cell in cells)
    return with_comma > 0 and with_comma + without == len(cells)


def _names(rows: list[list[str]], width: int, header: Header, decimal_comma: bool) -> tuple[tuple[str, ...], str]:
    """The names in the first row, and why it holds them or not."""
    if header is Header.NO:
        return (), "no names, as you chose"
    if header is Header.AUTO:
        column = _named_column(rows, decimal_comma)
        if column is None:
            return (), "no names in the first row"
        why = f"the first row holds names: “{shortened(rows[0][column].strip(), 20)}” is no number, what follows is"
    else:
        why = "the first row holds names, as you chose"
    names = [" ".join(cell.split()) for cell in rows[0][:width]]
    return tuple(name or f"x{column}" for column, name in enumerate(names + [""] * (width - len(names)))), why


def _named_column(rows: list[list[str]], decimal_comma: bool) -> int | None:
    """The first column that begins with a word and mostly goes on with numbers."""
    for column, cell in enumerate(rows[0]):
        if is_missing(cell) or not math.isnan(number_in(cell, decimal_comma=decimal_comma)):
            continue
        if what_is_wrong(cell).endswith("finite number"):
            continue
        below = [row[column] for row in rows[1:] if len(row) > column and not is_missing(row[column])]
        numbers = sum(not math.isnan(number_in(each, decimal_comma=decimal_comma)) for each in below)
        if below and 2 * numbers > len(below):
            return column
    return None
