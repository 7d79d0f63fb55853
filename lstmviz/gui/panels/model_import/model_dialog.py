"""Shows what is in the file of a trained model, and makes one of its networks an experiment."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import QMimeData, QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import (
    QComboBox,
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.core.networks.parameters import Nonlinearity
from lstmviz.core.numerals import shortened
from lstmviz.core.text import count
from lstmviz.gui.panels.fields import FIELD_HEIGHT, ChoiceBox, ErrorLine, NoteLine, buddy_label, stylesheet
from lstmviz.gui.panels.model_import.candidates_table import CandidatesTable
from lstmviz.gui.panels.model_import.facts_page import FactsPage
from lstmviz.gui.panels.model_import.self_test_page import SelfTestPage
from lstmviz.gui.style import LIGHT, Theme, text_font
from lstmviz.io.models.experiments import experiment_of, title_of
from lstmviz.io.models.finishing import with_nonlinearity
from lstmviz.io.models.model_file import Candidate, Kind, ModelFile
from lstmviz.io.models.readings import Reading, readings
from lstmviz.io.models.wording import NOT_USED, facts, ignored_words

_SIZE = (700, 500)
_FUNCTIONS = {Nonlinearity.TANH: "tanh", Nonlinearity.RELU: "relu"}
_TEST, _BACK = "Test against a known output…", "Back to what was found"
_NO_VOCABULARY = "none; it helps where a network reads words or characters"


class ModelDialog(QDialog):
    """A preview. Whoever opens it reads the files, and hands over what is in them.

    present  the experiment that stands: its sequence and objective are offered to networks that they fit
    """

    chosen = pyqtSignal(object)
    """An Experiment to open."""
    vocabulary_wanted = pyqtSignal()
    """The user wants to choose a vocabulary file: ``show_vocabulary`` or ``show_vocabulary_failure`` answers."""
    dropped = pyqtSignal(object)
    """The paths of files that were dropped on the dialog."""

    def __init__(self, name: str, present: Experiment, parent: QWidget | None = None, *, theme: Theme = LIGHT) -> None:
        super().__init__(parent)
        self.setObjectName("model_import")
        self.setWindowTitle("Open a trained model")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._present = present
        self._file: ModelFile | None = None
        self._vocabulary: tuple[str, ...] = ()
        self._readings: tuple[Reading, ...] = ()
        self.setAcceptDrops(True)
        self._build(name)
        self._lay_out()
        self.set_theme(theme)
        self.show_reading()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self.setStyleSheet(stylesheet(theme))
        self.table.set_theme(theme)
        self.test_page.set_theme(theme)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Qt's hook: files may be dropped here."""
        if event is not None and _local_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Qt's hook."""
        paths = _local_paths(event.mimeData()) if event is not None else ()
        if event is not None and paths:
            event.acceptProposedAction()
            self.dropped.emit(paths)

    # What was read

    def show_reading(self) -> None:
        """The file is being read."""
        self.format_line.setText("Reading the file …")
        for part in (self.table, self.facts, self.fields, self.test_area, self.test_button):
            part.hide()
        self.open_button.setEnabled(False)

    def show_file(self, file: ModelFile) -> None:
        """Show what is in the file."""
        self._file = file
        found = count(len(file.candidates), "recurrent network")
        self.format_line.setText(f"{file.format}. It holds {found}.")
        self.table.show()
        self.facts.show()
        self.test_button.show()
        self.table.show_candidates(file.candidates)
        self.table.setFocus()

    def show_vocabulary(self, name: str, tokens: tuple[str, ...]) -> None:
        """Use these tokens from now on; ``name`` is that of their file."""
        self._vocabulary = tokens
        self.vocabulary_label.setText(f"{shortened(name)}, {count(len(tokens), 'token')}")
        self.without_button.show()
        self._show_readings()

    def show_vocabulary_failure(self, words: str) -> None:
        """The vocabulary cannot be read; the one before stays."""
        self.error_line.setText(words)

    def show_test_page(self, shown: bool = True) -> None:
        """Show the test against a known output in place of the facts, or the facts again."""
        self.test_button.setChecked(shown)

    # What is chosen

    @property
    def candidate(self) -> Candidate | None:
        """The network that is chosen, with the function that is chosen."""
        candidate = self.table.candidate
        if candidate is None or not _asks_for_function(candidate):
            return candidate
        function = self.function_box.choice
        return replace(candidate, network=with_nonlinearity(candidate, function), nonlinearity=function)

    def _show_candidate(self, candidate: Candidate) -> None:
        known = facts(candidate)
        ignored = ignored_words(self._file) if self._file else ""
        self.facts.show_facts((*known, (NOT_USED, ignored)) if ignored else known)
        scrolled = self.facts.verticalScrollBar()
        if scrolled is not None:
            scrolled.setValue(0)
        for part in (self.function_label, self.function_box):
            part.setVisible(_asks_for_function(candidate))
        self._show_readings()

    def _show_readings(self) -> None:
        """What the chosen network can read, or why it cannot be opened."""
        candidate = self.candidate
        self._readings = ()
        self.error_line.setText("")
        try:
            if candidate is not None:
                present = self._present
                self._readings = readings(candidate, self._vocabulary, present.sequence, present.objective)
        except LstmvizError as error:
            self.error_line.setText(error.what + (f". {error.how}" if error.how else "."))
        with QSignalBlocker(self.reading_box):
            self.reading_box.clear()
            self.reading_box.addItems([each.words for each in self._readings])
        self._show_fields()
        self.test_button.setEnabled(candidate is not None and candidate.network is not None)
        if not self.test_button.isEnabled():
            self.show_test_page(False)
        self.test_page.show_candidate(candidate)
        self.reading_box.setEnabled(bool(self._readings))
        self.open_button.setEnabled(bool(self._readings))

    def _show_facts_or_test(self, test: bool) -> None:
        self.facts.setVisible(not test)
        self.test_area.setVisible(test)
        self._show_fields()
        self.test_button.setText(_BACK if test else _TEST)

    def _show_fields(self) -> None:
        """What is to be chosen for opening makes room for the test."""
        runs = self.table.candidate is not None and self.table.candidate.network is not None
        self.fields.setVisible(runs and not self.test_button.isChecked())

    def _drop_vocabulary(self) -> None:
        self._vocabulary = ()
        self.vocabulary_label.setText(_NO_VOCABULARY)
        self.without_button.hide()
        self._show_readings()

    def _open(self) -> None:
        candidate = self.candidate
        if candidate is None or self._file is None or not self._readings:
            return
        reading = self._readings[self.reading_box.currentIndex()]
        experiment = experiment_of(candidate, reading, title_of(self._file, candidate))
        self.accept()
        self.chosen.emit(experiment)

    # Building

    def _build(self, name: str) -> None:
        self.heading = QLabel(shortened(name, 70))
        self.heading.setObjectName("model_heading")
        self.heading.setTextFormat(Qt.TextFormat.PlainText)
        self.heading.setFont(text_font(15, bold=True))
        self.format_line = NoteLine("model_format")
        self.table = CandidatesTable()
        self.facts = FactsPage()
        self.test_page = SelfTestPage()
        self.test_area = QScrollArea()
        self.test_area.setObjectName("model_test_area")
        self.test_area.setAccessibleName("Test against a known output")
        self.test_area.setWidgetResizable(True)
        self.test_area.setFrameShape(QFrame.Shape.NoFrame)
        self.test_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.test_area.setWidget(self.test_page)
        self.test_button = _button(
            _TEST,
            "model_test_open",
            "Compare what this network computes with what the framework computed",
        )
        self.test_button.setCheckable(True)
        self.error_line = ErrorLine("model_error")
        self.fields = QWidget()
        self.reading_box = QComboBox()
        self.reading_box.setObjectName("model_reading")
        self.reading_box.setToolTip("What the network reads at first. It can be changed afterwards.")
        self.reading_box.setFixedHeight(FIELD_HEIGHT)
        self.reading_box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.function_box = ChoiceBox(
            "model_function", _FUNCTIONS, "The function of the vanilla RNN, which the file does not tell."
        )
        self.function_label = buddy_label("Its function", self.function_box)
        self.vocabulary_label = QLabel(_NO_VOCABULARY)
        self.vocabulary_label.setObjectName("model_vocabulary")
        self.vocabulary_label.setTextFormat(Qt.TextFormat.PlainText)
        self.vocabulary_button = _button(
            "Choose a file…",
            "model_choose_vocabulary",
            "Which token each number stands for: a JSON list or object, or a text with one token a line",
        )
        self.without_button = _button("Without", "model_without_vocabulary", "Use no vocabulary")
        self.cancel_button = _button("Cancel", "model_cancel", "Leave everything as it is")
        self.open_button = _button(
            "Open", "model_open", "Put this network in place of the present one; undo brings it back"
        )
        self.open_button.setDefault(True)
        self.without_button.hide()
        self.table.candidate_chosen.connect(self._show_candidate)
        self.function_box.currentIndexChanged.connect(self._show_readings)
        self.vocabulary_button.clicked.connect(self.vocabulary_wanted)
        self.without_button.clicked.connect(self._drop_vocabulary)
        self.test_button.toggled.connect(self._show_facts_or_test)
        self.cancel_button.clicked.connect(self.reject)
        self.open_button.clicked.connect(self._open)

    def _lay_out(self) -> None:
        grid = QGridLayout(self.fields)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self.function_label, 0, 0)
        grid.addWidget(self.function_box, 0, 1, 1, 3)
        grid.addWidget(buddy_label("It reads", self.reading_box), 1, 0)
        grid.addWidget(self.reading_box, 1, 1, 1, 3)
        grid.addWidget(QLabel("Vocabulary"), 2, 0)
        grid.addWidget(self.vocabulary_label, 2, 1)
        grid.addWidget(self.without_button, 2, 2)
        grid.addWidget(self.vocabulary_button, 2, 3)
        buttons = QHBoxLayout()
        buttons.addWidget(self.test_button)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.open_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 14)
        column.setSpacing(10)
        column.addWidget(self.heading)
        column.addWidget(self.format_line)
        column.addWidget(self.table)
        column.addWidget(self.facts, 1)
        column.addWidget(self.test_area, 1)
        column.addWidget(self.fields)
        column.addWidget(self.error_line)
        column.addStretch()
        column.addLayout(buttons)
        self.resize(*_SIZE)


def _asks_for_function(candidate: Candidate) -> bool:
    """Whether the user has to say what phi of a vanilla RNN is."""
    return candidate.kind is Kind.RNN and not candidate.nonlinearity_known and candidate.network is not None


def _local_paths(dragged: QMimeData | None) -> tuple[Path, ...]:
    urls = dragged.urls() if dragged else []
    return tuple(Path(url.toLocalFile()) for url in urls if url.isLocalFile())


def _button(text: str, name: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setToolTip(tooltip)
    button.setAutoDefault(False)
    return button
