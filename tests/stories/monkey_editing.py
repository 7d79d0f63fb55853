"""The monkey at the experiment: sequence, network, objective, weights, undo."""

from __future__ import annotations

from PyQt6.QtWidgets import (
    QPushButton,
)

from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.gui import session as session_module
from lstmviz.gui.panels.fields import LabelledSlider
from lstmviz.gui.panels.weights_table import WeightsDialog
from tests.stories.monkey_hands import Hands

MOST_UNITS, MOST_STEPS, MOST_LAYERS = 6, 30, 3
WORDS = ("a", "hello hello", "abab", "äöü 🙂", "aaaaaaaaaaaaaaaaaaaab", "if x:\n  y")
FORMULAS = ("sin(t/5)", "t % 3", "1", "exp(-t)", "t == 1", "sin(t", "nan", "1/(t-3)", "import os", "", "t**99")
WRONG_NUMBERS = ("", "1, two, 3", "1 2\n3", "nan", "1e999", ",,,", "0x10", "١")


class Editing(Hands):
    """Commands that change the experiment, and take it back."""

    def write_sequence(self) -> str:
        section = self.window.experiment_panel.sequence_section
        if self.likely(0.5):
            kinds = [self.person.find(QPushButton, f"sequence_{kind.value}") for kind in SequenceKind]
            self.random.choice([kind for kind in kinds if not kind.isHidden()]).click()
        editor = section.field.editor
        text = self.sequence_text()
        editor.selectAll()
        editor.insertPlainText(text)
        if self.likely(0.7):
            self.window.experiment_panel.flush()
        return repr(text)

    def sequence_text(self) -> str:
        if self.likely(0.25):
            return self.random.choice((*WORDS, *FORMULAS, *WRONG_NUMBERS))
        if self.person.find(QPushButton, "sequence_text").isChecked():
            return "".join(self.random.choice("abc d") for _ in range(self.whole(1, MOST_STEPS)))
        if self.person.find(QPushButton, "sequence_formula").isChecked():
            return self.random.choice(FORMULAS)
        width = self.random.choice((1, 1, 2, 3))
        rows = [", ".join(str(self.number()) for _ in range(width)) for _ in range(self.whole(1, MOST_STEPS))]
        return (", " if width == 1 else "\n").join(rows)

    def sequence_settings(self) -> str:
        section = self.window.experiment_panel.sequence_section
        if self.likely(0.5):
            section.length_box.setValue(self.whole(1, MOST_STEPS))
            return f"length {section.length_box.value()}"
        section.vocabulary_edit.setText(self.random.choice(("", "abcd ", "ab", "zyx")))
        section.field.touch()
        return f"vocabulary {section.vocabulary_edit.text()}"

    def network(self) -> str:
        section = self.window.experiment_panel.network_section
        fields = (
            section.cell, section.hidden_size, section.num_layers, section.seed, section.initialisation,
            section.nonlinearity, section.bidirectional, section.output_size, section.recurrent_scale,
            section.forget_bias, section.forget_bias_as_drawn, section.baseline_on, section.baseline_nonlinearity,
            section.baseline_size, section.draw_button, section.more_button,
        )  # fmt: skip
        field = self.random.choice(fields)
        if field is section.hidden_size:
            section.hidden_size.setValue(self.random.choice((0, 10**6, *range(1, MOST_UNITS + 1))))
            return f"hidden_size {section.hidden_size.value()}"
        if field is section.num_layers:
            section.num_layers.setValue(self.whole(1, MOST_LAYERS))
            return f"num_layers {section.num_layers.value()}"
        return self.put(field)

    def objective(self) -> str:
        section = self.window.experiment_panel.objective_section
        if self.likely(0.3):
            text = ", ".join(str(self.number()) for _ in range(self.random.choice((1, 1, 2, self.person.run.length))))
            section.target.editor.selectAll()
            section.target.editor.insertPlainText(text if self.likely(0.8) else self.random.choice(WRONG_NUMBERS))
            if self.likely(0.7):
                self.window.experiment_panel.flush()
            return f"target {text}"
        fields = (section.kind, section.where, section.next_input, section.unit, section.step)
        return self.put(self.random.choice(fields))

    def controls(self) -> str:
        sliders = self.window.experiment_panel.controls_section.findChildren(LabelledSlider)
        return self.put(self.random.choice(sliders)) if sliders else "no sliders"

    def weights(self) -> str:
        self.window.experiment_panel.show_weights()
        dialog = self.window.findChild(WeightsDialog)
        assert dialog is not None
        dialog.list.setCurrentRow(self.whole(0, dialog.list.count() - 1))
        model, table = dialog.model, dialog.model.table
        rows, columns = table.values.shape
        index = model.index(self.whole(0, rows - 1), self.whole(0, columns - 1))
        text = self.random.choice((str(self.number()), "nothing", "nan", "1,5", ""))
        if table.editable:
            model.setData(index, text)
        if self.likely(0.7):
            dialog.close()
            self.window.activateWindow()  # off-screen there is no window manager to do so
        return f"{table.name}[{index.row()}, {index.column()}] = {text}"

    # Undo, threads

    def undo_burst(self) -> str:
        """So far back, and forward again: the same experiment stands."""
        self.finish_typing()
        session, times = self.window.session, self.random.choice((1, 1, 2, 5, 20))
        before, undone = session.experiment, 0
        while undone < times and session.undo_name:
            session.undo()
            self.calm()
            undone += 1
        for _ in range(undone):
            session.redo()
            self.calm()
        assert session.experiment == before, f"{undone} undone and made again: not the same"
        return f"{undone}"

    def undo(self) -> str:
        action = self.window.undo_action if self.likely(0.6) else self.window.redo_action
        for _ in range(self.random.choice((1, 1, 1, 3, 10))):
            action.trigger()
        return action.text()

    def slow_machine(self) -> str:
        """From now on every analysis goes to a thread, or none."""
        seconds = self.random.choice((0.0, 0.1, 0.1))
        self.patch.setattr(session_module, "SYNCHRONOUS_SECONDS", seconds)
        return f"threads above {seconds} s"

    def cancel(self) -> str:
        busy = self.window.session.busy
        self.window.session.cancel()
        return "busy" if busy else "idle"
