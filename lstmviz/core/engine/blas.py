"""One BLAS thread around the loops over time: a step is far too small to be shared between threads."""

from __future__ import annotations

import math
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import Any, TypeVar

import numpy as np

from lstmviz.core.progress import drain

Progress = TypeVar("Progress")
Result = TypeVar("Result")

_lock = threading.Lock()

_SHARED_FROM = 2**13
"""Multiplications of a product below which no BLAS shares it between threads; OpenBLAS does from 9,216 on."""


class _Pool:
    """The threads of one BLAS library, and who holds them at one.

    Most libraries have one setting for the whole process: the first Python thread to enter makes it and the
    last one to leave takes it back. Libraries built on OpenMP have a setting for every Python thread.
    """

    def __init__(self, library: Any) -> None:
        self._library = library
        self._per_thread = getattr(library, "threading_layer", None) == "openmp"
        self._held: dict[int, tuple[int, int]] = {}

    def enter(self) -> None:
        scope = self._scope()
        inside, before = self._held.get(scope, (0, 0))
        if inside == 0:
            before = self._library.get_num_threads() or 1
            self._set(1)
        self._held[scope] = (inside + 1, before)

    def leave(self) -> None:
        scope = self._scope()
        inside, before = self._held.pop(scope)
        if inside > 1:
            self._held[scope] = (inside - 1, before)
        else:
            self._set(before)

    def _scope(self) -> int:
        return threading.get_ident() if self._per_thread else 0

    def _set(self, count: int) -> None:
        # From 3.8 on, threadpoolctl lets only the thread that set a count first set it again, and ignores all
        # others without a word. Whoever leaves last must be able to, and whoever comes after us as well.
        release = getattr(self._library, "clear_controlling_thread", None)
        if release:
            release(force=True)
        self._library.set_num_threads(count)
        if release:
            release(force=True)


@cache
def _pools() -> list[_Pool]:
    """The BLAS libraries loaded by now, NumPy's among them; looking for them is slow, so it is done once, if at all."""
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]  # comes without types

    return [_Pool(library) for library in ThreadpoolController().lib_controllers if library.user_api == "blas"]


@contextmanager
def single_threaded_blas() -> Iterator[None]:
    """One BLAS thread inside, in whatever Python thread; afterwards as many as before."""
    with _lock:
        for pool in _pools():
            pool.enter()
    try:
        yield
    finally:
        with _lock:
            for pool in _pools():
                pool.leave()


@contextmanager
def _shield(multiplications: float) -> Iterator[None]:
    """One BLAS thread inside, and none of NumPy's warnings: ``first_nonfinite`` tells of every overflow."""
    threads = nullcontext if multiplications < _SHARED_FROM else single_threaded_blas
    with threads(), np.errstate(all="ignore"):
        yield


def shielded(
    steps: Generator[Progress, None, Result], multiplications: float = math.inf
) -> Generator[Progress, None, Result]:
    """Every piece of ``steps`` with one BLAS thread and without NumPy's warnings, and neither between the pieces.

    multiplications  how many it has in all, where that is known: a few are computed by one thread anyway
    """
    while True:
        with _shield(multiplications):
            try:
                progress = next(steps)
            except StopIteration as finished:
                return finished.value  # type: ignore[no-any-return]
        yield progress


def shielded_to_the_end(steps: Generator[Any, None, Result], multiplications: float) -> Result:
    """``shielded`` in one piece: what ``steps`` returns."""
    with _shield(multiplications):
        return drain(steps)
