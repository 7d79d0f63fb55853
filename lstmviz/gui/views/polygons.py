"""Arrays of coordinates as Qt's polygons, without an object of Python for every point."""

from __future__ import annotations

import numpy as np
from PyQt6.QtGui import QPolygonF
from pyqtgraph.functions import create_qpolygonf, ndarray_from_qpolygonf

from lstmviz.core.arrays import Array


def polygon(x: Array, y: Array) -> QPolygonF:
    """The points (x, y), each [N] and finite, in their order."""
    points: QPolygonF = create_qpolygonf(len(x))
    if len(x):
        np.stack([x, y], axis=1, out=ndarray_from_qpolygonf(points), casting="unsafe")
    return points
