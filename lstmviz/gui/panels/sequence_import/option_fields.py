"""The fields on top of the import dialog: how the file is written, and what becomes of its numbers."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import QSignalBlocker, pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLabel, QWidget

from lstmviz.core.numerals import shortened
from lstmviz.gui.panels.fields import FIELD_HEIGHT, ChoiceBox, WholeBox, buddy_label
from lstmviz.io.sequence_files.content import FileKind
from lstmviz.io.sequence_files.options import Delimiter, Header, Missing, Orientation, SequenceOptions
from lstmviz.io.sequence_files.reading import SequenceFile

_DELIMITERS = {
    Delimiter.AUTO: "recognise it",
    Delimiter.COMMA: "comma ,",
    Delimiter.SEMICOLON: "semicolon ;",
    Delimiter.TAB: "tab",
    Delimiter.SPACE: "spaces",
}
_HEADERS = {Header.AUTO: "recognise it", Header.YES: "names", Header.NO: "numbers"}
_ORIENTATIONS = {
    Orientation.AUTO: "recognise it",
    Orientation.ROWS: "each row is a step",
    Orientation.COLUMNS: "each column is a step",
}
_MISSING = {
    Missing.REFUSE: "do not accept them",
    Missing.DROP: "leave the step out",
    Missing.ZERO: "put 0",
    Missing.PREVIOUS: "take the step before",
}


class OptionFields(QWidget):
    """Edits SequenceOptions, except which columns are taken."""

    changed = pyqtSignal(object)
    """The user chose other SequenceOptions."""

    def __init__(self, options: SequenceOptions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._options = options
        self.delimiter_box = ChoiceBox("import_delimiter", _DELIMITERS, "What stands between two cells of a row.")
        self.header_box = ChoiceBox("import_header", _HEADERS, "Whether the first row holds names or numbers.")
        self.orientation_box = ChoiceBox(
            "import_orientation", _ORIENTATIONS, "Where the time steps are: the network reads one after the other."
        )
        self.missing_box = ChoiceBox(
            "import_missing",
            _MISSING,
            "What becomes of cells without a number: empty ones, NA, words, infinities,\nand rows of another length.",
        )
        self.array_box = QComboBox()
        self.array_box.setObjectName("import_array")
        self.array_box.setToolTip("The file holds several arrays; this one is read.")
        self.array_box.setFixedHeight(FIELD_HEIGHT)
        self.item_box = WholeBox("import_item", 1, 1, "The array holds several sequences; this one is taken.")
        self.standardise_box = QCheckBox("standardise")
        self.standardise_box.setObjectName("import_standardise")
        self.standardise_box.setToolTip(
            "From every feature its mean is subtracted, and the rest divided by its standard deviation:\n"
            "then all features have the same size. What was subtracted and divided by is told below."
        )
        self._lay_out()
        self._show(options)
        for box in (self.delimiter_box, self.header_box, self.orientation_box, self.missing_box, self.array_box):
            box.currentIndexChanged.connect(self._report)
        self.item_box.valueChanged.connect(self._report)
        self.standardise_box.toggled.connect(self._report)

    @property
    def options(self) -> SequenceOptions:
        """What is chosen."""
        return self._options

    def show_file(self, file: SequenceFile) -> None:
        """Offer what there is to choose in ``file``."""
        is_text = file.kind is FileKind.TEXT
        for widget in (*self._delimiter, *self._header):
            widget.setVisible(is_text)
        for widget in self._array:
            widget.setVisible(len(file.arrays) > 1)
        for widget in self._item:
            widget.setVisible(file.items > 1)
        with QSignalBlocker(self.array_box), QSignalBlocker(self.item_box):
            names = [name for name, _ in file.arrays]
            if names != [self.array_box.itemData(index) for index in range(self.array_box.count())]:
                self.array_box.clear()
                for name, shape in file.arrays:
                    size = " × ".join(f"{each:,}" for each in shape)
                    self.array_box.addItem(f"{shortened(name, 24)}   {size}", name)
            self.array_box.setCurrentIndex(max(self.array_box.findData(file.array), 0))
            self.item_box.setRange(1, file.items)
            self.item_box.setValue(file.item + 1)
            self.item_box.setSuffix(f" of {file.items:,}")

    def _show(self, options: SequenceOptions) -> None:
        self.delimiter_box.show_choice(options.delimiter)
        self.header_box.show_choice(options.header)
        self.orientation_box.show_choice(options.orientation)
        self.missing_box.show_choice(options.missing)
        self.standardise_box.setChecked(options.standardise)

    def _report(self) -> None:
        array = self.array_box.currentData() or ""
        other_array = array != self._options.array and self._options.array != ""
        options = replace(
            self._options,
            delimiter=self.delimiter_box.choice,
            header=self.header_box.choice,
            orientation=self.orientation_box.choice,
            missing=self.missing_box.choice,
            standardise=self.standardise_box.isChecked(),
            array=array,
            item=0 if other_array else self.item_box.value() - 1,
        )
        if options != self._options:
            self._options = options
            self.changed.emit(options)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(8)
        self._field(grid, 0, 0, "time steps", self.orientation_box)
        self._field(grid, 1, 0, "missing numbers", self.missing_box)
        grid.addWidget(self.standardise_box, 1, 3)
        # a text has no arrays, and an array no delimiter: they share their places
        self._delimiter = self._field(grid, 0, 1, "between cells", self.delimiter_box)
        self._header = self._field(grid, 0, 2, "first row", self.header_box)
        self._array = self._field(grid, 0, 1, "array", self.array_box)
        self._item = self._field(grid, 0, 2, "sequence", self.item_box)
        for widget in (*self._array, *self._item):
            widget.hide()
        for column in (1, 3, 5):
            grid.setColumnStretch(column, 1)

    def _field(self, grid: QGridLayout, row: int, place: int, words: str, box: QWidget) -> tuple[QLabel, QWidget]:
        label = buddy_label(words, box)
        grid.addWidget(label, row, 2 * place)
        grid.addWidget(box, row, 2 * place + 1)
        return label, box
