"""What kind of file it is by its first bytes, and the text of a text file whatever its encoding."""

from __future__ import annotations

import codecs
import os
from enum import Enum
from pathlib import Path

from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.memory import in_words
from lstmviz.io.models.file_bytes import file_bytes
from lstmviz.io.tables import MAX_CHARACTERS

SUFFIXES = (".csv", ".tsv", ".txt", ".dat", ".npy", ".npz")
"""How the names of such files end. What they are is told by their content."""

MOST_BYTES = 4 * MAX_CHARACTERS
"""The largest file that is taken in."""

_KEEP_LESS = "Keep the part that you want to look at in a file of its own."
_SAVE_AS_CSV = "Save the table as CSV, and open that."
_FOREIGN = (
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", _SAVE_AS_CSV),
    (b"\x89HDF\r\n", "an HDF5 file", "Save the array with numpy.save, and open that."),
    (b"\x1f\x8b", "a compressed file", "Unpack it first."),
    (b"\x80", "a pickle, which could run code", "Save the array with numpy.save, and open that."),
    (b"%PDF", "a PDF document", "Copy the numbers out of it into a text file."),
    (b"PAR1", "a Parquet file", _SAVE_AS_CSV),
    (b"\x89PNG", "a picture", "Choose a table of numbers."),
)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
_SAMPLE = 4096


class FileKind(Enum):
    """What a file of numbers can be."""

    TEXT = "text"
    NPY = ".npy"
    NPZ = ".npz"


def content_of(path: str | Path) -> bytes:
    """Everything in the file. Raises LstmvizError for what cannot be read, is empty or too large."""
    try:
        size = os.path.getsize(path)
    except (OSError, ValueError):
        size = 0  # what is wrong is said by reading it
    if size > MOST_BYTES and os.path.isfile(path):
        raise LstmvizError(
            f"The file has {in_words(size)}; the limit is {in_words(MOST_BYTES)}", where=str(path), how=_KEEP_LESS
        )
    return file_bytes(path)


def kind_of(data: bytes, where: str) -> FileKind:
    """What ``data`` is, by its first bytes. Raises LstmvizError for files that hold no plain numbers."""
    if data.startswith(b"\x93NUMPY"):
        return FileKind.NPY
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):  # the latter is an archive without anything in it
        if b"[Content_Types].xml" in data[:_SAMPLE] or b"mimetypeapplication" in data[:_SAMPLE]:
            raise LstmvizError("This is a workbook or document, not a table of text", where=where, how=_SAVE_AS_CSV)
        return FileKind.NPZ
    for beginning, words, how in _FOREIGN:
        if data.startswith(beginning):
            raise LstmvizError(f"This is {words}", where=where, how=how)
    return FileKind.TEXT


def text_of(data: bytes, where: str) -> tuple[str, str]:
    """The text in ``data`` without a byte order mark and with plain line ends, and the name of its encoding.

    Raises LstmvizError for what is no text.
    """
    for mark, encoding, name in _MARKS:
        if data.startswith(mark):
            return _plain(_decoded(data[len(mark) :], encoding, name, where), where), name
    guess = _unmarked_utf16(data[:_SAMPLE])
    if guess:
        return _plain(_decoded(data, guess, "UTF-16", where), where), "UTF-16 without a mark"
    try:
        return _plain(data.decode("utf-8"), where), "UTF-8"
    except UnicodeDecodeError:
        return _plain(data.decode("latin-1"), where), "Latin-1, because it is not UTF-8"


def _decoded(data: bytes, encoding: str, name: str, where: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise LstmvizError(
            f"The file begins like {name} text, but byte {error.start:,} after the mark is not",
            where=where,
            how="Save it again as UTF-8.",
        ) from error


def _unmarked_utf16(sample: bytes) -> str:
    """The encoding in which every second byte is 0, or nothing."""
    if len(sample) < 4 or len(sample) % 2:
        sample = sample[: len(sample) // 2 * 2]
    for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros, others = sample[offset::2].count(0), sample[1 - offset :: 2].count(0)
        if sample and not others and zeros > 0.9 * len(sample) / 2:
            return encoding
    return ""


def _plain(text: str, where: str) -> str:
    if "\0" in text:
        raise LstmvizError(
            "This is no text: it holds zero bytes", where=where, how="Choose a .csv, .tsv, .txt, .npy or .npz file."
        )
    if len(text) > MAX_CHARACTERS:
        raise LstmvizError(
            f"There are {len(text):,} characters; the limit is {MAX_CHARACTERS:,}", where=where, how=_KEEP_LESS
        )
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text
