"""Which task is learned, and its parameters."""

from __future__ import annotations

from dataclasses import is_dataclass, replace
from typing import Any

from PyQt6.QtCore import QMimeData, QSignalBlocker, pyqtSignal
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QCheckBox, QComboBox, QVBoxLayout, QWidget

from lstmviz.core.errors import LstmvizError
from lstmviz.core.text import significant
from lstmviz.core.training.catalogue import TASKS, make_task
from lstmviz.core.training.table_task import TablePrediction
from lstmviz.core.training.task_words import LENGTH_FIELDS, LENGTH_NAMES, LENGTHS, SENTENCES, TABLE, TEXT
from lstmviz.core.training.tasks import Task
from lstmviz.core.training.text_task import NextCharacter
from lstmviz.core.training.wave_tasks import SinePrediction
from lstmviz.gui.panels.fields import FIELD_HEIGHT, ErrorLine, NoteLine, NumberBox, WholeBox
from lstmviz.gui.panels.training.rows import Rows
from lstmviz.gui.panels.training.table_fields import TableFields
from lstmviz.gui.panels.training.text_fields import TextFields
from lstmviz.gui.style import Theme

_TEXT_SUFFIXES = (".txt", ".md")


class TaskFields(QWidget):
    """Fields of a Task. ``task`` is what they say now."""

    edited = pyqtSignal()
    """The user changed something."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("task_fields")
        self.setAcceptDrops(True)
        self._base: Task | None = None
        self._build()
        self._lay_out()
        self._watch_fields()

    # What the fields say

    def make(self) -> Task:
        """The task. Raises LstmvizError for what cannot be learned."""
        name = self.task.currentData()
        if name == TEXT:
            return NextCharacter(self.text_fields.text.toPlainText(), self.length.value())
        if name == TABLE:
            return self.table_fields.task()
        chosen: dict[str, Any] = {}
        if name in LENGTHS:
            chosen[LENGTH_FIELDS.get(name, "length")] = self.length.value()
        known = _parameters(name)
        chosen |= {key: box.value() for key, box in self._numbers.items() if key in known}
        if "every_step" in known:
            chosen["every_step"] = self.every_step.isChecked()
        base = self._base
        if base is not None and name == base.name and is_dataclass(base):
            return replace(base, **chosen)
        return make_task(name, **chosen)

    def show_task(self, task: Task) -> None:
        """Show a task from outside."""
        self._base = task
        with QSignalBlocker(self.task):
            self.task.setCurrentIndex(self.task.findData(task.name))
        if isinstance(task, NextCharacter):
            with QSignalBlocker(self.text_fields):
                self.text_fields.show_text(task.text)
        if isinstance(task, TablePrediction):
            self.table_fields.show_task(task)
        self.length.show_value(int(getattr(task, LENGTH_FIELDS.get(task.name, "length"), 1)))
        self._show_parameters(task)
        self._show_rows()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self.table_fields.set_theme(theme)

    @property
    def has_problem(self) -> bool:
        """Whether there is no task that can be learned."""
        try:
            self.make()
        except LstmvizError:
            return True
        return False

    def line_for(self, error: LstmvizError) -> ErrorLine:
        """The line beside the field that an error of the task is about."""
        name = self.task.currentData()
        if name == TABLE:
            return self.table_fields.line_for(error)
        if name == TEXT and error.where == "text":
            return self.text_fields.error_line
        return self._rows.error_lines.get(error.where, self.error_line)

    # The user's files

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """A file may be dropped: a table, or a text where the task is to learn one."""
        if event is not None and _path_of(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Learn from the file."""
        path = _path_of(event.mimeData()) if event is not None else ""
        if event is None or not path:
            return
        event.acceptProposedAction()
        self.take_file(path)

    def take_file(self, path: str) -> None:
        """Learn from a text file where the task is to learn a text, or else from a table."""
        if path.lower().endswith(_TEXT_SUFFIXES) and self.task.currentData() == TEXT:
            self.text_fields.read_text(path)
            return
        if self.task.currentData() != TABLE:
            self.task.setCurrentIndex(self.task.findData(TABLE))
            self._task_chosen()
        self.table_fields.read_table(path)

    # The fields

    def _build(self) -> None:
        self.task = QComboBox()
        self.task.setObjectName("training_task")
        self.task.setAccessibleName("task")
        self.task.setFixedHeight(FIELD_HEIGHT)
        self.task.setToolTip("What the networks are to learn")
        self.task.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.task.setMinimumContentsLength(14)
        for name, task in TASKS.items():
            self.task.addItem(task.title, name)
        self.task.addItem(NextCharacter.title, TEXT)
        self.task.addItem(TablePrediction.title, TABLE)
        self.sentence, self.baseline = NoteLine("task_sentence"), NoteLine("task_baseline")
        self.error_line = self._wrong_line = ErrorLine("task_error")
        self.length = WholeBox("task_length", 1, 1000, "How long the sequences are, in time steps")
        keys = WholeBox("task_keys", 2, 100, "How many symbols may come first: the more, the harder to guess")
        waves = WholeBox("task_waves", 1, 20, "How many sine waves are added up")
        noise = NumberBox("task_noise", "How much every reading is off: the standard deviation of what is added to it")
        noise.setRange(0, 1000)
        noise.setSingleStep(0.05)
        self._numbers: dict[str, WholeBox | NumberBox] = {"keys": keys, "waves": waves, "noise": noise}
        self.every_step = QCheckBox("asked at every step")
        self.every_step.setObjectName("task_every_step")
        self.every_step.setToolTip("Without the tick it is asked after the last step alone, which is far harder")
        self.text_fields, self.table_fields = TextFields(), TableFields()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        for widget in (self.task, self.sentence, self.baseline):
            column.addWidget(widget)
        self._rows = Rows()
        self._rows.add("length, steps", self.length, "length", "delay", "lag", "most")
        self._rows.add("keys", self._numbers["keys"], "keys")
        self._rows.add("waves", self._numbers["waves"], "waves")
        self._rows.add("noise", self._numbers["noise"], "noise")
        self._rows.addRow(self.every_step)
        column.addLayout(self._rows)
        column.addWidget(self.text_fields)
        column.addWidget(self.table_fields)
        column.addWidget(self.error_line)

    def _watch_fields(self) -> None:
        self.task.activated.connect(self._task_chosen)
        self.length.valueChanged.connect(self._changed)
        for box in self._numbers.values():
            box.valueChanged.connect(self._changed)
        self.every_step.toggled.connect(self._changed)
        self.text_fields.edited.connect(self._changed)
        self.table_fields.edited.connect(self._changed)

    def _task_chosen(self) -> None:
        name = self.task.currentData()
        self.length.show_value(LENGTHS.get(name, 1))
        if name in TASKS and (self._base is None or name != self._base.name):
            self._show_parameters(make_task(name))
        self._show_rows()
        self.edited.emit()

    def _changed(self) -> None:
        self._say_task()
        self.edited.emit()

    def _show_parameters(self, task: Task) -> None:
        """The parameters that this task has beside its length."""
        for key, box in self._numbers.items():
            if hasattr(task, key):
                with QSignalBlocker(box):
                    box.setValue(getattr(task, key))
        with QSignalBlocker(self.every_step):
            self.every_step.setChecked(bool(getattr(task, "every_step", True)))

    def _show_rows(self) -> None:
        name = self.task.currentData()
        known = _parameters(name)
        self._rows.setRowVisible(self.length, name in LENGTHS)
        label = self._rows.labelForField(self.length)
        if label is not None:
            label.setText(LENGTH_NAMES.get(name, "length, steps"))  # type: ignore[attr-defined] # it is a QLabel
            self.length.setAccessibleName(LENGTH_NAMES.get(name, "length, steps"))
        for key, box in self._numbers.items():
            self._rows.setRowVisible(box, key in known)
        self._rows.setRowVisible(self.every_step, "every_step" in known)
        self.text_fields.setVisible(name == TEXT)
        self.table_fields.setVisible(name == TABLE)
        self._say_task()

    def _say_task(self) -> None:
        """The task in a sentence, and what can be had without learning it; or why it cannot be."""
        name = self.task.currentData()
        self.sentence.setText(SENTENCES[name])
        self._wrong_line.setText("")
        if name == TABLE and self.table_fields.is_empty:
            self.baseline.setText("")
            return
        try:
            task = self.make()
            baseline = task.baseline
        except LstmvizError as error:
            self.baseline.setText("")
            self._wrong_line = self.line_for(error)
            self._wrong_line.setText(str(error))
            return
        self.baseline.setText(
            f"Without memory: {baseline.words} has {task.loss.value} {significant(baseline.loss, 3)}."
        )


def _parameters(name: str) -> set[str]:
    """The settings that a task of the catalogue has; a sine is one wave without noise, or it would be another task."""
    known = set(getattr(TASKS.get(name), "__dataclass_fields__", ()))
    return known - {"waves", "noise"} if name == SinePrediction.name else known


def _path_of(dropped: QMimeData | None) -> str:
    """The first file among what is dragged; empty for none."""
    urls = dropped.urls() if dropped else []
    return next((url.toLocalFile() for url in urls if url.isLocalFile()), "")
