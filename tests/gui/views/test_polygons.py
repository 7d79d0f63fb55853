from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import QPointF, QRectF

from lstmviz.gui.views.memory.axis import ValueScale
from lstmviz.gui.views.polygons import polygon


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_points_stand_in_their_order(count: int) -> None:
    x, y = np.arange(count, dtype=np.float32), np.linspace(5, 6, count)
    assert list(polygon(x, y)) == [QPointF(*point) for point in zip(x.tolist(), y.tolist(), strict=True)]


def test_many_heights_are_those_of_each_value() -> None:
    scale, rect = ValueScale(-2.0, 3.0), QRectF(0, 10, 100, 50)
    values = np.array([-5.0, -2.0, 0.0, 1.25, 3.0, 9.0, np.nan])
    heights = scale.heights(values, rect)
    assert heights[:-1].tolist() == [scale.y(value, rect) for value in values[:-1].tolist()]
    assert np.isnan(heights[-1])
