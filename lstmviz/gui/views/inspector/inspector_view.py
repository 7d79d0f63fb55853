"""Why a number is what it is: of the stage under the cursor, or of any value that is asked about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from lstmviz.core.analysis.class_names import has_classes
from lstmviz.core.cursor import Cursor
from lstmviz.core.explanations.explain import explain_stage, explain_value
from lstmviz.core.explanations.explanation import Explanation
from lstmviz.core.explanations.narration import STAGE_TITLES, stage_sentence
from lstmviz.core.explanations.value_places import cursor_at
from lstmviz.core.explanations.value_words import meaning_of, symbols_at_stage, symbols_of_value, value_in_words
from lstmviz.core.run import Run
from lstmviz.core.value_reference import ValueReference, is_there, name_of, value_of
from lstmviz.gui.shortcuts import shortcut, tooltip
from lstmviz.gui.style import Theme
from lstmviz.gui.views.inspector.content import Card, Content
from lstmviz.gui.views.inspector.output_strip import OutputStrip
from lstmviz.gui.views.inspector.page import ExplanationPage, PageArea
from lstmviz.gui.views.inspector.visits import Visits
from lstmviz.gui.views.view import Hovered, View

FEW, MANY = 8, 400
"""How many terms are named: at first, and when all are asked for."""

_TRAIL = 4


class InspectorView(View):
    """Explains what the cursor's stage computed for the pinned unit; when a value was asked about, that value.

    An asked value stays while the cursor moves in time: f[3] of unit 2 becomes f[4] of unit 2. Links lead to the
    values that it was made of, and take the cursor there.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspector")
        self.setMinimumWidth(250)
        self._visits = Visits()
        self._most = FEW
        self._seen_from = 0
        """The cursor's step for which the asked value was chosen."""
        self._gone = ""
        """A sentence about what was asked about and is not there any more, until one looks elsewhere."""
        self.page = ExplanationPage()
        self.area = PageArea(self.page, self)
        self.output = OutputStrip(self)
        self.output.followed.connect(self.ask)
        self.output.pointed_at.connect(self._point_at)
        self.page.followed.connect(self.ask)
        self.page.more_asked.connect(self._show_all_terms)
        self.page.pointed_at.connect(self._point_at)
        self.back_action = self._action("Back", "←", tooltip("asked_before"), self.back)
        self.forward_action = self._action("Forward", "→", tooltip("asked_after"), self.forward)
        for action, name in ((self.back_action, "asked_before"), (self.forward_action, "asked_after")):
            action.setShortcuts([QKeySequence(key) for key in shortcut(name).keys])
        self.follow_action = self._action(
            "Follow the step", "", "Explain what each stage computes, as the cursor moves", self.follow
        )
        self._layout()
        self._show_actions()

    def _action(self, name: str, symbol: str, tip: str, triggered: Callable[[], None]) -> QAction:
        action = QAction(name, self)
        action.setObjectName(f"inspector_{name.split()[0].lower()}")
        action.setIconText(symbol or name)
        action.setToolTip(tip)
        action.triggered.connect(triggered)
        self.addAction(action)
        return action

    def _layout(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(10, 6, 10, 0)
        bar.setSpacing(4)
        for action in (self.back_action, self.forward_action, self.follow_action):
            button = QToolButton(self)
            button.setDefaultAction(action)
            button.setObjectName(f"{action.objectName()}_button")
            button.setAccessibleName(action.text())
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setAutoRaise(action is not self.follow_action)
            if action is self.follow_action:
                bar.addStretch(1)
            bar.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.area, 1)
        column.addWidget(self.output)

    def sizeHint(self) -> QSize:
        return QSize(285, 420)

    @property
    def asked(self) -> ValueReference | None:
        """The value that is explained; None while the cursor's stage is."""
        return self._visits.current

    @property
    def cards(self) -> tuple[Card, ...]:
        """The values that are explained, one below the other."""
        return self.page.content.cards

    # What is looked at

    def ask(self, ref: ValueReference, *, travel: bool = True) -> None:
        """Explain a value and, with ``travel``, take the cursor to it; one that the run does not have is ignored."""
        if self.run is not None and is_there(self.run, ref):
            self._visits.visit(ref)
            self._look(travel=travel)

    def follow(self) -> None:
        """Explain the cursor's stage again."""
        self._visits.visit(None)
        self._look()

    def back(self) -> None:
        """To what was looked at before."""
        self._visits.move(-1)
        self._look()

    def forward(self) -> None:
        """To what one went back from."""
        self._visits.move(1)
        self._look()

    def _look(self, *, travel: bool = True) -> None:
        """Show the current visit and, with ``travel``, take the cursor there."""
        if self.run is None or self.cursor_at is None:
            return
        self._most, self._gone = FEW, ""
        ref = self._visits.current
        if ref is not None and not is_there(self.run, ref):
            self._gone = _gone_in_words(ref)
            ref = None
            self._visits.replace(None)
        there = cursor_at(self.run, ref, self.cursor_at) if ref and travel else self.cursor_at
        self._seen_from = there.t
        self._show_actions()
        if there != self.cursor_at:
            # who moves the cursor shows it here too; alone the page says at least what was asked
            self.cursor_at = there
            self.cursor_requested.emit(there)
        self.area.turn_page()
        self._explain()

    def _show_all_terms(self) -> None:
        self._most = MANY
        self._explain()

    # As every view

    def show_run(self, run: Run, cursor: Cursor) -> None:
        """Explain the cursor's place in another run."""
        asked, before = self.asked, self.run
        super().show_run(run, cursor)
        self._keep_up(cursor)
        self._gone = ""
        if asked is not None and self.asked is not None and not is_there(run, self.asked):
            self._gone = _gone_in_words(asked, before)
            self._visits.forget()
        self._show_actions()
        self.page.turn()
        self._explain()

    def show_cursor(self, cursor: Cursor) -> None:
        """Explain another place."""
        if cursor != self.cursor_at:
            self._gone = ""
        self.cursor_at = cursor
        self._keep_up(cursor)
        self._explain()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        super().set_theme(theme)
        self.output.set_theme(theme)
        self._explain()

    def summary(self) -> str:
        """The explanations as one text."""
        said = [f"{card.formula} {card.numbers} {card.result}.".replace("  ", " ") for card in self.cards]
        return " ".join(each for each in (*said, self.output.summary()) if each)

    def _keep_up(self, cursor: Cursor) -> None:
        """The asked value goes along in time."""
        ref = self.asked
        if ref is not None and cursor.t != self._seen_from:
            self._seen_from = cursor.t
            self._visits.replace(replace(ref, t=cursor.t))

    # Drawing

    def _explain(self) -> None:
        if self.run is None or self.cursor_at is None:
            return
        ref = self.asked
        content = self._content_of(self.run, ref) if ref else self._content_at(self.run, self.cursor_at)
        self.page.show_content(content, self.theme)
        self.output.show_place(self.run, self.cursor_at, self.theme)

    def _content_at(self, run: Run, cursor: Cursor) -> Content:
        cards = tuple(
            Card(found, _before(run, found), pinnable=True) for found in explain_stage(run, cursor, self._most)
        )
        note = symbols_at_stage(run, cursor)
        return Content(self._gone, STAGE_TITLES[cursor.stage], stage_sentence(run, cursor), cards, note)

    def _content_of(self, run: Run, ref: ValueReference) -> Content:
        found = explain_value(run, ref, self._most)
        trail = " › ".join(visit.name if visit else "step" for visit in self._visits.trail[-_TRAIL:-1])
        words = self._class_in_words(run, ref) or meaning_of(ref)
        return Content(
            trail=f"{trail} ›" if trail else "",
            title=name_of(ref, run),
            sentence=words[0].upper() + words[1:] + ".",
            cards=(Card(found, _before(run, found)),),
            note=symbols_of_value(run, ref),
        )

    def _class_in_words(self, run: Run, ref: ValueReference) -> str:
        if not has_classes(run):
            return ""
        from lstmviz.gui.views.inspector.output_words import class_in_words

        return class_in_words(run, ref)

    def _show_actions(self) -> None:
        self.back_action.setEnabled(self._visits.can_go_back)
        self.forward_action.setEnabled(self._visits.can_go_forward)
        self.follow_action.setEnabled(self.asked is not None)

    def _point_at(self, ref: ValueReference | None) -> None:
        """The status line says where a link leads; the other views show the place."""
        if ref is None or self.run is None or not is_there(self.run, ref):
            self.hovered.emit("")
            self.place_hovered.emit(None)
            return
        self.hovered.emit(f"{value_in_words(self.run, ref)}. Click: why is it that?")
        if 1 <= ref.t <= self.run.length:
            is_unit = ref.kind_of_unit == "unit" and not ref.is_length and not ref.baseline
            unit = ref.unit if is_unit else None
            self.place_hovered.emit(Hovered(ref.t, unit))


def _gone_in_words(ref: ValueReference, run: Run | None = None) -> str:
    """``run`` is the one that had the value."""
    return f"{name_of(ref, run)} was asked about; this run has no such value."


def _before(run: Run, found: Explanation) -> str:
    """What the value was before the what-ifs, where it is the same step still."""
    before, ref = run.before, found.reference
    if before is None or ref is None or before.length != run.length or not is_there(before, ref):
        return ""
    value = value_of(before, ref)
    return "the same before the what-ifs" if value == found.value else f"before the what-ifs: {found.written(value)}"
