"""What to train and how: a preset, and every setting of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QAbstractScrollArea, QComboBox, QLayout, QScrollArea, QVBoxLayout, QWidget

from lstmviz.core.errors import LstmvizError
from lstmviz.core.training.presets import PRESETS, TrainingPreset
from lstmviz.gui.panels.fields import FIELD_HEIGHT, ErrorLine, FieldManners, NoteLine
from lstmviz.gui.panels.training.last_used import plan_of, text_of
from lstmviz.gui.panels.training.network_fields import NetworkFields
from lstmviz.gui.panels.training.rows import Fold
from lstmviz.gui.panels.training.settings_fields import SettingsFields
from lstmviz.gui.panels.training.task_fields import TaskFields
from lstmviz.gui.style import Theme

OWN = "your own settings"
"""In the list of presets once a field says something else."""


class TrainingForm(QWidget):
    """Fields of a TrainingPreset. ``plan`` is what they say now."""

    find_rate_asked = pyqtSignal()
    """The user wants a learning rate to be found for what the fields say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training_form")
        self.setAcceptDrops(True)
        self._base = PRESETS[0]
        self._build_preset()
        self.task_fields, self.network_fields, self.settings_fields = TaskFields(), NetworkFields(), SettingsFields()
        self.fold = Fold("more_training_settings", "More settings", "Everything else: optimiser, clipping, seed …")
        self._top_error_line = ErrorLine("training_error")
        self.hidden_size = self.network_fields.hidden_size
        self.rate, self.updates = self.settings_fields.rate, self.settings_fields.updates
        self.error_line = self._top_error_line
        """The line that says what is wrong: beside its field, or on top."""
        self._lay_out()
        for group in (self.task_fields, self.network_fields, self.settings_fields):
            group.edited.connect(self._edited)
        self.settings_fields.find_asked.connect(self.find_rate_asked)
        self._manners = FieldManners(self)
        self._manners.watch(self)
        self.show_plan(PRESETS[0])

    # What the fields say

    def plan(self) -> TrainingPreset:
        """What is to be trained. Raises LstmvizError for what cannot be; it is said beside its field, too."""
        try:
            plan = self._plan()
        except LstmvizError as error:
            self._show_wrong(str(error), self._line_for(error))
            raise
        self.show_error("")
        return plan

    def _plan(self) -> TrainingPreset:
        task = self.task_fields.make()
        settings = self.settings_fields.settings(self._base.settings)
        return replace(
            self._base,
            title=self._base.title if task == self._base.task else task.title,
            task=task,
            recipe=self.network_fields.recipe(self._base.recipe, settings.seed),
            baseline=self.network_fields.baseline(),
            settings=settings,
        )

    def show_plan(self, plan: TrainingPreset) -> None:
        """Fill the fields."""
        self._base = plan
        self.task_fields.show_task(plan.task)
        self.network_fields.show_plan(plan)
        self.settings_fields.show_settings(plan.settings)
        self.preset.setCurrentIndex(PRESETS.index(plan) if plan in PRESETS else len(PRESETS))
        self.look_for.setText(plan.look_for)

    def use_rate(self, rate: float) -> None:
        """Take a learning rate that was found."""
        self.settings_fields.rate.setValue(rate)

    @property
    def remembered(self) -> str:
        """What the fields say as a text to keep until the next start; empty where it cannot be trained."""
        try:
            return text_of(self._plan())
        except LstmvizError:
            return ""

    def recall(self, text: str) -> None:
        """Show what was ``remembered``; a text that makes no sense changes nothing."""
        plan = plan_of(text)
        if plan is not None:
            self.show_plan(plan)

    # What is wrong

    def show_error(self, words: str) -> None:
        """Say what is wrong, beside the field where that is known; nothing where empty."""
        if words and words == self.error_line.text():
            return
        self._show_wrong(words, self._top_error_line)

    def _show_wrong(self, words: str, line: ErrorLine) -> None:
        self.error_line.setText("")
        self.error_line = line
        line.setText(words)
        if not words:
            return
        if self.fold.isAncestorOf(line):
            self.fold.unfold()
        area = self.parentWidget()
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        if area is not None:
            area.ensureWidgetVisible(line)

    def _line_for(self, error: LstmvizError) -> ErrorLine:
        """Where it is said: nearest to the field that it is about."""
        lines = self.settings_fields.error_lines | self.network_fields.rows.error_lines
        if error.where in lines:
            return lines[error.where]
        return self.task_fields.line_for(error) if self.task_fields.has_problem else self._top_error_line

    # The user's files

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """A file may be dropped anywhere on the form."""
        self.task_fields.dragEnterEvent(event)

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Learn from the file."""
        self.task_fields.dropEvent(event)

    # Set-up

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self.task_fields.set_theme(theme)

    def _build_preset(self) -> None:
        self.preset = QComboBox()
        self.preset.setObjectName("training_preset")
        self.preset.setAccessibleName("preset")
        self.preset.setFixedHeight(FIELD_HEIGHT)
        self.preset.addItems([*(preset.title for preset in PRESETS), OWN])
        self.preset.setToolTip("Trainings that show something: task, network and settings at once")
        self.preset.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.preset.activated.connect(self._preset_chosen)
        self.look_for = NoteLine("training_look_for")

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 4, 10, 10)
        column.setSpacing(6)
        more = QVBoxLayout(self.fold.body)
        more.setContentsMargins(0, 0, 0, 0)
        more.setSpacing(5)
        more.addLayout(self.settings_fields.more)
        more.addLayout(self.network_fields.more)
        for widget in (
            self._top_error_line,
            self.preset,
            self.look_for,
            self.task_fields,
            self.network_fields,
            self.settings_fields,
            self.fold,
        ):
            column.addWidget(widget)
        column.addStretch()
        fields = list(_in_reading_order(column))
        for before, after in pairwise(fields):
            self.setTabOrder(before, after)

    # What the user does

    def _preset_chosen(self, index: int) -> None:
        if index < len(PRESETS):
            self.show_error("")
            self.show_plan(PRESETS[index])

    def _edited(self) -> None:
        """A field was changed: the preset is none any more, and what it promises does not hold."""
        self.preset.setCurrentIndex(len(PRESETS))
        self.look_for.setText("")
        self.show_error("")


def _in_reading_order(layout: QLayout | None) -> Iterator[QWidget]:
    """The fields that the keyboard goes to, as they stand from top to bottom."""
    for number in range(layout.count() if layout is not None else 0):
        item = layout.itemAt(number) if layout is not None else None
        widget = item.widget() if item is not None else None
        if item is not None and widget is None:
            yield from _in_reading_order(item.layout())
        elif widget is not None and widget.layout() is not None and not isinstance(widget, QAbstractScrollArea):
            yield from _in_reading_order(widget.layout())
        elif widget is not None and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            yield widget
