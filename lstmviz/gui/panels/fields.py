"""Small widgets that panels are made of."""

from __future__ import annotations

import re
from enum import Enum
from typing import Generic, TypeVar

from PyQt6.QtCore import QEvent, QObject, QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtGui import QFont, QKeyEvent, QKeySequence, QValidator
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QWidget,
)

from lstmviz.core.errors import LstmvizError
from lstmviz.core.text import MINUS
from lstmviz.gui.style import Theme, empty_box_style

Choice = TypeVar("Choice", bound=Enum)

HAS_REFUSED_TEXT = "hasRefusedText"
"""Dynamic property of a text field whose text could not be applied: there, undo goes back to the last good text."""

FIELD_HEIGHT = 26
"""Pixels, the same for boxes and choices."""

_UNBOUNDED = 1e6
_DECIMALS, _SHOWN_DIGITS = 15, 6
_WHOLE_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", re.ASCII | re.IGNORECASE)
_BEGUN_NUMBER = re.compile(r"[-+]?\d*\.?\d*(e[-+]?\d*)?", re.ASCII | re.IGNORECASE)


def finish_field(widget: QWidget | None) -> None:
    """Report what stands in ``widget``, typed and not yet confirmed with Enter: a number box, or an open cell."""
    if isinstance(widget, QAbstractSpinBox):
        widget.interpretText()
    viewport = widget.parentWidget() if isinstance(widget, QLineEdit) else None
    if widget is not None and viewport is not None and isinstance(viewport.parentWidget(), QAbstractItemView):
        widget.clearFocus()  # which closes the cell with what stands in it


class FieldManners(QObject):
    """An event filter for the fields of a panel.

    Undo and redo go to the window, which takes back changes of the experiment; a wheel over a field that does not have
    the focus scrolls the panel.
    """

    undo_asked = pyqtSignal()
    """Undo was pressed in a field: what was typed there and not yet reported has to come first."""

    def watch(self, panel: QWidget) -> None:
        """Look after ``panel`` and every widget in it."""
        for widget in (panel, *panel.findChildren(QWidget)):
            widget.removeEventFilter(self)
            widget.installEventFilter(self)
            if isinstance(widget, QAbstractSpinBox | QComboBox | QSlider):
                widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Qt's hook: True keeps the event from the widget."""
        if event is None or not isinstance(watched, QWidget):
            return False
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            undoes = event.matches(QKeySequence.StandardKey.Undo)
            if undoes:
                self.undo_asked.emit()
            if (undoes and not watched.property(HAS_REFUSED_TEXT)) or event.matches(QKeySequence.StandardKey.Redo):
                event.ignore()
                return True
            return False
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QAbstractSpinBox | QComboBox | QSlider):
            event.ignore()
            return not watched.hasFocus()
        return False


class Line(QLabel):
    """A wrapped line of text that takes no room while it is empty."""

    def __init__(self, name: str, role: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setProperty("role", role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.hide()

    def setText(self, text: str | None) -> None:
        """Show ``text``, or nothing."""
        super().setText(text)
        self.setVisible(bool(text))


class NoteLine(Line):
    """A quiet line that explains."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, "muted", parent)


class ErrorLine(Line):
    """What is wrong with a field and how to mend it."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, "error", parent)
        self.setAccessibleName("what is wrong")

    def show_error(self, error: LstmvizError | None) -> None:
        """Show an error, or none."""
        self.setText("" if error is None else str(error))


def heading(text: str) -> QLabel:
    """The heading of a section, in small capitals."""
    label = QLabel(text)
    label.setProperty("role", "heading")
    font = QFont(label.font())
    font.setCapitalization(QFont.Capitalization.AllUppercase)
    label.setFont(font)
    return label


def buddy_label(text: str, buddy: QWidget) -> QLabel:
    """The label of a field; its text becomes the field's accessible name too."""
    label = QLabel(text)
    label.setBuddy(buddy)
    buddy.setAccessibleName(text)
    return label


class WholeBox(QSpinBox):
    """A box for a whole number that reports it when typing has ended, not at every digit."""

    def __init__(self, name: str, minimum: int, maximum: int, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setRange(minimum, maximum)
        self.setToolTip(tip)
        self.setKeyboardTracking(False)
        self.setFixedHeight(FIELD_HEIGHT)
        self.setMinimumWidth(46)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def textFromValue(self, value: int) -> str:
        """Qt's hook: the digits of everything else on screen, whatever the system's are."""
        return str(value)

    def show_value(self, value: int) -> None:
        """Show a value from outside; nothing is reported."""
        if value != self.value():
            with QSignalBlocker(self):
                self.setValue(value)


class NumberBox(QDoubleSpinBox):
    """A box for a number, typed and shown as scientists write it (``1e-9``), that reports it when typing has ended."""

    def __init__(self, name: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setToolTip(tip)
        self.setKeyboardTracking(False)
        self.setFixedHeight(FIELD_HEIGHT)
        self._shown = ("", 0.0)
        self.setDecimals(_DECIMALS)
        self.setRange(-_UNBOUNDED, _UNBOUNDED)

    def textFromValue(self, value: float) -> str:
        """Qt's hook: the text of a value."""
        self._shown = f"{value:.{_SHOWN_DIGITS}g}", value
        return self._shown[0]

    def valueFromText(self, text: str | None) -> float:
        """Qt's hook: the number; a text that nobody has changed keeps the digits that it does not show."""
        shown, value = self._shown
        return value if text is None or text == shown else float(_plain_minus(text))

    def validate(self, text: str | None, position: int) -> tuple[QValidator.State, str, int]:
        """Qt's hook: whether ``text`` is a number in the range, may become one, or cannot."""
        typed, state = _plain_minus(text or ""), QValidator.State.Invalid
        if _WHOLE_NUMBER.fullmatch(typed) and self.minimum() <= float(typed) <= self.maximum():
            state = QValidator.State.Acceptable
        elif _BEGUN_NUMBER.fullmatch(typed):
            state = QValidator.State.Intermediate
        return state, text or "", position


def _plain_minus(text: str) -> str:
    return text.strip().replace(MINUS, "-")


class LabelledSlider(QWidget):
    """A label, a slider over a useful range, and a box for any other number."""

    value_changed = pyqtSignal(float)
    """The user chose another value."""

    def __init__(
        self, name: str, label: str, minimum: float, maximum: float, tip: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._minimum = minimum
        self._step = _slider_step(maximum - minimum)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName(f"{name}_slider")
        self.slider.setRange(0, max(round((maximum - minimum) / self._step), 1))
        self.slider.setPageStep(10)
        self.slider.setToolTip(tip)
        self.slider.setAccessibleName(label)
        self.box = NumberBox(f"{name}_box", tip)
        self.box.setSingleStep(self._step)
        self.box.setFixedWidth(88)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setVerticalSpacing(0)
        self._label_row = QHBoxLayout()
        self._label_row.addWidget(buddy_label(label, self.box))
        self._label_row.addStretch()
        layout.addLayout(self._label_row, 0, 0, 1, 2)
        layout.addWidget(self.slider, 1, 0)
        layout.addWidget(self.box, 1, 1)
        layout.setColumnStretch(0, 1)
        self.slider.valueChanged.connect(self._slider_moved)
        self.box.valueChanged.connect(self._box_changed)

    def add_beside_label(self, widget: QWidget) -> None:
        """Put ``widget`` to the right of the label."""
        self._label_row.addWidget(widget)

    @property
    def value(self) -> float:
        """The number in the box."""
        return self.box.value()

    def show_value(self, value: float) -> None:
        """Show a value from outside; nothing is reported."""
        if value != self.box.value():
            with QSignalBlocker(self.box):
                self.box.setValue(value)
        with QSignalBlocker(self.slider):
            self.slider.setValue(round((self._clamped(value) - self._minimum) / self._step))

    def _clamped(self, value: float) -> float:
        return min(max(value, self._minimum), self._minimum + self.slider.maximum() * self._step)

    def _slider_moved(self, position: int) -> None:
        value = round(self._minimum + position * self._step, 6)
        with QSignalBlocker(self.box):
            self.box.setValue(value)
        self.value_changed.emit(value)

    def _box_changed(self, value: float) -> None:
        self.show_value(value)
        self.value_changed.emit(value)


def _slider_step(span: float) -> float:
    """1, 2 or 5 times a power of ten: the finest that takes the slider across ``span`` in 100 to 250 steps or so."""
    power = 10.0 ** _exponent(span / 250)
    return next((factor * power for factor in (1, 2, 5, 10) if span / (factor * power) <= 250), 10 * power)


def _exponent(value: float) -> int:
    return int(f"{value:e}".split("e")[1])


class ChoiceBox(QComboBox, Generic[Choice]):
    """A choice of one of several enum members, each with its words."""

    def __init__(self, name: str, words: dict[Choice, str], tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setToolTip(tip)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.setFixedHeight(FIELD_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._members = tuple(words)
        self.addItems(list(words.values()))

    @property
    def choice(self) -> Choice:
        """The member that is chosen."""
        return self._members[self.currentIndex()]

    def show_choice(self, member: Choice) -> None:
        """Show a choice from outside; nothing is reported."""
        index = self._members.index(member)
        if index != self.currentIndex():
            with QSignalBlocker(self):
                self.setCurrentIndex(index)


def stylesheet(theme: Theme) -> str:
    """The few things that a palette cannot say."""
    return f"""
        QLabel[role="heading"] {{ color: {theme.muted}; font-size: 11px; font-weight: bold; }}
        QLabel[role="muted"] {{ color: {theme.muted}; font-size: 12px; }}
        QLabel[role="error"] {{ color: {theme.warning}; font-size: 12px; }}
        QFrame[role="card"] {{ background: {theme.raised}; border: 1px solid {theme.border}; border-radius: 4px; }}
        QFrame[role="card"] QLabel {{ border: none; }}
        QPushButton {{ background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.border};
                       border-radius: 4px; padding: 4px 6px; }}
        QPushButton:hover {{ border-color: {theme.faint}; }}
        QPushButton:pressed {{ background: {theme.border}; }}
        QPushButton:checked {{ background: {theme.accent}; color: {theme.accent_text}; border-color: {theme.accent}; }}
        QPushButton:focus {{ border-color: {theme.output}; }}
        QPushButton:disabled {{ color: {theme.faint}; }}
        QPushButton[role="link"] {{ background: transparent; border: none; color: {theme.output};
                                    text-align: left; padding: 2px 0; }}
        QPushButton[role="link"]:focus {{ text-decoration: underline; }}
        QPlainTextEdit, QLineEdit[role="text"] {{ background: {theme.raised}; border: 1px solid {theme.border};
                                                 border-radius: 4px; padding: 1px; }}
        QPlainTextEdit:focus, QLineEdit[role="text"]:focus {{ border-color: {theme.output}; }}
        {empty_box_style(theme)}
        QSpinBox[wrong="true"] {{ color: {theme.warning}; }}
    """
