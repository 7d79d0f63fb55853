"""What came of a training: charts, the answers to a new sequence, writing, and everything in numbers."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QTabWidget, QWidget

from lstmviz.core.training.record import Moment, NetworkRecord, TrainingRecord
from lstmviz.core.training.text_task import NextCharacter
from lstmviz.gui.panels.training.writing_panel import WritingPanel
from lstmviz.gui.style import Theme
from lstmviz.gui.training.answers_page import AnswersPage
from lstmviz.gui.training.numbers_page import NumbersPage

PAUSE_FIRST = "Pause first: while the network learns, every letter would change under your hand"


class ResultPages(QTabWidget):
    """The charts come first. The other pages are there once there is a training."""

    hovered = pyqtSignal(str)
    """What is under the mouse, in words; empty for nothing."""

    def __init__(self, charts: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training_pages")
        self.setDocumentMode(True)
        self.setTabBarAutoHide(True)
        self.answers, self.writing, self.numbers = AnswersPage(), WritingPanel(), NumbersPage()
        for page, words, tip in (
            (charts, "Charts", "Loss, gradients and gates over the updates"),
            (self.answers, "Answers", "Give the trained networks a new sequence, and see what they answer"),
            (self.writing, "Writing", "Let the network write, and see why it chose each character"),
            (self.numbers, "Numbers", "The charts and maps as tables"),
        ):
            self.setTabToolTip(self.addTab(page, words), tip)
        self.answers.hovered.connect(self.hovered)
        self._show_tabs(there=False, writes=False)

    def show_record(self, record: TrainingRecord) -> None:
        """Show what is known of a training."""
        self.numbers.show_record(record)

    def show_moment(
        self, record: TrainingRecord | None, moment: Moment | None, network: NetworkRecord | None, *, running: bool
    ) -> None:
        """Use the networks of a moment; ``network`` is the one that writes."""
        task = record.task if record is not None else None
        self._show_tabs(there=record is not None, writes=isinstance(task, NextCharacter))
        number = self.indexOf(self.writing)
        if running and self.currentIndex() == number:
            self.setCurrentIndex(0)
        self.setTabEnabled(number, not running)
        if running:
            self.setTabToolTip(number, PAUSE_FIRST)
        if record is None or moment is None or network is None:
            return
        self.answers.show_moment(record, moment)
        if isinstance(task, NextCharacter) and not running and network.key in moment.states:
            self.writing.show_network(moment.states[network.key].network, task.vocabulary)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self.answers.set_theme(theme)

    def stop(self) -> None:
        """Nothing more is to come: the window closes."""
        self.answers.stop()
        self.numbers.stop()

    def _show_tabs(self, *, there: bool, writes: bool) -> None:
        for page, shown in ((self.answers, there), (self.writing, there and writes), (self.numbers, there)):
            if not shown and self.currentWidget() is page:
                self.setCurrentIndex(0)
            self.setTabVisible(self.indexOf(page), shown)
