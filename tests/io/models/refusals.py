"""What a reader must do with a bad file: one message that says what, where and how to mend it, and little memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lstmviz.core.errors import LstmvizError
from lstmviz.io.models.reading import read_model

Read = Callable[[Path], Any]

LITTLE = 40 * 2**20
"""Bytes: more than any small file needs, far less than what the files here pretend to hold."""


def refusal(path: Path, read: Read = read_model) -> str:
    """The message; it says what, where and how to mend it."""
    with pytest.raises(LstmvizError) as caught:
        read(path)
    error = caught.value
    assert error.what
    assert path.name in str(error)
    assert error.how
    assert "\n" not in error.what
    return str(error)


@contextmanager
def little_memory() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < LITTLE
    finally:
        tracemalloc.stop()
