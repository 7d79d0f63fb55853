"""The application, each in a process of its own: what it sets up belongs to the whole process."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap

import pytest
from PyQt6.QtGui import QPalette
from PyQt6.QtWidgets import QApplication

from lstmviz.gui.process.application import apply_theme, theme_for
from lstmviz.gui.style import DARK, LIGHT, ThemeName, palette


def run(code: str, *, expected: int = 0) -> subprocess.CompletedProcess[str]:
    """Run ``code`` as a program of its own, and give what it printed."""
    program = textwrap.dedent(code)
    process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert process.returncode == expected, process.stderr
    return process


def test_our_hook_is_in_charge_after_pyqtgraph_and_garbage_is_collected_on_the_gui_thread_alone() -> None:
    printed = run(
        """
        import gc, sys
        from lstmviz.gui.process import crash
        from lstmviz.gui.process.application import create_application, load_pyqtgraph
        app = create_application(["lstmviz"])
        assert "pyqtgraph" not in sys.modules
        load_pyqtgraph()
        print(sys.excepthook is crash.HANDLER, gc.isenabled(), create_application([]) is app)
        print(app.applicationName(), app.desktopFileName(), app.windowIcon().isNull(), app.style().name())
        import pyqtgraph
        print(pyqtgraph.getConfigOption("antialias"), pyqtgraph.getConfigOption("imageAxisOrder"))
        """
    ).stdout.splitlines()
    assert printed == ["True False True", "lstmviz lstmviz False fusion", "False row-major"]


def test_cyclic_garbage_of_the_gui_is_collected_all_the_same() -> None:
    run(
        """
        import gc, time, weakref
        from PyQt6.QtCore import QTimer
        from lstmviz.gui.process.application import create_application, load_pyqtgraph
        class Node: pass
        app = create_application(["lstmviz"])
        load_pyqtgraph()
        for _ in range(3000):
            node = Node()
            node.itself = node
        weakref.finalize(node, app.quit)
        del node
        QTimer.singleShot(20000, lambda: app.exit(1))
        raise SystemExit(app.exec())
        """
    )


def test_an_exception_without_a_display_is_printed_and_counted_and_does_not_abort() -> None:
    process = run(
        """
        from PyQt6.QtWidgets import QWidget
        from lstmviz.gui.process import crash
        from lstmviz.gui.process.application import create_application
        app = create_application(["lstmviz"], offscreen=True)
        class Broken(QWidget):
            def paintEvent(self, event):
                raise RuntimeError("cannot draw")
        Broken().grab()
        app.processEvents()
        dialogs = [widget for widget in app.topLevelWidgets() if widget.isVisible()]
        print(app.platformName(), crash.HANDLER.crash_count, dialogs)
        """
    )
    assert process.stdout == "offscreen 1 []\n"
    assert "RuntimeError: cannot draw" in process.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_closes_the_window_and_ends_cleanly(number: signal.Signals) -> None:
    process = run(
        f"""
        import os
        from PyQt6.QtCore import QTimer
        from PyQt6.QtWidgets import QMainWindow
        from lstmviz.gui.process.application import create_application
        app = create_application(["lstmviz"])
        class Window(QMainWindow):
            def closeEvent(self, event):
                print("closed")
        window = Window()
        window.show()
        QTimer.singleShot(0, lambda: os.kill(os.getpid(), {int(number)}))
        QTimer.singleShot(20000, lambda: os._exit(1))
        raise SystemExit(app.exec())
        """
    )
    assert process.stdout == "closed\n"
    assert "Traceback" not in process.stderr


def test_a_second_ctrl_c_leaves_although_a_window_will_not_close() -> None:
    run(
        """
        import os, signal
        from PyQt6.QtCore import QTimer
        from PyQt6.QtWidgets import QMainWindow
        from lstmviz.gui.process.application import create_application
        app = create_application(["lstmviz"])
        class Stubborn(QMainWindow):
            def closeEvent(self, event):
                event.ignore()
        window = Stubborn()
        window.show()
        timer = QTimer(interval=50)
        timer.timeout.connect(lambda: os.kill(os.getpid(), signal.SIGINT))
        timer.start()
        QTimer.singleShot(20000, lambda: os._exit(1))
        raise SystemExit(app.exec())
        """,
        expected=130,
    )


def test_importing_changes_nothing() -> None:
    printed = run(
        """
        import gc, sys
        before = sys.excepthook
        import lstmviz.gui.process.application
        from PyQt6.QtWidgets import QApplication
        print(sys.excepthook is before, gc.isenabled(), QApplication.instance())
        """
    ).stdout
    assert printed == "True True None\n"


def test_a_theme_for_is_that_one_and_auto_follows_a_system_that_says_nothing_with_light(qapp: QApplication) -> None:
    assert theme_for(ThemeName.DARK) is DARK
    assert theme_for(ThemeName.LIGHT) is LIGHT
    assert theme_for(ThemeName.AUTO) is LIGHT


def test_a_theme_reaches_widgets(qapp: QApplication) -> None:
    before = qapp.palette()
    try:
        apply_theme(qapp, DARK)
        assert qapp.palette().color(QPalette.ColorRole.Window) == palette(DARK).color(QPalette.ColorRole.Window)
    finally:
        apply_theme(qapp, LIGHT)
        qapp.setPalette(before)
