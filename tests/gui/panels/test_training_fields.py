"""The user's own table, every setting, and what is wrong said beside its field."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.recipe import BaselineSize
from lstmviz.core.networks.initialisation import Initialisation
from lstmviz.core.networks.parameters import Nonlinearity
from lstmviz.core.training.memory_tasks import LongLagRecall, Parity
from lstmviz.core.training.optimisers import Optimiser
from lstmviz.core.training.presets import PRESETS
from lstmviz.core.training.settings import ClipBy
from lstmviz.core.training.table_task import TablePrediction
from lstmviz.core.training.task_words import TABLE, TEXT
from lstmviz.core.training.text_task import NextCharacter
from lstmviz.core.training.wave_tasks import NoisySum
from lstmviz.gui.panels.training.training_form import OWN, TrainingForm
from lstmviz.gui.style import DARK

ACTION = Qt.DropAction.CopyAction
MOUSE, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def area(qtbot: QtBot) -> QScrollArea:
    """A form in a scroll area, as it stands in the tab."""
    made = QScrollArea()
    made.setWidgetResizable(True)
    made.setWidget(TrainingForm())
    qtbot.addWidget(made)
    made.resize(280, 500)
    made.show()
    return made


@pytest.fixture
def form(area: QScrollArea) -> TrainingForm:
    """The form in it."""
    inside = area.widget()
    assert isinstance(inside, TrainingForm)
    return inside


@pytest.fixture
def weather(tmp_path: Path) -> Path:
    path = tmp_path / "weather.csv"
    rows = [f"d{t},{math.sin(t / 5):.3f},{t % 7},{'sun' if math.sin(t / 5) > 0 else 'rain'}" for t in range(100)]
    path.write_text("day,warm,wind,sky\n" + "\n".join(rows) + "\n")
    return path


def choose_task(form: TrainingForm, name: str) -> None:
    box = form.task_fields.task
    box.setCurrentIndex(box.findData(name))
    box.activated.emit(box.currentIndex())


def choose(box: QComboBox, text: str) -> None:
    box.setCurrentIndex(box.findText(text))
    assert box.currentText() == text
    box.activated.emit(box.currentIndex())


def drop(widget: QWidget, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    enter = QDragEnterEvent(QPoint(5, 5), ACTION, data, MOUSE, NO_KEY)
    QApplication.sendEvent(widget, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(widget, QDropEvent(QPointF(5, 5), ACTION, data, MOUSE, NO_KEY))


def refused(form: TrainingForm) -> str:
    with pytest.raises(LstmvizError) as error:
        form.plan()
    assert form.error_line.isVisibleTo(form)
    assert form.error_line.text() == str(error.value)
    return form.error_line.objectName()


def test_a_table_that_is_dropped_becomes_the_task(form: TrainingForm, weather: Path) -> None:
    drop(form, weather)
    fields = form.task_fields.table_fields
    assert form.task_fields.task.currentData() == TABLE
    assert fields.file_line.text() == "weather.csv: 100 rows, 4 columns"
    assert fields.chosen_columns == ("warm", "wind")
    assert fields.target.currentText() == "wind"
    assert fields.split.accessibleName() == "80 rows are learned from, the 20 after them are for validation"
    choose(fields.target, "warm")
    fields.window_rows.setValue(5)
    fields.ahead.setValue(2)
    fields.held_out.setValue(30)
    fields.standardise.setChecked(False)
    wind = fields.columns.topLevelItem(2)
    assert wind is not None
    assert wind.text(1) == "0, 1, 2"
    wind.setCheckState(0, Qt.CheckState.Unchecked)
    task = form.plan().task
    assert isinstance(task, TablePrediction)
    assert (task.columns, task.target_name, task.window, task.ahead, task.held_out) == (("warm",), "warm", 5, 2, 0.3)
    assert (task.target_mean, task.target_deviation) == (0, 1)
    assert form.preset.currentText() == OWN
    assert form.task_fields.baseline.text().startswith("Without memory: ")
    form.set_theme(DARK)
    assert form.plan().task.features == ("warm",)


def test_texts_are_predicted_as_classes(form: TrainingForm, weather: Path) -> None:
    form.task_fields.take_file(str(weather))
    fields = form.task_fields.table_fields
    choose(fields.target, "sky")
    assert fields.predicts.currentText() == "a class"
    assert form.plan().task.answers == ("rain", "sun")
    choose(fields.predicts, "a number")
    assert refused(form) == "training_columns_error"
    assert "column “sky”, row 1" in form.error_line.text()


def test_problems_of_a_table_are_said_beside_their_field(form: TrainingForm, weather: Path) -> None:
    choose_task(form, TABLE)
    fields = form.task_fields.table_fields
    assert refused(form) == "training_table_error"
    assert "no table yet" in form.error_line.text()
    form.task_fields.take_file(str(weather))
    fields.window_rows.setValue(50)
    assert "100 rows are too few for windows of 50 rows" in form.task_fields._wrong_line.text()
    assert refused(form) == "training_window_error"
    fields.window_rows.setValue(5)
    assert not form.error_line.isVisibleTo(form)
    day = fields.columns.topLevelItem(0)
    assert day is not None
    day.setCheckState(0, Qt.CheckState.Checked)
    assert refused(form) == "training_columns_error"
    assert "“d0” cannot be learned from (column “day”, row 1)" in form.error_line.text()
    day.setCheckState(0, Qt.CheckState.Unchecked)
    form.plan()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"a,b\n", "no rows"),
        (b"a,b\n1,2\n3\n", "1 cell, most have 2"),
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
    ],
)
def test_a_file_that_is_no_table_is_refused_and_the_one_before_stays(
    form: TrainingForm, weather: Path, tmp_path: Path, content: bytes, words: str
) -> None:
    form.task_fields.take_file(str(weather))
    bad = tmp_path / "bad.csv"
    bad.write_bytes(content)
    form.task_fields.take_file(str(bad))
    fields = form.task_fields.table_fields
    assert words in fields.file_error.text()
    assert fields.file_error.isVisibleTo(form)
    assert fields.file_line.text().startswith("weather.csv")
    form.plan()


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["1"] * 60, "only the value 1"),
        ([str(k) for k in range(59)] + [""], "row 60"),
        (["a"] * 60, "only the class “a”"),
    ],
    ids=["constant", "missing", "one class"],
)
def test_a_target_that_cannot_be_learned_is_said(
    form: TrainingForm, tmp_path: Path, cells: list[str], words: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text("x,y\n" + "".join(f"{row},{cell}\n" for row, cell in enumerate(cells)))
    form.task_fields.take_file(str(path))
    choose(form.task_fields.table_fields.target, "y")
    assert refused(form) == "training_columns_error"
    assert words in form.error_line.text()


def test_a_text_file_that_is_dropped_on_the_text_task_is_learned(form: TrainingForm, tmp_path: Path) -> None:
    choose_task(form, TEXT)
    path = tmp_path / "poem.txt"
    path.write_text("roses are red. " * 40)
    drop(form.task_fields, path)
    task = form.plan().task
    assert isinstance(task, NextCharacter)
    assert task.text.startswith("roses")
    assert form.task_fields.text_fields.size_line.text() == "600 characters, 8 different"


def test_every_setting_reaches_the_plan(form: TrainingForm) -> None:
    settings, network = form.settings_fields, form.network_fields
    choose(settings.optimiser, "SGD")
    settings.momentum.setValue(0.5)
    settings.clips.setChecked(True)
    settings.clip.setValue(2.0)
    choose(settings.clip_by, "each value")
    settings.truncate.setValue(10)
    settings.validate_every.setValue(7)
    settings.patience.setValue(3)
    settings.has_goal.setChecked(True)
    settings.goal.setValue(0.02)
    network.num_layers.setValue(2)
    choose(network.baseline_size, "as many weights")
    choose(network.nonlinearity, "relu")
    choose(network.initialisation, "orthogonal")
    network.recurrent_scale.setValue(1.3)
    plan = form.plan()
    chosen = plan.settings
    assert (chosen.optimizer, chosen.momentum, chosen.clip, chosen.clip_by) == (Optimiser.SGD, 0.5, 2.0, ClipBy.VALUE)
    assert (chosen.truncate, chosen.validate_every, chosen.patience, chosen.goal) == (10, 7, 3, 0.02)
    assert (plan.recipe.num_layers, plan.recipe.recurrent_scale) == (2, 1.3)
    assert plan.recipe.initialisation is Initialisation.ORTHOGONAL
    assert plan.baseline is not None
    assert (plan.baseline.size, plan.baseline.nonlinearity) == (BaselineSize.SAME_PARAMETERS, Nonlinearity.RELU)
    networks = plan.build()
    assert networks["baseline"].hidden_size > networks["network"].hidden_size
    form.show_plan(plan)
    again = form.plan()
    assert (again.settings, again.recipe, again.baseline, again.task) == (
        plan.settings, plan.recipe, plan.baseline, plan.task,
    )  # fmt: skip
    for box in (settings.truncate, settings.patience):
        box.setValue(0)
        assert box.text() == "never"
    settings.has_goal.setChecked(False)
    assert (form.plan().settings.truncate, form.plan().settings.patience, form.plan().settings.goal) == (None,) * 3


def test_parameters_of_tasks_reach_the_plan(form: TrainingForm) -> None:
    fields = form.task_fields
    choose_task(form, "recall")
    fields._numbers["keys"].setValue(3)
    assert form.plan().task == LongLagRecall(60, keys=3)
    choose_task(form, "noisy-sum")
    assert not fields._numbers["keys"].isVisibleTo(form)
    fields._numbers["waves"].setValue(4)
    fields._numbers["noise"].setValue(0.3)
    assert form.plan().task == NoisySum(50, waves=4, noise=0.3)
    choose_task(form, "parity")
    fields.every_step.setChecked(False)
    assert form.plan().task == Parity(20, every_step=False)


def test_what_is_wrong_stands_beside_its_field_and_goes_when_it_is_mended(form: TrainingForm) -> None:
    form.rate.setValue(1e6)
    assert refused(form) == "learning_rate_error"
    assert "The learning rate is 1e+06" in form.error_line.text()
    form.show_error(form.error_line.text())
    assert form.findChild(QWidget, "training_error").isHidden()  # not said twice
    form.rate.setValue(0.01)
    assert form.error_line.text() == ""
    assert not form.fold.body.isVisible()
    form.settings_fields.clip.setValue(0)
    assert refused(form) == "clip_error"
    assert form.fold.body.isVisible()
    form.show_error("Something else.")
    assert form.error_line.objectName() == "training_error"


def test_every_field_says_what_it_is_and_the_keyboard_gets_everywhere(form: TrainingForm) -> None:
    form.fold.unfold()
    fields = [
        each
        for each in form.findChildren(QWidget)
        if isinstance(each, QAbstractSpinBox | QComboBox) and each.parent() is not None and each.isVisibleTo(form)
    ]
    names = [each.objectName() for each in fields]
    assert len(names) == len(set(names)) > 15
    for each in fields:
        assert each.toolTip(), each.objectName()
        assert each.accessibleName(), each.objectName()
    reached, at = [], form.preset
    for _ in range(300):
        at = at.nextInFocusChain()
        if at is form.preset:
            break
        if at.objectName() in names:
            reached.append(at.objectName())
    order = ["training_task", "task_length", "trained_networks", "trained_units", "learning_rate", "updates"]
    assert [name for name in reached if name in order] == order
    assert set(reached) >= {name for name in names if name != "training_preset"}


@pytest.mark.parametrize("number", range(len(PRESETS)))
def test_a_preset_is_remembered_as_itself(form: TrainingForm, number: int) -> None:
    form.show_plan(PRESETS[number])
    text = form.remembered
    form.show_plan(PRESETS[number - 1])
    form.recall(text)
    assert form.preset.currentText() == PRESETS[number].title
    assert form.look_for.text() == PRESETS[number].look_for


def test_what_was_used_last_is_remembered(form: TrainingForm, weather: Path) -> None:
    choose_task(form, TEXT)
    form.task_fields.text_fields.text.setPlainText("abcd efgh. " * 60)
    form.rate.setValue(0.005)
    choose(form.settings_fields.optimiser, "SGD")
    plan, text = form.plan(), form.remembered
    form.show_plan(PRESETS[0])
    form.recall(text)
    again = form.plan()
    assert (again.task, again.recipe, again.baseline, again.settings) == (
        plan.task, plan.recipe, plan.baseline, plan.settings,
    )  # fmt: skip
    form.task_fields.take_file(str(weather))
    assert json.loads(form.remembered)["task"]["name"] == PRESETS[0].task.name  # data are not kept in settings
    form.rate.setValue(1e6)
    assert form.remembered == ""


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null", '{"task": {"name": "adding", "length": -4}}'])
def test_a_memory_that_makes_no_sense_changes_nothing(form: TrainingForm, text: str) -> None:
    form.rate.setValue(0.005)
    form.recall(text)
    assert form.rate.value() == 0.005
