"""The memory highway: a lane a unit."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QPointF, QRectF

from lstmviz.core.arrays import Array
from lstmviz.core.quantity import Quantity
from lstmviz.gui.views.cell.canvas import Canvas, faded
from lstmviz.gui.views.cell.geometry import Geometry

_THICKEST = 10.0
"""The thickest lane of a single unit."""

_SHARE_OF_ROOM = 0.72
"""What the thickest of several lanes takes of its room."""


def draw_lanes(
    canvas: Canvas,
    geometry: Geometry,
    shares: Array,
    ends: tuple[float, float],
    *,
    pinned: int,
    thinnest: float,
    alpha: tuple[float, float],
) -> None:
    """Lanes between two x: the thicker and stronger the larger a share is, dashed where it is negative.

    shares  -1 to 1, one a lane; what is not a number counts as nothing
    pinned  the lane that is drawn in full colour;  alpha  of the other lanes, for a share of 0 and of 1
    """
    left, right = ends
    g, hue = geometry, canvas.hue(Quantity.CELL_STATE)
    room = g.band.height() / g.lanes
    more = (_THICKEST if g.lanes == 1 else _SHARE_OF_ROOM * room) - thinnest
    rgb, fill, y = hue.rgb(), canvas.painter.fillRect, g.band.top() + 0.5 * room
    for k, share in enumerate(np.nan_to_num(shares).tolist()):
        size = min(abs(share), 1.0)
        width = thinnest + more * size
        colour = hue if k == pinned else faded(rgb, round(255 * (alpha[0] + (alpha[1] - alpha[0]) * size)))
        if share < 0:
            canvas.wire([QPointF(left, y), QPointF(right, y)], colour, width, dashed=True)
        else:
            fill(QRectF(left, y - width / 2, right - left, width), colour)
        y += room
