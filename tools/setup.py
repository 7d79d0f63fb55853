"""Sets up ``.venv`` and the system libraries: ``python tools/setup.py run`` to use the app, ``test`` to work on it.

Does nothing, and needs no network, when nothing changed since the last time. Uses the standard library only.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn, TypedDict

PROJECT = Path(__file__).resolve().parent.parent
VENV = PROJECT / ".venv"
VENV_PYTHON = str(VENV / "bin" / "python")
GOALS = {"run": ["--editable", "."], "test": ["--editable", ".", "--group", "dev"]}
"""What pip installs for each goal; what one goal needs the ones after it install too."""


class Report(TypedDict):
    """What the app says about the system: libraries that are missing, where they come from, what installs them."""

    missing: list[str]
    packages: list[str]
    command: str


def main(goal: str) -> None:
    """Set up for ``goal``, "run" or "test"; ends the process with a message if the user has to do something first."""
    if goal not in GOALS:
        stop(f"usage: {Path(__file__).name} {'|'.join(GOALS)}")
    if not venv_works():
        create_venv()
    if read_stamp(goal) != stamp_now():
        install(goal)
    install_system_libraries()


def venv_works() -> bool:
    """Whether ``.venv`` has a Python that starts and is new enough; after an update of the system's it may not."""
    command = [VENV_PYTHON, "-c", "import pip, sys; sys.exit(sys.version_info < (3, 11))"]
    return os.path.exists(VENV_PYTHON) and subprocess.run(command, capture_output=True, check=False).returncode == 0


def create_venv() -> None:
    """Create ``.venv`` with the Python that runs this script."""
    make_venv_possible()
    say(f"Creating .venv with Python {sys.version.split()[0]}")
    if subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=False).returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        stop("The virtual environment .venv could not be created; the reason stands above.")


def make_venv_possible() -> None:
    """Debian keeps what ``venv`` needs in a package of its own; install that, or say how."""
    if has_ensurepip():
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if not is_debian():
        stop("This Python lacks the modules venv and ensurepip. Please install them with your package manager.")
    if not is_root():
        stop(f"Python's venv module is missing. This installs it: sudo apt-get install {package}")
    if not (apt_install([package]) or apt_install(["python3-venv"])):
        stop(f"The package {package} could not be installed; the reason stands above.")


def has_ensurepip() -> bool:
    """Whether this Python can make a virtual environment with pip in it."""
    command = [sys.executable, "-c", "import venv, ensurepip"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def install(goal: str) -> None:
    """Install the app, editable, and what ``goal`` needs; leaves a stamp that says so."""
    say(f"Installing lstmviz into .venv ({goal}); this takes a minute")
    pip = [VENV_PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    # the pip that comes with Python 3.11 and 3.12 knows no dependency groups
    for arguments in (["--upgrade", "pip>=25.1"], GOALS[goal]):
        if subprocess.run([*pip, *arguments], cwd=PROJECT, check=False).returncode != 0:
            stop("The installation failed; the reason stands above. Is there a network connection?")
    for done in list(GOALS)[: list(GOALS).index(goal) + 1]:
        stamp_file(done).write_text(stamp_now(), encoding="utf-8")


def stamp_file(goal: str) -> Path:
    """Where it is kept what was installed for ``goal``."""
    return VENV / f"installed-for-{goal}"


def stamp_now() -> str:
    """Changes whenever the installation has to be made anew: other dependencies, or the folder was moved."""
    return hashlib.sha256((PROJECT / "pyproject.toml").read_bytes() + os.fsencode(PROJECT)).hexdigest()


def read_stamp(goal: str) -> str:
    """The stamp of the last installation for ``goal``, empty if there was none."""
    file = stamp_file(goal)
    return file.read_text(encoding="utf-8") if file.exists() else ""


def install_system_libraries() -> None:
    """Install the system libraries Qt misses, as root on Debian and its kin; elsewhere print the command and end."""
    report = missing_libraries()
    if not report["missing"]:
        return
    names = ", ".join(report["missing"])
    if report["packages"] and is_root() and is_debian():
        say(f"Installing the system libraries that Qt misses: {names}")
        if apt_install(report["packages"]) and not (report := missing_libraries())["missing"]:
            return
        stop(f"Qt still misses {', '.join(report['missing'])}; the reason stands above.")
    if report["command"]:
        stop(f"Qt misses system libraries ({names}). This installs them:\n\n    {report['command']}\n")
    stop(f"Qt misses system libraries: {names}. Please install them with your package manager.")


def missing_libraries() -> Report:
    """Ask the installed app, which knows where it would open a window and what Qt needs for that."""
    command = [VENV_PYTHON, "-m", "lstmviz.gui.process.system_libraries"]
    done = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        stop("The system libraries could not be checked; the reason stands above.")
    report: Report = json.loads(done.stdout)
    return report


def apt_install(packages: list[str]) -> bool:
    """Install Debian packages; the lists of packages are only fetched if it does not work without."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install_packages = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages]
    first = subprocess.run(install_packages, env=environment, capture_output=True, check=False)
    if first.returncode == 0:
        return True
    subprocess.run(["apt-get", "update", "--quiet"], env=environment, check=False)
    return subprocess.run(install_packages, env=environment, check=False).returncode == 0


def is_root() -> bool:
    """Whether packages may be installed without asking."""
    return os.geteuid() == 0


def is_debian() -> bool:
    """Whether this is Debian or one of its kin."""
    return shutil.which("apt-get") is not None


def say(message: str) -> None:
    """Tell what is going on."""
    print(f"lstmviz: {message}", flush=True)


def stop(message: str) -> NoReturn:
    """End with a message about what the user has to do."""
    sys.exit(f"lstmviz: {message}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) == 2 else "")
