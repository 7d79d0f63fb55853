"""The bug museum: a teacher switches on one classic mistake, and everybody sees what the gradient check says."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtGui import QAction, QActionGroup
from PyQt6.QtWidgets import QMenu, QWidget

from lstmviz.core.engine.bug_museum import Bug
from lstmviz.gui.session import Session


class BugMuseumMenu(QMenu):
    """One choice: no mistake, or one of the museum's. Undo takes it back like any other change."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("&Bug museum", parent)
        self.setObjectName("bug_museum")
        self.setToolTipsVisible(True)
        self._session = session
        self._choices = QActionGroup(self)
        self._add(None, "No mistake: the gradients are right", "Backpropagation through time as it should be.")
        for bug in Bug:
            self._add(bug, f"Mistake: {bug.value}", f"{bug.wrong} {bug.effect}")
        self._choices.triggered.connect(self._choose)
        # also when it opens: a choice that is refused changes nothing, and yet Qt has ticked it
        self.aboutToShow.connect(self._show_wanted)
        session.history_changed.connect(self._show_wanted)
        self._show_wanted()

    def _add(self, bug: Bug | None, words: str, explanation: str) -> None:
        choice = QAction(words, self._choices)
        choice.setObjectName(f"bug_{bug.name.lower()}" if bug else "no_bug")
        choice.setCheckable(True)
        choice.setData(bug)
        choice.setToolTip(explanation)
        self.addAction(choice)

    def _choose(self, choice: QAction) -> None:
        bug: Bug | None = choice.data()
        name = f"make the mistake: {bug.value}" if bug else "mend the backward pass"
        self._session.apply(name, replace(self._session.wanted, bug=bug))

    def _show_wanted(self) -> None:
        wanted = self._session.wanted
        for choice in self._choices.actions():
            bug: Bug | None = choice.data()
            choice.setChecked(bug is wanted.bug)
            choice.setEnabled(bug is None or wanted.recipe.cell in bug.cells)
