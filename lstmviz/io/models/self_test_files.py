"""The input and the expected output of a self-test, from files: arrays of NumPy, or columns of a table of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.errors import LstmvizError
from lstmviz.core.progress import Steps, drain
from lstmviz.io.models.file_bytes import file_bytes
from lstmviz.io.models.model_file import Candidate
from lstmviz.io.models.numpy_files import npy_array, read_npz
from lstmviz.io.models.self_test import SelfTest, self_testing
from lstmviz.io.models.zip_reading import ZipReader
from lstmviz.io.sequence_files.content import FileKind, kind_of
from lstmviz.io.sequence_files.reading import reading_content

_INPUT_NAMES = ("x", "input", "inputs", "tokens")
_OUTPUT_NAMES = ("y", "output", "outputs", "expected", "target")
_MOST_DECIMALS = 12


@dataclass(frozen=True, eq=False)
class NumbersFile:
    """Numbers by name.

    parts     columns [T] of a table, arrays of an .npz; the array of an .npy is called ""
    is_table  whether they are columns: those that only count rows, or hold words, are left out
    decimals  how many there are after the point in a text, by column
    """

    name: str
    parts: dict[str, NDArray[Any]]
    is_table: bool = False
    decimals: dict[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Pair:
    """What ``self_test`` takes: x, the expected output, and the decimals that it was written with."""

    x: NDArray[Any]
    expected: NDArray[Any]
    decimals: int | None = None


def read_numbers(path: str | Path) -> NumbersFile:
    """Everything with numbers in the file. Raises LstmvizError for what is no array and no table."""
    data, name = file_bytes(path), Path(path).name
    kind = kind_of(data, name)
    if kind is FileKind.NPY:
        return NumbersFile(name, {"": npy_array(data, name)})
    if kind is FileKind.NPZ:
        arrays = read_npz(ZipReader(data, name), name)
        if not arrays:
            raise LstmvizError(
                "There are no arrays in this file", where=name, how="Save them: np.savez(path, x=x, y=y)."
            )
        return NumbersFile(name, dict(arrays))
    table = drain(reading_content(data, name))
    columns = {table.names[number]: table.values[:, number] for number in table.suggested}
    if not columns:
        raise LstmvizError("There are no columns of numbers in this file", where=name, how="Choose a table of numbers.")
    return NumbersFile(name, columns, True, {each: _decimals(column) for each, column in columns.items()})


def pair_of(
    given: NumbersFile, expected: NumbersFile | None = None, parts: Sequence[str] = (), input_part: str = ""
) -> Pair:
    """Input and expected output.

    expected    the file of the expected output; None where it is in the same file as the input
    parts       its columns, or its array; empty for all columns of another file, or for an only array
    input_part  the array of the input in an .npz; columns are all that are not expected

    Raises LstmvizError for names that are not there, with those that are.
    """
    source = expected or given
    if not parts:
        parts = _usual_output(source, same=expected is None)
    _refuse_unknown(source, parts)
    y = np.stack([source.parts[name] for name in parts], -1) if source.is_table else source.parts[parts[0]]
    used = parts if expected is None else ()
    left = [name for name in given.parts if name not in used]
    if not left:
        raise LstmvizError(
            "Nothing is left for the input", where=given.name, how="Choose another file for the expected output."
        )
    if given.is_table:
        x = np.stack([given.parts[name] for name in left], -1)
    else:
        if input_part:
            _refuse_unknown(given, [input_part])
        usual = next((name for name in left if name.lower() in _INPUT_NAMES), left[0])
        x = given.parts[input_part or usual]
    digits = [source.decimals.get(name) for name in parts]
    return Pair(x, y, min((each for each in digits if each is not None), default=None))


def self_test_files(
    candidate: Candidate,
    input_path: str | Path,
    expected_path: str | Path | None = None,
    *,
    parts: Sequence[str] = (),
    batch_first: bool = False,
    tolerance: float | None = None,
) -> SelfTest:
    """``self_test`` on files: .npy, .npz, or tables of text such as .csv.

    expected_path  None where the expected output is in the same file as the input
    parts          the columns (or the array of an .npz) of the expected output; empty where there is no doubt

    Raises LstmvizError for files that cannot be read, names that are not there, and shapes that do not fit.
    """
    return drain(
        comparing_files(candidate, input_path, expected_path, parts=parts, batch_first=batch_first, tolerance=tolerance)
    )


def comparing_files(
    candidate: Candidate,
    input_path: str | Path,
    expected_path: str | Path | None = None,
    *,
    parts: Sequence[str] = (),
    batch_first: bool = False,
    tolerance: float | None = None,
) -> Steps[SelfTest]:
    """``self_test_files`` with progress; each yield is a place to stop."""
    yield 0.0
    given = read_numbers(input_path)
    yield 0.0
    expected = read_numbers(expected_path) if expected_path is not None else None
    pair = pair_of(given, expected, parts)
    return (
        yield from self_testing(
            candidate,
            pair.x,
            pair.expected,
            batch_first=batch_first,
            tolerance=tolerance,
            decimals=pair.decimals,
        )
    )


def _usual_output(source: NumbersFile, *, same: bool) -> Sequence[str]:
    """The parts of the expected output where nobody says which."""
    names = list(source.parts)
    if source.is_table and not same:
        return names
    usual = [name for name in names if name.lower() in _OUTPUT_NAMES]
    if len(usual) == 1:
        return usual
    if len(names) == 1 and not same:
        return names
    kind = "column" if source.is_table else "array"
    raise LstmvizError(
        f"It is not clear which {kind} holds the expected output",
        where=source.name,
        how=f"Choose one by its name: {_listed(source)}.",
    )


def _refuse_unknown(source: NumbersFile, names: Sequence[str]) -> None:
    for name in names:
        if name not in source.parts:
            kind = "column of numbers" if source.is_table else "array"
            raise LstmvizError(
                f"There is no {kind} “{name[:60]}”", where=source.name, how=f"There are: {_listed(source)}."
            )


def _listed(source: NumbersFile) -> str:
    names = [name[:40] or "(no name)" for name in source.parts]
    return ", ".join(names[:12]) + (" …" if len(names) > 12 else "")


def _decimals(column: NDArray[Any]) -> int | None:
    """The fewest decimals that write every number of a column; None for whole ones and for all digits."""
    if not np.isfinite(column).all():
        return None
    for decimals in range(_MOST_DECIMALS + 1):
        if (np.round(column, decimals) == column).all():
            return decimals if decimals > 1 else None
    return None
