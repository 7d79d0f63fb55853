"""The QApplication, set up so that nothing can take the process down and everything looks like one program."""

from __future__ import annotations

import gc
import os
import threading

from PyQt6.QtCore import QCoreApplication, QEvent, Qt
from PyQt6.QtGui import QGuiApplication, QIcon
from PyQt6.QtWidgets import QApplication, QWidget

from lstmviz import __version__
from lstmviz.gui.process import crash
from lstmviz.gui.process.interrupt import InterruptWatcher
from lstmviz.gui.style import DARK, LIGHT, Theme, ThemeName, palette
from lstmviz.io.resources import APP_ICON, resource


def create_application(argv: list[str], *, offscreen: bool = False) -> QApplication:
    """The application, with the error dialog in place; the same one when it is there already.

    ``offscreen`` draws without a display: errors are printed and counted by the crash handler, not shown.

    Look for missing libraries first (``system_libraries``): Qt aborts without them.
    """
    handler = crash.install()
    existing = QApplication.instance()
    if offscreen and existing is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    app = existing if isinstance(existing, QApplication) else QApplication(argv)
    app.setApplicationName("lstmviz")
    app.setApplicationDisplayName("lstmviz")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("lstmviz")
    app.setWindowIcon(QIcon(str(resource(APP_ICON))))
    app.setStyle("Fusion")
    apply_theme(app, theme_for(ThemeName.LIGHT if offscreen else ThemeName.AUTO))
    if not offscreen:
        handler.attach(app)
        _watch(app)
    return app


def load_pyqtgraph() -> None:
    """Import pyqtgraph and set it up. A first plot calls this: until then the window opens without it."""
    import pyqtgraph

    crash.HANDLER.install()  # pyqtgraph has put its own in place
    app = QApplication.instance()
    if app and app.property(_WATCHED) and app.property(_COLLECTOR) is None:
        from pyqtgraph.util.garbage_collector import GarbageCollector

        collector = GarbageCollector()
        collector.timer.setParent(app)
        app.setProperty(_COLLECTOR, collector)
    # no antialiasing: it makes long curves fifty times slower; images row by row, as NumPy keeps them
    pyqtgraph.setConfigOptions(antialias=False, imageAxisOrder="row-major")


def delete_now(window: QWidget) -> None:
    """Delete a closed window and all that is in it: at the end of the process the application might go before it."""
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def theme_for(name: ThemeName) -> Theme:
    """The theme of that name; AUTO is the system's where it says which, otherwise light."""
    if name is ThemeName.AUTO:
        hints = QGuiApplication.styleHints()
        dark = hints is not None and hints.colorScheme() is Qt.ColorScheme.Dark
        return DARK if dark else LIGHT
    return DARK if name is ThemeName.DARK else LIGHT


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Give every widget the colours of ``theme``; views also have ``set_theme``."""
    app.setPalette(palette(theme))


def _watch(app: QApplication) -> None:
    """Collect garbage between events alone, and close on Ctrl+C. Both live as long as ``app``."""
    if app.property(_WATCHED):
        return
    app.setProperty(_WATCHED, True)
    # in a worker thread Python's collector would destroy Qt objects there, and crash; pyqtgraph's does not
    gc.disable()
    if threading.current_thread() is threading.main_thread():
        InterruptWatcher(app)


_COLLECTOR = "lstmviz_garbage_collector"
_WATCHED = "lstmviz_watched"
