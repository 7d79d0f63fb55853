"""What Qt needs of a Linux system: looked at before Qt starts, because Qt aborts without a Python exception.

Imports no Qt, so that it works where Qt cannot be loaded. Elsewhere than on Linux the Qt wheels are complete.
"""

from __future__ import annotations

import ctypes
import importlib.util
import json
import os
import re
import shutil
import socket
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from lstmviz.core.errors import LstmvizError

FONTS = "fonts"
"""Stands among the missing libraries for: no font is installed, so text would be empty boxes."""

_EVERY_PLATFORM = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libstdc++.so.6": "libstdc++6",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libz.so.1": "zlib1g",
}
_X11 = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
_WAYLAND = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}
_BY_PLATFORM = {"xcb": _EVERY_PLATFORM | _X11, "wayland": _EVERY_PLATFORM | _WAYLAND}
_DEBIAN_PACKAGES = {FONTS: "fonts-dejavu-core"} | _EVERY_PLATFORM | _X11 | _WAYLAND
_FONT_PACKAGES = {"dnf": "dejavu-sans-fonts", "zypper": "dejavu-fonts"}

_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
_NO_SUCH_LIBRARY = re.compile(r"(?P<name>\S+\.so[.\d]*): cannot open shared object file")
_X_DISPLAY = re.compile(r"(?P<host>.*):(?P<number>\d+)(?:\.\d+)?")
_PLATFORMS_WITHOUT_A_WINDOW = {"offscreen", "minimal", "minimalegl"}
_ANSWER_SECONDS = 2.0


def display_platforms(environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The Qt platforms that can show a window now, the preferred one first; empty without a display.

    A display that is named but that nobody serves does not count. Joined by ";" it is what QT_QPA_PLATFORM takes.
    """
    wanted = environ.get("QT_QPA_PLATFORM", "")
    if not wanted:
        if not sys.platform.startswith("linux"):
            return ({"darwin": "cocoa", "win32": "windows"}.get(sys.platform, "xcb"),)
        wanted = "wayland;xcb" if environ.get("XDG_SESSION_TYPE") == "wayland" else "xcb;wayland"
    return tuple(platform for platform in wanted.split(";") if _can_show(platform.split(":")[0], environ))


def display_available(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a window can be opened that somebody can see."""
    return bool(display_platforms(environ))


def missing_libraries(platform: str) -> tuple[str, ...]:
    """The shared libraries that Qt's ``platform`` plugin ("xcb", "wayland", "offscreen") needs and the system lacks.

    Contains FONTS when no font is installed. Raises LstmvizError if PyQt6 itself is missing or damaged.
    """
    if not sys.platform.startswith("linux"):
        return ()
    missing = () if _fonts_installed() else (FONTS,)
    plugin = _platform_plugin(platform)
    error = _loading_error(str(plugin))
    if not error:
        return missing
    # the loader names the first one only; so ask for every library that is known to be needed
    known = {name for name in _BY_PLATFORM.get(platform, _EVERY_PLATFORM) if _loading_error(name)}
    named = {match["name"] for match in _NO_SUCH_LIBRARY.finditer(error)}
    if not known | named:
        raise LstmvizError("Qt cannot be loaded", where=error, how="Please install PyQt6 again.")
    return (*sorted(known | named), *missing)


def debian_packages(libraries: Iterable[str]) -> tuple[str, ...]:
    """The Debian and Ubuntu packages that hold these libraries; one that is not known is left out."""
    return tuple(sorted({_DEBIAN_PACKAGES[name] for name in libraries if name in _DEBIAN_PACKAGES}))


def install_command(libraries: Iterable[str]) -> str:
    """The one command that installs these libraries on this system; empty if we know none."""
    libraries = tuple(libraries)
    manager = next((name for name in ("apt-get", "dnf", "zypper") if shutil.which(name)), "")
    if manager == "apt-get":
        packages = debian_packages(libraries)
    else:
        # rpm packages provide what they hold under this name, so no table of packages is needed
        packages = tuple(f"'{name}()(64bit)'" for name in libraries if name != FONTS)
        packages += (_FONT_PACKAGES.get(manager, ""),) if FONTS in libraries else ()
    if not manager or not packages:
        return ""
    options = " --no-install-recommends" if manager == "apt-get" else ""
    sudo = "" if os.geteuid() == 0 else "sudo "
    return f"{sudo}{manager} install{options} {' '.join(packages)}"


def require_libraries(platform: str) -> None:
    """Raises LstmvizError, with the command that mends it, if a library for ``platform`` is missing."""
    missing = tuple(name for name in missing_libraries(platform) if name != FONTS)
    if missing:
        raise _missing_error(missing)


def explain_import_error(error: ImportError) -> LstmvizError:
    """The clear message for an ``import PyQt6...`` that failed."""
    named = tuple(match["name"] for match in _NO_SUCH_LIBRARY.finditer(str(error)))
    if named:
        return _missing_error(named)
    return LstmvizError("Qt cannot be loaded", where=str(error), how="Please install PyQt6 again.")


def _missing_error(libraries: tuple[str, ...]) -> LstmvizError:
    command = install_command(libraries)
    how = f"This installs them: {command}" if command else "Please install them with your system's package manager."
    return LstmvizError("Qt needs system libraries that are not installed", where=", ".join(libraries), how=how)


def _platform_plugin(platform: str) -> Path:
    spec = importlib.util.find_spec("PyQt6")
    for folder in (spec and spec.submodule_search_locations) or ():
        plugin = Path(folder, "Qt6", "plugins", "platforms", f"libq{platform}.so")
        if plugin.is_file():
            return plugin
    raise LstmvizError(
        f"Qt's plugin for {platform!r} is missing", how="Please install PyQt6 again, with pip: its wheel brings it."
    )


def _loading_error(library: str) -> str:
    try:
        ctypes.CDLL(library)
    except OSError as error:
        return str(error)
    return ""


def _fonts_installed() -> bool:
    patterns = ("*.ttf", "*.otf", "*.ttc")
    folders = [Path(folder).expanduser() for folder in _FONT_FOLDERS]
    return any(next(folder.rglob(pattern), None) for folder in folders for pattern in patterns)


def _can_show(platform: str, environ: Mapping[str, str]) -> bool:
    if platform == "xcb":
        return _x_server_answers(environ.get("DISPLAY", ""))
    if platform.startswith("wayland"):
        return _wayland_answers(environ)
    return platform not in _PLATFORMS_WITHOUT_A_WINDOW


def _wayland_answers(environ: Mapping[str, str]) -> bool:
    name, folder = environ.get("WAYLAND_DISPLAY", ""), environ.get("XDG_RUNTIME_DIR", "")
    return bool(name) and (bool(folder) or name.startswith("/")) and _socket_answers(os.path.join(folder, name))


def _x_server_answers(display: str) -> bool:
    match = _X_DISPLAY.fullmatch(display)
    if not match:
        return False
    host, number = match["host"], int(match["number"])
    if host in ("", "unix"):
        path = f"/tmp/.X11-unix/X{number}"
        listening = _socket_answers(path) or _socket_answers(f"\0{path}")
    else:
        listening = _port_answers(host.strip("[]"), 6000 + number)
    return listening and _x_server_lets_us_in(display)


def _socket_answers(path: str) -> bool:
    """Whether somebody listens at this Unix socket; a path that starts with NUL is in Linux's abstract namespace."""
    try:
        with socket.socket(socket.AF_UNIX) as unix_socket:
            unix_socket.settimeout(_ANSWER_SECONDS)
            unix_socket.connect(path)
    except OSError:
        return False
    return True


def _port_answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=_ANSWER_SECONDS).close()
    except OSError:
        return False
    return True


def _x_server_lets_us_in(display: str) -> bool:
    """Whether the server accepts us; a server may answer and refuse, as after ``su``, and Qt would abort then."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # missing_libraries says so
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(display.encode(), None))
    refused = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not refused


def _report() -> dict[str, object]:
    """What the set-up script asks: the libraries missing for a window here, or for drawing without a display."""
    platforms = display_platforms()
    missing = missing_libraries(platforms[0].split(":")[0] if platforms else "offscreen")
    return {"missing": missing, "packages": debian_packages(missing), "command": install_command(missing)}


if __name__ == "__main__":
    print(json.dumps(_report()))
