"""The experiment dock: sections that edit the experiment through the session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.core.run import Run
from lstmviz.gui.panels.edits import Change, Edited, edited
from lstmviz.gui.panels.example_section import ControlsSection, Examples, ExampleSection
from lstmviz.gui.panels.fields import FieldManners, stylesheet
from lstmviz.gui.panels.network_form import NetworkSection
from lstmviz.gui.panels.objective_form import ObjectiveSection
from lstmviz.gui.panels.section import Section
from lstmviz.gui.panels.sequence_editor import SequenceSection
from lstmviz.gui.panels.text_field import TextField
from lstmviz.gui.session import Session
from lstmviz.gui.style import LIGHT, Theme

if TYPE_CHECKING:
    from lstmviz.gui.panels.weights_table import WeightsDialog

NARROWEST = 276


class ExperimentPanel(QWidget):
    """All sections in a column that scrolls. It alone talks to the session."""

    example_chosen = pyqtSignal(str)
    """The user wants the example of this name; the main window loads it."""

    def __init__(self, session: Session, examples: Examples, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("experiment_panel")
        self._session = session
        self._theme = LIGHT
        self.setStyleSheet(stylesheet(LIGHT))  # before there is anything inside that would have to be dressed anew
        self._sections: list[Section] = []
        self._pending: _Request | None = None
        self._waiting: list[Section] = []
        self._standing: _Request | None = None
        self._may_retry = False
        self._weights: WeightsDialog | None = None
        self._manners = FieldManners(self)
        self._manners.undo_asked.connect(self.flush)
        self._retry_soon = self._timer(self._retry)
        self._settle_soon = self._timer(self._settle)
        self._setup_scrolling()
        self.example_section = ExampleSection(examples)
        self.controls_section = ControlsSection()
        self.sequence_section = SequenceSection()
        self.network_section = NetworkSection()
        self.objective_section = ObjectiveSection()
        for section in (
            self.example_section,
            self.controls_section,
            self.sequence_section,
            self.network_section,
            self.objective_section,
        ):
            self.add_section(section)
        self.example_section.example_chosen.connect(self._choose_example)
        self.network_section.weights_requested.connect(self.show_weights)
        session.run_changed.connect(self._run_changed)
        session.failed.connect(self._failed)
        session.busy_changed.connect(self._busy_changed)

    def add_section(self, section: Section) -> None:
        """Put another section below the others."""
        self._sections.append(section)
        self._column.insertWidget(self._column.count() - 1, section)
        section.edited.connect(self._apply)
        section.set_theme(self._theme)
        section.show_run(self._session.run)
        self._manners.watch(section)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        if theme == self._theme:
            return
        self._theme = theme
        self.setStyleSheet(stylesheet(theme))
        for section in self._sections:
            section.set_theme(theme)
        if self._weights:
            self._weights.set_theme(theme)

    def show_weights(self) -> None:
        """Open the table of all weights, or bring it to the front."""
        if self._weights is None:
            from lstmviz.gui.panels.weights_table import WeightsDialog

            self._weights = WeightsDialog(self._session, self)
            self._weights.set_theme(self._theme)
        self._weights.show()
        self._weights.raise_()
        self._weights.activateWindow()

    def _apply(self, name: str, change: Change, merge_key: str) -> None:
        """Make a change that a section asks for, with all that follows from it."""
        section = self.sender()
        assert isinstance(section, Section)
        request = _Request(section, edited(self._start(section), change))
        if self._session.busy and self._pending and request.edited.experiment == self._pending.edited.experiment:
            return
        self._pending = request
        self._waiting.append(section)
        self._session.apply(name, request.edited.experiment, merge_key=merge_key)
        if self._pending is request and not self._session.busy:  # the experiment is this one already
            self._pending = None
            for each in self._answered():
                each.show_run(self._session.run)

    def _start(self, section: Section) -> Experiment:
        """What the next change of ``section`` starts from.

        That is what the session is wanted to hold, whoever asked for it. But while a sequence is typed, what did not
        fit half of it comes back as soon as it fits again.
        """
        wanted = self._session.wanted
        latest = self._pending if self._session.busy else self._standing
        is_typing = latest is not None and section is latest.section is self.sequence_section
        return latest.edited.asked if latest and is_typing and latest.edited.experiment is wanted else wanted

    def _run_changed(self, run: Run) -> None:
        pending, self._pending = self._pending, None
        self._standing = pending if pending and pending.edited.experiment is run.experiment else None
        waiting, old, new = self._answered(), self.sequence_section.run, run.experiment.without_what_ifs()
        only_what_ifs = old is not None and new.has_numbers_of(old.experiment.without_what_ifs())
        # after undo it would take the place of what can be redone
        self._may_retry = self._standing is not None or (only_what_ifs and not self._session.redo_name)
        if self._standing is None:  # undo, or somebody else, took the place of what was asked for
            for section in waiting:
                section.reset(run)
        for section in self._sections:
            mine = self._standing is not None and section is self._standing.section
            section.show_notes(self._standing.edited.notes if self._standing and mine else ())
            section.show_run(run)
        self._manners.watch(self.controls_section)  # its sliders may be new
        self._retry_soon.start()

    def _retry(self) -> None:
        """What was refused may fit, now that the user has changed something else, a what-if too.

        Not in place of what has been asked for since, an undo perhaps: its run brings the next chance.
        """
        if self._may_retry and not self._session.busy:
            for section in self._sections:
                section.retry()

    def flush(self) -> None:
        """Ask for what was typed a moment ago, without waiting for the pause."""
        for field in self.findChildren(TextField):
            field.flush()

    def _failed(self, error: LstmvizError) -> None:
        if self._pending is not None:
            section, self._pending = self._pending.section, None
            for other in self._answered():
                if other is not section:
                    other.show_cancelled(self._session.run)
            section.show_error(error)

    def _busy_changed(self, busy: bool) -> None:
        if not busy:
            self._settle_soon.start()

    def _settle(self) -> None:
        """After a cancelled analysis the fields say so."""
        if self._pending is None or self._session.busy:
            return
        self._pending = None
        for section in self._answered():
            section.show_cancelled(self._session.run)

    def _answered(self) -> list[Section]:
        """The sections that have waited for an answer, once each; nobody waits any more."""
        waiting, self._waiting = list(dict.fromkeys(self._waiting)), []
        return waiting

    def _choose_example(self, name: str) -> None:
        self._pending = self._standing = None
        for section in self._sections:
            section.reset(self._session.run)
        self.example_chosen.emit(name)

    def _timer(self, slot: Callable[[], None]) -> QTimer:
        """A timer that calls ``slot`` when the present signal has reached everybody."""
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(slot)
        return timer

    def _setup_scrolling(self) -> None:
        content = QWidget()
        self._column = QVBoxLayout(content)
        self._column.setContentsMargins(12, 12, 12, 12)
        self._column.setSpacing(18)
        self._column.addStretch()
        self._scroll = QScrollArea()
        self._scroll.setObjectName("experiment_scroll")
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._scroll)
        self.setMinimumWidth(NARROWEST)


@dataclass(frozen=True)
class _Request:
    """A change that a section has asked for."""

    section: Section
    edited: Edited
