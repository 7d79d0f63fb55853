"""The wheel, the metadata and the commands: what a fresh machine relies on."""

from __future__ import annotations

import ast
import importlib
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

import lstmviz

PROJECT = Path(__file__).resolve().parent.parent
METADATA: dict[str, Any] = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as pip would build it."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def files_below(folder: str) -> set[str]:
    """The files of one folder of the project that belong into the wheel, relative to the project."""
    found = (path for path in (PROJECT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(PROJECT).as_posix() for path in found}


def imported_packages(folder: Path) -> set[str]:
    """The top-level names that the Python files below ``folder`` import."""
    names: set[str] = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.split(".")[0])
    return names


def test_the_wheel_holds_the_package_and_its_resources_and_nothing_else(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    resources = {f"lstmviz/{name}" for name in files_below("resources")}
    assert names == files_below("lstmviz") | resources
    assert "lstmviz/py.typed" in names


def test_the_wheel_carries_version_licence_and_commands(wheel: Path) -> None:
    assert wheel.name == f"lstmviz-{lstmviz.__version__}-py3-none-any.whl"
    archive = zipfile.ZipFile(wheel)
    info = f"lstmviz-{lstmviz.__version__}.dist-info"
    assert b"GNU GENERAL PUBLIC LICENSE" in archive.read(f"{info}/licenses/LICENSE")
    assert b"License-Expression: GPL-3.0-or-later" in archive.read(f"{info}/METADATA")
    commands = archive.read(f"{info}/entry_points.txt").decode()
    assert re.search(r"\[console_scripts\]\s+lstmviz = lstmviz\.cli:main", commands)
    assert re.search(r"\[gui_scripts\]\s+lstmviz-gui = lstmviz\.cli:main", commands)


def test_resources_are_found_in_an_installed_wheel(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    program = (
        "import lstmviz, pathlib\n"
        "from lstmviz.io.resources import APP_ICON, resource, resource_names\n"
        "print(pathlib.Path(lstmviz.__file__).parent)\n"
        "print(resource(APP_ICON))\n"
        "print(resource_names('icons', '.svg'))\n"
    )
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    package, icon, icons = done.stdout.splitlines()
    assert Path(package) == tmp_path / "lstmviz"
    assert Path(icon).is_relative_to(package)
    assert "icons/lstmviz.svg" in icons


def test_the_commands_lead_to_something_that_can_be_called() -> None:
    targets = METADATA["project"]["scripts"] | METADATA["project"]["gui-scripts"]
    assert set(targets) == {"lstmviz", "lstmviz-gui"}
    for target in targets.values():
        module, _, function = target.partition(":")
        assert callable(getattr(importlib.import_module(module), function))


DISTRIBUTIONS = {"pil": "pillow"}
"""Packages whose name is not that of what one installs."""


def test_every_package_the_app_imports_is_declared() -> None:
    declared = {re.split(r"[<>=!\[; ]", line)[0].lower() for line in METADATA["project"]["dependencies"]}
    names = (name.lower() for name in imported_packages(PROJECT / "lstmviz") - set(sys.stdlib_module_names))
    imported = {DISTRIBUTIONS.get(name, name) for name in names}
    assert imported - {"lstmviz"} == declared


def test_set_up_needs_the_standard_library_alone() -> None:
    assert imported_packages(PROJECT / "tools") <= set(sys.stdlib_module_names)


def test_the_changelog_knows_this_version() -> None:
    assert f"## [{lstmviz.__version__}]" in (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("script", [".ci/run", "tools/find_python"])
def test_scripts_can_be_run(script: str) -> None:
    assert os.access(PROJECT / script, os.X_OK)
