"""Somebody changes something inside the network and looks at what differs."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtWidgets import QAbstractSpinBox, QComboBox, QLabel, QListWidget

from lstmviz.core.arrays import Array
from lstmviz.core.run import Run
from lstmviz.gui.panels.debugger.what_if_kinds import KINDS
from tests.stories.conftest import Open
from tests.stories.person import CONTROL, KEYS, SHIFT, Person

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # what the off-screen one says of every menu


@pytest.fixture
def letters(open_window: Open) -> Person:
    """Somebody before the What-if form, at the end of step 4 of eleven letters, unit 2."""
    person = open_window("letters")
    person.press(KEYS.Key_End)
    person.press(KEYS.Key_Left, SHIFT, times=7)
    person.press(KEYS.Key_Up, times=8)
    person.press(KEYS.Key_Down, times=2)
    person.open_fold("what_if")
    return person


def fill(person: Person, kind: str, **answers: str | float) -> None:
    """Choose a kind of what-if and answer its questions, all with the keyboard."""
    person.choose("what_if_kind", kind)
    person.press(KEYS.Key_Return)
    person.settle()
    for name, answer in answers.items():
        if isinstance(answer, str):
            person.choose(f"what_if_{name}", answer)
        else:
            person.write_number(f"what_if_{name}", str(answer))


def try_it(person: Person, kind: str, **answers: str | float) -> None:
    fill(person, kind, **answers)
    person.click_button("what_if_add")
    person.press(KEYS.Key_Escape)
    person.settle()


def listed(person: Person) -> list[str]:
    rows = person.find(QListWidget, "what_ifs")
    return [rows.item(row).text() for row in range(rows.count())]  # type: ignore[union-attr]


def tick(person: Person, row: int) -> None:
    """Click the check box of a what-if."""
    rows = person.find(QListWidget, "what_ifs")
    person.bring_into_sight(rows)
    rect = rows.visualItemRect(rows.item(row))
    person.click(rows.viewport(), QPointF(rect.left() + 8, rect.center().y()))
    person.settle()


def names_of(run: Run) -> tuple[str, ...]:
    return tuple(name for name in ("f", "i", "g", "o", "c", "h") if hasattr(run.trace["l0"], name))


def test_a_forget_gate_held_open_over_some_steps(letters: Person) -> None:
    before = letters.run
    pictures = letters.pictures()
    try_it(letters, "Clamp a gate or a state", symbol="f  forget gate", unit=2, first=3, last=8, value=1)
    words = "clamp f[2] = 1, steps 3-8"
    assert listed(letters) == [words]
    assert letters.window.undo_action.text() == f"Undo {words}"
    layer, gradients = letters.run.trace["l0"], letters.run.gradients["l0"]
    assert (layer.f[2:8, 0, 2] == 1).all()
    assert (gradients.z_f[2:8, 0, 2] == 0).all()
    assert (gradients.z_f[[1, 8, 9], 0, 2] != 0).all()  # c[0] is 0, and the last step has no target
    for name in names_of(before):
        old, new = getattr(before.trace["l0"], name), getattr(layer, name)
        assert new[:2].tobytes() == old[:2].tobytes(), name
    assert layer.c[2:].tobytes() != before.trace["l0"].c[2:].tobytes()

    # the run before stays in sight: in the views, in the status line, in the inspector
    assert letters.run.before is not None
    assert letters.run.before.trace["l0"].c.tobytes() == before.trace["l0"].c.tobytes()
    assert f"(before {before.main.loss:.3f})" in letters.reads("loss")
    assert all(new != old for new, old in zip(letters.pictures(), pictures, strict=True))

    # the tick takes it away and brings it back, bit by bit
    held = layer.c.tobytes()
    tick(letters, 0)
    assert letters.window.undo_action.text() == f"Undo switch off: {words}"
    assert letters.run.trace["l0"].c.tobytes() == before.trace["l0"].c.tobytes()
    assert letters.run.before is None
    assert "before" not in letters.reads("loss")
    tick(letters, 0)
    assert letters.run.trace["l0"].c.tobytes() == held
    for _ in range(3):
        letters.press(KEYS.Key_Z, CONTROL)
    assert letters.run.experiment.what_ifs == ()
    assert letters.window.redo_action.text() == f"Redo {words}"


@pytest.mark.parametrize("kind", [kind.words for kind in KINDS])
def test_every_kind_as_it_is_offered_says_its_name_can_be_undone_and_made_again(letters: Person, kind: str) -> None:
    before = letters.run
    try_it(letters, kind)
    assert not letters.reads("what_if_error")
    (words,) = listed(letters)
    assert letters.window.undo_action.text() == f"Undo {words}"
    assert letters.run.before is not None
    assert all(not picture.isNull() for picture in letters.pictures())
    after = letters.run.trace["l0"].h.tobytes()
    letters.press(KEYS.Key_Z, CONTROL)
    assert letters.run.trace["l0"].h.tobytes() == before.trace["l0"].h.tobytes()
    assert not letters.find(QListWidget, "what_ifs").isVisible()
    letters.press(KEYS.Key_Z, CONTROL | SHIFT)
    assert letters.run.trace["l0"].h.tobytes() == after


def weights_hh(run: Run) -> Array:
    return run.network.state_dict()["weight_hh_l0"]


Claim = Callable[[Run, Run], bool]


@pytest.mark.parametrize(
    ("kind", "answers", "first", "claim"),
    [
        ("Silence a unit", {"unit": 2}, 1, lambda run, _: bool((run.trace["l0"].h[:, 0, 2] == 0).all())),
        ("Change an input", {"t": 7, "feature": "o"}, 7, lambda run, _: run.sequence.labels[6] == "o"),
        ("Swap two steps", {"t": 5, "other": 8}, 5, lambda run, _: run.sequence.labels[4] == "e"),
        ("Insert a step", {"t": 7, "feature": "e"}, 7, lambda run, _: run.length == 12),
        ("Delete a step", {"t": 7}, 7, lambda run, _: run.length == 10),
        (
            "Scale weights",
            {"name": "weight_hh_l0", "gate": "rows of o", "factor": 3},
            1,
            lambda run, old: bool((weights_hh(run)[24:] == 3 * weights_hh(old)[24:]).all()),
        ),
        ("Switch a part off", {}, 1, lambda run, _: bool((run.trace["l0"].f == 1).all())),
        (
            "Build memory blocks",
            {"size": 4},
            1,
            lambda run, _: bool((run.trace["l0"].f[:, 0, :4] == run.trace["l0"].f[:, 0, :1]).all()),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)  # fmt: skip
def test_what_is_changed_is_what_was_asked_for_and_nothing_before_it(
    letters: Person, kind: str, answers: dict[str, str | float], first: int, claim: Claim
) -> None:
    old = letters.run
    try_it(letters, kind, **answers)
    assert claim(letters.run, old)
    for name in names_of(old):
        before, now = getattr(old.trace["l0"], name), getattr(letters.run.trace["l0"], name)
        assert now[: first - 1].tobytes() == before[: first - 1].tobytes(), name
    assert letters.run.main.loss != old.main.loss


def test_several_at_once_in_their_order_and_one_deleted(letters: Person) -> None:
    try_it(letters, "Delete a step", t=11)
    try_it(letters, "Silence a unit", unit=1)
    try_it(letters, "Silence a unit", unit=6)
    assert listed(letters) == ["delete step 11", "silence unit 1", "silence unit 6"]
    rows = letters.find(QListWidget, "what_ifs")
    letters.click(rows.viewport(), QPointF(60, rows.visualItemRect(rows.item(1)).center().y()))
    letters.click_button("what_if_delete")
    assert listed(letters) == ["delete step 11", "silence unit 6"]
    assert letters.window.undo_action.text() == "Undo delete silence unit 1"
    assert (letters.run.trace["l0"].h[:, 0, 6] == 0).all()
    assert (letters.run.trace["l0"].h[:, 0, 1] != 0).all()


# What no longer fits


def test_a_sequence_too_short_for_a_what_if_is_refused_with_its_name_and_the_remedy(letters: Person) -> None:
    try_it(letters, "Clamp a gate or a state", symbol="f  forget gate", unit=2, first=3, last=8, value=1)
    experiment = letters.window.session.experiment
    message = letters.write_wrong_sequence("he")
    assert "The what-if “clamp f[2] = 1, steps 3-8” does not fit" in message
    assert "Or switch this what-if off" in message
    assert "clamp f[2] = 1, steps 3-8" in letters.reads("error_what")
    assert letters.window.session.experiment is experiment
    assert letters.editor.toPlainText() == "he"

    # the remedy: what was typed is tried again, without a further key
    letters.leave_field()
    tick(letters, 0)
    letters.qtbot.waitUntil(lambda: letters.run.length == 2)
    assert letters.editor.toPlainText() == "he"
    assert not letters.reads("sequence_error")
    assert not letters.reads("error_what")
    assert not letters.run.experiment.what_ifs[0].enabled
    letters.press(KEYS.Key_Z, CONTROL)
    assert letters.run.length == 11


def test_a_smaller_network_than_a_what_if_needs(letters: Person) -> None:
    try_it(letters, "Silence a unit", unit=7)
    experiment = letters.window.session.experiment
    letters.write_number("hidden_size", "2")
    assert "The what-if “silence unit 7” does not fit" in letters.reads("network_error")
    assert letters.window.session.experiment is experiment
    letters.leave_field()
    rows = letters.find(QListWidget, "what_ifs")
    letters.click(rows.viewport(), QPointF(60, rows.visualItemRect(rows.item(0)).center().y()))
    letters.press(KEYS.Key_Delete)
    letters.write_number("hidden_size", "2")
    assert not letters.reads("network_error")
    assert letters.run.network.hidden_size == 2


def test_one_switched_off_that_no_longer_fits_says_so_when_it_is_switched_on(letters: Person) -> None:
    try_it(letters, "Swap two steps", t=9, other=10)
    tick(letters, 0)
    letters.write_sequence("hello")
    letters.leave_field()
    tick(letters, 0)
    assert "“swap steps 9 and 10”" in letters.reads("what_if_error")
    rows = letters.find(QListWidget, "what_ifs")
    assert rows.item(0).checkState() is Qt.CheckState.Unchecked
    assert letters.run.length == 5


def test_an_example_takes_them_away_and_undo_brings_them_back(letters: Person) -> None:
    try_it(letters, "Silence a unit", unit=7)
    mine = letters.window.session.experiment
    letters.choose_in_menu("File", "Examples", "Company A")
    assert not letters.find(QListWidget, "what_ifs").isVisible()
    assert letters.find(QLabel, "what_if_note").isVisible()
    assert letters.find(QAbstractSpinBox, "what_if_unit").maximum() == 0
    letters.press(KEYS.Key_Escape)
    letters.press(KEYS.Key_Z, CONTROL)
    assert letters.window.session.experiment == mine
    assert listed(letters) == ["silence unit 7"]


def test_the_form_of_a_vanilla_rnn_offers_what_it_has(letters: Person) -> None:
    fill(letters, "Switch a part off")
    letters.window.open_example("feedback-loop")
    kinds = letters.find(QComboBox, "what_if_kind")
    assert "Switch a part off" not in [kinds.itemText(row) for row in range(kinds.count())]
    try_it(letters, "Clamp a gate or a state", first=2, last=2, value=0.5)
    assert listed(letters) == ["set h[0] = 0.5, step 2"]
    assert letters.run.trace["l0"].h[1, 0, 0] == 0.5


# Undo


def test_a_thousand_changes_are_taken_back_and_made_again(person: Person) -> None:
    """Breakpoints, watches, what-ifs and notes, as the panels make them; the undo key every time."""
    from lstmviz.gui.panels.debugger import annotations

    session = person.window.session
    states = [session.experiment]
    for number in range(1000):
        condition = f"t == {number % 40}"
        if number % 2:
            row = [each.condition for each in session.wanted.breakpoints].index(f"t == {(number - 1) % 40}")
            edit = annotations.enable_breakpoint(session.wanted, row, number % 4 == 1)
            if edit.experiment == session.wanted:
                edit = annotations.delete_breakpoint(session.wanted, row)
        else:
            edit = annotations.add_breakpoint(session.wanted, condition)
            if edit.experiment == session.wanted:
                edit = annotations.make_log_point(session.wanted, 0, not session.wanted.breakpoints[0].logs)
        session.apply(edit.name, edit.experiment)
        states.append(session.experiment)
    assert len(states) == 1001
    assert all(before != after for before, after in pairwise(states))
    for state in reversed(states[:-1]):
        person.press(KEYS.Key_Z, CONTROL)
        assert session.experiment is state
    assert not person.window.undo_action.isEnabled()
    assert person.window.undo_action.text() == "Undo"
    person.press(KEYS.Key_Z, CONTROL | SHIFT, times=1000)
    assert session.experiment is states[-1]
    assert not person.window.redo_action.isEnabled()
