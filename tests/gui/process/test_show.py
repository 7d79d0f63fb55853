"""``show``: the window in the user's own process, which is afterwards as it was."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.network import Network
from lstmviz.gui.process.show import show

NETWORK = Network.create("lstm", 3, 4)
X = np.linspace(-1, 1, 15).reshape(5, 3)

START = """
import gc, os, signal, sys
import numpy as np
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication
from lstmviz.core.networks.network import Network
from lstmviz.gui.process.show import show

net, x = Network.create("lstm", 3, 4, dtype=np.float32), np.linspace(-1, 1, 30).reshape(5, 2, 3)
app = QApplication([])

def windows():
    return [each for each in QApplication.topLevelWidgets() if hasattr(each, "session") and each.isVisible()]

def state():
    return gc.isenabled(), sys.excepthook, signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)

before = state()
"""


def run(program: str, start: str = START) -> list[str]:
    """The lines that the program prints, off-screen and as a process of its own; it must end well."""
    code = start + textwrap.dedent(program)
    environ = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environ)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout.splitlines()


def test_waits_until_the_window_is_closed_and_leaves_the_process_as_it_was() -> None:
    lines = run(
        """
        def look():
            session = windows()[0].session
            print(np.array_equal(session.run.trace.x[:, 0], np.float32(x[:, 0])), session.run.trace.y.dtype)
            print(session.experiment.look_for)
            windows()[0].close()

        QTimer.singleShot(300, look)
        show(net, x)
        print(windows(), state() == before)
        """
    )
    assert lines[0] == "True float32"
    assert "float32" in lines[1]
    assert "2 sequences; this is the first" in lines[1]
    assert lines[2] == "[] True"


def test_does_not_wait_when_told_so_and_the_process_ends_well_with_a_window_open() -> None:
    lines = run(
        """
        show(net, x, block=False)
        show(net, x, block=False)
        print(len(windows()), gc.isenabled(), state()[2:] == before[2:])
        for window in windows():
            window.close()
        app.processEvents()
        app.sendPostedEvents(None, 52)  # deferred deletions, as an event loop does them
        print(len(windows()), state() == before)
        show(net, x, block=False)
        """
    )
    assert lines == ["2 False True", "0 True"]


def test_works_inside_a_running_event_loop_beside_another_window() -> None:
    lines = run(
        """
        app.setQuitOnLastWindowClosed(False)

        def slot():
            show(net, x, block=False)
            [first] = windows()
            QTimer.singleShot(300, lambda: [each.close() for each in windows() if each is not first])
            show(net, x)
            print("closed", windows() == [first])
            first.close()
            app.quit()

        QTimer.singleShot(0, slot)
        app.exec()
        print(state() == before)
        """
    )
    assert lines == ["closed True", "True"]


def test_an_error_appears_in_a_window_that_is_open() -> None:
    lines = run(
        """
        from lstmviz.core.errors import LstmvizError
        from lstmviz.gui.process import crash
        show(net, x, block=False)
        first = windows()[0]
        show(net, x, block=False)
        [second] = [each for each in windows() if each is not first]
        second.close()
        app.sendPostedEvents(None, 52)
        crash.HANDLER(LstmvizError, LstmvizError("What was asked"), None)
        app.processEvents()
        print(first.messages.error.what)
        """
    )
    assert lines == ["What was asked"]


def test_ctrl_c_closes_the_window_and_interrupts_the_program_time_and_again() -> None:
    lines = run(
        """
        for _ in range(2):
            QTimer.singleShot(300, lambda: os.kill(os.getpid(), signal.SIGINT))
            try:
                show(net, x)
            except KeyboardInterrupt:
                print("interrupted", windows(), state() == before)
        """
    )
    assert lines == ["interrupted [] True"] * 2


def test_without_a_display_it_says_so() -> None:
    start = "import numpy as np\nfrom lstmviz import Network, show\n"
    lines = run(
        """
        from lstmviz.core.errors import LstmvizError
        try:
            show(Network.create("lstm", 3, 4), np.ones((5, 3)))
        except LstmvizError as error:
            print(error)
        """,
        start,
    )
    assert lines == [
        "There is no display, so no window can be opened. lstmviz.forward gives all numbers without a window."
    ]


def test_what_cannot_be_run_is_said_before_anything_is_opened() -> None:
    with pytest.raises(LstmvizError, match=r"\[steps, 3\]"):
        show(NETWORK, X[:, :2])


def test_other_threads_are_refused() -> None:
    said: list[str] = []

    def work() -> None:
        try:
            show(NETWORK, X)
        except LstmvizError as error:
            said.append(error.what)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert said == ["Windows can be opened from the main thread only"]


def test_a_program_that_runs_another_binding_of_qt_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    application: Any = SimpleNamespace(instance=lambda: object())
    monkeypatch.setitem(sys.modules, "PySide6.QtCore", SimpleNamespace(QCoreApplication=application))
    with pytest.raises(LstmvizError, match="PySide6"):
        show(NETWORK, X)
