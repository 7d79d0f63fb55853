"""The real main window, opened for a person."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PyQt6.QtGui import QCursor
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from lstmviz.gui.main_window import MainWindow
from lstmviz.gui.panels.ask_to_save import SaveChoice
from lstmviz.gui.settings import Settings, SettingsStore
from lstmviz.gui.views.cell import canvas
from lstmviz.io.experiments import DEFAULT_EXAMPLE, load_example
from tests.stories.person import Person

Open = Callable[..., Person]


def leave(window: QWidget) -> None:
    """The test is over: nobody is there any more to say what is to become of unsaved changes."""
    assert isinstance(window, MainWindow)
    window.files.actions._ask = lambda *_: SaveChoice.DISCARD


@pytest.fixture
def open_window(qtbot: QtBot) -> Open:
    """Opens a window on an example, shown and active, and gives the person who sits before it."""

    def opened(
        example: str = DEFAULT_EXAMPLE, settings: Settings | None = None, store: SettingsStore | None = None
    ) -> Person:
        QCursor.setPos(10, 10)  # where it is at first; the test before may have left it over what this one opens
        window = MainWindow(load_example(example), settings or Settings(), store)
        qtbot.addWidget(window, before_close_func=leave)
        with qtbot.waitActive(window):
            window.show()
            window.activateWindow()
        return Person(qtbot, window)

    return opened


@pytest.fixture
def person(open_window: Open) -> Person:
    """Somebody before the window at its first start."""
    return open_window()


@pytest.fixture
def window(person: Person) -> MainWindow:
    """The window before that person."""
    return person.window


@pytest.fixture
def calm(open_window: Open) -> Person:
    """Somebody who wants values to jump, so that every picture is a finished one."""
    return open_window(settings=Settings(reduce_motion=True))


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that the cell's picture shows, in order."""
    texts: list[str] = []
    original = canvas.Canvas.text

    def noted(self: canvas.Canvas, rect: object, text: str, *args: object, **options: object) -> None:
        if not (options.get("value") and self._strength == 0):
            texts.append(text)
        original(self, rect, text, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(canvas.Canvas, "text", noted)
    return texts
