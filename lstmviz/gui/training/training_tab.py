"""The tab Training: the buttons on top, settings on the left, what happens on the right, training time below."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from lstmviz.core.arrays import Array
from lstmviz.core.cursor import Cursor
from lstmviz.core.errors import LstmvizError
from lstmviz.core.training.batches import Batch
from lstmviz.core.training.presets import TrainingPreset, plan_of
from lstmviz.core.training.record import TrainingRecord
from lstmviz.gui.export.weights_export import Choose, choose_weights_file, save_weights
from lstmviz.gui.panels.fields import stylesheet
from lstmviz.gui.panels.training.training_form import TrainingForm
from lstmviz.gui.style import Theme
from lstmviz.gui.training.controller import TrainingController, TrainingStatus
from lstmviz.gui.training.rate_finder import RateFinder
from lstmviz.gui.training.result_pages import ResultPages
from lstmviz.gui.views.training.contents import table_of
from lstmviz.gui.views.training.dashboard import Dashboard
from lstmviz.gui.views.training.moment_strip import MomentStrip
from lstmviz.gui.views.training_view import TrainingView
from lstmviz.io.training.answers import answers_experiment
from lstmviz.io.training.moments import beside, moment_experiment, text_experiment

FORM_WIDTH = 276

WIDE = 900
"""In a narrower tab the settings make room when training starts: they cannot be changed then anyway."""

START_WORDS = {
    TrainingStatus.NONE: "Start",
    TrainingStatus.RUNNING: "Pause",
    TrainingStatus.PAUSED: "Go on",
    TrainingStatus.ENDED: "Start anew",
}


class TrainingTab(TrainingView):
    """Wires form, controller, dashboard and checkpoints. It shows its own training, not the run of the session."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._makes_room = False
        self.setObjectName("training_view")
        self.setAccessibleName("Training")
        self.choose_file: Choose = choose_weights_file
        self._folder = Path.home()
        self.controller = TrainingController(self)
        self.form, self.dashboard, self.strip = TrainingForm(), Dashboard(), MomentStrip()
        self.pages = ResultPages(_scrolled(self.dashboard, "training_dashboard_area"))
        self.writing = self.pages.writing
        self.strip.hide()
        self.start_button, self.stop_button = QPushButton("Start"), QPushButton("Stop")
        self.single_button = QPushButton("One update")
        self.fold_button = QPushButton()
        self.place = QLabel()
        self._left = QWidget()
        self._name_buttons()
        self._lay_out()
        self._fold(shown=True)  # not before it has its place: shown without one it would be a window of its own
        self._wire()
        self._show_status(TrainingStatus.NONE)

    # What every view can

    @property
    def busy(self) -> bool:
        """Whether a training runs."""
        return self.controller.status is TrainingStatus.RUNNING

    def stop(self) -> None:
        """End the training: the window is closing."""
        self.pages.stop()
        self.controller.close()

    @property
    def training(self) -> TrainingRecord | None:
        """The training on show."""
        return self.controller.record

    def show_training(self, record: TrainingRecord | None) -> None:
        """Show another training as it was left; one that runs ends."""
        if record is not None:
            self.form.show_plan(plan_of(record))
        self.controller.show(record)
        self._makes_room = record is not None
        if self.isVisible():
            self._make_room()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Qt's hook: only now the width is known."""
        super().showEvent(event)
        if self._makes_room:
            self._make_room()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        super().set_theme(theme)
        self.setStyleSheet(stylesheet(theme))
        self._left.setStyleSheet(f"#training_left {{ background: {theme.panel}; }}")
        self.dashboard.set_theme(theme)
        self.strip.set_theme(theme)
        self.form.set_theme(theme)
        self.pages.set_theme(theme)
        for finder in self.findChildren(RateFinder):
            finder.set_theme(theme)

    @property
    def remembered(self) -> str:
        """What the form says, to be kept until the next start."""
        return self.form.remembered

    def recall(self, text: str) -> None:
        """Show the settings that were used last, unless there is a training already."""
        if self.controller.record is None:
            self.form.recall(text)

    def summary(self) -> str:
        """What the dashboard shows."""
        return f"Training: {self.controller.status.value}. {self.dashboard.summary()}"

    def table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """What the curves show as a table, a row an update."""
        return table_of(self.controller.record) if self.controller.record else (("update",), [])

    # What the user does

    def start_or_pause(self) -> None:
        """What the first button says."""
        status = self.controller.status
        if status is TrainingStatus.RUNNING:
            self.controller.pause()
        elif status is TrainingStatus.PAUSED:
            self.controller.resume()
        else:
            plan = self._plan()
            if plan is not None:
                self.controller.start(plan)

    def single_update(self) -> None:
        """One update, of the paused training or of a new one."""
        plan = self._plan()
        if plan is not None:
            self.controller.single_update(plan)

    def branch(self) -> None:
        """Go on from the checkpoint that is chosen, with the settings in the form."""
        plan, moment = self._plan(), self.strip.moment
        if plan is not None and moment is not None:
            self.controller.branch(plan, moment)

    def open_moment(self) -> None:
        """Show the moment in the debugger."""
        self._choose_experiment(reveal=True)

    def find_rate(self) -> None:
        """Try learning rates on what the form says, in a window of its own."""
        plan = self._plan()
        if plan is not None:
            finder = RateFinder(plan, self, self.theme)
            finder.chosen.connect(self.form.use_rate)
            finder.show()

    def save_network(self) -> None:
        """Let a file be chosen for the network of the moment, and write its weights."""
        record, moment, network = self.controller.record, self.strip.moment, self.strip.shown_network
        if record is None or moment is None or network is None:
            return
        title = f"{record.title} {network.name} {moment.update}"
        try:
            weights = moment.states[network.key].network
            path = save_weights(weights, title, self.window(), self.choose_file, self._folder)
        except LstmvizError as error:
            self._show_failure(str(error))
            return
        if path is not None:
            self._folder = path.parent
            self.hovered.emit(f"The weights of the {network.name} after update {moment.update:,} are in {path.name}.")

    def _plan(self) -> TrainingPreset | None:
        """What the form says; None, and said there, for what cannot be."""
        self.form.show_error("")
        try:
            return self.form.plan()
        except LstmvizError as error:
            self._show_failure(str(error))
            return None

    def _choose_experiment(self, *, reveal: bool) -> None:
        record, moment, network = self.controller.record, self.strip.moment, self.strip.shown_network
        if record is None or moment is None or network is None:
            return
        experiment = moment_experiment(record, moment, network)
        self.experiment_chosen.emit("look at a moment of training", experiment, None, "training moment", reveal)

    def _debug_answers(self, x: Array, batch: Batch | None) -> None:
        record, moment, network = self.controller.record, self.strip.moment, self.strip.shown_network
        if record is None or moment is None or network is None:
            return
        experiment = answers_experiment(record, moment, network, x, batch)
        self.experiment_chosen.emit("look at a new sequence", experiment, None, "training moment", True)

    def _debug_text(self, text: str, step: int) -> None:
        record, moment, network = self.controller.record, self.strip.moment, self.strip.shown_network
        if record is None or moment is None or network is None:
            return
        try:
            trained = moment.states[network.key].network
            experiment = text_experiment(record.task, trained, text, beside(moment, network))
        except LstmvizError as error:
            self.writing.error_line.show_error(error)
            return
        self.experiment_chosen.emit("step through a text", experiment, Cursor(t=step), "", True)

    # What the controller and the parts report

    def _show_record(self, record: TrainingRecord | None) -> None:
        self.training_changed.emit(record)
        self.strip.setVisible(record is not None)
        if record is None:
            self.dashboard.clear()
            self.strip.clear()
            self.place.clear()
            self._show_pages()
            return
        self.dashboard.show_record(record)
        self.strip.show_record(record)
        self.pages.show_record(record)
        self._show_moment()
        self._show_pages()
        self.place.setText(f"update {record.update:,} of {record.planned:,}")
        self.setAccessibleDescription(self.summary())

    def _show_status(self, status: TrainingStatus) -> None:
        running = status is TrainingStatus.RUNNING
        self.start_button.setText(START_WORDS[status])
        self.stop_button.setEnabled(status in (TrainingStatus.RUNNING, TrainingStatus.PAUSED))
        self.single_button.setEnabled(status in (TrainingStatus.NONE, TrainingStatus.PAUSED))
        self.form.setEnabled(not running)
        self.strip.show_training(running)
        if running:
            self.form.show_error("")
            self._make_room()
        self._show_pages()

    def _make_room(self) -> None:
        """In a narrow tab the charts take the place of the settings."""
        self._makes_room = False
        if self.width() < WIDE:
            self._fold(shown=False)

    def _show_failure(self, words: str) -> None:
        self._fold(shown=True)
        self.form.show_error(words)

    def _look(self, update: int) -> None:
        """Another moment was chosen."""
        self._show_moment()
        self._show_pages()
        if self.strip.follows.isChecked():
            self._choose_experiment(reveal=False)

    def _show_moment(self) -> None:
        moment, record = self.strip.moment, self.controller.record
        newest = moment is None or record is None or moment is record.moments[-1]
        self.dashboard.show_mark(None if newest or moment is None else moment.update)

    def _show_pages(self) -> None:
        """The networks of the moment answer and write."""
        record, moment, network = self.controller.record, self.strip.moment, self.strip.shown_network
        self.pages.show_moment(record, moment, network, running=self.busy)

    # Set-up

    def _name_buttons(self) -> None:
        for button, name, tip in (
            (self.start_button, "start_training", "Train on a thread of its own; the window stays alive"),
            (self.stop_button, "stop_training", "End the training; its checkpoints stay"),
            (self.single_button, "single_update", "Make one single update, and look"),
            (self.fold_button, "fold_settings", "Show the settings, or give their room to the charts"),
        ):
            button.setObjectName(name)
            button.setToolTip(tip)
        self.start_button.setMinimumWidth(96)
        self.place.setObjectName("training_place")
        self.place.setProperty("role", "muted")

    def _lay_out(self) -> None:
        self._left.setObjectName("training_left")
        self._left.setFixedWidth(FORM_WIDTH)
        left = QVBoxLayout(self._left)
        left.setContentsMargins(0, 0, 0, 0)
        left.addWidget(_scrolled(self.form, "training_form_area"), 1)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self.pages, 1)
        right.addWidget(self.strip)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self._left)
        row.addLayout(right, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._bar())
        column.addLayout(row, 1)

    def _bar(self) -> QHBoxLayout:
        bar = QHBoxLayout()
        bar.setContentsMargins(10, 6, 10, 4)
        bar.setSpacing(6)
        for button in (self.start_button, self.stop_button, self.single_button, self.fold_button):
            bar.addWidget(button)
        bar.addStretch()
        bar.addWidget(self.place)
        return bar

    def _toggle_settings(self) -> None:
        self._fold(shown=self._left.isHidden())

    def _fold(self, *, shown: bool) -> None:
        self._left.setVisible(shown)
        self.fold_button.setText("◂ Hide settings" if shown else "▸ Settings")

    def _wire(self) -> None:
        self.start_button.clicked.connect(self.start_or_pause)
        self.fold_button.clicked.connect(self._toggle_settings)
        self.stop_button.clicked.connect(self.controller.stop)
        self.single_button.clicked.connect(self.single_update)
        self.strip.moment_changed.connect(self._look)
        self.strip.open_asked.connect(self.open_moment)
        self.strip.save_asked.connect(self.save_network)
        self.strip.branch_asked.connect(self.branch)
        self.form.find_rate_asked.connect(self.find_rate)
        self.writing.debug_asked.connect(self._debug_text)
        self.pages.answers.debug_asked.connect(self._debug_answers)
        self.pages.hovered.connect(self.hovered)
        self.dashboard.hovered.connect(self.hovered)
        self.dashboard.update_chosen.connect(self.strip.look_at)
        self.controller.record_changed.connect(self._show_record)
        self.controller.status_changed.connect(self._show_status)
        self.controller.failed.connect(self._show_failure)


def _scrolled(widget: QWidget, name: str) -> QScrollArea:
    area = QScrollArea()
    area.setObjectName(name)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(widget)
    return area
