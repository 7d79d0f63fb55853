"""What is inside a session file: a readable header first, the arrays beside it. Files are read in ``sessions.py``."""

from __future__ import annotations

from typing import Any

from lstmviz import __version__
from lstmviz.core.arrays import Array
from lstmviz.core.errors import LstmvizError
from lstmviz.io.archive import packed, unpacked
from lstmviz.io.codec import REMEDY, from_plain, to_plain
from lstmviz.io.json_text import json_bytes, json_value
from lstmviz.io.npy import array_of, npy_bytes
from lstmviz.io.session_checks import refuse_impossible
from lstmviz.io.sessions import SessionFile

VERSION = 1
"""Of what is in the file. A change that older versions of the app cannot read makes it one larger."""

_FORMAT = "lstmviz session"
_HEADER = "session.json"
_ARRAY_FOLDER, _ARRAY_SUFFIX = "arrays/", ".npy"


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
