"""What stands above the plot of gradients: the legend with the values at the cursor, the switches of comparisons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtCore import QLocale, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent, QValidator
from PyQt6.QtWidgets import QBoxLayout, QCheckBox, QDoubleSpinBox, QHBoxLayout, QLabel, QLayout, QSizePolicy, QWidget

from lstmviz.core.decay import GradientCurve
from lstmviz.gui.style import LIGHT, Theme, number_font, text_font
from lstmviz.gui.views.gradients.lab import NOTHING, Choices, Comparison, Obstacles
from lstmviz.gui.views.gradients.plot import curve_styles, reference_styles
from lstmviz.gui.views.plotting import draw_marker, line_pen

CLIP_TIP = (
    "Cut every gradient that is longer than this norm down to it, after the backward pass.\n"
    "Its direction stays. Up and down go 1, 2, 5, 10 ..."
)
FORGET_BIAS_TIP = (
    "The gradient of the cell state if the forget gate were its bias alone: k steps back it is sigmoid(b_f)^k times "
    "that at the last step."
)
ORTHOGONAL_TIP = (
    "The gradient of a vanilla RNN if U = ρ × orthogonal alone carried it back: a straight line that changes by "
    "log10 ρ a step."
)


@dataclass(frozen=True)
class LegendRow:
    """A row: how it is drawn (a marker of "" is none), its name, what it means (long, short), its value at a step."""

    line: QPen
    marker: str
    fill: str
    name: str
    meanings: tuple[str, ...]
    at: Callable[[int], str] | None


class CurveLegend(QWidget):
    """A row a curve: how it is drawn, its name, what it means, and its value at the cursor; comparisons likewise."""

    ROW = 19

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("What is drawn")
        self._curves: tuple[GradientCurve, ...] = ()
        self._comparison = NOTHING
        self._t = 1
        self._theme = LIGHT

    def show_curves(self, curves: tuple[GradientCurve, ...], comparison: Comparison = NOTHING) -> None:
        """Explain other curves, and what they are compared with."""
        self._curves, self._comparison = curves, comparison
        self.setFixedHeight(self.ROW * len(self._rows()) + 2)
        explained = [f"{curve.name()}: {curve.meaning}" for curve in curves]
        self.setAccessibleDescription("; ".join([*explained, *comparison.sentences]))
        self.setToolTip("\n".join([*explained, *(f"\n{sentence}" for sentence in comparison.sentences)]))
        self.show_step(self._t)

    def show_step(self, t: int) -> None:
        """Write the values at step t."""
        self._t = min(t, len(self._curves[0].log10)) if self._curves else t
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, row in enumerate(self._rows()):
            self._draw_row(painter, QRectF(0, self.ROW * number, self.width(), self.ROW), row)
        painter.end()

    def _rows(self) -> list[LegendRow]:
        theme, clipped = self._theme, self._comparison.clipped
        styles, references = curve_styles(theme), reference_styles(theme)
        rows = []
        for curve in self._curves:
            style, meanings = styles[curve.key], (curve.meaning, curve.short_meaning)
            fill = theme.surface if curve.baseline else style.colour
            pen = line_pen(style.colour, style.line, 2)
            rows.append(LegendRow(pen, style.marker, fill, curve.name(), meanings, curve.at))
        if clipped is not None:
            rows.append(LegendRow(line_pen(theme.text), "", "", clipped.name, clipped.meanings, None))
        for line in self._comparison.lines:
            style = references[line.key]
            pen = line_pen(style.colour, style.line, 1.5)
            rows.append(LegendRow(pen, "", "", line.name, (line.short,), line.at))
        return rows

    def _draw_row(self, painter: QPainter, place: QRectF, row: LegendRow) -> None:
        theme, colour = self._theme, row.line.color()
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(row.line)
        middle = place.center().y()
        painter.drawLine(QPointF(2, middle), QPointF(38, middle))
        if row.marker:
            draw_marker(painter, QPointF(20, middle), row.marker, colour.name(), row.fill)
        painter.setFont(text_font(12, bold=True))
        painter.setPen(colour)
        painter.drawText(place.adjusted(48, 0, 0, 0), left, row.name)
        meaning = place.adjusted(48 + painter.fontMetrics().horizontalAdvance(row.name) + 12, 0, 0, 0)
        painter.setFont(number_font(12, bold=True))
        number_width = painter.fontMetrics().horizontalAdvance(" 1.23×10⁻¹⁰⁰")
        if row.at is not None:
            painter.setPen(QColor(theme.text))
            painter.drawText(place, right, row.at(self._t))
        painter.setFont(text_font(11))
        painter.setPen(QColor(theme.muted))
        if row.at is not None:
            meaning.setRight(place.right() - number_width)
            at = f"at step {self._t:,}"
            room = painter.fontMetrics().horizontalAdvance(at) + 12
            if room <= meaning.width():
                painter.drawText(meaning, right, at)
            meaning.setRight(meaning.right() - room)
        for words in row.meanings:
            if painter.fontMetrics().horizontalAdvance(words) <= meaning.width():
                painter.drawText(meaning, left, words)
                break


class ElidedLabel(QLabel):
    """One line of plain text that ends in dots where there is no room; the tooltip has all of it."""

    def __init__(self, pixels: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self.setFont(text_font(pixels))
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str, explanation: str) -> None:
        """Write ``text``; the tooltip explains."""
        self._text = text
        self.setToolTip(f"{text}. {explanation}")
        self.setAccessibleName(text)
        self._elide()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        self.setText(self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, self.width()))


class ThresholdBox(QDoubleSpinBox):
    """A box for a norm over many decades: up and down go 1, 2, 5, 10; it reports when typing has ended."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("clip_threshold")
        self.setAccessibleName("norm at which gradients are clipped")
        self.setToolTip(CLIP_TIP)
        self.setLocale(QLocale.c())
        self.setKeyboardTracking(False)
        self.setDecimals(12)
        self.setRange(1e-12, 1e12)
        self.setValue(1.0)
        self.setFont(text_font(12))
        self.setFixedSize(84, 24)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def textFromValue(self, value: float) -> str:
        """Qt's hook: the text of a value."""
        return f"{value:g}"

    def valueFromText(self, text: str | None) -> float:
        """Qt's hook: the value of a text such as ``1e-3``."""
        try:
            return float(text or "")
        except ValueError:
            return self.value()

    def validate(self, text: str | None, position: int) -> tuple[QValidator.State, str, int]:
        """Qt's hook: whether the text is a number within the range, or may become one."""
        try:
            good = self.minimum() <= float(text or "") <= self.maximum()
        except ValueError:
            good = False
        could = all(letter in "0123456789.eE+-" for letter in text or "")
        states = QValidator.State
        state = states.Acceptable if good else states.Intermediate if could else states.Invalid
        return state, text or "", position

    def stepBy(self, steps: int) -> None:
        """Qt's hook: to the next of 1, 2, 5, 10 ..."""
        ladder = [factor * 10.0**power for power in range(-12, 13) for factor in (1, 2, 5)]
        for _ in range(abs(steps)):
            above = [rung for rung in ladder if rung > self.value() * (1 + 1e-9)]
            below = [rung for rung in ladder if rung < self.value() * (1 - 1e-9)]
            self.setValue(above[0] if steps > 0 and above else below[-1] if steps < 0 and below else self.value())


class ComparisonControls(QWidget):
    """The switches of the comparisons, in a row; one under the other where the view is narrow."""

    changed = pyqtSignal()
    """The user chose otherwise."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("comparisons")
        self.setAccessibleName("What the curves are compared with")
        self.clip = _switch("compare_clipping", "clip at norm", CLIP_TIP)
        self.threshold = ThresholdBox()
        self.forget_bias = _switch("compare_forget_bias", "closed form sigmoid(b_f)^k", FORGET_BIAS_TIP)
        self.orthogonal = _switch("compare_orthogonal", "slope of ρ × orthogonal", ORTHOGONAL_TIP)
        clipping = QHBoxLayout()
        clipping.setSpacing(6)
        clipping.addWidget(self.clip)
        clipping.addWidget(self.threshold)
        clipping.addStretch()
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 2, 0, 2)
        self._row.setSpacing(16)
        self._row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self._row.addLayout(clipping)
        self._row.addWidget(self.forget_bias)
        self._row.addWidget(self.orthogonal)
        self._row.addStretch(1)
        self._row_width = self._row.sizeHint().width()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        for switch in (self.clip, self.forget_bias, self.orthogonal):
            switch.toggled.connect(self.changed)
        self.threshold.valueChanged.connect(self._threshold_changed)

    @property
    def choices(self) -> Choices:
        """What is switched on."""
        return Choices(
            self.clip.isChecked(), self.threshold.value(), self.forget_bias.isChecked(), self.orthogonal.isChecked()
        )

    def show_obstacles(self, found: Obstacles) -> None:
        """Switch off what this run cannot show, and say why; what was chosen comes back with a run that can."""
        for switch, obstacle, tip in (
            (self.forget_bias, found.forget_bias, FORGET_BIAS_TIP),
            (self.orthogonal, found.orthogonal, ORTHOGONAL_TIP),
        ):
            switch.setEnabled(not obstacle)
            switch.setToolTip(obstacle or tip)
            switch.setAccessibleDescription(obstacle or tip)

    def sizeHint(self) -> QSize:
        """As high as its rows; any width will do."""
        return QSize(0, self._row.sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """The same."""
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        roomy = self.width() >= self._row_width
        direction = QBoxLayout.Direction.LeftToRight if roomy else QBoxLayout.Direction.TopToBottom
        if direction != self._row.direction():
            self._row.setDirection(direction)
            self._row.setSpacing(16 if roomy else 2)
            self.updateGeometry()

    def _threshold_changed(self) -> None:
        """A norm that is typed is meant: it switches clipping on."""
        if self.clip.isChecked():
            self.changed.emit()
        else:
            self.clip.setChecked(True)


def _switch(name: str, text: str, tip: str) -> QCheckBox:
    switch = QCheckBox(text)
    switch.setObjectName(name)
    switch.setAccessibleName(text)
    switch.setToolTip(tip)
    switch.setAccessibleDescription(tip)
    switch.setFont(text_font(12))
    # a click leaves the keys to the window: Space goes on playing
    switch.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return switch
