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
from typing import Any

from lstmviz import __version__
from lstmviz.core.arrays import Array
from lstmviz.core.cursor import Cursor
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.core.memory import in_words
from lstmviz.io.archive import MAX_BYTES, packed, unpacked
from lstmviz.io.atomic import write_atomically
from lstmviz.io.codec import REMEDY, from_plain, to_plain
from lstmviz.io.json_text import json_bytes, json_value
from lstmviz.io.npy import array_of, npy_bytes
from lstmviz.io.session_checks import refuse_impossible

SUFFIX = ".lstmviz"
"""Of the names of such files."""

VERSION = 1
"""Of what is in the file. A change that older versions of the app cannot read makes it one larger."""

_FORMAT = "lstmviz session"
_HEADER = "session.json"
_ARRAY_FOLDER, _ARRAY_SUFFIX = "arrays/", ".npy"


@dataclass(frozen=True)
class SessionFile:
    """What a session file holds.

    origin  the file that the experiment belongs to; in recovery files alone, otherwise empty
    """

    experiment: Experiment
    cursor: Cursor
    origin: str = ""


def save_session(path: str | Path, session: SessionFile) -> None:
    """Write ``session`` as the file ``path``, or leave what is there untouched and raise LstmvizError."""
    write_atomically(path, session_bytes(session))


def load_session(path: str | Path) -> SessionFile:
    """The session in the file ``path``. Raises LstmvizError that says what is wrong with it."""
    try:
        return session_of(_content(Path(path)))
    except LstmvizError as error:
        where = f"{path}: {error.where}" if error.where else str(path)
        raise LstmvizError(error.what, where=where, how=error.how) from error


def session_bytes(session: SessionFile) -> bytes:
    """The content of the file; the same bytes for the same session."""
    arrays: dict[str, Array] = {}
    fields = to_plain(session, SessionFile, arrays, "")
    if not session.origin:
        del fields["origin"]
    header = {"format": _FORMAT, "version": VERSION, "app": f"lstmviz {__version__}", **fields}
    files = {_HEADER: json_bytes(header)}
    files |= {f"{_ARRAY_FOLDER}{name}{_ARRAY_SUFFIX}": npy_bytes(array) for name, array in arrays.items()}
    return packed(files)


def session_of(data: bytes) -> SessionFile:
    """The session whose file has the content ``data``. Raises LstmvizError, and nothing else, for whatever it is."""
    try:
        files = unpacked(data)
        fields = _fields(files)
        arrays = _arrays(files)
        session: SessionFile = from_plain(fields, SessionFile, arrays, "")
        refuse_impossible(session.experiment)
        if arrays:
            raise LstmvizError("Nothing refers to this array", where=next(iter(arrays)), how=REMEDY)
    except MemoryError as error:
        raise LstmvizError(
            "There is not enough memory to open this", how="Close other programs, or open a smaller session."
        ) from error
    return session


def _fields(files: dict[str, bytes]) -> dict[str, Any]:
    """The header without what is about the file; the version is looked at before anything else."""
    if _HEADER not in files:
        raise LstmvizError(
            "This is a zip file, but not a session of lstmviz", how="Choose a file that lstmviz has saved."
        )
    header = json_value(files.pop(_HEADER), _HEADER)
    if not isinstance(header, dict) or header.pop("format", None) != _FORMAT:
        raise LstmvizError(
            "This is not a session of lstmviz", where=_HEADER, how="Choose a file that lstmviz has saved."
        )
    version = header.pop("version", None)
    if type(version) is not int or version < 1:
        raise LstmvizError("The version is missing or impossible", where=_HEADER, how=REMEDY)
    if version > VERSION:
        raise LstmvizError(
            f"This session was made by a newer lstmviz: version {version} of the file, this one reads {VERSION}",
            how="Update lstmviz.",
        )
    header.pop("app", None)
    return header


def _arrays(files: dict[str, bytes]) -> dict[str, Array]:
    arrays = {}
    for name, content in files.items():
        if not (name.startswith(_ARRAY_FOLDER) and name.endswith(_ARRAY_SUFFIX)):
            raise LstmvizError("This does not belong into a session", where=name, how=REMEDY)
        arrays[name.removeprefix(_ARRAY_FOLDER).removesuffix(_ARRAY_SUFFIX)] = array_of(content, name)
    return arrays


def _content(path: Path) -> bytes:
    """All bytes of a file that is one: a pipe or a device would never end."""
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
