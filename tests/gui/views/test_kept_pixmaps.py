"""Views keep pixmaps for the screen; files of lines and finer pictures are drawn anew."""

from __future__ import annotations

import re

import pytest
from PyQt6.QtGui import QImage, QPainter, QPicture
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.run import analyse
from lstmviz.gui.pictures.formats import SVG
from lstmviz.gui.pictures.still import image_of_widget, picture_of_widget
from lstmviz.gui.views.kept_pixmaps import draws_anew
from lstmviz.gui.window.window_tabs import WINDOW_TABS
from lstmviz.io.experiments import load_example

WORDS = {
    "cell": "forget gate",
    "unrolled": "step t",
    "gradients": "compare with ▸",
    "paths": "Frobenius",
    "memory": "Saturation",
    "table": "log10 |dL/dh|",
}
"""Something that each view says."""


@pytest.mark.parametrize("name", WORDS)
def test_an_svg_of_every_view_has_its_words_and_no_large_image(qtbot: QtBot, name: str) -> None:
    view = next(tab.make() for tab in WINDOW_TABS if tab.name == name)
    qtbot.addWidget(view)
    view.resize(1100, 700)
    view.show_run(analyse(load_example("letters").experiment), Cursor(5, stage=Stage.CELL))
    view.show()
    qtbot.waitUntil(lambda: not view.busy)
    svg = picture_of_widget(view, SVG).decode()
    assert WORDS[name] in re.findall(r">([^<>]+)</text>", svg)
    sizes = [float(w) * float(h) for w, h in re.findall(r'<image [^>]*width="([^"]+)" height="([^"]+)"', svg)]
    assert sum(sizes) < 0.05 * 1100 * 700
    view.stop()


def test_a_finer_picture_of_the_cell_is_finer(qtbot: QtBot) -> None:
    view = WINDOW_TABS[0].make()
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.show_run(analyse(load_example("letters").experiment), Cursor(5))
    once, twice = image_of_widget(view), image_of_widget(view, 2)
    twice.setDevicePixelRatio(1)
    assert twice != once.scaled(twice.size())
    pairs = [twice.pixel(x, y) == twice.pixel(x + 1, y) for x in range(0, 1200, 2) for y in range(0, 800, 8)]
    assert not all(pairs)


def test_only_what_is_not_as_fine_as_the_screen_can_show_what_is_kept(qtbot: QtBot) -> None:
    seen = []

    class Widget(QWidget):
        def paintEvent(self, event: object) -> None:
            seen.append(draws_anew(QPainter(self), self))

    widget = Widget()
    qtbot.addWidget(widget)
    widget.grab()
    fine = QImage(widget.size() * 2, QImage.Format.Format_RGB32)
    fine.setDevicePixelRatio(2)
    widget.render(fine)
    widget.render(QPicture())
    assert seen == [False, True, True]
