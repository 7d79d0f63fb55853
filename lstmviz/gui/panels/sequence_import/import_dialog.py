"""Shows what is in a file of numbers, and makes it the sequence once that works."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from lstmviz.core.text import count
from lstmviz.gui.job import Job
from lstmviz.gui.panels.fields import ErrorLine, NoteLine, stylesheet
from lstmviz.gui.panels.sequence_import.option_fields import OptionFields
from lstmviz.gui.panels.sequence_import.preview_model import PreviewModel
from lstmviz.gui.style import LIGHT, Theme, number_font, text_font
from lstmviz.io.sequence_files.content import SUFFIXES, content_of
from lstmviz.io.sequence_files.options import SequenceOptions
from lstmviz.io.sequence_files.preparing import Prepared, preparing
from lstmviz.io.sequence_files.reading import SequenceFile, reading_content

FILTER = f"Numbers ({' '.join('*' + suffix for suffix in SUFFIXES)});;All files (*)"
"""For the dialog that chooses such a file."""

_HERE_SECONDS = 0.05
_PROGRESS_STEPS = 1000
_SIZE = (820, 600)
_LEAST_WIDTH = 112
_COLUMNS_FITTED = 100


class SequenceImportDialog(QDialog):
    """A preview with options on top. It does not block the window; what is read is read on a thread.

    ``data`` is what was pasted, or what is in the file where that is known; otherwise ``path`` is read.
    """

    chosen = pyqtSignal(object, object)
    """A Prepared to run, and the SequenceOptions that made it."""

    def __init__(
        self,
        path: Path,
        parent: QWidget | None = None,
        *,
        data: bytes | None = None,
        options: SequenceOptions | None = None,
        theme: Theme = LIGHT,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("sequence_import")
        self.setWindowTitle("Sequence from a file")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._path, self._data = path, data
        self._file: SequenceFile | None = None
        self._prepared: Prepared | None = None
        self._options = options or SequenceOptions()
        self._read_with: SequenceOptions | None = None
        self.fields = OptionFields(replace(self._options, features=None))
        self.model = PreviewModel(self)
        self._build()
        self._lay_out()
        self.set_theme(theme)
        self._reading, self._preparing = Job(self), Job(self)
        self._reading.advanced.connect(self._show_progress)
        self._reading.finished.connect(self._show_file)
        self._reading.failed.connect(self._show_unreadable)
        self._preparing.advanced.connect(self._show_progress)
        self._preparing.finished.connect(self._show_prepared)
        self._preparing.failed.connect(self._show_failure)
        for bar in (self.table.verticalScrollBar(), self.table.horizontalScrollBar()):
            assert bar is not None
            bar.valueChanged.connect(self._let_the_table_paint)
        self.fields.changed.connect(self._options_changed)
        self.finished.connect(self._stop)
        self._read()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self.setStyleSheet(stylesheet(theme))
        self.model.set_theme(theme)

    # Reading

    def _read(self) -> None:
        self._forget()
        self.columns_row.setEnabled(False)
        self._read_with = self._options
        here = _HERE_SECONDS if self._data is not None else 0.0  # a disk may let one wait
        self._reading.start(self._read_steps(self._options), here)

    def _read_steps(self, options: SequenceOptions) -> Generator[float, None, SequenceFile]:
        yield 0.0
        if self._data is None:
            self._data = content_of(self._path)
        return (yield from reading_content(self._data, self._path.name, options))

    def _prepare(self) -> None:
        self._forget()
        if self._file is not None:
            self._let_the_table_paint()
            self._preparing.start(preparing(self._file, self._options), _HERE_SECONDS)

    def _let_the_table_paint(self) -> None:
        """Hundreds of calls paint it; each would wait its turn while a thread computes."""
        self._preparing.give_way()

    def _forget(self) -> None:
        """What was prepared does not count any more."""
        self._preparing.cancel()
        self._prepared = None
        self.use_button.setEnabled(False)
        self.error_line.setText("")
        self.size_label.setText("Reading …")
        self.progress.show()

    def _options_changed(self, options: SequenceOptions) -> None:
        if self._read_with is not None and options.reads_like(self._read_with):
            self._options = replace(options, features=self._options.features)
            if not self._reading.busy:
                self._prepare()
        else:
            self._options = options  # other columns may stand there now: what was taken is forgotten
            self._read()

    # Showing

    def _show_file(self, file: SequenceFile) -> None:
        self._file = file
        features = self._options.features
        if features is not None and not all(column < len(file.names) for column in features):
            self._options = replace(self._options, features=None)
        self.fields.show_file(file)
        self.recognised_line.setText(". ".join(_sentence(each) for each in file.recognised) + ".")
        self.model.show_file(file)
        self._show_columns()
        header = self.table.horizontalHeader()
        for column in range(min(len(file.names), _COLUMNS_FITTED)):
            self.table.setColumnWidth(column, max(_LEAST_WIDTH, header.sectionSizeHint(column) if header else 0))
        self._prepare()

    def _show_prepared(self, prepared: Prepared) -> None:
        self.progress.hide()
        self._prepared = prepared
        sequence = prepared.sequence
        self.size_label.setText(f"{count(sequence.length, 'step')} × {count(sequence.input_size, 'feature')}")
        self.note_line.setText(" ".join(prepared.notes))
        self.problem_button.setVisible(self.model.first_problem().isValid())
        self.use_button.setEnabled(True)

    def _show_unreadable(self, words: str) -> None:
        self._file = None
        self.model.show_file(None)
        self.recognised_line.setText("")
        self.columns_row.hide()
        self._show_failure(words)

    def _show_failure(self, words: str) -> None:
        self.progress.hide()
        self.error_line.setText(words)
        self.note_line.setText("")
        self.size_label.setText("")
        self.problem_button.setVisible(self.model.first_problem().isValid())

    def _show_progress(self, fraction: float) -> None:
        self.progress.setValue(int(fraction * _PROGRESS_STEPS))

    def _show_columns(self) -> None:
        if self._file is not None:
            self.model.show_taken(self._taken)
            every = len(self._file.names)
            self.columns_label.setText(f"{len(self._taken):,} of {count(every, 'column')} taken.")
            self.columns_row.show()
            self.columns_row.setEnabled(True)

    # Columns

    @property
    def _taken(self) -> tuple[int, ...]:
        if self._options.features is not None or self._file is None:
            return self._options.features or ()
        return self._file.suggested

    def _take(self, columns: tuple[int, ...] | None) -> None:
        if self._reading.busy:
            return  # the columns on show are those of the reading before
        self._options = replace(self._options, features=columns)
        self._show_columns()
        self._prepare()

    def _toggle(self, column: int) -> None:
        self._take(tuple(sorted(set(self._taken) ^ {column})))

    def _toggle_current(self) -> None:
        if self.table.currentIndex().isValid():
            self._toggle(self.table.currentIndex().column())

    def _take_all(self) -> None:
        if self._file is not None:
            self._take(tuple(range(len(self._file.names))))

    def _take_suggested(self) -> None:
        self._take(None)

    def _go_to_problem(self) -> None:
        place = self.model.first_problem()
        self.table.setCurrentIndex(place)
        self.table.scrollTo(place, QAbstractItemView.ScrollHint.PositionAtCenter)
        self.table.setFocus()

    # Ending

    def _use(self) -> None:
        if self._prepared is not None:
            prepared, options = self._prepared, self._options
            self.accept()
            self.chosen.emit(prepared, options)

    def _stop(self) -> None:
        self._reading.close()
        self._preparing.close()

    # Building

    def _build(self) -> None:
        self.recognised_line = NoteLine("import_recognised")
        self.table = QTableView()
        self.table.setObjectName("import_preview")
        self.table.setAccessibleName("The numbers of the file, a row a time step")
        self.table.setModel(self.model)
        self.table.setFont(number_font(12))
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        header, steps = self.table.horizontalHeader(), self.table.verticalHeader()
        assert header is not None
        assert steps is not None
        header.setSectionsClickable(True)
        header.setHighlightSections(False)
        header.setDefaultSectionSize(_LEAST_WIDTH)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        header.setFont(text_font(12))
        header.sectionClicked.connect(self._toggle)
        steps.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        steps.setDefaultSectionSize(22)
        QShortcut(QKeySequence(Qt.Key.Key_Space), self.table, self._toggle_current).setContext(
            Qt.ShortcutContext.WidgetShortcut
        )
        self.columns_row = QWidget()
        self.columns_row.hide()
        self.columns_label = QLabel()
        self.columns_label.setObjectName("import_columns")
        self.error_line = ErrorLine("import_error")
        self.note_line = NoteLine("import_note")
        self.size_label = QLabel()
        self.size_label.setObjectName("import_size")
        self.progress = QProgressBar()
        self.progress.setObjectName("import_progress")
        self.progress.setAccessibleName("Reading")
        self.progress.setRange(0, _PROGRESS_STEPS)
        self.progress.setTextVisible(False)
        self.progress.setFixedSize(120, 8)
        self.all_button = _button("all", "import_all", "Take every column")
        self.suggested_button = _button("those with numbers", "import_suggested", "Take the columns that hold numbers")
        self.problem_button = _button("Show the first problem", "import_problem", "Go to the first marked cell")
        self.cancel_button = _button("Cancel", "import_cancel", "Leave the sequence as it is")
        self.use_button = _button("Use this sequence", "import_use", "Run the network on it")
        self.use_button.setDefault(True)
        self.problem_button.hide()
        self.all_button.clicked.connect(self._take_all)
        self.suggested_button.clicked.connect(self._take_suggested)
        self.problem_button.clicked.connect(self._go_to_problem)
        self.cancel_button.clicked.connect(self.reject)
        self.use_button.clicked.connect(self._use)

    def _lay_out(self) -> None:
        heading = QLabel(self._path.name)
        heading.setObjectName("import_heading")
        heading.setTextFormat(Qt.TextFormat.PlainText)
        heading.setFont(text_font(15, bold=True))
        hint = QLabel("Click a column’s name, or press Space in it, to take it or leave it out.")
        hint.setProperty("role", "muted")
        columns = QHBoxLayout(self.columns_row)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.addWidget(self.columns_label)
        columns.addWidget(hint)
        columns.addStretch(1)
        columns.addWidget(self.all_button)
        columns.addWidget(self.suggested_button)
        buttons = QHBoxLayout()
        buttons.addWidget(self.size_label)
        buttons.addWidget(self.progress)
        buttons.addStretch(1)
        for button in (self.problem_button, self.cancel_button, self.use_button):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 14)
        column.setSpacing(10)
        column.addWidget(heading)
        column.addWidget(self.recognised_line)
        column.addWidget(self.fields)
        column.addWidget(self.columns_row)
        column.addWidget(self.table, 1)
        column.addWidget(self.error_line)
        column.addWidget(self.note_line)
        column.addLayout(buttons)
        self.resize(*_SIZE)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _button(text: str, name: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setToolTip(tooltip)
    button.setAutoDefault(False)
    return button
