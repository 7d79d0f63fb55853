"""Somebody looks whether a run is healthy, and goes to where it is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QPointF
from PyQt6.QtWidgets import QListWidget

from lstmviz.core.analysis.health import Severity
from lstmviz.gui.panels.debugger.health_panel import HealthPanel
from lstmviz.gui.panels.edits import with_weights
from tests.stories.conftest import Open
from tests.stories.person import CONTROL, KEYS, Person
from tests.stories.test_debugger_stopping import add_breakpoint


def open_health(person: Person) -> HealthPanel:
    person.open_fold("health")
    panel = person.find(HealthPanel, "health_panel")
    person.qtbot.waitUntil(lambda: not panel.busy)
    person.settle()
    return panel


def lines(person: Person) -> list[str]:
    rows = person.find(QListWidget, "health_list")
    return [rows.item(row).text() for row in range(rows.count())]  # type: ignore[union-attr]


def click_line(person: Person, words: str) -> str:
    """Click the first finding with these words; the line."""
    rows = person.find(QListWidget, "health_list")
    number = next(row for row, line in enumerate(lines(person)) if words in line)
    item = rows.item(number)
    assert item is not None
    rows.scrollToItem(item)
    person.settle()
    person.click(rows.viewport(), QPointF(rows.visualItemRect(item).center()))
    return item.text()


def test_the_worked_example_is_healthy(person: Person) -> None:
    panel = open_health(person)
    assert all(finding.severity in (Severity.HEALTHY, Severity.NOTE) for finding in panel.findings)
    assert person.reads("health_summary")


def test_an_exploding_loop_is_found_and_a_click_goes_there(open_window: Open) -> None:
    person = open_window("feedback-loop")
    person.write_number("control_recurrent_scale_box", "1.5")
    person.leave_field()
    person.press(KEYS.Key_3)
    open_health(person)
    line = click_line(person, "grows")
    place = next(f.place for f in person.find(HealthPanel, "health_panel").findings if f.sentence in line)
    assert place is not None
    cursor = person.window.session.cursor
    assert (cursor.t, cursor.unit, cursor.backward) == (place.t, place.unit, place.backward)
    assert f"→ step {place.t}" in line


def test_a_finding_is_gone_to_after_a_breakpoint_was_added_too(open_window: Open) -> None:
    """A breakpoint makes another run with the very same numbers."""
    person = open_window("feedback-loop")
    person.write_number("control_recurrent_scale_box", "1.5")
    person.leave_field()
    panel = open_health(person)
    place = next(finding.place for finding in panel.findings if finding.place)
    add_breakpoint(person, "t == 3")
    away = replace(person.window.session.cursor, t=30)
    person.window.session.seek(away)
    click_line(person, next(finding.sentence for finding in panel.findings if finding.place is place))
    assert person.window.session.cursor.t == place.t


@pytest.fixture
def broken(open_window: Open) -> Person:
    """Somebody whose weights are so large that numbers overflow."""
    person = open_window("letters")
    experiment = person.window.session.experiment
    signs = enumerate(np.random.default_rng(5).choice([-1.7e308, 1.7e308], 32 * 8))
    huge = tuple(("weight_hh_l0", divmod(number, 8), float(weight)) for number, weight in signs)
    person.window.session.apply("huge weights", with_weights(experiment, huge))
    return person


def test_numbers_that_are_not_finite_are_found_at_their_first_place(broken: Person) -> None:
    assert not np.isfinite(broken.run.trace.y).all()
    panel = open_health(broken)
    worst = panel.findings[0]
    assert worst.severity is Severity.BROKEN
    assert lines(broken)[0].startswith("Broken. ")
    assert worst.place is not None
    click_line(broken, worst.sentence)
    cursor = broken.window.session.cursor
    assert (cursor.t, cursor.backward) == (worst.place.t, worst.place.backward)
    for view in ("gradients", "memory", "table", "unrolled", "paths"):
        broken.window.tabs.setCurrentWidget(broken.window.tabs.view(view))
        assert all(not picture.isNull() for picture in broken.pictures()), view
    broken.press(KEYS.Key_Escape)
    broken.press(KEYS.Key_Z, CONTROL)
    broken.qtbot.waitUntil(lambda: not panel.busy)
    assert all(finding.severity is not Severity.BROKEN for finding in panel.findings)


def test_the_list_is_used_with_the_keyboard(broken: Person) -> None:
    panel = open_health(broken)
    rows = broken.find(QListWidget, "health_list")
    rows.setFocus()
    broken.press(KEYS.Key_Home)
    broken.press(KEYS.Key_Return)
    assert panel.findings[0].place is not None
    assert broken.window.session.cursor.t == panel.findings[0].place.t
    broken.press(KEYS.Key_Escape)
    broken.press(KEYS.Key_End)
    assert broken.at[0] in (1, broken.run.length)
