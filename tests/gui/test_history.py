"""Undo and redo of plain values."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lstmviz.gui.history import DEPTH, MERGE_SECONDS, History


class Document:
    """The smallest thing with undo: what a session does with a History, without Qt."""

    def __init__(self, value: int) -> None:
        self.value = value
        self.history: History[int] = History()

    def change(self, value: int, merge_key: str = "", now: float = 0.0) -> None:
        self.history.record(f"to {value}", self.value, value, merge_key=merge_key, now=now)
        self.value = value

    def move(self, steps: int) -> None:
        entry = self.history.entry(steps)
        assert entry is not None
        self.history.move(steps, self.value)
        self.value = entry.value


def test_undo_and_redo_go_through_the_values_by_name() -> None:
    document = Document(0)
    document.change(1)
    document.change(2)
    assert document.history.entry(-1).name == "to 2"
    document.move(-1)
    assert document.value == 1
    assert document.history.entry(1).name == "to 2"
    document.move(1)
    assert document.value == 2
    document.move(-2)
    assert document.value == 0
    assert document.history.entry(-1) is None
    document.move(2)
    assert document.value == 2
    assert document.history.entry(1) is None


def test_a_value_that_is_left_out_lets_the_next_one_take_its_place() -> None:
    document = Document(0)
    for value in (1, 2, 3):
        document.change(value)
    document.history.forget(-1)
    document.move(-1)
    assert (document.value, document.history.entry(1).name) == (1, "to 2")
    document.move(-1)
    document.history.forget(1)
    document.move(1)
    assert document.value == 3
    assert document.history.entry(1) is None


def test_a_change_after_undo_drops_what_was_undone() -> None:
    document = Document(0)
    document.change(1)
    document.move(-1)
    document.change(5)
    assert document.history.entry(1) is None
    document.move(-1)
    assert document.value == 0


def test_quick_changes_of_one_kind_are_one_entry() -> None:
    document = Document(0)
    for value in range(1, 20):
        document.change(value, "slider", now=value * 0.9 * MERGE_SECONDS)
    document.change(20, "another slider", now=20 * 0.9 * MERGE_SECONDS)
    document.move(-1)
    assert document.value == 19
    document.move(-1)
    assert document.value == 0


def test_slow_changes_of_one_kind_are_entries_of_their_own() -> None:
    document = Document(0)
    document.change(1, "slider", now=0)
    document.change(2, "slider", now=MERGE_SECONDS)
    document.move(-1)
    assert document.value == 1


def test_requests_that_never_took_place_keep_a_drag_together() -> None:
    document = Document(0)
    document.change(1, "slider", now=0)
    for tenth in range(30):
        document.history.asked_for("slider", now=tenth / 10)
    document.change(2, "slider", now=3.0)
    document.move(-1)
    assert document.value == 0


def test_a_drag_back_to_where_it_began_leaves_no_entry() -> None:
    document = Document(0)
    document.change(1)
    document.change(2, "slider")
    document.change(1, "slider")
    document.change(7, "slider")
    document.move(-1)
    assert document.value == 1
    document.move(-1)
    assert document.value == 0


def test_undo_ends_a_series_of_merged_changes() -> None:
    document = Document(0)
    document.change(1, "slider")
    document.change(2)
    document.move(-1)
    document.change(3, "slider")
    document.move(-1)
    assert document.value == 1


def test_the_oldest_changes_are_forgotten() -> None:
    document = Document(0)
    for value in range(1, DEPTH + 10):
        document.change(value)
    assert document.history.entry(-DEPTH) is not None
    assert document.history.entry(-DEPTH - 1) is None


@given(st.lists(st.integers(1, 100), min_size=1, max_size=20), st.data())
def test_undo_then_redo_of_any_length_gives_the_same_value(values: list[int], data: st.DataObject) -> None:
    document = Document(0)
    for value in values:
        document.change(value)
    steps = data.draw(st.integers(1, len(values)))
    document.move(-steps)
    assert document.value == ([0, *values])[len(values) - steps]
    document.move(steps)
    assert document.value == values[-1]
