"""Somebody asks why a number is what it is, and follows it to where it came from."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QToolButton

from lstmviz.core.cursor import Stage
from lstmviz.core.quantity import Quantity
from lstmviz.core.value_reference import ValueReference, is_there, value_of
from lstmviz.gui.views.inspector.link import Link
from tests.stories.conftest import Open
from tests.stories.person import ALT, CONTROL, KEYS, Person
from tests.stories.test_mouse import in_timeline


@pytest.fixture
def letters(open_window: Open) -> Person:
    """Somebody before eight units that read eleven letters, at the last of them."""
    person = open_window("letters")
    person.press(KEYS.Key_End)
    person.pictures()
    return person


def title(person: Person) -> str:
    return person.window.inspector_view.page.content.title


def link_to(person: Person, text: str) -> Link:
    links = person.window.inspector_view.page.shown_links
    return next(link for link in links if link.accessibleName().startswith(f"Why is {text}"))


def follow(person: Person, text: str) -> None:
    """Click a link of the inspector where it stands."""
    link = link_to(person, text)
    person.window.inspector_view.area.ensureWidgetVisible(link)
    person.click(link, QPointF(link.rect().center()))
    person.settle()


def assert_the_terms_add_up(person: Person) -> None:
    for card in person.window.inspector_view.cards:
        found = card.explanation
        assert found.reference is not None
        assert found.value == value_of(person.run, found.reference)
        if found.is_sum:
            assert sum(term.value for term in found.terms) == pytest.approx(found.total, rel=1e-12, abs=1e-12)


def test_from_a_strip_of_the_cell_term_by_term_to_the_step_before_and_back(letters: Person) -> None:
    cell = letters.window.cell_view
    region = next(each for each in cell.regions if each.quantity is Quantity.FORGET_GATE and each.units == (3, 3))
    letters.click(cell, region.rect.center() * cell._to_drawing)
    letters.settle()
    assert title(letters) == "f[11] of unit 3"
    assert f"{letters.run.trace['l0'].f[10, 0, 3]:.3f}" in letters.window.inspector_view.cards[0].heading
    way = ["f[11] of unit 3"]
    for text, there in (("z_f[11]", "z_f[11] of unit 3"), ("h[10][", "h[10] of unit"), ("o[10]", "o[10] of unit")):
        follow(letters, text)
        assert title(letters).startswith(there)
        assert_the_terms_add_up(letters)
        way.append(title(letters))
    assert letters.window.session.cursor.t == 10
    assert letters.reads("step_label") == "step 10 of 11"
    assert letters.window.timeline_view.cursor_at == letters.window.session.cursor

    for back in reversed(way[:-1]):
        letters.press(KEYS.Key_Left, ALT)
        assert title(letters) == back
    assert letters.window.session.cursor.t == 11
    assert not letters.find(QToolButton, "inspector_forward_button").isHidden()
    for forward in way[1:]:
        letters.click(letters.find(QToolButton, "inspector_forward_button"), QPointF(6, 6))
        assert title(letters) == forward
    assert not letters.window.inspector_view.forward_action.isEnabled()


def test_a_pixel_of_the_timeline_is_explained(letters: Person) -> None:
    letters.click(letters.window.timeline_view, in_timeline(letters, 4, row=3, unit=5))
    asked = letters.window.inspector_view.asked
    assert asked is not None
    assert (asked.t, asked.unit) == (4, 5)
    assert_the_terms_add_up(letters)
    letters.press(KEYS.Key_Left, times=1)
    letters.press(KEYS.Key_1)
    assert "[1]" in title(letters)
    letters.click(letters.find(QToolButton, "inspector_follow_button"), QPointF(6, 6))
    assert letters.window.inspector_view.asked is None


def test_every_value_of_a_step_can_be_asked_by_its_links_and_adds_up(letters: Person) -> None:
    """All links that can be reached from the cell state and its gradients, up to 150."""
    view = letters.window.inspector_view
    seen: set[ValueReference] = set()
    waiting = [ValueReference(symbol, 6, "l0", 2) for symbol in ("c", "dc", "dz_f")]
    while waiting and len(seen) < 150:
        reference = waiting.pop(0)
        if reference in seen:
            continue
        seen.add(reference)
        view.ask(reference)
        assert view.asked == reference
        assert_the_terms_add_up(letters)
        waiting += [link.target for link in view.page.shown_links if link.target is not None]
    assert {each.symbol for each in seen} >= {"c", "f", "i", "g", "z_f", "x", "dc", "dh", "dz_f"}
    assert all(is_there(letters.run, each) for each in seen)


def test_a_gradient_is_followed_to_the_loss(person: Person) -> None:
    person.press(KEYS.Key_B)
    person.press(KEYS.Key_Home)
    follow(person, "dy[4]")
    assert person.window.inspector_view.cards[0].formula == "dy[4] = 2 × (y[4] − target)"
    y = person.run.trace.y[3, 0, 0]
    assert person.run.main.dy[3, 0, 0] == pytest.approx(2 * (y - 1), rel=1e-12)


def test_the_value_before_a_what_if_stands_beside_it_and_the_page_follows_the_undo(person: Person) -> None:
    before = person.run.trace["l0"].c[2, 0, 0]
    person.open_fold("what_if")
    person.click_button("what_if_add")  # the cursor's stage is the cell: c[3] is set to what it is
    person.write_number("what_if_value", "2")
    person.press(KEYS.Key_Escape)
    person.press(KEYS.Key_Z, CONTROL)
    person.click_button("what_if_add")
    person.click_tab("Inspector")
    card = person.window.inspector_view.cards[0]
    assert card.heading == "WHY IS c[3] = 2.000 ?"
    assert card.before == f"before the what-ifs: {before:.3f}"
    person.press(KEYS.Key_Z, CONTROL)
    assert person.window.inspector_view.cards[0].before == ""


def test_what_is_asked_and_no_longer_there_is_said(letters: Person) -> None:
    """Eight units become two while unit 5 is looked at."""
    letters.click(letters.window.timeline_view, in_timeline(letters, 4, row=0, unit=5))
    assert title(letters) == "f[4] of unit 5"
    letters.write_number("hidden_size", "2")
    content = letters.window.inspector_view.page.content
    assert letters.window.inspector_view.asked is None
    assert content.trail == "f[4] of unit 5 was asked about; this run has no such value."
    letters.press(KEYS.Key_Escape)
    letters.press(KEYS.Key_Right)
    assert letters.window.inspector_view.page.content.trail == ""


# Who wrote, who erased


def test_w_and_e_go_to_the_steps_that_wrote_and_erased_and_say_so(open_window: Open) -> None:
    person = open_window("letters")
    person.press(KEYS.Key_End)
    layer = person.run.trace["l0"]
    for unit in range(8):
        person.press(KEYS.Key_End)
        person.press(KEYS.Key_Up, times=8)
        person.press(KEYS.Key_Down, times=unit)
        assert person.window.session.cursor.unit == unit
        person.press(KEYS.Key_W)
        wrote, sentence = person.window.session.cursor.t, person.reads("sentence")
        f, i, g = (getattr(layer, name)[:, 0, unit] for name in "fig")
        shares = [abs(i[s] * g[s] * np.prod(f[s + 1 : 11])) / abs(layer.c[10, 0, unit]) for s in range(11)]
        expected = max((s + 1 for s in range(11) if shares[s] >= 0.5), default=None)
        assert wrote == (expected or 11), sentence
        assert sentence
        if expected:
            assert person.at == (expected, Stage.CELL)
            assert f"step {expected}" in sentence
        person.press(KEYS.Key_End)
        person.press(KEYS.Key_E)
        erased = np.flatnonzero(f < 0.1)
        assert person.window.session.cursor.t == (erased[-1] + 1 if len(erased) else 11)
        assert person.reads("sentence")


def test_a_vanilla_rnn_has_no_memory_to_ask_about(open_window: Open) -> None:
    person = open_window("feedback-loop")
    before = person.window.session.cursor
    person.press(KEYS.Key_W)
    person.press(KEYS.Key_E)
    assert person.window.session.cursor == before
    assert not person.menu_entry("Debug", "To the step that wrote").isEnabled()


def test_hovering_a_link_says_where_it_leads(letters: Person) -> None:
    letters.press(KEYS.Key_5)
    unit = letters.window.session.cursor.unit
    link = link_to(letters, "o[5]")
    letters.window.inspector_view.area.ensureWidgetVisible(link)
    QTest.mouseMove(letters.window, letters.window.rect().center())
    QTest.mouseMove(link, link.rect().center())
    assert letters.reads("sentence").startswith(f"o[5] of unit {unit} = {letters.run.trace['l0'].o[4, 0, unit]:.6f}")
    assert letters.reads("sentence").endswith("Click: why is it that?")
    assert link.cursor().shape() is Qt.CursorShape.PointingHandCursor
