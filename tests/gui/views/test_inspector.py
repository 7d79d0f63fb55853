from __future__ import annotations

from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import STAGES, Cursor, Stage
from lstmviz.core.run import analyse
from lstmviz.gui.style import DARK
from lstmviz.gui.views.inspector import InspectorView
from tests.experiments import company_b, letters, linear_loop


def test_it_writes_the_formula_with_its_numbers(qtbot: QtBot) -> None:
    view = InspectorView()
    qtbot.addWidget(view)
    view.show_run(analyse(company_b()), Cursor(3, stage=Stage.CELL))
    cell, forget = view.cards
    assert cell.heading.text() == "WHY IS c[3] = 1.481 ?"
    assert cell.formula.text() == "c[3] = f[3] × c[2] + i[3] × g[3]"
    assert cell.numbers.text() == "= 0.975 × 0.914 + 0.905 × 0.651"
    assert cell.result.text() == "= 1.480604"
    assert forget.heading.text() == "WHY IS f[3] = 0.975 ?"
    assert "kept 97.5 %" in view.sentence.text()


def test_each_stage_explains_what_it_computes(qtbot: QtBot) -> None:
    view = InspectorView()
    qtbot.addWidget(view)
    run = analyse(letters())
    view.show_run(run, Cursor(5, stage=Stage.READ))
    assert all(card.isHidden() for card in view.cards)
    for stage, symbol in ((Stage.FORGET, "f"), (Stage.INPUT, "i"), (Stage.CANDIDATE, "g"), (Stage.OUTPUT, "o")):
        view.show_cursor(Cursor(5, stage=stage, unit=3))
        assert view.cards[0].heading.text().startswith(f"WHY IS {symbol}[5]")
        assert view.cards[1].isHidden()
        assert view.summary()


def test_it_follows_units_themes_and_runs(qtbot: QtBot) -> None:
    view = InspectorView()
    qtbot.addWidget(view)
    run = analyse(letters())
    view.show_run(run, Cursor(5, stage=Stage.FORGET, unit=0))
    first = view.cards[0].result.text()
    view.show_cursor(Cursor(5, stage=Stage.FORGET, unit=1))
    assert view.cards[0].result.text() != first
    view.set_theme(DARK)
    assert DARK.forget in view.cards[0].formula.styleSheet()
    loop = analyse(linear_loop(1.1, 4))
    for stage in STAGES[loop.network.cell]:
        view.show_run(loop, Cursor(4, stage=stage))
    assert view.cards[0].formula.text() == "h[4] = z[4]"
    assert view.cards[1].isHidden()
