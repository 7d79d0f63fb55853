"""Everything that is drawn of a training: sentences, charts, maps."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from lstmviz.core.training.progress_words import CAVEAT, gradient_in_words, headline, stops_in_words, summary_of
from lstmviz.core.training.record import TrainingRecord
from lstmviz.gui.style import LIGHT, Theme, text_font
from lstmviz.gui.views.training.chart import Chart
from lstmviz.gui.views.training.contents import (
    axis_end,
    gates_content,
    gradient_content,
    loss_content,
    metric_content,
    metric_is_loss,
)
from lstmviz.gui.views.training.gradient_maps import GradientMaps

NOTHING_YET = (
    "Choose a task and press Start. The network learns it, update by update, beside a vanilla RNN that sees the very "
    "same sequences.\n\n"
    "You will see here, while it happens:\n"
    "•  the loss of both, and what can be had without learning anything;\n"
    "•  how long the gradient of all weights is, before and after clipping;\n"
    "•  how many gates stand open or closed for good;\n"
    "•  how much of the gradient arrives at each step of one fixed sequence: where it does not arrive, nothing is "
    "learned.\n\n"
    "Afterwards go back to any moment, and open it in the debugger."
)


class Dashboard(QWidget):
    """Shows a TrainingRecord; knows nothing of how it comes about."""

    hovered = pyqtSignal(str)
    """What is under the mouse, in words; empty for nothing."""
    update_chosen = pyqtSignal(int)
    """The user wants to look at the moment after this update."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training_dashboard")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.record: TrainingRecord | None = None
        self._theme = LIGHT
        self.headline = _words("training_headline", 13)
        self.gradient_line = _words("training_gradient", 12)
        self.stops = _words("training_stops", 12)
        self.loss_chart, self.metric_chart = Chart("loss_chart"), Chart("metric_chart")
        self.gradient_chart, self.gates_chart = Chart("gradient_chart"), Chart("gates_chart")
        self.maps = GradientMaps()
        self._lay_out()
        for part in self._parts:
            part.hovered.connect(self.hovered)
            part.update_chosen.connect(self.update_chosen)
        self._show_parts(shown=False)
        self.headline.setText(NOTHING_YET)

    @property
    def _charts(self) -> tuple[Chart, ...]:
        return self.loss_chart, self.metric_chart, self.gradient_chart, self.gates_chart

    @property
    def _parts(self) -> tuple[Chart | GradientMaps, ...]:
        return *self._charts, self.maps

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 4)
        column.setSpacing(3)
        for line in (self.headline, self.gradient_line, self.stops):
            column.addWidget(line)
        grid = QGridLayout()
        grid.setSpacing(6)
        grid.addWidget(self.loss_chart, 0, 0)
        grid.addWidget(self.metric_chart, 0, 1)
        grid.addWidget(self.gradient_chart, 1, 0)
        grid.addWidget(self.gates_chart, 1, 1)
        grid.addWidget(self.maps, 2, 0, 1, 2)
        for number in range(3):
            grid.setRowStretch(number, 1)
        for number in range(2):
            grid.setColumnStretch(number, 1)
        self._grid = grid
        column.addLayout(grid, 1)
        self._rest = QWidget()
        self._rest.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        column.addWidget(self._rest, 1)

    def show_record(self, record: TrainingRecord) -> None:
        """Draw what is known now."""
        first = self.record is None
        same_task = not first and self.record is not None and self.record.task is record.task
        self.record = record
        if not same_task:
            self._show_parts(shown=True)
        self._show_sentences(record)
        self._show_charts(record)

    def clear(self) -> None:
        """There is no training."""
        self.record = None
        self._show_parts(shown=False)
        self.headline.setText(NOTHING_YET)

    def show_mark(self, update: int | None) -> None:
        """Mark the moment that is looked at; None for none."""
        for part in self._parts:
            part.show_mark(update)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self.setStyleSheet(f"#training_dashboard {{ background: {theme.surface}; }}")
        for line, colour in (
            (self.headline, theme.text),
            (self.gradient_line, theme.muted),
            (self.stops, theme.text),
        ):
            line.setStyleSheet(f"color: {colour};")
        for part in self._parts:
            part.set_theme(theme)
        if self.record is not None:
            self._show_charts(self.record)

    def summary(self) -> str:
        """What it shows, for screen readers."""
        return NOTHING_YET if self.record is None else summary_of(self.record)

    def _show_sentences(self, record: TrainingRecord) -> None:
        self.headline.setText(_unbroken(headline(record)))
        self.gradient_line.setText(_unbroken(f"{gradient_in_words(record)} {CAVEAT}".strip()))
        self.stops.setText(stops_in_words(record))
        self.stops.setVisible(bool(self.stops.text()))

    def _show_charts(self, record: TrainingRecord) -> None:
        theme = self._theme
        self.loss_chart.show_content(loss_content(record, theme))
        if not metric_is_loss(record.task):
            self.metric_chart.show_content(metric_content(record, theme))
        self.gradient_chart.show_content(gradient_content(record, theme))
        self.gates_chart.show_content(gates_content(record, theme))
        self.maps.show_networks(record.networks, axis_end(record))

    def _show_parts(self, *, shown: bool) -> None:
        """Place the charts that this training has; without a training only the sentence stands there."""
        twice = self.record is not None and metric_is_loss(self.record.task)
        gates = self.record is not None and any(each.gates is not None for each in self.record.networks)
        for part in self._parts:
            part.setVisible(shown)
        self.metric_chart.setVisible(shown and not twice)
        self.gates_chart.setVisible(shown and gates)
        self._grid.addWidget(self.loss_chart, 0, 0, 1, 2 if twice else 1)
        self._grid.addWidget(self.gradient_chart, 1, 0, 1, 1 if gates else 2)
        for line in (self.gradient_line, self.stops):
            line.setVisible(shown)
        self._rest.setVisible(not shown)


def _unbroken(words: str) -> str:
    """No line break between a number and its per cent sign."""
    return words.replace(" %", "\N{NO-BREAK SPACE}%")


def _words(name: str, pixels: int) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setFont(text_font(pixels))
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
