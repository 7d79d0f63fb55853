"""What every command of the monkey is made of: drawing lots, filling a field, waiting for a thread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QWidget,
)

from lstmviz.gui.main_window import MainWindow
from lstmviz.gui.panels.fields import LabelledSlider, NumberBox, WholeBox
from tests.stories.person import Person

NUMBERS = (0.0, 1.0, -1.0, 0.5, -0.25, 3.0, 1e-6, -40.0, 1e6)
LAYERS = ("l0", "l0", "l0", "l1", "l0_reverse", "l1_reverse", "l9", "")


@dataclass
class Hands:
    """What a monkey can do to one window. Every command draws from ``random`` alone."""

    person: Person
    random: Random
    folder: Path
    patch: pytest.MonkeyPatch

    @property
    def window(self) -> MainWindow:
        return self.person.window

    # Drawing lots

    def whole(self, lowest: int, highest: int) -> int:
        return self.random.randint(lowest, highest)

    def likely(self, chance: float) -> bool:
        return self.random.random() < chance

    def number(self) -> float:
        return self.random.choice((*NUMBERS, round(self.random.gauss(0, 1), 3)))

    def step(self) -> int:
        """A step, now and then one that there is not."""
        return self.whole(1, self.person.run.length) if self.likely(0.9) else self.whole(-3, 99)

    def unit(self) -> int:
        return self.whole(0, self.person.run.network.hidden_size - 1) if self.likely(0.9) else self.whole(-2, 9)

    def layer(self) -> str:
        return self.random.choice((*self.person.run.trace.layers, *LAYERS) if self.likely(0.3) else [
            *self.person.run.trace.layers
        ])  # fmt: skip

    def choose(self, box: QComboBox) -> str:
        """Choose an entry, as a person does from the list."""
        if not box.count() or not box.isEnabled():
            return "nothing to choose"
        index = self.whole(0, box.count() - 1)
        box.setCurrentIndex(index)
        box.activated.emit(index)
        return f"{box.objectName()} {box.currentText()}"

    def put(self, field: QWidget) -> str:
        """Put something else into a field."""
        if isinstance(field, QComboBox):
            return self.choose(field)
        if isinstance(field, LabelledSlider):
            if self.likely(0.5):
                field.slider.setValue(self.whole(field.slider.minimum(), field.slider.maximum()))
            else:
                field.box.setValue(self.number())
            return f"{field.objectName()} {field.value}"
        if isinstance(field, WholeBox):
            field.setValue(self.whole(field.minimum(), min(field.maximum(), 9)))
            return f"{field.objectName()} {field.value()}"
        if isinstance(field, NumberBox):
            field.setValue(self.number())
            return f"{field.objectName()} {field.value()}"
        assert isinstance(field, QAbstractButton)
        field.click()
        return field.objectName()

    def leave_dialog(self) -> None:
        """Cancel a dialog that a command has opened, such as that for a file of numbers."""
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QDialog):
            dialog.reject()

    # Waiting and finding

    def finish_typing(self) -> None:
        """What was typed a moment ago would be a change in the middle of what comes next."""
        self.window.experiment_panel.flush()
        self.calm()
        QApplication.processEvents()  # what was refused is tried again when everything else has its run
        self.calm()
        self.window.debugger.flush()
        self.calm()

    def calm(self) -> None:
        """Wait for a long analysis, so that what stands is what was asked for."""
        self.person.qtbot.waitUntil(lambda: not self.window.session.busy, timeout=20_000)

    def action(self, name: str) -> QAction:
        """The one action of the File menu of that name."""
        (found,) = self.window.findChildren(QAction, name)
        return found
