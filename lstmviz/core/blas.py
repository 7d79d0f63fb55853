"""One BLAS thread around the loops over time: a step is far too small to be shared between threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

@cache
def _controller() -> ThreadpoolController:
    """The thread pools of the libraries loaded by now, NumPy's among them; looking for them is slow, so done once."""
    return ThreadpoolController()


class _Limit:
    """How many are inside ``single_threaded_blas``, and what restores the setting they found."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._limiter: Any = None

    def enter(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._limiter = _controller().limit(limits=1, user_api="blas")
            self._inside += 1

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._limiter.restore_original_limits()


_limit = _Limit()


@contextmanager
def single_threaded_blas() -> Iterator[None]:
    """One BLAS thread inside.

    The setting belongs to the whole process, so the first Python thread to enter makes it and the last one
    to leave takes it back.
    """
    _limit.enter()
    try:
        yield
    finally:
        _limit.leave()
