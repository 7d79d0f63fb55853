"""The Gradients view: how large the gradient is that arrives at each step, in the LSTM and in the vanilla RNN."""

from __future__ import annotations

import html
import re
from dataclasses import replace

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QColor, QPalette, QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from lstmviz.core.cursor import Cursor
from lstmviz.core.decay import (
    GradientCurve,
    basis_in_words,
    comparison_in_words,
    decay_in_words,
    entry_in_words,
    extremes_in_words,
    farthest_step,
    gradient_curves,
    headline,
)
from lstmviz.core.run import Run
from lstmviz.gui.style import Theme, palette, text_font
from lstmviz.gui.views.check_badge import CheckBadge
from lstmviz.gui.views.gradient_legend import CurveLegend, ElidedLabel
from lstmviz.gui.views.gradient_plot import GradientPlot, table_rows
from lstmviz.gui.views.parameter_gradients import ParameterGradients
from lstmviz.gui.views.time_axis import TimeRange, clamped_range, whole
from lstmviz.gui.views.view import Hovered, View

PARAMETERS_WIDTH = 300
ROOM_FOR_PARAMETERS = 760
"""Below this width the parameter gradients are folded away until they are asked for."""

ROOM_FOR_BASIS = 460
"""Below this height the small print on how the factors are measured is a tooltip only."""

TOTAL_TIP = "Total derivatives count in what flows on through all later steps."
TITLE = "Gradient arriving at each step"


class GradientsView(View):
    """Curves of ||dL/dh[t]|| and ||dL/dc[t]|| of the cursor's layer, what they say in words, and dL/dW beside."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gradients")
        self.setAccessibleName("Gradients")
        self.setAutoFillBackground(True)
        self.setMinimumSize(360, 300)
        self._curves: tuple[GradientCurve, ...] = ()
        self._shown: TimeRange = whole(1)
        self._layer_summary = ""
        self._wants_parameters: bool | None = None
        self._make_words()
        self.badge = CheckBadge(self)
        self.legend = CurveLegend(self)
        self.plot = GradientPlot(self)
        self.parameters = ParameterGradients(self)
        self._lay_out()
        self.plot.step_chosen.connect(self._seek)
        self.plot.step_hovered.connect(self._hover)
        self.plot.range_requested.connect(self.time_range_requested)
        self.parameters.hovered.connect(self.hovered)
        self.set_theme(self.theme)

    def sizeHint(self) -> QSize:
        """Room for the plot and the bars."""
        return QSize(900, 520)

    def show_run(self, run: Run, cursor: Cursor) -> None:
        """Draw another run; one of another length is shown whole."""
        if run is self.run:
            self.show_cursor(cursor)
            return
        if self.run is None or run.length != self.run.length:
            self._shown = whole(run.length)
        super().show_run(run, cursor)
        self.parameters.show_run(run, cursor)
        self._show_layer()
        self._show_step()

    def show_cursor(self, cursor: Cursor) -> None:
        """Move the cursor; another layer brings other curves."""
        before = self.cursor_at
        if cursor == before or self.run is None:
            return
        self.cursor_at = cursor  # the parts draw themselves
        if before is None or before.layer != cursor.layer:
            self.parameters.show_cursor(cursor)
            self._show_layer()
        if before is None or (before.t, before.layer) != (cursor.t, cursor.layer):
            self._show_step()

    def show_time_range(self, first: float, last: float) -> None:
        """Show the time from edge to edge, in steps: (0.5, T + 0.5) is everything."""
        if self.run is None:
            return
        shown = clamped_range(first, last, self.run.length)
        if shown != self._shown:
            self._shown = shown
            self.plot.show_time(shown)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        super().set_theme(theme)
        colours = palette(theme)
        colours.setColor(QPalette.ColorRole.Window, QColor(theme.surface))
        self.setPalette(colours)
        quiet = palette(theme)
        quiet.setColor(QPalette.ColorRole.WindowText, QColor(theme.muted))
        for label in (self._subtitle, self._basis, self._remarks, self._axis_title):
            label.setPalette(quiet)
        self._rule.setStyleSheet(f"background: {theme.border};")
        self.legend.set_theme(theme)
        self.badge.set_theme(theme)
        self.plot.set_theme(theme)
        self.parameters.set_theme(theme)

    def summary(self) -> str:
        """What the plot says, in sentences."""
        if self.run is None or self.cursor_at is None:
            return "Gradients: no run yet."
        at_cursor = comparison_in_words(self.run, self.cursor_at.layer, self.cursor_at.t, " (cursor)")
        return f"{self._layer_summary} {at_cursor}"

    def table(self) -> tuple[tuple[str, ...], list[tuple[float, ...]]]:
        """What is drawn as a table: headers, and for each step its number and the length of every gradient."""
        if self.run is None:
            return ("step",), []
        return ("step", *(curve.name() for curve in self._curves)), table_rows(self._curves, self.run.length)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._fold_parameters()
        self._show_basis()

    def _make_words(self) -> None:
        """The labels above the plot."""
        self._title, self._subtitle = _label(14, bold=True), ElidedLabel(11)
        self._headline, self._decay = _label(17, bold=True), _label(14)
        self._basis, self._remarks = _label(11), _label(11)
        self._cursor_words = _label(13)
        self._cursor_words.setWordWrap(False)
        self._cursor_words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._axis_title = _label(11)
        self._title.setText(TITLE)
        self._title.setWordWrap(False)
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._headline.setObjectName("headline")
        self._decay.setObjectName("decay")
        self._cursor_words.setObjectName("cursor_words")
        self._remarks.setObjectName("remarks")

    def _lay_out(self) -> None:
        self._toggle = QToolButton(self)
        self._toggle.setObjectName("show_parameter_gradients")
        self._toggle.setCheckable(True)
        self._toggle.setFont(text_font(11))
        self._toggle.setText("weights ▸")
        self._toggle.setToolTip("Show dL/dW, dL/dU and dL/db, the gradients of the weights, beside the plot")
        self._toggle.setAccessibleName("Show the gradients of the weights")
        self._toggle.clicked.connect(self._choose_parameters)
        top = QHBoxLayout()
        top.addWidget(self._title, 1)
        top.addWidget(self.badge)
        top.addWidget(self._toggle)
        left = QVBoxLayout()
        left.setContentsMargins(14, 10, 10, 6)
        left.setSpacing(2)
        left.addLayout(top)
        left.addWidget(self._subtitle)
        left.addSpacing(6)
        for widget in (self._headline, self._decay, self._cursor_words, self._basis, self._remarks):
            left.addWidget(widget)
        left.addSpacing(6)
        left.addWidget(self.legend)
        left.addWidget(self._axis_title)
        left.addWidget(self.plot, 1)
        self._rule = QWidget(self)
        self._rule.setFixedWidth(1)
        self._scroll = QScrollArea(self)
        self._scroll.setWidget(self.parameters)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFixedWidth(PARAMETERS_WIDTH)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, 1)
        row.addWidget(self._rule)
        row.addWidget(self._scroll)

    def _choose_parameters(self, wanted: bool) -> None:
        self._wants_parameters = wanted
        self._fold_parameters()

    def _fold_parameters(self) -> None:
        """Show the bars where there is room for them, or as the user chose."""
        roomy = self.width() >= ROOM_FOR_PARAMETERS
        shown = roomy if self._wants_parameters is None else self._wants_parameters
        self._scroll.setVisible(shown)
        self._rule.setVisible(shown)
        self._toggle.setChecked(shown)
        self._toggle.setText("weights ▾" if shown else "weights ▸")

    def _show_basis(self) -> None:
        """The small print gives way to the plot where the view is low; it is a tooltip as well."""
        self._basis.setVisible(self.height() >= ROOM_FOR_BASIS and bool(self._basis.text()))

    def _show_layer(self) -> None:
        """Everything that does not depend on the step."""
        if self.run is None or self.cursor_at is None:
            return
        run, layer = self.run, self.cursor_at.layer
        self._curves = gradient_curves(run, layer)
        self.plot.show_curves(self._curves, run.experiment.sequence, self._shown)
        self.legend.show_curves(self._curves)
        objective = run.experiment.objective.in_words()
        self._subtitle.show_text(f"{objective} · total derivatives by backpropagation through time", TOTAL_TIP)
        head, per_step = headline(run, layer), decay_in_words(run, layer)
        self._headline.setText(_rich(head))
        self._decay.setText(_rich(per_step))
        units = run.network.hidden_size
        over = "of the one unit" if units == 1 else f"over the {units:,} units"
        self._axis_title.setText(f"↑ length ‖·‖₂ of the gradient {over} of layer {layer}, log10 scale")
        remarks = f"{entry_in_words(run, layer)} {extremes_in_words(run, layer)}".strip()
        self._remarks.setText(_rich(remarks))
        self._remarks.setVisible(bool(remarks))
        self._layer_summary = " ".join(
            filter(None, (f"Gradients of layer {layer}, {objective}.", head, per_step, remarks))
        )
        basis = basis_in_words(run, layer)
        self._basis.setText(_rich(basis))
        self._decay.setToolTip(basis)
        self._show_basis()

    def _show_step(self) -> None:
        """Everything that moves with the cursor."""
        if self.run is None or self.cursor_at is None:
            return
        t, layer = self.cursor_at.t, self.cursor_at.layer
        if t == farthest_step(self.run, layer):
            words = f"The cursor is at step {t:,}."
        else:
            words = comparison_in_words(self.run, layer, t, " (cursor)")
        self._cursor_words.setText(_rich(words))
        self.plot.show_step(t)
        self.legend.show_step(t)
        self.setAccessibleDescription(self.summary())

    def _seek(self, t: int) -> None:
        if self.cursor_at is not None and t != self.cursor_at.t:
            self.cursor_requested.emit(replace(self.cursor_at, t=t))

    def _hover(self, t: int) -> None:
        if t == 0 or self.run is None:
            self.plot.hide_read_out()
            self.hovered.emit("")
            self.place_hovered.emit(None)
            return
        self.plot.show_read_out(t)
        values = ", ".join(f"{curve.name(str(t))} {curve.at(t)}" for curve in self._curves)
        self.hovered.emit(f"Step {t}: {values}")
        self.place_hovered.emit(Hovered(t))

    def show_hovered(self, place: Hovered | None) -> None:
        """A thin line at the step that the mouse is over in another view."""
        self.plot.show_hovered_step(place.t if place else None)


def _label(pixels: int, *, bold: bool = False) -> QLabel:
    label = QLabel()
    label.setFont(text_font(pixels, bold=bold))
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setWordWrap(True)
    return label


def _rich(text: str) -> str:
    """Text with its powers of ten raised."""
    return re.sub(r"10\^(−?[\d.]*\d)", r"10<sup>\1</sup>", html.escape(text, quote=False))
