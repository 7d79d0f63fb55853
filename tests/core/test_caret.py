from __future__ import annotations

import pytest

from lstmviz.core.caret import caret_lines


@pytest.mark.parametrize(
    ("text", "span", "lines"),
    [
        ("f[9] < 1", (0, 4), ("  f[9] < 1", "  ^^^^")),
        ("a + b", (4, 5), ("  a + b", "      ^")),
        ("a +", (3, 3), ("  a +", "     ^")),
        ("", (0, 0), ("  ", "  ^")),
        ("a\nbb + c\nd", (7, 8), ("  bb + c", "       ^")),
        ("a\tb", (2, 3), ("  a b", "    ^")),
        ("你 + b", (4, 5), ("  你 + b", "       ^")),
        ("e\u0301 b", (3, 4), ("  e\u0301 b", "    ^")),
        ("x" * 300, (250, 251), ("  " + "x" * 100, "  " + " " * 50 + "^")),
        ("ab", (5, 9), ("  ab", "    ^")),
    ],
)
def test_the_place_of_a_mistake(text: str, span: tuple[int, int], lines: tuple[str, str]) -> None:
    assert caret_lines(text, span) == lines


def test_a_mistake_without_a_place() -> None:
    assert caret_lines("abc", None) == ()
