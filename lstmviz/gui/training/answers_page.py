"""A new sequence for the trained networks: drawn anew or typed, their answers, and what is right."""

from __future__ import annotations

from PyQt6.QtCore import QSignalBlocker, pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from lstmviz.core.arrays import Array
from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.network import Network
from lstmviz.core.training.batches import Batch
from lstmviz.core.training.inference import answers, answers_to_inputs, drawn_sequence
from lstmviz.core.training.record import Moment, TrainingRecord
from lstmviz.core.training.tasks import Task
from lstmviz.gui.panels.fields import ErrorLine, WholeBox, buddy_label
from lstmviz.gui.style import Theme
from lstmviz.gui.timers import single_shot
from lstmviz.gui.views.training.answers_plot import AnswersPlot
from lstmviz.gui.views.training.answers_words import table_of_answers, verdict
from lstmviz.gui.views.training.table_twin import TableTwin
from lstmviz.io.training.typed_inputs import inputs_as_text, inputs_of_text, is_symbolic

TYPING_MILLISECONDS = 200
TRAINING_MILLISECONDS = 300
"""While it trains the answers follow at this pace."""


class AnswersPage(QWidget):
    """Shows what the networks of a moment answer. ``show_moment`` costs nothing while it is not on show."""

    hovered = pyqtSignal(str)
    """What is under the mouse, in words; empty for nothing."""
    debug_asked = pyqtSignal(object, object)
    """The user wants to see the cell on this sequence: the inputs [T, I], and the Batch with what is right, or None."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("answers_page")
        self._task: Task | None = None
        self._networks: dict[str, Network] = {}
        self._x: Array | None = None
        self._batch: Batch | None = None
        self._typed = False
        self.plot = AnswersPlot()
        self.twin = TableTwin("answers_table", "Every step: what was read, what is right, and the answers")
        self._build()
        self._lay_out()
        self._typing = single_shot(self, self._read_typed, TYPING_MILLISECONDS)
        self._following = single_shot(self, self._answer, TRAINING_MILLISECONDS)
        self._wire()

    def show_moment(self, record: TrainingRecord, moment: Moment) -> None:
        """Answer with the networks of another moment; another task begins with its first new sequence."""
        self._networks = {
            each.name: moment.states[each.key].network for each in record.networks if each.key in moment.states
        }
        if record.task != self._task:
            self._task = record.task
            self._draw_sequence()
        elif self.isVisible() and not self._following.isActive():
            self._following.start()

    def another(self) -> None:
        """Draw the sequence of the next seed."""
        self.seed.setValue(self.seed.value() + 1)
        if self._typed:
            self._draw_sequence()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self.plot.set_theme(theme)
        self.verdict.setStyleSheet(f"color: {theme.text};")

    def stop(self) -> None:
        """Nothing more is to come: the window closes."""
        self._typing.stop()
        self._following.stop()

    # Sequences

    def _draw_sequence(self) -> None:
        """The sequence of the seed."""
        if self._task is None:
            return
        self._typing.stop()
        self._typed = False
        self._batch = drawn_sequence(self._task, self.seed.value())
        self._x = self._batch.x[:, 0]
        with QSignalBlocker(self.text):
            self.text.setPlainText(inputs_as_text(self._task, self._x))
        self.text.setPlaceholderText(typing_hint(self._task))
        self.error_line.setText("")
        self._answer()

    def _read_typed(self) -> None:
        """The sequence that was typed; what is wrong with it is said, and the answers before stay."""
        if self._task is None:
            return
        try:
            x = inputs_of_text(self._task, self.text.toPlainText())
            answers_to_inputs(self._task, {}, x)
        except LstmvizError as error:
            self.error_line.setText(str(error))
            return
        self.error_line.setText("")
        self._typed, self._x, self._batch = True, x, self._task.of_inputs(x)
        self._answer()

    def _answer(self) -> None:
        if self._task is None or self._x is None or not self.isVisible():
            return
        if self._batch is not None:
            found = answers(self._task, self._networks, self._batch)
        else:
            found = answers_to_inputs(self._task, self._networks, self._x)
        self.plot.show_answers(found)
        self.verdict.setText(verdict(found))
        self._fill_table()

    def showEvent(self, event: object) -> None:
        """It was behind another page: catch up."""
        self._answer()

    # Set-up

    def _build(self) -> None:
        self.seed = WholeBox(
            "answers_seed", 0, 2**31 - 1, "Which sequence is drawn; 0 is the probe, which the gradient maps show"
        )
        self.seed.show_value(1)
        self.seed.setFixedWidth(84)
        self.another_button = QPushButton("Another sequence")
        self.another_button.setObjectName("another_sequence")
        self.another_button.setToolTip("Draw a sequence that training never shows")
        self.debug_button = QPushButton("Open in the debugger")
        self.debug_button.setObjectName("debug_answers")
        self.debug_button.setToolTip("See the cell of the chosen network at every step of this sequence")
        self.as_table = QCheckBox("as a table")
        self.as_table.setObjectName("answers_as_table")
        self.as_table.setToolTip("Show the numbers instead of the picture")
        self.text = QPlainTextEdit()
        self.text.setObjectName("answers_text")
        self.text.setAccessibleName("The sequence, to be changed or typed anew")
        self.text.setToolTip("What the networks read: change it, or type another sequence")
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(46)
        self.error_line = ErrorLine("answers_error")
        self.verdict = QLabel()
        self.verdict.setObjectName("answers_verdict")
        self.verdict.setWordWrap(True)

    def _lay_out(self) -> None:
        first = QHBoxLayout()
        first.addWidget(buddy_label("sequence of seed", self.seed))
        first.addWidget(self.seed)
        first.addWidget(self.another_button)
        first.addStretch()
        first.addWidget(self.as_table)
        first.addWidget(self.debug_button)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.plot)
        self.pages.addWidget(self.twin)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 4)
        column.setSpacing(5)
        column.addLayout(first)
        column.addWidget(self.text)
        column.addWidget(self.error_line)
        column.addWidget(self.verdict)
        column.addWidget(self.pages, 1)

    def _wire(self) -> None:
        self.seed.valueChanged.connect(self._draw_sequence)
        self.another_button.clicked.connect(self.another)
        self.text.textChanged.connect(self._typing.start)
        self.as_table.toggled.connect(self._show_page)
        self.debug_button.clicked.connect(self._debug)
        self.plot.hovered.connect(self.hovered)

    def _debug(self) -> None:
        if self._typing.isActive():
            self._typing.stop()
            self._read_typed()
        if self._x is not None and not self.error_line.text():
            self.debug_asked.emit(self._x, self._batch)

    def _show_page(self, as_table: bool) -> None:
        self.pages.setCurrentWidget(self.twin if as_table else self.plot)
        self._fill_table()

    def _fill_table(self) -> None:
        if self.plot.answers is not None and self.as_table.isChecked():
            self.twin.show_table(table_of_answers(self.plot.answers))


def typing_hint(task: Task) -> str:
    """How a sequence is typed."""
    if is_symbolic(task):
        return "symbols: " + " ".join(task.features[:12])
    return "a row a step: " + ", ".join(task.features[:4])
