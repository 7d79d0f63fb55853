"""The Memory view's parts at every size: nothing overlaps, and the least important leaves first."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QRectF

from lstmviz.gui.views.memory.layout import Layout, layout_of


def _rectangles(layout: Layout) -> list[QRectF]:
    found = [layout.stack_words, layout.stack, layout.writes.cells, layout.writes.initial, *layout.writes.axis]
    for texts in (layout.writes_texts, layout.fate_texts, layout.saturation_texts, layout.survival_texts):
        found += [texts.title, *texts.lines] if texts else []
    if layout.fate:
        found += [layout.fate.cells, layout.fate.initial, *layout.fate.axis]
    alone = (layout.notes, layout.strip_words, layout.slope, layout.survival)
    return [*found, *layout.panels, *layout.strip, *(each for each in alone if each)]


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("lines", [1, 2])
@pytest.mark.parametrize("size", [(1350, 720), (900, 520), (830, 341), (700, 440), (619, 340), (360, 260)])
def test_nothing_overlaps_or_leaves_the_view(size: tuple[int, int], lines: int, reverse: bool) -> None:
    whole = QRectF(0, 0, *size)
    rectangles = _rectangles(layout_of(whole, reverse=reverse, axis_lines=lines))
    assert all(whole.contains(each) and each.height() >= 7 for each in rectangles)
    for number, each in enumerate(rectangles):
        assert not any(each.intersects(other) for other in rectangles[number + 1 :])


def test_the_least_important_leaves_first() -> None:
    def parts(*size: int) -> tuple[bool, bool, bool, bool]:
        layout = layout_of(QRectF(0, 0, *size), reverse=False, axis_lines=2)
        return layout.fate is not None, len(layout.panels) == 3, len(layout.strip) == 3, layout.survival is not None

    assert parts(1350, 720) == parts(900, 520) == (True, True, True, True)
    assert parts(830, 341) == (True, True, True, False)
    assert parts(700, 440) == (True, True, False, False)
    assert parts(600, 440) == (True, False, False, False)
    assert parts(360, 260) == (False, False, False, False)
