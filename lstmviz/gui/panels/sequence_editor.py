"""The sequence section: numbers, text or a formula, read while it is typed."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QSignalBlocker
from PyQt6.QtWidgets import QApplication, QButtonGroup, QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.sequence import Sequence, SequenceKind
from lstmviz.core.progress import drain
from lstmviz.core.run import Run
from lstmviz.core.text import count, visible
from lstmviz.gui.panels.edits import with_sequence
from lstmviz.gui.panels.fields import FIELD_HEIGHT, NoteLine, WholeBox, buddy_label
from lstmviz.gui.panels.section import Section
from lstmviz.gui.panels.text_field import TextField
from lstmviz.gui.panels.token_part import TokenPart
from lstmviz.gui.style import Theme, number_font
from lstmviz.io.sequences import parse_sequence
from lstmviz.io.tables import MAX_STEPS

if TYPE_CHECKING:
    from lstmviz.io.sequence_files.options import SequenceOptions
    from lstmviz.io.sequence_files.preparing import Prepared

_FIRST_TEXTS = {
    SequenceKind.NUMBERS: "1, 0.5, 0.25, 1",
    SequenceKind.TEXT: "hello hello",
    SequenceKind.FORMULA: "sin(t/5)",
    SequenceKind.TOKENS: "",
}
_FIRST_LENGTH = 60

_PASTED = Path("pasted numbers")
"""What the preview calls the clipboard."""

_TIPS = {
    SequenceKind.NUMBERS: "Numbers, one a step, separated by commas, spaces or new lines.\n"
    "Several features a step: one row a step. Pasted CSV works too.",
    SequenceKind.TEXT: "Text, one character a step.\nEach character becomes a row of zeros with a single 1.",
    SequenceKind.FORMULA: "A formula of t, for example sin(t/5), worked out at t = 1 to T.",
    SequenceKind.TOKENS: "Tokens that the network knows, one a step, separated by spaces;\n"
    "characters where all tokens are characters. #17 is token number 17.",
}

_SHOWN_OF_VOCABULARY = 48

_MOST_EDITED = 100_000
"""Numbers of a file that can still be edited as text: each pause in typing reads all of them."""

_MOST_PASTED = 2_000_000
"""Characters of a table that are read at once when they are pasted; more of them go through the preview."""


class SequenceSection(Section):
    """Reads what is typed; a mistake is marked at its place, and the last good sequence goes on running."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Sequence", "sequence", parent)
        self._kind = SequenceKind.NUMBERS
        self._texts = dict(_FIRST_TEXTS)
        self._shown: Sequence | None = None
        self._asked: Sequence | None = None
        self._file = Path()
        self._from_file: Sequence | None = None
        self._unwritten: Sequence | None = None
        self._file_options: SequenceOptions | None = None
        self.file_button = QPushButton("from a file…")
        self.file_button.setObjectName("sequence_from_file")
        self.file_button.setProperty("role", "link")
        self.file_button.setToolTip("Read the sequence from a table (.csv, .tsv, .txt) or an array (.npy, .npz).")
        self.file_button.clicked.connect(self.choose_file)
        self.heading_row.addWidget(self.file_button)
        self.paste_button = QPushButton("paste…")
        self.paste_button.setObjectName("sequence_paste")
        self.paste_button.setProperty("role", "link")
        self.paste_button.setToolTip(
            "Preview a table that was copied from another program, and read the sequence from it."
        )
        self.paste_button.clicked.connect(self.paste_table)
        self.heading_row.addWidget(self.paste_button)
        self.field = TextField("sequence_text_edit")
        self.size_line = NoteLine("sequence_size")
        self.vocabulary_line = NoteLine("sequence_vocabulary_line")
        self.vocabulary_line.setToolTip("Each character is a row of zeros with a single 1, in its own column.")
        self.token_part = TokenPart()
        self.token_part.picked.connect(self._insert_token)
        self.token_part.changed.connect(self._unknown_changed)
        self.body.addLayout(self._mode_row())
        self.body.addWidget(self.field)
        self.body.addWidget(self.error_line)
        self.body.addWidget(self._length_row())
        self.body.addWidget(self._vocabulary_row())
        self.body.addWidget(self.vocabulary_line)
        self.body.addWidget(self.token_part)
        self.body.addWidget(self.size_line)
        self.body.addWidget(self.note_line)
        self.field.edited.connect(self._text_edited)
        self.field.pasted_large.connect(self._pasted_large)
        self.field.restore_requested.connect(self._restore)

    def show_run(self, run: Run) -> None:
        """Show the sequence of ``run``; what is being typed stays unless another sequence came from outside."""
        super().show_run(run)
        sequence = run.experiment.sequence
        came_from_here, self._asked = sequence == self._asked, None
        if came_from_here or sequence == self._shown:
            self._shown = sequence
        else:
            self._show_sequence(sequence)
        self._show_size(sequence)
        table, reads_tokens = self.token_part.table, sequence.kind is SequenceKind.TOKENS
        fits = table is not None and table.width == run.network.input_size
        self._modes[SequenceKind.TOKENS].setVisible(fits or reads_tokens)

    def reset(self, run: Run) -> None:
        """Show the sequence of ``run`` whatever has been typed."""
        self._shown = self._asked = None
        super().reset(run)

    def show_error(self, error: LstmvizError | None) -> None:
        """Show why the sequence cannot be read or run, and mark the place."""
        super().show_error(error)
        self.field.show_error(error)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        super().set_theme(theme)
        self.field.set_theme(theme)

    # Files

    def choose_file(self) -> None:
        """Let a file of numbers be chosen, and show what is in it."""
        from lstmviz.gui.panels.sequence_import.import_dialog import FILTER

        start = str(self._file.parent if self._file.is_absolute() else Path.home())
        chosen = QFileDialog.getOpenFileName(self.window(), "A sequence from a file", start, FILTER)[0]
        if chosen:
            self.open_file(Path(chosen))

    def open_file(self, path: Path) -> None:
        """Show what is in a file of numbers; the user makes it the sequence, or leaves it. Tokens are read at once."""
        if self._kind is SequenceKind.TOKENS and path.suffix.lower() == ".txt":
            self._read_tokens(path)
        else:
            self._preview(path, None)

    def _read_tokens(self, path: Path) -> None:
        """Take the text of a file as if it had been pasted: a mistake in it is marked."""
        from lstmviz.io.sequence_files.content import content_of, text_of

        self._file = path
        try:
            text, _ = text_of(content_of(path), path.name)
        except LstmvizError as error:
            self.show_error(error)
            return
        text = text.removesuffix("\n")
        self.field.set_text(text, path.name)
        self._texts[self._kind] = text
        self._ask_for(self._read(text), f"read {path.name}")

    def paste_table(self) -> None:
        """Show what is in the clipboard as ``open_file`` does: a table of another program, or a file."""
        from lstmviz.gui.panels.sequence_import.dropped import sequence_paths

        clipboard = QApplication.clipboard()
        pasted = clipboard.mimeData() if clipboard else None
        paths = sequence_paths(pasted)
        if paths:
            self.open_file(paths[0])
        else:
            self._preview(_PASTED, (pasted.text() if pasted else "").encode("utf-8", "surrogatepass"))

    def _preview(self, path: Path, data: bytes | None) -> None:
        from lstmviz.gui.panels.sequence_import.import_dialog import SequenceImportDialog

        options = self._file_options if path == self._file else None
        dialog = SequenceImportDialog(path, self.window(), data=data, options=options, theme=self.theme)
        dialog.chosen.connect(partial(self._use_file, path))
        dialog.open()

    def _use_file(self, path: Path, prepared: Prepared, options: SequenceOptions) -> None:
        self._file, self._from_file, self._file_options = path, prepared.sequence, options
        # not _ask_for: nobody has typed it, so the field is to show it
        self._ask(f"read {self._file.name}", partial(with_sequence, sequence=prepared.sequence))

    # Reading

    def _read(self, text: str) -> Sequence | None:
        """The sequence that ``text`` describes; None after showing what is wrong with it."""
        vocabulary = tuple(dict.fromkeys(self.vocabulary_edit.text()))
        self._last_ask = None
        try:
            length, table = self.length_box.value(), self.token_part.table
            sequence = parse_sequence(text, self._kind, length=length, vocabulary=vocabulary, table=table)
        except LstmvizError as error:
            self.show_error(error)
            return None
        self.show_error(None)
        return sequence

    def _ask_for(self, sequence: Sequence | None, name: str, merge_key: str = "") -> None:
        if sequence is not None:
            self._asked = sequence
            self._ask(name, partial(with_sequence, sequence=sequence), merge_key, typed=True)

    def _text_edited(self, text: str) -> None:
        self._texts[self._kind] = text
        self._ask_for(self._read(text), "change the sequence", "sequence")

    def _pasted_large(self, text: str) -> None:
        is_table = self._kind is SequenceKind.NUMBERS and "\n" in text and "[" not in text
        if is_table and len(text) > _MOST_PASTED:
            self._preview(_PASTED, text.encode("utf-8", "surrogatepass"))
            return
        sequence = self._read(text)
        if sequence is not None:
            self._texts[self._kind] = text
            self.field.set_text(text, _summary(sequence))
            self._ask_for(sequence, "paste a sequence")

    def _mode_chosen(self, kind: SequenceKind) -> None:
        if kind is self._kind:
            return
        self._texts[self._kind] = self.field.text
        self._kind = kind
        self._show_mode()
        unwritten = self._unwritten
        if kind is SequenceKind.NUMBERS and unwritten is not None and not self._texts[kind]:
            self._show_unwritten(unwritten, _summary(unwritten))
            self.show_error(None)
            self._ask_for(unwritten, f"switch the sequence to {kind.value}")
            return
        self.field.set_text(self._texts[kind])
        sequence = self._read(self._texts[kind])
        if sequence is not None:
            self.field.set_text(self._texts[kind], _summary(sequence))
        self._ask_for(sequence, f"switch the sequence to {kind.value}")

    def _insert_token(self, text: str) -> None:
        """Put a token at the caret, apart from its neighbours where tokens stand between spaces."""
        editor, table = self.field.editor, self.token_part.table
        caret, document = editor.textCursor(), editor.document()
        if table is not None and document is not None and not (table.tokens and table.by_characters):
            ends = (caret.selectionStart() - 1, caret.selectionEnd())
            before, after = (document.characterAt(place).strip("\0 \u2029\t") for place in ends)
            text = (" " if before else "") + text + (" " if after else "")
        caret.insertText(text)
        self.field.touch()

    def _unknown_changed(self) -> None:
        self._ask_for(self._read(self.field.text), "change how unknown words are read")

    def _length_changed(self) -> None:
        self._ask_for(self._read(self.field.text), "change the length of the sequence", "sequence_length")

    def _restore(self) -> None:
        if self.run is not None:
            self.reset(self.run)

    # Showing

    def _show_sequence(self, sequence: Sequence) -> None:
        self._shown, self._kind = sequence, sequence.kind
        self._texts[sequence.kind] = sequence.source
        self.show_error(None)
        summary = f"{self._file.name}, {_size(sequence)}" if sequence is self._from_file else _summary(sequence)
        if sequence.source or sequence.kind is not SequenceKind.NUMBERS:
            self.field.set_text(sequence.source, summary)
        else:
            self._show_unwritten(sequence, summary)
        if sequence.kind is SequenceKind.FORMULA:
            self.length_box.show_value(sequence.length)
        if sequence.table is not None:
            self.token_part.show_table(sequence.table)
        own = tuple(sorted(set(sequence.source))) if sequence.kind is SequenceKind.TEXT else ()
        with QSignalBlocker(self.vocabulary_edit):
            self.vocabulary_edit.setText("" if sequence.vocabulary == own else "".join(sequence.vocabulary))
        self._show_mode()

    def _show_unwritten(self, sequence: Sequence, summary: str) -> None:
        """Show a card for many numbers, whose text is made when it is wanted."""
        from lstmviz.io.sequence_files.as_typed import beginning_of, typed_text

        self._unwritten = sequence
        write = None if sequence.values.size > _MOST_EDITED else lambda: drain(typed_text(sequence))
        self.field.set_unwritten(beginning_of(sequence), summary, write)

    def _show_mode(self) -> None:
        self._modes[self._kind].setChecked(True)
        self._length_part.setVisible(self._kind is SequenceKind.FORMULA)
        self._vocabulary_part.setVisible(self._kind is SequenceKind.TEXT)
        self.token_part.setVisible(self._kind is SequenceKind.TOKENS)
        self.field.editor.setToolTip(_TIPS[self._kind])
        self.field.editor.setAccessibleName(f"sequence as {self._kind.value}")
        example = _FIRST_TEXTS[self._kind]
        self.field.editor.setPlaceholderText(f"for example {example}" if example else "")

    def _show_size(self, sequence: Sequence) -> None:
        self.size_line.setText(_size(sequence))
        shown = " ".join(map(visible, sequence.vocabulary[:_SHOWN_OF_VOCABULARY]))
        more = " …" if len(sequence.vocabulary) > _SHOWN_OF_VOCABULARY else ""
        width = count(sequence.input_size, "feature")
        self.vocabulary_line.setText(f"vocabulary: {shown}{more} · {width}" if sequence.vocabulary else "")

    # Building

    def _mode_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        self._modes: dict[SequenceKind, QPushButton] = {}
        group = QButtonGroup(self)
        for kind in SequenceKind:
            button = QPushButton(kind.value)
            button.setObjectName(f"sequence_{kind.value}")
            button.setCheckable(True)
            button.setToolTip(_TIPS[kind])
            button.setAccessibleName(f"type the sequence as {kind.value}")
            button.clicked.connect(partial(self._mode_chosen, kind))
            group.addButton(button)
            row.addWidget(button)
            self._modes[kind] = button
        return row

    def _length_row(self) -> QWidget:
        self._length_part = QWidget()
        self.length_box = WholeBox("sequence_length", 1, MAX_STEPS, "T, the number of steps: t runs from 1 to T.")
        self.length_box.setValue(_FIRST_LENGTH)
        self.length_box.valueChanged.connect(self._length_changed)
        row = QHBoxLayout(self._length_part)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(buddy_label("steps T", self.length_box))
        row.addWidget(self.length_box)
        self._length_part.hide()
        return self._length_part

    def _vocabulary_row(self) -> QWidget:
        self._vocabulary_part = QWidget()
        self.vocabulary_edit = QLineEdit()
        self.vocabulary_edit.setObjectName("sequence_vocabulary")
        self.vocabulary_edit.setPlaceholderText("from the text")
        self.vocabulary_edit.setFont(number_font(13))
        self.vocabulary_edit.setProperty("role", "text")
        self.vocabulary_edit.setFixedHeight(FIELD_HEIGHT)
        self.vocabulary_edit.setToolTip(
            "The characters that the network knows, one a feature, in this order.\nEmpty: those of the text, sorted."
        )
        self.vocabulary_edit.textEdited.connect(self.field.touch)
        row = QHBoxLayout(self._vocabulary_part)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(buddy_label("vocabulary", self.vocabulary_edit))
        row.addWidget(self.vocabulary_edit)
        self._vocabulary_part.hide()
        return self._vocabulary_part


def _size(sequence: Sequence) -> str:
    return f"{count(sequence.length, 'step')} × {count(sequence.input_size, 'feature')}"


def _summary(sequence: Sequence) -> str:
    """What stands on the card of a huge text."""
    if sequence.kind is SequenceKind.TEXT:
        return f"{count(sequence.length, 'character')} pasted"
    if sequence.kind is SequenceKind.TOKENS:
        return f"{count(sequence.length, 'token')} pasted"
    return f"{count(sequence.values.size, 'number')} pasted"
