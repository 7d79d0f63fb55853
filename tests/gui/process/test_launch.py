"""The windows that a command line opens: one a file, each with what the file needs, and how the program ends."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np

from lstmviz.core.networks.network import Network
from lstmviz.io.experiments import load_example
from lstmviz.io.sessions import SessionFile, save_session

START = """
import os, signal, sys
from pathlib import Path
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication, QDialog
from lstmviz.core.errors import LstmvizError
from lstmviz.gui.process import crash, launch
from lstmviz.io.opening import GivenFile, content_of

def windows():
    shown = [each for each in QApplication.topLevelWidgets() if hasattr(each, "session") and each.isVisible()]
    return sorted(shown, key=lambda window: window.x())

def after_opening(look, create=launch.create_application):
    def created(arguments):
        app = create(arguments)
        QTimer.singleShot(0, look)  # when the event loop runs, so after all windows are there
        return app
    launch.create_application = created

def opened(*names, **options):
    files = [GivenFile(Path(name), content_of(Path(name))) for name in names]
    return launch.run_windows(files, None, reset=False, **options)
"""


def run(program: str, folder: Path) -> list[str]:
    """The lines that the program prints, off-screen, in ``folder`` and with settings of its own."""
    environ = os.environ | {"QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": str(folder / "settings")}
    environ["PYTHONPATH"] = str(Path(__file__).parents[3])
    command = [sys.executable, "-c", START + textwrap.dedent(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environ, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout.splitlines()


def write_files(folder: Path) -> None:
    example = load_example("letters")
    save_session(folder / "work.lstmviz", SessionFile(example.experiment, example.cursor))
    networks = {"a": Network.create("lstm", 3, 4), "b": Network.create("lstm", 3, 5)}
    arrays = {f"{part}.{name}": array for part, each in networks.items() for name, array in each.state_dict().items()}
    np.savez(folder / "two.npz", **arrays)
    np.savez(folder / "one.npz", **networks["a"].state_dict())
    np.savetxt(folder / "numbers.csv", np.arange(12.0).reshape(4, 3), delimiter=",")


def test_a_window_for_each_file_with_the_dialog_that_it_needs(tmp_path: Path) -> None:
    write_files(tmp_path)
    lines = run(
        """
        def look():
            for window in windows():
                dialogs = [each.objectName() for each in window.findChildren(QDialog) if each.isVisible()]
                path = window.files.document.path
                print(window.session.experiment.title, "|", path and path.name, "|", *dialogs)
            crash.HANDLER(LstmvizError, LstmvizError("What was asked"), None)
            QTimer.singleShot(0, told)

        def told():
            errors = [window.messages.error for window in windows()]
            print(sum(error is not None and error.what == "What was asked" for error in errors))
            QApplication.closeAllWindows()
            QTimer.singleShot(0, QApplication.closeAllWindows)

        after_opening(look)
        print(opened("one.npz", "two.npz", "numbers.csv", "work.lstmviz"))
        """,
        tmp_path,
    )
    assert lines == [
        "one | None |",
        "Company B, the worked example | None | model_import",
        "A noisy sine: predict the next value | None | sequence_import",
        "Letters: predict the next one | work.lstmviz |",
        "1",
        "0",
    ]


def test_ctrl_c_closes_the_windows_and_is_told_by_the_exit_code(tmp_path: Path) -> None:
    write_files(tmp_path)
    lines = run(
        """
        after_opening(lambda: os.kill(os.getpid(), signal.SIGINT))
        print(opened("work.lstmviz", "one.npz"))
        """,
        tmp_path,
    )
    assert lines == ["130"]


def test_a_file_that_cannot_be_opened_opens_none(tmp_path: Path) -> None:
    write_files(tmp_path)
    (tmp_path / "broken.lstmviz").write_bytes(b"PK\x03\x04")
    lines = run(
        """
        try:
            opened("work.lstmviz", "broken.lstmviz")
        except LstmvizError as error:
            print(error.where, QApplication.instance())
        """,
        tmp_path,
    )
    assert lines == ["broken.lstmviz None"]


def test_for_the_desktop_s_menu_a_window_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    write_files(tmp_path)
    (tmp_path / "broken.lstmviz").write_bytes(b"not a zip file")
    lines = run(
        """
        def look():
            for window in windows():
                error = window.messages.error
                print(window.session.experiment.title, "|", error and error.what)
            QApplication.closeAllWindows()

        after_opening(look)
        print(opened("work.lstmviz", "broken.lstmviz", errors_in_window=True))
        """,
        tmp_path,
    )
    assert lines == [
        "Letters: predict the next one | None",
        "Company B, the worked example | This is not a session of lstmviz",
        "0",
    ]


def test_safe_mode_remembers_nothing(tmp_path: Path) -> None:
    write_files(tmp_path)
    run(
        """
        after_opening(lambda: QApplication.closeAllWindows())
        opened("work.lstmviz", safe_mode=True)
        """,
        tmp_path,
    )
    assert not list((tmp_path / "settings").rglob("*.ini"))
    run(
        """
        after_opening(lambda: QApplication.closeAllWindows())
        opened("work.lstmviz")
        """,
        tmp_path,
    )
    (settings,) = (tmp_path / "settings").rglob("*.ini")
    assert "work.lstmviz" in settings.read_text(encoding="utf-8")
