"""A trained model with an embedding: opened with its vocabulary, tokens typed, probabilities seen, saved and opened."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QPointF
from PyQt6.QtWidgets import QCheckBox, QLabel

from lstmviz.core.cursor import Stage
from lstmviz.core.engine.passes import forward
from lstmviz.gui.panels.model_import.model_dialog import ModelDialog
from lstmviz.gui.views.inspector.output_bars import OutputBars
from lstmviz.io.models.reading import read_model
from lstmviz.io.sessions import load_session
from tests.stories.person import CONTROL, KEYS, SHIFT, Person

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # what the off-screen one says of every menu

FIXTURES = Path(__file__).parents[1] / "io" / "models" / "fixtures"
WORDS = ["<unk>", "the", "cat", "sat", "on", "mat"]


def open_model(person: Person, name: str, folder: Path) -> ModelDialog:
    """File, Open a trained model: choose the file, then its vocabulary, and click Open."""
    vocabulary = folder / "words.json"
    vocabulary.write_text(json.dumps(WORDS), encoding="utf-8")
    models = person.window.files.models
    models._choose = lambda *_: str(FIXTURES / name)
    models._choose_vocabulary = lambda *_: str(vocabulary)
    person.choose_in_menu("File", "Open a trained model")
    dialog = models.dialog
    assert dialog is not None
    person.qtbot.waitUntil(lambda: dialog.reading_box.count() > 0, timeout=30_000)
    person.click(dialog.vocabulary_button, QPointF(8, 8))
    person.qtbot.waitUntil(lambda: "words.json, 6 tokens" in dialog.vocabulary_label.text())
    assert dialog.reading_box.currentText() == "the text “the cat sat on the mat”"
    with person.qtbot.waitSignal(person.window.session.run_changed):
        person.click(dialog.open_button, QPointF(8, 8))
    person.activate()
    return dialog


def by_hand(name: str, text: str) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the embedding of the typed words, and the softmax of what the head makes of them, [T, O]."""
    candidate = read_model(FIXTURES / name).candidate()
    assert candidate.embedding is not None
    assert candidate.network is not None
    x = candidate.embedding.weight[[WORDS.index(word) for word in text.split()]]
    y = forward(candidate.network, x).y[:, 0]
    return x, np.exp(y) / np.exp(y).sum(1, keepdims=True)


def bars_of(person: Person) -> OutputBars:
    return person.find(OutputBars, "output_bars")


def see_end_of_step(person: Person) -> None:
    """Walk to the last stage of the step."""
    for _ in range(10):
        if person.at[1] is not Stage.HIDDEN:
            assert not bars_of(person).known
            person.press(KEYS.Key_Right)


def test_tokens_go_in_and_probabilities_come_out(person: Person, tmp_path: Path) -> None:
    open_model(person, "checkpoint.pt", tmp_path)
    network = person.run.network
    assert person.editor.toPlainText() == "the cat sat on the mat"
    assert "6 tokens of “embedding”, a row of 3 numbers each: <unk> the cat" in person.reads("token_table_line")
    text = "the mat sat on the cat"
    person.write_sequence(text)
    x, p = by_hand("checkpoint.pt", text)
    np.testing.assert_array_equal(person.run.trace.x[:, 0], x)
    assert person.run.network == network
    person.leave_field()
    person.press(KEYS.Key_Home)
    person.press(KEYS.Key_Right, SHIFT, times=2)
    see_end_of_step(person)
    t = person.at[0]
    assert t == 3
    bars = bars_of(person)
    assert bars.known
    assert bars.shown[0].name == WORDS[int(p[t - 1].argmax())]
    for each in bars.shown:
        assert each.probability == pytest.approx(p[t - 1, WORDS.index(each.name)], rel=1e-12)
    assert person.run.main.loss == pytest.approx(
        -sum(np.log(p[step, WORDS.index(word)]) for step, word in enumerate(text.split()[1:])), rel=1e-12
    )


def test_a_wrong_token_is_told_until_unknown_words_may_be_read(person: Person, tmp_path: Path) -> None:
    open_model(person, "checkpoint.pt", tmp_path)
    run = person.run
    assert "“hat” is not among the 6 tokens" in person.write_wrong_sequence("the hat")
    assert person.editor.marked_text == "hat"  # type: ignore[attr-defined]
    assert person.run is run
    box = person.find(QCheckBox, "token_unknown")
    person.bring_into_sight(box)
    with person.qtbot.waitSignal(person.window.session.run_changed):
        person.click(box, QPointF(8, box.height() / 2))
    assert person.run.sequence.labels == ("the", "<unk>")
    assert not person.find(QLabel, "sequence_error").isVisible()


def test_undo_save_and_open_again_give_the_same_bits(person: Person, tmp_path: Path) -> None:
    plain = person.window.session.experiment
    open_model(person, "checkpoint.pt", tmp_path)
    opened = person.run.trace.y.tobytes()
    person.write_sequence("the mat sat")
    typed = person.run.trace.y.tobytes()
    person.leave_field()
    person.press(KEYS.Key_Z, CONTROL)
    assert person.editor.toPlainText() == "the cat sat on the mat"
    assert person.run.trace.y.tobytes() == opened
    person.press(KEYS.Key_Y, CONTROL)
    assert person.run.trace.y.tobytes() == typed
    actions = person.window.files.actions
    actions._choose_to_open = actions._choose_to_save = lambda *_: str(tmp_path / "words.lstmviz")
    person.press(KEYS.Key_S, CONTROL)
    saved = person.window.session.experiment
    assert load_session(tmp_path / "words.lstmviz").experiment == saved
    person.choose_in_menu("File", "Examples", "Company A")
    person.press(KEYS.Key_O, CONTROL)
    assert person.editor.toPlainText() == "the mat sat"
    assert person.run.trace.y.tobytes() == typed
    person.write_sequence("the cat")
    assert person.run.sequence.labels == ("the", "cat")
    person.leave_field()
    while person.window.session.undo_name:
        person.press(KEYS.Key_Z, CONTROL)
    assert person.window.session.experiment == plain


def test_a_keras_model_that_chooses_among_classes_shows_their_probabilities(person: Person, tmp_path: Path) -> None:
    open_model(person, "characters.keras", tmp_path)
    network = person.run.network
    person.write_sequence("cat on mat")
    person.leave_field()
    assert not person.window.inspector_view.output.isVisible()  # the file does not say what is asked of the outputs
    person.choose("objective_kind", "cross-entropy")
    person.leave_field()
    assert person.run.network == network
    x, p = by_hand("characters.keras", "cat on mat")
    np.testing.assert_array_equal(person.run.trace.x[:, 0], x)
    bars = bars_of(person)
    assert bars.isVisible()
    t = person.at[0]
    assert {each.name: each.probability for each in bars.shown} == pytest.approx(
        {"0": p[t - 1, 0], "1": p[t - 1, 1]}, rel=1e-12
    )
