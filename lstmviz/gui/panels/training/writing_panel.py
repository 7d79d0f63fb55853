"""Writing with a network that has learned a text: suggestions as one types, and why each character was chosen."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from lstmviz.core.errors import LstmvizError
from lstmviz.core.network import Network
from lstmviz.core.text import percent
from lstmviz.core.training.generation import GeneratedCharacter, Suggestion, generate
from lstmviz.gui.panels.fields import ErrorLine, NumberBox, buddy_label
from lstmviz.io.sequences import visible

BEGINNING = "the "
"""What stands there at first, as far as the network knows its characters."""

SUGGESTED = 5
WRITTEN = 60
"""Characters that are written at once."""

LONGEST = 2000
"""Characters that are kept: the whole text is read again for every character."""


class WritingPanel(QWidget):
    """Goes on writing a text with the network of a moment."""

    debug_asked = pyqtSignal(str)
    """The user wants to see the network read this text, step by step."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("writing_panel")
        self._network: Network | None = None
        self._vocabulary: tuple[str, ...] = ()
        self.text = QLineEdit()
        self.text.setObjectName("written_text")
        self.text.setProperty("role", "text")
        self.text.setMaxLength(LONGEST)
        self.text.setToolTip("Type the beginning; the network says what comes next")
        self.temperature = NumberBox("temperature", "Below 1 the likeliest gain; 0 always takes the likeliest.")
        self.temperature.setRange(0, 100)
        self.temperature.setSingleStep(0.1)
        self.temperature.setValue(1.0)
        self.temperature.setFixedWidth(64)
        self.suggestions = [QPushButton() for _ in range(SUGGESTED)]
        self.why = QLabel()
        self.why.setObjectName("why_this_character")
        self.one_button, self.many_button = QPushButton("Write one"), QPushButton(f"Write {WRITTEN}")
        self.debug_button = QPushButton("Step through it in the debugger")
        self.error_line = ErrorLine("writing_error")
        self._name_parts()
        self._lay_out()
        self.text.textEdited.connect(self._say_suggestions)
        self.temperature.valueChanged.connect(self._say_suggestions)
        self.one_button.clicked.connect(self.write_one)
        self.many_button.clicked.connect(self.write_many)
        self.debug_button.clicked.connect(lambda: self.debug_asked.emit(self.text.text()))

    def show_network(self, network: Network, vocabulary: tuple[str, ...]) -> None:
        """Write with another network."""
        if vocabulary != self._vocabulary:
            self.text.setText("".join(c for c in BEGINNING if c in vocabulary) or vocabulary[0])
        self._network, self._vocabulary = network, vocabulary
        self._say_suggestions()

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
            written = list(islice(self._generated(text, seed=len(text)), min(characters, LONGEST - len(text))))
        except LstmvizError as error:
            self.error_line.show_error(error)
            return
        if written:
            last = written[-1]
            self.text.setText(text + "".join(each.character for each in written))
            self._say_suggestions()
            self.why.setText(f"“{visible(last.character)}” was drawn; it had {percent(last.probability)}.")

    def _generated(self, text: str, seed: int = 0) -> Iterator[GeneratedCharacter]:
        assert self._network is not None
        return generate(
            self._network,
            self._vocabulary,
            text,
            temperature=self.temperature.value(),
            top_k=SUGGESTED,
            seed=seed,
        )

    def _say_suggestions(self) -> None:
        """What the network expects after the text."""
        self.why.clear()
        found: tuple[Suggestion, ...] = ()
        if self._network is not None:
            try:
                found = next(self._generated(self.text.text())).suggestions
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

    def _take_suggestion(self) -> None:
        button = self.sender()
        if isinstance(button, QPushButton):
            self.text.setText(self.text.text() + str(button.property("character")))
            self._say_suggestions()

    def _name_parts(self) -> None:
        for number, button in enumerate(self.suggestions):
            button.setObjectName(f"suggestion_{number}")
            button.setToolTip("A likely next character and its probability; click to take it")
            button.clicked.connect(self._take_suggestion)
        for button, name, tip in (
            (self.one_button, "write_one", "Draw the next character by these probabilities"),
            (self.many_button, "write_many", "Go on writing, character by character"),
            (self.debug_button, "debug_text", "See the cell at every character of this text"),
        ):
            button.setObjectName(name)
            button.setToolTip(tip)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 2, 8, 6)
        column.setSpacing(3)
        first, second = QHBoxLayout(), QHBoxLayout()
        first.addWidget(buddy_label("write", self.text))
        first.addWidget(self.text, 1)
        first.addWidget(buddy_label("temperature", self.temperature))
        first.addWidget(self.temperature)
        for button in (self.one_button, self.many_button):
            first.addWidget(button)
        second.addWidget(QLabel("next:"))
        for button in self.suggestions:
            second.addWidget(button)
        second.addWidget(self.why, 1)
        second.addWidget(self.debug_button)
        column.addLayout(first)
        column.addLayout(second)
        column.addWidget(self.error_line)
