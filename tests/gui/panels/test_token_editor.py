"""Typing tokens in the sequence section: the table, mistakes, unknown words, finding a token, files, other kinds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QMimeData, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QPlainTextEdit

from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.sequence import Sequence, SequenceKind
from lstmviz.core.experiments.token_table import TokenTable
from lstmviz.gui.panels.experiment_panel import ExperimentPanel
from lstmviz.gui.panels.sequence_editor import SequenceSection
from lstmviz.gui.panels.token_part import MOST_LISTED, TokenPart, found_tokens, table_in_words
from tests.tokens import TEXT, WORDS, embedding, next_word, words

Make = Callable[[Experiment], ExperimentPanel]


@pytest.fixture
def panel(make_panel: Make) -> ExperimentPanel:
    """A panel on a network that reads words."""
    return make_panel(next_word())


def section_of(panel: ExperimentPanel) -> SequenceSection:
    return panel.sequence_section


def tokens_of(panel: ExperimentPanel) -> TokenPart:
    return panel.sequence_section.token_part


def editor_of(panel: ExperimentPanel) -> QPlainTextEdit:
    return panel.sequence_section.field.editor


def sequence_of(panel: ExperimentPanel) -> Sequence:
    return panel.session.experiment.sequence


def retype(panel: ExperimentPanel, text: str) -> None:
    editor_of(panel).selectAll()
    editor_of(panel).insertPlainText(text)
    section_of(panel).field.flush()


def test_the_table_stands_below_the_tokens(panel: ExperimentPanel) -> None:
    assert editor_of(panel).toPlainText() == TEXT
    assert section_of(panel).size_line.text() == "6 steps × 3 features"
    assert tokens_of(panel).isVisible()
    assert tokens_of(panel).line.text() == (
        "9 tokens of “emb”, a row of 3 numbers each: <unk> . the cat sat on mat New␣York dog"
    )
    assert not section_of(panel).vocabulary_line.isVisible()


def test_typed_tokens_are_read_with_the_models_own_table_and_its_weights_stay(panel: ExperimentPanel) -> None:
    network, table = panel.session.run.network, sequence_of(panel).table
    retype(panel, "the dog sat")
    sequence = sequence_of(panel)
    np.testing.assert_array_equal(sequence.values, embedding()[[2, 8, 4]])
    assert sequence.table is table
    assert panel.session.run.network == network
    assert panel.session.experiment.objective.next_input
    assert section_of(panel).note_line.text() == ""
    panel.session.undo()
    assert editor_of(panel).toPlainText() == TEXT
    assert sequence_of(panel).table is table


def test_more_features_than_tokens_need_no_wider_head(make_panel: Make) -> None:
    panel = make_panel(next_word(table=words(width=20)))
    network = panel.session.run.network
    retype(panel, "the dog")
    assert panel.session.run.network == network


def test_a_wrong_token_is_marked_and_what_was_meant_is_named(panel: ExperimentPanel) -> None:
    run = panel.session.run
    retype(panel, "the hat sat")
    assert editor_of(panel).marked_text == "hat"
    assert "“hat” is not among the 9 tokens" in section_of(panel).error_line.text()
    assert panel.session.run is run
    retype(panel, "the cat sat")
    assert section_of(panel).error_line.text() == ""
    assert sequence_of(panel).labels == ("the", "cat", "sat")


def test_unknown_words_are_read_as_such_when_that_is_ticked_and_undo_takes_the_tick_away(
    panel: ExperimentPanel,
) -> None:
    unknown = tokens_of(panel).unknown
    assert unknown.text() == "read unknown words as <unk>"
    retype(panel, "the zebra")
    assert section_of(panel).error_line.text()
    unknown.click()
    assert section_of(panel).error_line.text() == ""
    assert sequence_of(panel).labels == ("the", "<unk>")
    retype(panel, "a zebra sat")
    assert sequence_of(panel).numbers == (0, 0, 4)
    panel.session.undo()
    panel.session.undo()
    assert sequence_of(panel).source == TEXT
    assert not unknown.isChecked()
    assert tokens_of(panel).table is sequence_of(panel).table


def test_without_a_token_for_unknown_words_there_is_no_tick(make_panel: Make) -> None:
    assert tokens_of(make_panel(next_word("cat mat", words(("cat", "mat"))))).unknown.isHidden()


def test_a_token_is_found_and_put_at_the_caret(panel: ExperimentPanel) -> None:
    part = tokens_of(panel)
    assert not part.search.isVisible()
    part.find_button.click()
    assert part.found.count() == 9
    QTest.keyClicks(part.search, "o")
    shown = [part.found.item(row).text().split() for row in range(part.found.count())]
    assert shown == [["5", "on"], ["7", "New␣York"], ["8", "dog"]]
    editor = editor_of(panel)
    caret = editor.textCursor()
    caret.setPosition(3)
    editor.setTextCursor(caret)
    part.found.itemActivated.emit(part.found.item(1))
    section_of(panel).field.flush()
    assert editor.toPlainText() == "the #7 cat sat on the mat"
    assert sequence_of(panel).labels[1] == "New␣York"
    QTest.keyClick(part.search, Qt.Key.Key_Return)
    section_of(panel).field.flush()
    assert editor.toPlainText() == "the #7 on cat sat on the mat"
    part.search.setText("zebra")
    assert part.found.item(0).text() == "no such token"
    QTest.keyClick(part.search, Qt.Key.Key_Return)
    assert editor.toPlainText() == "the #7 on cat sat on the mat"


def test_of_many_tokens_the_first_are_listed() -> None:
    table = TokenTable(tuple(f"w{number}" for number in range(1000)), embedding(1000), "emb")
    assert found_tokens("", table) == list(range(MOST_LISTED))
    assert found_tokens("99", table)[:3] == [99, 199, 299]
    assert found_tokens("w99", table) == [99, *range(990, 1000)]
    assert table_in_words(table).endswith("w14 w15 …")


def test_tokens_that_nobody_knows_are_typed_by_their_numbers(make_panel: Make) -> None:
    panel = make_panel(next_word("2 3 4", TokenTable((), embedding(), "emb")))
    assert tokens_of(panel).line.text() == "9 tokens of “emb”, a row of 3 numbers each, by their numbers 0 to 8"
    assert not tokens_of(panel).find_button.isVisible()
    retype(panel, "8, 7")
    assert sequence_of(panel).numbers == (8, 7)
    retype(panel, "8, 9")
    assert editor_of(panel).marked_text == "9"


def test_one_hot_tokens_are_typed_in_the_same_way(make_panel: Make) -> None:
    panel = make_panel(next_word(table=TokenTable(WORDS)))
    retype(panel, "dog mat")
    assert sequence_of(panel).values.argmax(1).tolist() == [8, 6]
    assert tokens_of(panel).line.text().startswith("9 tokens, a single 1 each: <unk>")


def test_tokens_are_offered_only_where_there_is_a_table_that_fits(panel: ExperimentPanel, make_panel: Make) -> None:
    section = section_of(panel)
    button = section._modes[SequenceKind.TOKENS]
    assert button.isChecked()
    section._modes[SequenceKind.NUMBERS].click()
    assert not tokens_of(panel).isVisible()
    assert not button.isVisible()  # numbers of one feature need other weights
    panel.session.undo()
    assert button.isVisible()
    assert button.isChecked()
    retype(panel, "1 oops")
    assert tokens_of(panel).isVisible()


def test_numbers_of_the_same_width_leave_the_way_back_to_the_tokens(panel: ExperimentPanel) -> None:
    section = section_of(panel)
    network = panel.session.run.network
    section._texts[SequenceKind.NUMBERS] = "1, 2, 3\n4, 5, 6"
    section._modes[SequenceKind.NUMBERS].click()
    assert sequence_of(panel).kind is SequenceKind.NUMBERS
    assert panel.session.run.network == network
    section._modes[SequenceKind.TOKENS].click()
    assert sequence_of(panel).source == TEXT
    assert sequence_of(panel).table is not None


def test_a_network_that_reads_numbers_has_no_tokens(make_panel: Make, examples: dict[str, Experiment]) -> None:
    panel = make_panel(examples["letters"])
    assert not section_of(panel)._modes[SequenceKind.TOKENS].isVisible()
    assert not tokens_of(panel).isVisible()


def test_the_tokens_of_a_text_file_are_read(panel: ExperimentPanel, tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("the dog\nsat on the mat .\n", encoding="utf-8")
    section_of(panel).open_file(path)
    assert sequence_of(panel).numbers == (2, 8, 4, 5, 2, 6, 1)
    assert panel.session.undo_name == "read text.txt"
    path.write_text("the dog chased", encoding="utf-8")
    section_of(panel).open_file(path)
    assert editor_of(panel).marked_text == "chased"
    path.write_bytes(b"\x80\x81\xff\0")
    section_of(panel).open_file(path)
    assert "text.txt" in section_of(panel).error_line.text()
    assert sequence_of(panel).length == 7


def test_a_huge_text_is_a_card(panel: ExperimentPanel) -> None:
    pasted = QMimeData()
    pasted.setText("the cat " * 20_000)
    editor_of(panel).insertFromMimeData(pasted)
    assert section_of(panel).field._summary.text() == "40,000 tokens pasted"
