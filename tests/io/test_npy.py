"""Arrays as .npy files: NumPy reads ours, and of others only the plain ones are read."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.core.arrays import same
from lstmviz.core.errors import LstmvizError
from lstmviz.io.npy import array_of, npy_bytes


def saved(array: Any, **options: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


def with_header(header: str, data: bytes = b"\0" * 16) -> bytes:
    text = header.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + data


ARRAYS = [
    np.array(2.5),
    np.array([0.1, -0.0, np.nan, np.inf, 5e-324]),
    np.arange(6, dtype=np.float32).reshape(2, 3),
    np.arange(6.0).reshape(2, 3).T,
    np.arange(6.0)[::-2],
    np.arange(3.0).astype(">f8"),
    np.zeros((0, 3)),
]


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype}{array.shape}")
def test_bit_for_bit(array: np.ndarray[Any, Any]) -> None:
    back = array_of(npy_bytes(array), "it")
    assert same(back, array.astype(array.dtype.newbyteorder("=")))
    assert back.tobytes() == array.astype(array.dtype.newbyteorder("=")).tobytes()
    assert not back.flags.writeable
    assert same(np.load(io.BytesIO(npy_bytes(array))), back)


def test_reads_what_numpy_writes() -> None:
    assert same(array_of(saved(np.arange(4.0).reshape(2, 2)), "it"), np.arange(4.0).reshape(2, 2))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x93NUMPY\x01\x00",
        b"not an array at all",
        saved(np.arange(3.0))[:-1],
        saved(np.arange(3.0)) + b"\0",
        saved(np.arange(3)),
        saved(np.array([1 + 2j])),
        saved(np.arange(3.0, dtype=np.float16)),
        saved(np.array([{}, 1], dtype=object), allow_pickle=True),
        saved(np.arange(6.0).reshape(2, 3).T),
        with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }"),
        with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (-2,), }"),
        with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (0, 999999999999999999, 999999999999), }", b""),
        with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1, 1, 2), }"),
        with_header("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }"),
        with_header("__import__('os').system('false')"),
        with_header("(" * 9000),
    ],
    ids=range(17),
)
def test_every_other_file_is_refused(data: bytes) -> None:
    with pytest.raises(LstmvizError) as caught:
        array_of(data, "it")
    assert caught.value.where == "it"


def test_says_how_many_numbers_a_header_promises() -> None:
    header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000, 1000000), }"
    with pytest.raises(LstmvizError, match=r"promises 1,000,000,000,000 numbers in 2 dimensions, 2 numbers follow"):
        array_of(with_header(header), "it")


def test_only_floating_point_arrays_are_written() -> None:
    with pytest.raises(TypeError):
        npy_bytes(np.array([object()], dtype=object))


@given(st.binary(max_size=200))
def test_no_header_does_more_than_being_refused(header: bytes) -> None:
    with pytest.raises(LstmvizError):
        array_of(b"\x93NUMPY\x01\x00" + header, "it")
