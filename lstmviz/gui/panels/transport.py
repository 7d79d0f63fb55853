"""The transport: where the cursor stands in time, and everything that moves it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise

from PyQt6.QtCore import QSignalBlocker, QSize, Qt
from PyQt6.QtGui import QAction, QFontMetrics, QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lstmviz.core.cursor import Cursor, stages_of, turned
from lstmviz.core.explanations.narration import STAGE_TITLES
from lstmviz.core.run import Run
from lstmviz.gui.icons import icon
from lstmviz.gui.panels.being_typed import Typing
from lstmviz.gui.panels.time_slider import TimeSlider
from lstmviz.gui.player import SPEEDS, WHOLE_STEPS_FROM, Player
from lstmviz.gui.session import Session
from lstmviz.gui.shortcuts import create_action, keys_in_words, shortcut, tooltip
from lstmviz.gui.style import LIGHT, Theme, text_font

DIGIT_SECONDS = 0.8
"""A digit typed within this time after another belongs to the same number."""

PAGE_STEPS = 10
"""How far Page Up and Page Down go."""

_CHOICE_HEIGHT = 26
_BUTTONS = ("first", "step_back", "stage_back", "play", "stage_on", "step_on", "last")


class Transport(QWidget):
    """Buttons, slider, what step it is, and how it plays.

    Its actions work wherever ``addActions(transport.actions())`` puts them: give them to the main window.
    """

    def __init__(
        self,
        session: Session,
        player: Player,
        parent: QWidget | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("transport")
        self.setAccessibleName("Transport: move through time")
        self._session = session
        self._player = player
        self._typed = TypedNumber(clock)
        self._theme = LIGHT
        self._buttons: dict[str, QToolButton] = {}
        self._setup_actions()
        self._setup_slider()
        self._setup_words()
        self._setup_choices()
        self._layout()
        session.run_changed.connect(self._show_run)
        session.cursor_changed.connect(self._show_cursor)
        player.playing_changed.connect(self._show_playing)
        player.speed_changed.connect(self._show_speed)
        player.loop_changed.connect(self._loop_action.setChecked)
        self._loop_action.setChecked(player.loop)
        self._paint()
        self._show_speed(player.speed)
        self._show_run(session.run)

    def action(self, shortcut_id: str) -> QAction:
        """The action of an entry of the table of shortcuts, for menus."""
        return next(action for action in self.actions() if action.objectName() == shortcut_id)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        if theme != self._theme:
            self._theme = theme
            self._paint()

    def _paint(self) -> None:
        theme = self._theme
        self.setStyleSheet(_style_sheet(theme))
        for name in (*_BUTTONS, "loop"):
            if name != "play":
                self.action(name).setIcon(icon(name, theme))
        self._show_loop(self._loop_action.isChecked())
        self._show_playing(self._player.playing)
        self.slider.set_theme(theme)

    def position_in_words(self) -> str:
        """Where the cursor stands: ``t = 3 of 11 · forget gate: how much to keep · layer 0``."""
        cursor, run = self._session.cursor, self._session.run
        return f"t = {cursor.t:,} of {run.length:,} · {STAGE_TITLES[cursor.stage]} · {layer_in_words(cursor.layer)}"

    # What the user does

    def _setup_actions(self) -> None:
        session, player = self._session, self._player
        moves: dict[str, Callable[[], object]] = {
            "stage_on": partial(session.step_stage, 1),
            "stage_back": partial(session.step_stage, -1),
            "step_on": partial(session.step, 1),
            "step_back": partial(session.step, -1),
            "steps_on": partial(session.step, PAGE_STEPS),
            "steps_back": partial(session.step, -PAGE_STEPS),
            "first": session.first,
            "last": session.last,
        }
        for name, move in moves.items():
            self.addAction(create_action(name, self, partial(self._move, move)))
        self.addAction(create_action("unit_on", self, partial(self._pin, 1)))
        self.addAction(create_action("unit_back", self, partial(self._pin, -1)))
        self.addAction(create_action("play", self, player.toggle))
        self.addAction(create_action("faster", self, partial(player.change_speed, 1)))
        self.addAction(create_action("slower", self, partial(player.change_speed, -1)))
        self._loop_action = create_action("loop", self, self._change_loop)
        self._loop_action.setCheckable(True)
        self._loop_action.toggled.connect(self._show_loop)
        self.addAction(self._loop_action)
        self._backward_action = create_action("backward", self, self._turn)
        self._backward_action.setCheckable(True)
        self._backward_action.setIconText("backward")
        self.addAction(self._backward_action)
        for name in ("play", "loop", "backward"):
            self.action(name).setAutoRepeat(False)
        for digit in shortcut("go_to_step").keys:
            key = QShortcut(QKeySequence(digit), self)
            key.setObjectName(f"go_to_step_{digit}")
            key.setAutoRepeat(False)
            key.activated.connect(partial(self._type_digit, digit))

    def _pin(self, units: int) -> None:
        self._session.pin(self._session.cursor.unit + units)

    def _move(self, move: Callable[[], object]) -> None:
        """By hand: it stops playing, or the two would fight."""
        self._player.pause()
        move()

    def _go_to(self, t: int) -> None:
        self._session.seek(replace(self._session.cursor, t=t))

    def _end_typing(self, is_number: bool) -> None:
        if is_number:
            self._go_to(self.go_to.value())
        self._show_step()

    def _type_digit(self, digit: str) -> None:
        t = self._typed.add(digit, self._session.run.length)
        if t:
            self._go_to(t)

    def _turn(self) -> None:
        session = self._session
        session.seek(turned(session.run, session.cursor, backward=self._backward_action.isChecked()))

    def _change_loop(self) -> None:
        self._player.loop = self._loop_action.isChecked()

    def _choose_speed(self, index: int) -> None:
        self._player.speed = SPEEDS[index]

    def _choose_layer(self, index: int) -> None:
        self._session.seek(replace(self._session.cursor, layer=self.layer_chooser.itemData(index)))

    # What is seen

    def _setup_slider(self) -> None:
        self.slider = TimeSlider(self._step_in_words, self)
        self.slider.setObjectName("time_slider")
        self.slider.setAccessibleName("Time step")
        self.slider.valueChanged.connect(self._go_to)

    def _setup_words(self) -> None:
        self.step_label = QLabel(self)
        self.step_label.setObjectName("step_label")
        self.step_label.setFont(text_font(14, bold=True))
        self.stage_label = QLabel(self)
        self.stage_label.setObjectName("stage_label")
        self.stage_label.setFont(text_font(12))
        _fix_size(self.stage_label, max(STAGE_TITLES.values(), key=len))

    def _setup_choices(self) -> None:
        self.go_to = QSpinBox(self)
        self.go_to.setObjectName("go_to_step")
        self.go_to.setAccessibleName("Go to time step")
        self.go_to.setToolTip(
            f"Go to time step t: type its number and press Enter; or, elsewhere in the window, "
            f"just type it ({keys_in_words(shortcut('go_to_step'))})"
        )
        self.go_to.setPrefix("t = ")
        self.go_to.setKeyboardTracking(False)
        self.go_to.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.go_to.valueChanged.connect(self._go_to)
        self._going = Typing(self.go_to)
        self._going.ended.connect(self._end_typing)
        self.layer_chooser = QComboBox(self)
        self.layer_chooser.setObjectName("layer_chooser")
        self.layer_chooser.setAccessibleName("Layer")
        self.layer_chooser.setToolTip("Which layer of the network the window looks into")
        # in a narrow window it says less, so that nothing is pushed out of sight
        self.layer_chooser.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.layer_chooser.setMinimumWidth(90)
        self.layer_chooser.activated.connect(self._choose_layer)
        self.speed = QComboBox(self)
        self.speed.setObjectName("speed")
        self.speed.setAccessibleName("Playing speed")
        self.speed.addItems([f"{speed:g}×" for speed in SPEEDS])
        self.speed.setToolTip(
            f"How fast it plays ({keys_in_words(shortcut('faster'))}, {keys_in_words(shortcut('slower'))}). "
            f"From {WHOLE_STEPS_FROM:g}× on it goes in whole time steps, not in stages."
        )
        self.speed.activated.connect(self._choose_speed)

    def _button(self, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setDefaultAction(self.action(name))
        button.setObjectName(f"{name}_button")
        button.setAccessibleName(shortcut(name).words)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        button.setIconSize(QSize(20, 20))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._buttons[name] = button
        return button

    def _layout(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 5, 10, 5)
        row.setSpacing(6)
        for name in _BUTTONS:
            row.addWidget(self._button(name))
        row.addSpacing(8)
        row.addWidget(self.slider, 1)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self.step_label)
        words.addWidget(self.stage_label)
        words.addStretch(1)
        row.addSpacing(8)
        row.addLayout(words)
        backward = self._button("backward")
        backward.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        row.addWidget(backward)
        row.addWidget(self.go_to)
        row.addWidget(self.layer_chooser)
        row.addWidget(self.speed)
        row.addWidget(self._button("loop"))
        for choice in (self.go_to, self.layer_chooser, self.speed):
            choice.setMinimumHeight(_CHOICE_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        left_to_right = [row.itemAt(index) for index in range(row.count())]
        focusable = [item.widget() for item in left_to_right if item and item.widget()]
        for earlier, later in pairwise(focusable):
            QWidget.setTabOrder(earlier, later)

    def _show_run(self, run: Run) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setRange(1, run.length)
        names = list(run.trace.layers)
        if names != [self.layer_chooser.itemData(index) for index in range(self.layer_chooser.count())]:
            self.layer_chooser.clear()
            for name in names:
                self.layer_chooser.addItem(layer_in_words(name), name)
        self.layer_chooser.setVisible(len(names) > 1)
        _fix_size(self.step_label, _step_of(run.length, run.length))
        self._show_cursor(self._session.cursor)

    def _show_cursor(self, cursor: Cursor) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(cursor.t)
        self.slider.update()
        self._show_step()
        self.layer_chooser.setCurrentIndex(self.layer_chooser.findData(cursor.layer))
        self.step_label.setText(_step_of(cursor.t, self._session.run.length))
        self.stage_label.setText(STAGE_TITLES[cursor.stage])
        self._backward_action.setChecked(cursor.backward)
        stages = [*stages_of(self._session.run, cursor)]
        number = stages.index(cursor.stage) + 1
        self.stage_label.setToolTip(f"{self.position_in_words()} (stage {number} of {len(stages)})")
        self.setAccessibleDescription(self.position_in_words())

    def _show_step(self) -> None:
        """The cursor's step in the box, and how far one can go; what is being typed there stays."""
        box, length = self.go_to, self._session.run.length
        with QSignalBlocker(box):
            if self._going.is_under_way:
                box.setMaximum(max(length, box.maximum()))  # a smaller one would refuse it or take its place
            else:
                box.setRange(1, length)
                box.setValue(self._session.cursor.t)

    def _show_playing(self, playing: bool) -> None:
        action, words = self.action("play"), "Pause" if playing else "Play"
        action.setIcon(icon("pause" if playing else "play", self._theme, on_accent=True))
        action.setText(words)
        action.setToolTip(f"{words} ({keys_in_words(shortcut('play'))})")
        self._buttons["play"].setAccessibleName(words)

    def _show_speed(self, speed: float) -> None:
        self.speed.setCurrentIndex(SPEEDS.index(speed))

    def _show_loop(self, loop: bool) -> None:
        self._loop_action.setIcon(icon("loop", self._theme, on_accent=loop))
        self._loop_action.setToolTip(f"{tooltip('loop')}: now it {'starts again' if loop else 'stops'}")

    def _step_in_words(self, t: int) -> str:
        sequence = self._session.run.sequence
        label = sequence.labels[t - 1]
        return f"step {t:,}" if label == str(t) else f"step {t:,}: {label}"


class TypedNumber:
    """Digits typed one after the other, as one number while they follow each other quickly."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._digits = ""
        self._time = 0.0

    def add(self, digit: str, largest: int) -> int | None:
        """The number so far; it begins anew when it would get too large. None for 0 or a digit that is too large."""
        now = self._clock()
        quick = now - self._time < DIGIT_SECONDS
        longer = self._digits + digit if quick else digit
        self._digits = longer if int(longer) <= largest else digit
        self._time = now
        number = int(self._digits)
        return number if 1 <= number <= largest else None


def layer_in_words(name: str) -> str:
    """``l1_reverse`` as people say it: ``layer 1, reading backwards``."""
    number, _, direction = name.removeprefix("l").partition("_")
    return f"layer {number}, reading backwards" if direction else f"layer {number}"


def _step_of(t: int, length: int) -> str:
    return f"step {t:,} of {length:,}"


def _fix_size(label: QLabel, longest: str) -> None:
    """As large as its longest text needs: otherwise the whole window would be laid out anew with every text."""
    metrics = QFontMetrics(label.font())
    label.setFixedSize(metrics.horizontalAdvance(longest) + 6, metrics.height())


def _style_sheet(theme: Theme) -> str:
    return f"""
        QToolButton {{ background: {theme.raised}; border: 1px solid {theme.border}; border-radius: 6px; }}
        QToolButton {{ padding: 5px; }}
        QToolButton:hover {{ border-color: {theme.muted}; }}
        QToolButton:pressed {{ background: {theme.border}; }}
        QToolButton:checked {{ color: {theme.accent_text}; }}
        QToolButton:checked, #play_button {{ background: {theme.accent}; border-color: {theme.accent}; }}
        #play_button:hover, #play_button:pressed {{ background: {theme.muted}; border-color: {theme.muted}; }}
        QToolButton:focus {{ border: 2px solid {theme.output}; padding: 4px; }}
        #step_label {{ color: {theme.text}; }}
        #stage_label {{ color: {theme.muted}; }}
    """
