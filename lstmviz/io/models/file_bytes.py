"""The bytes of a file that the user named."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.memory import in_words
from lstmviz.io.models.limits import MOST_BYTES


def file_bytes(path: str | Path) -> bytes:
    """Everything in the file. Raises LstmvizError for what cannot be read, is no plain file, empty or too large."""
    where = str(path)
    try:
        # looked at before it is opened: opening a pipe waits for whoever writes into it
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            raise LstmvizError("This is a folder", where=where, how="Choose a file inside it.")
        if not stat.S_ISREG(status.st_mode):
            raise LstmvizError("This is no plain file", where=where, how="Choose a file on the disk.")
        with open(path, "rb") as file:
            # a buffer of the size asked for is made before anything is read
            data = file.read(status.st_size) if status.st_size <= MOST_BYTES else None
    except (OSError, ValueError, MemoryError) as error:
        told = getattr(error, "strerror", None) or str(error)
        raise LstmvizError(f"The file cannot be read: {told}", where=where, how="Check its name and rights.") from error
    if data is None:
        raise LstmvizError(
            f"The file has {in_words(status.st_size)}",
            where=where,
            how=f"The limit is {in_words(MOST_BYTES)}; save the recurrent part of the model alone.",
        )
    if not data:
        raise LstmvizError("The file is empty", where=where, how="Choose another copy of it.")
    return data
