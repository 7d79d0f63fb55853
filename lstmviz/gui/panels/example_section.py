"""The sections on top of the dock: which experiment this is, and the sliders that it brings along."""

from __future__ import annotations

from functools import partial

from PyQt6.QtCore import QSignalBlocker, pyqtSignal
from PyQt6.QtWidgets import QComboBox, QSizePolicy, QWidget

from lstmviz.core.experiment import Control
from lstmviz.core.run import Run
from lstmviz.gui.panels.edits import forget_bias_of, with_recipe
from lstmviz.gui.panels.fields import FIELD_HEIGHT, LabelledSlider, NoteLine
from lstmviz.gui.panels.section import Section
from lstmviz.io.experiments import is_changed_example

Examples = tuple[tuple[str, str], ...]
"""(name, title) of every example."""

CHANGED = "You have changed this example. These words are about the original."


class ExampleSection(Section):
    """The choice of an example, and what to look at in this one."""

    example_chosen = pyqtSignal(str)
    """The user wants the example of this name, also when it is the present one."""

    def __init__(self, examples: Examples, parent: QWidget | None = None) -> None:
        super().__init__("Experiment", "experiment", parent)
        self._examples = examples
        self.choice = QComboBox()
        self.choice.setObjectName("example_choice")
        self.choice.setAccessibleName("example experiment")
        self.choice.setToolTip("Choose an example. It replaces the experiment; undo brings yours back.")
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.choice.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # a title may be long
        self.choice.setFixedHeight(FIELD_HEIGHT)
        for _, title in examples:
            self.choice.addItem(title)
        self.look_for_line = NoteLine("look_for")
        self.changed_line = NoteLine("example_changed")
        for widget in (self.choice, self.look_for_line, self.changed_line):
            self.body.addWidget(widget)
        self.choice.activated.connect(self._chosen)

    def show_run(self, run: Run) -> None:
        """Show title and explanation; a title that no example has stands there all the same."""
        super().show_run(run)
        title = run.experiment.title
        with QSignalBlocker(self.choice):
            self.choice.setPlaceholderText(title)
            self.choice.setCurrentIndex(self.choice.findText(title))
        self.look_for_line.setText(run.experiment.look_for)
        self.changed_line.setText(CHANGED if is_changed_example(run.experiment) else "")

    def _chosen(self, index: int) -> None:
        self.example_chosen.emit(self._examples[index][0])


class ControlsSection(Section):
    """The sliders of the example. Dragging one is a single change, and everything follows while it moves."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Controls", "controls", parent)
        self._controls: tuple[Control, ...] = ()
        self._sliders: dict[str, LabelledSlider] = {}
        self.hide()

    def show_run(self, run: Run) -> None:
        """Show the sliders of the experiment at its values."""
        super().show_run(run)
        self.show_error(None)
        if run.experiment.controls != self._controls:
            self._build(run.experiment.controls)
        for field, slider in self._sliders.items():
            value = getattr(run.experiment.recipe, field)
            slider.show_value(forget_bias_of(run.network) if value is None else value)

    def _build(self, controls: tuple[Control, ...]) -> None:
        for slider in self._sliders.values():
            self.body.removeWidget(slider)
            slider.setParent(None)
            slider.deleteLater()
        self._controls, self._sliders = controls, {}
        for position, control in enumerate(controls, 1):
            tip = f"{control.label}: from {control.minimum:g} to {control.maximum:g}; any other number in the box."
            slider = LabelledSlider(f"control_{control.field}", control.label, control.minimum, control.maximum, tip)
            slider.value_changed.connect(partial(self._moved, control))
            self._sliders[control.field] = slider
            self.body.insertWidget(position, slider)  # below the heading
        self.setVisible(bool(controls))

    def _moved(self, control: Control, value: float) -> None:
        change = partial(with_recipe, **{control.field: value})  # type: ignore[arg-type]
        self._ask(f"change the {control.label}", change, control.field)
