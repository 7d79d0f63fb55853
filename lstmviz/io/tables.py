"""Typed or pasted numbers -> float64 rows, and back.

Every step of the reading keeps the length of the text (a separator becomes a space, never nothing), so that a place in
the prepared text is the same place in the text as typed, and a mistake is marked exactly where it stands.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.arrays import Array, frozen
from lstmviz.core.errors import LstmvizError
from lstmviz.core.numerals import NUMBER, finite_number, shortened

MAX_STEPS = 200_000
MAX_FEATURES = 4_096
MAX_VALUES = 4_000_000
MAX_CHARACTERS = 64_000_000

_SIGNED_NUMBER = re.compile(rf"[+-]?{NUMBER}")
_NON_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)
_INNER_TAB = re.compile(r"\S *\t[^\n]*\S")
_INNER_SEMICOLON = re.compile(r";[^\S\n]*[^\s;]")
_NO_DECIMAL_COMMA = re.compile(r"(?<![0-9]),|,(?![0-9])")
_ASCII_SEPARATORS = "\x1c\x1d\x1e\x1f"  # white space to str.strip, but not to float
_AFTER_ROW = re.compile(r"\][\s,;]*([^\[\],;\s]+)")
_OUTSIDE_ROWS = re.compile(r"(?:\]|^\s*\[)[\s,;]*([^\[\],;\s]+)")
_BRACKETS_REMEDY = "Write [1, 2, 3], or rows as [[1, 0], [0.5, 1]]."
_SEPARATOR_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", None: "spaces"}


@dataclass(frozen=True)
class Table:
    """Rows of numbers as read from a text.

    values  float64 [rows, columns], read-only, finite
    header  one name a column, or empty where the text has no header
    cells   for a single column the numbers as typed, otherwise empty
    """

    values: Array
    header: tuple[str, ...]
    cells: tuple[str, ...]


class _Row(NamedTuple):
    number: int  # as an editor counts lines, from 1
    start: int  # where its text begins
    text: str


@dataclass(frozen=True)
class _Layout:
    """How the numbers of a text are separated; ``delimiter`` None stands for white space."""

    text: str
    plain: str
    delimiter: str | None
    decimal_comma: bool
    bracketed_rows: bool


def read_table(text: str, *, subject: str = "table", line_is_row: bool = False, instead: str = "") -> Table:
    """The numbers of ``text``, a line a row; one line of several numbers is one column unless ``line_is_row``.

    Delimiter: tab, else semicolon, else comma, else white space; with tab or semicolon a comma may be the decimal
    point. The first row is a header if it has a word and a later row has none. Brackets as in [1, 2] or in
    [[1, 0], [0, 1]] are read too, the latter always as rows. ``subject`` names the whole in messages, ``instead`` says
    what else could be done about a word. Raises LstmvizError with the span of the first mistake.
    """
    layout = _prepared(text)
    _refuse_before_splitting(layout, line_is_row or layout.bracketed_rows)
    rows = _rows(layout)
    if not rows:
        raise LstmvizError(f"The {subject} is empty", how="Type numbers such as 0, 0.5, 0.25, 1.", span=(0, len(text)))
    header = () if layout.bracketed_rows else _header(rows, layout)
    body = rows[1:] if header else rows
    if len(body) > MAX_STEPS:
        raise _too_many("rows", len(body), MAX_STEPS, (body[MAX_STEPS].start, len(text)))
    cells = [row.text.split(layout.delimiter) for row in body]
    values = _converted(body, cells, len(header) or len(cells[0]))
    if values is None:
        raise _first_mistake(body, layout, len(header), instead)
    if len(body) == 1 and not (header or layout.bracketed_rows or line_is_row):
        values = values.reshape(-1, 1)
    one_column = values.shape[1] == 1
    return Table(frozen(values), header, tuple(map(str.strip, chain.from_iterable(cells))) if one_column else ())


def parse_rows(text: str, *, subject: str = "table", line_is_row: bool = False) -> Array:
    """The numbers of ``text`` as float64 [rows, columns]; rules and errors of ``read_table``."""
    return read_table(text, subject=subject, line_is_row=line_is_row).values


def format_rows(values: Array) -> str:
    """Text that ``parse_rows`` reads back bit for bit; ``values`` [rows, columns].

    One column stands on one line, several columns as a line a row, a single row of several columns in double brackets.
    Raises ValueError for a value that is not finite, which no typed text can give.
    """
    array = np.asarray(values, dtype=np.float64)
    if not np.isfinite(array).all():
        raise ValueError("format_rows needs finite values")
    lines = [", ".join(repr(value).removesuffix(".0") for value in row) for row in array.tolist()]
    if array.shape[1] == 1:
        return ", ".join(lines)
    return f"[[{lines[0]}]]" if len(lines) == 1 else "\n".join(lines)


def _prepared(text: str) -> _Layout:
    """``text`` with plain line ends, spaces and minus signs and no brackets, no quotes, of the same length."""
    if len(text) > MAX_CHARACTERS:
        raise _too_many("characters", len(text), MAX_CHARACTERS, (MAX_CHARACTERS, len(text)))
    plain = text.replace("\r\n", " \n").replace("\r", "\n")
    if not plain.isascii() or any(map(plain.__contains__, _ASCII_SEPARATORS)):
        plain = re.sub(r"[^\S\n\t]", " ", plain.replace("\ufeff", " ").replace("\u2212", "-"))
    plain, bracketed_rows = _without_brackets(plain)
    delimiter = delimiter_of(plain)
    if delimiter not in ("\t", ";"):
        plain = plain.replace(";", " ")
    may_be_decimal = delimiter in ("\t", ";")
    if '"' in plain:
        plain = re.sub(r'"([^"\n]*)"' if may_be_decimal else r'"([^",\n]*)"', r" \1 ", plain)
    decimal_comma = may_be_decimal and has_decimal_commas(plain)
    if decimal_comma:
        plain = plain.replace(",", ".")
    return _Layout(text, plain, delimiter, decimal_comma, bracketed_rows)


def delimiter_of(plain: str) -> str | None:
    """What separates the cells of ``plain``: tab, else semicolon, else comma; None for white space."""
    if "\t" in plain and _INNER_TAB.search(plain):
        return "\t"
    if _INNER_SEMICOLON.search(plain):
        return ";"
    return "," if "," in plain else None


def has_decimal_commas(plain: str) -> bool:
    """Whether commas stand between digits only, a header aside."""
    first, _, body = plain.lstrip().partition("\n")
    if "," not in plain or _NO_DECIMAL_COMMA.search(body):
        return False
    return bool(re.search(r"[^\W\d_]", first)) or not _NO_DECIMAL_COMMA.search(first)


def _without_brackets(plain: str) -> tuple[str, bool]:
    """``plain`` with [1, 2] as one line and [[1, 0], [0, 1]] as a line a row, and whether it was such rows."""
    if not plain.lstrip().startswith(("[", "(")):
        return plain, False
    groups = plain.count("[") + plain.count("(")
    if groups > MAX_STEPS + 1:  # one of them may hold the others
        raise _too_many("rows in brackets", groups, MAX_STEPS, (0, len(plain)))
    square = plain.translate({ord("("): "[", ord(")"): "]"})
    structure = re.sub(r"[^\[\]]+", "", square)
    if not re.fullmatch(r"(?:\[\])+|\[(?:\[\])+\]", structure):
        raise _bracket_mistake(plain, square)
    flat = square.replace("\n", " ")
    if structure == "[]":
        return flat.replace("[", " ").replace("]", " "), False
    stray = _OUTSIDE_ROWS.search(flat) if structure.startswith("[[") else _AFTER_ROW.search(flat)
    if stray:
        raise LstmvizError(
            f"“{shortened(stray[1])}” stands outside the rows",
            how=_BRACKETS_REMEDY,
            span=(stray.start(1), stray.end(1)),
        )
    flat = re.sub(r"\](\s*)[,;]", r"\n\1 ", flat)
    return flat.replace("[", " ").replace("]", "\n"), True


def _bracket_mistake(plain: str, square: str) -> LstmvizError:
    remedy = _BRACKETS_REMEDY
    opened: list[int] = []
    for match in re.finditer(r"[\[\]]", square):
        place = match.start()
        shown = plain[place]
        if shown in "[(":
            opened.append(place)
            if len(opened) > 2:
                return LstmvizError("Brackets are nested more than two deep", how=remedy, span=(place, place + 1))
        elif opened:
            opened.pop()
        else:
            return LstmvizError(f"This “{shown}” has no partner before it", how="Remove it.", span=(place, place + 1))
    place = opened[0] if opened else square.index("[")
    what = f"This “{plain[place]}” is never closed" if opened else "Lists and rows are mixed here"
    return LstmvizError(what, how=remedy, span=(place, place + 1))


def _refuse_before_splitting(layout: _Layout, line_is_row: bool) -> None:
    """Count the numbers without making them, so that a huge paste costs neither time nor memory."""
    if len(layout.plain) < 2 * MAX_FEATURES:
        return
    # Blank lines and missing values are no numbers, but splitting makes a text of each.
    for what, separator in (("lines", "\n"), (_SEPARATOR_NAMES[layout.delimiter], layout.delimiter or "\n")):
        count = layout.plain.count(separator)
        if count > MAX_VALUES + MAX_STEPS:
            raise _too_many(what, count, MAX_VALUES, (0, len(layout.text)))
    data = np.frombuffer(layout.plain.encode("utf-8", "surrogatepass"), np.uint8)
    separates = np.zeros(256, dtype=np.bool_)
    separates[[*b"\t\n\v\f\r ", *(layout.delimiter or " ").encode()]] = True
    inside = ~separates[data]
    begins = inside.copy()
    begins[1:] &= ~inside[:-1]
    starts = np.flatnonzero(begins)
    line_ends = np.flatnonzero(data == ord("\n"))
    last_of_line = np.searchsorted(starts, line_ends)
    counts = np.diff(np.concatenate(([0], last_of_line, [len(starts)])))  # numbers on each line
    counts = counts[counts > 0]

    def rest(number: int) -> tuple[int, int]:
        before = data[: starts[number]].tobytes().decode("utf-8", "surrogatepass")
        return len(before), len(layout.text)

    one_column = len(counts) == 1 and not line_is_row
    if one_column and counts[0] > MAX_STEPS:
        raise _too_many("numbers, one a step", int(counts[0]), MAX_STEPS, rest(MAX_STEPS))
    if len(counts) and not one_column and counts[0] > MAX_FEATURES:
        raise _too_many("values in the first row, one a feature", int(counts[0]), MAX_FEATURES, rest(MAX_FEATURES))
    if len(counts) > MAX_STEPS + 1:  # one of them may be a header
        raise _too_many("rows", len(counts), MAX_STEPS, rest(int(counts[:MAX_STEPS].sum())))
    if len(starts) > MAX_VALUES:
        raise _too_many("values", len(starts), MAX_VALUES, rest(MAX_VALUES))


def _too_many(what: str, count: int, limit: int, span: tuple[int, int]) -> LstmvizError:
    return LstmvizError(
        f"There are {count:,} {what}; the limit is {limit:,}",
        how=f"Keep the first {limit:,}, or one in {-(-count // limit)}.",
        span=span,
    )


def _rows(layout: _Layout) -> list[_Row]:
    """The lines that are not blank, each without one delimiter at its end."""
    blanks = " " if layout.delimiter == "\t" else None
    rows = []
    start = 0
    for number, line in enumerate(layout.plain.split("\n"), 1):
        if line and not line.isspace():
            rows.append(_Row(number, start, line.rstrip(blanks).removesuffix(layout.delimiter or "")))
        start += len(line) + 1
    return rows


def _header(rows: list[_Row], layout: _Layout) -> tuple[str, ...]:
    """The names in the first row, if it has a word and a later row has none."""
    first = rows[0]
    if not _has_word(first, layout) or all(_has_word(row, layout) for row in rows[1:]):
        return ()
    names = (layout.text[start:end] for start, end in _places(first, layout))
    return tuple(name or f"x{column}" for column, name in enumerate(names))


def _has_word(row: _Row, layout: _Layout) -> bool:
    return any(cell.strip() and not _is_float(cell) for cell in row.text.split(layout.delimiter))


def _is_float(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _converted(rows: list[_Row], cells: list[list[str]], width: int) -> NDArray[np.float64] | None:
    """All cells as float64 [rows, width], or None if anything at all is wrong with them."""
    # Python's float also takes 1_000 and the digits of other scripts; here they are mistakes.
    if any(len(row) != width for row in cells) or any("_" in row.text or not row.text.isascii() for row in rows):
        return None
    try:
        values = np.fromiter(map(float, chain.from_iterable(cells)), np.float64, len(rows) * width)
    except ValueError:
        return None
    return values.reshape(len(rows), width) if np.isfinite(values).all() else None


def _places(row: _Row, layout: _Layout) -> Iterator[tuple[int, int]]:
    """The span of each cell of a row without the spaces around it."""
    if layout.delimiter is None:
        for match in re.finditer(r"\S+", row.text):
            yield row.start + match.start(), row.start + match.end()
        return
    start = row.start
    for cell in row.text.split(layout.delimiter):
        content = cell.strip()
        begin = start + (len(cell) - len(cell.lstrip()) if content else 0)
        yield begin, begin + len(content)
        start += len(cell) + 1


def _first_mistake(rows: list[_Row], layout: _Layout, names: int, instead: str) -> LstmvizError:
    """The error for the first cell that is no number or the first row of another length, in reading order."""
    width = names
    for row in rows:
        columns = 0
        for columns, (start, end) in enumerate(_places(row, layout), 1):
            cell = layout.plain[start:end]
            if _SIGNED_NUMBER.fullmatch(cell) and math.isfinite(float(cell)):
                continue
            where = f"value {columns}" if len(rows) == 1 else f"row {row.number}, value {columns}"
            return _cell_mistake((start, end), where, layout, instead)
        width = width or columns
        if columns != width:
            return _ragged(row, columns, width, names > 0)
    raise AssertionError("the rows were refused without a mistake in them")


def _ragged(row: _Row, columns: int, width: int, has_header: bool) -> LstmvizError:
    values = "1 value" if columns == 1 else f"{columns} values"
    expected = f"the header has {width} names" if has_header else f"the first row has {width}"
    return LstmvizError(
        f"Row {row.number} has {values}, {expected}",
        how=f"Give every row {width}, or write a single sequence on one line.",
        span=(row.start + len(row.text) - len(row.text.lstrip()), row.start + len(row.text.rstrip())),
    )


def _cell_mistake(span: tuple[int, int], where: str, layout: _Layout, instead: str) -> LstmvizError:
    """What is wrong with the cell at ``span``, which is no finite number."""
    start, end = span
    shown = layout.text[start:end]
    cell = layout.plain[start:end]
    separators = _SEPARATOR_NAMES[layout.delimiter]
    if not cell:
        after = min(start + 1, len(layout.text))
        return LstmvizError(
            "A number is missing", where=where, how="Type it, or remove the extra separator.", span=(start, after)
        )
    if _SIGNED_NUMBER.fullmatch(cell):
        try:
            finite_number(cell, span)
        except LstmvizError as too_large:
            return LstmvizError(too_large.what, where=where, how=too_large.how, span=span)
    if _NON_FINITE.fullmatch(cell):
        return LstmvizError(
            f"{shown} is not a finite number", where=where, how="Type a number, or remove it.", span=span
        )
    how = "Type numbers such as 0, 0.5, 0.25, 1."
    if re.search(r"[^\W\d_]", cell):
        how = f"Type numbers such as 0, 0.5, 0.25, 1{instead}."
    elif layout.decimal_comma and "," in shown:
        how = f"Here {separators} separate the numbers, and a comma is the decimal point."
    elif "," in cell or re.search(r"\s", cell):
        how = f"Here {separators} separate the numbers: put one between any two."
    return LstmvizError(f"“{shortened(shown)}” is not a number", where=where, how=how, span=span)
