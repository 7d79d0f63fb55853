"""The monkey at the debugger: what-ifs, breakpoints, watches, notes, health, bugs."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QAbstractButton,
    QWidget,
)

from lstmviz.core.experiments.what_if import (
    Change,
    Clamp,
    DeleteStep,
    InsertStep,
    MemoryBlocks,
    Peepholes,
    ScaleWeight,
    SetInput,
    SetWeight,
    Silence,
    SwapSteps,
    UseVariant,
    Variant,
    WhatIf,
)
from lstmviz.gui.panels.debugger.breakpoints_panel import BreakpointsPanel
from lstmviz.gui.panels.debugger.condition_field import ConditionField
from lstmviz.gui.panels.debugger.health_panel import HealthPanel
from lstmviz.gui.panels.debugger.notes_panel import NotesPanel
from lstmviz.gui.panels.debugger.watches_panel import WatchesPanel
from lstmviz.gui.panels.debugger.what_if_panel import WhatIfPanel
from tests.stories.monkey_hands import Hands

CONDITIONS = (
    "f[2] < 0.1", "any(abs(c) > 3)", "norm(dh) < 1e-6", "c[0] * prev(c[0]) < 0", "not finite(c)", "t % 2 == 0",
    "any(h > 0)", "l1.f[0] > 0.5", "rnn.h[0] > 0", "token == \"a\"", "loss > 0", "t > 3", "norm(rnn.dh) < 1",
    "f[99] < 1", "any(", "f", "open(0)", "h[0] and", "", "x[0] > 0 and not any(o < 0.5)", "9**9**9 > t",
)  # fmt: skip
WATCHES = (
    "norm(c)", "f[0]", "c", "loss", "t", "max(abs(dh))", "h[0] - prev(h[0])", "rnn.h", "l1.c[0]", "token", "y[0]",
    "c[7]", "norm(", "import os", "", "any(f < 0.1)", "1/0", "dc[0]",
)  # fmt: skip


class Debugging(Hands):
    """Commands of the debugger's dock."""

    # What-ifs

    @property
    def what_ifs(self) -> WhatIfPanel:
        panel = self.window.debugger.panel.open("what_if")
        assert isinstance(panel, WhatIfPanel)
        return panel

    def what_if(self) -> str:
        form = self.what_ifs.form
        if self.likely(0.8):
            self.choose(form.kind_box)
        for question in form.kind.questions:
            if self.likely(0.6):
                self.put(form.box(question.name))
        words = str(form.change)
        self.what_ifs.add_button.click()
        return words

    def wild_what_if(self) -> str:
        """One that the form might not let through: half of them do not fit."""
        what_if = WhatIf(self.change(), self.likely(0.9))
        session = self.window.session
        session.apply(what_if.in_words(), replace(session.wanted, what_ifs=(*session.wanted.what_ifs, what_if)))
        return str(what_if)

    def change(self) -> Change:
        layer = self.random.choice((None, self.layer()))
        name = self.random.choice(("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "head.weight", "weight_hh_l7"))
        many = self.random.choice((self.number(), tuple(self.number() for _ in range(self.whole(0, 4)))))
        return self.random.choice((
            lambda: Clamp(self.random.choice("ifgoch?"), self.layer(), self.random.choice((None, self.unit())),
                          self.step(), self.step(), self.number()),
            lambda: Silence(self.layer(), self.unit()),
            lambda: SetInput(self.step(), self.whole(0, 2), self.number()),
            lambda: SwapSteps(self.step(), self.step()),
            lambda: InsertStep(self.step(), tuple(self.number() for _ in range(self.whole(0, 3)))),
            lambda: DeleteStep(self.step()),
            lambda: SetWeight(name, tuple(self.whole(-1, 4) for _ in range(self.whole(0, 3))), self.number()),
            lambda: ScaleWeight(name, self.number(), self.random.choice((None, "f", "h"))),
            lambda: UseVariant(self.random.choice([*Variant]), layer),
            lambda: Peepholes(many, self.number(), many, layer),
            lambda: MemoryBlocks(self.whole(-1, 7), layer),
        ))()  # fmt: skip

    def edit_what_ifs(self) -> str:
        rows = self.what_ifs.list
        if not rows.count():
            return "no what-ifs"
        row = self.whole(0, rows.count() - 1)
        rows.setCurrentRow(row)
        if self.likely(0.5) and rows.count() < 5:
            item = rows.item(row)
            assert item is not None
            checked = item.checkState() is Qt.CheckState.Checked
            item.setCheckState(Qt.CheckState.Unchecked if checked else Qt.CheckState.Checked)
            return f"toggle {row}"
        self.what_ifs.delete_button.click()
        return f"delete {row}"

    # Breakpoints, watches, notes, health

    def breakpoint(self) -> str:
        panel = self.window.debugger.panel.open("breakpoints")
        assert isinstance(panel, BreakpointsPanel)
        rows = panel.model.rowCount()
        if rows and self.likely(0.5 if rows < 5 else 0.9):
            row = self.whole(0, rows - 1)
            panel.table.selectRow(row)
            return self.edit_row(panel, row)
        if self.likely(0.2):
            panel.ready_made_menu.aboutToShow.emit()
            action = self.random.choice(panel.ready_made_menu.actions())
            action.trigger()
            return action.text()
        return self.type_condition(panel.field, CONDITIONS)

    def edit_row(self, panel: BreakpointsPanel, row: int) -> str:
        what = self.random.choice(("enable", "log", "delete", "delete"))
        if what == "delete":
            panel.delete.click()
        else:
            model = panel.model
            index = model.index(row, 0 if what == "enable" else 2)
            ticked = index.data(Qt.ItemDataRole.CheckStateRole) in (Qt.CheckState.Checked, 2)
            state = Qt.CheckState.Unchecked if ticked else Qt.CheckState.Checked
            model.setData(index, state.value, Qt.ItemDataRole.CheckStateRole)
        return f"{what} {row}"

    def type_condition(self, field: ConditionField, texts: tuple[str, ...]) -> str:
        text = self.random.choice(texts)
        field.edit.selectAll()
        field.edit.insertPlainText(text)
        if self.likely(0.9):
            field.button.click()
        return repr(text)

    def run_to_breakpoint(self) -> str:
        self.window.debugger.run_back() if self.likely(0.5) else self.window.debugger.run_on()
        return ""

    def watch(self) -> str:
        panel = self.window.debugger.panel.open("watches")
        assert isinstance(panel, WatchesPanel)
        rows = panel.model.rowCount()
        if not rows or self.likely(0.5 if rows < 5 else 0.1):
            return self.type_condition(panel.field, WATCHES)
        row = self.whole(0, rows - 1)
        panel.table.selectRow(row)
        if self.likely(0.5):
            panel.delete.click()
            return f"delete {row}"
        panel.model.track_chosen.emit(row, self.likely(0.6))
        return f"track {row}"

    def note(self) -> str:
        panel = self.window.debugger.panel.open("notes")
        assert isinstance(panel, NotesPanel)
        panel.text.insertPlainText(self.random.choice(("seen", "\n", "🙂", "x" * 40)))
        if self.likely(0.2):
            panel.text.clear()
        if self.likely(0.5):
            panel.flush()
        return f"{len(panel.text.toPlainText())} characters"

    def health(self) -> str:
        panel = self.window.debugger.panel.open("health")
        assert isinstance(panel, HealthPanel)
        if panel.list.count():
            item = panel.list.item(self.whole(0, panel.list.count() - 1))
            panel.list.itemClicked.emit(item)
        return panel.summary_line.text()

    def fold(self) -> str:
        name = self.random.choice(("what_if", "breakpoints", "watches", "health", "notes"))
        self.person.find(QAbstractButton, f"{name}_header").click()
        return name

    def bug(self) -> str:
        menu = self.person.find(QWidget, "bug_museum")
        action = self.random.choice(menu.actions())
        action.trigger()
        return action.text()
