"""What stands there when the window opens."""

from __future__ import annotations

from PyQt6.QtGui import QAction, QImage
from PyQt6.QtWidgets import QComboBox

from lstmviz.core.cursor import Stage
from lstmviz.gui.style import LIGHT
from tests.stories.person import CONTROL, KEYS, Person


def colours(picture: QImage) -> int:
    """How many colours a picture has, looked at on a grid."""
    return len({picture.pixel(x, y) for x in range(0, picture.width(), 3) for y in range(0, picture.height(), 3)})


def test_opens_on_a_worked_example_that_is_already_running(written: list[str], person: Person) -> None:
    window = person.window
    assert window.windowTitle() == "Company B, the worked example[*]"
    assert person.at == (3, Stage.CELL)
    assert person.reads("sentence") == (
        "The forget gate kept 97.5 % of the old memory; the input gate added +0.590. The memory now holds 1.481."
    )
    assert person.reads("loss") == "L = 9.37×10⁻⁴   vanilla RNN: L = 0.055"
    assert person.reads("step_label") == "step 3 of 4"
    assert person.reads("network_summary") == "LSTM · 1 layer · 1 unit · 12 weights"
    assert person.editor.toPlainText() == "1, 0.5, 0.25, 1"
    assert person.find(QComboBox, "example_choice").currentText() == window.session.experiment.title
    assert {"0.914", "1.481", "0.975"} <= set(written)
    assert "1.480604" in window.inspector_view.summary()
    assert "the forget gate of unit 0 is 0.975" in window.timeline_view.summary()


def test_every_view_has_the_run_and_draws_it(person: Person) -> None:
    window = person.window
    for tab in range(window.tabs.count()):
        window.tabs.setCurrentIndex(tab)
        for view in (each for each in window.views if each.isVisible()):
            assert view.run is window.session.run, view
            assert view.cursor_at == window.session.cursor, view
            assert view.summary(), view
            assert colours(view.grab().toImage()) > 5, view
    assert all(view.run for view in window.views)


def test_nothing_can_be_undone_or_redone_yet(person: Person) -> None:
    before = person.run
    assert not person.window.undo_action.isEnabled()
    assert not person.window.redo_action.isEnabled()
    person.press(KEYS.Key_Z, CONTROL)
    person.press(KEYS.Key_Y, CONTROL)
    assert person.run is before


def test_the_keys_work_at_once_without_a_click(person: Person) -> None:
    person.press(KEYS.Key_Right)
    assert person.at == (3, Stage.OUTPUT)


def test_the_two_themes_look_different_and_every_part_follows(calm: Person) -> None:
    window = calm.window
    light = calm.pictures()
    dark_choice = next(each for each in window.findChildren(QAction) if each.text() == "&Dark")
    dark_choice.trigger()
    dark = calm.pictures()
    for before, after in zip(light, dark, strict=True):
        assert before != after
        assert after.pixelColor(1, 1).lightness() < 80 < before.pixelColor(1, 1).lightness()
    assert all(view.theme.dark for view in window.views)
    next(each for each in window.findChildren(QAction) if each.text() == "&Light").trigger()
    assert window.theme is LIGHT
    assert calm.pictures() == light
