"""The tab Training: the buttons on top, settings on the left, what happens on the right, training time below."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from lstmviz.core.errors import LstmvizError
from lstmviz.core.training.presets import TrainingPreset
from lstmviz.core.training.text_task import NextCharacter
from lstmviz.gui.panels.fields import stylesheet
from lstmviz.gui.panels.training.training_form import TrainingForm
from lstmviz.gui.panels.training.writing_panel import WritingPanel
from lstmviz.gui.style import Theme
from lstmviz.gui.training.controller import TrainingController, TrainingStatus
from lstmviz.gui.training.moments import moment_experiment, text_experiment
from lstmviz.gui.views.training.contents import table_of
from lstmviz.gui.views.training.dashboard import Dashboard
from lstmviz.gui.views.training.moment_strip import MomentStrip
from lstmviz.gui.views.training.record import TrainingRecord
from lstmviz.gui.views.view import View

FORM_WIDTH = 252

WIDE = 900
"""In a narrower tab the settings make room when training starts: they cannot be changed then anyway."""

START_WORDS = {
    TrainingStatus.NONE: "Start",
    TrainingStatus.RUNNING: "Pause",
    TrainingStatus.PAUSED: "Go on",
    TrainingStatus.ENDED: "Start anew",
}


class TrainingTab(View):
    """Wires form, controller, dashboard and checkpoints. It shows its own training, not the run of the session."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training_view")
        self.setAccessibleName("Training")
        self.controller = TrainingController(self)
        self.form, self.dashboard, self.strip = TrainingForm(), Dashboard(), MomentStrip()
        self.writing = WritingPanel()
        self.strip.hide()
        self.writing.hide()
        self.start_button, self.stop_button = QPushButton("Start"), QPushButton("Stop")
        self.single_button = QPushButton("One update")
        self.fold_button = QPushButton()
        self.place = QLabel()
        self._left = QWidget()
        self._name_buttons()
        self._lay_out()
        self._wire()
        self._show_status(TrainingStatus.NONE)

    # What every view can

    @property
    def busy(self) -> bool:
        """Whether a training runs."""
        return self.controller.status is TrainingStatus.RUNNING

    def stop(self) -> None:
        """End the training: the window is closing."""
        self.controller.close()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        super().set_theme(theme)
        self.setStyleSheet(stylesheet(theme))
        self._left.setStyleSheet(f"#training_left {{ background: {theme.panel}; }}")
        self.dashboard.set_theme(theme)
        self.strip.set_theme(theme)

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
        self.experiment_chosen.emit("look at a moment of training", experiment, "training moment", reveal)

    def _debug_text(self, text: str) -> None:
        record, moment, network = self.controller.record, self.strip.moment, self.strip.shown_network
        if record is None or moment is None or network is None:
            return
        try:
            experiment = text_experiment(record.task, moment.states[network.key].network, text)
        except LstmvizError as error:
            self.writing.error_line.show_error(error)
            return
        self.experiment_chosen.emit("step through a text", experiment, "", True)

    # What the controller and the parts report

    def _show_record(self, record: TrainingRecord) -> None:
        self.dashboard.show_record(record)
        self.strip.show_record(record)
        self.strip.show()
        self._show_moment()
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
            if self.width() < WIDE:
                self._fold(shown=False)
        self._show_writing()

    def _show_failure(self, words: str) -> None:
        self._fold(shown=True)
        self.form.show_error(words)

    def _look(self, update: int) -> None:
        """Another moment was chosen."""
        self._show_moment()
        self._show_writing()
        if self.strip.follows.isChecked():
            self._choose_experiment(reveal=False)

    def _show_moment(self) -> None:
        moment, record = self.strip.moment, self.controller.record
        newest = moment is None or record is None or moment is record.moments[-1]
        self.dashboard.show_mark(None if newest or moment is None else moment.update)

    def _show_writing(self) -> None:
        """What the network of the moment would write; while it trains, every letter would change under the hand."""
        record, moment, network = self.controller.record, self.strip.moment, self.strip.shown_network
        task = record.task if record is not None else None
        writes = isinstance(task, NextCharacter) and not self.busy and moment is not None and network is not None
        self.writing.setVisible(writes)
        if isinstance(task, NextCharacter) and writes and moment is not None and network is not None:
            self.writing.show_network(moment.states[network.key].network, task.vocabulary)

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
        self._fold(shown=True)

    def _lay_out(self) -> None:
        self._left.setObjectName("training_left")
        self._left.setFixedWidth(FORM_WIDTH)
        left = QVBoxLayout(self._left)
        left.setContentsMargins(0, 0, 0, 0)
        left.addWidget(_scrolled(self.form, "training_form_area"), 1)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(_scrolled(self.dashboard, "training_dashboard_area"), 1)
        right.addWidget(self.strip)
        right.addWidget(self.writing)
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
        self.strip.branch_asked.connect(self.branch)
        self.writing.debug_asked.connect(self._debug_text)
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
