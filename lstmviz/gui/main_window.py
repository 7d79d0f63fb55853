"""The main window: the only place that wires views and panels to the session."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QAction, QActionGroup, QCloseEvent, QGuiApplication
from PyQt6.QtWidgets import (
    QApplication,
    QCheckBox,
    QDialog,
    QDockWidget,
    QLabel,
    QMainWindow,
    QMenu,
    QSizePolicy,
    QTabWidget,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from lstmviz.core.cursor import Cursor
from lstmviz.core.narration import stage_sentence
from lstmviz.core.parameters import Cell
from lstmviz.core.run import Run
from lstmviz.core.text import number
from lstmviz.gui.application import apply_theme, theme_for
from lstmviz.gui.gradient_checker import GradientChecker
from lstmviz.gui.help_dialogs import show_about, show_keys
from lstmviz.gui.panels.bug_museum_menu import BugMuseumMenu
from lstmviz.gui.panels.experiment_panel import ExperimentPanel
from lstmviz.gui.panels.message_strip import MessageStrip
from lstmviz.gui.panels.transport import Transport
from lstmviz.gui.player import Player
from lstmviz.gui.session import Session
from lstmviz.gui.settings import Settings, SettingsStore, layout_of, restore_layout
from lstmviz.gui.shortcuts import KeyboardGuard, create_action
from lstmviz.gui.style import Theme, ThemeName, window_style_sheet
from lstmviz.gui.views.cell.cell_view import CellView
from lstmviz.gui.views.check_badge import CheckBadge
from lstmviz.gui.views.gradients.gradients_view import GradientsView
from lstmviz.gui.views.inspector import InspectorView
from lstmviz.gui.views.memory.memory_view import MemoryView
from lstmviz.gui.views.paths.paths_view import PathsView
from lstmviz.gui.views.table import TableView
from lstmviz.gui.views.time_axis import TimeRange, paged_range, whole
from lstmviz.gui.views.timeline.timeline_view import TimelineView
from lstmviz.gui.views.unrolled.unrolled_view import UnrolledView
from lstmviz.gui.views.view import Hovered, View
from lstmviz.io.experiments import Example, example_names, load_example

THEME_WORDS = {ThemeName.AUTO: "&Colours as the system", ThemeName.LIGHT: "&Light", ThemeName.DARK: "&Dark"}
"""The themes, as the menu calls them."""

SIZE = QSize(1440, 900)
"""The window's size at its first start, made smaller where the screen is."""

SMALLEST = QSize(1024, 620)
"""Below this the toolbar and the docks leave no room for the views."""


class MainWindow(QMainWindow):
    """One experiment in one window. With ``store`` None nothing is remembered, as when a picture is drawn."""

    def __init__(self, example: Example, settings: Settings, store: SettingsStore | None = None) -> None:
        super().__init__()
        self._store = store
        self._settings = settings
        self._length = 0
        self._time_range: TimeRange = (0.0, 0.0)
        self.theme: Theme = theme_for(settings.theme)
        self.session = Session(example.experiment, example.cursor, self)
        self.player = Player(self.session, self)
        self.player.speed, self.player.loop = settings.speed, settings.loop
        self.player.reduce_motion = settings.reduce_motion
        self.checker = GradientChecker(self.session, self)
        self._setup_views()
        self._setup_docks()
        self._setup_toolbar()
        self._setup_menus()
        self._setup_status_bar()
        self._wire()
        self.set_theme(settings.theme)
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
        """Every view in the window."""
        return (*self._tab_views, self.timeline_view, self.inspector_view)

    # Set-up

    def _setup_views(self) -> None:
        self.cell_view, self.unrolled_view, self.gradients_view = CellView(), UnrolledView(), GradientsView()
        self.paths_view, self.memory_view, self.table_view = PathsView(), MemoryView(), TableView()
        self.timeline_view, self.inspector_view = TimelineView(), InspectorView()
        self.tabs = QTabWidget()
        self.tabs.setObjectName("views")
        self.tabs.setDocumentMode(True)
        tabs: tuple[tuple[View, str, str], ...] = (
            (self.cell_view, "Cell", "The cell at this step: gates, memory, and what adds up to it"),
            (self.unrolled_view, "Unrolled", "Both networks over time, and the gradient that flows back through them"),
            (self.gradients_view, "Gradients", "How large the gradient is that arrives at each step"),
            (self.paths_view, "Paths", "Along which path the gradient comes, and how each step depends on every other"),
            (
                self.memory_view,
                "Memory",
                "Who wrote the memory, what became of it, how saturated the gates are",
            ),
            (self.table_view, "Table", "Every step in numbers"),
        )
        self._tab_views = tuple(view for view, _, _ in tabs)
        for index, (view, title, explanation) in enumerate(tabs):
            self.tabs.addTab(view, title)
            self.tabs.setTabToolTip(index, explanation)
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
        examples = tuple((name, load_example(name).experiment) for name in example_names())
        self.experiment_panel = ExperimentPanel(self.session, examples)
        areas = Qt.DockWidgetArea
        self.docks = {
            area: self._dock(title, name, widget, area)
            for title, name, widget, area in (
                ("Experiment", "experiment_dock", self.experiment_panel, areas.LeftDockWidgetArea),
                ("Inspector", "inspector_dock", self.inspector_view, areas.RightDockWidgetArea),
                ("Timeline", "timeline_dock", self.timeline_view, areas.BottomDockWidgetArea),
            )
        }
        self._first_layout()

    def _dock(self, title: str, name: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(name)
        dock.setWidget(widget)
        self.addDockWidget(area, dock)
        return dock

    def _first_layout(self) -> None:
        """Docks where and as large as they are at the first start."""
        left, right, bottom = self.docks.values()
        for area, dock in self.docks.items():
            dock.setFloating(False)
            self.addDockWidget(area, dock)
            dock.show()
        self.resizeDocks([left, right], [300, 290], Qt.Orientation.Horizontal)
        self.resizeDocks([bottom], [236], Qt.Orientation.Vertical)

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
        file_menu = self._menu("&File")
        examples = file_menu.addMenu("&Examples")
        assert examples is not None
        for name in example_names():
            action = examples.addAction(load_example(name).experiment.title)
            assert action is not None
            action.setData(name)
        examples.triggered.connect(self._example_triggered)
        file_menu.addSeparator()
        file_menu.addAction(create_action("quit", self, self.close))
        self.undo_action = create_action("undo", self, self.session.undo)
        self.redo_action = create_action("redo", self, self.session.redo)
        self._menu("&Edit").addActions([self.undo_action, self.redo_action])
        run_menu = self._menu("&Run")
        run_menu.addActions(self.transport.actions())
        run_menu.addSeparator()
        run_menu.addMenu(BugMuseumMenu(self.session, self))
        self._setup_view_menu(self._menu("&View"))
        help_menu = self._menu("&Help")
        help_menu.addAction(create_action("keys", self, partial(show_keys, self)))
        about = help_menu.addAction("&About lstmviz")
        assert about is not None
        about.triggered.connect(lambda: show_about(self))

    def _menu(self, title: str) -> QMenu:
        menus = self.menuBar()
        assert menus is not None
        menu = menus.addMenu(title)
        assert menu is not None
        return menu

    def _setup_view_menu(self, menu: QMenu) -> None:
        for dock in self.docks.values():
            menu.addAction(dock.toggleViewAction())
        menu.addSeparator()
        self._theme_choices = QActionGroup(self)
        for name, words in THEME_WORDS.items():
            choice = QAction(words, self._theme_choices)
            choice.setCheckable(True)
            choice.setData(name)
            choice.setChecked(name is self._settings.theme)
            menu.addAction(choice)
        self._theme_choices.triggered.connect(self._theme_triggered)
        menu.addSeparator()
        self.reduce_motion_action = QAction("Reduce &motion: values jump instead of moving", self)
        self.reduce_motion_action.setCheckable(True)
        self.reduce_motion_action.setChecked(self.player.reduce_motion)
        self.reduce_motion_action.toggled.connect(self._reduce_motion)
        menu.addAction(self.reduce_motion_action)
        reset = menu.addAction("Reset &layout")
        assert reset is not None
        reset.triggered.connect(self._first_layout)

    def _setup_status_bar(self) -> None:
        self.sentence = QLabel()
        self.sentence.setObjectName("sentence")
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        # its length must not matter to the window's layout, it changes with every stage
        self.sentence.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.loss_label = QLabel()
        self.loss_label.setObjectName("loss")
        self.loss_label.setToolTip("L is the loss of this network on this sequence, and of the vanilla RNN beside it")
        bar = self.statusBar()
        assert bar is not None
        bar.addWidget(self.sentence, 1)
        bar.addPermanentWidget(self.loss_label)
        self.badge = CheckBadge()
        bar.addPermanentWidget(self.badge)

    # Wiring

    def _wire(self) -> None:
        self.session.run_changed.connect(self._show_run)
        self.session.cursor_changed.connect(self._show_cursor)
        self.session.history_changed.connect(self._show_history)
        self.player.frame.connect(self.cell_view.show_fraction)
        self.checker.checked.connect(self.badge.show_check)
        self.checker.checked.connect(self.gradients_view.badge.show_check)
        self.beside.toggled.connect(self.cell_view.show_rnn)
        self.tabs.currentChanged.connect(self._catch_up)
        self.experiment_panel.example_chosen.connect(self.open_example)
        for view in self.views:
            view.cursor_requested.connect(self.session.seek)
            view.hovered.connect(self._show_hovered)
            view.place_hovered.connect(self._show_hovered_elsewhere)
            view.time_range_requested.connect(self._show_time_range)
        hints = QGuiApplication.styleHints()
        assert hints is not None
        hints.colorSchemeChanged.connect(self._follow_system)
        self._show_history()

    def _show_run(self, run: Run) -> None:
        self.setWindowTitle(run.experiment.title)
        self.beside.setEnabled(run.baseline is not None and run.network.cell is Cell.LSTM)
        losses = f"L = {number(run.main.loss)}"
        if run.baseline:
            losses += f"   vanilla RNN: L = {number(run.baseline.loss)}"
        self.loss_label.setText(losses)
        self._catch_up()
        if run.length != self._length:
            self._length = run.length
            self._show_time_range(*whole(run.length))
        self._show_sentence()

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
            if view.run is not run:
                view.show_run(run, cursor)
                view.show_time_range(*self._time_range)
            elif view.cursor_at != cursor:
                view.show_cursor(cursor)

    def _views_on_show(self) -> tuple[View, ...]:
        """The view of the open tab, and those in the docks."""
        hidden = set(self._tab_views) - {self.tabs.currentWidget()}
        return tuple(view for view in self.views if view not in hidden)

    def _show_time_range(self, first: float, last: float) -> None:
        self._time_range = (first, last)
        for view in self.views:
            view.show_time_range(first, last)

    def _keep_in_sight(self, t: int) -> None:
        """Turn the page when the cursor leaves the time that is shown."""
        shown = paged_range(self._time_range, t, self._length)
        if shown != self._time_range:
            self._show_time_range(*shown)

    def _show_sentence(self) -> None:
        self.sentence.setText(stage_sentence(self.session.run, self.session.cursor))
        view = self.tabs.currentWidget()
        if isinstance(view, View):
            view.setAccessibleDescription(view.summary())

    def _show_hovered(self, sentence: str) -> None:
        if sentence:
            self.sentence.setText(sentence)
        else:
            self._show_sentence()

    def _show_hovered_elsewhere(self, place: Hovered | None) -> None:
        for view in self._views_on_show():
            if view is not self.sender():
                view.show_hovered(place)

    def _show_history(self) -> None:
        for action, word, name in (
            (self.undo_action, "Undo", self.session.undo_name),
            (self.redo_action, "Redo", self.session.redo_name),
        ):
            action.setEnabled(bool(name))
            action.setText(f"{word} {name}".rstrip())

    # What the user does

    def open_example(self, name: str) -> None:
        """Put an example in place of the experiment; undo brings the experiment back."""
        self.player.pause()
        example = load_example(name)
        self._settings = replace(self._settings, last_example=name)
        self.session.apply(f"open {example.experiment.title}", example.experiment, cursor=example.cursor)

    def set_theme(self, name: ThemeName) -> None:
        """Use a theme in the whole window."""
        self._settings = replace(self._settings, theme=name)
        self.theme = theme_for(name)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_theme(app, self.theme)
        for view in self.views:
            view.set_theme(self.theme)
        self.transport.set_theme(self.theme)
        self.messages.set_theme(self.theme)
        self.badge.set_theme(self.theme)
        self.experiment_panel.set_theme(self.theme)
        self.setStyleSheet(window_style_sheet(self.theme))

    def _example_triggered(self, action: QAction) -> None:
        self.open_example(action.data())

    def _theme_triggered(self, action: QAction) -> None:
        self.set_theme(action.data())

    def _follow_system(self) -> None:
        if self._settings.theme is ThemeName.AUTO:
            self.set_theme(ThemeName.AUTO)

    def _reduce_motion(self, reduced: bool) -> None:
        self.player.reduce_motion = reduced

    def closeEvent(self, event: QCloseEvent | None) -> None:
        self.player.pause()
        self.checker.close()
        self.paths_view.stop()
        self.session.close()
        for dialog in self.findChildren(QDialog):
            dialog.close()
        if self._store:
            layout = layout_of(self)
            self._store.save(
                replace(
                    self._settings,
                    speed=self.player.speed,
                    loop=self.player.loop,
                    reduce_motion=self.player.reduce_motion,
                    rnn_beside=self.beside.isChecked(),
                    geometry=layout["geometry"],
                    dock_state=layout["dock_state"],
                )
            )
        super().closeEvent(event)
