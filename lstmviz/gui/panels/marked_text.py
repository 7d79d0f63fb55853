"""A small text editor in a fixed-width font that can mark the place of a mistake and keeps huge pastes out."""

from __future__ import annotations

from PyQt6.QtCore import QMimeData, QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtGui import QAbstractTextDocumentLayout, QColor, QKeyEvent, QKeySequence, QTextCharFormat, QTextCursor
from PyQt6.QtWidgets import QPlainTextEdit, QSizePolicy, QTextEdit, QWidget

from lstmviz.gui.panels.fields import HAS_REFUSED_TEXT
from lstmviz.gui.style import LIGHT, Theme, number_font

LARGE = 100_000
"""Characters above which a text is not laid out unasked."""

MOST_LINES = 6

_FRAME = 6
"""Border and padding above and below the text, in pixels."""


class MarkedText(QPlainTextEdit):
    """The editor. It grows with its text up to MOST_LINES lines. Undo is the window's business, not its own."""

    typed = pyqtSignal()
    """The user changed the text."""

    pasted_large = pyqtSignal(str)
    """The user pasted more than LARGE characters; the text has not been changed."""

    restore_requested = pyqtSignal()
    """The user wants the last good text back."""

    def __init__(self, name: str, fewest_lines: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setFont(number_font(13))
        self.setTabChangesFocus(True)
        self.setUndoRedoEnabled(False)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._fewest_lines = fewest_lines
        self._theme: Theme = LIGHT
        self._span: tuple[int, int] | None = None
        self.textChanged.connect(self._text_changed)
        layout = self._document_layout()
        layout.documentSizeChanged.connect(self._grow)
        self._grow()

    def set_text(self, text: str) -> None:
        """Show a text from outside; nothing is reported, and an equal text leaves the caret where it is."""
        if text != self.toPlainText():
            with QSignalBlocker(self):
                self.setPlainText(text)
        self.mark(None)

    def mark(self, span: tuple[int, int] | None) -> None:
        """Underline the characters from ``span[0]`` up to ``span[1]``, or nothing; an empty span marks a neighbour."""
        self._span = span
        self.setProperty(HAS_REFUSED_TEXT, False)
        if span is None:
            self.setExtraSelections([])
            return
        start, end = _visible_span(span, len(self.toPlainText()))
        selection = QTextEdit.ExtraSelection()
        selection.format = self._mistake_format()
        selection.cursor = QTextCursor(self.document())
        selection.cursor.setPosition(self._position(start))
        selection.cursor.setPosition(self._position(end), QTextCursor.MoveMode.KeepAnchor)
        self.setExtraSelections([selection])

    @property
    def marked_text(self) -> str:
        """The characters that are underlined now."""
        selections = self.extraSelections()
        return selections[0].cursor.selectedText() if selections else ""

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        refused = self.property(HAS_REFUSED_TEXT)
        self.mark(self._span)
        self.setProperty(HAS_REFUSED_TEXT, refused)

    def insertFromMimeData(self, source: QMimeData | None) -> None:
        """Qt's hook for pasting and dropping."""
        text = source.text() if source and source.hasText() else ""
        if len(text) > LARGE:
            self.pasted_large.emit(text)
        elif text:
            super().insertFromMimeData(source)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Qt's hook: undo arrives here only while the text is refused."""
        if event is not None and event.matches(QKeySequence.StandardKey.Undo):
            self.restore_requested.emit()
            return
        super().keyPressEvent(event)

    def _text_changed(self) -> None:
        self.mark(None)
        self.typed.emit()

    def _mistake_format(self) -> QTextCharFormat:
        result = QTextCharFormat()
        colour = QColor(self._theme.warning)
        result.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        result.setUnderlineColor(colour)
        colour.setAlpha(50)
        result.setBackground(colour)
        return result

    def _position(self, offset: int) -> int:
        """Qt counts UTF-16 units, Python characters."""
        return len(self.toPlainText()[:offset].encode("utf-16-le", "surrogatepass")) // 2

    def _grow(self) -> None:
        needed = max(round(self._document_layout().documentSize().height()), self._fewest_lines)
        policies = Qt.ScrollBarPolicy
        scrolls = needed > MOST_LINES
        self.setVerticalScrollBarPolicy(policies.ScrollBarAsNeeded if scrolls else policies.ScrollBarAlwaysOff)
        document = self.document()
        margin = document.documentMargin() if document else 0
        height = round(min(needed, MOST_LINES) * self.fontMetrics().lineSpacing() + 2 * margin) + _FRAME
        if height != self.height():
            self.setFixedHeight(height)

    def _document_layout(self) -> QAbstractTextDocumentLayout:
        document = self.document()
        layout = document.documentLayout() if document else None
        assert layout is not None  # a plain text editor always has both
        return layout


def _visible_span(span: tuple[int, int], length: int) -> tuple[int, int]:
    """The span inside the text, one character wide at least where there is one."""
    start, end = (min(max(place, 0), length) for place in span)
    if start < end:
        return start, end
    return (start, start + 1) if start < length else (max(start - 1, 0), start)
