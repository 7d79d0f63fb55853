"""Sessions as files: an experiment with everything that belongs to it, and where somebody looked, in one ``.lstmviz``.

A zip file that is not compressed: ``session.json``, which a text editor shows, and an array ``arrays/NAME.npy`` for
each ``{"array": NAME}`` in it. What is read is exactly what was written, bit for bit. A file is never trusted: nothing
in it is run, and sizes are looked at before memory is taken.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lstmviz.core.cursor import Cursor
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.core.networks.memory import in_words

if TYPE_CHECKING:
    from lstmviz.core.training.record import TrainingRecord

SUFFIX = ".lstmviz"
"""Of the names of such files."""


@dataclass(frozen=True)
class SessionFile:
    """What a session file holds.

    origin    the file that the experiment belongs to; in recovery files alone, otherwise empty
    training  what stood in the tab Training; None for none
    """

    experiment: Experiment
    cursor: Cursor
    origin: str = ""
    training: TrainingRecord | None = None


def save_session(path: str | Path, session: SessionFile) -> None:
    """Write ``session`` as the file ``path``, or leave what is there untouched and raise LstmvizError."""
    from lstmviz.io.atomic import write_atomically
    from lstmviz.io.session_format import session_bytes

    write_atomically(path, session_bytes(session))


def load_session(path: str | Path) -> SessionFile:
    """The session in the file ``path``. Raises LstmvizError that says what is wrong with it."""
    from lstmviz.io.session_format import session_of

    try:
        return session_of(_content(Path(path)))
    except LstmvizError as error:
        where = f"{path}: {error.where}" if error.where else str(path)
        raise LstmvizError(error.what, where=where, how=error.how) from error


def _content(path: Path) -> bytes:
    """All bytes of a file that is one: a pipe or a device would never end."""
    from lstmviz.io.archive import MAX_BYTES

    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            what = "a folder" if stat.S_ISDIR(status.st_mode) else "a device"
            raise LstmvizError(f"This is {what}, not a file", how="Choose a file that lstmviz has saved.")
        if status.st_size > MAX_BYTES:
            raise LstmvizError(
                f"The file has {in_words(status.st_size)}; the limit is {in_words(MAX_BYTES)}", how="Choose another."
            )
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise LstmvizError("There is no such file", how="It may have been moved, renamed or deleted.") from error
    except PermissionError as error:
        raise LstmvizError("The file may not be read", how="Ask its owner, or take a copy.") from error
    except (OSError, ValueError, MemoryError) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "its name is impossible"
        raise LstmvizError(f"The file cannot be read: {reason}", how="Take another copy of it.") from error
