"""What is said when Qt could not start: missing libraries, missing fonts, no display."""

from __future__ import annotations

import ctypes
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest

from lstmviz.core.errors import LstmvizError
from lstmviz.gui.process import system_libraries
from lstmviz.gui.process.system_libraries import (
    FONTS,
    debian_packages,
    display_available,
    display_platforms,
    explain_import_error,
    install_command,
    missing_libraries,
    require_libraries,
)

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere Qt's wheels are complete")


class FakeLoader:
    """Stands for ctypes.CDLL on a system that lacks some libraries; Qt's plugins need all of them."""

    def __init__(self, *missing: str) -> None:
        self.missing = missing

    def __call__(self, library: str) -> None:
        lacking = [name for name in self.missing if library == name or "plugins" in library]
        if lacking:
            raise OSError(f"{lacking[0]}: cannot open shared object file: No such file or directory")


def lack(monkeypatch: pytest.MonkeyPatch, *missing: str) -> None:
    monkeypatch.setattr(ctypes, "CDLL", FakeLoader(*missing))


def have_commands(monkeypatch: pytest.MonkeyPatch, *commands: str, root: bool = False) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}" if name in commands else None)
    monkeypatch.setattr("os.geteuid", lambda: 0 if root else 1000)


def test_every_missing_library_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lack(monkeypatch, "libxcb-cursor.so.0", "libEGL.so.1", "libxkbcommon-x11.so.0")
    assert missing_libraries("xcb") == ("libEGL.so.1", "libxcb-cursor.so.0", "libxkbcommon-x11.so.0")


def test_a_library_not_in_our_table_is_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    lack(monkeypatch, "libnew-in-next-qt.so.3")
    assert missing_libraries("offscreen") == ("libnew-in-next-qt.so.3",)


def test_off_screen_needs_no_x_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    lack(monkeypatch, "libGL.so.1", "libxcb-cursor.so.0")
    assert missing_libraries("offscreen") == ("libGL.so.1",)


def test_missing_fonts_are_named_but_do_not_stop_the_app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(system_libraries, "_FONT_FOLDERS", (str(tmp_path / "none"), str(tmp_path)))
    assert FONTS in missing_libraries("offscreen")
    require_libraries("offscreen")
    (tmp_path / "dejavu").mkdir()
    (tmp_path / "dejavu" / "DejaVuSans.ttf").touch()
    assert FONTS not in missing_libraries("offscreen")


def test_the_libraries_the_tests_run_with_are_found() -> None:
    assert set(missing_libraries("offscreen")) <= {FONTS}


def test_the_error_names_libraries_and_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    lack(monkeypatch, "libxcb-cursor.so.0", "libGL.so.1")
    have_commands(monkeypatch, "apt-get")
    with pytest.raises(LstmvizError) as caught:
        require_libraries("xcb")
    assert "libGL.so.1, libxcb-cursor.so.0" in caught.value.where
    assert caught.value.how.endswith("sudo apt-get install --no-install-recommends libgl1 libxcb-cursor0")


def test_a_damaged_qt_is_told_apart_from_a_missing_library(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(library: str) -> None:
        if "plugins" in library:
            raise OSError("invalid ELF header")

    monkeypatch.setattr(ctypes, "CDLL", broken)
    with pytest.raises(LstmvizError, match=r"invalid ELF header.*install PyQt6 again"):
        missing_libraries("xcb")


def test_a_platform_without_plugin_or_a_missing_pyqt_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LstmvizError, match="plugin for 'no-such' is missing"):
        missing_libraries("no-such")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(LstmvizError, match="install PyQt6"):
        missing_libraries("xcb")


def test_one_package_may_hold_several_libraries() -> None:
    libraries = ("libgthread-2.0.so.0", "libglib-2.0.so.0", FONTS, "libunknown.so.1")
    assert debian_packages(libraries) == ("fonts-dejavu-core", "libglib2.0-0")


@pytest.mark.parametrize(
    ("command", "root", "expected"),
    [
        ("apt-get", True, "apt-get install --no-install-recommends fonts-dejavu-core libegl1"),
        ("apt-get", False, "sudo apt-get install --no-install-recommends fonts-dejavu-core libegl1"),
        ("dnf", False, "sudo dnf install 'libEGL.so.1()(64bit)' dejavu-sans-fonts"),
        ("zypper", True, "zypper install 'libEGL.so.1()(64bit)' dejavu-fonts"),
        ("pacman", False, ""),
    ],
)
def test_the_command_fits_the_system(monkeypatch: pytest.MonkeyPatch, command: str, root: bool, expected: str) -> None:
    have_commands(monkeypatch, command, root=root)
    assert install_command(("libEGL.so.1", FONTS)) == expected


def test_a_failed_import_of_qt_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    have_commands(monkeypatch, "apt-get")
    error = explain_import_error(ImportError("libGL.so.1: cannot open shared object file: No such file or directory"))
    assert error.how.endswith(" libgl1")
    assert "no attribute" in explain_import_error(ImportError("no attribute X")).where


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[Path]:
    """A Unix socket at which somebody listens."""
    path = tmp_path / "wayland-7"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        yield path


def test_no_display_variable_is_no_display() -> None:
    assert display_platforms({}) == ()
    assert not display_available({"DISPLAY": "", "WAYLAND_DISPLAY": ""})


@pytest.mark.parametrize(
    "display", [":987", ":987.0", "unix:987", "127.0.0.1:987", "[::1]:987", "nonsense", ":", "host"]
)
def test_a_display_that_nobody_serves_is_none(display: str) -> None:
    assert not display_available({"DISPLAY": display})


def test_a_wayland_compositor_is_found_by_name_and_by_path(listening: Path) -> None:
    assert display_platforms({"WAYLAND_DISPLAY": listening.name, "XDG_RUNTIME_DIR": str(listening.parent)}) == (
        "wayland",
    )
    assert display_platforms({"WAYLAND_DISPLAY": str(listening)}) == ("wayland",)
    assert display_platforms({"WAYLAND_DISPLAY": listening.name}) == ()
    assert display_platforms({"WAYLAND_DISPLAY": str(listening) + "0"}) == ()


def test_the_session_decides_which_display_comes_first(monkeypatch: pytest.MonkeyPatch, listening: Path) -> None:
    monkeypatch.setattr(system_libraries, "_x_server_answers", lambda display: display == ":3")
    both = {"DISPLAY": ":3", "WAYLAND_DISPLAY": str(listening)}
    assert display_platforms(both) == ("xcb", "wayland")
    assert display_platforms(both | {"XDG_SESSION_TYPE": "wayland"}) == ("wayland", "xcb")
    assert display_platforms(both | {"DISPLAY": ":4"}) == ("wayland",)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ("offscreen", ()),
        ("minimal", ()),
        ("xcb", ()),
        ("vnc:size=800x600", ("vnc:size=800x600",)),
        ("xcb;eglfs", ("eglfs",)),
    ],
)
def test_the_platform_the_user_chose_is_kept(chosen: str, expected: tuple[str, ...]) -> None:
    assert display_platforms({"QT_QPA_PLATFORM": chosen}) == expected


@pytest.mark.parametrize(("answers", "refuses", "available"), [(True, 0, True), (True, 1, False), (False, 0, False)])
def test_an_x_server_has_to_let_us_in(
    monkeypatch: pytest.MonkeyPatch, answers: bool, refuses: int, available: bool
) -> None:
    xcb = Mock()
    xcb.xcb_connect.return_value = 1
    xcb.xcb_connection_has_error.return_value = refuses
    monkeypatch.setattr(system_libraries, "_socket_answers", lambda path: answers)
    monkeypatch.setattr(ctypes, "CDLL", lambda library: xcb)
    assert display_available({"DISPLAY": ":3"}) is available


def test_it_loads_no_qt_and_reports_as_json() -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    program = (
        "import runpy, sys; runpy.run_module('lstmviz.gui.process.system_libraries', run_name='__main__');"
        "assert not any(name.startswith('PyQt6.') for name in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    report = json.loads(done.stdout)
    assert set(report) == {"missing", "packages", "command"}
    assert set(report["missing"]) <= {FONTS}
