"""The Paths view: along which paths the last step depends on each step before, and every pair of steps."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PyQt6.QtCore import QSize
from PyQt6.QtGui import QColor, QHideEvent, QPalette, QResizeEvent, QShowEvent
from PyQt6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from lstmviz.core.cursor import Cursor
from lstmviz.core.parameters import Cell
from lstmviz.core.run import Run
from lstmviz.gui.style import Theme, palette, text_font
from lstmviz.gui.views.gradients.legend import ElidedLabel
from lstmviz.gui.views.paths.analysis import (
    Directions,
    PathCurve,
    Paths,
    PathsProgress,
    analysing_paths,
    axis_in_words,
    cell_headline,
    finding_directions,
    hidden_headline,
    summary_of,
    table_of,
    walking_seconds,
)
from lstmviz.gui.views.paths.directions import DirectionBars
from lstmviz.gui.views.paths.jacobian_map import JacobianMap
from lstmviz.gui.views.paths.job import Job
from lstmviz.gui.views.paths.parts import PathsPanel, path_switches
from lstmviz.gui.views.time_axis import TimeRange, clamped_range, whole
from lstmviz.gui.views.view import Hovered, View

NORMS = ("fro", "spectral")
HERE_SECONDS = 0.06
"""So long the analysis may keep the window waiting; what is left goes on on a thread."""

QUICK_SECONDS = 0.001
"""Singular values that take longer come a moment after the cursor's move."""

IDLE = "Every pair of steps"
IDLE_TIP = "How strongly h[t] depends on h[s]: bright where a change at step s still matters at step t"

ROOM_FOR_MAP = 760
"""Below this width there are the curves alone."""

ROOM_FOR_BOTH_PLOTS = 600
"""Below this height a switch chooses one of the two plots."""

ROOM_FOR_DIRECTIONS = 480
"""Below this height there are no singular values."""


class PathsView(View):
    """Forget product, held-h block and total dc[T]/dc[t]; dh[T]/dh[t]; the map of dh[t]/dh[s]; singular values.

    Call ``stop`` before it goes away while its window stays.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("paths_view")
        self.setAccessibleName("Paths")
        self.setAutoFillBackground(True)
        self.setMinimumSize(360, 300)
        self._paths: Paths | None = None
        self._known: dict[tuple[str, str], Paths] = {}
        self._shown: TimeRange = whole(1)
        self._job, self._directions_job = Job(self), Job(self)
        self._make_switches()
        self.cell = PathsPanel("cell_paths", ("forget", "held_h", "total"), self)
        self.hidden = PathsPanel("hidden_paths", ("main", "baseline"), self)
        self.map, self.directions = JacobianMap(self), DirectionBars(self)
        self._lay_out()
        self._connect()
        self.set_theme(self.theme)

    def sizeHint(self) -> QSize:
        """Room for the plots and the map."""
        return QSize(900, 520)

    @property
    def busy(self) -> bool:
        """Whether something is still being computed."""
        return self._job.busy or self._directions_job.busy

    @property
    def unit(self) -> int | None:
        """The unit whose derivatives the cell plot shows; None for the norms over all."""
        single = self.run is not None and self.run.network.hidden_size == 1
        chosen = single or self.which_unit.current == 1
        return self.cursor_at.unit if chosen and self.cursor_at is not None else None

    @property
    def norm(self) -> str:
        """``fro`` or ``spectral``."""
        return NORMS[self.which_norm.current]

    # What is shown

    def show_run(self, run: Run, cursor: Cursor) -> None:
        """Draw another run; one of another length is shown whole."""
        if run is self.run:
            self.show_cursor(cursor)
            return
        if self.run is None or run.length != self.run.length:
            self._shown = whole(run.length)
        super().show_run(run, cursor)
        self._known = {}
        self.directions.show_directions(None)
        self._analyse()
        self._fit()

    def show_cursor(self, cursor: Cursor) -> None:
        """Move the cursor; another layer brings other paths."""
        before = self.cursor_at
        if cursor == before or self.run is None:
            return
        super().show_cursor(cursor)
        if before is None or before.layer != cursor.layer:
            self._analyse()
        elif before.unit != cursor.unit:
            self._show_cell()
            self._show_step()
        elif before.t != cursor.t:
            self._show_step()

    def show_time_range(self, first: float, last: float) -> None:
        """Show the time from edge to edge, in steps: (0.5, T + 0.5) is everything."""
        if self.run is None:
            return
        shown = clamped_range(first, last, self.run.length)
        if shown != self._shown:
            self._shown = shown
            for part in (self.cell.plot, self.hidden.plot, self.map):
                part.show_time(shown)

    def show_hovered(self, place: Hovered | None) -> None:
        """A thin line at the step that the mouse is over in another view."""
        for part in (self.cell.plot, self.hidden.plot, self.map):
            part.show_hovered_step(place.t if place else None)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        super().set_theme(theme)
        colours = palette(theme)
        colours.setColor(QPalette.ColorRole.Window, QColor(theme.surface))
        self.setPalette(colours)
        quiet = palette(theme)
        quiet.setColor(QPalette.ColorRole.WindowText, QColor(theme.muted))
        self._status.setPalette(quiet)
        for part in (*self._switches, self.cell, self.hidden, self.map, self.directions):
            part.set_theme(theme)

    def summary(self) -> str:
        """What the plots say at the cursor, in sentences."""
        if self.run is None or self.cursor_at is None:
            return "Paths: no run yet."
        if self._paths is None or not self._paths.hidden:
            return "Paths: still being computed."
        return summary_of(self._paths, self.unit, self.cursor_at.t)

    def table(self) -> tuple[tuple[str, ...], list[tuple[float, ...]]]:
        """What the plots show as a table: headers, and for each step its number and every derivative."""
        if self.run is None or self._paths is None:
            return ("step",), []
        return table_of(self._paths, self.unit, self.run.length)

    # Set-up

    def _make_switches(self) -> None:
        self.which_plot, self.which_unit, self.which_norm, self.which_map = path_switches()
        self._switches = (self.which_plot, self.which_unit, self.which_norm, self.which_map)
        self._status = ElidedLabel(11)
        self._status.setObjectName("paths_status")
        self._button = QToolButton()
        self._button.setObjectName("paths_cancel")
        self._button.setFont(text_font(11))

    def _lay_out(self) -> None:
        controls, bar = QHBoxLayout(), QHBoxLayout()
        controls.setSpacing(10)
        for switch in (self.which_plot, self.which_unit, self.which_norm):
            controls.addWidget(switch)
        controls.addStretch(1)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addLayout(controls)
        left.addWidget(self.cell, 5)
        left.addWidget(self.hidden, 4)
        bar.addWidget(self._status, 1)
        bar.addWidget(self._button)
        bar.addWidget(self.which_map)
        self._right = QWidget(self)
        right = QVBoxLayout(self._right)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(6)
        right.addLayout(bar)
        right.addWidget(self.map, 3)
        right.addWidget(self.directions, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 10, 10, 6)
        row.setSpacing(12)
        row.addLayout(left, 54)
        row.addWidget(self._right, 46)

    def _connect(self) -> None:
        self._job.advanced.connect(self._advance)
        self._job.finished.connect(self._finish)
        self._job.failed.connect(partial(self._show_status, action="Try again"))
        self._directions_job.finished.connect(self._show_directions)
        self._directions_job.failed.connect(self._show_status)
        for panel in (self.cell, self.hidden):
            panel.plot.step_chosen.connect(self._seek)
            panel.plot.step_hovered.connect(self._hover_step)
            panel.plot.range_requested.connect(self.time_range_requested)
        self.map.step_chosen.connect(self._seek)
        self.map.hovered.connect(self.hovered)
        self.map.pair_hovered.connect(self._hover_pair)
        self.map.range_requested.connect(self.time_range_requested)
        self.which_plot.chosen.connect(self._fit)
        self.which_map.chosen.connect(self.map.show_first)
        self.which_norm.chosen.connect(self._analyse)
        self.which_unit.chosen.connect(self._show_cell)
        self.which_unit.chosen.connect(self._show_step)
        self._button.clicked.connect(self._cancel_or_go_on)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Leave out what there is no room for."""
        recurrent = self.run is not None and self.run.network.cell is Cell.RNN
        single = self.run is not None and self.run.network.hidden_size == 1
        both = self.height() >= ROOM_FOR_BOTH_PLOTS
        self.which_plot.setVisible(not both and not recurrent)
        self.cell.setVisible(not recurrent and (both or self.which_plot.current == 0))
        self.hidden.setVisible(recurrent or both or self.which_plot.current == 1)
        self.which_unit.setVisible(not recurrent and not single)
        self.which_norm.setVisible(not single)
        self._right.setVisible(self.width() >= ROOM_FOR_MAP)
        self.directions.setVisible(self.height() >= ROOM_FOR_DIRECTIONS)
        two = len(self._paths.maps if self._paths else ()) > 1
        self.layout().activate()  # type: ignore[union-attr]  # the layout made above
        self.which_map.setVisible(two and not self.map.both_fit(2))

    # The analysis

    def stop(self) -> None:
        """Stop computing and wait for the threads."""
        self._job.close()
        self._directions_job.close()

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        if self._unfinished and not self._job.busy:
            self._analyse()

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        if event is not None and event.spontaneous():
            return  # minimised
        self._job.cancel()
        self._directions_job.cancel()
        if (window := self.window()) is None or not window.isVisible():
            self.stop()

    @property
    def _unfinished(self) -> bool:
        if self.run is None or self.cursor_at is None:
            return False
        return (self.cursor_at.layer, self.norm) not in self._known

    def _analyse(self) -> None:
        """Compute what is shown, unless it is known; what takes long goes on on a thread while the view is seen."""
        if self.run is None or self.cursor_at is None:
            return
        known = self._known.get((self.cursor_at.layer, self.norm))
        if known is not None:
            self._job.cancel()
            self._show_paths(known)
            self._show_status("")
        else:
            self._paths = None
            # what belongs to other settings must not stand under these
            self.cell.clear_curves()
            self.hidden.clear_curves()
            self.map.show_maps((), self.run.length, self._shown)
            quick = 4 * walking_seconds(self.run) < HERE_SECONDS
            steps = analysing_paths(self.run, self.cursor_at.layer, self.norm)
            self._job.start(steps, HERE_SECONDS if quick else 0.0)
        self._find_directions()

    def _advance(self, progress: PathsProgress) -> None:
        if self._paths is None or progress.paths is not self._paths:
            self._show_paths(progress.paths)
        self._show_status(f"{progress.doing}: {100 * progress.fraction:.0f} %", "Cancel")

    def _finish(self, paths: Paths) -> None:
        self._known[paths.layer, paths.norm] = paths
        self._show_paths(paths)
        self._show_status("")

    def _show_status(self, words: str, action: str = "") -> None:
        self._status.show_text(words or IDLE, IDLE_TIP)
        self._button.setText(action)
        self._button.setVisible(bool(action))

    def _cancel_or_go_on(self) -> None:
        if self._job.busy:
            self._job.cancel()
            self._show_status("Stopped: the map is not complete.", "Go on")
        else:
            self._analyse()

    def _find_directions(self) -> None:
        """Singular values at the cursor: now where that is quick, else when the thread is free."""
        if self.run is None or self.cursor_at is None or self._directions_job.busy:
            return
        at, shown = self.cursor_at, self.directions.shown
        if shown is not None and (shown.layer, shown.t) == (at.layer, at.t):
            return
        first = shown is None or walking_seconds(self.run) < QUICK_SECONDS
        quick = first and walking_seconds(self.run) < HERE_SECONDS
        self._directions_job.start(finding_directions(self.run, at.layer, at.t), HERE_SECONDS if quick else 0.0)

    def _show_directions(self, found: Directions) -> None:
        self.directions.show_directions(found)
        self._find_directions()  # the cursor may have moved on

    # Drawing

    def _show_paths(self, paths: Paths) -> None:
        run = self.run
        assert run is not None
        self._paths = paths
        self._show_cell()
        if paths.hidden:
            names = " and ".join(curve.name for curve in paths.hidden)
            self._show_panel(self.hidden, paths.hidden, f"Hidden state: {names}, T = {paths.last:,}", None)
        for number, each in enumerate(paths.maps):
            self.which_map.set_word(number, each.network)
        self.map.show_maps(paths.maps, run.length, self._shown)
        self._fit()
        self._show_step()

    def _show_cell(self) -> None:
        if self._paths is not None and self._paths.split is not None:
            title = f"Cell state: three things called dc[T]/dc[t], T = {self._paths.last:,}"
            self._show_panel(self.cell, self._paths.cell(self.unit), title, self.unit)

    def _show_panel(self, panel: PathsPanel, curves: tuple[PathCurve, ...], title: str, unit: int | None) -> None:
        run = self.run
        assert run is not None
        axis = axis_in_words(self.norm, run.network.hidden_size, unit)
        panel.show_curves(curves, run.experiment.sequence, self._shown, title, axis)

    def _show_step(self) -> None:
        """Everything that moves with the cursor."""
        paths, cursor = self._paths, self.cursor_at
        if cursor is None:
            return
        self.which_unit.set_word(1, f"unit {cursor.unit}")
        self.map.show_step(cursor.t)
        if paths is not None and paths.split is not None:
            self.cell.show_step(cursor.t, cell_headline(paths, self.unit, cursor.t))
        if paths is not None and paths.hidden:
            self.hidden.show_step(cursor.t, hidden_headline(paths, cursor.t))
        self._find_directions()
        self.setAccessibleDescription(self.summary())

    # What the user does

    def _seek(self, t: int) -> None:
        if self.cursor_at is not None and t != self.cursor_at.t:
            self.cursor_requested.emit(replace(self.cursor_at, t=t))

    def _hover_step(self, t: int) -> None:
        panel = self.cell if self.sender() is self.cell.plot else self.hidden
        if t == 0 or self._paths is None or not self._paths.hidden:
            panel.plot.hide_read_out()
            self.hovered.emit("")
            self.place_hovered.emit(None)
            return
        panel.plot.show_read_out(t)
        curves = self._paths.cell(self.unit) if panel is self.cell else self._paths.hidden
        self.hovered.emit(f"Step {t}: " + ", ".join(f"{curve.name} {curve.at(t)}" for curve in curves))
        self.place_hovered.emit(Hovered(t))

    def _hover_pair(self, s: int | None) -> None:
        for panel in (self.cell, self.hidden):
            panel.plot.show_hovered_step(s)
        self.place_hovered.emit(None if s is None else Hovered(s))
