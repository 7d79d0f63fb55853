"""The tabs: each view is made when it is needed, and only once."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from lstmviz.gui.views.view import View
from lstmviz.gui.window.view_tabs import Tab, ViewTabs


def tabs(qtbot: QtBot) -> tuple[ViewTabs, list[str]]:
    """Three tabs, and the names of the views made so far."""
    made: list[str] = []

    def make(name: str) -> View:
        made.append(name)
        return View()

    widget = ViewTabs(tuple(Tab(name, name.title(), f"about {name}", lambda name=name: make(name)) for name in "abc"))
    qtbot.addWidget(widget)
    return widget, made


def test_a_view_is_made_when_its_tab_is_opened_and_stays(qtbot: QtBot) -> None:
    widget, made = tabs(qtbot)
    assert made == []
    widget.setCurrentIndex(2)
    view = widget.current
    assert made == ["c"]
    assert widget.widget(2) is view
    widget.setCurrentIndex(0)
    widget.setCurrentIndex(2)
    assert widget.current is view
    assert made == ["c", "a"]
    assert [widget.tabText(index) for index in range(3)] == ["A", "B", "C"]
    assert widget.tabToolTip(2) == "about c"


def test_a_view_asked_for_by_name_does_not_open_its_tab(qtbot: QtBot) -> None:
    widget, made = tabs(qtbot)
    told: list[object] = []
    widget.view_made.connect(told.append)
    view = widget.view("b")
    assert widget.view("b") is view
    assert told == [view]
    assert widget.currentIndex() == 0
    widget.setCurrentWidget(view)
    assert widget.current is view
    assert made == ["b"]


def test_the_rest_is_made_one_after_the_other(qtbot: QtBot) -> None:
    widget, made = tabs(qtbot)
    widget.view("b")
    assert [widget.make_one() for _ in range(3)] == [True, True, False]
    assert made == ["b", "a", "c"]
    assert len(widget.made) == 3
