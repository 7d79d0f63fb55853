"""Writing with a network that has learned a text: suggestions as one types, and why each character was chosen."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.network import Network
from lstmviz.core.text import percent, visible
from lstmviz.core.training.generation import GeneratedCharacter, Suggestion, generate, read_text, suggestions
from lstmviz.gui.panels.fields import ErrorLine, NumberBox, WholeBox, buddy_label

BEGINNING = "the "
"""What stands there at first, as far as the network knows its characters."""

SUGGESTED = 5
WRITTEN = 60
"""Characters that are written at once."""

LONGEST = 2000
"""Characters that are kept: the whole text is read again for every character."""

EXPLAINED = 300
"""So many characters from the end are explained."""

_NUMBER = Qt.ItemDataRole.UserRole


class WritingPanel(QWidget):
    """Goes on writing a text with the network of a moment."""

    debug_asked = pyqtSignal(str, int)
    """The user wants to see the network read this text, at the step of this number, from 1."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("writing_panel")
        self._network: Network | None = None
        self._vocabulary: tuple[str, ...] = ()
        self._build_writing()
        self._build_reasons()
        self.error_line = ErrorLine("writing_error")
        self._lay_out()
        self.text.textEdited.connect(self._say)
        self.temperature.valueChanged.connect(self._say)
        self.greedy.toggled.connect(self._greedy_chosen)
        self.one_button.clicked.connect(self.write_one)
        self.many_button.clicked.connect(self.write_many)
        self.debug_button.clicked.connect(self._debug)
        self.reasons.itemActivated.connect(self._debug)

    def show_network(self, network: Network, vocabulary: tuple[str, ...]) -> None:
        """Write with another network."""
        if vocabulary != self._vocabulary:
            self.text.setText("".join(c for c in BEGINNING if c in vocabulary) or vocabulary[0])
        same = network is self._network and vocabulary == self._vocabulary
        self._network, self._vocabulary = network, vocabulary
        if not same:
            self._say()

    def write_one(self) -> None:
        """Draw one character, and say why."""
        self._write(1)

    def write_many(self) -> None:
        """Draw some dozens."""
        self._write(WRITTEN)

    def _write(self, characters: int) -> None:
        if self._network is None:
            return
        text = self.text.text()
        try:
            written = list(islice(self._generated(text), min(characters, LONGEST - len(text))))
        except LstmvizError as error:
            self.error_line.show_error(error)
            return
        if not written:
            self.why.setText(f"The line is full: {LONGEST:,} characters. Take some away at its beginning.")
            return
        self.text.setText(text + "".join(each.character for each in written))
        self._say()
        how = "the likeliest" if self._temperature == 0 else f"drawn with seed {self.seed.value()}"
        last = self.reasons.topLevelItem(0)
        if last is not None:
            self.why.setText(f"“{last.text(1)}” was {how}; it had {last.text(2)}.")

    @property
    def _temperature(self) -> float:
        return 0.0 if self.greedy.isChecked() else self.temperature.value()

    @property
    def _shown_temperature(self) -> float:
        """At temperature 0 the likeliest has everything; what the network thinks is shown as it is then."""
        return self.temperature.value() or 1.0

    def _generated(self, text: str) -> Iterator[GeneratedCharacter]:
        assert self._network is not None
        return generate(
            self._network,
            self._vocabulary,
            text,
            temperature=self._temperature,
            top_k=SUGGESTED,
            seed=self.seed.value(),
        )

    def _say(self) -> None:
        """What the network expects after the text, and what it expected before each of its characters."""
        self.why.clear()
        found: tuple[Suggestion, ...] = ()
        if self._network is not None:
            try:
                shown = self._shown_temperature
                found = suggestions(self._network, self._vocabulary, self.text.text(), SUGGESTED, temperature=shown)
            except LstmvizError as error:
                self.error_line.show_error(error)
            else:
                self.error_line.show_error(None)
        for number, button in enumerate(self.suggestions):
            there = number < len(found)
            button.setVisible(there)
            if there:
                best = found[number]
                button.setText(f"{visible(best.character)}  {percent(best.probability)}")
                button.setProperty("character", best.character)
        self._explain(there=bool(found))

    def _explain(self, *, there: bool) -> None:
        """A row a character, the last one on top."""
        self.reasons.clear()
        if self._network is None or not there:
            return
        text, shown = self.text.text(), self._shown_temperature
        read = read_text(self._network, self._vocabulary, text, temperature=shown, top_k=SUGGESTED)
        for number in range(len(read), max(len(read) - EXPLAINED, 0), -1):
            each = read[number - 1]
            likeliest = "   ".join(f"{visible(s.character)} {percent(s.probability)}" for s in each.suggestions)
            item = QTreeWidgetItem([str(number + 1), visible(each.character), percent(each.probability), likeliest])
            item.setData(0, _NUMBER, number)
            self.reasons.addTopLevelItem(item)

    def _take_suggestion(self) -> None:
        button = self.sender()
        if isinstance(button, QPushButton):
            self.text.setText(self.text.text() + str(button.property("character")))
            self._say()
            self.text.setFocus()

    def _greedy_chosen(self, greedy: bool) -> None:
        self.temperature.setEnabled(not greedy)
        self.seed.setEnabled(not greedy)
        self._say()

    def _debug(self) -> None:
        """Open the step that expected the chosen character; without one the last step, which expects the next one."""
        item = self.reasons.currentItem()
        chosen = item is not None and item.isSelected()
        step = int(item.data(0, _NUMBER)) if item is not None and chosen else len(self.text.text())
        self.debug_asked.emit(self.text.text(), step)

    # Set-up

    def _build_writing(self) -> None:
        self.text = QLineEdit()
        self.text.setObjectName("written_text")
        self.text.setProperty("role", "text")
        self.text.setMaxLength(LONGEST)
        self.text.setToolTip("Type the beginning; the network says what comes next")
        self.temperature = NumberBox(
            "temperature",
            "Below 1 the likeliest characters gain, above 1 the unlikely ones; at 0 the likeliest wins.",
        )
        self.temperature.setRange(0, 100)
        self.temperature.setSingleStep(0.1)
        self.temperature.setValue(1.0)
        self.temperature.setFixedWidth(64)
        self.seed = WholeBox("writing_seed", 0, 2**31 - 1, "Of the dice: the same seed writes the same text again.")
        self.seed.setFixedWidth(76)
        self.greedy = QCheckBox("always the likeliest")
        self.greedy.setObjectName("greedy")
        self.greedy.setToolTip("No dice: take the letter with the highest probability every time")
        self.suggestions = [QPushButton() for _ in range(SUGGESTED)]
        self.why = QLabel()
        self.why.setObjectName("why_this_character")
        self.one_button, self.many_button = QPushButton("Write one"), QPushButton(f"Write {WRITTEN}")
        self.debug_button = QPushButton("Look at the cell there")
        for number, button in enumerate(self.suggestions):
            button.setObjectName(f"suggestion_{number}")
            button.setToolTip("A likely next character and its probability; click to take it")
            button.clicked.connect(self._take_suggestion)
        for button, name, tip in (
            (self.one_button, "write_one", "Draw the next character by these probabilities"),
            (self.many_button, "write_many", "Go on writing, character by character"),
            (
                self.debug_button,
                "debug_text",
                "Step through this text in the debugger, from the step that expected the chosen character on",
            ),
        ):
            button.setObjectName(name)
            button.setToolTip(tip)

    def _build_reasons(self) -> None:
        self.reasons = QTreeWidget()
        self.reasons.setObjectName("writing_reasons")
        self.reasons.setAccessibleName("Why each character: its probability and the likeliest ones, the newest on top")
        self.reasons.setToolTip(
            "What the network expected before each character, the newest on top. Double-click or Enter opens the cell "
            "at that moment."
        )
        self.reasons.setHeaderLabels(["place", "character", "it had", "the likeliest there"])
        self.reasons.setRootIsDecorated(False)
        self.reasons.setUniformRowHeights(True)
        header = self.reasons.header()
        assert header is not None
        for column in range(3):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(5)
        first, second, third, fourth = QHBoxLayout(), QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        first.addWidget(buddy_label("write", self.text))
        first.addWidget(self.text, 1)
        second.addWidget(QLabel("next:"))
        for button in self.suggestions:
            second.addWidget(button)
        second.addStretch()
        for words, box in (("temperature", self.temperature), ("seed", self.seed)):
            third.addWidget(buddy_label(words, box))
            third.addWidget(box)
        third.addWidget(self.greedy)
        third.addStretch()
        for button in (self.one_button, self.many_button):
            fourth.addWidget(button)
        fourth.addStretch()
        fourth.addWidget(self.debug_button)
        column.addLayout(first)
        column.addWidget(self.error_line)
        column.addLayout(second)
        column.addLayout(third)
        column.addLayout(fourth)
        column.addWidget(self.why)
        column.addWidget(self.reasons, 1)
