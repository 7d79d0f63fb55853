"""Undo and redo by keeping the old values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value")

DEPTH = 1000
"""How many changes can be undone."""

MERGE_SECONDS = 1.5
"""Changes of the same kind that follow each other faster than this are one entry: a drag, a typed word."""


@dataclass(frozen=True)
class Entry(Generic[Value]):
    """One change: its name for people, and the value on the other side of it."""

    name: str
    value: Value


class History(Generic[Value]):
    """The values before and after the current one. Knows no clock: the caller says when, in seconds."""

    def __init__(self) -> None:
        self._before: list[Entry[Value]] = []
        self._after: list[Entry[Value]] = []
        self._merge_key = ""
        self._merge_time = 0.0

    def record(self, name: str, old: Value, new: Value, *, merge_key: str = "", now: float = 0.0) -> None:
        """A change from ``old`` to ``new`` took place; equal ``merge_key``s in quick succession are one change.

        A merged change that ends where it began is no change, and leaves no entry.
        """
        self._after.clear()
        if not (self._merges(merge_key, now) and self._before):
            self._before.append(Entry(name, old))
            del self._before[:-DEPTH]
        elif self._before[-1].value == new:
            self._before.pop()
            merge_key = ""  # the next change must not merge into an older entry
        self._merge_key, self._merge_time = merge_key, now

    def asked_for(self, merge_key: str, now: float) -> None:
        """A change of this kind was asked for but need not take place: those that follow still merge with the last."""
        if self._merges(merge_key, now):
            self._merge_time = now

    def entry(self, steps: int) -> Entry[Value] | None:
        """The change that lies ``steps`` away, -1 for the newest to undo, +1 for the first to redo, with its value."""
        entries, index = (self._before, steps) if steps < 0 else (self._after, -steps)
        return entries[index] if 0 < abs(steps) <= len(entries) else None

    def forget(self, steps: int) -> None:
        """Leave out the value that lies ``steps`` away: the next one beyond it takes its place."""
        entries, index = (self._before, steps) if steps < 0 else (self._after, -steps)
        del entries[index]

    def move(self, steps: int, current: Value) -> None:
        """``-steps`` changes were undone, or ``steps`` made again; ``current`` is the value before that."""
        source, target = (self._before, self._after) if steps < 0 else (self._after, self._before)
        for _ in range(abs(steps)):
            entry = source.pop()
            target.append(Entry(entry.name, current))
            current = entry.value
        self._merge_key = ""

    def _merges(self, merge_key: str, now: float) -> bool:
        return bool(merge_key) and merge_key == self._merge_key and now - self._merge_time < MERGE_SECONDS
