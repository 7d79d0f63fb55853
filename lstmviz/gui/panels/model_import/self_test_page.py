"""Where a known input and its output are chosen, and the comparison with the network's own output is shown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PyQt6.QtCore import QSignalBlocker, QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from lstmviz.core.numerals import shortened
from lstmviz.core.text import number
from lstmviz.gui.panels.fields import FIELD_HEIGHT, ErrorLine, Line, NoteLine, buddy_label
from lstmviz.gui.panels.model_import.error_strip import ErrorStrip
from lstmviz.gui.style import LIGHT, Theme, text_font
from lstmviz.io.models.model_file import Candidate
from lstmviz.io.models.self_test import SelfTest
from lstmviz.io.models.self_test_files import NumbersFile

_EXPLAINED = (
    "Give an input that you know the output of, as the framework computed it. The network here reads it, and the "
    "largest error is shown. Arrays (.npy, .npz) or tables (.csv)."
)
_SAME_FILE = "in the same file as the input"


class Slot(Enum):
    """Which of the two files."""

    INPUT = "input"
    EXPECTED = "expected output"


@dataclass(frozen=True, eq=False)
class TestRequest:
    """What is to be compared. expected: None for the file of the input; parts: its columns or array."""

    __test__ = False  # for pytest, which takes every Test... for a test

    candidate: Candidate
    given: NumbersFile
    expected: NumbersFile | None
    parts: tuple[str, ...]
    batch_first: bool


class SelfTestPage(QWidget):
    """Whoever owns it reads the files and computes, off the GUI thread: ``show_numbers`` and ``show_test`` answer."""

    file_wanted = pyqtSignal(object)
    """A file is to be chosen for this Slot."""
    test_wanted = pyqtSignal(object)
    """A TestRequest."""
    outdated = pyqtSignal()
    """Something else is to be compared than what is being computed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("model_test")
        self.setAccessibleName("Test against a known output")
        self._candidate: Candidate | None = None
        self._files: dict[Slot, NumbersFile] = {}
        self._test: SelfTest | None = None
        self._theme = LIGHT
        self._build()
        self._lay_out()
        self._show_files()
        self.clear_result()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self.strip.set_theme(theme)
        self._colour_verdict()

    def show_candidate(self, candidate: Candidate | None) -> None:
        """Test this network from now on."""
        self._candidate = candidate
        self._show_files()
        self._change()

    def minimumSizeHint(self) -> QSize:
        """Qt's hook: lines that wrap have no least height of their own, only one for a width."""
        return QSize()

    def has(self, slot: Slot) -> bool:
        """Whether there is a file for this slot."""
        return slot in self._files

    def show_numbers(self, slot: Slot, file: NumbersFile) -> None:
        """A file has been read."""
        self._files[slot] = file
        self.clear_result()
        self._show_files()

    def show_busy(self, words: str) -> None:
        """Something is under way."""
        self.clear_result()
        self.note.setText(words)
        self.test_button.setEnabled(False)

    def show_test(self, test: SelfTest) -> None:
        """The result."""
        self.clear_result()
        self._test = test
        self.mark.setText("✓" if test.passed else "≈" if test.cause and test.cause.rounding else "✗")
        self.verdict.setText(test.verdict)
        self.details.setText(
            f"Compared: {test.compared}. Largest error {number(test.largest)} at {test.place.words}; largest relative "
            f"error {number(test.largest_relative)} at {test.relative_place.words}."
        )
        self.advice.setText(test.advice)
        self.strip.show_test(test)
        for part in (self.mark, self.strip):
            part.show()
        self.test_button.setEnabled(self._request() is not None)
        self._colour_verdict()

    def show_failure(self, words: str) -> None:
        """It cannot be done, and why."""
        self.clear_result()
        self.error_line.setText(words)
        self.test_button.setEnabled(self._request() is not None)

    def clear_result(self) -> None:
        """What was found does not count any more."""
        self._test = None
        for line in (self.verdict, self.details, self.advice, self.error_line):
            line.setText("")
        self.note.setText("" if self._files else _EXPLAINED)
        self.strip.show_test(None)
        for part in (self.mark, self.strip):
            part.hide()

    def _request(self) -> TestRequest | None:
        """What the test would compare; None while something is missing."""
        given = self._files.get(Slot.INPUT)
        if given is None or self._candidate is None or self._candidate.network is None:
            return None
        parts = self.part_box.currentData() or ()
        expected = self._files.get(Slot.EXPECTED)
        if expected is None and not parts:
            return None
        return TestRequest(self._candidate, given, expected, parts, self.batch_box.isChecked())

    def _ask_for_test(self) -> None:
        request = self._request()
        if request is not None:
            self.show_busy("Computing …")
            self.test_wanted.emit(request)

    def _show_files(self) -> None:
        given, expected = self._files.get(Slot.INPUT), self._files.get(Slot.EXPECTED)
        self.input_label.setText(_described(given) if given else "no file yet")
        same = _SAME_FILE if given and len(given.parts) > 1 else "no file yet"
        self.expected_label.setText(_described(expected) if expected else same)
        self.same_button.setVisible(expected is not None and given is not None and len(given.parts) > 1)
        self._offer_parts(expected or given, same=expected is None)
        self.test_button.setEnabled(self._request() is not None)

    def _offer_parts(self, source: NumbersFile | None, *, same: bool) -> None:
        """The columns or arrays that can be expected; nothing to choose where there is one alone."""
        names = list(source.parts) if source else []
        with QSignalBlocker(self.part_box):
            self.part_box.clear()
            if source is not None and source.is_table and not same and len(names) > 1:
                self.part_box.addItem(f"all {len(names)} columns", tuple(names))
            outputs = self._candidate.network.output_size if self._candidate and self._candidate.network else 1
            if source is not None and source.is_table and same and 1 < outputs < len(names):
                self.part_box.addItem(f"the last {outputs} columns", tuple(names[-outputs:]))
            offered = reversed(names) if same else names  # what is expected stands last in most tables
            for name in offered if len(names) > 1 or not same else ():
                kind = "column" if source is not None and source.is_table else "array"
                self.part_box.addItem(f"the {kind} “{shortened(name, 30)}”" if name else "the array", (name,))
        shown = self.part_box.count() > 1
        self.part_box.setVisible(shown)

    def _use_same_file(self) -> None:
        self._files.pop(Slot.EXPECTED, None)
        self._show_files()
        self._change()

    def _colour_verdict(self) -> None:
        test = self._test
        if test is None:
            return
        rounding = test.cause is not None and test.cause.rounding
        colour = self._theme.input if test.passed else self._theme.candidate if rounding else self._theme.warning
        self.mark.setStyleSheet(f"color: {colour};")
        self.verdict.setStyleSheet(f"color: {colour};")

    # Building

    def _build(self) -> None:
        self.input_label, self.expected_label = (_file_label(f"model_test_{slot.name.lower()}") for slot in Slot)
        self.input_button = _button("Choose a file…", "model_test_choose_input", "The input: .npy, .npz or a table")
        self.expected_button = _button(
            "Choose a file…", "model_test_choose_expected", "What the model makes of it, every step or the last alone"
        )
        self.same_button = _button("Same file", "model_test_same_file", "Take a column or array of the input's file")
        self.part_box = QComboBox()
        self.part_box.setObjectName("model_test_part")
        self.part_box.setAccessibleName("Which part of the file is expected")
        self.part_box.setToolTip("Which part of the file is the expected output; the other columns are the input")
        self.part_box.setFixedHeight(FIELD_HEIGHT)
        self.batch_box = QCheckBox("Sequences come first: arrays are [sequences, steps, …]")
        self.batch_box.setObjectName("model_test_batch_first")
        self.batch_box.setToolTip("As in Keras, and in PyTorch with batch_first; otherwise [steps, sequences, …]")
        self.test_button = _button("Test", "model_test_run", "Compare; this may take a while for a long input")
        self.note = NoteLine("model_test_note")
        self.error_line = ErrorLine("model_test_error")
        self.mark = QLabel()
        self.mark.setObjectName("model_test_mark")
        self.mark.setFont(text_font(20, bold=True))
        self.verdict = Line("model_test_verdict", "verdict")
        self.verdict.setFont(text_font(13, bold=True))
        self.details = NoteLine("model_test_details")
        self.advice = Line("model_test_advice", "plain")
        self.strip = ErrorStrip()
        self.input_button.clicked.connect(lambda: self.file_wanted.emit(Slot.INPUT))
        self.expected_button.clicked.connect(lambda: self.file_wanted.emit(Slot.EXPECTED))
        self.same_button.clicked.connect(self._use_same_file)
        self.test_button.clicked.connect(self._ask_for_test)
        self.part_box.currentIndexChanged.connect(self._change)
        self.batch_box.toggled.connect(self._change)

    def _change(self) -> None:
        """Something else is to be compared."""
        self.outdated.emit()
        self.clear_result()
        self.test_button.setEnabled(self._request() is not None)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        grid.addWidget(buddy_label("Input", self.input_button), 0, 0)
        grid.addWidget(self.input_label, 0, 1)
        grid.addWidget(self.input_button, 0, 3)
        grid.addWidget(buddy_label("Expected output", self.expected_button), 1, 0)
        grid.addWidget(self.expected_label, 1, 1)
        grid.addWidget(self.same_button, 1, 2)
        grid.addWidget(self.expected_button, 1, 3)
        grid.addWidget(self.part_box, 2, 1, 1, 3)
        grid.addWidget(self.batch_box, 3, 1, 1, 2)
        grid.addWidget(self.test_button, 3, 3)
        said = QHBoxLayout()
        said.setSpacing(10)
        said.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        said.addWidget(self.verdict, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(8)
        column.addLayout(grid)
        column.addWidget(self.note)
        column.addWidget(self.error_line)
        column.addLayout(said)
        column.addWidget(self.advice)
        column.addWidget(self.details)
        column.addWidget(self.strip)
        column.addStretch(1)


def _described(file: NumbersFile) -> str:
    """The file in a few words."""
    shapes = [f"[{', '.join(str(size) for size in part.shape)}]" for part in file.parts.values()]
    if file.is_table:
        steps = len(next(iter(file.parts.values())))
        return f"{shortened(file.name)}, {len(file.parts)} × {steps:,} numbers"
    return f"{shortened(file.name)}, {' and '.join(shapes[:3])}"


def _file_label(name: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def _button(text: str, name: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setToolTip(tooltip)
    button.setAutoDefault(False)
    return button
