"""A lock on a file that the system takes away when its process ends, however it ends."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class FileLock:
    """Held by one place at a time, in this process or another; made by ``attempt`` alone."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @staticmethod
    def attempt(path: Path) -> FileLock | None:
        """The lock ``path``, whose folder must exist; None if somebody else holds it. Raises OSError."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(descriptor)
            # who held it before may have removed the file after we opened it: then it locks nothing
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return FileLock(path, descriptor)
        except OSError:  # held by somebody, or removed
            pass
        os.close(descriptor)
        return None

    def release(self) -> None:
        """Let others have it. The file goes too, where the system removes open files; an empty one does no harm."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
        os.close(self._descriptor)


def _lock(descriptor: int) -> None:
    """Take the lock at once, or raise OSError."""
    if sys.platform == "win32":
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
