"""The form that puts a what-if together: what kind, then the questions of that kind, filled in from where one looks."""

from __future__ import annotations

from functools import partial
from typing import Any

from PyQt6.QtCore import QSignalBlocker, Qt
from PyQt6.QtWidgets import QComboBox, QFormLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from lstmviz.core.cursor import Cursor
from lstmviz.core.experiments.what_if import Change
from lstmviz.core.run import Run
from lstmviz.gui.panels.being_typed import Typing
from lstmviz.gui.panels.debugger.what_if_kinds import Kind, Options, Place, Question, Real, Whole, Word
from lstmviz.gui.panels.debugger.what_if_tokens import kinds_here
from lstmviz.gui.panels.fields import FIELD_HEIGHT, NoteLine, NumberBox, WholeBox, buddy_label

_Box = QComboBox | WholeBox | NumberBox | QLineEdit


class WhatIfForm(QWidget):
    """A choice of kinds, and a box for every question. What the user has typed stays until the kind changes."""

    def __init__(self, run: Run, cursor: Cursor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run, self._cursor = run, cursor
        self._boxes: dict[str, _Box] = {}
        self._typing: dict[str, Typing] = {}
        self._touched: set[str] = set()
        self.kind_box = QComboBox()
        self.kind_box.setObjectName("what_if_kind")
        self.kind_box.setAccessibleName("kind of what-if")
        self.kind_box.setToolTip("What to change. The run before stays as a pale line in every view.")
        _fit(self.kind_box)
        self.explanation = NoteLine("what_if_explanation")
        self._questions = QWidget()
        self._form = QFormLayout(self._questions)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for widget in (self.kind_box, self.explanation, self._questions):
            column.addWidget(widget)
        self._kinds: tuple[Kind, ...] = ()
        self.kind_box.activated.connect(self._ask)
        self.show_place(run, cursor)

    @property
    def kind(self) -> Kind:
        """The kind that is chosen."""
        return self._kinds[self.kind_box.currentIndex()]

    @property
    def change(self) -> Change:
        """The change that the answers make. Raises LstmvizError where a typed token is none."""
        answers: dict[str, Any] = {name: _answer(box) for name, box in self._boxes.items()}
        sequence = self._run.sequence
        return self.kind.make({**answers, "features": sequence.input_size, "table": sequence.table})

    def show_place(self, run: Run, cursor: Cursor) -> None:
        """Answer what the user has not answered from this place."""
        self._run, self._cursor = run, cursor
        kinds = kinds_here(run)
        if kinds != self._kinds:
            chosen = self.kind.words if self._kinds else ""
            self._kinds = kinds
            self.kind_box.clear()
            self.kind_box.addItems([kind.words for kind in kinds])
            self.kind_box.setCurrentIndex(max(0, self.kind_box.findText(chosen)))
            self._ask()
        else:
            self._fill()

    def box(self, name: str) -> _Box:
        """The box of the question called ``name``."""
        return self._boxes[name]

    def _ask(self) -> None:
        """Put up the questions of the chosen kind."""
        for box in self._boxes.values():
            box.blockSignals(True)  # one that has the focus reports its number once more when it goes
        self._touched.clear()
        self.explanation.setText(self.kind.explains)
        old, self._questions = self._questions, QWidget()
        layout = self.layout()
        assert layout is not None
        layout.replaceWidget(old, self._questions)
        old.hide()  # Qt may still be about to show it, and would as a window of its own
        old.setParent(None)
        old.deleteLater()
        form = self._form = QFormLayout(self._questions)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(4)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        self._boxes, self._typing = {}, {}
        for question in self.kind.questions:
            box = self._made(question, question.of(self._place))
            self._boxes[question.name] = box
            form.addRow(buddy_label(question.label, box), box)
            _show(box, question.of(self._place), touched=False)
            form.setRowVisible(box, question.asked(self._place))

    @property
    def _place(self) -> Place:
        return Place(self._run, self._cursor, {name: _answer(box) for name, box in self._boxes.items()})

    def _made(self, question: Question, answer: Options | Whole | Real | Word) -> _Box:
        name = f"what_if_{question.name}"
        box: _Box
        if isinstance(answer, Options):
            box = QComboBox()
            box.setObjectName(name)
            box.setToolTip(question.tip)
            _fit(box)
            box.activated.connect(partial(self._touch, question.name))
            return box
        if isinstance(answer, Word):
            box = QLineEdit()
            box.setObjectName(name)
            box.setToolTip(question.tip)
            box.setProperty("role", "text")
            box.setFixedHeight(FIELD_HEIGHT)
            box.textEdited.connect(partial(self._touch, question.name))
            return box
        box = WholeBox(name, 0, 0, question.tip) if isinstance(answer, Whole) else NumberBox(name, question.tip)
        box.valueChanged.connect(partial(self._touch, question.name))
        typing = self._typing[question.name] = Typing(box)
        typing.ended.connect(partial(self._end_typing, question.name))
        return box

    def _touch(self, name: str, *_: object) -> None:
        self._touched.add(name)
        self._fill()

    def _end_typing(self, name: str, is_number: bool) -> None:
        if is_number:
            self._touched.add(name)
        self._fill()

    def _fill(self) -> None:
        """Ranges and options as the run has them; what nobody has touched is answered from where one looks."""
        for question in self.kind.questions:
            box = self._boxes[question.name]
            typing = self._typing.get(question.name)
            if not (typing and typing.is_under_way):  # a range, too, may take the place of what is typed
                _show(box, question.of(self._place), touched=question.name in self._touched)
            self._form.setRowVisible(box, question.asked(self._place))


def _answer(box: _Box) -> Any:
    if isinstance(box, QLineEdit):
        return box.text()
    return box.currentData() if isinstance(box, QComboBox) else box.value()


def _show(box: _Box, answer: Options | Whole | Real | Word, *, touched: bool) -> None:
    """Give ``box`` its range and, where it has not been touched, its first answer; nothing is reported."""
    with QSignalBlocker(box):
        if isinstance(answer, Options) and isinstance(box, QComboBox):
            wanted = box.currentData() if touched else answer.first
            if answer.answers != tuple((box.itemData(row), box.itemText(row)) for row in range(box.count())):
                box.clear()
                for value, words in answer.answers:
                    box.addItem(words, value)
            values = [value for value, _ in answer.answers]
            box.setCurrentIndex(values.index(wanted) if wanted in values else 0)
        elif isinstance(answer, Whole) and isinstance(box, WholeBox):
            box.setRange(answer.lowest, answer.highest)
            box.setSpecialValueText(answer.special)
            if not touched:
                box.setValue(answer.first)
        elif isinstance(answer, Real) and isinstance(box, NumberBox) and not touched:
            box.setValue(answer.first)
        elif isinstance(answer, Word) and isinstance(box, QLineEdit) and not touched:
            box.setText(answer.first)


def _fit(box: QComboBox) -> None:
    """Long entries must not make the dock wide."""
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(6)
    box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    box.setFixedHeight(FIELD_HEIGHT)
