"""Below typed tokens: which there are, a way to find one, and what becomes of words that are not among them."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, islice

from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from lstmviz.core.experiments.token_table import TokenTable, token_label
from lstmviz.core.numerals import shortened
from lstmviz.core.text import count
from lstmviz.gui.panels.fields import FIELD_HEIGHT, FieldManners, NoteLine
from lstmviz.gui.style import number_font
from lstmviz.io.typed_tokens import can_be_typed, typed_tokens

MOST_LISTED = 100
"""Tokens in the list; typing more of a token leaves fewer."""

_SHOWN = 16
_LIST_HEIGHT = 132


class TokenPart(QWidget):
    """Shows a table of tokens; the user picks one, or changes how unknown words are read."""

    picked = pyqtSignal(str)
    """The user wants this token in the sequence, written as it is typed."""

    changed = pyqtSignal()
    """``table`` now reads unknown words in another way."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table: TokenTable | None = None
        self.hide()

    def _build(self) -> None:
        """Make the widgets when there is a table for the first time: most networks read numbers."""
        self.line = NoteLine("token_table_line")
        self.find_button = QPushButton("find a token…")
        self.find_button.setObjectName("token_find")
        self.find_button.setProperty("role", "link")
        self.find_button.setCheckable(True)
        self.find_button.setToolTip("List the tokens that this network knows")
        self.find_button.toggled.connect(self._show_list)
        self.search = QLineEdit()
        self.search.setObjectName("token_search")
        self.search.setAccessibleName("find a token")
        self.search.setPlaceholderText("part of a token")
        self.search.setProperty("role", "text")
        self.search.setFont(number_font(13))
        self.search.setFixedHeight(FIELD_HEIGHT)
        self.search.setToolTip("Tokens that begin like this come first, then those that have it inside.")
        self.search.textChanged.connect(self._list)
        self.search.returnPressed.connect(self._pick_first)
        self.found = QListWidget()
        self.found.setObjectName("token_list")
        self.found.setAccessibleName("tokens that were found")
        self.found.setFont(number_font(12))
        self.found.setFixedHeight(_LIST_HEIGHT)
        self.found.setFrameShape(QFrame.Shape.NoFrame)
        self.found.setToolTip("The number of each token and the token. Enter or a double click puts it at the caret.")
        self.found.itemActivated.connect(self._pick)
        self.unknown = QCheckBox()
        self.unknown.setObjectName("token_unknown")
        self.unknown.setAccessibleName("read unknown words as the token for them")
        self.unknown.setToolTip("Whether a word that is not among the tokens is a mistake")
        self.unknown.toggled.connect(self._read_unknown)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for widget in (self.line, self.unknown, self.find_button, self.search, self.found):
            column.addWidget(widget)
        column.setAlignment(self.find_button, Qt.AlignmentFlag.AlignLeft)
        self._manners = FieldManners(self)
        self._manners.watch(self)
        self._show_list(False)

    def show_table(self, table: TokenTable) -> None:
        """Show another table; the same one changes nothing on screen."""
        if table is self.table:
            return
        if self.table is None:
            self._build()
        self.table = table
        self.line.setText(table_in_words(table))
        with QSignalBlocker(self.unknown):
            self.unknown.setChecked(table.unknown is not None)
        token = table.unknown_token if table.unknown is None else table.unknown
        self.unknown.setVisible(token is not None)
        if token is not None:
            name = token_label(table, token)
            self.unknown.setText(f"read unknown words as {name}")
            self.unknown.setToolTip(
                f"A word that is not among the tokens is then no mistake: the network reads {name} in its place."
            )
        self.find_button.setVisible(bool(table.tokens))
        self._show_list(self.find_button.isChecked() and bool(table.tokens))

    def _show_list(self, shown: bool) -> None:
        self.search.setVisible(shown)
        self.found.setVisible(shown)
        self._list()

    def _list(self) -> None:
        self.found.clear()
        if self.table is None or not self.find_button.isChecked():
            return
        for number in found_tokens(self.search.text(), self.table):
            item = QListWidgetItem(f"{number:>6}  {token_label(self.table, number)}", self.found)
            item.setData(Qt.ItemDataRole.UserRole, number)
        if not self.found.count():
            item = QListWidgetItem("no such token", self.found)
            item.setFlags(Qt.ItemFlag.NoItemFlags)

    def _pick(self, item: QListWidgetItem) -> None:
        number = item.data(Qt.ItemDataRole.UserRole)
        if self.table is not None and number is not None and can_be_typed(number, self.table):
            self.picked.emit(typed_tokens((number,), self.table))

    def _pick_first(self) -> None:
        first = self.found.item(0)
        if first is not None:
            self._pick(first)

    def _read_unknown(self, wanted: bool) -> None:
        if self.table is not None:
            self.table = replace(self.table, unknown=self.table.unknown_token if wanted else None)
            self.changed.emit()


def table_in_words(table: TokenTable) -> str:
    """How many tokens there are, what each is read as, and the first of them."""
    how = f"a row of {count(table.width, 'number')} each" if table.vectors is not None else "a single 1 each"
    of = f" of “{shortened(table.name, 24)}”" if table.name else ""
    if not table.tokens:
        return f"{count(table.size, 'token')}{of}, {how}, by their numbers 0 to {table.size - 1:,}"
    shown = " ".join(token_label(table, number) for number in range(min(table.size, _SHOWN)))
    more = " …" if table.size > _SHOWN else ""
    return f"{count(table.size, 'token')}{of}, {how}: {shown}{more}"


def found_tokens(part: str, table: TokenTable) -> list[int]:
    """The numbers of the first tokens that have ``part`` in them, those that begin with it before the others."""
    if not part:
        return list(range(min(table.size, MOST_LISTED)))
    begins = (number for number, token in enumerate(table.tokens) if token.startswith(part))
    inside = (number for number, token in enumerate(table.tokens) if part in token and not token.startswith(part))
    return list(islice(chain(begins, inside), MOST_LISTED))
