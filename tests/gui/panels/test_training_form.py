"""The form of a training says what its fields say."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.training.catalogue import TASKS
from lstmviz.core.training.optimisers import Optimiser
from lstmviz.core.training.presets import PRESETS, TrainingPreset
from lstmviz.core.training.task_words import LENGTHS, SAMPLE_TEXT, SENTENCES, TABLE, TEXT
from lstmviz.core.training.text_task import NextCharacter
from lstmviz.gui.panels.training.training_form import OWN, TrainingForm


@pytest.fixture
def form(qtbot: QtBot) -> TrainingForm:
    made = TrainingForm()
    qtbot.addWidget(made)
    made.show()
    return made


def _choose_task(form: TrainingForm, name: str) -> None:
    form.task_fields.task.setCurrentIndex(form.task_fields.task.findData(name))
    form.task_fields.task.activated.emit(form.task_fields.task.currentIndex())


@pytest.mark.parametrize("number", range(len(PRESETS)), ids=[preset.name for preset in PRESETS])
def test_preset_comes_out_as_it_went_in(form: TrainingForm, number: int) -> None:
    form.preset.setCurrentIndex(number)
    form.preset.activated.emit(number)
    plan, preset = form.plan(), PRESETS[number]
    assert plan.settings == preset.settings
    assert plan.recipe == preset.recipe
    assert (plan.task, plan.baseline, plan.title) == (preset.task, preset.baseline, preset.title)
    assert form.look_for.text() == preset.look_for
    assert form.preset.currentText() == preset.title


def test_every_field_reaches_the_plan(form: TrainingForm) -> None:
    form.task_fields.length.setValue(12)
    form.network_fields.hidden_size.setValue(5)
    form.network_fields.forget_bias.setValue(2.5)
    form.settings_fields.optimiser.setCurrentIndex(1)
    form.settings_fields.rate.setValue(0.02)
    form.settings_fields.clips.setChecked(False)
    form.settings_fields.batch_size.setValue(7)
    form.settings_fields.updates.setValue(9)
    form.settings_fields.seed.setValue(3)
    plan = form.plan()
    assert plan.task == type(PRESETS[0].task)(12)  # type: ignore[call-arg] # the adding problem has a length
    assert (plan.recipe.hidden_size, plan.recipe.forget_bias, plan.recipe.seed) == (5, 2.5, 3)
    settings = plan.settings
    assert (settings.optimizer, settings.lr, settings.clip) == (Optimiser.SGD, 0.02, None)
    assert (settings.batch_size, settings.updates, settings.seed) == (7, 9, 3)
    assert form.preset.currentText() == OWN
    assert form.look_for.isHidden()


def test_every_task_has_a_sentence_a_baseline_and_networks_that_fit(form: TrainingForm) -> None:
    assert set(SENTENCES) == {*TASKS, TEXT, TABLE}
    for name in (*TASKS, TEXT):
        _choose_task(form, name)
        plan = form.plan()
        assert plan.task.name == name
        assert plan.build()["network"].output_size == plan.task.output_size
        assert form.task_fields.sentence.text() == SENTENCES[name]
        assert form.task_fields.baseline.text().startswith(f"Without memory: {plan.task.baseline.words} has ")
        assert form.task_fields.length.isVisible() == (name in LENGTHS)


def test_one_network_alone(form: TrainingForm) -> None:
    form.network_fields.networks.setCurrentIndex(2)
    form.network_fields.networks.activated.emit(2)
    plan: TrainingPreset = form.plan()
    assert (plan.recipe.cell, plan.baseline) == (Cell.RNN, None)
    assert not form.network_fields.forget_bias.isVisible()
    form.network_fields.networks.setCurrentIndex(1)
    assert form.plan().recipe.cell is Cell.LSTM


def test_pasted_text_is_learned(form: TrainingForm) -> None:
    _choose_task(form, TEXT)
    form.task_fields.text_fields.text.setPlainText("to be or not to be. " * 30)
    task = form.plan().task
    assert isinstance(task, NextCharacter)
    assert task.text.startswith("to be or")
    form.task_fields.text_fields.text.setPlainText("too short")
    assert "too short for windows of 40" in form.task_fields.text_fields.error_line.text()
    with pytest.raises(LstmvizError):
        form.plan()


def test_text_is_read_from_a_file(form: TrainingForm, tmp_path: Path) -> None:
    _choose_task(form, TEXT)
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_bytes("one line\r\nand another\r\n".encode("utf-8-sig"))
    form.task_fields.text_fields.read_text(str(good))
    assert form.task_fields.text_fields.text.toPlainText() == "one line\nand another\n"
    bad.write_bytes(b"\xff\xfe\x00")
    form.task_fields.text_fields.read_text(str(bad))
    assert "no text in UTF-8" in form.task_fields.text_fields.error_line.text()
    assert form.task_fields.text_fields.text.toPlainText() == "one line\nand another\n"
    form.task_fields.text_fields.read_text(str(tmp_path / "missing.txt"))
    assert "No such file" in form.task_fields.text_fields.error_line.text()


def test_sample_text_is_long_enough_and_what_is_held_out_is_not_learned() -> None:
    task = NextCharacter(SAMPLE_TEXT, LENGTHS[TEXT])
    learned = SAMPLE_TEXT[: len(SAMPLE_TEXT) - round(task.held_out * len(SAMPLE_TEXT))]
    held_out = SAMPLE_TEXT[len(learned) :]
    assert not any(held_out[start : start + 40] in learned for start in range(len(held_out) - 40))
