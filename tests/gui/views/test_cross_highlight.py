"""What the mouse is over in one view is marked in the others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PyQt6.QtCore import QPoint
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor
from lstmviz.core.run import analyse
from lstmviz.gui.views.cell.cell_view import CellView
from lstmviz.gui.views.gradients.gradients_view import GradientsView
from lstmviz.gui.views.memory.memory_view import MemoryView
from lstmviz.gui.views.timeline.timeline_view import TimelineView
from lstmviz.gui.views.unrolled.unrolled_view import UnrolledView
from lstmviz.gui.views.view import Hovered, View
from tests.experiments import company_b, letters

VIEWS: list[Callable[[], View]] = [CellView, TimelineView, GradientsView, MemoryView, UnrolledView]


@pytest.mark.parametrize("make", VIEWS)
def test_a_place_hovered_elsewhere_is_marked_and_let_go(qtbot: QtBot, make: Callable[[], View]) -> None:
    view = _shown(qtbot, make)
    plain = view.grab().toImage()
    view.show_hovered(Hovered(3, unit=6))
    assert view.grab().toImage() != plain
    view.show_hovered(None)
    assert view.grab().toImage() == plain


@pytest.mark.parametrize("make", VIEWS)
def test_another_run_forgets_what_was_hovered_in_the_one_before(qtbot: QtBot, make: Callable[[], View]) -> None:
    view = _shown(qtbot, make)
    view.show_hovered(Hovered(11, unit=6))
    view.show_run(analyse(company_b()), Cursor(2))
    shown = view.grab().toImage()
    view.show_hovered(None)
    assert view.grab().toImage() == shown


@pytest.mark.parametrize("make", VIEWS)
def test_the_view_under_the_mouse_tells_the_others(qtbot: QtBot, make: Callable[[], View]) -> None:
    view = _shown(qtbot, make)
    told: list[Hovered | None] = []
    view.place_hovered.connect(told.append)
    target: QWidget = view.plot.viewport() if isinstance(view, GradientsView) else view
    middle = target.rect().center()
    qtbot.mouseMove(target, middle - QPoint(60, 0))
    for across in range(-60, 60, 4):
        for down in (-40, 0, 40):
            qtbot.mouseMove(target, middle + QPoint(across, down))
    places = [place for place in told if place]
    assert places
    assert all(1 <= place.t <= 11 for place in places)
    if not isinstance(view, GradientsView | UnrolledView):
        assert any(place.unit is not None for place in places)


def _shown(qtbot: QtBot, make: Callable[[], View]) -> View:
    view = make()
    qtbot.addWidget(view)
    view.resize(900, 500)
    view.show_run(analyse(letters()), Cursor(5))
    view.show()
    qtbot.waitExposed(view)
    view.grab()
    return view
