"""What to train and how: a preset, and every setting of it."""

from __future__ import annotations

from dataclasses import is_dataclass, replace
from enum import Enum

from PyQt6.QtCore import QSignalBlocker, Qt
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from lstmviz.core.errors import LstmvizError
from lstmviz.core.parameters import Cell
from lstmviz.core.recipe import BaselineRecipe, NetworkRecipe
from lstmviz.core.text import significant
from lstmviz.core.training.catalogue import TASKS, make_task
from lstmviz.core.training.optimisers import Optimiser
from lstmviz.core.training.presets import PRESETS, TrainingPreset
from lstmviz.core.training.settings import TrainingSettings
from lstmviz.core.training.tasks import Task
from lstmviz.core.training.text_task import NextCharacter
from lstmviz.gui.panels.fields import (
    FIELD_HEIGHT,
    ChoiceBox,
    ErrorLine,
    FieldManners,
    NoteLine,
    NumberBox,
    WholeBox,
    buddy_label,
)
from lstmviz.gui.panels.training.task_words import (
    LENGTH_FIELDS,
    LENGTH_NAMES,
    LENGTHS,
    SAMPLE_TEXT,
    SENTENCES,
    TEXT,
)

OPTIMISER_WORDS = {Optimiser.ADAM: "Adam", Optimiser.SGD: "SGD"}

OWN = "your own settings"
"""In the list of presets once a field says something else."""

LARGEST_TEXT = 2_000_000
"""Bytes of a text file that is read."""


class Networks(Enum):
    """Which networks are trained."""

    BOTH = "LSTM beside RNN"
    LSTM = "LSTM alone"
    RNN = "RNN alone"


class TrainingForm(QWidget):
    """Fields of a TrainingPreset. ``plan`` is what they say now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training_form")
        self._base = PRESETS[0]
        self._filling = False
        self._build_task_fields()
        self._build_network_fields()
        self._build_settings_fields()
        self.error_line = ErrorLine("training_error")
        self._lay_out()
        self._watch_fields()
        self._manners = FieldManners(self)
        self._manners.watch(self)
        self.show_plan(PRESETS[0])

    # What the fields say

    def plan(self) -> TrainingPreset:
        """What is to be trained. Raises LstmvizError for what cannot be."""
        task = self._task()
        title = self._base.title if self._is_base_task(task) else task.title
        chosen, recipe = self.networks.choice, self._base.recipe
        if chosen is not _networks_of(self._base):
            recipe = NetworkRecipe(cell=Cell.RNN if chosen is Networks.RNN else Cell.LSTM)
        lstm = chosen is not Networks.RNN
        recipe = replace(
            recipe,
            hidden_size=self.hidden_size.value(),
            seed=self.seed.value(),
            forget_bias=self.forget_bias.value() if lstm else None,
        )
        baseline = (self._base.baseline or BaselineRecipe()) if chosen is Networks.BOTH else None
        return replace(self._base, title=title, task=task, recipe=recipe, baseline=baseline, settings=self._settings())

    def show_plan(self, plan: TrainingPreset) -> None:
        """Fill the fields."""
        self._base, self._filling = plan, True
        self._show_task(plan.task)
        self.networks.show_choice(_networks_of(plan))
        self.hidden_size.show_value(plan.recipe.hidden_size)
        self.forget_bias.setValue(1.0 if plan.recipe.forget_bias is None else plan.recipe.forget_bias)
        settings = plan.settings
        self.optimiser.show_choice(settings.optimizer)
        self.rate.setValue(settings.lr)
        self.clips.setChecked(settings.clip is not None)
        self.clip.setValue(settings.clip or 1.0)
        self.batch_size.show_value(settings.batch_size)
        self.updates.show_value(settings.updates)
        self.seed.show_value(settings.seed)
        self.look_for.setText(plan.look_for)
        self._show_network_fields()
        self._filling = False

    def show_error(self, words: str) -> None:
        """Say what is wrong; nothing where empty."""
        self.error_line.setText(words)

    def open_text(self) -> None:
        """Let a text file be chosen, and learn from it."""
        path, _ = QFileDialog.getOpenFileName(self.window(), "A text to learn from", "", "Texts (*.txt *.md);;All (*)")
        if path:
            self.read_text(path)

    def read_text(self, path: str) -> None:
        """Take the text of a file; what is wrong with it is said in the form."""
        try:
            with open(path, "rb") as file:
                data = file.read(LARGEST_TEXT + 1)
            if len(data) > LARGEST_TEXT:
                raise LstmvizError("The text is larger than 2 MB", where="text", how="Take a part of it.")
            self.text.setPlainText(data.decode("utf-8-sig"))
        except UnicodeDecodeError:
            self.show_error("The file is no text in UTF-8. Save it as UTF-8 and open it again.")
        except (OSError, LstmvizError) as error:
            self.show_error(str(error))
        else:
            self.show_error("")

    def _task(self) -> Task:
        name = self.task.currentData()
        if name == TEXT:
            return NextCharacter(self.text.toPlainText(), self.length.value())
        if name not in LENGTHS:
            return make_task(name)
        base, length = self._base.task, self.length.value()
        if name == base.name and is_dataclass(base):
            # what else the preset says of the task stays, such as how many keys there are
            return replace(base, **{LENGTH_FIELDS.get(name, "length"): length})
        return make_task(name, length)

    def _settings(self) -> TrainingSettings:
        return replace(
            self._base.settings,
            optimizer=self.optimiser.choice,
            lr=self.rate.value(),
            clip=self.clip.value() if self.clips.isChecked() else None,
            batch_size=self.batch_size.value(),
            updates=self.updates.value(),
            seed=self.seed.value(),
        )

    def _is_base_task(self, task: Task) -> bool:
        return task == self._base.task

    # The fields

    def _build_task_fields(self) -> None:
        self.preset = QComboBox()
        self.preset.setObjectName("training_preset")
        self.preset.addItems([*(preset.title for preset in PRESETS), OWN])
        self.preset.setToolTip("Trainings that show something: task, network and settings at once")
        self.preset.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.preset.activated.connect(self._preset_chosen)
        self.look_for = NoteLine("training_look_for")
        self.task = QComboBox()
        self.task.setObjectName("training_task")
        self.task.setAccessibleName("task")
        self.task.setToolTip("What the networks are to learn")
        self.task.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.task.setMinimumContentsLength(14)
        for name, task in TASKS.items():
            self.task.addItem(task.title, name)
        self.task.addItem(NextCharacter.title, TEXT)
        self.task.activated.connect(self._task_chosen)
        self.sentence, self.baseline = NoteLine("task_sentence"), NoteLine("task_baseline")
        self.length = WholeBox("task_length", 1, 1000, "How long the sequences are")
        self.length.valueChanged.connect(self._say_task)
        self.text = QPlainTextEdit(SAMPLE_TEXT)
        self.text.setObjectName("training_text")
        self.text.setAccessibleName("Text to learn from")
        self.text.setToolTip("Paste a text to learn from; its last tenth is kept for validation")
        self.text.setFixedHeight(90)
        self.text.setTabChangesFocus(True)
        self.text.textChanged.connect(self._say_task)
        self.open_button = QPushButton("Open a text file…")
        self.open_button.setObjectName("open_training_text")
        self.open_button.clicked.connect(self.open_text)

    def _build_network_fields(self) -> None:
        self.networks = ChoiceBox(
            "trained_networks", {each: each.value for each in Networks}, "Both see the very same sequences."
        )
        self.networks.activated.connect(self._show_network_fields)
        self.hidden_size = WholeBox("trained_units", 1, 512, "Hidden size H of the networks")
        self.forget_bias = NumberBox("trained_forget_bias", "b_f at the start: above 0 the forget gates begin open.")
        self.forget_bias.setRange(-20, 20)

    def _build_settings_fields(self) -> None:
        self.optimiser = ChoiceBox(
            "optimiser", OPTIMISER_WORDS, "How weights follow their gradients; SGD has a momentum of 0.9."
        )
        self.rate = NumberBox("learning_rate", "How large the updates are; 0.001 to 0.01 is usual.")
        self.rate.setSingleStep(0.001)
        self.clips = QCheckBox("clip at")
        self.clips.setObjectName("clips")
        self.clips.setFixedHeight(FIELD_HEIGHT)
        self.clips.setToolTip("Shorten the whole gradient to this length where it is longer")
        self.clip = NumberBox("clip", "The largest length ‖dL/d all weights‖ that an update may use")
        self.clips.toggled.connect(self.clip.setEnabled)
        self.batch_size = WholeBox("batch_size", 1, 1024, "Sequences an update learns from")
        self.updates = WholeBox("updates", 1, 1_000_000, "Training stops after so many updates")
        self.seed = WholeBox("training_seed", 0, 2**31 - 1, "The same seed gives the same weights and sequences.")

    def _watch_fields(self) -> None:
        for box in (self.length, self.hidden_size, self.batch_size, self.updates, self.seed):
            box.valueChanged.connect(self._edited)
        for number_box in (self.forget_bias, self.rate, self.clip):
            number_box.valueChanged.connect(self._edited)
        for choice in (self.networks, self.optimiser):
            choice.activated.connect(self._edited)
        self.clips.toggled.connect(self._edited)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 4, 10, 10)
        column.setSpacing(6)
        for widget in (self.error_line, self.preset, self.look_for):
            column.addWidget(widget)
        for widget in (self.task, self.sentence, self.baseline):
            column.addWidget(widget)
        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.setVerticalSpacing(5)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        self._form = form
        self._length_label = buddy_label("length", self.length)
        form.addRow(self._length_label, self.length)
        form.addRow(self.text)
        form.addRow(self.open_button)
        for words, field in (
            ("networks", self.networks),
            ("units", self.hidden_size),
            ("forget bias", self.forget_bias),
            ("optimiser", self.optimiser),
            ("learning rate", self.rate),
        ):
            form.addRow(buddy_label(words, field), field)
        self.clip.setAccessibleName("clip the gradient at")
        form.addRow(self.clips, self.clip)
        for number_box in (self.forget_bias, self.rate, self.clip):
            number_box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        for words, box in (("batch", self.batch_size), ("updates", self.updates), ("seed", self.seed)):
            form.addRow(buddy_label(words, box), box)
        column.addLayout(form)
        column.addStretch()

    # What the user does

    def _preset_chosen(self, index: int) -> None:
        if index < len(PRESETS):
            self.show_error("")
            self.show_plan(PRESETS[index])

    def _edited(self) -> None:
        """A field was changed: the preset is none any more, and what it promises does not hold."""
        if not self._filling:
            self.preset.setCurrentIndex(len(PRESETS))
            self.look_for.setText("")

    def _task_chosen(self) -> None:
        name = self.task.currentData()
        with QSignalBlocker(self.length):
            self.length.setValue(LENGTHS.get(name, 1))
        self._edited()
        self._show_task_fields()

    def _show_task(self, task: Task) -> None:
        self.task.setCurrentIndex(self.task.findData(task.name))
        if isinstance(task, NextCharacter):
            self.text.setPlainText(task.text)
        with QSignalBlocker(self.length):
            self.length.setValue(int(getattr(task, LENGTH_FIELDS.get(task.name, "length"), 1)))
        self._show_task_fields()

    def _show_task_fields(self) -> None:
        name = self.task.currentData()
        self._form.setRowVisible(self.length, name in LENGTHS)
        self._length_label.setText(LENGTH_NAMES.get(name, "length"))
        for widget in (self.text, self.open_button):
            self._form.setRowVisible(widget, name == TEXT)
        self._say_task()

    def _say_task(self) -> None:
        """The task in a sentence, and what can be had without learning it; or why it cannot be."""
        self.sentence.setText(SENTENCES[self.task.currentData()])
        try:
            task = self._task()
            baseline = task.baseline
        except LstmvizError as error:
            self.baseline.setText(str(error))
            return
        self.baseline.setText(
            f"Without memory: {baseline.words} has {task.loss.value} {significant(baseline.loss, 3)}."
        )

    def _show_network_fields(self) -> None:
        self._form.setRowVisible(self.forget_bias, self.networks.choice is not Networks.RNN)


def _networks_of(plan: TrainingPreset) -> Networks:
    if plan.recipe.cell is Cell.RNN:
        return Networks.RNN
    return Networks.BOTH if plan.baseline else Networks.LSTM
