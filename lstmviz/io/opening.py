"""What can be named on the command line: an example, the file of a session, of a trained model, or of a sequence."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from lstmviz.core.errors import LstmvizError
from lstmviz.io.experiments import Example, example_names, load_example
from lstmviz.io.models.suffixes import SUFFIXES as MODEL_SUFFIXES
from lstmviz.io.models.suffixes import holds_model
from lstmviz.io.sequence_files.content import SUFFIXES as SEQUENCE_SUFFIXES
from lstmviz.io.sessions import SUFFIX, load_session

STANDARD_INPUT = "-"

EXAMPLE_FOR_SEQUENCES = "noisy-sine"
"""What reads a sequence from a file at first: it predicts the next numbers, with weights for any number of features."""

_STANDARD_INPUT_WORDS = "standard input"
_MOST_BYTES = 2**30
_HDF5, _PICKLE, _NPY, _ZIP = b"\x89HDF\r\n", b"\x80", b"\x93NUMPY", b"PK\x03\x04"
_SAMPLE = 4096
_TEXT_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


TEXT_SUFFIXES = tuple(suffix for suffix in SEQUENCE_SUFFIXES if not suffix.startswith(".np"))
"""How the names of sequences end that are nothing but text."""


class Content(Enum):
    """What a file is for lstmviz."""

    SESSION = "session"
    MODEL = "model"
    SEQUENCE = "sequence"


@dataclass(frozen=True)
class GivenFile:
    """A file to open, and what as. ``lasting``: it stays; standard input is kept in a file only meanwhile."""

    path: Path
    content: Content
    lasting: bool = True


def is_session(name: str | Path) -> bool:
    """Whether ``name`` is that of a session's file; the names of examples never end like one."""
    return Path(name).suffix.lower() == SUFFIX


def is_file_name(name: str) -> bool:
    """Whether ``name`` means a file rather than an example: it ends like one, lies in a folder, or is there."""
    path = Path(name)
    return name == STANDARD_INPUT or bool(path.suffix) or len(path.parts) > 1 or path.exists()


def content_of(path: Path) -> Content:
    """What the file at ``path`` is to be opened as: by its name, and a .npz by what is in it.

    Raises LstmvizError where it is not there, or its name does not say.
    """
    if is_session(path):
        return Content.SESSION  # whoever reads it says what is wrong with it
    if not path.exists():
        raise LstmvizError("There is no such file", where=str(path), how="It may have been moved, renamed or deleted.")
    if path.is_dir():
        raise LstmvizError("This is a folder", where=str(path), how="Choose a file inside it.")
    if holds_model(path):
        return Content.MODEL
    if path.suffix.lower() in SEQUENCE_SUFFIXES:
        return Content.SEQUENCE
    models = " ".join(sorted({*MODEL_SUFFIXES} - {*SEQUENCE_SUFFIXES}))
    raise LstmvizError(
        "The name does not say what it is",
        where=str(path),
        how=f"Sessions end in {SUFFIX}, models in one of {models}, sequences in one of {' '.join(SEQUENCE_SUFFIXES)}.",
    )


@contextmanager
def file_called(name: str | Path) -> Iterator[Path]:
    """The file that ``name`` means; ``-`` is standard input, which is kept in a file meanwhile.

    Raises LstmvizError where nothing, or too much, comes in.
    """
    if str(name) != STANDARD_INPUT:
        yield Path(name)
        return
    import tempfile  # opening a window does without

    data = sys.stdin.buffer.read(_MOST_BYTES + 1) if sys.stdin is not None else b""
    if not data:
        raise LstmvizError("Nothing comes in", where=_STANDARD_INPUT_WORDS, how="Pipe a file into it, or name one.")
    if len(data) > _MOST_BYTES:
        raise LstmvizError("Too much comes in", where=_STANDARD_INPUT_WORDS, how=f"The limit is {_MOST_BYTES:,} bytes.")
    with tempfile.TemporaryDirectory(prefix="lstmviz-") as folder:
        path = Path(folder) / f"{_STANDARD_INPUT_WORDS}{_suffix_for(data)}"
        path.write_bytes(data)
        try:
            yield path
        except LstmvizError as error:
            where = error.where.replace(str(path), _STANDARD_INPUT_WORDS).replace(path.name, _STANDARD_INPUT_WORDS)
            raise LstmvizError(error.what, where=where, how=error.how, span=error.span) from error


def open_named(name: str, network: str | None = None, vocabulary: str | None = None) -> Example:
    """The example called ``name``, or what is in that file of a session or a model; ``-`` is standard input.

    network     which one, where a model's file has several
    vocabulary  the file of its tokens

    Raises LstmvizError, with the nearest name for an example that there is not.
    """
    if not is_file_name(name):
        _refuse_for_models(network, vocabulary, name)
        return _example(name)
    with file_called(name) as path:
        content = content_of(path)
        if content is Content.MODEL:
            return _model(path, network, vocabulary)
        _refuse_for_models(network, vocabulary, name)
        if content is Content.SEQUENCE:
            raise LstmvizError(
                "This is a sequence, and there is no network in it",
                where=str(path),
                how="Name an example, a session or a model; trace takes a sequence as --input.",
            )
        session = load_session(path)
        return Example(path.stem, session.experiment, session.cursor, session.training)


def nearest(name: str, names: tuple[str, ...]) -> str:
    """The one of ``names`` that was probably meant by ``name``; empty where none is like it."""
    from difflib import get_close_matches  # only after a mistake

    return next(iter(get_close_matches(name.lower(), names, 1)), "")


def _example(name: str) -> Example:
    if name in example_names():
        return load_example(name)
    meant = nearest(name, example_names())
    there = f"There are: {', '.join(example_names())}."
    how = f"Did you mean {meant}? {there}" if meant else there
    raise LstmvizError(f"There is no example called {name}", how=how)


def _model(path: Path, name: str | None, vocabulary: str | None) -> Example:
    from lstmviz.io.models.experiments import model_example, runnable  # the readers of all formats take long to load
    from lstmviz.io.models.reading import read_model
    from lstmviz.io.models.vocabulary import read_vocabulary

    file = read_model(path)
    if name is not None:
        file = replace(file, candidates=(file.candidate(name),))
    elif len(runnable(file)) > 1:
        names = ", ".join(each.name or "(no name)" for each in runnable(file))
        raise LstmvizError(
            f"There are {len(runnable(file))} recurrent networks in the file",
            where=str(path),
            how=f"Say which with --name, or open the file in the window: {names}.",
        )
    return model_example(file, read_vocabulary(vocabulary) if vocabulary is not None else ())


def _refuse_for_models(network: str | None, vocabulary: str | None, name: str) -> None:
    for option, given in (("--name", network), ("--vocabulary", vocabulary)):
        if given is not None:
            raise LstmvizError(f"{option} is for the files of models", where=name, how="Leave it out.")


def _suffix_for(data: bytes) -> str:
    """How the name of a file with this content may end; a reader looks at the content once more."""
    if data.startswith(_ZIP):
        return _suffix_for_zip(data)
    for magic, suffix in ((_NPY, ".npy"), (_HDF5, ".h5"), (_PICKLE, ".pt")):
        if data.startswith(magic):
            return suffix
    is_text = data.startswith(_TEXT_MARKS) or b"\0" not in data[:_SAMPLE]
    return ".txt" if is_text else ".bin"


def _suffix_for_zip(data: bytes) -> str:
    import zipfile  # opening a window does without

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return ".pt"  # its reader says what is wrong with it
    if "session.json" in names:
        return SUFFIX
    return ".npz" if names and all(name.endswith(".npy") for name in names) else ".pt"
