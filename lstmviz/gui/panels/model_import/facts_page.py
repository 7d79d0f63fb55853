"""What is known of one network, a line each: a title and a sentence."""

from __future__ import annotations

from collections.abc import Iterable

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QSizePolicy, QWidget

_TITLE_WIDTH = 104


class FactsPage(QScrollArea):
    """Scrolls where there is much to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("model_facts")
        self.setAccessibleName("How the network was understood")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = _Page()
        self._grid = QGridLayout(page)
        self._grid.setContentsMargins(0, 0, 8, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self._lines: list[tuple[QLabel, QLabel]] = []
        self.setWidget(page)

    @property
    def text(self) -> str:
        """What stands there, a line a fact."""
        return "\n".join(f"{title.text()}: {words.text()}" for title, words in self._lines if not title.isHidden())

    def show_facts(self, facts: Iterable[tuple[str, str]]) -> None:
        """Show these, in place of those before."""
        facts = tuple(facts)
        while len(self._lines) < len(facts):
            self._add_line()
        for row, (title, words) in enumerate(self._lines):
            shown = row < len(facts)
            title.setText(facts[row][0] if shown else "")
            words.setText(facts[row][1] if shown else "")
            title.setVisible(shown)
            words.setVisible(shown)

    def _add_line(self) -> None:
        row = len(self._lines)
        title, words = QLabel(), QLabel()
        title.setProperty("role", "muted")
        title.setFixedWidth(_TITLE_WIDTH)
        title.setWordWrap(True)
        words.setWordWrap(True)
        words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for column, label in enumerate((title, words)):
            label.setTextFormat(Qt.TextFormat.PlainText)
            self._grid.setRowStretch(row, 0)
            self._grid.addWidget(label, row, column, Qt.AlignmentFlag.AlignTop)
        self._grid.setRowStretch(row + 1, 1)
        self._lines.append((title, words))


class _Page(QWidget):
    def minimumSizeHint(self) -> QSize:
        """Qt's hook: lines that wrap have no least height of their own, only one for a width."""
        return QSize()
