"""A window that tries learning rates on what is to be trained, and suggests one."""

from __future__ import annotations

from collections.abc import Generator

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from lstmviz.core.training.learning_rate import RatePoint, RateSearch, find_learning_rate_steps
from lstmviz.core.training.presets import TrainingPreset
from lstmviz.gui.job import Job
from lstmviz.gui.panels.fields import ErrorLine, stylesheet
from lstmviz.gui.style import LIGHT, Theme
from lstmviz.gui.views.training.rate_plot import RatePlot
from lstmviz.gui.views.training.table_twin import TableTwin

LOWEST, HIGHEST, UPDATES = 1e-5, 1.0, 100

LEAST_RATE = 1e-6
"""The field of the form has no more decimals."""

Tried = tuple[RatePoint, ...]


class RateFinder(QDialog):
    """Starts at once, on a thread. It does not block the window; the network that is tried is thrown away."""

    chosen = pyqtSignal(float)
    """The user takes this rate."""

    def __init__(self, plan: TrainingPreset, parent: QWidget | None = None, theme: Theme = LIGHT) -> None:
        super().__init__(parent)
        self.setObjectName("rate_finder")
        self.setWindowTitle("Find a learning rate")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._loss_name = f"loss: {plan.task.loss.value}"
        self._rate: float | None = None
        self.plot = RatePlot()
        self.twin = TableTwin("rate_table", "Loss at every learning rate that was tried")
        self._build()
        self._lay_out()
        self.set_theme(theme)
        self._job = Job(self)
        self._job.advanced.connect(self._show)
        self._job.finished.connect(self._finish)
        self._job.failed.connect(self._fail)
        self.finished.connect(self._stop)
        self._job.start(trying(plan), 0.0)

    @property
    def busy(self) -> bool:
        """Whether rates are still being tried."""
        return self._job.busy

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self.setStyleSheet(stylesheet(theme))
        self.plot.set_theme(theme)

    def use(self) -> None:
        """Take the rate that is marked, and close."""
        if self._rate is not None:
            self.chosen.emit(self._rate)
            self.accept()

    # What the thread reports

    def _show(self, points: Tried) -> None:
        self.plot.show_points(points, self._loss_name, LOWEST, HIGHEST)
        self.twin.show_table(self.plot.table())
        if self.progress.value() == len(points):
            self.progress.setFormat("trying what looks best …")
        self.progress.setValue(len(points))

    def _finish(self, found: RateSearch) -> None:
        self._show(found.points)
        self.progress.setValue(UPDATES)
        self.progress.hide()
        self._choose(found.suggestion)
        self.words.setText(f"{_in_words(found, self._rate)} Click into the picture for another one.")

    def _fail(self, why: str) -> None:
        self.error_line.setText(why)
        self.progress.hide()

    def _choose(self, rate: float) -> None:
        self._rate = max(float(f"{rate:.1g}"), LEAST_RATE)
        self.plot.show_rate(self._rate)
        self.use_button.setText(f"Use {self._rate:g}")
        self.use_button.setEnabled(not self.busy)

    def _stop(self) -> None:
        self._job.close()

    # Set-up

    def _build(self) -> None:
        self.words = QLabel(
            "The network is trained for a moment while the learning rate rises with every update, from very small to "
            "very large. Good rates are those at which the loss falls; where it jumps up they are too large."
        )
        self.words.setObjectName("rate_words")
        self.words.setWordWrap(True)
        self.error_line = ErrorLine("rate_error")
        self.hover_line = QLabel(" ")
        self.hover_line.setObjectName("rate_hover")
        self.hover_line.setProperty("role", "muted")
        self.progress = QProgressBar()
        self.progress.setObjectName("rate_progress")
        self.progress.setAccessibleName("updates tried")
        self.progress.setRange(0, UPDATES)
        self.progress.setFormat("%v of %m updates")
        self.as_table = QCheckBox("as a table")
        self.as_table.setObjectName("rate_as_table")
        self.as_table.setToolTip("Show the numbers instead of the picture")
        self.use_button, self.cancel_button = QPushButton("Use …"), QPushButton("Cancel")
        self.use_button.setObjectName("use_rate")
        self.use_button.setToolTip("Put the marked rate into the form")
        self.use_button.setEnabled(False)
        self.use_button.setDefault(True)
        self.cancel_button.setObjectName("cancel_rate")
        self.cancel_button.setToolTip("Close; the learning rate stays as it is")
        self.use_button.clicked.connect(self.use)
        self.cancel_button.clicked.connect(self.reject)
        self.plot.hovered.connect(self._say)
        self.plot.rate_chosen.connect(self._choose)
        self.as_table.toggled.connect(self._show_page)

    def _lay_out(self) -> None:
        self.pages = QStackedWidget()
        self.pages.addWidget(self.plot)
        self.pages.addWidget(self.twin)
        buttons = QHBoxLayout()
        buttons.addWidget(self.as_table)
        buttons.addStretch()
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.use_button)
        column = QVBoxLayout(self)
        column.addWidget(self.words)
        column.addWidget(self.error_line)
        column.addWidget(self.pages, 1)
        for widget in (self.hover_line, self.progress):
            column.addWidget(widget)
        column.addLayout(buttons)
        self.resize(620, 470)

    def _say(self, words: str) -> None:
        self.hover_line.setText(words or " ")

    def _show_page(self, as_table: bool) -> None:
        self.pages.setCurrentWidget(self.twin if as_table else self.plot)


def _in_words(found: RateSearch, rate: float | None) -> str:
    """What was found, and how."""
    if not found.fell:
        return (
            f"The loss fell at none of these rates: this task takes longer to begin. {rate:g} is a usual rate to begin "
            "with."
        )
    burst = " Above the last one the loss bursts." if len(found.points) < UPDATES else ""
    return (
        f"Suggested: {rate:g}. A tenth of the rate at which the smoothed loss was least, and smaller ones, were tried "
        f"for some updates each; with this one the loss fell most.{burst}"
    )


def trying(plan: TrainingPreset) -> Generator[Tried, None, RateSearch]:
    """Try rates on the first network of a plan; yields all points so far."""
    settings = plan.settings
    network = plan.build()["network"]
    steps = find_learning_rate_steps(
        network,
        plan.task,
        lowest=LOWEST,
        highest=HIGHEST,
        updates=UPDATES,
        optimizer=settings.optimizer,
        momentum=settings.momentum,
        batch_size=settings.batch_size,
        clip=settings.clip,
        clip_by=settings.clip_by,
        truncate=settings.truncate,
        seed=settings.seed,
    )
    points: list[RatePoint] = []
    while True:
        try:
            point = next(steps)
        except StopIteration as end:
            found: RateSearch = end.value
            return found
        if not points or point is not points[-1]:  # it comes again while what is suggested is tried
            points.append(point)
        yield tuple(points)
