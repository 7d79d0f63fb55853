from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.gui.views.time_axis import (
    TimeAxis,
    clamped_range,
    fitting_interval,
    paged_range,
    panned_range,
    round_interval,
    ticks,
    whole,
    zoomed_range,
)

LENGTHS = st.integers(1, 100_000)


def test_steps_and_pixels_map_onto_each_other() -> None:
    axis = TimeAxis(0.5, 10.5, left=100, width=200)
    assert axis.step_width == 20
    assert axis.x(1) == 110
    assert axis.time(110) == 1
    assert [axis.step(x, 10) for x in (0, 100, 119.9, 120.1, 299, 500)] == [1, 1, 1, 2, 10, 10]


def test_visible_steps_are_those_of_which_anything_is_seen() -> None:
    assert TimeAxis(0.5, 10.5, 0, 1).visible(10) == (1, 10)
    assert TimeAxis(2.4, 4.6, 0, 1).visible(10) == (2, 5)
    assert TimeAxis(2.5, 4.5, 0, 1).visible(10) == (3, 4)


@given(LENGTHS, st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_a_range_is_kept_inside_the_sequence(length: int, first: float, last: float) -> None:
    left, right = clamped_range(first, last, length)
    assert 0.5 - 1e-6 <= left < right <= length + 0.5 + 1e-6
    assert right - left >= 1 - 1e-6


def test_a_range_that_fits_is_left_alone() -> None:
    assert clamped_range(2.5, 7.25, 10) == (2.5, 7.25)


@given(st.floats(100, 900), st.floats(0.2, 6))
def test_zooming_in_keeps_the_time_under_the_mouse(anchor: float, notches: float) -> None:
    before, after = whole(1000), zoomed_range(whole(1000), anchor, notches, 1000)
    share = (anchor - before[0]) / (before[1] - before[0])
    assert (anchor - after[0]) / (after[1] - after[0]) == pytest.approx(share)
    assert after[1] - after[0] < before[1] - before[0]


def test_zooming_stops_at_one_step_and_at_everything() -> None:
    near = zoomed_range(whole(50), 20, 1000, 50)
    assert near[1] - near[0] == pytest.approx(1)
    assert near[0] <= 20 <= near[1]
    assert zoomed_range(near, 20, -1000, 50) == whole(50)


def test_a_page_is_turned_only_when_the_step_is_out_of_sight() -> None:
    assert paged_range((20.5, 40.5), 40, 100) == (20.5, 40.5)
    assert paged_range((20.5, 40.5), 41, 100) == pytest.approx((39, 59))
    assert paged_range((20.5, 40.5), 20, 100) == pytest.approx((2, 22))
    assert paged_range((20.5, 40.5), 100, 100) == pytest.approx((80.5, 100.5))
    assert paged_range((20.5, 40.5), 1, 100) == pytest.approx((0.5, 20.5))


def test_panning_stops_at_the_ends_and_keeps_the_width() -> None:
    assert panned_range((10.5, 20.5), 5, 100) == (15.5, 25.5)
    assert panned_range((10.5, 20.5), 500, 100) == (90.5, 100.5)
    assert panned_range((10.5, 20.5), -500, 100) == (0.5, 10.5)


@pytest.mark.parametrize(("at_least", "interval"), [(0.1, 1), (1, 1), (1.5, 2), (3, 5), (6, 10), (11, 20), (480, 500)])
def test_intervals_are_round(at_least: float, interval: int) -> None:
    assert round_interval(at_least) == interval


def test_ticks_are_round_and_begin_with_one() -> None:
    assert ticks(1, 5, 1) == [1, 2, 3, 4, 5]
    assert ticks(1, 6, 2) == [1, 3, 5]
    assert ticks(1, 50, 20) == [1, 20, 40]
    assert ticks(7, 23, 5) == [10, 15, 20]


@given(LENGTHS, st.floats(50, 2000), st.floats(1, 90))
def test_labels_never_touch(length: int, width: float, label_width: float) -> None:
    axis = TimeAxis(*whole(length), left=0, width=width)
    interval = fitting_interval(axis, length, lambda t: label_width, gap=8)
    assert interval is not None
    places = [axis.x(t) for t in ticks(1, length, interval)]
    assert all(b - a >= label_width + 8 - 1e-6 for a, b in itertools.pairwise(places))


def test_labels_that_would_be_too_sparse_are_refused() -> None:
    axis = TimeAxis(*whole(100), left=0, width=200)
    assert fitting_interval(axis, 100, lambda t: 40, gap=8, largest=5) is None
