"""A mistake in a typed text, marked with carets under its place: for a terminal."""

from __future__ import annotations

import unicodedata

_WIDEST = 100
"""Characters of a line that are shown; of a longer one, those around the mistake."""


def caret_lines(text: str, span: tuple[int, int] | None) -> tuple[str, ...]:
    """The line of ``text`` with the mistake, and carets under it; nothing for a mistake without a place."""
    if span is None:
        return ()
    start, end = (min(max(place, 0), len(text)) for place in span)
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", start)
    last = len(text) if last < 0 else last
    if last - first > _WIDEST:
        first = max(first, start - _WIDEST // 2)
        last = min(last, first + _WIDEST)
    line = "".join(character if character.isprintable() else " " for character in text[first:last])
    before, marked = line[: start - first], line[start - first : max(end, start) - first]
    return f"  {line}", f"  {' ' * _columns(before)}{'^' * max(_columns(marked), 1)}"


def _columns(text: str) -> int:
    """How many columns of a terminal ``text`` takes."""
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
