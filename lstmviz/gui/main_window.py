"""The main window: the only place that wires views and panels to the session."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QGuiApplication
from PyQt6.QtWidgets import (
    QApplication,
    QCheckBox,
    QDialog,
    QMainWindow,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from lstmviz.core.cursor import Cursor
from lstmviz.core.experiment import Experiment
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.run import Run
from lstmviz.core.value_reference import ValueReference
from lstmviz.gui.comparison import Comparison
from lstmviz.gui.debugger import Debugger, marks_and_tracks
from lstmviz.gui.files.recovery import recovery_folder
from lstmviz.gui.files.window_files import WindowFiles
from lstmviz.gui.gradient_checker import GradientChecker
from lstmviz.gui.panels.bug_museum_menu import BugMuseumMenu
from lstmviz.gui.panels.debugger.debugger_panel import Themed
from lstmviz.gui.panels.examples_menu import ExamplesMenu
from lstmviz.gui.panels.experiment_panel import ExperimentPanel
from lstmviz.gui.panels.help_menu import HelpMenu
from lstmviz.gui.panels.history_actions import HistoryActions
from lstmviz.gui.panels.message_strip import MessageStrip
from lstmviz.gui.panels.transport import Transport
from lstmviz.gui.panels.view_menu import ViewMenu
from lstmviz.gui.pictures.desk import Desk
from lstmviz.gui.pictures.picture_actions import PictureActions
from lstmviz.gui.player import Player
from lstmviz.gui.process.application import apply_theme, theme_for
from lstmviz.gui.session import Session
from lstmviz.gui.settings import Settings, SettingsStore, layout_of, restore_layout
from lstmviz.gui.shortcuts import KeyboardGuard, create_action
from lstmviz.gui.style import Theme, ThemeName, window_style_sheet
from lstmviz.gui.views.cell.cell_view import CellView
from lstmviz.gui.views.inspector import InspectorView
from lstmviz.gui.views.time_axis import TimeRange, paged_range, whole
from lstmviz.gui.views.timeline.timeline_view import TimelineView
from lstmviz.gui.views.training_view import TrainingView
from lstmviz.gui.views.view import Hovered, View
from lstmviz.gui.window.docks import Docks
from lstmviz.gui.window.menus import fill_menu_bar
from lstmviz.gui.window.status_line import StatusLine
from lstmviz.gui.window.view_tabs import ViewTabs
from lstmviz.gui.window.window_tabs import WINDOW_TABS
from lstmviz.io.experiments import Example, example_titles

SIZE = QSize(1440, 900)
"""The window's size at its first start, made smaller where the screen is."""

SMALLEST = QSize(1024, 620)
"""Below this the toolbar and the docks leave no room for the views."""


class MainWindow(QMainWindow):
    """One experiment in one window. With ``store`` None nothing is remembered, as when a picture is drawn."""

    warm = pyqtSignal()
    """``warm_up`` has nothing left to do."""

    def __init__(self, example: Example, settings: Settings, store: SettingsStore | None = None) -> None:
        super().__init__()
        self._store = store
        self._settings = settings
        self._length = 0
        self._time_range: TimeRange = (0.0, 0.0)
        self.theme: Theme = theme_for(settings.theme)
        self._dress()  # before there is anything inside that would have to be dressed anew
        self.session = Session(example.experiment, example.cursor, self)
        self.player = Player(self.session, self)
        self.player.speed, self.player.loop = settings.speed, settings.loop
        self.player.reduce_motion = settings.reduce_motion
        self.checker = GradientChecker(self.session, self)
        self.files = WindowFiles(self, self.session, settings.recent, recovery_folder())
        self.comparison = Comparison(self.session, self)
        self.status = StatusLine()
        self.setStatusBar(self.status)
        self._setup_views()
        self._setup_docks()
        docked = self.timeline_view, self.inspector_view
        desk = Desk(self.session, self.checker, self.tabs, *docked, lambda: self._settings.theme, self.set_theme)
        self.pictures = PictureActions(self, self.session, desk)
        self._setup_toolbar()
        self._setup_menus()
        self._wire()
        self._hand_theme_on()
        self.beside.setChecked(settings.rnn_beside)
        self._show_run(self.session.run)
        self.setMinimumSize(SMALLEST)
        self.resize(SIZE)
        if store:
            restore_layout(self, settings)
        # a text field would have the focus otherwise, and keep it: Space would type instead of playing
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setFocus()
        # a right click would offer to hide the toolbar, which no menu brings back
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)

    @property
    def views(self) -> tuple[View, ...]:
        """Every view that there is so far; that of a tab which has never been opened is not."""
        return (*self.tabs.made, self.timeline_view, self.inspector_view)

    def view(self, name: str) -> View:
        """The view called ``name``: of a tab, or timeline or inspector."""
        docked: dict[str, View] = {"timeline": self.timeline_view, "inspector": self.inspector_view}
        return docked[name] if name in docked else self.tabs.view(name)

    # Set-up

    def _setup_views(self) -> None:
        self.tabs = ViewTabs(WINDOW_TABS)
        self.tabs.view_made.connect(self._adopt)
        self.tabs.view_made.connect(self.files.tie_training)
        cell_view = self.tabs.view("cell")
        assert isinstance(cell_view, CellView)
        self.cell_view = cell_view
        self.beside = QCheckBox("show the RNN’s cell")
        self.beside.setObjectName("rnn_beside")
        self.beside.setToolTip("Draw the vanilla RNN cell at the same step beside the LSTM cell")
        self.tabs.setCornerWidget(self.beside)
        self.messages = MessageStrip(self.session)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.messages)
        column.addWidget(self.tabs, 1)
        self.setCentralWidget(centre)

    def _setup_docks(self) -> None:
        self.docks = Docks(self)
        self.experiment_panel = ExperimentPanel(self.session, example_titles(), self.docks["experiment"])
        self.inspector_view = InspectorView(self.docks["inspector"])
        self.timeline_view = TimelineView(self.docks["timeline"])
        self.debugger = Debugger(self.session, self.docks["debugger"])
        widgets: dict[str, QWidget] = {
            "experiment": self.experiment_panel,
            "inspector": self.inspector_view,
            "debugger": self.debugger.panel,
            "timeline": self.timeline_view,
        }
        for name, widget in widgets.items():
            self.docks.fill(name, widget)
        self.docks.reset()

    def _setup_toolbar(self) -> None:
        bar = QToolBar("Transport")
        bar.setObjectName("transport_bar")
        bar.setMovable(False)
        self.transport = Transport(self.session, self.player)
        bar.addWidget(self.transport)
        self.addToolBar(bar)
        self.addActions(self.transport.actions())
        self._keyboard_guard = KeyboardGuard(self)

    def _setup_menus(self) -> None:
        history = HistoryActions(self.session, self)
        self.undo_action, self.redo_action = history.undo, history.redo
        examples = ExamplesMenu(example_titles(), self)
        examples.example_chosen.connect(self.open_example)
        view_menu = ViewMenu(self.docks.all, self._settings.theme, self.player.reduce_motion, self)
        view_menu.theme_chosen.connect(self.set_theme)
        view_menu.motion_reduced.connect(partial(setattr, self.player, "reduce_motion"))
        view_menu.layout_reset.connect(self.docks.reset)
        fill_menu_bar(
            self,
            {
                "&File": (
                    *self.files.items, *self.pictures.file_actions, None, examples, None,
                    create_action("quit", self, self.close),
                ),
                "&Edit": (self.undo_action, self.redo_action, None, *self.pictures.edit_actions),
                "&Run": self.transport.actions(),
                "&Debug": (
                    *self.debugger.running_actions, None, *self.debugger.memory_actions, None,
                    *self.comparison.actions, None, BugMuseumMenu(self.session, self),
                ),
            },
            view_menu,
            HelpMenu(self),
        )  # fmt: skip

    def warm_up(self) -> None:
        """Make one more view ahead of time, while nobody waits for it."""
        if not self.tabs.make_one():
            self.warm.emit()

    # Wiring

    def _wire(self) -> None:
        self.session.run_changed.connect(self._show_run)
        self.session.cursor_changed.connect(self._show_cursor)
        self.session.annotations_changed.connect(self._show_annotations)
        for work in (self.files, self.pictures, self.comparison):
            work.failed.connect(self.messages.show_error)
        self.files.actions.typed_wanted.connect(self._finish_typing)
        self.files.actions.worked.connect(self.messages.dismiss_error)
        self.files.sequence_dropped.connect(self.experiment_panel.sequence_section.open_file)
        self.files.document.recent_changed.connect(self._remember_recent)
        self.debugger.said.connect(self.status.say)
        self.debugger.wanted.connect(partial(self.docks.show, "debugger"))
        self.debugger.ran.connect(self.player.pause)
        self.comparison.chosen.connect(self._compare)
        self.pictures.said.connect(self.status.say)
        self.files.models.typed_wanted.connect(self.player.pause)
        self.player.frame.connect(self.cell_view.show_fraction)
        self.checker.checked.connect(self.status.badge.show_check)
        self.beside.toggled.connect(self.cell_view.show_rnn)
        self.tabs.currentChanged.connect(self._catch_up)
        self.experiment_panel.example_chosen.connect(self.open_example)
        for view in (self.timeline_view, self.inspector_view):
            self._adopt(view)
        hints = QGuiApplication.styleHints()
        assert hints is not None
        hints.colorSchemeChanged.connect(self._follow_system)

    def _adopt(self, view: View) -> None:
        """Wire a view that is new."""
        view.cursor_requested.connect(self.session.seek)
        view.value_asked.connect(self._ask)
        view.comparison_dismissed.connect(self.comparison.drop)
        view.hovered.connect(self.status.say)
        view.place_hovered.connect(self._show_hovered_elsewhere)
        view.time_range_requested.connect(self._show_time_range)
        self.checker.checked.connect(view.show_check)
        view.set_theme(self.theme)
        if isinstance(view, TrainingView):
            view.experiment_chosen.connect(self._open_moment)
            view.recall(self._settings.training)
        view.show_check(self.checker.result)

    def _show_run(self, run: Run) -> None:
        self.beside.setEnabled(run.baseline is not None and run.network.cell is Cell.LSTM)
        self.status.show_run(run)
        self._catch_up()
        self._show_annotations(run)
        if run.length != self._length:
            self._length = run.length
            self._show_time_range(*whole(run.length))
        self._show_sentence()

    def _show_annotations(self, run: Run) -> None:
        """Draw breakpoints and watches on the timeline."""
        marks, tracks = marks_and_tracks(run)
        self.timeline_view.show_marks(marks)
        self.timeline_view.show_tracks(tracks)

    def _show_cursor(self, cursor: Cursor) -> None:
        self._keep_in_sight(cursor.t)
        for view in self._views_on_show():
            view.show_cursor(cursor)
        self._show_sentence()

    def _catch_up(self, *_: object) -> None:
        """Bring the views on show up to date; the others follow when their tab is opened."""
        run, cursor = self.session.run, self.session.cursor
        self.beside.setVisible(self.tabs.currentWidget() is self.cell_view)
        for view in self._views_on_show():
            if view.run is None or not run.has_numbers_of(view.run):
                view.show_run(run, cursor)
            elif view.cursor_at != cursor:
                view.show_cursor(cursor)
            view.show_time_range(*self._time_range)

    def _views_on_show(self) -> tuple[View, ...]:
        """The view of the open tab, and those in the docks."""
        docked: tuple[View, ...] = (self.timeline_view, self.inspector_view)
        return (self.tabs.current, *docked) if self.tabs.current else docked

    def _show_time_range(self, first: float, last: float) -> None:
        self._time_range = (first, last)
        for view in self._views_on_show():
            view.show_time_range(first, last)

    def _keep_in_sight(self, t: int) -> None:
        """Turn the page when the cursor leaves the time that is shown."""
        shown = paged_range(self._time_range, t, self._length)
        if shown != self._time_range:
            self._show_time_range(*shown)

    def _show_sentence(self) -> None:
        self.status.show_cursor(self.session.run, self.session.cursor)
        if self.tabs.current:
            self.tabs.current.setAccessibleDescription(self.tabs.current.summary())

    def _ask(self, value: ValueReference) -> None:
        """Explain a value that was clicked; the cursor is where that view wants it."""
        self.inspector_view.ask(value, travel=False)
        self.docks.show("inspector")

    def _compare(self, run: Run | None, name: str) -> None:
        """Compare with another run in the tab Diff."""
        from lstmviz.gui.views.diff.diff_view import DiffView

        diff_view = self.tabs.view("diff")
        assert isinstance(diff_view, DiffView)
        diff_view.show_other(run, name)
        if run is not None:
            self.status.say(f"The tab Diff compares with {name} from now on.")

    def _open_moment(
        self, name: str, experiment: Experiment, cursor: Cursor | None, merge_key: str, reveal: bool
    ) -> None:
        """Show a moment of a training in every view; undo brings back what was there."""
        self.session.apply(name, experiment, merge_key=merge_key, cursor=cursor)
        if reveal:
            self.tabs.setCurrentWidget(self.cell_view)

    def _show_hovered_elsewhere(self, place: Hovered | None) -> None:
        for view in self._views_on_show():
            if view is not self.sender():
                view.show_hovered(place)

    # What the user does

    def open_example(self, name: str) -> None:
        """Put an example in place of the experiment; undo brings the experiment back."""
        self.player.pause()
        self._settings = replace(self._settings, last_example=name)
        self.files.actions.open_example(name)

    def set_theme(self, name: ThemeName) -> None:
        """Use a theme in the whole window."""
        self._settings = replace(self._settings, theme=name)
        self.theme = theme_for(name)
        self._dress()
        self._hand_theme_on()

    def _dress(self) -> None:
        """The colours of the application and of the window's own parts."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_theme(app, self.theme)
        self.setStyleSheet(window_style_sheet(self.theme))

    def _hand_theme_on(self) -> None:
        parts = (self.docks, self.transport, self.messages, self.status, self.debugger, self.files.models)
        themed: tuple[Themed, ...] = (*self.views, *parts, self.experiment_panel)
        for part in themed:
            part.set_theme(self.theme)

    def _follow_system(self) -> None:
        if self._settings.theme is ThemeName.AUTO:
            self.set_theme(ThemeName.AUTO)

    def _remember_recent(self, recent: tuple[str, ...]) -> None:
        self._settings = replace(self._settings, recent=recent)
        if self._store:
            self._store.save(self._settings)

    def _finish_typing(self) -> None:
        """What has been typed a moment ago becomes part of the experiment now."""
        self.debugger.flush()
        self.experiment_panel.flush()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        self.player.pause()
        self._finish_typing()
        if self._store and not self.files.actions.may_leave():
            if event:
                event.ignore()
            return
        self.files.close()
        self.debugger.close()
        self.comparison.close()
        self.pictures.close()
        self.checker.close()
        for view in self.views:
            view.stop()
        self.session.close()
        for dialog in self.findChildren(QDialog):
            dialog.close()
        if self._store:
            remembered = (view.remembered for view in self.views if isinstance(view, TrainingView))
            self._store.save(
                replace(
                    self._settings,
                    recent=self._store.load().recent,  # another window may have opened something since
                    speed=self.player.speed,
                    loop=self.player.loop,
                    reduce_motion=self.player.reduce_motion,
                    rnn_beside=self.beside.isChecked(),
                    training=next(remembered, "") or self._settings.training,
                    **layout_of(self),  # type: ignore[arg-type]  # its keys are two fields of bytes
                )
            )
        super().closeEvent(event)
