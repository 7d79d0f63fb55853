"""A plot of derivatives over the steps on a log axis, named by line, marker and words, and its legend."""

from __future__ import annotations

import numpy as np
import pyqtgraph
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget

from lstmviz.core.arrays import Array
from lstmviz.core.experiments.sequence import Sequence
from lstmviz.gui.style import LIGHT, Theme
from lstmviz.gui.views.log_legend import BEFORE_MEANINGS, LegendRow, RowLegend, before_row, curve_row
from lstmviz.gui.views.log_plot import BEFORE, CurveStyle, LogPlot
from lstmviz.gui.views.paths.analysis import PathCurve
from lstmviz.gui.views.pens import line_pen
from lstmviz.gui.views.plotting import MagnitudeScale
from lstmviz.gui.views.time_axis import TimeRange

ONE_TIP = "Above this line a small change of the state grows on its way to the last step, below it shrinks."


def path_styles(theme: Theme) -> dict[str, CurveStyle]:
    """The look of each curve, by ``PathCurve.key``, from back to front."""
    line = Qt.PenStyle
    return {
        "baseline": CurveStyle(theme.rnn, line.DotLine, "t", hollow=True),
        "main": CurveStyle(theme.hidden, line.SolidLine, "o"),
        "forget": CurveStyle(theme.forget, line.DashDotLine, "t"),
        "held_h": CurveStyle(theme.cell, line.DashLine, "s", hollow=True),
        "total": CurveStyle(theme.cell, line.SolidLine, "o"),
    }


def path_scale(curves: list[Array]) -> MagnitudeScale:
    """The scale that shows these log10 values, with 1 in sight, and at least a decade."""
    values = np.concatenate(curves)
    finite = values[np.isfinite(values)]
    low, high = (min(float(finite.min()), 0.0), max(float(finite.max()), 0.0)) if len(finite) else (-1.0, 0.0)
    spread = max(0.07 * (high - low), (1.0 - (high - low)) / 2)
    low, high = low - spread, high + spread
    strip = MagnitudeScale(low, high).strip
    floor = low - 0.75 * strip if bool((values == -np.inf).any()) else None
    ceiling = high + 0.75 * strip if bool((np.isnan(values) | (values == np.inf)).any()) else None
    return MagnitudeScale(low, high, floor, ceiling)


class PathsPlot(LogPlot):
    """Derivatives over the steps, with the line at 1, where nothing is lost."""

    def __init__(self, keys: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__([key for key in path_styles(LIGHT) if key in keys], parent)
        self._curves: tuple[PathCurve, ...] = ()
        self._earlier: tuple[PathCurve, ...] = ()
        self.one = self._add(pyqtgraph.InfiniteLine(angle=0, movable=False))
        self.one.setZValue(-5)
        self.one.setToolTip(ONE_TIP)
        self.set_theme(LIGHT)

    def show_curves(
        self,
        curves: tuple[PathCurve, ...],
        sequence: Sequence,
        shown: TimeRange,
        before: tuple[PathCurve, ...] = (),
    ) -> None:
        """Draw other curves, and those of the run before; the visible time from edge to edge."""
        self._curves, self._earlier = curves, before
        self.draw_curves(curves, sequence, shown, before)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self.one.setPen(line_pen(theme.faint))
        super().set_theme(theme)

    def styles(self, theme: Theme) -> dict[str, CurveStyle]:
        """The look of each curve by its key."""
        return path_styles(theme)

    def scale_for(self, values: list[Array], first: int, last: int) -> MagnitudeScale:
        """The scale of the curves, with 1 in sight."""
        return path_scale(values)

    def read_title(self, t: int) -> str:
        """The step."""
        return f"<b>t = {t:,}</b>"

    def read_rows(self, t: int) -> list[tuple[str, str, str]]:
        """Every curve."""
        styles = path_styles(self._theme)
        rows = [(styles[curve.key].colour, curve.name, curve.at(t)) for curve in self._curves]
        earlier = [curve for curve in self._earlier if t <= len(curve.log10)]
        return rows + [(styles[each.key].colour, f"{each.name}, before", each.at(t)) for each in earlier]


class PathsLegend(RowLegend):
    """A row a curve, and one for the run before. The sentence above it says which step the values are of."""

    SAYS_STEP = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curves: tuple[PathCurve, ...] = ()
        self._before = False

    def show_curves(self, curves: tuple[PathCurve, ...], *, before: bool = False) -> None:
        """Explain other curves, and whether those of the run before are drawn."""
        self._curves, self._before = curves, before
        words = [f"{curve.name}: {curve.meaning}" for curve in curves]
        if before:
            words.append(f"{BEFORE}: {BEFORE_MEANINGS[0]}")
        self.setAccessibleName("What is drawn: " + "; ".join(words))
        self.setToolTip("\n".join(words))
        self.show_rows()

    def rows(self) -> list[LegendRow]:
        """What is drawn."""
        styles = path_styles(self._theme)
        rows = [
            curve_row(styles[curve.key], self._theme, curve.name, (curve.meaning, curve.short_meaning), curve.at)
            for curve in self._curves
        ]
        return rows + ([before_row(self._theme)] if self._before else [])
