"""What is inside a session file: a readable header first, the arrays beside it. Files are read in ``sessions.py``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lstmviz import __version__
from lstmviz.core.arrays import Array
from lstmviz.core.cursor import Cursor
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.io.archive import packed, unpacked
from lstmviz.io.codec import REMEDY, from_plain, to_plain
from lstmviz.io.json_text import json_bytes, json_value
from lstmviz.io.npy import array_of, npy_bytes
from lstmviz.io.session_checks import refuse_impossible
from lstmviz.io.sessions import SessionFile
from lstmviz.io.training.checks import refuse_impossible_training
from lstmviz.io.training.saved import SavedTraining, record_of, saved_of

VERSION = 2
"""Of what is in the file. A change that older versions of the app cannot read makes it one larger.

2 added trainings, and given weights of the vanilla RNN.
"""

_FORMAT = "lstmviz session"
_HEADER = "session.json"
_ARRAY_FOLDER, _ARRAY_SUFFIX = "arrays/", ".npy"


@dataclass(frozen=True, eq=False)
class _Content:
    """A SessionFile as it is written."""

    experiment: Experiment
    cursor: Cursor
    origin: str = ""
    training: SavedTraining | None = None


def session_bytes(session: SessionFile) -> bytes:
    """The content of the file; the same bytes for the same session."""
    arrays: dict[str, Array] = {}
    training = saved_of(session.training) if session.training is not None else None
    content = _Content(session.experiment, session.cursor, session.origin, training)
    fields = to_plain(content, _Content, arrays, "")
    for name in ("origin", "training"):
        if not fields[name]:
            del fields[name]
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
        content: _Content = from_plain(fields, _Content, arrays, "")
        refuse_impossible(content.experiment)
        if content.training is not None:
            refuse_impossible_training(content.training)
        if arrays:
            raise LstmvizError("Nothing refers to this array", where=next(iter(arrays)), how=REMEDY)
    except MemoryError as error:
        raise LstmvizError(
            "There is not enough memory to open this", how="Close other programs, or open a smaller session."
        ) from error
    training = record_of(content.training) if content.training is not None else None
    return SessionFile(content.experiment, content.cursor, content.origin, training)


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
