"""What the window knows of the view that shows a training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal

from lstmviz.gui.views.view import View

if TYPE_CHECKING:
    from lstmviz.core.training.record import TrainingRecord


class TrainingView(View):
    """Base of the view of a training, which the document keeps along with the experiment."""

    training_changed = pyqtSignal(object)
    """What there is of a training has changed; carries a TrainingRecord, or None. The document follows it."""

    experiment_chosen = pyqtSignal(str, object, object, str, bool)
    """The user wants a moment of the training as Experiment: the name of the change, the experiment, the Cursor where
    to look in it or None, the merge key of History, and whether to show it in the cell."""

    @property
    def training(self) -> TrainingRecord | None:
        """The training on show; None for none."""
        raise NotImplementedError

    def show_training(self, record: TrainingRecord | None) -> None:
        """Show another training, that of a file that was opened; None for none."""
        raise NotImplementedError

    @property
    def remembered(self) -> str:
        """What is to be kept until the next start, as text; empty for nothing."""
        raise NotImplementedError

    def recall(self, text: str) -> None:
        """Show what was ``remembered`` at the last start."""
        raise NotImplementedError
