"""Arrays of NumPy as sequences: which array, which part of it, and what is refused."""

from __future__ import annotations

import io
import pickle
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.sequence import Sequence
from lstmviz.core.progress import drain
from lstmviz.io.sequence_files.options import Missing, Orientation, SequenceOptions
from lstmviz.io.sequence_files.preparing import sequence_of
from lstmviz.io.sequence_files.reading import SequenceFile, reading_content


def npy(array: object) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def npz(**arrays: object) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def read(data: bytes, **options: object) -> SequenceFile:
    return drain(reading_content(data, "x.npy", SequenceOptions(**options)))


def sequence(data: bytes, **options: object) -> Sequence:
    return sequence_of(read(data, **options), SequenceOptions(**options))


@pytest.mark.parametrize("dtype", ["<f8", ">f8", "<f4", "<f2", "<i2", ">i8", "u1", "?"])
def test_numbers_of_any_type_and_order(dtype: str) -> None:
    array = np.array([[1, 0], [1, 1], [0, 1]], dtype)
    for each in (array, np.asfortranarray(array)):
        made = sequence(npy(each))
        assert made.values.dtype == np.float64
        assert made.values.tolist() == array.astype(float).tolist()


def test_dimensions() -> None:
    assert sequence(npy(np.arange(4.0))).values.tolist() == [[0], [1], [2], [3]]
    assert sequence(npy(np.arange(4.0)[None])).values.tolist() == [[0], [1], [2], [3]]
    cube = np.arange(24.0).reshape(2, 4, 3)
    assert read(npy(cube)).items == 2
    assert sequence(npy(cube), item=1).values.tolist() == cube[1].tolist()
    assert sequence(npy(cube), item=1, orientation=Orientation.COLUMNS).values.tolist() == cube[1].T.tolist()


def test_one_of_several_arrays_is_chosen() -> None:
    data = npz(words=np.array(["a"]), x=np.ones((3, 2)), y=np.zeros(5))
    file = read(data)
    assert file.arrays == (("x", (3, 2)), ("y", (5,)))
    assert file.array == "x"
    assert sequence(data, array="y").values.shape == (5, 1)


def test_numbers_that_are_not_finite_are_missing() -> None:
    data = npy(np.array([[1, 2], [np.nan, 3], [4, np.inf]]))
    with pytest.raises(LstmvizError, match="2 cells without a number; the first: row 2, column 1"):
        sequence(data)
    assert sequence(data, missing=Missing.PREVIOUS).values.tolist() == [[1, 2], [1, 3], [4, 3]]


class Bomb:
    """Unpickling it would raise."""

    def __reduce__(self) -> tuple[object, ...]:
        return (pytest.fail, ("the pickle ran",))


@pytest.mark.parametrize(
    ("data", "messages"),
    [
        (npy(np.array([Bomb()], dtype=object)), ["Python objects", "could run code"]),
        (npz(x=np.array([Bomb()], dtype=object)), ["Python objects", "x"]),
        (pickle.dumps(Bomb()), ["a pickle"]),
        (npy(np.array(["a"])), ["no numbers"]),
        (npy(np.array([1j])), ["complex", "x.real, x.imag"]),
        (npz(), ["no arrays"]),
        (npy(np.array([1.0, np.inf])), ["row 2, column 1: “inf” is not a finite number"]),
        (npy(np.zeros((0, 3))), ["empty"]),
        (npy(np.float64(3)), ["single number"]),
        (npy(np.zeros((1, 2, 3, 4))), ["4 dimensions"]),
        (npy(np.zeros((2, 5000))), ["5,000 features", "each column is a step"]),
        (npy(np.zeros(200_001, "u1")), ["200,001 × 1 numbers"]),
        (npy(np.zeros((2, 3)))[:-8], ["only 5 numbers are there"]),
        (npy(np.zeros(3))[:9], ["header"]),
        (npy(np.zeros((3, 2))).replace(b"}", b"("), ["header"]),
        (npz(x=np.zeros(3))[:-30], ["cut off"]),
    ],
)
def test_what_is_no_sequence_is_refused_by_name(data: bytes, messages: list[str]) -> None:
    with pytest.raises(LstmvizError) as caught:
        sequence(data)
    for message in messages:
        assert message in str(caught.value)
    assert caught.value.how


def test_what_is_not_there() -> None:
    with pytest.raises(LstmvizError, match=r"There is no array “z”.*There are: x"):
        read(npz(x=np.ones(3)), array="z")
    with pytest.raises(LstmvizError, match=r"There is no sequence 3\b.*2 sequences"):
        read(npy(np.ones((2, 4, 3))), item=2)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("table.csv", "1,2")
    with pytest.raises(LstmvizError, match="no arrays"):
        read(file.getvalue())


WHOLE = [npy(np.arange(6.0).reshape(3, 2)), npz(x=np.arange(6.0), y=np.ones((2, 2)))]


@pytest.mark.filterwarnings("ignore:Reading .npy:UserWarning")  # a damaged header can look like one of Python 2
@given(st.sampled_from(WHOLE), st.data())
@settings(max_examples=200)
def test_damaged_files_give_a_sequence_or_a_message(whole: bytes, data: st.DataObject) -> None:
    damaged = bytearray(whole[: data.draw(st.integers(1, len(whole)))])
    for place in data.draw(st.lists(st.integers(0, len(damaged) - 1), max_size=3)):
        damaged[place] ^= 1 << data.draw(st.integers(0, 7))
    try:
        made = sequence(bytes(damaged), missing=Missing.ZERO)
    except LstmvizError as error:
        assert error.what  # noqa: PT017 - most are refused, some are not
        return
    assert np.isfinite(made.values).all()
