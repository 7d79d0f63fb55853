"""Pictures of widgets: text stays text, lines stay lines, what a widget hides stays hidden."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from PyQt6.QtCore import QByteArray, QRectF
from PyQt6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QTransform
from PyQt6.QtSvg import QSvgRenderer
from PyQt6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from lstmviz.gui.pictures.formats import PDF, PNG, SVG
from lstmviz.gui.pictures.still import image_of_widget, picture_of_widget

_TEXT = "{http://www.w3.org/2000/svg}text"


class Drawing(QWidget):
    """A map of four cells, and a line of one pixel inside a transform that is not square."""

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        image = QImage(2, 2, QImage.Format.Format_RGB32)
        for number, colour in enumerate(("#ff0000", "#00ff00", "#0000ff", "#ffff00")):
            image.setPixelColor(number % 2, number // 2, QColor(colour))
        painter.drawImage(QRectF(0, 0, 40, 40), image)
        painter.setTransform(QTransform(10, 0, 0, 1, 50, 0), True)
        pen = QPen(QColor("#000000"), 1)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawPolyline([QRectF(0, 10, 4, 30).topLeft(), QRectF(0, 10, 4, 30).bottomRight()])


@pytest.fixture
def widget(qtbot: QtBot) -> QWidget:
    """A drawing with a label over it, and a label that its parent cuts off."""
    widget = Drawing()
    qtbot.addWidget(widget)
    widget.resize(200, 100)
    label = QLabel("forget gate", widget)
    label.move(100, 60)
    window = QWidget(widget)
    window.setGeometry(10, 60, 30, 20)
    hidden = Drawing(window)
    hidden.setGeometry(0, 0, 200, 100)
    QLabel("nowhere", window).move(0, 50)
    widget.show()
    return widget


def svg_of(widget: QWidget) -> str:
    return picture_of_widget(widget, SVG).decode()


def drawn_from(svg: str) -> QImage:
    """What another program makes of it."""
    image = QImage(200, 100, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(svg.encode())).render(painter)
    painter.end()
    return image


def test_an_svg_has_words_lines_and_cells(widget: QWidget) -> None:
    svg = svg_of(widget)
    root = ElementTree.fromstring(svg)
    assert [element.text for element in root.iter(_TEXT)] == ["forget gate"]
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("200", "100", "0 0 200 100")
    assert "<image" not in svg
    assert "non-scaling-stroke" not in svg
    assert len(re.findall('fill="#0000ff"', svg)) == 2


def test_an_svg_shows_what_the_screen_shows(widget: QWidget) -> None:
    screen, svg = image_of_widget(widget), drawn_from(svg_of(widget))
    for x, y in ((10, 10), (30, 10), (10, 30), (30, 30), (180, 80), (20, 70), (60, 75)):
        assert svg.pixelColor(x, y).name() == screen.pixelColor(x, y).name(), (x, y)


def test_a_png_has_as_many_pixels_as_asked_for(widget: QWidget) -> None:
    image = QImage.fromData(picture_of_widget(widget, PNG, 3))
    assert (image.width(), image.height()) == (600, 300)
    assert image.pixelColor(30, 30) == QColor("#ff0000")


def test_a_pdf_has_one_page_of_that_size_and_fonts(widget: QWidget) -> None:
    pdf = picture_of_widget(widget, PDF)
    assert pdf.startswith(b"%PDF")
    box = re.search(rb"/MediaBox \[([\d. ]+)\]", pdf)
    assert box is not None
    inch = 72 / widget.logicalDpiX()
    assert [float(part) for part in box[1].split()] == pytest.approx([0, 0, 200 * inch, 100 * inch], abs=1)
    assert b"/Font" in pdf
    assert len(re.findall(rb"/Type /Page\b", pdf)) == 1
