"""What is drawn: how a view or a window is brought to a moment, and a view of its own that sits for its pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QCoreApplication, QEventLoop, QSize, Qt
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QWidget

from lstmviz.gui.pictures.moments import Moment
from lstmviz.gui.pictures.still import image_of_widget
from lstmviz.gui.style import Theme, palette
from lstmviz.gui.views.view import View

if TYPE_CHECKING:
    from lstmviz.core.cursor import Cursor
    from lstmviz.gui.views.cell.cell_view import CellView

STAGE_VIEWS = ("window", "cell")
"""What shows more of a step than its end: an animation of them goes stage by stage, of the others step by step."""


def show_moment(view: View, moment: Moment) -> None:
    """Bring one view to a moment."""
    from lstmviz.gui.views.cell.cell_view import CellView

    view.show_cursor(moment.cursor)
    if isinstance(view, CellView):
        view.show_fraction(moment.fraction)


def show_moment_in_window(seek: Callable[[Cursor], None], cell_view: CellView, moment: Moment) -> None:
    """Bring a whole window to a moment."""
    seek(moment.cursor)
    cell_view.show_fraction(moment.fraction)


def settle(widget: QWidget) -> None:
    """Let everything come to rest: layouts, and what the views in ``widget`` still work out."""
    QCoreApplication.processEvents()
    views = [*widget.findChildren(View), *([widget] if isinstance(widget, View) else [])]
    while any(view.busy for view in views if view.isVisible()):
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


class Sitter:
    """A view in a frame that is never on the screen: the one in the window goes on as its user likes."""

    def __init__(self, view: View, size: QSize, theme: Theme) -> None:
        self.view = view
        self._frame = QWidget()
        self._frame.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        self._frame.setPalette(palette(theme))
        self._frame.resize(size)
        view.setParent(self._frame)
        view.resize(size)
        view.show()
        self._frame.show()
        settle(view)

    def frame(self, moment: Moment) -> QImage:
        """The picture of one moment."""
        show_moment(self.view, moment)
        while self.view.busy:
            settle(self.view)
        return image_of_widget(self.view)

    def leave(self) -> None:
        """Let go of the view and of what it works out."""
        self.view.stop()
        self._frame.close()
        self._frame.deleteLater()
