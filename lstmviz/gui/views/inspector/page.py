"""The inspector's page: painted in one go, with the links as small widgets over their text."""

from __future__ import annotations

import math

from PyQt6.QtCore import QLineF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QColor, QGuiApplication, QKeySequence, QPainter, QPaintEvent, QPen, QResizeEvent
from PyQt6.QtWidgets import QFrame, QScrollArea, QWidget

from lstmviz.gui.style import LIGHT, Theme
from lstmviz.gui.views.inspector.content import Content
from lstmviz.gui.views.inspector.link import Link
from lstmviz.gui.views.inspector.page_layout import Placed, TextStyles, lay_out


class ExplanationPage(QWidget):
    """Draws ``Content``; a label for each piece of text would be laid out anew at every step."""

    followed = pyqtSignal(object)
    """A link was clicked: carries the ValueReference that it leads to."""

    more_asked = pyqtSignal()
    """All terms are to be shown, not the largest ones only."""

    pointed_at = pyqtSignal(object)
    """The mouse is over a link: carries its ValueReference, or None."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("explanation")
        self.content = Content()
        self.links: list[Link] = []
        self._theme: Theme = LIGHT
        self._styles = TextStyles()
        self._placed = Placed()
        self._width, self._room_height, self._least_height = 250, 0, 0
        self._pointed: Link | None = None
        copy = QAction("Copy the explanation", self)
        copy.setObjectName("copy_explanation")
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        copy.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        copy.triggered.connect(self.copy)
        self.addAction(copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    @property
    def shown_links(self) -> list[Link]:
        """The links on the page, from top to bottom."""
        return self.links[: len(self._placed.links)]

    def show_content(self, content: Content, theme: Theme) -> None:
        """Draw another page."""
        if content == self.content and theme is self._theme:
            return
        self.content, self._theme = content, theme
        self._lay_out()

    def set_room(self, width: int, height: int) -> None:
        """Fill this room; lay the page out anew for another width."""
        if (width, height) != (self._width, self._room_height):
            self._width, self._room_height = width, height
            self.turn()
            self._lay_out()

    def turn(self) -> None:
        """The next content is about something else: the page need not be as high as before."""
        self._least_height = self._room_height

    def copy(self) -> None:
        """Put the whole page on the clipboard as text."""
        clipboard = QGuiApplication.clipboard()
        assert clipboard is not None
        clipboard.setText(self.content.as_text())

    def paintEvent(self, event: QPaintEvent | None) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
            placed, clip = self._placed, event.rect() if event else self.rect()
            painter.setPen(QPen(QColor(self._theme.faint), 1))
            for line in placed.underlines:
                painter.drawLine(line)
            for rect, colour in placed.bars:
                painter.fillRect(rect, colour)
            for line in placed.axes:
                painter.drawLine(line)
            top, bottom = clip.top(), clip.bottom() + 20
            for run in placed.runs:
                if top <= run.at.y() <= bottom:
                    painter.setFont(run.font)
                    painter.setPen(run.colour)
                    painter.drawText(run.at, run.text)
            self._paint_links(painter)

    def _paint_links(self, painter: QPainter) -> None:
        """A stronger line below the link under the mouse, a frame around the one with the focus."""
        marked = [link for link in self.shown_links if link.underMouse() or link.hasFocus()]
        if not marked:
            return
        painter.setPen(QPen(QColor(self._theme.output), 1))
        for link in marked:
            rect = QRectF(link.geometry())
            if link.underMouse():
                painter.drawLine(QLineF(rect.left() + 2, rect.bottom() - 0.5, rect.right() - 2, rect.bottom() - 0.5))
            if link.hasFocus():
                painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)

    def _lay_out(self) -> None:
        self._placed = lay_out(self.content, self._width, self._theme, self._styles)
        self._place_links()
        # it does not become lower from one stage to the next: scroll bars that come and go cost 2 ms
        height = self._least_height = max(self._least_height, math.ceil(self._placed.height))
        if (self._width, height) != (self.width(), self.height()):
            self.resize(self._width, height)
        self.update()

    def _place_links(self) -> None:
        places = self._placed.links
        while len(self.links) < len(places):
            self.links.append(self._new_link())
        for link, place in zip(self.links, places, strict=False):
            link.show_target(place.target, place.name)
            if link.geometry() != place.rect:
                link.setGeometry(place.rect)
            if link.isHidden():
                link.show()
        for link in self.links[len(places) :]:
            if not link.isHidden():
                self._hide(link)

    def _new_link(self) -> Link:
        link = Link(self)
        if self.links:
            QWidget.setTabOrder(self.links[-1], link)
        link.clicked.connect(self._clicked)
        link.changed_look.connect(self._link_changed)
        return link

    def _hide(self, link: Link) -> None:
        if link.hasFocus():
            # Qt would give the focus to the next field, and keys would be typed into it
            window = self.window()
            assert window is not None
            window.setFocus(Qt.FocusReason.OtherFocusReason)
        link.hide()

    def _clicked(self) -> None:
        link = self.sender()
        assert isinstance(link, Link)
        if link.target is None:
            self.more_asked.emit()
        else:
            self.followed.emit(link.target)

    def _link_changed(self) -> None:
        self.update()
        pointed = next((link for link in self.shown_links if link.underMouse()), None)
        if pointed is not self._pointed:
            self._pointed = pointed
            self.pointed_at.emit(pointed.target if pointed else None)


class PageArea(QScrollArea):
    """Scrolls the page up and down; the page is as wide as the room there is."""

    def __init__(self, page: ExplanationPage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page = page
        self.setWidget(page)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # always there, so that the text does not wrap anew when one stage explains more than another
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        viewport = self.viewport()
        assert viewport is not None
        self._page.set_room(viewport.width(), viewport.height())

    def turn_page(self) -> None:
        """Begin at the top of a page about something else."""
        self._page.turn()
        bar = self.verticalScrollBar()
        assert bar is not None
        bar.setValue(0)
