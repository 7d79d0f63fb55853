"""How networks are trained: every field of TrainingSettings."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import QSignalBlocker, pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QWidget

from lstmviz.core.training.optimisers import Optimiser
from lstmviz.core.training.settings import ClipBy, TrainingSettings
from lstmviz.gui.panels.fields import FIELD_HEIGHT, ChoiceBox, ErrorLine, NumberBox, WholeBox
from lstmviz.gui.panels.training.rows import Rows, show_number

OPTIMISER_WORDS = {Optimiser.ADAM: "Adam", Optimiser.SGD: "SGD"}
CLIP_WORDS = {ClipBy.NORM: "norm of all", ClipBy.VALUE: "each value"}


class SettingsFields(QWidget):
    """The learning rate and how long to train; ``more`` are the other fields."""

    edited = pyqtSignal()
    """The user changed something."""

    find_asked = pyqtSignal()
    """The user wants a learning rate to be found."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training_settings_fields")
        self._build()
        self._build_more()
        self.rows, self.more = Rows(), Rows()
        self.setLayout(self.rows)
        self.rows.add("learning rate", self.rate, "lr", within=_beside(self.rate, self.find_button))
        self.rows.add("updates", self.updates, "updates")
        self._add_more()
        self._watch_fields()

    @property
    def error_lines(self) -> dict[str, ErrorLine]:
        """Where to say what is wrong, by the places that errors name."""
        return self.rows.error_lines | self.more.error_lines

    def settings(self, base: TrainingSettings) -> TrainingSettings:
        """What the fields say; what has no field is that of ``base``. Raises LstmvizError for what cannot be."""
        return replace(
            base,
            optimizer=self.optimiser.choice,
            lr=self.rate.value(),
            momentum=self.momentum.value(),
            clip=self.clip.value() if self.clips.isChecked() else None,
            clip_by=self.clip_by.choice,
            batch_size=self.batch_size.value(),
            updates=self.updates.value(),
            truncate=self.truncate.value() or None,
            validate_every=self.validate_every.value(),
            patience=self.patience.value() or None,
            goal=self.goal.value() if self.has_goal.isChecked() else None,
            seed=self.seed.value(),
        )

    def show_settings(self, settings: TrainingSettings) -> None:
        """Show settings from outside; nothing is reported."""
        self.optimiser.show_choice(settings.optimizer)
        self.clip_by.show_choice(settings.clip_by)
        for number_box, value in (
            (self.rate, settings.lr),
            (self.momentum, settings.momentum),
            (self.clip, settings.clip or 1.0),
            (self.goal, settings.goal or 0.0),
        ):
            show_number(number_box, value)
        for box, whole in (
            (self.batch_size, settings.batch_size),
            (self.updates, settings.updates),
            (self.truncate, settings.truncate or 0),
            (self.validate_every, settings.validate_every),
            (self.patience, settings.patience or 0),
            (self.seed, settings.seed),
        ):
            box.show_value(whole)
        for check, on in ((self.clips, settings.clip is not None), (self.has_goal, settings.goal is not None)):
            with QSignalBlocker(check):
                check.setChecked(on)
        self._show_rows()

    # The fields

    def _build(self) -> None:
        self.rate = NumberBox("learning_rate", "How large the updates are; 0.001 to 0.01 is usual.")
        self.rate.setSingleStep(0.001)
        self.rate.setMinimumWidth(52)
        self.find_button = QPushButton("Find…")
        self.find_button.setObjectName("find_rate")
        self.find_button.setAccessibleName("Find a learning rate")
        self.find_button.setToolTip("Try learning rates from small to large on this task, and see which one serves")
        self.updates = WholeBox("updates", 1, 1_000_000, "Training stops after so many updates")

    def _build_more(self) -> None:
        self.optimiser = ChoiceBox(
            "optimiser",
            OPTIMISER_WORDS,
            "How weights follow their gradients. SGD goes straight down, with momentum; Adam scales every weight's "
            "step by how large its gradients have been.",
        )
        self.momentum = NumberBox("momentum", "Of SGD: how much of the step before is made again; 0 for none")
        self.momentum.setRange(0, 0.999)
        self.momentum.setSingleStep(0.1)
        self.batch_size = WholeBox("batch_size", 1, 1024, "Sequences an update learns from")
        self.clips = _check("clips", "clip at", "Shorten a gradient that is too long: then one update can do no harm")
        self.clip = NumberBox("clip", "The largest length, or value, of a gradient that an update may use")
        self.clip.setAccessibleName("clip the gradient at")
        self.clip_by = ChoiceBox(
            "clip_by", CLIP_WORDS, "Norm: the whole gradient keeps its direction. Value: each number for itself."
        )
        self.truncate = WholeBox(
            "truncate",
            0,
            100_000,
            "Truncated backpropagation: a gradient flows back so many steps at most, and the state is carried on. "
            "0: to the beginning",
        )
        self.truncate.setSpecialValueText("never")
        self.validate_every = WholeBox(
            "validate_every", 0, 1_000_000, "So many updates between two looks at sequences that training never shows"
        )
        self.validate_every.setSpecialValueText("never")
        self.patience = WholeBox(
            "patience",
            0,
            10_000,
            "Stop after so many validations in a row that were no better than the best one, and keep that; 0: never",
        )
        self.patience.setSpecialValueText("never")
        self.has_goal = _check("has_goal", "stop at", "Stop when the metric of a validation is as good as this")
        self.goal = NumberBox("goal", "The metric that is good enough; for shares 1 is everything right")
        self.goal.setAccessibleName("stop at this metric")
        self.goal.setSingleStep(0.01)
        self.seed = WholeBox("training_seed", 0, 2**31 - 1, "The same seed gives the same weights and sequences.")

    def _add_more(self) -> None:
        more = self.more
        more.add("optimiser", self.optimiser, "optimizer")
        more.add("momentum", self.momentum, "momentum")
        more.add("batch size", self.batch_size, "batch_size")
        more.add_checked(self.clips, self.clip, "clip")
        more.add("clip by", self.clip_by, "clip_by")
        more.add("truncate, steps", self.truncate, "truncate")
        more.add("validate every", self.validate_every, "validate_every")
        more.add("patience", self.patience, "patience")
        more.add_checked(self.has_goal, self.goal, "goal")
        more.add("seed", self.seed, "seed")

    def _watch_fields(self) -> None:
        boxes = (self.batch_size, self.updates, self.truncate, self.validate_every, self.patience, self.seed)
        for box in boxes:
            box.valueChanged.connect(self.edited)
        for number_box in (self.rate, self.momentum, self.clip, self.goal):
            number_box.valueChanged.connect(self.edited)
        for choice in (self.optimiser, self.clip_by):
            choice.activated.connect(self.edited)
        for check in (self.clips, self.has_goal):
            check.toggled.connect(self._show_rows)
            check.toggled.connect(self.edited)
        self.optimiser.activated.connect(self._show_rows)
        self.find_button.clicked.connect(self.find_asked)

    def _show_rows(self) -> None:
        self.clip.setEnabled(self.clips.isChecked())
        self.more.setRowVisible(self.clip_by, self.clips.isChecked())
        self.goal.setEnabled(self.has_goal.isChecked())
        self.more.setRowVisible(self.momentum, self.optimiser.choice is Optimiser.SGD)


def _check(name: str, words: str, tip: str) -> QCheckBox:
    box = QCheckBox(words)
    box.setObjectName(name)
    box.setFixedHeight(FIELD_HEIGHT)
    box.setToolTip(tip)
    return box


def _beside(field: QWidget, button: QPushButton) -> QWidget:
    row = QWidget()
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(4)
    line.addWidget(field, 1)
    line.addWidget(button)
    return row
