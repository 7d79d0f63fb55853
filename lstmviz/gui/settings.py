"""What is remembered between starts: one typed, defaulted, versioned layer on an ini file of the user's."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any

from PyQt6.QtCore import QByteArray, QRect, QSettings
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QMainWindow

from lstmviz.gui.player import SPEEDS
from lstmviz.gui.style import ThemeName

VERSION = 1
"""Of the layout of the docks and of the meaning of the fields; what an older version wrote about docks is dropped."""

RECENT_LIMIT = 10

_STARTING = "start/under_way"


@dataclass(frozen=True)
class Settings:
    """Everything that is remembered, with what a first start finds.

    training              the settings of the tab Training, as its form writes them; empty for the first preset
    last_example          name of the example or file to open with; empty for the first example
    recent                files, the newest first
    geometry, dock_state  of the main window, as Qt packs them; empty for the built-in layout
    """

    theme: ThemeName = ThemeName.AUTO
    speed: float = 1.0
    loop: bool = False
    reduce_motion: bool = False
    rnn_beside: bool = False
    training: str = ""
    last_example: str = ""
    recent: tuple[str, ...] = ()
    geometry: bytes = b""
    dock_state: bytes = b""

    def with_recent(self, name: str) -> tuple[str, ...]:
        """``recent`` with ``name`` brought to the front."""
        return (name, *(other for other in self.recent if other != name))[:RECENT_LIMIT]


class SettingsStore:
    """Reads and writes Settings. Every value is kept as text, so that it comes back as what it was."""

    def __init__(self) -> None:
        self._file = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "lstmviz", "lstmviz")
        self._file.setFallbacksEnabled(False)

    @property
    def path(self) -> str:
        """The ini file."""
        return self._file.fileName()

    def load(self) -> Settings:
        """What was saved; a value that is missing or makes no sense is its default, the others stand."""
        values = {}
        for field in fields(Settings):
            saved = self._file.value(f"settings/{field.name}")
            if isinstance(saved, str):
                try:
                    values[field.name] = _READ[field.name](saved)
                except (ValueError, TypeError, RecursionError):
                    continue
        if self._file.value("settings/version") != str(VERSION):
            values.pop("dock_state", None)
        return Settings(**values)

    def save(self, settings: Settings) -> bool:
        """Write everything to the disk; False when that is not possible, which nobody needs to suffer from."""
        for field in fields(Settings):
            self._file.setValue(f"settings/{field.name}", _written(getattr(settings, field.name)))
        self._file.setValue("settings/version", str(VERSION))
        return self._synced()

    def reset(self) -> bool:
        """Forget everything."""
        self._file.clear()
        return self._synced()

    def begin_start(self) -> Settings:
        """The settings to start with: the defaults if the last start never got ready, so that no setting can lock out.

        Notes that a start is under way, until ``start_is_ready``.
        """
        safe = self._file.value(_STARTING) is None
        self._file.setValue(_STARTING, "yes")
        self._synced()
        return self.load() if safe else Settings()

    def start_is_ready(self) -> None:
        """The window has been up for a while: the settings are good."""
        self._file.remove(_STARTING)
        self._synced()

    def _synced(self) -> bool:
        self._file.sync()
        return self._file.status() == QSettings.Status.NoError


class UnsavedSettings(SettingsStore):
    """The defaults, and nothing is remembered: what was saved stays as it is."""

    def load(self) -> Settings:
        """The defaults."""
        return Settings()

    def save(self, settings: Settings) -> bool:
        """Nothing is written."""
        return True

    def begin_start(self) -> Settings:
        """The defaults."""
        return Settings()

    def start_is_ready(self) -> None:
        """Nothing was noted."""


def layout_of(window: QMainWindow) -> dict[str, bytes]:
    """The fields ``geometry`` and ``dock_state`` of the window as it stands."""
    return {
        "geometry": bytes(window.saveGeometry().data()),
        "dock_state": bytes(window.saveState(VERSION).data()),
    }


def restore_layout(window: QMainWindow, settings: Settings) -> None:
    """Give the window its saved place, size and docks, on a screen that is there; what does not fit is ignored."""
    if settings.geometry:
        window.restoreGeometry(QByteArray(settings.geometry))
    if settings.dock_state:
        window.restoreState(QByteArray(settings.dock_state), VERSION)
    if not (window.isMaximized() or window.isFullScreen()):
        screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
        window.setGeometry(clamped_to_screens(window.geometry(), screens))


def clamped_to_screens(window: QRect, screens: Iterable[QRect]) -> QRect:
    """``window`` moved, and if need be made smaller, so that all of it is on the screen it mostly covers.

    The first screen counts when it covers none.
    """
    available = list(screens)
    if not available:
        return window

    def covered(screen: QRect) -> int:
        common = screen.intersected(window)
        return common.width() * common.height() if common.isValid() else 0

    screen = max(available, key=covered)
    result = QRect(window)
    result.setSize(window.size().boundedTo(screen.size()))
    result.moveLeft(min(max(window.left(), screen.left()), screen.right() + 1 - result.width()))
    result.moveTop(min(max(window.top(), screen.top()), screen.bottom() + 1 - result.height()))
    return result


def _written(value: Any) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    # quotes keep the ini file from taking a text for a list, or "@..." for a packed value
    return json.dumps(value)


def _bool(text: str) -> bool:
    value = json.loads(text)
    if not isinstance(value, bool):
        raise ValueError(text)
    return value


def _speed(text: str) -> float:
    value = float(text)
    if value not in SPEEDS:
        raise ValueError(text)
    return value


def _text(text: str) -> str:
    value = json.loads(text)
    if not isinstance(value, str):
        raise ValueError(text)
    return value


def _texts(text: str) -> tuple[str, ...]:
    values = json.loads(text)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError(text)
    return tuple(values[:RECENT_LIMIT])


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(text) from error


_READ: dict[str, Callable[[str], Any]] = {
    "theme": ThemeName,
    "speed": _speed,
    "loop": _bool,
    "reduce_motion": _bool,
    "rnn_beside": _bool,
    "training": _text,
    "last_example": _text,
    "recent": _texts,
    "geometry": _bytes,
    "dock_state": _bytes,
}
"""How each field is read; raises ValueError for what makes no sense."""
