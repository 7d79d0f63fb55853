"""The objective section: which loss, against what, at which steps."""

from __future__ import annotations

from functools import partial

from PyQt6.QtCore import QSignalBlocker
from PyQt6.QtWidgets import QCheckBox, QFormLayout, QWidget

from lstmviz.core.arrays import Array, same
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.objective import Objective, ObjectiveKind, Where
from lstmviz.core.run import Run
from lstmviz.core.text import count, number
from lstmviz.gui.panels.edits import with_objective, with_objective_kind
from lstmviz.gui.panels.fields import ChoiceBox, NoteLine, WholeBox, buddy_label
from lstmviz.gui.panels.section import Section
from lstmviz.gui.panels.text_field import TextField
from lstmviz.gui.style import Theme
from lstmviz.io.tables import MAX_STEPS, format_rows, parse_rows

_KIND_WORDS = {kind: kind.value for kind in ObjectiveKind}
_WHERE_WORDS = {where: f"at {'the ' if where is Where.LAST else ''}{where.value}" for where in Where}
_AGAINST_TARGETS = (ObjectiveKind.SQUARED_ERROR, ObjectiveKind.CROSS_ENTROPY)

_TARGET_TIPS = {
    ObjectiveKind.SQUARED_ERROR: "What the output should be: one number, or one a step.\n"
    "Several outputs: a row of numbers a step, or [[1, 0]] for one row.",
    ObjectiveKind.CROSS_ENTROPY: "The number of the right class, from 0: one, or one a step.",
}


class ObjectiveSection(Section):
    """The loss L that is measured, and whose gradient travels back."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Objective", "objective", parent)
        self._shown: Array | None = None
        self._asked: Array | None = None
        self._build_fields()
        self._form = QFormLayout()
        self._form.setVerticalSpacing(6)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self._form.addRow(buddy_label("loss", self.kind), self.kind)
        self._form.addRow(buddy_label("where", self.where), self.where)
        self._form.addRow(self.next_input)
        self._form.addRow(buddy_label("target", self.target), self.target)
        self._form.addRow(buddy_label("unit", self.unit), self.unit)
        self._form.addRow(buddy_label("step", self.step), self.step)
        self.words_line = NoteLine("objective_in_words")
        self.loss_line = NoteLine("objective_loss")
        self.loss_line.setToolTip("The value of the loss on this sequence.")
        self.body.addLayout(self._form)
        self.body.addWidget(self.error_line)
        self.body.addWidget(self.words_line)
        self.body.addWidget(self.loss_line)
        self.body.addWidget(self.note_line)

    def show_run(self, run: Run) -> None:
        """Show the objective of ``run``; a target that is being typed stays."""
        super().show_run(run)
        objective = run.experiment.objective
        against_target = objective.kind in _AGAINST_TARGETS
        one_unit = objective.kind is ObjectiveKind.ONE_UNIT
        typed_target = against_target and not objective.next_input
        self.kind.show_choice(objective.kind)
        self.where.show_choice(objective.where)
        self.unit.show_value(objective.unit)
        self.step.show_value(objective.t)
        with QSignalBlocker(self.next_input):
            self.next_input.setChecked(objective.next_input)
        self._form.setRowVisible(self.where, against_target)
        self._form.setRowVisible(self.next_input, against_target)
        self._form.setRowVisible(self.target, typed_target)
        self._form.setRowVisible(self.unit, one_unit)
        self._form.setRowVisible(self.step, one_unit)
        self.target.editor.setToolTip(_TARGET_TIPS.get(objective.kind, _TARGET_TIPS[ObjectiveKind.SQUARED_ERROR]))
        if typed_target:
            self._show_target(objective)
        else:
            self._shown = self._asked = None
            self.show_error(None)
        self.words_line.setText(objective.in_words())
        self._show_loss(run)

    def reset(self, run: Run) -> None:
        """Show the objective of ``run`` whatever has been typed."""
        self._shown = self._asked = None
        super().reset(run)

    def show_error(self, error: LstmvizError | None) -> None:
        """Show what is wrong with the objective, and mark the place in the target."""
        super().show_error(error)
        self.target.show_error(error)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        super().set_theme(theme)
        self.target.set_theme(theme)

    def _show_target(self, objective: Objective) -> None:
        target = objective.target
        if target is None:
            return
        came_from_here, self._asked = target is self._asked, None
        is_shown = self._shown is not None and same(target, self._shown)
        self._shown = target
        if came_from_here or is_shown:
            return
        self.show_error(None)
        self.target.set_text(format_rows(target), f"{count(target.size, 'target')} given")

    def _show_loss(self, run: Run) -> None:
        text = f"L = {number(run.main.loss)} now"
        if run.baseline is not None:
            text += f"; the vanilla RNN beside it: {number(run.baseline.loss)}"
        self.loss_line.setText(text)

    # Asking

    def _kind_chosen(self) -> None:
        self._ask("choose the objective", partial(with_objective_kind, kind=self.kind.choice))

    def _where_chosen(self) -> None:
        self._ask("choose where the objective looks", partial(with_objective, where=self.where.choice))

    def _next_input_toggled(self, checked: bool) -> None:
        self._ask("choose the target", partial(with_objective, next_input=checked))

    def _unit_changed(self, unit: int) -> None:
        self._ask("choose the unit of the objective", partial(with_objective, unit=unit), "objective_unit")

    def _step_changed(self, step: int) -> None:
        self._ask("choose the step of the objective", partial(with_objective, t=step), "objective_step")

    def _target_edited(self, text: str) -> bool:
        """Read the target and ask for it; False after showing what is wrong."""
        self._last_ask = None
        try:
            target = parse_rows(text, subject="target")
        except LstmvizError as error:
            self.show_error(error)
            return False
        self.show_error(None)
        self._asked = target
        self._ask("change the target", partial(with_objective, target=target), "target", typed=True)
        return True

    def _pasted_large(self, text: str) -> None:
        if self._target_edited(text):
            self.target.set_text(text, f"{len(text):,} characters pasted")

    def _restore(self) -> None:
        if self.run is not None:
            self.reset(self.run)

    # Building

    def _build_fields(self) -> None:
        self.kind = ChoiceBox("objective_kind", _KIND_WORDS, "What is measured: the loss L.")
        self.kind.activated.connect(self._kind_chosen)
        self.where = ChoiceBox("objective_where", _WHERE_WORDS, "The steps at which output and target are compared.")
        self.where.activated.connect(self._where_chosen)
        self.next_input = QCheckBox("the target is the next input")
        self.next_input.setObjectName("next_input")
        self.next_input.setToolTip("At every step predict what is read at the next step. The last step has no target.")
        self.next_input.toggled.connect(self._next_input_toggled)
        self.target = TextField("target_edit", fewest_lines=1)
        self.target.edited.connect(self._target_edited)
        self.target.pasted_large.connect(self._pasted_large)
        self.target.restore_requested.connect(self._restore)
        self.target.editor.setAccessibleName("target")
        self.unit = WholeBox("objective_unit", 0, 1_000_000, "The output whose value is L, from 0.")
        self.unit.valueChanged.connect(self._unit_changed)
        self.step = WholeBox("objective_step", 0, MAX_STEPS, "The step at which it is read, from 1.")
        self.step.setSpecialValueText("last step")
        self.step.valueChanged.connect(self._step_changed)
