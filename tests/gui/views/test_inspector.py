from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from lstmviz.core.cursor import STAGES, Cursor, Stage
from lstmviz.core.engine.backward_step import BackwardStage
from lstmviz.core.experiments.what_if import Clamp, WhatIf
from lstmviz.core.explanations.explain import explain_value
from lstmviz.core.run import Run, analyse
from lstmviz.core.value_reference import ValueReference
from lstmviz.gui.style import DARK, LIGHT
from lstmviz.gui.views.inspector import InspectorView
from lstmviz.gui.views.inspector.content import Card, Content
from lstmviz.gui.views.inspector.link import Link
from lstmviz.gui.views.inspector.page_layout import MARGIN, TextStyles, lay_out, wrapped
from lstmviz.gui.views.inspector.visits import Visits
from tests.experiments import company_b, letters, linear_loop, random_lstm

Open = Callable[[Run, Cursor], InspectorView]


@pytest.fixture
def open_view(qtbot: QtBot) -> Open:
    """Shows the inspector; what it requests of the cursor comes back, as it does in the window."""

    def opened(run: Run, cursor: Cursor) -> InspectorView:
        view = InspectorView()
        qtbot.addWidget(view)
        view.cursor_requested.connect(view.show_cursor)
        view.resize(285, 600)
        view.show_run(run, cursor)
        view.show()
        view.activateWindow()
        qtbot.waitUntil(view.isActiveWindow)
        return view

    return opened


def link_to(view: InspectorView, text: str) -> Link:
    """The link whose text begins so."""
    return next(link for link in view.page.shown_links if link.accessibleName().startswith(f"Why is {text}"))


def click(qtbot: QtBot, link: Link) -> None:
    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)


# Following the step


def test_it_writes_the_formula_with_its_numbers(open_view: Open) -> None:
    view = open_view(analyse(company_b()), Cursor(3, stage=Stage.CELL))
    cell, forget = view.cards
    assert cell.heading == "WHY IS c[3] = 1.481 ?"
    assert cell.formula == "c[3] = f[3] × c[2] + i[3] × g[3]"
    assert cell.numbers == "= 0.975 × 0.914 + 0.905 × 0.651"
    assert cell.result == "= 1.480604"
    assert forget.heading == "WHY IS f[3] = 0.975 ?"
    assert forget.total == "sum z_f[3] = +3.679"
    assert "kept 97.5 %" in view.page.content.sentence


def test_each_stage_explains_what_it_computes(open_view: Open) -> None:
    run = analyse(letters())
    view = open_view(run, Cursor(5, stage=Stage.READ))
    assert view.cards == ()
    assert view.page.content.sentence
    for stage, symbol in ((Stage.FORGET, "f"), (Stage.INPUT, "i"), (Stage.CANDIDATE, "g"), (Stage.OUTPUT, "o")):
        view.show_cursor(Cursor(5, stage=stage, unit=3))
        (card,) = view.cards
        assert card.heading.startswith(f"WHY IS {symbol}[5]")
        assert view.summary()


def test_it_follows_units_themes_and_runs(open_view: Open) -> None:
    view = open_view(analyse(letters()), Cursor(5, stage=Stage.FORGET, unit=0))
    first = view.cards[0].result
    view.show_cursor(Cursor(5, stage=Stage.FORGET, unit=1))
    assert view.cards[0].result != first
    light = view.grab().toImage()
    view.set_theme(DARK)
    assert view.grab().toImage() != light
    loop = analyse(linear_loop(1.1, 4))
    for stage in STAGES[loop.network.cell]:
        view.show_run(loop, Cursor(4, stage=stage))
    (card,) = view.cards
    assert card.formula == "h[4] = z[4]"


def test_gradients_keep_the_digits_that_count(open_view: Open) -> None:
    view = open_view(analyse(company_b()), Cursor(3, stage=BackwardStage.ARRIVE))
    (card,) = view.cards
    assert card.heading == "WHY IS dh[3] = −0.00420 ?"
    assert card.result == "= −0.00419580"
    assert card.total == "sum dh[3] = −0.00420"


# Asking


def test_an_asked_value_is_explained_and_the_cursor_goes_there(open_view: Open, qtbot: QtBot) -> None:
    view = open_view(analyse(letters()), Cursor(1, stage=Stage.READ, unit=0))
    with qtbot.waitSignal(view.cursor_requested) as requested:
        view.ask(ValueReference("f", 5, "l0", 2))
    assert requested.args == [Cursor(5, "l0", Stage.FORGET, 2)]
    assert view.page.content.title == "f[5] of unit 2"
    (card,) = view.cards
    assert card.heading == "WHY IS f[5] = 0.753 ?"
    assert "z_f[5]" in view.summary()


def test_a_link_leads_to_where_its_number_came_from(open_view: Open, qtbot: QtBot) -> None:
    view = open_view(analyse(letters()), Cursor(5, stage=Stage.FORGET, unit=2))
    click(qtbot, link_to(view, "h[4][7]"))
    assert view.asked == ValueReference("h", 4, "l0", 7)
    assert view.cursor_at == Cursor(4, "l0", Stage.HIDDEN, 7)
    assert view.page.content.trail == "step ›"


def test_the_heading_of_a_stage_keeps_its_value_in_sight(open_view: Open, qtbot: QtBot) -> None:
    view = open_view(analyse(letters()), Cursor(5, stage=Stage.CELL, unit=2))
    heading = next(link for link in view.page.shown_links if link.accessibleName().startswith("WHY IS c[5]"))
    click(qtbot, heading)
    assert view.asked == ValueReference("c", 5, "l0", 2)
    assert view.cursor_at == Cursor(5, stage=Stage.CELL, unit=2)


def test_the_whole_way_back_to_the_input_by_keyboard(open_view: Open, qtbot: QtBot) -> None:
    view = open_view(analyse(random_lstm(4, 2, num_layers=2)), Cursor(4, "l1"))
    for t, layer in ((3, "l1"), (2, "l1"), (1, "l1"), (0, "l1")):
        view.ask(ValueReference("c", t + 1, "l1", 0))
        link = link_to(view, f"c[{t}]")
        link.setFocus(Qt.FocusReason.TabFocusReason)
        qtbot.keyClick(link, Qt.Key.Key_Return)
        assert view.asked == ValueReference("c", t, layer, 0)
    assert view.cards[0].formula == "c[0] = the initial state"
    assert view.cursor_at == Cursor(1, "l1", Stage.READ, 0)


def test_links_are_reached_with_tab_and_say_what_they_are(open_view: Open, qtbot: QtBot) -> None:
    view = open_view(analyse(company_b()), Cursor(3, stage=Stage.CELL))
    links = view.page.shown_links
    links[0].setFocus(Qt.FocusReason.TabFocusReason)
    for following in links[1:]:
        qtbot.keyClick(view.page.focusWidget(), Qt.Key.Key_Tab)
        assert following.hasFocus()
    assert all(link.accessibleName() for link in links)
    assert all(link.cursor().shape() is Qt.CursorShape.PointingHandCursor for link in links)


def test_a_click_leaves_the_keyboard_where_it_was(open_view: Open, qtbot: QtBot) -> None:
    view = open_view(analyse(company_b()), Cursor(3, stage=Stage.CELL))
    view.follow_action.setEnabled(True)
    before = view.focusWidget()
    click(qtbot, link_to(view, "c[2]"))
    assert view.focusWidget() is before


def test_what_the_run_does_not_have_is_not_explained(open_view: Open) -> None:
    view = open_view(analyse(company_b()), Cursor(3, stage=Stage.CELL))
    view.ask(ValueReference("f", 9, "l0", 0))
    assert view.asked is None
    InspectorView().ask(ValueReference("f", 1, "l0", 0))


def test_all_terms_on_request_and_few_again_on_the_next_page(open_view: Open, qtbot: QtBot) -> None:
    view = open_view(analyse(letters()), Cursor(5, stage=Stage.FORGET, unit=2))
    assert len(view.cards[0].explanation.terms) == 8
    more = next(link for link in view.page.shown_links if "show all" in link.accessibleName())
    click(qtbot, more)
    assert len(view.cards[0].explanation.terms) == 14
    click(qtbot, link_to(view, "z_f[5]"))
    assert len(view.cards[0].explanation.terms) == 8


def test_the_way_from_a_gradient_to_the_loss(open_view: Open, qtbot: QtBot) -> None:
    view = open_view(analyse(company_b()), Cursor(4, stage=BackwardStage.ARRIVE))
    click(qtbot, link_to(view, "dy[4]"))
    assert view.cards[0].formula == "dy[4] = 2 × (y[4] − target)"
    click(qtbot, link_to(view, "y[4]"))
    click(qtbot, link_to(view, "h[4]"))
    assert view.cursor_at == Cursor(4, stage=Stage.HIDDEN)


# Time


def test_an_asked_value_goes_along_in_time(open_view: Open) -> None:
    view = open_view(analyse(letters()), Cursor(5, unit=0))
    view.ask(ValueReference("f", 5, "l0", 2))
    view.show_cursor(replace(view.cursor_at, t=6))
    assert view.asked == ValueReference("f", 6, "l0", 2)
    view.show_cursor(Cursor(6, stage=Stage.HIDDEN, unit=4))
    assert view.page.content.title == "f[6] of unit 2"
    view.follow()
    assert view.asked is None
    assert view.cards[0].heading.startswith("WHY IS h[6]")


def test_the_initial_state_stays_until_the_cursor_moves_in_time(open_view: Open) -> None:
    view = open_view(analyse(letters()), Cursor(5, unit=0))
    view.ask(ValueReference("c", 0, "l0", 2))
    assert view.cursor_at.t == 1
    view.show_cursor(replace(view.cursor_at, stage=Stage.CELL))
    assert view.asked == ValueReference("c", 0, "l0", 2)
    view.show_cursor(replace(view.cursor_at, t=2))
    assert view.asked == ValueReference("c", 2, "l0", 2)


def test_another_run_keeps_what_it_has_and_forgets_what_it_has_not(open_view: Open) -> None:
    view = open_view(analyse(letters()), Cursor(5, unit=0))
    view.ask(ValueReference("f", 5, "l0", 2))
    view.show_run(analyse(letters("hello hella")), view.cursor_at)
    assert view.asked == ValueReference("f", 5, "l0", 2)
    view.show_run(analyse(letters("he")), Cursor(2))
    assert view.asked == ValueReference("f", 2, "l0", 2)
    view.show_run(analyse(company_b()), Cursor(2))
    assert view.asked is None
    assert not view.back_action.isEnabled()


# Back and forward


def test_back_and_forward_take_the_cursor_along(open_view: Open, qtbot: QtBot) -> None:
    view = open_view(analyse(letters()), Cursor(5, stage=Stage.HIDDEN, unit=2))
    first, second = ValueReference("f", 5, "l0", 2), ValueReference("h", 4, "l0", 7)
    assert not view.back_action.isEnabled()
    view.ask(first)
    view.ask(second)
    qtbot.keyClick(view, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert (view.asked, view.cursor_at) == (first, Cursor(5, stage=Stage.FORGET, unit=2))
    view.back_action.trigger()
    assert view.asked is None
    assert not view.back_action.isEnabled()
    assert not view.follow_action.isEnabled()
    qtbot.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert view.asked == second
    assert not view.forward_action.isEnabled()


def test_going_back_to_a_value_that_is_gone_follows_the_step(open_view: Open) -> None:
    view = open_view(analyse(letters()), Cursor(5, unit=2))
    view.ask(ValueReference("f", 5, "l0", 7))
    view.ask(ValueReference("f", 5, "l0", 0))
    view.show_run(analyse(company_b()), Cursor(1))
    view.back()
    assert view.asked is None
    assert view.cards


def test_a_new_branch_forgets_what_one_went_back_from() -> None:
    refs = [ValueReference("f", t, "l0", 0) for t in range(1, 5)]
    visits = Visits(most=3)
    visits.visit(refs[0])
    visits.visit(refs[0])
    assert visits.trail == (None, refs[0])
    visits.visit(refs[1])
    visits.move(-1)
    visits.visit(refs[2])
    assert visits.trail == (None, refs[0], refs[2])
    assert not visits.can_go_forward
    visits.visit(refs[3])
    assert visits.trail == (refs[0], refs[2], refs[3])
    visits.move(-9)
    assert visits.current == refs[0]
    visits.move(9)
    assert visits.current == refs[3]


# What-ifs, hovering, copying


def test_the_value_before_the_what_ifs_stands_beside_it(open_view: Open) -> None:
    what_if = WhatIf(Clamp("f", "l0", 0, 3, 3, 1.0))
    view = open_view(analyse(replace(company_b(), what_ifs=(what_if,))), Cursor(3, stage=Stage.CELL))
    assert [card.before for card in view.cards] == ["before the what-ifs: 1.481", "before the what-ifs: 0.975"]
    assert view.cards[1].formula == "f[3] = held at 1.000 by a what-if"
    view.show_cursor(Cursor(2, stage=Stage.FORGET))
    assert [card.before for card in view.cards] == ["the same before the what-ifs"]
    view.show_run(analyse(company_b()), Cursor(3, stage=Stage.CELL))
    assert [card.before for card in view.cards] == ["", ""]


def test_hovering_a_link_says_where_it_leads(open_view: Open, qtbot: QtBot) -> None:
    view = open_view(analyse(company_b()), Cursor(3, stage=Stage.CELL))
    sentences: list[str] = []
    view.hovered.connect(sentences.append)
    link = link_to(view, "c[2]")
    plain = view.page.grab().toImage()
    qtbot.mouseMove(view.page, QPoint(2, 2))
    qtbot.mouseMove(link)
    assert sentences[-1].startswith("c[2] = 0.913569")
    assert view.page.grab().toImage() != plain
    qtbot.mouseMove(view.page, QPoint(2, 2))
    assert sentences[-1] == ""


def test_the_explanation_can_be_copied(open_view: Open) -> None:
    view = open_view(analyse(company_b()), Cursor(3, stage=Stage.CELL))
    (copy,) = view.page.actions()
    copy.trigger()
    text = QGuiApplication.clipboard().text()
    assert "c[3] = f[3] × c[2] + i[3] × g[3]" in text
    assert "+0.407  W_f 1.630 × x[3] 0.250" in text


# The page


def test_nothing_is_cut_off_and_links_lie_on_their_text(open_view: Open) -> None:
    view = open_view(analyse(random_lstm(4, 8, num_layers=2, bidirectional=True)), Cursor(3, stage=Stage.CELL))
    for ref in (
        ValueReference("z_f", 3, "l1", 2),
        ValueReference("dh", 3, "l0", 7),
        ValueReference("dz_f", 3, "l0", 1),
    ):
        view.ask(ref)
        styles = TextStyles()
        for width in (250, 285, 400):
            placed = lay_out(view.page.content, width, LIGHT, styles)
            advances = {id(style.font): style.advance for style in vars(styles).values()}
            assert all(run.at.x() + advances[id(run.font)](run.text) <= width - MARGIN + 1 for run in placed.runs)
            assert all(link.rect.right() <= width and link.rect.bottom() <= placed.height for link in placed.links)
            rects = [link.rect for link in placed.links]
            assert not any(a.intersects(b) for k, a in enumerate(rects) for b in rects[:k])


def test_formulas_are_broken_after_their_operators(qapp: object) -> None:
    style = TextStyles().formula
    text = "c[3] = f[3] × c[2] + i[3] × g[3]"
    assert wrapped(text, style, 1000, formula=True) == [text]
    assert wrapped(text, style, style.advance("c[3] = f[3] × c[2] + i["), formula=True) == [
        "c[3] = f[3] × c[2] +",
        "i[3] × g[3]",
    ]
    slope = "dz_f[3] = dc[3] × c[2] × f × (1 − f)"
    assert wrapped(slope, style, style.advance(slope) - 1, formula=True)[-1] == "dc[3] × c[2] × f × (1 − f)"


def test_an_empty_page_has_no_links(qapp: object) -> None:
    placed = lay_out(Content(title="x"), 285, LIGHT, TextStyles())
    assert [run.text for run in placed.runs] == ["x"]
    assert placed.links == []


def test_a_card_without_numbers_has_no_line_for_them() -> None:
    run = analyse(company_b())
    card = Card(explain_value(run, ValueReference("x", 1, "l0", 0)))
    assert card.numbers == card.total == ""
    assert "\n\n" not in card.as_text()
