"""The experiment dock: sections that edit the experiment through the session."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QApplication, QFrame, QScrollArea, QVBoxLayout, QWidget

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.core.run import Run
from lstmviz.gui.panels.edits import Change, Edited, edited
from lstmviz.gui.panels.example_section import ControlsSection, Examples, ExampleSection
from lstmviz.gui.panels.fields import FieldManners, finish_field, stylesheet
from lstmviz.gui.panels.network_form import NetworkSection
from lstmviz.gui.panels.objective_form import ObjectiveSection
from lstmviz.gui.panels.section import Section
from lstmviz.gui.panels.sequence_editor import SequenceSection
from lstmviz.gui.panels.text_field import TextField
from lstmviz.gui.session import Session
from lstmviz.gui.style import LIGHT, Theme
from lstmviz.gui.timers import single_shot
from lstmviz.io.experiments import is_changed_example

if TYPE_CHECKING:
    from lstmviz.gui.panels.weights_table import WeightsDialog

NARROWEST = 276

_EDITED_HERE = ("sequence", "recipe", "baseline", "objective")
"""The fields of an experiment that this panel edits."""


class ExperimentPanel(QWidget):
    """All sections in a column that scrolls. It alone talks to the session."""

    example_chosen = pyqtSignal(str)
    """The user wants the example of this name; the main window loads it."""

    def __init__(self, session: Session, examples: Examples, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("experiment_panel")
        self._session = session
        self._titles = dict(examples)
        self._theme = LIGHT
        self.setStyleSheet(stylesheet(LIGHT))  # before there is anything inside that would have to be dressed anew
        self._sections: list[Section] = []
        self._asked: list[_Request] = []  # for what no answer has come, the newest last
        self._standing: _Request | None = None
        self._may_retry = False
        self._weights: WeightsDialog | None = None
        self._manners = FieldManners(self)
        self._manners.undo_asked.connect(self.flush)
        self._retry_soon = single_shot(self, self._retry)
        self._settle_soon = single_shot(self, self._settle)
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
        if self._session.busy and self._asked and request.edited.experiment == self._asked[-1].edited.experiment:
            return
        self._asked.append(request)
        self._session.apply(name, request.edited.experiment, merge_key=merge_key)
        if request in self._asked and not self._session.busy:  # the experiment is this one already
            for each in self._answered():
                each.show_run(self._session.run)

    def _start(self, section: Section) -> Experiment:
        """What the next change of ``section`` starts from.

        That is what the session is wanted to hold, whoever asked for it. But while a sequence is typed, what did not
        fit half of it comes back as soon as it fits again.
        """
        wanted, latest = self._session.wanted, self._standing
        if self._session.busy:
            latest = self._asked[-1] if self._asked else None
        if latest and section is latest.section is self.sequence_section and latest.asks_for(wanted):
            return latest.edited.asked.with_annotations_of(wanted)
        return wanted

    def _run_changed(self, run: Run) -> None:
        asked, self._asked = self._asked, []
        self._standing = next((each for each in reversed(asked) if each.asks_for(run.experiment)), None)
        old, new = self.sequence_section.run, run.experiment.without_what_ifs()
        only_what_ifs = old is not None and new.has_numbers_of(old.experiment.without_what_ifs())
        # after undo it would take the place of what can be redone
        self._may_retry = self._standing is not None or (only_what_ifs and not self._session.redo_name)
        another = old is not None and old.experiment.title != new.title
        forgotten = (
            self._sections if another else [each.section for each in asked if not each.is_part_of(run.experiment)]
        )
        for section in forgotten:
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
        """Ask for what was typed a moment ago, without waiting for the pause, or for Enter."""
        finish_field(QApplication.focusWidget())
        for field in self.findChildren(TextField):
            field.flush()

    def _failed(self, error: LstmvizError, experiment: Experiment) -> None:
        failed = next((each for each in reversed(self._asked) if each.asks_for(experiment)), None)
        if failed is None:
            return  # somebody else's
        self._asked.remove(failed)
        if not self._session.busy:
            for section in self._answered():
                if section is not failed.section:
                    section.show_cancelled(self._session.run)
        failed.section.show_error(error)

    def _busy_changed(self, busy: bool) -> None:
        if not busy:
            self._settle_soon.start()

    def _settle(self) -> None:
        """After a cancelled analysis the fields say so."""
        if self._session.busy:
            return
        self.example_section.show_run(self._session.run)
        for section in self._answered():
            section.show_cancelled(self._session.run)

    def _answered(self) -> list[Section]:
        """The sections that have waited for an answer, once each; nobody waits any more."""
        asked, self._asked = self._asked, []
        return list(dict.fromkeys(each.section for each in asked))

    def _choose_example(self, name: str) -> None:
        self.example_chosen.emit(name)
        session = self._session
        if session.busy:
            return
        if is_changed_example(session.experiment) or session.experiment.title != self._titles[name]:
            self.example_section.show_run(session.run)  # the user would rather stay
            return
        self._asked, self._standing = [], None
        for section in self._sections:
            section.reset(session.run)

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


@dataclass(frozen=True, eq=False)
class _Request:
    """A change that a section has asked for."""

    section: Section
    edited: Edited

    def asks_for(self, experiment: Experiment) -> bool:
        """Whether this is what was asked for; breakpoints, watches and notes may have come since."""
        return self.edited.experiment.is_but_for_annotations(experiment)

    def is_part_of(self, experiment: Experiment) -> bool:
        """Whether all that this panel edits is as it was asked for, whatever others have changed."""
        mine = self.edited.experiment
        return replace(experiment, **{name: getattr(mine, name) for name in _EDITED_HERE}) == experiment
