"""The debugger of a window: its dock's content, made section by section, and its commands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QDockWidget, QWidget

from lstmviz.core.cursor import Stage
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.run import Run
from lstmviz.gui.panels.debugger.debugger_panel import DebuggerPanel, Fold
from lstmviz.gui.session import Session
from lstmviz.gui.shortcuts import create_action
from lstmviz.gui.style import Theme
from lstmviz.gui.views.timeline.step_marks import StepMarks

if TYPE_CHECKING:
    from lstmviz.core.analysis.writes import MemoryEvent
    from lstmviz.core.debugger.watch_values import Track


class Debugger(QObject):
    """Breakpoints, watches, what-ifs, health and notes: each is made when it is first opened.

    The commands work without the dock being open. Call ``close`` when the window closes.
    """

    said = pyqtSignal(str)
    """A sentence that answers a command."""
    wanted = pyqtSignal()
    """A command needs the dock to be seen."""
    ran = pyqtSignal()
    """Running to a breakpoint has moved the cursor."""

    def __init__(self, session: Session, dock: QDockWidget) -> None:
        super().__init__(dock)
        self._session = session
        self.panel = DebuggerPanel(
            (
                Fold("what_if", "What if", "Change something, and see what differs", self._what_if),
                Fold("breakpoints", "Breakpoints", "Conditions at which running stops", self._breakpoints),
                Fold("watches", "Watches", "Expressions whose value stays in view", self._watches),
                Fold("health", "Health", "What is wrong with the run, or might be", self._health),
                Fold("notes", "Notes", "What you have noticed", self._notes),
            ),
            dock,
        )
        dock.visibilityChanged.connect(self.panel.welcome)
        commands: tuple[tuple[str, Callable[[], None]], ...] = (
            ("run_on", self.run_on),
            ("run_back", self.run_back),
            ("who_wrote", self.who_wrote),
            ("who_erased", self.who_erased),
        )
        self._actions = {name: create_action(name, self, command) for name, command in commands}
        session.run_changed.connect(self._show_run)
        self._show_run(session.run)

    @property
    def running_actions(self) -> tuple[QAction, ...]:
        """To the next breakpoint, and back to the one before."""
        return self._actions["run_on"], self._actions["run_back"]

    @property
    def memory_actions(self) -> tuple[QAction, ...]:
        """Who wrote, who erased."""
        return self._actions["who_wrote"], self._actions["who_erased"]

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self.panel.set_theme(theme)

    def close(self) -> None:
        """What was typed is kept, and all work in the background ends."""
        from lstmviz.gui.panels.debugger.health_panel import HealthPanel

        self.flush()
        health = self.panel.content("health")
        if isinstance(health, HealthPanel):
            health.stop()

    def flush(self) -> None:
        """What has been typed and not yet reported becomes part of the experiment."""
        from lstmviz.gui.panels.debugger.notes_panel import NotesPanel

        notes = self.panel.content("notes")
        if isinstance(notes, NotesPanel):
            notes.flush()

    # Commands

    def run_on(self) -> None:
        """Run to the next breakpoint; without any, show where to make one."""
        self._run(back=False)

    def run_back(self) -> None:
        """Run back to the breakpoint before."""
        self._run(back=True)

    def who_wrote(self) -> None:
        """Go to the last step that wrote at least half of what the pinned cell holds."""
        from lstmviz.core.analysis.writes import last_writer

        self._go(last_writer)

    def who_erased(self) -> None:
        """Go to the last step that erased what the pinned cell held."""
        from lstmviz.core.analysis.writes import last_eraser

        self._go(last_eraser)

    def _run(self, *, back: bool) -> None:
        from lstmviz.core.debugger.hits import breakpoint_hits
        from lstmviz.gui.panels.debugger.breakpoints_panel import BreakpointsPanel

        if not any(hits.breakpoint.enabled for hits in breakpoint_hits(self._session.run)):
            self.wanted.emit()
        panel = self.panel.open("breakpoints")
        assert isinstance(panel, BreakpointsPanel)
        panel.run_on(back=back)
        self.said.emit(panel.stop_line.text())
        self.ran.emit()

    def _go(self, find: Callable[..., MemoryEvent]) -> None:
        cursor = self._session.cursor
        event = find(self._session.run.trace, cursor.t, cursor.unit, cursor.layer)
        if event.step is not None:
            self._session.seek(replace(cursor, t=event.step, stage=Stage.CELL))
        self.said.emit(event.sentence)

    def _show_run(self, run: Run) -> None:
        for action in self.memory_actions:
            action.setEnabled(run.network.cell is Cell.LSTM)

    # Sections, imported when they are made

    def _what_if(self) -> QWidget:
        from lstmviz.gui.panels.debugger.what_if_panel import WhatIfPanel

        return WhatIfPanel(self._session)

    def _breakpoints(self) -> QWidget:
        from lstmviz.gui.panels.debugger.breakpoints_panel import BreakpointsPanel

        return BreakpointsPanel(self._session)

    def _watches(self) -> QWidget:
        from lstmviz.gui.panels.debugger.watches_panel import WatchesPanel

        return WatchesPanel(self._session)

    def _health(self) -> QWidget:
        from lstmviz.gui.panels.debugger.health_panel import HealthPanel

        return HealthPanel(self._session)

    def _notes(self) -> QWidget:
        from lstmviz.gui.panels.debugger.notes_panel import NotesPanel

        return NotesPanel(self._session)


def marks_and_tracks(run: Run) -> tuple[tuple[StepMarks, ...], tuple[Track, ...]]:
    """What the timeline draws of breakpoints and watches. Their language is imported when there are any."""
    if not (run.experiment.breakpoints or run.experiment.watches):
        return (), ()
    from lstmviz.core.debugger.hits import breakpoint_hits
    from lstmviz.core.debugger.watch_values import watched_tracks

    hits = breakpoint_hits(run)
    marks = tuple(StepMarks(hit.breakpoint.condition, hit.holds, hit.breakpoint.enabled) for hit in hits)
    return marks, watched_tracks(run)
