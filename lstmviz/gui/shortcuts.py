"""Every key of the app in one table: for actions, tooltips, the help and the README; and when keys are left alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QAction, QKeyEvent, QKeySequence
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QRadioButton,
    QTabBar,
    QTextEdit,
    QWidget,
)


@dataclass(frozen=True)
class Shortcut:
    """What keys do.

    id     name of the action;  keys  alternatives, in Qt's portable spelling;  words  what it does, for people
    group  heading in the help and the README
    """

    id: str
    keys: tuple[str, ...]
    words: str
    group: str


_MOVE, _PLAY, _ASK = "Move through the run", "Play", "Debug"
_CHANGE, _FILE, _WINDOW = "Change", "Files", "Window"

SHORTCUTS = (
    Shortcut("stage_on", ("Right",), "one stage on", _MOVE),
    Shortcut("stage_back", ("Left",), "one stage back", _MOVE),
    Shortcut("step_on", ("Shift+Right",), "one time step on", _MOVE),
    Shortcut("step_back", ("Shift+Left",), "one time step back", _MOVE),
    Shortcut("steps_on", ("PgDown",), "ten time steps on", _MOVE),
    Shortcut("steps_back", ("PgUp",), "ten time steps back", _MOVE),
    Shortcut("first", ("Home",), "to the beginning", _MOVE),
    Shortcut("last", ("End",), "to the end", _MOVE),
    Shortcut("go_to_step", tuple("0123456789"), "to the step of that number: 1 2 goes to step 12", _MOVE),
    Shortcut("unit_on", ("Down",), "pin the next unit", _MOVE),
    Shortcut("unit_back", ("Up",), "pin the unit before", _MOVE),
    Shortcut("backward", ("B",), "walk the backward pass, or the forward pass again", _MOVE),
    Shortcut("play", ("Space",), "play or pause", _PLAY),
    Shortcut("loop", ("L",), "start again at the end, or stop there", _PLAY),
    Shortcut("faster", ("+", "="), "play faster", _PLAY),
    Shortcut("slower", ("-",), "play slower", _PLAY),
    Shortcut("run_on", ("F8",), "run to the next breakpoint", _ASK),
    Shortcut("run_back", ("Shift+F8",), "run back to the breakpoint before", _ASK),
    Shortcut("who_wrote", ("W",), "to the step that wrote what the pinned cell holds", _ASK),
    Shortcut("who_erased", ("E",), "to the step that erased what the pinned cell held before", _ASK),
    Shortcut("asked_before", ("Alt+Left",), "back to the value that was asked about before", _ASK),
    Shortcut("asked_after", ("Alt+Right",), "forward to the value asked about after it", _ASK),
    Shortcut("undo", ("Ctrl+Z",), "take the last change back", _CHANGE),
    Shortcut("redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "make it again", _CHANGE),
    Shortcut("open_session", ("Ctrl+O",), "open a session", _FILE),
    Shortcut("save_session", ("Ctrl+S",), "save the session", _FILE),
    Shortcut("save_session_as", ("Ctrl+Shift+S",), "save the session as another file", _FILE),
    Shortcut("leave_field", ("Esc",), "leave a field, so that the keys above work again", _WINDOW),
    Shortcut("keys", ("F1",), "show these keys", _WINDOW),
    Shortcut("quit", ("Ctrl+Q",), "close lstmviz", _WINDOW),
)
"""All of them, in the order of the help."""

_NAMES = {"Right": "→", "Left": "←", "Up": "↑", "Down": "↓", "PgDown": "Page Down", "PgUp": "Page Up", "-": "−"}


def shortcut(shortcut_id: str) -> Shortcut:
    """The entry of the table with this id. Raises KeyError if there is none."""
    return _BY_ID[shortcut_id]


def has_shortcut(shortcut_id: str) -> bool:
    """Whether the table has an entry with this id."""
    return shortcut_id in _BY_ID


_BY_ID = {each.id: each for each in SHORTCUTS}


def keys_in_words(each: Shortcut) -> str:
    """The keys as they stand on a keyboard: ``Shift+→``, ``+ or =``, ``0 … 9``."""
    if each.id == "go_to_step":
        return "0 … 9"
    return " or ".join(
        key if len(key) == 1 and key not in _NAMES else "+".join(_NAMES.get(part, part) for part in key.split("+"))
        for key in each.keys
    )


def tooltip(shortcut_id: str) -> str:
    """What it does and its keys, in one line: ``One stage on (→)``."""
    each = shortcut(shortcut_id)
    return f"{_sentence_case(each.words)} ({keys_in_words(each)})"


def keyboard_table() -> str:
    """The table as Markdown, for the README."""
    rows = [f"| {keys_in_words(each)} | {each.words} |" for each in SHORTCUTS]
    return "\n".join(["| key | what it does |", "|---|---|", *rows]) + "\n"


def create_action(shortcut_id: str, parent: QObject, triggered: Callable[[], object]) -> QAction:
    """The action of a table entry: words, keys, tooltip and objectName; it works where ``addAction`` puts it."""
    each = shortcut(shortcut_id)
    action = QAction(_sentence_case(each.words), parent)
    action.setObjectName(each.id)
    action.setShortcuts([QKeySequence(key) for key in each.keys])
    action.setToolTip(tooltip(shortcut_id))
    action.triggered.connect(lambda *_: triggered())
    return action


def _sentence_case(words: str) -> str:
    return words[0].upper() + words[1:]


class KeyboardGuard(QObject):
    """Leaves a key to the widget that has the focus when that widget needs it, so that typing does not step.

    Qt itself does so for text fields only in part, and not at all for buttons, lists and sliders. Esc gives the
    focus back to ``window``.
    """

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._watch)
        self._watch(None, app.focusWidget())

    def _watch(self, old: QWidget | None, new: QWidget | None) -> None:
        """Filter the events of the focused widget alone: a filter on the whole application costs time."""
        if old is not None:
            old.removeEventFilter(self)
        if new is not None:
            new.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Qt asks whether a key is a shortcut before it sends the key: accepting means that it is not."""
        if not isinstance(event, QKeyEvent) or not isinstance(watched, QWidget):
            return False
        if event.type() == QEvent.Type.ShortcutOverride and needs_key(watched, event):
            event.accept()
            return True
        leaves = event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape
        if leaves and watched is not self._window and watched.window() is self._window:
            self._window.setFocus(Qt.FocusReason.OtherFocusReason)
        return False


_TYPED_INTO = (QLineEdit, QTextEdit, QPlainTextEdit, QAbstractSpinBox, QComboBox, QAbstractItemView)


@cache
def _needs() -> tuple[tuple[type[QWidget], set[Qt.Key]], ...]:
    """The keys that widgets need which one does not type into. PyQt takes 10 ms to make the names of all keys."""
    keys = Qt.Key
    arrows = {keys.Key_Left, keys.Key_Right, keys.Key_Up, keys.Key_Down}
    jumps = {keys.Key_Home, keys.Key_End, keys.Key_PageUp, keys.Key_PageDown}
    return (
        (QRadioButton, arrows | {keys.Key_Space}),
        (QAbstractButton, {keys.Key_Space}),
        (QAbstractSlider, arrows | jumps),
        (QTabBar, arrows | jumps),
    )


@cache
def _never_needed() -> set[Qt.Key]:
    """Escape and the function keys, which no text field needs."""
    return {Qt.Key.Key_Escape, *(Qt.Key(Qt.Key.Key_F1 + number) for number in range(35))}


def needs_key(widget: QWidget, event: QKeyEvent) -> bool:
    """Whether ``widget`` does something of its own with a plain key, or one with Shift, when it has the focus."""
    if event.modifiers() & (
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
    ):
        return False
    if isinstance(widget, _TYPED_INTO):
        read_only = isinstance(widget, (QLineEdit, QTextEdit, QPlainTextEdit)) and widget.isReadOnly()
        return not read_only and event.key() not in _never_needed()
    return any(isinstance(widget, kind) and event.key() in keys for kind, keys in _needs())
