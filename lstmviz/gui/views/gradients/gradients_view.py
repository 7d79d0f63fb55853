"""The Gradients view: how large the gradient is that arrives at each step, in the LSTM and in the vanilla RNN."""

from __future__ import annotations

import html
import re
from dataclasses import replace

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QColor, QPalette, QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from lstmviz.core.cursor import Cursor
from lstmviz.core.gradients.decay import (
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
from lstmviz.core.gradients.gradient_check import GradientCheck
from lstmviz.core.run import Run
from lstmviz.core.value_reference import LENGTH, ValueReference
from lstmviz.gui.style import Theme, palette, text_font
from lstmviz.gui.views.check_badge import CheckBadge
from lstmviz.gui.views.gradients.lab import NOTHING, Comparison, comparison, obstacles
from lstmviz.gui.views.gradients.legend import ComparisonControls, CurveLegend
from lstmviz.gui.views.gradients.parameter_gradients import ParameterGradients
from lstmviz.gui.views.gradients.plot import GradientPlot, table_rows
from lstmviz.gui.views.log_legend import ElidedLabel
from lstmviz.gui.views.log_plot import changed_curves
from lstmviz.gui.views.time_axis import TimeRange, clamped_range, whole
from lstmviz.gui.views.view import Hovered, View

PARAMETERS_WIDTH = 300
ROOM_FOR_PARAMETERS = 760
"""Below this width the parameter gradients are folded away until they are asked for."""

ROOM_FOR_BASIS = 460
"""Below this height the small print on how the factors are measured is a tooltip only."""

ROOM_FOR_COMPARISONS = 600
"""Below this height some words give way to the plot while it is compared; the legend's tooltip has the sentences."""

ROOM_FOR_BOTH = 640
"""Below this width they take the place of the plot when they are asked for."""

ROOM_FOR_A_LINE = 460
"""Below this width of the plot the words on the cursor take two lines."""

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
        self._curves_before: tuple[GradientCurve, ...] = ()
        self._shown: TimeRange = whole(1)
        self._layer_summary = ""
        self._comparison: Comparison = NOTHING
        self._wants_parameters: bool | None = None
        self._make_words()
        self.badge = CheckBadge(self)
        self.legend = CurveLegend(self)
        self.controls = ComparisonControls(self)
        self.plot = GradientPlot(self)
        self.parameters = ParameterGradients(self)
        self._lay_out()
        self.controls.changed.connect(self._compare)
        self.plot.step_chosen.connect(self._seek)
        self.plot.step_hovered.connect(self._hover)
        self.plot.curve_clicked.connect(self._ask)
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

    def show_check(self, check: GradientCheck | None) -> None:
        """Tell beside the plot how the gradient check went."""
        self.badge.show_check(check)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        super().set_theme(theme)
        colours = palette(theme)
        colours.setColor(QPalette.ColorRole.Window, QColor(theme.surface))
        self.setPalette(colours)
        quiet = palette(theme)
        quiet.setColor(QPalette.ColorRole.WindowText, QColor(theme.muted))
        for label in (self._subtitle, self._basis, self._remarks, self._axis_title, self._compared):
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
        return " ".join((self._layer_summary, at_cursor, *self._comparison.sentences))

    def table(self) -> tuple[tuple[str, ...], list[tuple[float, ...]]]:
        """What is drawn as a table: headers, and for each step its number and the length of every gradient."""
        if self.run is None:
            return ("step",), []
        columns = [(curve.name(), curve.log10) for curve in self._curves]
        columns += self._comparison.columns(self._curves, self.run.length)
        return ("step", *(name for name, _ in columns)), table_rows([log10 for _, log10 in columns], self.run.length)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._fold_parameters()
        self._fold_words()

    def _make_words(self) -> None:
        """The labels above the plot."""
        self._title, self._subtitle = _label(14, bold=True), ElidedLabel(11)
        self._headline, self._decay = _label(17, bold=True), _label(14)
        self._basis, self._remarks = _label(11), _label(11)
        self._cursor_words = _label(13)
        self._cursor_words.setWordWrap(False)
        self._cursor_words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._axis_title, self._compared = _label(11), _label(11)
        self._title.setText(TITLE)
        self._title.setWordWrap(False)
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._headline.setObjectName("headline")
        self._decay.setObjectName("decay")
        self._cursor_words.setObjectName("cursor_words")
        self._remarks.setObjectName("remarks")
        self._compared.setObjectName("compared")

    def _lay_out(self) -> None:
        self._toggle = _fold_button("show_parameter_gradients", "weights ▸", "Show the gradients of the weights")
        self._toggle.setToolTip("Show dL/dW, dL/dU and dL/db, the gradients of the weights, beside the plot")
        self._toggle.clicked.connect(self._choose_parameters)
        self._compare_button = _fold_button("show_comparisons", "compare with ▸", "Compare the curves with others")
        self._compare_button.setToolTip("Lay clipping, the forget bias alone, or U = ρ × orthogonal over the curves")
        self._compare_button.toggled.connect(self._unfold_comparisons)
        self.controls.hide()
        top, below = QHBoxLayout(), QHBoxLayout()
        top.addWidget(self._title, 1)
        top.addWidget(self._toggle)
        below.addWidget(self._subtitle, 1)
        below.addWidget(self.badge)
        left = QVBoxLayout()
        left.setContentsMargins(14, 10, 10, 6)
        left.setSpacing(2)
        left.addLayout(top)
        left.addLayout(below)
        left.addWidget(self._curves_part(), 1)
        self._rule = QWidget(self)
        self._rule.setFixedWidth(1)
        self._scroll = QScrollArea(self)
        self._scroll.setWidget(self.parameters)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addLayout(left)
        self._row.addWidget(self._rule)
        self._row.addWidget(self._scroll)

    def _curves_part(self) -> QWidget:
        """The plot and what it says."""
        self._part = QWidget(self)
        layout, above_plot = QVBoxLayout(self._part), QHBoxLayout()
        layout.setContentsMargins(0, 6, 0, 0)
        layout.setSpacing(2)
        for widget in (self._headline, self._decay, self._cursor_words, self._basis, self._remarks):
            layout.addWidget(widget)
        layout.addSpacing(6)
        layout.addWidget(self.legend)
        layout.addWidget(self._compared)
        above_plot.addWidget(self._axis_title, 1)
        above_plot.addWidget(self._compare_button, 0, Qt.AlignmentFlag.AlignBottom)
        layout.addLayout(above_plot)
        layout.addWidget(self.controls)
        layout.addWidget(self.plot, 1)
        return self._part

    def _choose_parameters(self, wanted: bool) -> None:
        self._wants_parameters = wanted
        self._fold_parameters()
        self._fold_words()

    def _fold_parameters(self) -> None:
        """Show the bars where there is room for them, or as the user chose; instead of the plot if need be."""
        roomy = self.width() >= ROOM_FOR_PARAMETERS
        shown = roomy if self._wants_parameters is None else self._wants_parameters
        alone = shown and self.width() < ROOM_FOR_BOTH
        self._part.setHidden(alone)
        self._row.setDirection(QHBoxLayout.Direction.TopToBottom if alone else QHBoxLayout.Direction.LeftToRight)
        self._row.setStretch(0, 0 if alone else 1)
        self._row.setStretch(2, 1 if alone else 0)
        self._scroll.setFixedWidth(self.width() if alone else PARAMETERS_WIDTH)
        self._scroll.setVisible(shown)
        self._rule.setVisible(shown and not alone)
        self._toggle.setChecked(shown)
        self._toggle.setText("weights ▾" if shown else "weights ▸")

    def _fold_words(self) -> None:
        """Small print gives way to the plot where there is little room; it is in tooltips as well."""
        comparing = self._compare_button.isChecked()
        width = self.width() - (0 if self._scroll.isHidden() else self._scroll.width())
        roomy = self.height() >= ROOM_FOR_COMPARISONS or not comparing
        self._cursor_words.setWordWrap(width < ROOM_FOR_A_LINE)
        self._basis.setVisible(roomy and self.height() >= ROOM_FOR_BASIS and bool(self._basis.text()))
        self._remarks.setVisible(roomy and bool(self._remarks.text()))
        for words in (self._subtitle, self.badge, self._decay, self._cursor_words):
            words.setVisible(roomy)
        self._compared.setVisible(comparing and roomy and bool(self._compared.text()))

    def _unfold_comparisons(self, shown: bool) -> None:
        """The switches, and what they ask for: folded away both are gone, and come back as they were."""
        self._compare_button.setText("compare with ▾" if shown else "compare with ▸")
        self.controls.setVisible(shown)
        self._compare()

    def _compare(self) -> None:
        """Lay over the curves what the switches ask for."""
        if self.run is None or self.cursor_at is None:
            return
        self._find_comparison(self.run, self.cursor_at.layer)
        self._show_curves(self.run)
        self.setAccessibleDescription(self.summary())

    def _find_comparison(self, run: Run, layer: str) -> None:
        self._comparison = NOTHING
        if self._compare_button.isChecked():
            self.controls.show_obstacles(obstacles(run, layer))
            self._comparison = comparison(run, layer, self.controls.choices)

    def _show_curves(self, run: Run) -> None:
        self._compared.setText("<br>".join(map(_rich, self._comparison.sentences)))
        self._fold_words()
        before = self._curves_before
        self.plot.show_curves(self._curves, run.sequence, self._shown, self._comparison, before)
        self.legend.show_curves(self._curves, self._comparison, before=bool(before))

    def _show_layer(self) -> None:
        """Everything that does not depend on the step."""
        if self.run is None or self.cursor_at is None:
            return
        run, layer = self.run, self.cursor_at.layer
        self._curves = gradient_curves(run, layer)
        before = run.before if run.before and layer in run.before.trace.layers else None
        self._curves_before = changed_curves(gradient_curves(before, layer), self._curves) if before else ()
        self._find_comparison(run, layer)
        objective = run.objective.in_words()
        self._subtitle.show_text(f"{objective} · total derivatives by backpropagation through time", TOTAL_TIP)
        head, per_step = headline(run, layer), decay_in_words(run, layer)
        self._headline.setText(_rich(head))
        self._decay.setText(_rich(per_step))
        units, width = run.trace[layer].parameters.hidden_size, run.trace[layer].h.shape[2]
        over = "of the one unit" if units == 1 else f"over the {units:,} units"
        if width != units:
            over += f" (h has {width:,} numbers)"
        self._axis_title.setText(f"↑ length ‖·‖₂ of the gradient {over} of layer {layer}, log10 scale")
        remarks = f"{entry_in_words(run, layer)} {extremes_in_words(run, layer)}".strip()
        self._remarks.setText(_rich(remarks))
        self._layer_summary = " ".join(
            filter(None, (f"Gradients of layer {layer}, {objective}.", head, per_step, remarks))
        )
        basis = basis_in_words(run, layer)
        self._basis.setText(_rich(basis))
        self._decay.setToolTip(basis)
        self._show_curves(run)

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

    def _ask(self, key: str, t: int) -> None:
        """Why a curve has its value: what each unit adds to the length, or the number of the only unit."""
        curve = next(curve for curve in self._curves if curve.key == key)
        assert self.run is not None
        assert self.cursor_at is not None
        network = self.run.baseline if curve.baseline else self.run.main
        if network is not None:
            unit = 0 if network.network.hidden_size == 1 else LENGTH
            reference = ValueReference(f"d{curve.symbol}", t, self.cursor_at.layer, unit, curve.baseline)
            self.value_asked.emit(reference)

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


def _fold_button(name: str, text: str, accessible_name: str) -> QToolButton:
    """A small button that folds a part of the view away."""
    button = QToolButton()
    button.setObjectName(name)
    button.setCheckable(True)
    button.setFont(text_font(11))
    button.setText(text)
    button.setAccessibleName(accessible_name)
    return button


def _rich(text: str) -> str:
    """Text with its powers of ten raised."""
    return re.sub(r"10\^(−?[\d.]*\d)", r"10<sup>\1</sup>", html.escape(text, quote=False))
