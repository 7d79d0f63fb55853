"""Writing a file so that a crash or a full disk never harms what was there before."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from lstmviz.core.errors import LstmvizError

TEMPORARY_PREFIX, TEMPORARY_SUFFIX = ".lstmviz-", ".tmp"
"""Of the file that is written beside the real one."""

_REMEDIES = {
    (errno.ENOSPC, errno.EDQUOT, errno.EFBIG): (
        "The disk is full, or the file is larger than it may be",
        "Make room, or save it elsewhere.",
    ),
    (errno.EACCES, errno.EPERM, errno.EROFS): ("Writing is not allowed there", "Choose a folder of your own."),
    (errno.ENOENT, errno.ENOTDIR): ("The folder does not exist any more", "Choose another folder."),
    (errno.ENAMETOOLONG,): ("The name is too long", "Choose a shorter one."),
    (errno.ELOOP,): ("The links to this file lead in a circle", "Choose another name."),
}


def write_atomically(path: str | Path, data: bytes) -> None:
    """Make ``data`` the content of the file ``path``: afterwards it has the old content or the new, never a part.

    Its permissions stay; where ``path`` is a symbolic link, the file that it leads to is written. Raises LstmvizError
    that says how to mend it; then the old file, if there was one, is untouched.
    """
    with replacing(path) as file:
        file.write(data)


@contextmanager
def replacing(path: str | Path) -> Iterator[BinaryIO]:
    """A file to write into piece by piece, which becomes ``path`` when the block ends well; else what was there stays.

    Raises LstmvizError that says how to mend it, as ``write_atomically`` does.
    """
    shown = str(path)
    try:
        target = Path(os.path.realpath(path))
        before = _status(target, shown)
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL in it
        raise _in_words(error, shown) from error
    temporary = target.parent / f"{TEMPORARY_PREFIX}{os.urandom(8).hex()}{TEMPORARY_SUFFIX}"
    try:
        with _created(temporary, before) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _in_words(error, shown) from error
        raise
    _flush_folder(target.parent)


def _status(target: Path, shown: str) -> os.stat_result | None:
    """What is known of the file that is there; None if there is none. Raises LstmvizError if it must stay."""
    try:
        before = target.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(before.st_mode):
        what = "a folder" if stat.S_ISDIR(before.st_mode) else "a device, not a file"
        raise LstmvizError(f"This is {what}", where=shown, how="Choose another name.")
    if not (os.access(target, os.W_OK) and before.st_mode & 0o222):
        raise LstmvizError("The file may only be read", where=shown, how="Save it under another name.")
    return before


def _created(temporary: Path, before: os.stat_result | None) -> BinaryIO:
    """A new file, open for writing; owner and permissions as ``before``, or the usual ones."""
    mode = stat.S_IMODE(before.st_mode) if before else 0o666
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    if before:
        if hasattr(os, "chown") and (before.st_uid, before.st_gid) != (os.getuid(), os.getgid()):
            with contextlib.suppress(OSError):  # only root may give files away
                os.chown(temporary, before.st_uid, before.st_gid)
        os.chmod(temporary, mode)
    return os.fdopen(descriptor, "wb")


def _flush_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where the system can: the file itself is safe already."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _in_words(error: OSError | ValueError, shown: str) -> LstmvizError:
    """The same fault as something the user can mend."""
    for numbers, (what, how) in _REMEDIES.items():
        if isinstance(error, OSError) and error.errno in numbers:
            return LstmvizError(what, where=shown, how=how)
    reason = (error.strerror or str(error)) if isinstance(error, OSError) else "the name is impossible"
    return LstmvizError(f"The file could not be written: {reason}", where=ascii(shown), how="Save it elsewhere.")
