"""The main window's own work: wiring, themes, layout, what is remembered, starting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QAction, QContextMenuEvent, QGuiApplication
from PyQt6.QtWidgets import QApplication, QDialog, QDockWidget, QToolBar
from pytestqt.qtbot import QtBot

from lstmviz.core.errors import LstmvizError
from lstmviz.gui import main_window
from lstmviz.gui.main_window import MainWindow
from lstmviz.gui.panels.debugger.notes_panel import NotesPanel
from lstmviz.gui.player import SPEEDS
from lstmviz.gui.process import crash, launch
from lstmviz.gui.process.launch import run_windows
from lstmviz.gui.settings import Settings, SettingsStore
from lstmviz.gui.style import DARK, LIGHT, Theme, ThemeName
from lstmviz.io.experiments import load_example
from lstmviz.io.sessions import load_session

Make = Callable[..., MainWindow]


@pytest.fixture
def make(qtbot: QtBot) -> Make:
    """Makes a main window and shows it."""

    def made(
        settings: Settings | None = None, store: SettingsStore | None = None, name: str = "company-b"
    ) -> MainWindow:
        window = MainWindow(load_example(name), settings or Settings(), store)
        qtbot.addWidget(window)
        window.show()
        return window

    return made


def choice(window: MainWindow, text: str) -> QAction:
    """The menu's entry of that text."""
    return next(action for action in window.findChildren(QAction) if action.text() == text)


def dock(window: MainWindow, name: str) -> QDockWidget:
    found = window.findChild(QDockWidget, name)
    assert found is not None
    return found


# Views


def test_a_hidden_view_costs_nothing_and_catches_up(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    window = make()
    shown: list[object] = []
    monkeypatch.setattr(window.tabs.view("gradients"), "show_cursor", shown.append)
    window.session.step_stage(1)
    assert not shown
    assert window.tabs.view("gradients").run is None
    window.tabs.setCurrentWidget(window.tabs.view("gradients"))
    assert window.tabs.view("gradients").run is window.session.run
    window.tabs.setCurrentWidget(window.cell_view)
    window.session.step_stage(-2)
    assert not shown
    window.tabs.setCurrentWidget(window.tabs.view("gradients"))
    assert shown == [window.session.cursor]


def test_the_open_view_describes_itself_to_screen_readers(make: Make) -> None:
    window = make()
    assert window.cell_view.accessibleDescription() == window.cell_view.summary()
    window.session.step_stage(1)
    assert window.cell_view.accessibleDescription() == window.cell_view.summary()


# Files


def test_saving_takes_along_what_was_typed_a_moment_ago(make: Make, tmp_path: Path) -> None:
    window, path = make(), tmp_path / "notes.lstmviz"
    window.files.document.save_as(path)
    notes = window.debugger.panel.open("notes")
    assert isinstance(notes, NotesPanel)
    notes.text.setPlainText("first")
    notes.flush()
    notes.text.setPlainText("second")
    window.files.actions.save_action.trigger()
    assert load_session(path).experiment.notes == "second"


# Themes


def test_a_window_in_the_dark(make: Make, qapp: QApplication) -> None:
    window = make(Settings(theme=ThemeName.DARK))
    assert choice(window, "&Dark").isChecked()
    assert all(view.theme is DARK for view in window.views)
    choice(window, "&Light").trigger()
    assert not choice(window, "&Dark").isChecked()
    assert all(view.theme is LIGHT for view in window.views)
    assert qapp.palette().window().color().name() == LIGHT.panel


@pytest.mark.parametrize("theme", [ThemeName.LIGHT, ThemeName.DARK])
def test_the_box_of_what_is_not_ticked_is_seen_on_its_ground(make: Make, theme: ThemeName) -> None:
    window = make(Settings(theme=theme))
    window.show()
    for box in (window.beside, window.experiment_panel.network_section.forget_bias_as_drawn):
        box.setChecked(False)
        picture = box.grab().toImage()
        colours = {picture.pixelColor(x, y).name() for x in range(picture.height()) for y in range(picture.height())}
        assert window.theme.faint in colours


def test_follows_the_system_only_when_it_shall(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main_window, "theme_for", lambda name: LIGHT if name is ThemeName.LIGHT else DARK)
    hints = QGuiApplication.styleHints()
    assert hints is not None
    window = make(Settings(theme=ThemeName.LIGHT))
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert window.theme is LIGHT
    choice(window, "&Colours as the system").trigger()
    choice(window, "&Light").trigger()
    choice(window, "&Colours as the system").trigger()
    window.theme = LIGHT
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert window.theme is DARK


# Layout and what is remembered


def test_choices_and_layout_come_back_at_the_next_start(make: Make) -> None:
    first = make(store=SettingsStore())
    first.resize(1111, 700)
    first.player.speed, first.player.loop = 4.0, True
    first.beside.setChecked(True)
    choice(first, "&Dark").trigger()
    choice(first, "Reduce &motion: values jump instead of moving").trigger()
    dock(first, "inspector_dock").close()
    first.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock(first, "timeline_dock"))
    first.open_example("letters")
    first.close()

    store = SettingsStore()
    settings = store.load()
    assert settings.last_example == "letters"
    second = make(settings, store, settings.last_example)
    assert (second.player.speed, second.player.loop, second.player.reduce_motion) == (4.0, True, True)
    assert second.transport.speed.currentText() == "4×"
    assert second.beside.isChecked()
    assert second.cell_view.shows_rnn
    assert second.theme is DARK
    assert not dock(second, "inspector_dock").isVisible()
    assert second.dockWidgetArea(dock(second, "timeline_dock")) == Qt.DockWidgetArea.RightDockWidgetArea
    screen = QGuiApplication.primaryScreen()
    assert screen is not None
    assert second.height() == min(700, screen.availableGeometry().height())


def test_reset_layout_brings_everything_back(make: Make) -> None:
    window = make()
    areas = {name: window.dockWidgetArea(dock(window, name)) for name in ("experiment_dock", "timeline_dock")}
    for name in areas:
        dock(window, name).setFloating(True)
    dock(window, "inspector_dock").close()
    choice(window, "Reset &layout").trigger()
    for name, area in areas.items():
        assert not dock(window, name).isFloating()
        assert window.dockWidgetArea(dock(window, name)) == area
    assert dock(window, "inspector_dock").isVisible()


def test_the_transport_cannot_be_hidden_by_mistake(make: Make) -> None:
    """Qt offers it at a right click; the docks, which can be closed, are in the View menu."""
    window = make()
    bar = window.findChild(QToolBar, "transport_bar")
    assert bar is not None
    for place in (bar, dock(window, "timeline_dock"), window.menuBar()):
        asked = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(3, 3), QPoint(3, 3))
        QApplication.sendEvent(place, asked)
        assert QApplication.activePopupWidget() is None


def test_fits_a_small_screen(make: Make) -> None:
    assert make().minimumSizeHint().width() <= 1000


def test_garbage_in_the_settings_does_not_stop_a_start(make: Make) -> None:
    store = SettingsStore()
    store.save(Settings(geometry=b"not a geometry", dock_state=b"\x00\xff" * 40, last_example="../../etc/passwd"))
    text = Path(store.path).read_text(encoding="utf-8")
    text = text.replace("speed=1.0", "speed=@Invalid()").replace("theme=auto", "theme=[[[")
    Path(store.path).write_text(text + "\n[settings]\nloop=perhaps\n", encoding="utf-8")
    again = SettingsStore()
    window = make(again.load(), again)
    assert window.player.speed in SPEEDS
    assert all(dock(window, name).isVisible() for name in ("experiment_dock", "inspector_dock", "timeline_dock"))


# Starting and ending


@dataclass(frozen=True)
class Started:
    """What a window was like that ``run_windows`` had opened."""

    title: str
    theme: Theme
    loop: bool


@pytest.fixture
def started(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Started]]:
    """``run_windows`` makes its window and returns at once, as if it had been closed; gives what they were like."""
    windows: list[Started] = []

    def ended(app: QApplication) -> int:
        (window,) = (each for each in app.topLevelWidgets() if isinstance(each, MainWindow) and each.isVisible())
        windows.append(Started(window.windowTitle(), window.theme, window.player.loop))
        window.close()
        return 0

    monkeypatch.setattr(launch, "create_application", lambda _: QApplication.instance())
    monkeypatch.setattr(QApplication, "exec", ended)
    yield windows
    crash.HANDLER.on_error = None


def test_opens_the_example_asked_for_else_the_last_one_else_the_first(started: list[Started]) -> None:
    assert run_windows([], "letters", reset=False) == 0
    store = SettingsStore()
    store.save(replace(store.load(), last_example="noisy-sine"))
    run_windows([], reset=False)
    store = SettingsStore()
    store.save(replace(store.load(), last_example="gone"))
    run_windows([], reset=False)
    titles = [f"{load_example(name).experiment.title}[*]" for name in ("letters", "noisy-sine", "company-b")]
    assert [window.title for window in started] == titles


def test_a_window_closed_at_once_does_not_lose_the_settings(started: list[Started]) -> None:
    """Only a start that never got ready makes the next one begin with the defaults."""
    SettingsStore().save(Settings(loop=True))
    run_windows([], reset=False)
    assert SettingsStore().begin_start().loop


def test_an_example_that_is_not_there_is_said_before_anything_is_touched(started: list[Started]) -> None:
    SettingsStore().save(Settings(loop=True))
    with pytest.raises(LstmvizError, match="nonsense"):
        run_windows([], "nonsense", reset=False)
    assert SettingsStore().begin_start().loop
    assert not started


def test_reset_forgets_everything(started: list[Started]) -> None:
    SettingsStore().save(Settings(theme=ThemeName.DARK, loop=True))
    run_windows([], reset=True)
    assert started[0].theme is LIGHT
    assert not started[0].loop


# Help


@pytest.mark.parametrize(("entry", "name"), [("Show these keys", "keys_dialog"), ("&About lstmviz", "about_dialog")])
def test_help_opens_beside_the_window_and_closes_with_it(make: Make, entry: str, name: str) -> None:
    window = make()
    choice(window, entry).trigger()
    dialog = window.findChild(QDialog, name)
    assert dialog is not None
    assert dialog.isVisible()
    window.close()
    assert not dialog.isVisible()
