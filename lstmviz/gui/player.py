"""Plays a run: moves the session's cursor on a timer, and animates the stage that the cursor has entered."""

from __future__ import annotations

import time
from collections.abc import Callable

from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSignal

from lstmviz.core import cursor as moves
from lstmviz.core.cursor import Cursor
from lstmviz.gui.session import Session

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Factors on the playing speed."""

STAGE_SECONDS = 0.8
"""How long a stage takes at speed 1."""

WHOLE_STEPS_FROM = 4.0
"""At this speed and above a tick is a whole time step: seven stages would only flicker."""

STEP_SECONDS = STAGE_SECONDS * 2
"""How long a whole time step takes at speed 1; at 4x that is 0.4 s."""

MANUAL_SECONDS = 0.35
"""How long the values move after one stage on by hand."""

ARRIVED = 2 / 3
"""While playing, the values arrive at this share of a stage's time, so that one can read them before the next."""

FRAME_MILLISECONDS = 16


class Player(QObject):
    """Play, pause, speed, loop. Emits ``frame`` with how far the current stage's animation is, 0 to 1.

    Only one stage forwards is animated; any other move of the cursor shows the finished stage at once. With
    ``reduce_motion`` nothing moves, the stages only follow each other. ``pause`` before the window closes.
    """

    frame = pyqtSignal(float)
    playing_changed = pyqtSignal(bool)
    speed_changed = pyqtSignal(float)
    loop_changed = pyqtSignal(bool)

    def __init__(
        self, session: Session, parent: QObject | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._clock = clock
        self._speed = 1.0
        self._loop = False
        self._reduce_motion = False
        self._playing = False
        self._position = moves.position_of(session.run, session.cursor)
        self._fraction = 1.0
        self._elapsed = 1.0  # the share of the current stage's time that is over
        self._ticked = clock()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MILLISECONDS)
        self._timer.timeout.connect(self.tick)
        session.cursor_changed.connect(self._follow)
        session.run_changed.connect(self._show_finished)

    @property
    def playing(self) -> bool:
        """Whether the cursor moves by itself."""
        return self._playing

    @property
    def fraction(self) -> float:
        """How far the current stage's animation is: 0 it begins, 1 every value is in its place."""
        return self._fraction

    @property
    def speed(self) -> float:
        """The factor on the playing speed, one of SPEEDS. A change takes effect at once, also within a stage."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        if speed not in SPEEDS:
            raise ValueError(f"{speed} is not one of the speeds {SPEEDS}")
        if speed != self._speed:
            self._speed = speed
            if self._playing and self._whole_steps:
                self._show(1.0)
            self.speed_changed.emit(speed)

    def change_speed(self, notches: int) -> None:
        """The next speed, or the one before (-1), stopping at the ends of SPEEDS."""
        index = SPEEDS.index(self._speed) + notches
        self.speed = SPEEDS[min(max(index, 0), len(SPEEDS) - 1)]

    @property
    def loop(self) -> bool:
        """Whether playing goes on from the start when it has come to the end."""
        return self._loop

    @loop.setter
    def loop(self, loop: bool) -> None:
        if loop != self._loop:
            self._loop = loop
            self.loop_changed.emit(loop)

    @property
    def reduce_motion(self) -> bool:
        """Whether values jump to their places instead of moving there."""
        return self._reduce_motion

    @reduce_motion.setter
    def reduce_motion(self, reduce_motion: bool) -> None:
        if reduce_motion != self._reduce_motion:
            self._reduce_motion = reduce_motion
            self._show_finished()

    def toggle(self) -> None:
        """Play when paused, pause when playing."""
        if self._playing:
            self.pause()
        else:
            self.play()

    def play(self) -> None:
        """Play on from the cursor; from the start when it stands at the end."""
        if self._playing:
            return
        self._playing = True
        self.playing_changed.emit(True)
        if self._at_end:
            self._session.first()
        else:
            self._advance()

    def pause(self) -> None:
        """Stop where it is, with the stage's values in place."""
        if self._playing:
            self._playing = False
            self.playing_changed.emit(False)
        self._show_finished()

    def tick(self) -> None:
        """What the timer does 60 times a second: move the values on, and the cursor when the stage is over."""
        now = self._clock()
        self._elapsed += (now - self._ticked) / self._tick_seconds
        self._ticked = now
        if self._elapsed < 1:
            if self._fraction < 1:
                self._show(min(self._elapsed / (ARRIVED if self._playing else 1), 1.0))
        elif self._playing:
            self._advance()
        else:
            self._show_finished()

    @property
    def _whole_steps(self) -> bool:
        return self._speed >= WHOLE_STEPS_FROM

    @property
    def _tick_seconds(self) -> float:
        if not self._playing:
            return MANUAL_SECONDS
        return (STEP_SECONDS if self._whole_steps else STAGE_SECONDS) / self._speed

    @property
    def _at_end(self) -> bool:
        run, cursor = self._session.run, self._session.cursor
        return cursor == moves.last(run, cursor)

    def _begin(self, *, animated: bool) -> None:
        """A new stage, or step, stands: its time begins."""
        self._elapsed = 0.0
        self._ticked = self._clock()
        self._timer.start()
        self._show(0.0 if animated else 1.0)

    def _show(self, fraction: float) -> None:
        if fraction != self._fraction:
            self._fraction = fraction
            self.frame.emit(fraction)

    def _show_finished(self, *_: object) -> None:
        """Every value in its place; when playing, the next stage comes after the usual time."""
        self._position = moves.position_of(self._session.run, self._session.cursor)
        if not self._playing:
            self._timer.stop()
        self._show(1.0)

    def _follow(self, cursor: Cursor) -> None:
        """The cursor moved: animate a single stage forwards, show everything else finished."""
        before, self._position = self._position, moves.position_of(self._session.run, cursor)
        if self._position == before:
            return  # another unit, or another layer at the same place
        rewound = self._playing and self._position == 0
        flickers = self._playing and self._whole_steps
        animated = (self._position == before + 1 or rewound) and not self._reduce_motion and not flickers
        if self._playing or animated:
            self._begin(animated=animated)
        else:
            self._show_finished()

    def _advance(self) -> None:
        """Go on by one stage or step; at the end stop, or start again."""
        session, before = self._session, self._session.cursor
        if self._at_end:
            if not self._loop:
                self.pause()
                return
            session.first()
        elif self._whole_steps:
            session.step(1)
            if session.cursor == before:
                session.last()
        else:
            session.step_stage(1)
