"""What goes to standard output for other programs: JSON, and whole files, byte by byte."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lstmviz.core.errors import LstmvizError

STANDARD = "-"
"""Stands for standard input where a file is read, and for standard output where one is written."""


def print_json(value: Any) -> None:
    """Print ``value`` as JSON in one line; numbers that JSON does not have are texts, as in the export of a run."""
    from lstmviz.io.json_text import spelled  # a page of help does without

    print(json.dumps(spelled(value), allow_nan=False))


@contextmanager
def written_to(name: str, *, binary: bool = True, called: str = "output") -> Iterator[Path]:
    """The file to write, which is ``name``; for ``-`` its content is then copied to standard output.

    called  what a file that is written for standard output is called, in case its name stands in it

    Raises LstmvizError where a ``binary`` file would fill a terminal.
    """
    if name != STANDARD:
        yield Path(name)
        return
    import shutil  # opening a window does without
    import tempfile

    if sys.stdout is None:  # closed, or a program without a console
        raise LstmvizError("There is no standard output", how="Name a file: -o FILE.")
    if binary and sys.stdout.isatty():
        raise LstmvizError("A file that is no text would fill the terminal", how="Name a file: -o FILE, or use a pipe.")
    with tempfile.TemporaryDirectory(prefix="lstmviz-") as folder:
        path = Path(folder) / called
        yield path
        sys.stdout.flush()
        with path.open("rb") as written:
            shutil.copyfileobj(written, sys.stdout.buffer)


def refuse_two_readers(*names: str | Path | None) -> None:
    """Raises LstmvizError where more than one of the files that are read is standard input."""
    if sum(str(name) == STANDARD for name in names) > 1:
        raise LstmvizError(
            "Standard input can be read only once", where=f"{STANDARD} twice", how="Name a file for one of the two."
        )
