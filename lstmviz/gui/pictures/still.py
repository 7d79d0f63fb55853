"""A widget as a picture: dots, or lines and text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from PyQt6.QtCore import QBuffer, QIODevice, QMarginsF, QPoint, QRect, QRectF, QSizeF
from PyQt6.QtGui import QImage, QPageSize, QPainter, QPdfWriter, QPicture, QRegion
from PyQt6.QtWidgets import QGraphicsItem, QGraphicsView, QWidget

from lstmviz.core.errors import LstmvizError
from lstmviz.gui.pictures.formats import PDF, PNG, SVG, PictureFormat
from lstmviz.gui.pictures.svg_tidy import tidied

_POINTS_AN_INCH = 72


def image_of_widget(widget: QWidget, scale: float = 1) -> QImage:
    """The widget as it stands, in ``scale`` pixels to one of the widget in each direction."""
    image = QImage(widget.size() * scale, QImage.Format.Format_RGB32)
    if image.isNull():
        raise LstmvizError("The picture is too large for the memory", how="Choose a smaller size or scale.")
    image.setDevicePixelRatio(scale)
    image.fill(widget.palette().window().color())
    widget.render(image, QPoint())
    return image


def picture_of_widget(widget: QWidget, kind: PictureFormat, scale: int = 1) -> bytes:
    """The content of a file of that kind; ``scale`` counts where it is made of dots.

    Raises LstmvizError when it cannot be made.
    """
    if kind is SVG:
        return _svg(widget)
    if kind is PDF:
        return _pdf(widget)
    assert kind is PNG, "the others move"
    image = image_of_widget(widget, scale)
    image.setDevicePixelRatio(1)
    buffer = _buffer()
    if not image.save(buffer, "PNG"):
        raise LstmvizError("The picture could not be made", how="Choose a smaller size or scale.")
    return buffer.data().data()


def _svg(widget: QWidget) -> bytes:
    from PyQt6.QtSvg import QSvgGenerator

    buffer = _buffer()
    # version 1.1 knows clip paths; Tiny 1.2 would let lines run out of their plots
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setOutputDevice(buffer)
    generator.setResolution(widget.logicalDpiX())  # of the screen: else text has another size than on it
    generator.setSize(widget.size())
    generator.setViewBox(QRectF(widget.rect()))
    generator.setTitle(widget.accessibleName() or widget.windowTitle() or "lstmviz")
    generator.setDescription(widget.accessibleDescription())
    painter = QPainter(generator)
    _paint(painter, widget)
    return tidied(buffer.data().data().decode("utf-8")).encode("utf-8")


def _pdf(widget: QWidget) -> bytes:
    buffer = _buffer()
    writer = QPdfWriter(buffer)
    dots = widget.logicalDpiX()
    points = QSizeF(widget.size()) * (_POINTS_AN_INCH / dots)
    writer.setPageSize(QPageSize(points, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch))
    writer.setPageMargins(QMarginsF())
    writer.setResolution(dots)
    writer.setTitle(widget.accessibleName() or widget.windowTitle() or "lstmviz")
    painter = QPainter(writer)
    _paint(painter, widget)
    return buffer.data().data()


def _paint(painter: QPainter, widget: QWidget) -> None:
    """Draw the whole widget stroke by stroke, and end the painter."""
    painter.fillRect(widget.rect(), widget.palette().window())
    try:
        with ExitStack() as stack:
            for plot in widget.findChildren(QGraphicsView):
                stack.enter_context(_without_pixmaps(plot))
            _paint_tree(painter, widget, QPoint(), widget.rect())
    finally:
        ended = painter.end()  # Qt crashes if what is painted on goes before
    if not ended:
        raise LstmvizError("The picture could not be made")


@contextmanager
def _without_pixmaps(plot: QGraphicsView) -> Iterator[None]:
    """Let a plot and its items draw lines in place of the pixmaps that they keep for the screen."""
    kept = plot.cacheMode()
    plot.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)
    scene = plot.scene()
    items = scene.items() if scene else []
    modes = [item.cacheMode() for item in items]
    for item in items:
        item.setCacheMode(QGraphicsItem.CacheMode.NoCache)
        _export_mode(item, on=True)
    try:
        yield
    finally:
        plot.setCacheMode(kept)
        for item, mode in zip(items, modes, strict=True):
            item.setCacheMode(mode)
            _export_mode(item, on=False)


def _export_mode(item: QGraphicsItem, *, on: bool) -> None:
    """Tell an item of pyqtgraph, where it draws otherwise then: the markers of a scatter plot do."""
    tell = getattr(item, "setExportMode", None)
    if tell is not None:
        tell(on, {"antialias": True})


def _paint_tree(painter: QPainter, widget: QWidget, offset: QPoint, seen: QRect) -> None:
    """Draw ``widget``, which is at ``offset`` and seen through the rectangle ``seen``, then what is in it.

    ``QWidget.render`` would draw all at once, but files of lines know nothing of what a widget hides of its children,
    and what they clip would be clipped elsewhere. Each widget's strokes are recorded and played where it stands.
    """
    strokes = QPicture()
    # not that of its class: a plot has a method of the same name, which draws something else
    QWidget.render(widget, strokes, QPoint(), QRegion(widget.rect()), QWidget.RenderFlag(0))
    place = QRect(offset, widget.size())
    painter.save()
    if not seen.contains(place):
        painter.setClipRect(seen)
    painter.translate(offset.toPointF())
    strokes.play(painter)
    painter.restore()
    for child in widget.children():
        if isinstance(child, QWidget) and child.isVisible() and not child.isWindow():
            there = offset + child.pos()
            part = seen.intersected(QRect(there, child.size()))
            if not part.isEmpty():
                _paint_tree(painter, child, there, part)


def _buffer() -> QBuffer:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return buffer
