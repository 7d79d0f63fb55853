"""A sequence given on a command line: typed, in a file, or coming from another program."""

from __future__ import annotations

import sys
from pathlib import Path

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.sequence import Sequence
from lstmviz.core.progress import drain
from lstmviz.io.sequence_files.content import MOST_BYTES, SUFFIXES, FileKind, content_of, kind_of, text_of
from lstmviz.io.sequence_files.options import SequenceOptions
from lstmviz.io.sequence_files.preparing import sequence_of
from lstmviz.io.sequence_files.reading import reading_content
from lstmviz.io.sequences import parse_sequence

STANDARD_INPUT = "-"


def given_sequence(given: str, before: Sequence, options: SequenceOptions | None = None) -> Sequence:
    """The sequence that ``given`` stands for, in place of ``before``.

    ``-`` reads standard input; what ends like a file of numbers, or names a file in a folder, is read as a file;
    anything else is read as it would be in the window while ``before`` stands there. A text file in place of a text
    is taken character by character, in place of tokens token by token. Raises LstmvizError.
    """
    if given == STANDARD_INPUT:
        data = sys.stdin.buffer.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise LstmvizError("Too much comes in", where="standard input", how=f"The limit is {MOST_BYTES:,} bytes.")
        return _of_content(data, "standard input", before, options)
    if _names_a_file(given):
        return _of_content(content_of(given), Path(given).name, before, options)
    return parse_sequence(given, before.kind, length=before.length, vocabulary=before.vocabulary, table=before.table)


def _names_a_file(given: str) -> bool:
    """Whether ``given`` is the name of a file rather than numbers, a text or a formula."""
    if "\n" in given or "\0" in given or len(given) > 1000:
        return False
    path = Path(given)
    try:
        return path.suffix.lower() in SUFFIXES or (len(path.parts) > 1 and path.is_file())
    except OSError:
        return False


def _of_content(data: bytes, name: str, before: Sequence, options: SequenceOptions | None) -> Sequence:
    if before.reads_tokens and kind_of(data, name) is FileKind.TEXT:
        text, _ = text_of(data, name)
        text = text.removesuffix("\n")
        return parse_sequence(text, before.kind, vocabulary=before.vocabulary, table=before.table)
    return sequence_of(drain(reading_content(data, name, options)), options)
