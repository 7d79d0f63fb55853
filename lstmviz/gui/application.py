"""The QApplication, set up so that nothing can take the process down and everything looks like one program."""

from __future__ import annotations

import os
import threading

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication, QIcon
from PyQt6.QtWidgets import QApplication

from lstmviz import __version__
from lstmviz.gui import crash
from lstmviz.gui.interrupt import InterruptWatcher
from lstmviz.gui.style import DARK, LIGHT, Theme, ThemeName, palette
from lstmviz.io.resources import APP_ICON, resource


def create_application(argv: list[str], *, offscreen: bool = False) -> QApplication:
    """The application, with the error dialog in place; the same one when it is there already.

    ``offscreen`` draws without a display: errors are printed and counted by the crash handler, not shown.

    Look for missing libraries first (``system_libraries``): Qt aborts without them.
    """
    handler = crash.install()
    import pyqtgraph

    handler.install()  # pyqtgraph has put its own in place
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
    # no antialiasing: it makes long curves fifty times slower; images row by row, as NumPy keeps them
    pyqtgraph.setConfigOptions(antialias=False, imageAxisOrder="row-major")
    apply_theme(app, theme_for(ThemeName.LIGHT if offscreen else ThemeName.AUTO))
    if not offscreen:
        handler.attach(app)
        _watch(app)
    return app


def theme_for(name: ThemeName) -> Theme:
    """The theme of that name; AUTO is the system's where it says which, otherwise light."""
    if name is ThemeName.AUTO:
        hints = QGuiApplication.styleHints()
        dark = hints is not None and hints.colorScheme() is Qt.ColorScheme.Dark
        return DARK if dark else LIGHT
    return DARK if name is ThemeName.DARK else LIGHT


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Give every widget and every new plot the colours of ``theme``; views also have ``set_theme``."""
    import pyqtgraph

    app.setPalette(palette(theme))
    pyqtgraph.setConfigOptions(background=theme.surface, foreground=theme.text)


def _watch(app: QApplication) -> None:
    """Collect garbage on this thread alone, and close on Ctrl+C. Both live as long as ``app``."""
    if app.property(_COLLECTOR) is not None:
        return
    # in a worker thread Python's collector would destroy Qt objects there, and crash
    from pyqtgraph.util.garbage_collector import GarbageCollector

    collector = GarbageCollector()
    collector.timer.setParent(app)
    app.setProperty(_COLLECTOR, collector)
    if threading.current_thread() is threading.main_thread():
        InterruptWatcher(app)


_COLLECTOR = "lstmviz_garbage_collector"
