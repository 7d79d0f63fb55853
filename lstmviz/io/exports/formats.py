"""All the ways to export a run, for a Save dialog and the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lstmviz.core.cursor import Cursor
from lstmviz.core.errors import LstmvizError
from lstmviz.core.progress import Steps, drain
from lstmviz.core.run import Run

FIRST = Cursor(1)
"""The first unit of the first layer."""

Write = Callable[[Run, Path, Cursor], Steps[None]]


@dataclass(frozen=True)
class Export:
    """One kind of file.

    name    on the command line
    suffix  of the file's name; the first of EXPORTS with a suffix is the usual one
    words   for people, as in the list of a Save dialog
    write   writes the file in pieces: yields the fraction done, raises LstmvizError if it cannot be written; the
            cursor says which layer and unit a table of one unit is about
    """

    name: str
    suffix: str
    words: str
    write: Write


# each writer is imported when it writes: the window shows the list long before


def _write_csv(run: Run, path: Path, at: Cursor) -> Steps[None]:
    from lstmviz.io.exports.tidy import writing_csv

    return writing_csv(run, path)


def _write_tsv(run: Run, path: Path, at: Cursor) -> Steps[None]:
    from lstmviz.io.exports.step_tsv import writing_tsv

    return writing_tsv(run, path, at.layer, at.unit)


def _write_npz(run: Run, path: Path, at: Cursor) -> Steps[None]:
    from lstmviz.io.exports.arrays import writing_npz

    return writing_npz(run, path)


def _write_json(run: Run, path: Path, at: Cursor) -> Steps[None]:
    from lstmviz.io.exports.json_file import writing_json

    return writing_json(run, path)


def _write_numpy(run: Run, path: Path, at: Cursor) -> Steps[None]:
    from lstmviz.io.exports.scripts import writing_numpy_script

    return writing_numpy_script(run, path)


def _write_torch(run: Run, path: Path, at: Cursor) -> Steps[None]:
    from lstmviz.io.exports.scripts import writing_torch_script

    return writing_torch_script(run, path)


EXPORTS = (
    Export("csv", ".csv", "Tidy table: one row a number", _write_csv),
    Export("tsv", ".tsv", "Table of the pinned unit: one row a step", _write_tsv),
    Export("npz", ".npz", "NumPy arrays", _write_npz),
    Export("json", ".json", "JSON", _write_json),
    Export("numpy", ".py", "NumPy script that computes the run", _write_numpy),
    Export("torch", ".py", "PyTorch script that computes the run", _write_torch),
)
"""In the order in which they are offered."""


def export(run: Run, path: str | Path, name: str | None = None, at: Cursor = FIRST) -> None:
    """Write ``run`` as the file ``path``: as the kind called ``name``, or as the suffix of ``path`` says.

    at  its layer and unit are those of a table of one unit

    Raises LstmvizError for a suffix that says nothing, and if it cannot be written; then what was there stays.
    """
    drain(exporting(run, path, name, at))


def exporting(run: Run, path: str | Path, name: str | None = None, at: Cursor = FIRST) -> Steps[None]:
    """``export`` in pieces: each ``yield`` is the fraction done and a place to stop, which leaves nothing behind."""
    return export_for(path, name).write(run, Path(path), at)


def export_for(path: str | Path, name: str | None = None) -> Export:
    """The export called ``name``, or that of the suffix of ``path``. Raises LstmvizError that lists what there is."""
    suffix = Path(path).suffix.lower()
    for each in EXPORTS:
        if each.name == name or (name is None and each.suffix == suffix):
            return each
    if name is not None:
        raise LstmvizError(
            f"There is no export called {name}", how=f"There are: {', '.join(each.name for each in EXPORTS)}."
        )
    suffixes = ", ".join(dict.fromkeys(each.suffix for each in EXPORTS))
    what = f"A run cannot be exported as {suffix}" if suffix else "The name does not say which kind of file to write"
    raise LstmvizError(what, where=str(path), how=f"Let the name end in one of {suffixes}.")
