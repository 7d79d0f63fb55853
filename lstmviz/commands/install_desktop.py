"""``lstmviz install-desktop``: the menu entry, the icon, and the kind of file that sessions are, on Linux."""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from lstmviz.commands.arguments import describe
from lstmviz.core.errors import LstmvizError
from lstmviz.io.atomic import write_atomically
from lstmviz.io.resources import APP_ICON, resource
from lstmviz.io.sessions import SUFFIX

MIME_TYPE = "application/x-lstmviz"
"""Of session files."""

_ENTRY = Path("applications/lstmviz.desktop")
_TYPE = Path("mime/packages/lstmviz.xml")
_ICONS = (
    Path("icons/hicolor/scalable/apps/lstmviz.svg"),
    Path("icons/hicolor/scalable/mimetypes/application-x-lstmviz.svg"),
)
_REFRESH = (("update-mime-database", "mime"), ("update-desktop-database", "applications"))
"""What tells a running desktop of the change, and the folder it takes; without it the desktop finds out later."""

_SECONDS = 30
_RESERVED = re.compile(r"""[\s"'\\><~|&;$*?#()`%]""")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whether to put it there, or to take it away."""
    describe(
        parser,
        f"Put lstmviz into the desktop's menu and let a click on a session, FILE{SUFFIX}, open it. On Linux, for this\n"
        "user alone: below $XDG_DATA_HOME, usually ~/.local/share. Running it again brings everything up to date.",
        "lstmviz install-desktop",
        "lstmviz install-desktop --remove",
    )
    parser.add_argument("--remove", action="store_true", help="take all of it away again")


def run(arguments: argparse.Namespace) -> int:
    """Write or remove the files, and tell the desktop."""
    if platform.system() in ("Windows", "Darwin"):
        raise LstmvizError(
            "Menu entries are made on Linux only", where=platform.system(), how="Start it from a terminal: lstmviz."
        )
    folder = data_folder()
    names = tuple(contents())
    there = [folder / name for name in names if (folder / name).is_file()]
    if arguments.remove:
        for path in there:
            _remove(path)
    else:
        for name, content in contents().items():
            _write(folder / name, content)
    _refresh(folder)
    done, paths = ("removed", there) if arguments.remove else ("written", [folder / name for name in names])
    print("\n".join(f"{done}  {path}" for path in paths) or "There was nothing to remove.")
    return 0


def data_folder() -> Path:
    """Where the desktop looks for what a user has added: $XDG_DATA_HOME, if it is a whole path."""
    given = Path(os.environ.get("XDG_DATA_HOME", ""))
    return given if given.is_absolute() else Path.home() / ".local" / "share"


def contents() -> dict[Path, bytes]:
    """What to write, by its place below the data folder."""
    icon = resource(APP_ICON).read_bytes()
    return {_ENTRY: _menu_entry().encode(), _TYPE: _mime_type().encode()} | dict.fromkeys(_ICONS, icon)


def _menu_entry() -> str:
    """The entry, after the Desktop Entry Specification of freedesktop.org."""
    return f"""[Desktop Entry]
Type=Application
Version=1.0
Name=lstmviz
GenericName=LSTM debugger
Comment=See inside an LSTM: step through it, compare it with a vanilla RNN
Exec={_command_line()} --errors-in-window %F
TryExec={_escaped(_command()[0])}
Icon=lstmviz
Terminal=false
Categories=Science;Education;ArtificialIntelligence;
Keywords=LSTM;RNN;gradient;neural network;
MimeType={MIME_TYPE};
StartupWMClass=lstmviz
StartupNotify=true
"""


def _mime_type() -> str:
    """The kind of file, after the Shared MIME-info Specification of freedesktop.org."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="{MIME_TYPE}">
    <comment>lstmviz session</comment>
    <sub-class-of type="application/zip"/>
    <glob pattern="*{SUFFIX}"/>
    <icon name="application-x-lstmviz"/>
  </mime-type>
</mime-info>
"""


def _command() -> tuple[str, ...]:
    """What starts this very installation."""
    script = Path(sys.executable).with_name("lstmviz")
    return (str(script),) if script.is_file() else (sys.executable, "-m", "lstmviz")


def _command_line() -> str:
    """The command as an entry wants it: words with signs of the shell in quotes, and all backslashes twice."""
    return _escaped(" ".join(map(_quoted, _command())))


def _quoted(word: str) -> str:
    if not _RESERVED.search(word):
        return word
    inner = re.sub(r'(["`$\\])', r"\\\1", word).replace("%", "%%")
    return f'"{inner}"'


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace("\t", r"\t")


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refused(error, path.parent) from error
    write_atomically(path, content)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _refused(error, path) from error


def _refused(error: OSError, path: Path) -> LstmvizError:
    return LstmvizError(
        f"Writing is not possible there: {error.strerror}", where=str(path), how="Make the folder yours, or free space."
    )


def _refresh(folder: Path) -> None:
    """Tell the desktop, where its programs are installed; a failure of theirs is no reason for one here."""
    for program, name in _REFRESH:
        found = shutil.which(program)
        if found and (folder / name).is_dir():
            try:
                subprocess.run([found, str(folder / name)], capture_output=True, timeout=_SECONDS, check=False)
            except (OSError, subprocess.TimeoutExpired):
                continue
