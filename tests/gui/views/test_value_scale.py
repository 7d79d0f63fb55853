"""Values on an axis, up to the ends of what a float holds."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest
from PyQt6.QtCore import QRectF

from lstmviz.gui.views.memory.axis import ValueScale

RECT = QRectF(0, 10, 300, 200)
LARGEST = sys.float_info.max


def test_it_holds_both_ends_and_zero_with_room_beyond_the_ends_that_are_not_zero() -> None:
    assert ValueScale.around(1.0, 3.0, 0.1) == ValueScale(0.0, pytest.approx(3.3))
    assert ValueScale.around(-1.0, 3.0, 0.1) == ValueScale(pytest.approx(-1.4), pytest.approx(3.4))
    assert ValueScale.around(-2.0, -1.0, 0.0) == ValueScale(-2.0, 0.0)
    assert ValueScale.around(0.0, 0.0, 0.1) == ValueScale(-1.0, 1.0)


@pytest.mark.parametrize(
    ("low", "high"),
    [(-LARGEST, LARGEST), (0.0, LARGEST), (-LARGEST, 0.0), (0.0, 5e-324), (-1e-305, 0.0), (-math.inf, 2.0)],
)
@pytest.mark.parametrize("share", [0.0, 0.06, 0.4])
def test_every_float_has_a_place(low: float, high: float, share: float) -> None:
    scale = ValueScale.around(low, high, share)
    values = [-LARGEST, -1.0, -5e-324, 0.0, 5e-324, 1.0, LARGEST]
    places = [scale.y(value, RECT) for value in values]
    assert all(RECT.top() - 1e-9 <= place <= RECT.bottom() + 1e-9 for place in places)
    assert places == sorted(places, reverse=True)
    np.testing.assert_allclose(scale.heights(np.array(values), RECT), places)
    ticks = scale.ticks(5)
    assert 0.0 in ticks
    assert 2 <= len(ticks) <= 12
    assert all(scale.low <= tick <= scale.high for tick in ticks)
