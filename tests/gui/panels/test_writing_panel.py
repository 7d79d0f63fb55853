"""Suggestions and writing come from the network."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.training.generation import suggestions
from lstmviz.gui.panels.training.writing_panel import WRITTEN, WritingPanel

VOCABULARY = tuple(" abcdehs")
NETWORK = Network.create(Cell.LSTM, 8, 4, output_size=8, seed=1)
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(qtbot: QtBot) -> WritingPanel:
    made = WritingPanel()
    qtbot.addWidget(made)
    made.show()
    made.show_network(NETWORK, VOCABULARY)
    return made


def test_suggestions_are_the_likeliest_with_their_probabilities(qtbot: QtBot, panel: WritingPanel) -> None:
    panel.text.clear()
    qtbot.keyClicks(panel.text, "abc")
    expected = suggestions(NETWORK, VOCABULARY, "abc", top_k=5)
    shown = [button.text() for button in panel.suggestions]
    assert shown == [
        f"{'␣' if each.character == ' ' else each.character}  {100 * each.probability:.1f} %" for each in expected
    ]
    qtbot.mouseClick(panel.suggestions[1], LEFT)
    assert panel.text.text() == "abc" + expected[1].character


def test_at_temperature_zero_the_likeliest_is_written(qtbot: QtBot, panel: WritingPanel) -> None:
    panel.temperature.setValue(0)
    panel.text.setText("ab")
    best = suggestions(NETWORK, VOCABULARY, "ab")[0].character
    qtbot.mouseClick(panel.one_button, LEFT)
    assert panel.text.text() == "ab" + best
    had = suggestions(NETWORK, VOCABULARY, "ab")[0].probability
    assert panel.why.text() == f"“{best}” was the likeliest; it had {100 * had:.1f} %."
    qtbot.mouseClick(panel.many_button, LEFT)
    assert len(panel.text.text()) == 3 + WRITTEN


def test_unknown_character_is_said_and_known_again_afterwards(qtbot: QtBot, panel: WritingPanel) -> None:
    panel.text.clear()
    qtbot.keyClicks(panel.text, "z")
    assert "never seen “z”" in panel.error_line.text()
    assert not any(button.isVisible() for button in panel.suggestions)
    panel.text.clear()
    qtbot.keyClicks(panel.text, "a")
    assert panel.error_line.isHidden()


def test_text_goes_to_the_debugger(qtbot: QtBot, panel: WritingPanel) -> None:
    panel.text.setText("abba")
    with qtbot.waitSignal(panel.debug_asked) as asked:
        qtbot.mouseClick(panel.debug_button, LEFT)
    assert asked.args == ["abba", 4]
