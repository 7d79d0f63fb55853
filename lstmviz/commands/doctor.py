"""``lstmviz doctor``: what this installation consists of, what is missing, and the command that mends it."""

from __future__ import annotations

import argparse
import os
import platform
import shlex
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from lstmviz import __version__
from lstmviz.commands.arguments import USAGE, add_json, describe
from lstmviz.commands.streams import print_json
from lstmviz.core.errors import LstmvizError
from lstmviz.gui.process.system_libraries import (
    display_platforms,
    explain_import_error,
    install_command,
    missing_libraries,
)

_NEEDED = ("numpy", "threadpoolctl", "PyQt6", "PyQt6-Qt6", "pyqtgraph")
_IMPORTED = ("numpy", "threadpoolctl")
"""Of these, those that are loaded to see whether they can be; Qt has a look of its own."""

_READERS = {
    "h5py": ("h5py", "Keras models (.keras, .h5, .hdf5)"),
    "onnx": ("onnx", "ONNX models (.onnx)"),
    "safetensors": ("safetensors", "safetensors models (.safetensors)"),
    "Pillow": ("PIL", "animations as GIF, APNG and WebP"),
    "av": ("av", "animations as MP4"),
}
"""Package -> (its module, what it is for)."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. ``fault``: lstmviz cannot work as it should; ``how`` mends it."""

    name: str
    value: str
    state: Literal["ok", "note", "fault"] = "ok"
    how: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How to print it."""
    describe(
        parser,
        "Look at versions, system libraries, the display and folders, and say what mends what is missing. A note is\n"
        "something that lstmviz can do without; a fault is not.",
        "lstmviz doctor",
        "lstmviz doctor --json",
        exit_codes=("0 nothing to mend", "1 a fault: something needed is missing", USAGE),
    )
    add_json(parser, 'one object {"ok", "findings"}, a finding {"name", "value", "state", "how"},')


def run(arguments: argparse.Namespace) -> int:
    """Print what was found; 1 where something has to be mended."""
    findings = list(examined())
    faults = any(finding.state == "fault" for finding in findings)
    if arguments.json:
        print_json({"ok": not faults, "findings": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            print(f"{finding.state:<5}  {finding.name:<16}  {finding.value}")
            if finding.how:
                print(f"{'':<25}{finding.how}")
        print("\nSomething is missing." if faults else "\nNothing is missing.")
    return 1 if faults else 0


def examined() -> Iterator[Finding]:
    """Every finding, one after the other."""
    yield Finding("lstmviz", __version__)
    yield Finding("Python", f"{platform.python_version()} at {sys.executable}")
    yield Finding("system", platform.platform())
    yield from map(_needed, _NEEDED)
    for package, (module, purpose) in _READERS.items():
        yield _reader(package, module, purpose)
    yield _libraries()
    yield _display()
    yield from _folders()


def _needed(package: str) -> Finding:
    try:
        found = version(package)
        if package in _IMPORTED:
            import_module(package)
    except PackageNotFoundError:
        return Finding(package, "is not installed", "fault", _pip(package))
    except (ImportError, OSError) as error:
        return Finding(package, f"cannot be loaded: {error}", "fault", f"{_pip(package)} --force-reinstall")
    return Finding(package, found)


def _reader(package: str, module: str, purpose: str) -> Finding:
    """A package that one kind of file needs: without it the rest works."""
    try:
        found = version(package)
        import_module(module)
    except PackageNotFoundError:
        return Finding(package, f"is not installed: no {purpose}", "note", _pip(package))
    except (ImportError, OSError) as error:
        return Finding(
            package, f"cannot be loaded, so no {purpose}: {error}", "note", f"{_pip(package)} --force-reinstall"
        )
    return Finding(package, f"{found}, for {purpose}")


def _libraries() -> Finding:
    """The system's libraries for a window here, or for drawing where there is no display."""
    platforms = display_platforms()
    wanted = platforms[0].partition(":")[0] if platforms else "offscreen"
    name = "system libraries"
    try:
        missing = missing_libraries(wanted)
    except LstmvizError as error:
        return Finding(name, f"{error.what}: {error.where}".rstrip(": "), "fault", error.how)
    if not missing:
        return Finding(name, f"all that Qt needs for {wanted} are there")
    command = install_command(missing) or "Install them with your system's package manager."
    return Finding(name, f"missing: {', '.join(missing)}", "fault", command)


def _display() -> Finding:
    platforms = display_platforms()
    if platforms:
        return Finding("display", ", ".join(platforms))
    how = "lstmviz render draws without one; over ssh, try ssh -X."
    return Finding("display", "there is none, so no window can be opened", "note", how)


def _folders() -> Iterator[Finding]:
    """Where settings, unsaved work and reports are written; Qt knows the places."""
    try:
        from lstmviz.gui.files.recovery import recovery_folder
        from lstmviz.gui.process.crash import report_folder
        from lstmviz.gui.settings import SettingsStore
    except ImportError as error:
        if (error.name or "").partition(".")[0] in _NEEDED and error.name != "PyQt6":
            return  # said already
        explained = explain_import_error(error)
        yield Finding("Qt", f"{explained.what}: {explained.where}", "fault", explained.how)
        return
    yield _folder("settings", Path(SettingsStore().path))
    yield _folder("unsaved work", recovery_folder() / "x", shown=recovery_folder())
    yield _folder("crash reports", report_folder() / "x", shown=report_folder())


def _folder(name: str, file: Path, shown: Path | None = None) -> Finding:
    """Whether ``file`` can be written; its folder may have to be made first."""
    there = next(parent for parent in file.parents if parent.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
        if file.exists() and not os.access(file, os.W_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        how = "Make it yours, or free some space; settings and unsaved work cannot be kept."
        return Finding(name, f"{shown or file} cannot be written: {error.strerror}", "fault", how)
    return Finding(name, str(shown or file))


def _pip(package: str) -> str:
    return f"{shlex.quote(sys.executable)} -m pip install {package}"
