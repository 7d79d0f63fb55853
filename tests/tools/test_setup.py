"""Setting up on other machines than this one: not root, not Debian, no venv module, nothing changed."""

from __future__ import annotations

import importlib.util
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parent.parent.parent
NOTHING_MISSING = {"missing": [], "packages": [], "command": ""}
CURSOR_MISSING = {
    "missing": ["libxcb-cursor.so.0"],
    "packages": ["libxcb-cursor0"],
    "command": "sudo apt-get install --no-install-recommends libxcb-cursor0",
}


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """tools/setup.py, for a project in an empty folder."""
    spec = importlib.util.spec_from_file_location("setup_under_test", PROJECT / "tools" / "setup.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    monkeypatch.setattr(module, "PROJECT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "VENV_PYTHON", str(tmp_path / ".venv" / "bin" / "python"))
    return module


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that were started; each succeeds and does nothing."""
    started: list[list[str]] = []

    def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        started.append(command)
        return subprocess.CompletedProcess(command, 0, stdout="")

    monkeypatch.setattr(subprocess, "run", run)
    return started


def on_system(monkeypatch: pytest.MonkeyPatch, *, root: bool, debian: bool) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000)
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/apt-get" if debian else None)


def reports(*answers: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    remaining = list(answers)
    return lambda: remaining.pop(0)


def packages_installed(commands: list[list[str]]) -> list[str]:
    return [command[-1] for command in commands if command[:2] == ["apt-get", "install"]]


def test_root_on_debian_gets_the_missing_libraries(
    setup: ModuleType, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    on_system(monkeypatch, root=True, debian=True)
    monkeypatch.setattr(setup, "missing_libraries", reports(CURSOR_MISSING, NOTHING_MISSING))
    setup.install_system_libraries()
    assert packages_installed(commands) == ["libxcb-cursor0"]


def test_libraries_that_are_still_missing_are_reported(
    setup: ModuleType, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    on_system(monkeypatch, root=True, debian=True)
    monkeypatch.setattr(setup, "missing_libraries", reports(CURSOR_MISSING, CURSOR_MISSING))
    with pytest.raises(SystemExit, match="still misses libxcb-cursor"):
        setup.install_system_libraries()


@pytest.mark.parametrize(("root", "debian"), [(False, True), (False, False), (True, False)])
def test_everybody_else_is_told_the_command(
    setup: ModuleType, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch, root: bool, debian: bool
) -> None:
    on_system(monkeypatch, root=root, debian=debian)
    monkeypatch.setattr(setup, "missing_libraries", reports(CURSOR_MISSING))
    with pytest.raises(SystemExit, match="sudo apt-get install --no-install-recommends libxcb-cursor0"):
        setup.install_system_libraries()
    assert commands == []


def test_libraries_are_named_where_no_command_is_known(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    on_system(monkeypatch, root=True, debian=False)
    monkeypatch.setattr(setup, "missing_libraries", reports(CURSOR_MISSING | {"packages": [], "command": ""}))
    with pytest.raises(SystemExit, match=r"libxcb-cursor\.so\.0\. Please install"):
        setup.install_system_libraries()


def test_package_lists_are_fetched_when_apt_does_not_know_a_package(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []

    def run(command: list[str], env: dict[str, str], **options: Any) -> subprocess.CompletedProcess[str]:
        assert env["DEBIAN_FRONTEND"] == "noninteractive"
        started.append(command[1])
        return subprocess.CompletedProcess(command, 0 if "update" in started else 100)

    monkeypatch.setattr(subprocess, "run", run)
    assert setup.apt_install(["libgl1"])
    assert started == ["install", "update", "install"]


def test_a_missing_venv_module_is_installed_or_explained(
    setup: ModuleType, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "has_ensurepip", lambda: False)
    on_system(monkeypatch, root=True, debian=True)
    setup.make_venv_possible()
    (package,) = packages_installed(commands)
    assert package.startswith("python3.")
    assert package.endswith("-venv")

    on_system(monkeypatch, root=False, debian=True)
    with pytest.raises(SystemExit, match=f"sudo apt-get install {package}"):
        setup.make_venv_possible()

    on_system(monkeypatch, root=False, debian=False)
    with pytest.raises(SystemExit, match="venv and ensurepip"):
        setup.make_venv_possible()


def test_installs_once_and_again_only_when_the_project_changed(
    setup: ModuleType, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "venv_works", lambda: True)
    monkeypatch.setattr(setup, "missing_libraries", lambda: NOTHING_MISSING)
    setup.VENV.mkdir()

    def set_up(goal: str) -> bool:
        commands.clear()
        setup.main(goal)
        return any("--editable" in command for command in commands)

    assert set_up("run")
    assert not set_up("run")
    assert set_up("test")
    assert not set_up("test")
    assert not set_up("run")
    (setup.PROJECT / "pyproject.toml").write_text("[project]\ndependencies = []\n", encoding="utf-8")
    assert set_up("test")
    assert not set_up("run")


def test_a_failed_installation_leaves_no_stamp(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    setup.VENV.mkdir()
    monkeypatch.setattr(subprocess, "run", lambda command, **options: subprocess.CompletedProcess(command, 1))
    with pytest.raises(SystemExit, match="network"):
        setup.install("run")
    assert setup.read_stamp("run") != setup.stamp_now()


def test_a_broken_environment_is_noticed(setup: ModuleType) -> None:
    assert not setup.venv_works()
    python = Path(setup.VENV_PYTHON)
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    python.chmod(0o755)
    assert not setup.venv_works()


def test_an_unknown_goal_is_refused(setup: ModuleType) -> None:
    with pytest.raises(SystemExit, match=r"run\|test"):
        setup.main("everything")


def find_python(folder: Path, **versions: str) -> subprocess.CompletedProcess[str]:
    """Run tools/find_python where only these Pythons exist; each says its version."""
    for name, version in versions.items():
        minor = version.split(".")[1]
        python = folder / name.replace("_", ".")
        says_version = f'[ "$1" = --version ] && echo "Python {version}" && exit'
        python.write_text(f"#!/bin/sh\n{says_version}\n[ {minor} -ge 11 ]\n", encoding="utf-8")
        python.chmod(0o755)
    return subprocess.run(
        ["/bin/sh", str(PROJECT / "tools" / "find_python")],
        env={"PATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_newest_python_is_taken(tmp_path: Path) -> None:
    done = find_python(tmp_path, python3="3.9", python3_11="3.11", python3_13="3.13")
    assert done.stdout.strip() == str(tmp_path / "python3.13")


def test_a_python_that_is_too_old_is_named(tmp_path: Path) -> None:
    done = find_python(tmp_path, python3="3.9")
    assert done.returncode == 1
    assert "needs Python 3.11 or newer; this machine has Python 3.9" in done.stderr


def test_no_python_at_all_is_said(tmp_path: Path) -> None:
    done = find_python(tmp_path)
    assert done.returncode == 1
    assert "no Python" in done.stderr
