"""In a window of 1280 x 800 every word of every tab has the room that it needs, or says by dots that it goes on."""

from __future__ import annotations

import pytest
from PyQt6.QtWidgets import QComboBox, QLabel, QStyle, QStyleOptionComboBox

from tests.stories.conftest import Open
from tests.stories.person import Person

TABS = ("Cell", "Unrolled", "Gradients", "Paths", "Memory", "Training", "Diff", "Table")


@pytest.fixture(params=["company-b", "long-lag"])
def person(request: pytest.FixtureRequest, open_window: Open) -> Person:
    """Somebody with the smallest window that everything is drawn for."""
    person = open_window(request.param)
    person.window.resize(1280, 800)
    person.settle()
    return person


def is_cut(label: QLabel) -> bool:
    """Whether some of the words are missing."""
    if label.wordWrap():
        return label.heightForWidth(label.width()) > label.height()
    return label.sizeHint().width() > label.width() and "…" not in label.text()


def is_choice_cut(choice: QComboBox) -> bool:
    """Whether some of the words that are chosen are missing."""
    option, style = QStyleOptionComboBox(), choice.style()
    choice.initStyleOption(option)
    assert style is not None
    field = QStyle.SubControl.SC_ComboBoxEditField
    room = style.subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, choice)
    return choice.fontMetrics().horizontalAdvance(choice.currentText()) > room.width()


def cut(person: Person) -> list[str]:
    """The words on show that are cut off."""
    labels = [label for label in person.window.findChildren(QLabel) if label.isVisible() and label.text()]
    choices = [choice for choice in person.window.findChildren(QComboBox) if choice.isVisible()]
    return [label.text() for label in labels if is_cut(label)] + [
        choice.currentText() for choice in choices if is_choice_cut(choice)
    ]


@pytest.mark.parametrize("tab", TABS)
def test_no_words_of_a_tab_are_cut(person: Person, tab: str) -> None:
    person.click_tab(tab)
    person.settle()
    assert cut(person) == []


def test_no_words_are_cut_beside_what_is_unfolded(person: Person) -> None:
    person.click_tab("Gradients")
    for button in ("show_parameter_gradients", "show_comparisons"):
        person.click_button(button)
        person.settle()
        assert cut(person) == [], button


def test_no_choice_is_cut_in_the_settings_of_a_network(person: Person) -> None:
    person.click_button("network_more")
    for name in ("initialisation", "baseline_nonlinearity", "baseline_size"):
        choice = person.find(QComboBox, name)
        for entry in range(choice.count()):
            choice.setCurrentIndex(entry)
            assert not is_choice_cut(choice), choice.currentText()


def test_what_is_too_narrow_is_seen_to_be_cut(person: Person) -> None:
    person.click_tab("Training")
    person.find(QComboBox, "training_preset").setFixedWidth(120)
    person.settle()
    assert cut(person) == [person.find(QComboBox, "training_preset").currentText()]
