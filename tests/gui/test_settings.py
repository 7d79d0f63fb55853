"""Settings survive a restart, and no settings file can do harm."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest
from PyQt6.QtCore import QRect, QSettings, Qt
from PyQt6.QtWidgets import QDockWidget, QMainWindow
from pytestqt.qtbot import QtBot

from lstmviz.gui.settings import (
    RECENT_LIMIT,
    Settings,
    SettingsStore,
    clamped_to_screens,
    layout_of,
    restore_layout,
)
from lstmviz.gui.style import ThemeName

EVERYTHING = Settings(
    theme=ThemeName.DARK,
    speed=0.25,
    loop=True,
    reduce_motion=True,
    rnn_beside=True,
    training='{"task": {"name": "parity"}}',
    last_example="a, b; [c]\\ “ü” @ByteArray(\n%",
    recent=("/a, b.csv", "/ü.json"),
    geometry=bytes(range(256)),
    dock_state=b"\0\xff",
)


def restarted() -> SettingsStore:
    return SettingsStore()


@pytest.mark.usefixtures("qapp")
class TestOnDisk:
    def test_a_first_start_finds_the_defaults(self) -> None:
        assert SettingsStore().load() == Settings()

    def test_everything_comes_back_after_a_restart_with_its_type(self) -> None:
        assert all(getattr(EVERYTHING, field.name) != field.default for field in fields(Settings))
        assert SettingsStore().save(EVERYTHING)
        loaded = restarted().load()
        assert loaded == EVERYTHING
        for field in fields(Settings):
            assert type(getattr(loaded, field.name)) is type(getattr(EVERYTHING, field.name))

    @pytest.mark.parametrize("field", [field.name for field in fields(Settings)])
    @pytest.mark.parametrize("garbage", ["", "nan", "@Invalid()", "[[[", "{}", "99", "a, b", "@ByteArray(\0)", "é"])
    def test_a_bad_value_is_its_default_and_the_others_stand(self, field: str, garbage: str) -> None:
        SettingsStore().save(EVERYTHING)
        ini = Path(SettingsStore().path)
        lines = ini.read_text().splitlines()
        ini.write_text("\n".join(f"{field}={garbage}" if line.startswith(f"{field}=") else line for line in lines))
        loaded = restarted().load()
        default = next(each.default for each in fields(Settings) if each.name == field)
        # a text or bytes may well be what was written there
        expected = getattr(loaded, field) if field in ("geometry", "dock_state") else default
        assert loaded == replace(EVERYTHING, **{field: expected})

    @pytest.mark.parametrize(
        "content",
        [b"\0\xff\xfe" * 500, b"[settings", b"[settings]\nspeed", b'[settings]\nloop="\nspeed=2', b"\x89PNG\r\n=\n[="],
    )
    def test_garbage_instead_of_a_file_is_a_first_start(self, content: bytes) -> None:
        ini = Path(SettingsStore().path)
        ini.parent.mkdir(parents=True, exist_ok=True)
        ini.write_bytes(content)
        store = restarted()
        assert store.begin_start() == Settings()
        store.save(EVERYTHING)
        store.start_is_ready()

    def test_docks_of_another_version_are_dropped(self) -> None:
        store = SettingsStore()
        store.save(EVERYTHING)
        QSettings(store.path, QSettings.Format.IniFormat).setValue("settings/version", "0")
        assert restarted().load() == replace(EVERYTHING, dock_state=b"")

    def test_reset_forgets_everything(self) -> None:
        store = SettingsStore()
        store.save(EVERYTHING)
        assert store.reset()
        assert restarted().load() == Settings()

    def test_a_start_that_never_got_ready_is_followed_by_the_defaults_once(self) -> None:
        SettingsStore().save(EVERYTHING)
        assert restarted().begin_start() == EVERYTHING
        store = restarted()
        assert store.begin_start() == Settings()
        store.start_is_ready()
        assert restarted().begin_start() == EVERYTHING

    def test_a_folder_that_cannot_be_written_is_no_fault(self) -> None:
        ini = Path(SettingsStore().path)
        ini.parent.parent.mkdir(parents=True, exist_ok=True)
        ini.parent.write_text("a file where the folder should be")
        store = SettingsStore()
        assert store.begin_start() == Settings()
        assert not store.save(EVERYTHING)
        store.start_is_ready()


def test_recent_names_come_to_the_front_once_and_are_limited() -> None:
    settings = Settings(recent=tuple(map(str, range(RECENT_LIMIT))))
    assert settings.with_recent("3")[:5] == ("3", "0", "1", "2", "4")
    assert len(settings.with_recent("new")) == RECENT_LIMIT


SCREEN, SECOND = QRect(0, 0, 1280, 800), QRect(1280, 0, 1920, 1080)


@pytest.mark.parametrize(
    ("window", "clamped"),
    [
        (QRect(100, 50, 800, 600), QRect(100, 50, 800, 600)),
        (QRect(1000, 700, 800, 600), QRect(1280, 480, 800, 600)),
        (QRect(-5000, -5000, 800, 600), QRect(0, 0, 800, 600)),
        (QRect(9000, 9000, 800, 600), QRect(480, 200, 800, 600)),
        (QRect(-10, -10, 5000, 5000), QRect(1280, 0, 1920, 1080)),
    ],
)
def test_a_window_is_brought_back_to_a_screen(window: QRect, clamped: QRect) -> None:
    assert clamped_to_screens(window, [SCREEN, SECOND]) == clamped


def test_without_a_screen_a_window_stays_as_it_is() -> None:
    assert clamped_to_screens(QRect(-9, 0, 5, 5), []) == QRect(-9, 0, 5, 5)


def window_with_dock(qtbot: QtBot) -> tuple[QMainWindow, QDockWidget]:
    window = QMainWindow()
    qtbot.addWidget(window)
    dock = QDockWidget("dock", window)
    dock.setObjectName("dock")
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    return window, dock


def test_window_and_docks_are_where_they_were(qtbot: QtBot) -> None:
    window, dock = window_with_dock(qtbot)
    window.setGeometry(30, 40, 500, 400)
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    SettingsStore().save(Settings(**layout_of(window)))
    again, dock = window_with_dock(qtbot)
    restore_layout(again, restarted().load())
    assert again.size() == window.size()
    assert again.dockWidgetArea(dock) == Qt.DockWidgetArea.RightDockWidgetArea


def test_nonsense_for_a_layout_leaves_the_window_on_the_screen(qtbot: QtBot) -> None:
    window, dock = window_with_dock(qtbot)
    window.setGeometry(-4000, 0, 500, 400)
    restore_layout(window, Settings(geometry=b"nonsense" * 9, dock_state=b"\0" * 50))
    screen = window.screen()
    assert screen is not None
    assert screen.availableGeometry().contains(window.geometry())
    assert window.dockWidgetArea(dock) == Qt.DockWidgetArea.LeftDockWidgetArea
