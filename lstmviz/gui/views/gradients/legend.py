"""What stands above the plot of gradients: the legend with the values at the cursor, the switches of comparisons."""

from __future__ import annotations

from PyQt6.QtCore import QLocale, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent, QValidator, QWheelEvent
from PyQt6.QtWidgets import QBoxLayout, QCheckBox, QDoubleSpinBox, QHBoxLayout, QLayout, QSizePolicy, QWidget

from lstmviz.core.gradients.decay import GradientCurve
from lstmviz.gui.style import text_font
from lstmviz.gui.views.gradients.lab import NOTHING, Choices, Comparison, Obstacles
from lstmviz.gui.views.gradients.plot import curve_styles, reference_styles
from lstmviz.gui.views.log_legend import BEFORE_MEANINGS, LegendRow, RowLegend, before_row, curve_row
from lstmviz.gui.views.log_plot import BEFORE
from lstmviz.gui.views.pens import line_pen

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


class CurveLegend(RowLegend):
    """A row a curve, one for each comparison, and one for the run before."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("What is drawn")
        self._curves: tuple[GradientCurve, ...] = ()
        self._comparison, self._before = NOTHING, False

    def show_curves(
        self, curves: tuple[GradientCurve, ...], comparison: Comparison = NOTHING, *, before: bool = False
    ) -> None:
        """Explain other curves, what they are compared with, and whether the run before is drawn."""
        self._curves, self._comparison, self._before = curves, comparison, before
        explained = [f"{curve.name()}: {curve.meaning}" for curve in curves]
        if before:
            explained.append(f"{BEFORE}: {BEFORE_MEANINGS[0]}")
        self.setAccessibleDescription("; ".join([*explained, *comparison.sentences]))
        self.setToolTip("\n".join([*explained, *(f"\n{sentence}" for sentence in comparison.sentences)]))
        self.show_rows()

    def rows(self) -> list[LegendRow]:
        """What is drawn."""
        theme, clipped = self._theme, self._comparison.clipped
        styles, references = curve_styles(theme), reference_styles(theme)
        rows = [
            curve_row(styles[curve.key], theme, curve.name(), (curve.meaning, curve.short_meaning), curve.at)
            for curve in self._curves
        ]
        if self._before:
            rows.append(before_row(theme))
        if clipped is not None:
            rows.append(LegendRow(line_pen(theme.text), "", "", clipped.name, clipped.meanings, None))
        for line in self._comparison.lines:
            style = references[line.key]
            pen = line_pen(style.colour, style.line, 1.5)
            rows.append(LegendRow(pen, "", "", line.name, (line.short,), line.at))
        return rows


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

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Only with the focus: who scrolls past does not mean to change it."""
        if event is None or self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

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
