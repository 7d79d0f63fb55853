"""The codec: what each type looks like in JSON, and what is refused on the way back."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import find

from lstmviz.core.arrays import Array, frozen, same
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.what_if import CHANGES, Change
from lstmviz.io.codec import coder, from_plain, to_plain
from lstmviz.io.session_format import _Content
from tests.io.documents import changes_of


class Colour(Enum):
    RED = "a red one"
    BLUE = "a blue one"


class Shade(Enum):
    RED = 1


@dataclass(frozen=True)
class Point:
    x: float
    y: float = 0.0

    def __post_init__(self) -> None:
        if self.y < 0:
            raise ValueError("y is negative")


@dataclass(frozen=True)
class Line:
    points: tuple[Point, ...]
    width: int | float | None = None


@dataclass(frozen=True)
class Picture:
    shapes: tuple[Point | Line, ...] = ()
    size: tuple[int, str] = (1, "cm")
    names: tuple[str, ...] = field(default_factory=tuple)


def written(value: Any, hint: Any) -> Any:
    return to_plain(value, hint, {}, "it")


@pytest.mark.parametrize(
    ("value", "hint", "plain"),
    [
        (None, int | None, None),
        (True, bool, True),
        ("ü", str, "ü"),
        (-3, int, -3),
        (2.5, float, 2.5),
        (1, int | float, 1),
        (1.0, int | float, 1.0),
        (math.inf, float, {"number": "inf"}),
        (-math.inf, float | None, {"number": "-inf"}),
        (Colour.RED, Colour, "RED"),
        (Shade.RED, Colour | Shade, "Shade.RED"),
        (Colour.BLUE, Colour | None, "BLUE"),
        ("in", Literal["in", "out"], "in"),
        ((1, 2), tuple[int, ...], [1, 2]),
        ((), tuple[float, ...] | float, []),
        (Point(1.0), Point | None, {"x": 1.0, "y": 0.0}),
        (Line((Point(1.0),), 2), Point | Line, {"type": "Line", "points": [{"x": 1.0, "y": 0.0}], "width": 2}),
        (Picture((Point(0.5),), (2, "mm")), Picture, None),
    ],
    ids=repr,
)
def test_what_is_written_is_read_back_with_its_type(value: Any, hint: Any, plain: Any) -> None:
    got = written(value, hint)
    if plain is not None:
        assert (got, type(got)) == (plain, type(plain))
    back = from_plain(got, hint, {}, "it")
    assert (back, type(back)) == (value, type(value))


def test_not_a_number_comes_back() -> None:
    assert math.isnan(from_plain(written(math.nan, float), float, {}, "it"))


def test_a_whole_number_in_a_place_for_any_is_one_afterwards() -> None:
    assert type(from_plain(written(3, float), float, {}, "it")) is float
    assert written(np.int64(3), int) == 3
    assert type(written(np.int64(3), int)) is int


def test_arrays_are_taken_out_and_put_back() -> None:
    arrays: dict[str, Array] = {}
    rows = (frozen([[1.0, 2.0]]), frozen([3.0], np.float32))
    plain = to_plain(rows, tuple[Array, ...], arrays, "rows")
    assert plain == [{"array": "rows.0"}, {"array": "rows.1"}]
    assert list(arrays) == ["rows.0", "rows.1"]
    assert same(from_plain(plain, tuple[Array, ...], arrays, "rows"), rows)
    assert not arrays


@pytest.mark.parametrize(
    ("plain", "hint", "what", "where"),
    [
        (1, str, "1 stands where a text belongs", "it"),
        (True, int, "true stands where a whole number belongs", "it"),
        (True, float, "true stands where a number belongs", "it"),
        (1.0, int, "1.0 stands where a whole number belongs", "it"),
        (2**63, int, "a number of more than 64 bits stands where a whole number belongs", "it"),
        (10**4000, float, "a number of more than 64 bits stands where a number belongs", "it"),
        (math.nan, float, "NaN stands where a number belongs", "it"),
        ({"number": "1"}, float, "an object stands where a number belongs", "it"),
        ({"number": []}, float, "an object stands where a number belongs", "it"),
        (None, int | str, "null stands where a whole number or a text belongs", "it"),
        ("GREEN", Colour, "“GREEN” stands where one of RED, BLUE belongs", "it"),
        ("RED", Colour | Shade, "“RED” stands where one of Colour.RED, Colour.BLUE or one of Shade.RED belongs", "it"),
        ([1, "a"], tuple[int, ...], "“a” stands where a whole number belongs", "it.1"),
        ([1], tuple[int, str], "a list of 1 stands where a list of 2 belongs", "it"),
        ({"x": 1.0, "z": 1.0}, Point, "“z” is unknown here", "it"),
        ({"y": 1.0}, Point, "“x” is missing", "it"),
        ({"x": 1.0, "y": -1.0}, Point, "The values do not fit together: y is negative", "it"),
        ([], Point, "a list of 0 stands where the fields of a Point belongs", "it"),
        ({"shapes": [{"x": 1.0}]}, Picture, "an object stands where a Point or a Line belongs", "it.shapes.0"),
        ({"shapes": [{"type": "Circle"}]}, Picture, "an object stands where a Point or a Line belongs", "it.shapes.0"),
        ({"shapes": [{"type": ["Line"]}]}, Picture, "an object stands where a Point or a Line belongs", "it.shapes.0"),
        ({"array": "gone"}, Array, "The array “gone” is missing", "it"),
        ({"array": ["a"]}, Array, "an object stands where the name of an array belongs", "it"),
        ("x" * 100, int, f"“{'x' * 58}… stands where a whole number belongs", "it"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_anything_else_is_refused_at_its_place(plain: Any, hint: Any, what: str, where: str) -> None:
    with pytest.raises(LstmvizError) as caught:
        from_plain(plain, hint, {}, "it")
    assert (caught.value.what, caught.value.where) == (what, where)
    assert "damaged" in caught.value.how


def test_what_a_file_does_not_have_is_the_default() -> None:
    assert from_plain({}, Picture, {}, "it") == Picture()


def test_a_number_too_large_for_a_file_is_refused_when_it_is_written() -> None:
    with pytest.raises(LstmvizError, match=r"too large to be saved \(it\)"):
        written(2**63, int)


@pytest.mark.parametrize(
    ("value", "hint"), [(1, str), ("1", int), (Colour.RED, Shade), (Point(1.0), Line), ([1], tuple)]
)
def test_a_value_of_another_type_is_a_fault_of_the_program(value: Any, hint: Any) -> None:
    with pytest.raises(TypeError):
        written(value, hint)


@pytest.mark.parametrize("hint", [dict[str, int], object, str | Colour, tuple[int, ...] | tuple[str, ...]], ids=str)
def test_types_that_json_cannot_tell_apart_are_refused(hint: Any) -> None:
    with pytest.raises(TypeError):
        coder(hint)


def test_everything_that_an_experiment_can_hold_can_be_saved() -> None:
    coder(_Content)  # goes through every type, or raises


@pytest.mark.parametrize("kind", CHANGES, ids=lambda kind: kind.__name__)
def test_every_kind_of_change_says_which_it_is(kind: type[Change]) -> None:
    plain = written(find(changes_of(kind), lambda _: True), Change)
    assert plain["type"] == kind.__name__
    assert type(from_plain(plain, Change, {}, "it")) is kind
