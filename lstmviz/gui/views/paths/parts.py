"""Parts of the view of paths: a switch between words, and a plot with its title, sentence and legend."""

from __future__ import annotations

import html
import re

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPalette, QResizeEvent
from PyQt6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from lstmviz.core.experiments.sequence import Sequence
from lstmviz.gui.style import Theme, palette, text_font
from lstmviz.gui.views.log_legend import ElidedLabel
from lstmviz.gui.views.log_plot import changed_curves
from lstmviz.gui.views.paths.analysis import PathCurve
from lstmviz.gui.views.paths.plot import PathsLegend, PathsPlot
from lstmviz.gui.views.time_axis import TimeRange


class Switch(QWidget):
    """Words beside each other, one of them chosen."""

    chosen = pyqtSignal(int)
    """Another word was chosen by the user: its number."""

    def __init__(
        self, name: str, what: str, words: tuple[str, ...], tips: str | tuple[str, ...], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(what)
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for number, word in enumerate(words):
            button = QToolButton(self)
            button.setText(word)
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setChecked(number == 0)
            button.setFont(text_font(11))
            button.setToolTip(tips if isinstance(tips, str) else tips[number])
            button.setAccessibleName(f"{what}: {word}")
            self._group.addButton(button, number)
            row.addWidget(button)
        self._group.idClicked.connect(self._click)
        self._current = 0

    @property
    def current(self) -> int:
        """The number of the word chosen."""
        return self._current

    def set_word(self, number: int, word: str) -> None:
        """Write another word."""
        button = self._group.button(number)
        assert button is not None
        if button.text() != word:
            button.setText(word)
            button.setAccessibleName(f"{self.accessibleName()}: {word}")

    def set_offered(self, number: int, offered: bool) -> None:
        """Whether a word is there to be chosen."""
        button = self._group.button(number)
        assert button is not None
        button.setVisible(offered)

    def choose(self, number: int) -> None:
        """Choose a word as the user does."""
        button = self._group.button(number)
        assert button is not None
        button.click()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        for button in self._group.buttons():
            button.ensurePolished()  # Qt forgets a second style sheet that comes before
        self.setStyleSheet(
            f"QToolButton {{ color: {theme.muted}; background: {theme.surface}; border: 1px solid {theme.border};"
            f" padding: 2px 7px; }}"
            f"QToolButton:checked {{ color: {theme.text}; background: {theme.panel}; font-weight: bold;"
            f" border-bottom: 2px solid {theme.text}; }}"
            f"QToolButton:focus {{ border-color: {theme.output}; }}"
        )

    def _click(self, number: int) -> None:
        if number != self._current:
            self._current = number
            self.chosen.emit(number)


def path_switches() -> tuple[Switch, Switch, Switch]:
    """What the view of paths lets choose: the plot, the units, and the norm."""
    return (
        Switch("which_plot", "State", ("cell c", "hidden h"), "Whose derivatives the plot shows"),
        Switch(
            "which_unit",
            "Units",
            ("all units", "unit 0"),
            "The norm over all units, or the pinned unit alone: how its c[T] depends on its own c[t]",
        ),
        Switch(
            "which_norm",
            "Norm",
            ("Frobenius", "spectral"),
            "Frobenius: the root of the sum of all entries squared. Spectral: the most that any direction is stretched",
        ),
    )


class PathsPanel(QWidget):
    """A plot of paths under its title, what it says at the cursor, and its legend."""

    def __init__(self, name: str, keys: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._curves: tuple[PathCurve, ...] = ()
        self.title, self.axis_title = ElidedLabel(11), ElidedLabel(11)
        self.headline = QLabel()
        self.headline.setFont(text_font(14, bold=True))
        self.headline.setTextFormat(Qt.TextFormat.RichText)
        self.headline.setWordWrap(True)
        self.headline.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.legend, self.plot = PathsLegend(self), PathsPlot(keys, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.title)
        column.addWidget(self.headline)
        column.addSpacing(3)
        column.addWidget(self.legend)
        column.addWidget(self.axis_title)
        column.addWidget(self.plot, 1)

    def show_curves(
        self,
        curves: tuple[PathCurve, ...],
        sequence: Sequence,
        shown: TimeRange,
        words: tuple[str, str],
        before: tuple[PathCurve, ...] = (),
    ) -> None:
        """Draw other curves, and those of the run before where they differ; ``words`` are the title and the axis's."""
        self._curves = curves
        title, axis = words
        before = changed_curves(before, curves)
        self.title.show_text(title, "T is the step that the layer reads last; t counts the steps before it")
        self.axis_title.show_text(axis, "Each axis line is a power of ten; on the line at 1 nothing is lost")
        self.legend.show_curves(curves, before=bool(before))
        self.plot.show_curves(curves, sequence, shown, before)

    def clear_curves(self) -> None:
        """Nothing to draw yet."""
        self.headline.setText("Being computed …")
        self._curves = ()
        self.legend.show_curves(())
        self.plot.clear_curves()

    def show_step(self, t: int, headline: str) -> None:
        """Move the cursor; the headline says what is there."""
        self.headline.setText(rich(headline))
        self._keep_room()
        self.legend.show_step(t)
        self.plot.show_step(t)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if event is not None and event.oldSize().width() != self.width():
            self.headline.setMinimumHeight(0)
            self._keep_room()

    def _keep_room(self) -> None:
        """As many lines as a headline of this width has ever needed: a plot that changes its height is drawn anew."""
        needed = self.headline.heightForWidth(self.width())
        if needed > self.headline.minimumHeight():
            self.headline.setMinimumHeight(needed)

    def values_in_words(self, t: int) -> str:
        """The value of every curve at step t."""
        return f"Step {t}: " + ", ".join(f"{curve.name} {curve.at(t)}" for curve in self._curves)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        quiet = palette(theme)
        quiet.setColor(QPalette.ColorRole.WindowText, QColor(theme.muted))
        self.title.setPalette(quiet)
        self.axis_title.setPalette(quiet)
        self.legend.set_theme(theme)
        self.plot.set_theme(theme)


def rich(text: str) -> str:
    """Text with its powers of ten raised."""
    return re.sub(r"10\^(−?[\d.]*\d)", r"10<sup>\1</sup>", html.escape(text, quote=False))
