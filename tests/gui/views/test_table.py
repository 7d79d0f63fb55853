from __future__ import annotations

from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import Cursor
from lstmviz.core.run import analyse
from lstmviz.core.step_table import in_lines, step_columns
from lstmviz.gui.style import DARK
from lstmviz.gui.views.table import TableView
from tests.experiments import company_b, letters, linear_loop, random_lstm


def test_its_numbers_are_those_of_the_worked_example(qtbot: QtBot) -> None:
    view = TableView()
    qtbot.addWidget(view)
    view.show_run(analyse(company_b()), Cursor(3))
    titles = [view.model.headerData(k, Qt.Orientation.Horizontal) for k in range(view.model.columnCount())]
    row = [view.model.index(2, k).data() for k in range(view.model.columnCount())]
    shown = dict(zip(titles, row, strict=True))
    assert shown["x"] == "0.25"
    assert (shown["f"], shown["i"], shown["g"], shown["o"]) == ("0.975", "0.905", "0.651", "0.962")
    assert (shown["c"], shown["h"]) == ("1.481", "0.867")
    assert (shown["log10 |dL/dh|"], shown["log10 |dL/dc|"]) == ("−2.38", "−2.57")
    assert view.summary().startswith("Every step in numbers: unit 0 of layer l0. t 3, x 0.25, f 0.975")


def test_it_follows_the_cursor_and_leads_it(qtbot: QtBot) -> None:
    view = TableView()
    qtbot.addWidget(view)
    view.show_run(analyse(letters()), Cursor(3, unit=1))
    before = view.model.index(4, 2).data()
    view.show_cursor(Cursor(5, unit=2))
    assert view.table.currentIndex().row() == 4
    assert view.model.index(4, 2).data() != before
    view.resize(900, 400)
    view.show()
    place = view.table.visualRect(view.model.index(7, 1)).center()
    with qtbot.waitSignal(view.cursor_requested) as asked:
        qtbot.mouseClick(view.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert asked.args == [Cursor(8, unit=2)]


def test_a_vanilla_rnn_has_no_gates_and_no_baseline(qtbot: QtBot) -> None:
    titles = [column.title for column in step_columns(analyse(linear_loop(2.0, 3)), "l0", 0)]
    assert titles == ["t", "x", "h", "log10 |dL/dh|"]
    view = TableView()
    qtbot.addWidget(view)
    view.set_theme(DARK)
    view.show_run(analyse(linear_loop(2.0, 3)), Cursor(1))
    hue = view.model.headerData(2, Qt.Orientation.Horizontal, Qt.ItemDataRole.ForegroundRole)
    assert hue.name() == DARK.hidden


def test_the_same_table_as_text() -> None:
    lines = in_lines(step_columns(analyse(company_b()), "l0", 0)).splitlines()
    assert len(lines) == 5
    assert len({len(line) for line in lines}) == 1
    assert lines[3].split()[:8] == ["3", "0.25", "0.975", "0.905", "0.651", "0.962", "1.481", "0.867"]


def test_a_long_run_makes_no_text_that_is_not_shown(qtbot: QtBot) -> None:
    view = TableView()
    qtbot.addWidget(view)
    view.show_run(analyse(random_lstm(length=5000, hidden_size=2)), Cursor(4000))
    assert view.model.rowCount() == 5000
    assert view.model.index(4999, 0).data() == "5000"


def test_a_page_is_turned_where_a_step_leaves_it_and_not_before(qtbot: QtBot) -> None:
    view = TableView()
    qtbot.addWidget(view)
    view.resize(900, 400)
    view.show_run(analyse(random_lstm(length=200, hidden_size=2)), Cursor(1))
    view.show()
    qtbot.waitExposed(view)
    bar = view.table.verticalScrollBar()
    assert bar is not None
    turned = []
    for t in [*range(2, 61), *range(59, 1, -1)]:
        before = bar.value()
        view.show_cursor(Cursor(t))
        if bar.value() != before:
            turned.append(t)
        assert _sees(view, t), t
    assert 4 <= len(turned) <= 12
    view.show_cursor(Cursor(150))
    assert all(_sees(view, t) for t in (147, 150, 153))


def _sees(view: TableView, t: int) -> bool:
    viewport = view.table.viewport()
    assert viewport is not None
    return viewport.rect().contains(view.table.visualRect(view.model.index(t - 1, 0)))
