"""Rivers: filled shapes whose width and colour are the log magnitude of what flows, smooth from step to step."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QLinearGradient, QPainter, QPen, QPolygonF

from lstmviz.core.analysis.binning import bin_size, log_means
from lstmviz.core.arrays import Array, BoolArray
from lstmviz.core.magnitudes import superscript_power
from lstmviz.gui.style import Theme, text_font
from lstmviz.gui.views.cell.canvas import CENTRE, mixed
from lstmviz.gui.views.heat_map import Scale
from lstmviz.gui.views.polygons import polygon
from lstmviz.gui.views.time_axis import TimeAxis, round_interval

HAIRLINE = 1.2
"""The width of a river that has dried up."""

PALEST = 0.3
"""How much of its hue a river that has dried up keeps."""

PIXELS_A_BIN = 2
PIXELS_A_SAMPLE = 1.5
MOST_STOPS = 200
CHEVRON_DISTANCE = 64
THIN = 11
"""Narrower rivers have chevrons that stand out beyond them."""

ROOM_FOR_CAPTION = 170
CORNER = 7.0

_FLOWING, _ZERO, _OVERFLOWED = range(3)


@dataclass(frozen=True)
class Bed:
    """Where rivers run.

    flat   the share of the way between two steps on which a river keeps its width; it changes inside the nodes
    width  the greatest width of a river
    back   -1 where the gradient flows to the left, 1 where it flows to the right
    """

    area: QRectF
    time: TimeAxis
    length: int
    flat: float
    width: float
    back: int
    scale: Scale
    theme: Theme

    @property
    def bin_size(self) -> int:
        """How many flows are averaged into one: as many as fall on ``PIXELS_A_BIN`` pixels."""
        return bin_size(self.time.last - self.time.first, int(self.area.width() / PIXELS_A_BIN))

    def widths(self, fractions: Array) -> Array:
        """Pixels of positions on the scale."""
        return HAIRLINE + fractions * (self.width - HAIRLINE)

    def colour(self, hue: QColor, fraction: float) -> QColor:
        """The hue as strong as the flow."""
        return mixed(QColor(self.theme.surface), hue, PALEST + (1 - PALEST) * fraction)


@dataclass(frozen=True)
class Waters:
    """What a river showed, for the legend."""

    zero: bool
    overflowed: bool


def draw_river(painter: QPainter, bed: Bed, middle: float, log10: Array, hue: QColor) -> Waters:
    """Draw the flows [T-1] about the height ``middle``; entry k runs from step k + 1 to k + 2."""
    size, start, values = _visible_means(bed, log10)
    if not len(values):
        return Waters(zero=False, overflowed=False)
    kinds = np.where(np.isfinite(values), _FLOWING, np.where(values == -np.inf, _ZERO, _OVERFLOWED))
    borders = [0, *(np.flatnonzero(np.diff(kinds)) + 1).tolist(), len(values)]
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(bed.area, Qt.ClipOperation.IntersectClip)
    for begin, end in pairwise(borders):
        edges = _edges(bed, size, start + begin, start + end)
        if kinds[begin] == _ZERO:
            _draw_zero(painter, bed, middle, edges)
            _draw_caption(painter, bed, middle, edges, "exactly 0")
        elif kinds[begin] == _OVERFLOWED:
            _draw_overflowed(painter, bed, middle, edges)
        else:
            fractions = bed.scale.fractions(values[begin:end])
            _draw_water(painter, bed, middle, fractions, edges, size, hue)
            for dry in _stretches(fractions == 0):
                dry_edges = _edges(bed, size, start + begin + dry.start, start + begin + dry.stop)
                _draw_caption(
                    painter, bed, middle, dry_edges, f"dried up: below {superscript_power(round(bed.scale.low))}"
                )
    painter.restore()
    return Waters(bool((kinds == _ZERO).any()), bool((kinds == _OVERFLOWED).any()))


def draw_ghost_river(painter: QPainter, bed: Bed, middle: float, log10: Array) -> None:
    """The banks that a river had before the what-ifs, as dashed lines; none where it did not flow."""
    size, start, values = _visible_means(bed, log10)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(bed.area, Qt.ClipOperation.IntersectClip)
    painter.setPen(ghost_pen(bed.theme))
    for flowing in _stretches(np.isfinite(values)):
        left, right = _edges(bed, size, start + flowing.start, start + flowing.stop)
        from_x, to_x = max(left, bed.area.left()), min(right, bed.area.right())
        if to_x <= from_x:
            continue
        x = np.linspace(from_x, to_x, max(int((to_x - from_x) / PIXELS_A_SAMPLE), 2) + 1)
        fractions = bed.scale.fractions(values[flowing.start : flowing.stop])
        half = bed.widths(smooth(fractions, (x - left) / (size * bed.time.step_width), bed.flat)) / 2
        for bank in (middle - half, middle + half):
            painter.drawPolyline(polygon(x, bank))
    painter.restore()


def ghost_pen(theme: Theme) -> QPen:
    """The dashed line of what was before the what-ifs."""
    pen = QPen(QColor(theme.text), 1)
    pen.setDashPattern([5, 4])
    return pen


def _visible_means(bed: Bed, log10: Array) -> tuple[int, int, Array]:
    """How many flows of [T-1] are one bin, the first bin that matters, and the means of the logs from there on."""
    size = bed.bin_size
    first, last = bed.time.visible(bed.length)
    start = max((first - 2) // size - 1, 0)
    stop = min((last - 1) // size + 2, -(-len(log10) // size))
    return size, start, log_means(log10, size, start, stop)


def smooth(values: Array, at: Array, flat: float) -> Array:
    """``values`` [n] in cells of width 1 read at ``at`` (0 to n), without corners and without new extremes.

    Constant on the middle ``flat`` of each cell; for 0 a curve through the middles of the cells.
    """
    if not flat:
        return _curve_through(values, at - 0.5)
    last = len(values) - 1
    cell = np.clip(np.floor(at).astype(np.intp), 0, last)
    inside = at - cell
    reach = (1 - flat) / 2
    into_next, from_before = (inside - (1 - reach)) / (2 * reach), (reach - inside) / (2 * reach)
    share = np.clip(np.maximum(into_next, from_before), 0, 0.5)
    other = np.clip(cell + np.where(into_next > 0, 1, np.where(from_before > 0, -1, 0)), 0, last)
    share = share * share * (3 - 2 * share)
    mean: Array = values[cell] * (1 - share) + values[other] * share
    return mean


def _curve_through(values: Array, at: Array) -> Array:
    """Cubic pieces through ``values`` at 0, 1, 2 ..., monotone between two of them (Fritsch and Butland 1984)."""
    if len(values) == 1:
        return np.full(len(at), values[0])
    rises = np.diff(values)
    before, after = rises[:-1], rises[1:]
    slopes = np.zeros(len(values))
    same = before * after > 0
    slopes[1:-1][same] = 2 * before[same] * after[same] / (before[same] + after[same])
    at = at.clip(0, len(values) - 1)
    left = np.minimum(at.astype(np.intp), len(values) - 2)
    u = at - left
    rise = values[left] + u * u * (3 - 2 * u) * rises[left]
    curve: Array = rise + u * (1 - u) * ((1 - u) * slopes[left] - u * slopes[left + 1])
    return curve


def _edges(bed: Bed, size: int, start: int, stop: int) -> tuple[float, float]:
    """Where the bins ``start`` to ``stop`` - 1 begin and end."""
    return bed.time.x(start * size + 1), bed.time.x(min(stop * size + 1, bed.length))


def _draw_water(
    painter: QPainter, bed: Bed, middle: float, fractions: Array, edges: tuple[float, float], size: int, hue: QColor
) -> None:
    """One stretch of river with rounded corners, and its chevrons."""
    left, right = edges
    pixels = size * bed.time.step_width
    from_x, to_x = max(left, bed.area.left() - 2 * CORNER), min(right, bed.area.right() + 2 * CORNER)
    if to_x <= from_x:
        return
    x = np.linspace(from_x, to_x, max(int((to_x - from_x) / PIXELS_A_SAMPLE), 2) + 1)
    strength = smooth(fractions, (x - left) / pixels, bed.flat)
    width = bed.widths(strength)
    corner = np.minimum(CORNER, width / 2)
    depth = np.minimum(np.minimum(x - left, right - x) / corner, 1).clip(0)
    half = width / 2 - corner + corner * np.sqrt(1 - (1 - depth) ** 2)
    banks = polygon(np.concatenate([x, x[::-1]]), np.concatenate([middle - half, (middle + half)[::-1]]))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_shading(bed, x, strength, hue))
    painter.drawPolygon(banks)
    for at in _chevrons(bed, from_x, to_x):
        fraction = float(smooth(fractions, np.array([(at - left) / pixels]), bed.flat)[0])
        _draw_chevron(painter, bed, QPointF(at, middle), fraction, hue)


def _shading(bed: Bed, x: Array, strength: Array, hue: QColor) -> QBrush:
    gradient = QLinearGradient(float(x[0]), 0, float(x[-1]), 0)
    chosen = np.unique(np.linspace(0, len(x) - 1, min(len(x), MOST_STOPS)).astype(int))
    span = float(x[-1] - x[0])
    places = ((x[chosen] - x[0]) / span).clip(0, 1)
    gradient.setStops([(float(at), bed.colour(hue, float(s))) for at, s in zip(places, strength[chosen], strict=True)])
    return QBrush(gradient)


def _chevrons(bed: Bed, left: float, right: float) -> list[float]:
    """Where chevrons stand: in the middle between neighbouring steps, fewer or several where steps are near or far."""
    time = bed.time
    interval = 1 if bed.flat else round_interval(CHEVRON_DISTANCE / time.step_width)
    number = max(int(bed.flat * time.step_width / CHEVRON_DISTANCE), 1)
    offsets = [0.5 + bed.flat * ((k + 0.5) / number - 0.5) for k in range(number)]
    first = int(time.time(left) // interval) * interval
    steps = range(first, int(time.time(right)) + 2, interval)
    return [x for t in steps for x in (time.x(t + offset) for offset in offsets) if left + 6 < x < right - 6]


def _draw_chevron(painter: QPainter, bed: Bed, centre: QPointF, fraction: float, hue: QColor) -> None:
    """A chevron in a river; on a thin one it stands out beyond it."""
    width = float(bed.widths(np.array(fraction)))
    if width < THIN:
        draw_chevron(painter, centre, 3.4, bed.back, QPen(bed.colour(hue, fraction), 1.4))
        return
    colour = QColor(bed.theme.surface)
    colour.setAlphaF(0.85)
    draw_chevron(painter, centre, min(width * 0.26, 7.0), bed.back, QPen(colour, 1.8))


def draw_chevron(painter: QPainter, centre: QPointF, half: float, back: int, pen: QPen) -> None:
    """An open arrow head, 2 ``half`` high, that points to the left for ``back`` = -1 and to the right for 1."""
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    reach = 0.75 * half * back
    nose = centre + QPointF(reach / 2, 0)
    wings = nose + QPointF(-reach, -half), nose + QPointF(-reach, half)
    painter.drawPolyline(QPolygonF([wings[0], nose, wings[1]]))


def _stretches(mask: BoolArray) -> list[range]:
    """Where ``mask`` holds, as ranges of neighbours."""
    borders = np.flatnonzero(np.diff(mask, prepend=False, append=False)).tolist()
    return [range(start, stop) for start, stop in zip(borders[::2], borders[1::2], strict=True)]


def _draw_caption(painter: QPainter, bed: Bed, middle: float, edges: tuple[float, float], text: str) -> None:
    """Words over a long stretch without water, in the middle of what is seen of it; not between nodes."""
    left, right = max(edges[0], bed.area.left()), min(edges[1], bed.area.right())
    if bed.flat or right - left < ROOM_FOR_CAPTION:
        return
    painter.setFont(text_font(11))
    painter.setPen(QColor(bed.theme.muted))
    painter.drawText(QRectF(left, middle - 22, right - left, 16), CENTRE, text)


def _draw_zero(painter: QPainter, bed: Bed, middle: float, edges: tuple[float, float]) -> None:
    painter.setPen(zero_pen(bed.theme))
    painter.drawLine(QLineF(edges[0], middle, edges[1], middle))


def _draw_overflowed(painter: QPainter, bed: Bed, middle: float, edges: tuple[float, float]) -> None:
    draw_warning(painter, QRectF(edges[0], middle - bed.width / 2, edges[1] - edges[0], bed.width), bed.theme)


def zero_pen(theme: Theme) -> QPen:
    """The dotted line that stands for a flow of exactly 0."""
    pen = QPen(QColor(theme.muted), 1.4)
    pen.setDashPattern([1, 3])
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    return pen


def draw_warning(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    """The pattern that stands for a flow that is infinite or not a number."""
    warning = QColor(theme.warning)
    pale = QColor(warning)
    pale.setAlphaF(0.16)
    painter.setPen(QPen(warning, 1))
    painter.setBrush(pale)
    painter.drawRoundedRect(rect, 3, 3)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(warning, Qt.BrushStyle.BDiagPattern))
    painter.drawRoundedRect(rect, 3, 3)
