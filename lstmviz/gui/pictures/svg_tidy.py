"""Makes what QSvgGenerator writes look the same in every viewer: not all know what it counts on."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from functools import partial

from PyQt6.QtCore import QBuffer, QIODevice, QPointF, QSize, Qt
from PyQt6.QtGui import QColor, QImage, QTransform

_MOST_RECTANGLES = 4_000
"""A map of more cells stays an image: the file would become large."""

_SMALL_CELL = 8
"""An image that stays one is enlarged until its cells have so many pixels: viewers blur the edges by about one."""

_LARGEST_IMAGE = 4_000

_SIZE = re.compile(r'width="[\d.]+mm" height="[\d.]+mm"\s*viewBox="0 0 ([\d.]+) ([\d.]+)"')
_MATRIX = re.compile(r'<g [^>]*transform="matrix\(([^)]*)\)"')
_FIXED_WIDTH = re.compile(r'<(path|polyline) ([^>]*)vector-effect="non-scaling-stroke"([^>]*?)(d|points)="([^"]*)"')
_POINT = re.compile(r"(-?[\d.]+(?:e[+-]?\d+)?),(-?[\d.]+(?:e[+-]?\d+)?)")
_MAP = re.compile(
    r'<image x="([^"]*)" y="([^"]*)" width="([^"]*)" height="([^"]*)" [^>]*image-rendering="optimizeSpeed" '
    r'xlink:href="data:image/png;base64,([^"]*)"\s*/>'
)


def tidied(svg: str) -> str:
    """The same drawing, with sizes in pixels, lines of one width, and maps of sharp cells.

    Lines whose width no transform changes are drawn where the transform puts them: few viewers know
    ``non-scaling-stroke``. A map becomes rectangles: most viewers blur an image of one pixel a cell.
    """
    svg = _SIZE.sub(r'width="\1" height="\2" viewBox="0 0 \1 \2"', svg, count=1)
    head, defs_end, body = svg.partition("</defs>")
    return head + defs_end + "\n".join(_lines(body))


def _lines(body: str) -> Iterator[str]:
    transform = QTransform()
    for line in body.split("\n"):
        found = _MATRIX.search(line)
        if found:
            a, b, c, d, e, f = map(float, found[1].split(","))
            transform = QTransform(a, b, c, d, e, f)
        if "non-scaling-stroke" in line:
            line = _FIXED_WIDTH.sub(partial(_placed, transform), line)
        yield _MAP.sub(_sharp, line) if "<image" in line else line


def _placed(transform: QTransform, match: re.Match[str]) -> str:
    """A line with its points where ``transform`` puts them, and its inverse, since it stands inside that."""
    inverse, invertible = transform.inverted()
    if not invertible:
        return match[0]

    def mapped(point: re.Match[str]) -> str:
        place = transform.map(QPointF(float(point[1]), float(point[2])))
        return f"{place.x():.6g},{place.y():.6g}"

    numbers = (inverse.m11(), inverse.m12(), inverse.m21(), inverse.m22(), inverse.dx(), inverse.dy())
    matrix = ",".join(f"{number:.12g}" for number in numbers)
    kind, before, after, name, points = match.groups()
    return f'<{kind} {before}transform="matrix({matrix})" {after}{name}="{_POINT.sub(mapped, points)}"'


def _sharp(match: re.Match[str]) -> str:
    """A map of few cells as rectangles, one of many as a larger image."""
    left, top, width, height = (float(match[k]) for k in range(1, 5))
    image = QImage.fromData(base64.b64decode(match[5]))
    if image.isNull() or min(width / image.width(), height / image.height()) < 1:
        return match[0]  # finer than it is shown: there are no cells to see
    if image.width() * image.height() > _MOST_RECTANGLES:
        return match[0].replace(match[5], _enlarged(image))
    across, down = width / image.width(), height / image.height()
    cells = [
        f'<path d="M{left + start * across:.6g},{top + row * down:.6g}h{(stop - start) * across:.6g}v{down:.6g}'
        f'h{-(stop - start) * across:.6g}z" fill="{colour.name()}"'
        + (f' fill-opacity="{colour.alphaF():.3g}"' if colour.alpha() < 255 else "")
        + "/>"
        for row in range(image.height())
        for start, stop, colour in _runs(image, row)
        if colour.alpha()
    ]
    return '<g stroke="none" shape-rendering="crispEdges">' + "".join(cells) + "</g>"


def _runs(image: QImage, row: int) -> Iterator[tuple[int, int, QColor]]:
    """First cell, the one after the last, and the colour of each stretch of equal cells in a row."""
    start = 0
    for column in range(1, image.width() + 1):
        if column == image.width() or image.pixel(column, row) != image.pixel(start, row):
            yield start, column, image.pixelColor(start, row)
            start = column


def _enlarged(image: QImage) -> str:
    """The image with several pixels a cell, as PNG in base64."""
    factor = max(1, min(_SMALL_CELL, _LARGEST_IMAGE // max(image.width(), image.height())))
    size = QSize(image.width() * factor, image.height() * factor)
    larger = image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.FastTransformation)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    larger.save(buffer, "PNG")
    return base64.b64encode(buffer.data().data()).decode("ascii")
