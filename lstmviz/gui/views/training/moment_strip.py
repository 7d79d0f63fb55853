"""Scrubbing training time: a slider over the checkpoints, and what can be done with the one that is chosen."""

from __future__ import annotations

from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QPushButton, QSlider, QVBoxLayout, QWidget

from lstmviz.core.networks.network import Network
from lstmviz.core.text import count, significant
from lstmviz.core.training.record import Moment, NetworkRecord, TrainingRecord
from lstmviz.gui.style import Theme, text_font

OPEN_TIP = (
    "Open this moment in the debugger: every view shows the probe sequence under these weights, cell, timeline, "
    "gradients and all, with the trained RNN beside the LSTM. Undo brings back what was there before."
)
FOLLOW_TIP = "While you move the slider, every view of the window goes along."
SAVE_TIP = (
    "Write the weights of this network at this moment under PyTorch’s names, as .npz or .safetensors. Whatever opens "
    "them computes the very same output."
)
BRANCH_TIP = "Go on training from this checkpoint with the settings of the form; this training stays, pale, to compare."


class MomentStrip(QWidget):
    """The last checkpoint is followed until another one is chosen; where patience ends a training, the best one."""

    moment_changed = pyqtSignal(int)
    """Another moment is looked at: after this update."""
    open_asked = pyqtSignal()
    """The moment is to be opened in the debugger."""
    save_asked = pyqtSignal()
    """The weights of the network are to be saved."""
    branch_asked = pyqtSignal()
    """Training is to go on from the moment."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("moment_strip")
        self._record: TrainingRecord | None = None
        self._follows_newest = True
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("training_time")
        self.slider.setAccessibleName("Training time: which checkpoint")
        self.slider.setToolTip("Training time: the checkpoints that are kept, denser where the loss moves")
        self.slider.setMinimumWidth(120)
        self.words = QLabel()
        self.words.setObjectName("moment_words")
        self.words.setFont(text_font(12))
        self.network = QComboBox()
        self.network.setObjectName("moment_network")
        self.network.setAccessibleName("Which network to open")
        self.network.setToolTip("Which of the networks is opened, or saved; an LSTM is opened with the RNN beside it")
        self.open_button = _button("open_moment", "Open", OPEN_TIP, "Open this moment in the debugger")
        self.save_button = _button("save_network", "Save…", SAVE_TIP, "Save the network of this moment")
        self.branch_button = _button("branch_moment", "Go on from here", BRANCH_TIP, "Go on training from this moment")
        self.follows = QCheckBox("all views follow")
        self.follows.setObjectName("views_follow")
        self.follows.setToolTip(FOLLOW_TIP)
        self._lay_out()
        self.slider.valueChanged.connect(self._moved)
        self.network.currentIndexChanged.connect(self._moved)
        self.open_button.clicked.connect(self.open_asked)
        self.save_button.clicked.connect(self.save_asked)
        self.branch_button.clicked.connect(self.branch_asked)
        self.setEnabled(False)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 2, 8, 6)
        column.setSpacing(3)
        first, second = QHBoxLayout(), QHBoxLayout()
        first.addWidget(self.slider, 1)
        first.addWidget(self.words)
        for widget in (self.network, self.open_button, self.save_button, self.follows):
            second.addWidget(widget)
        second.addStretch()
        second.addWidget(self.branch_button)
        column.addLayout(first)
        column.addLayout(second)

    @property
    def moment(self) -> Moment | None:
        """The checkpoint that is chosen."""
        if self._record is None or not self._record.moments:
            return None
        return self._record.moments[min(self.slider.value(), len(self._record.moments) - 1)]

    @property
    def shown_network(self) -> NetworkRecord | None:
        """The network that is to be opened."""
        if self._record is None:
            return None
        return self._record.networks[max(self.network.currentIndex(), 0)]

    def show_record(self, record: TrainingRecord) -> None:
        """Show the checkpoints of a training; one that was chosen stays chosen while it is kept."""
        chosen = self.moment
        other = self._record is None or _beginning(self._record) is not _beginning(record)
        self._record = record
        names = [each.name for each in record.networks]
        if names != [self.network.itemText(k) for k in range(self.network.count())]:
            with QSignalBlocker(self.network):
                self.network.clear()
                self.network.addItems(names)
            self.network.setVisible(len(names) > 1)
        last = len(record.moments) - 1
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, last)
            self._follows_newest = self._follows_newest or other or chosen is None
            shown = chosen if chosen is not None and not self._follows_newest else record.result
            self.slider.setValue(record.moment_at(shown.update))
        self.setEnabled(True)
        self._show_words()

    def clear(self) -> None:
        """There is no training."""
        self._record, self._follows_newest = None, True
        self.setEnabled(False)

    def show_training(self, running: bool) -> None:
        """A running training cannot be branched: it would have to be paused first."""
        self.branch_button.setEnabled(not running)
        self.branch_button.setToolTip("Pause first. " + BRANCH_TIP if running else BRANCH_TIP)

    def look_at(self, update: int) -> None:
        """Choose the checkpoint at or before ``update``."""
        if self._record is not None:
            self.slider.setValue(self._record.moment_at(update))

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self.words.setStyleSheet(f"color: {theme.muted};")

    def _moved(self) -> None:
        moment = self.moment
        self._follows_newest = self.slider.value() == self.slider.maximum()
        self._show_words()
        if moment is not None:
            self.moment_changed.emit(moment.update)

    def _show_words(self) -> None:
        moment, record = self.moment, self._record
        if moment is None or record is None:
            return
        newest = " (newest)" if moment is record.moments[-1] else " (best)" if moment is record.result else ""
        place = f"after {count(moment.update, 'update')}" if moment.update else "before training"
        loss = f", loss of the batch {significant(moment.loss, 2)}" if moment.loss == moment.loss else ""
        self.words.setText(f"{place}{newest}{loss}")


def _beginning(record: TrainingRecord) -> Network:
    """The network that a training began with: two records with the same one tell of the same training."""
    return next(iter(record.moments[0].states.values())).network


def _button(name: str, words: str, tip: str, accessible_name: str) -> QPushButton:
    button = QPushButton(words)
    button.setObjectName(name)
    button.setToolTip(tip)
    button.setAccessibleName(accessible_name)
    return button
