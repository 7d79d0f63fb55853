"""The main window: the only place that wires views and panels to the session."""

from __future__ import annotations

import sys
from dataclasses import replace

from PyQt6.QtCore import QSize, Qt, QTimer
from PyQt6.QtGui import QAction, QActionGroup, QCloseEvent, QGuiApplication
from PyQt6.QtWidgets import (
    QApplication,
    QCheckBox,
    QDockWidget,
    QLabel,
    QMainWindow,
    QTabWidget,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from lstmviz.core.cursor import Cursor
from lstmviz.core.errors import LstmvizError
from lstmviz.core.narration import stage_sentence
from lstmviz.core.run import Run
from lstmviz.gui.application import apply_theme, create_application, theme_for
from lstmviz.gui.dialogs import show_about, show_keys
from lstmviz.gui.panels.experiment_panel import ExperimentPanel
from lstmviz.gui.panels.message_strip import MessageStrip
from lstmviz.gui.panels.transport import Transport
from lstmviz.gui.player import Player
from lstmviz.gui.session import Session
from lstmviz.gui.settings import Settings, SettingsStore, layout_of, restore_layout
from lstmviz.gui.shortcuts import shortcut
from lstmviz.gui.style import Theme, ThemeName
from lstmviz.gui.views.cell.cell_view import CellView
from lstmviz.gui.views.gradients import GradientsView
from lstmviz.gui.views.inspector import InspectorView
from lstmviz.gui.views.timeline import TimelineView
from lstmviz.gui.views.view import View
from lstmviz.io.experiments import DEFAULT_EXAMPLE, Example, example_names, load_example

SIZE = QSize(1440, 900)
"""The window's size at its first start, made smaller where the screen is."""

READY_AFTER = 2000
"""Milliseconds that the window must have been up for its settings to count as good."""


class MainWindow(QMainWindow):
    """One experiment in one window. With ``store`` None nothing is remembered, as when a picture is drawn."""

    def __init__(self, example: Example, settings: Settings, store: SettingsStore | None = None) -> None:
        super().__init__()
        self._store = store
        self._settings = settings
        self._time_range = (0.0, 0.0)
        self.theme: Theme = theme_for(settings.theme)
        self.session = Session(example.experiment, example.cursor, self)
        self.player = Player(self.session, self)
        self.player.speed, self.player.loop = settings.speed, settings.loop
        self.player.reduce_motion = settings.reduce_motion
        self._setup_views()
        self._setup_docks()
        self._setup_toolbar()
        self._setup_menus()
        self._setup_status_bar()
        self._wire()
        self.set_theme(settings.theme)
        self._show_run(self.session.run)
        self.resize(SIZE)
        if store:
            restore_layout(self, settings)

    @property
    def views(self) -> tuple[View, ...]:
        """Every view in the window."""
        return (self.cell_view, self.gradients_view, self.timeline_view, self.inspector_view)

    # Set-up

    def _setup_views(self) -> None:
        self.cell_view, self.gradients_view = CellView(), GradientsView()
        self.timeline_view, self.inspector_view = TimelineView(), InspectorView()
        self.tabs = QTabWidget()
        self.tabs.setObjectName("views")
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.cell_view, "Cell")
        self.tabs.addTab(self.gradients_view, "Gradients")
        self.tabs.setTabToolTip(0, "The cell at this step: gates, memory, and what adds up to it")
        self.tabs.setTabToolTip(1, "How large the gradient is that arrives at each step")
        self.beside = QCheckBox("vanilla RNN beside it")
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

    def _setup_menus(self) -> None:
        menus = self.menuBar()
        assert menus is not None
        file_menu, edit_menu, run_menu, view_menu, help_menu = (
            menus.addMenu(title) for title in ("&File", "&Edit", "&Run", "&View", "&Help")
        )
        assert file_menu and edit_menu and run_menu and view_menu and help_menu
        examples = file_menu.addMenu("&Examples")
        assert examples is not None
        for name in example_names():
            action = examples.addAction(load_example(name).experiment.title)
            assert action is not None
            action.setData(name)
        examples.triggered.connect(self._example_triggered)
        file_menu.addSeparator()
        file_menu.addAction(self._action("quit", self.close))
        self.undo_action, self.redo_action = (
            self._action("undo", self.session.undo),
            self._action("redo", self.session.redo),
        )
        edit_menu.addActions([self.undo_action, self.redo_action])
        run_menu.addActions(self.transport.actions())
        self._setup_view_menu(view_menu)
        help_menu.addAction(self._action("keys", self._show_keys))
        about = help_menu.addAction("&About lstmviz")
        assert about is not None
        about.triggered.connect(self._show_about)
