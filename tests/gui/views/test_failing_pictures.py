"""An error while a view draws the picture that it keeps is reported, and the next picture is whole again."""

from __future__ import annotations

import pytest
from PyQt6.QtGui import QImage
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor
from lstmviz.core.run import analyse
from lstmviz.gui.views.cell.cell_view import CellView
from lstmviz.gui.views.cell.lstm_diagram import LSTMDiagram
from lstmviz.gui.views.memory import memory_view
from lstmviz.gui.views.memory.memory_view import MemoryView
from lstmviz.gui.views.timeline import timeline_view
from lstmviz.gui.views.timeline.timeline_view import TimelineView
from lstmviz.gui.views.unrolled import unrolled_view
from lstmviz.gui.views.unrolled.unrolled_view import UnrolledView
from lstmviz.gui.views.view import View
from tests.experiments import letters


def shown(qtbot: QtBot, make: type[View]) -> View:
    """A view of a run, not yet drawn."""
    view = make()
    qtbot.addWidget(view)
    view.resize(900, 520)
    view.show_run(analyse(letters()), Cursor(3))
    return view


def picture(view: View) -> QImage:
    return view.grab().toImage()


@pytest.mark.parametrize(
    ("make", "owner", "name"),
    [
        (CellView, LSTMDiagram, "draw"),
        (UnrolledView, unrolled_view, "_draw_still"),
        (TimelineView, timeline_view, "draw_titles"),
        (MemoryView, memory_view, "draw_still"),
    ],
)
def test_the_error_is_reported_and_the_next_picture_is_whole(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, make: type[View], owner: object, name: str
) -> None:
    view = shown(qtbot, make)
    with monkeypatch.context() as broken:
        broken.setattr(owner, name, lambda *_, **__: 1 / 0)
        with qtbot.captureExceptions() as errors:
            view.grab()
    assert {kind for kind, _, _ in errors} == {ZeroDivisionError}
    assert picture(view) == picture(shown(qtbot, make))
