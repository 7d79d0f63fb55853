from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lstmviz.core.analysis.step_table import in_lines, step_columns
from lstmviz.core.cursor import Cursor
from lstmviz.core.experiments.what_if import Clamp, InsertStep, Silence, SwapSteps, WhatIf
from lstmviz.core.run import analyse
from lstmviz.core.text import number
from lstmviz.core.value_reference import ValueReference
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


def _clicked(qtbot: QtBot, view: TableView, row: int, title: str) -> list[object]:
    """What a click on a value asks for."""
    view.resize(1200, 400)
    view.show()
    titles = [view.model.headerData(k, Qt.Orientation.Horizontal) for k in range(view.model.columnCount())]
    asked: list[object] = []
    view.value_asked.connect(asked.append)
    place = view.table.visualRect(view.model.index(row, titles.index(title))).center()
    qtbot.mouseClick(view.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    view.value_asked.disconnect(asked.append)
    return asked


def test_a_click_on_a_value_asks_why_it_is_what_it_is(qtbot: QtBot) -> None:
    view = TableView()
    qtbot.addWidget(view)
    view.show_run(analyse(company_b()), Cursor(3))
    for title, reference in (
        ("x", ValueReference("x", 2, "l0", 0)),
        ("f", ValueReference("f", 2, "l0", 0)),
        ("h", ValueReference("h", 2, "l0", 0)),
        ("RNN h", ValueReference("h", 2, "l0", 0, baseline=True)),
        ("log10 |dL/dc|", ValueReference("dc", 2, "l0", 0)),
    ):
        assert _clicked(qtbot, view, 1, title) == [reference]
    assert _clicked(qtbot, view, 1, "t") == []
    view.show_run(analyse(letters()), Cursor(3, unit=5))
    assert _clicked(qtbot, view, 6, "c") == [ValueReference("c", 7, "l0", 5)]
    assert _clicked(qtbot, view, 6, "log10 |dL/dc|") == []  # over eight units
    assert _clicked(qtbot, view, 6, "x") == []  # a character is eight numbers


def test_what_differs_from_before_the_what_ifs_is_underlined_and_told(qtbot: QtBot) -> None:
    plain = letters()
    run = analyse(replace(plain, what_ifs=(WhatIf(Clamp("f", "l0", 1, 4, 6, 1.0)),)))
    view = TableView()
    qtbot.addWidget(view)
    view.show_run(analyse(plain), Cursor(4, unit=1))
    assert "before" not in view.caption.text() + view.summary()
    assert not _underlined(view)
    view.show_run(run, Cursor(4, unit=1))
    assert "Underlined" in view.caption.text()
    cells = _underlined(view)
    forget = [row for row, title in cells if title == "f"]
    assert forget[:3] == [3, 4, 5]
    assert not [cell for cell in cells if cell[0] < 3 and "dL" not in cell[1]]
    assert not [cell for cell in cells if cell[1] in ("t", "x", "RNN h")]
    assert run.before is not None
    was = number(run.before.trace["l0"].f[3, 0, 1])  # type: ignore[union-attr]
    assert view.model.index(3, 2).data(Qt.ItemDataRole.ToolTipRole) == f"1.000, before {was}"
    assert f"f 1.000 (before {was})" in view.summary()


def test_another_character_is_told_with_the_one_before(qtbot: QtBot) -> None:
    experiment = letters("abcab")
    run = analyse(replace(experiment, what_ifs=(WhatIf(SwapSteps(1, 2)), WhatIf(Silence("l0", 0)))))
    view = TableView()
    qtbot.addWidget(view)
    view.show_run(run, Cursor(1))
    assert "x b (before a)" in view.summary()
    longer = analyse(replace(experiment, what_ifs=(WhatIf(InsertStep(2, (0.0, 0.0, 1.0))),)))
    view.show_run(longer, Cursor(1))
    assert not _underlined(view)


def _underlined(view: TableView) -> list[tuple[int, str]]:
    """Row and title of the values that are underlined."""
    titles = [view.model.headerData(k, Qt.Orientation.Horizontal) for k in range(view.model.columnCount())]
    return [
        (row, title)
        for row in range(view.model.rowCount())
        for column, title in enumerate(titles)
        if (font := view.model.index(row, column).data(Qt.ItemDataRole.FontRole)) and font.underline()
    ]


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
