"""The Paths view: along which paths the last step depends on each step before, and every pair of steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PyQt6.QtCore import QSize
from PyQt6.QtGui import QColor, QHideEvent, QPalette, QResizeEvent, QShowEvent
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from lstmviz.core.cursor import Cursor
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.run import Run
from lstmviz.gui.job import Job, quiet_timer
from lstmviz.gui.style import Theme, palette
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
from lstmviz.gui.views.paths.map_panel import MapPanel
from lstmviz.gui.views.paths.maps import MapKind, kinds_of
from lstmviz.gui.views.paths.parts import PathsPanel, path_switches
from lstmviz.gui.views.time_axis import TimeRange, clamped_range, whole
from lstmviz.gui.views.view import Hovered, View

NORMS = ("fro", "spectral")
HERE_SECONDS = 0.06
"""So long the analysis may keep the window waiting; what is left goes on on a thread."""

QUICK_SECONDS = 0.001
"""Singular values that take longer come a moment after the cursor's move."""

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
        self._known: dict[tuple[str, str, MapKind], Paths] = {}
        self._shown: TimeRange = whole(1)
        self._job, self._directions_job = Job(self), Job(self)
        self._when_quiet = quiet_timer(self, self._compute_directions)
        self.which_plot, self.which_unit, self.which_norm = self._switches = path_switches()
        self.cell = PathsPanel("cell_paths", ("forget", "held_h", "total"), self)
        self.hidden = PathsPanel("hidden_paths", ("main", "baseline"), self)
        self.maps, self.directions = MapPanel(self), DirectionBars(self)
        self.map = self.maps.map
        self._lay_out()
        self._connect()
        self.set_theme(self.theme)

    def sizeHint(self) -> QSize:
        """Room for the plots and the map."""
        return QSize(900, 520)

    @property
    def busy(self) -> bool:
        """Whether something is still being computed."""
        return self._job.busy or self._directions_job.busy or self._when_quiet.isActive()

    @property
    def unit(self) -> int | None:
        """The unit whose derivatives the cell plot shows; None for the norms over all."""
        chosen = self._single or self.which_unit.current == 1
        return self.cursor_at.unit if chosen and self.cursor_at is not None else None

    @property
    def _single(self) -> bool:
        return self.run is not None and self.run.network.hidden_size == 1

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
        self.maps.show_kinds(kinds_of(run))
        self._analyse()
        self._fit()

    def show_cursor(self, cursor: Cursor) -> None:
        """Move the cursor; another layer brings other paths."""
        before = self.cursor_at
        if cursor == before or self.run is None:
            return
        self.cursor_at = cursor  # the parts draw themselves
        self._job.give_way()
        self._directions_job.give_way()
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
        for part in (*self._switches, self.cell, self.hidden, self.maps, self.directions):
            part.set_theme(theme)

    def summary(self) -> str:
        """What the plots say at the cursor, in sentences."""
        if self.run is None or self.cursor_at is None:
            return "Paths: no run yet."
        if self._paths is None or not self._paths.hidden:
            return "Paths: still being computed."
        return " ".join(filter(None, (summary_of(self._paths, self.unit, self.cursor_at.t), self.maps.sentence.text())))

    def table(self) -> tuple[tuple[str, ...], list[tuple[float, ...]]]:
        """What the plots show as a table: headers, and for each step its number and every derivative."""
        if self.run is None or self._paths is None:
            return ("step",), []
        return table_of(self._paths, self.unit, self.run.length)

    # Set-up

    def _lay_out(self) -> None:
        controls = QHBoxLayout()
        controls.setSpacing(10)
        for switch in (self.which_plot, self.which_unit, self.which_norm):
            controls.addWidget(switch)
        controls.addStretch(1)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addLayout(controls)
        left.addWidget(self.cell, 5)
        left.addWidget(self.hidden, 4)
        self._right = QWidget(self)
        right = QVBoxLayout(self._right)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(6)
        right.addWidget(self.maps, 3)
        right.addWidget(self.directions, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 10, 10, 6)
        row.setSpacing(12)
        row.addLayout(left, 54)
        row.addWidget(self._right, 46)

    def _connect(self) -> None:
        self._job.advanced.connect(self._advance)
        self._job.finished.connect(self._finish)
        self._job.failed.connect(partial(self.maps.show_status, action="Try again"))
        self._directions_job.finished.connect(self._show_directions)
        self._directions_job.failed.connect(self.maps.show_status)
        for panel in (self.cell, self.hidden):
            panel.plot.step_chosen.connect(self._seek)
            panel.plot.step_hovered.connect(self._hover_step)
            panel.plot.range_requested.connect(self.time_range_requested)
        self.map.step_chosen.connect(self._seek)
        self.map.hovered.connect(self.hovered)
        self.map.pair_hovered.connect(self._hover_pair)
        self.map.range_requested.connect(self.time_range_requested)
        self.which_plot.chosen.connect(self._fit)
        self.maps.kind_chosen.connect(self._analyse)
        self.maps.action_wished.connect(self._cancel_or_go_on)
        self.which_norm.chosen.connect(self._analyse)
        self.which_unit.chosen.connect(self._show_cell)
        self.which_unit.chosen.connect(self._show_step)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Leave out what there is no room for."""
        recurrent = self.run is not None and self.run.network.cell is Cell.RNN
        single, both = self._single, self.height() >= ROOM_FOR_BOTH_PLOTS
        self.which_plot.setVisible(not both and not recurrent)
        self.cell.setVisible(not recurrent and (both or self.which_plot.current == 0))
        self.hidden.setVisible(recurrent or both or self.which_plot.current == 1)
        self.which_unit.setVisible(not recurrent and not single)
        self.which_norm.setVisible(not single)
        self._right.setVisible(self.width() >= ROOM_FOR_MAP)
        self.directions.setVisible(self.height() >= ROOM_FOR_DIRECTIONS)
        self.layout().activate()  # type: ignore[union-attr]  # the layout made above
        self.maps.fit()

    # The analysis

    def stop(self) -> None:
        """Stop computing and wait for the threads."""
        self._when_quiet.stop()
        self._job.close()
        self._directions_job.close()

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        if self._unfinished and not self._job.busy:
            self._analyse()
        self._find_directions()

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        if event is not None and event.spontaneous():
            return  # minimised
        self._when_quiet.stop()
        self._job.cancel()
        self._directions_job.cancel()
        if (window := self.window()) is None or not window.isVisible():
            self.stop()

    @property
    def _unfinished(self) -> bool:
        if self.run is None or self.cursor_at is None:
            return False
        return (self.cursor_at.layer, self.norm, self.maps.kind) not in self._known

    def _analyse(self) -> None:
        """Compute what is shown, unless it is known; what takes long goes on on a thread while the view is seen."""
        if self.run is None or self.cursor_at is None:
            return
        layer, norm, kind = self.cursor_at.layer, self.norm, self.maps.kind
        known = self._known.get((layer, norm, kind))
        if known is not None:
            self._job.cancel()
            self._show_paths(known)
            self.maps.show_status("")
        else:
            others = (each for each in self._known.values() if (each.layer, each.norm) == (layer, norm))
            curves = next(others, None)
            self._paths = curves
            # what belongs to other settings must not stand under these
            if curves is None:
                self.cell.clear_curves()
                self.hidden.clear_curves()
            self.maps.show_maps((), self.run.length, self._shown)
            quick = 4 * walking_seconds(self.run) < HERE_SECONDS
            steps = analysing_paths(self.run, layer, norm, kind, curves)
            self._job.start(steps, HERE_SECONDS if quick else 0.0)
        self._find_directions()

    def _advance(self, progress: PathsProgress) -> None:
        if self._paths is None or progress.paths is not self._paths:
            self._show_paths(progress.paths)
        self.maps.show_status(f"{progress.doing}: {100 * progress.fraction:.0f} %", "Cancel")

    def _finish(self, paths: Paths) -> None:
        self._known[paths.layer, paths.norm, paths.kind] = paths
        self._show_paths(paths)
        self.maps.show_status("")

    def _cancel_or_go_on(self) -> None:
        if self._job.busy:
            self._job.cancel()
            self.maps.show_status("Stopped: the map is not complete.", "Go on")
        else:
            self._analyse()

    def _find_directions(self) -> None:
        """Singular values at the cursor: now where that is quick, else as soon as the cursor rests."""
        if self.run is None or self.cursor_at is None:
            return
        self.directions.show_cursor(self.cursor_at.layer, self.cursor_at.t)
        if self.directions.up_to_date:
            self._when_quiet.stop()
            return
        if walking_seconds(self.run) < (HERE_SECONDS if self.directions.shown is None else QUICK_SECONDS):
            self._compute_directions(HERE_SECONDS)
        elif self.isVisible():
            self._when_quiet.start()

    def _compute_directions(self, here_seconds: float = 0.0) -> None:
        """Where a thread is at work on those of another step it goes on: they are drawn pale."""
        if self.run is not None and self.cursor_at is not None and not self._directions_job.busy:
            steps = finding_directions(self.run, self.cursor_at.layer, self.cursor_at.t)
            self._directions_job.start(steps, here_seconds)

    def _show_directions(self, found: Directions) -> None:
        self.directions.show_directions(found)
        self._find_directions()  # the cursor may have moved on

    # Drawing

    def _show_paths(self, paths: Paths) -> None:
        assert self.run is not None
        self._paths = paths
        self._show_cell()
        if paths.hidden:
            names = " and ".join(curve.name for curve in paths.hidden)
            self._show_panel(self.hidden, lambda each: each.hidden, f"Hidden state: {names}, T = {paths.last:,}", None)
        self.maps.show_maps(paths.maps, self.run.length, self._shown)
        self._fit()
        self._show_step()

    def _show_cell(self) -> None:
        if self._paths is not None and self._paths.split is not None:
            unit, title = self.unit, f"Cell state: three things called dc[T]/dc[t], T = {self._paths.last:,}"
            self._show_panel(self.cell, lambda each: each.cell(unit), title, unit)

    def _show_panel(
        self, panel: PathsPanel, curves_of: Callable[[Paths], tuple[PathCurve, ...]], title: str, unit: int | None
    ) -> None:
        run, paths = self.run, self._paths
        assert run is not None
        assert paths is not None
        parameters = run.trace[self.cursor_at.layer if self.cursor_at else "l0"].parameters
        units = parameters.h_size if panel is self.hidden else parameters.hidden_size
        words = title, axis_in_words(self.norm, units, unit)
        before = curves_of(paths.before) if paths.before else ()
        panel.show_curves(curves_of(paths), run.sequence, self._shown, words, before)

    def _show_step(self) -> None:
        """Everything that moves with the cursor."""
        paths, cursor = self._paths, self.cursor_at
        if cursor is None:
            return
        self.which_unit.set_word(1, f"unit {cursor.unit}")
        self.maps.show_step(cursor.t)
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
        self.hovered.emit(panel.values_in_words(t))
        self.place_hovered.emit(Hovered(t))

    def _hover_pair(self, s: int | None) -> None:
        for panel in (self.cell, self.hidden):
            panel.plot.show_hovered_step(s)
        self.place_hovered.emit(None if s is None else Hovered(s))
