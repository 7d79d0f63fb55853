"""A run as JSON: the arrays of ``arrays.py``, a name such as ``main/l0/f`` as one object in the other.

An array is a list with one line a step. JSON has no number for what is not finite: there stands one of the texts
"NaN", "Infinity" and "-Infinity", which Python's ``float`` and JavaScript's ``Number`` both understand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz import __version__
from lstmviz.core.progress import Steps
from lstmviz.core.run import Run
from lstmviz.io.atomic import replacing
from lstmviz.io.exports.arrays import run_arrays
from lstmviz.io.json_text import spelled

VERSION = 1
"""Of the structure. A change that other people's programs would stumble over makes it one larger."""

_NUMBERS_AT_ONCE = 50_000


def writing_json(run: Run, path: str | Path) -> Steps[None]:
    """Write the run as JSON, piece by piece. Yields the fraction done.

    Raises LstmvizError if it cannot be written; then what was there before is untouched.
    """
    arrays = run_arrays(run)
    about = {
        "format": "lstmviz run",
        "version": VERSION,
        "written_by": f"lstmviz {__version__}",
        "title": run.experiment.title,
        "objective": run.objective.in_words(),
        "what_ifs": [what_if.in_words() for what_if in run.experiment.what_ifs if what_if.enabled],
    }
    total, done = sum(array.size for array in arrays.values()), 0
    with replacing(path) as file:
        for text, numbers in _object(about | _nested(arrays), ""):
            file.write(text.encode("utf-8", "backslashreplace"))
            done += numbers
            if numbers:
                yield done / total
        file.write(b"\n")


def _nested(arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """``{"main/l0/f": array}`` as ``{"main": {"l0": {"f": array}}}``."""
    tree: dict[str, Any] = {}
    for name, array in arrays.items():
        *folders, last = name.split("/")
        place = tree
        for folder in folders:
            place = place.setdefault(folder, {})
        place[last] = array
    return tree


def _object(fields: dict[str, Any], margin: str) -> Iterator[tuple[str, int]]:
    """The text of an object in pieces, each with how many numbers of arrays are in it."""
    deeper = margin + "  "
    for position, (name, value) in enumerate(fields.items()):
        yield f"{',' if position else '{'}\n{deeper}{json.dumps(name)}: ", 0
        if isinstance(value, dict):
            yield from _object(value, deeper)
        elif isinstance(value, np.ndarray):
            yield from _array(value, deeper)
        else:
            yield json.dumps(value, ensure_ascii=False), 0
    yield f"\n{margin}}}", 0


def _array(array: NDArray[Any], margin: str) -> Iterator[tuple[str, int]]:
    """The text of an array: a matrix with a line for each of its rows, everything else in one line."""
    if array.ndim < 2:
        yield _text(array.tolist()), array.size
        return
    deeper = margin + "  "
    rows = max(1, _NUMBERS_AT_ONCE // max(array.shape[1], 1))
    for start in range(0, len(array), rows):
        some = array[start : start + rows]
        lines = ",\n".join(deeper + _text(row) for row in some.tolist())
        yield f"{',' if start else '['}\n{lines}", some.size
    yield f"\n{margin}]", 0


def _text(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        return json.dumps(spelled(value), ensure_ascii=False, allow_nan=False)
