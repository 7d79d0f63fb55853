"""What is wrong with the run, a line each; a click goes to the place."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QHideEvent, QIcon, QPainter, QPen, QPixmap, QPolygonF, QShowEvent
from PyQt6.QtWidgets import QAbstractItemView, QLabel, QListView, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from lstmviz.core.analysis.health import Finding, Place, Severity, health_scanning
from lstmviz.core.cursor import turned
from lstmviz.core.run import Run
from lstmviz.core.text import count
from lstmviz.gui.job import Job
from lstmviz.gui.panels.fields import stylesheet
from lstmviz.gui.session import Session
from lstmviz.gui.style import LIGHT, Theme, text_font

HERE_SECONDS = 0.05
"""So long a scan may keep the window waiting; what is left goes on on a thread."""

WORDS = {
    Severity.BROKEN: "Broken",
    Severity.WARNING: "Warning",
    Severity.NOTE: "Note",
    Severity.HEALTHY: "Healthy",
}
_ICON = 16


class HealthPanel(QWidget):
    """The findings of a scan, the worst first. It looks at a run only while it is seen.

    Call ``stop`` before it goes away while its window stays.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("health_panel")
        self.setAccessibleName("Health")
        self._session = session
        self._theme = LIGHT
        self._scanned: Run | None = None
        self._findings: tuple[Finding, ...] = ()
        self._job = Job(self)
        self._job.finished.connect(self._show)
        self._job.failed.connect(self._say)
        self.summary_line = QLabel()
        self.summary_line.setObjectName("health_summary")
        self.summary_line.setProperty("role", "muted")
        self.summary_line.setWordWrap(True)
        self.list = QListWidget()
        self._setup_list()
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(6)
        column.addWidget(self.summary_line)
        column.addWidget(self.list, 1)
        session.run_changed.connect(self._run_changed)
        self.set_theme(LIGHT)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is listed."""
        return self._findings

    @property
    def busy(self) -> bool:
        """Whether a scan is under way."""
        return self._job.busy

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self.setStyleSheet(
            stylesheet(theme)
            + f"QListWidget {{ background: {theme.raised}; border: 1px solid {theme.border}; border-radius: 4px;"
            f" outline: 0; }}"
            f"QListWidget:focus {{ border-color: {theme.output}; }}"
            f"QListWidget::item {{ color: {theme.text}; padding: 5px 4px; border-bottom: 1px solid {theme.border}; }}"
            f"QListWidget::item:selected, QListWidget::item:focus {{ background: {theme.border};"
            f" color: {theme.text}; }}"
        )
        for number, finding in enumerate(self._findings):
            item = self.list.item(number)
            assert item is not None
            item.setIcon(severity_icon(finding.severity, theme))

    def stop(self) -> None:
        """Stop looking and wait for the thread."""
        self._job.close()

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self._scan()

    def hideEvent(self, event: QHideEvent | None) -> None:
        super().hideEvent(event)
        if event is not None and event.spontaneous():
            return  # minimised
        self._job.cancel()
        if (window := self.window()) is None or not window.isVisible():
            self.stop()

    def _setup_list(self) -> None:
        self.list.setObjectName("health_list")
        self.list.setAccessibleName("What was found")
        self.list.setWordWrap(True)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setIconSize(QSize(_ICON, _ICON))
        self.list.setFont(text_font(12))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.itemClicked.connect(self._go_to)
        self.list.itemActivated.connect(self._go_to)

    def _run_changed(self) -> None:
        if self.isVisible():
            self._scan()

    def _scan(self) -> None:
        """Look at the run that stands, unless that is on show already."""
        run = self._session.run
        if self._is_scanned(run) and (self._findings or self._job.busy):
            return
        self._scanned, self._findings = run, ()
        self.list.clear()
        self._say("Looking …")
        self._job.start(health_scanning(run), HERE_SECONDS)

    def _is_scanned(self, run: Run) -> bool:
        """Whether the findings are those of ``run``; a breakpoint or a note makes another run of the same numbers."""
        return self._scanned is not None and run.has_numbers_of(self._scanned)

    def _say(self, words: str) -> None:
        self.summary_line.setText(words)
        self.setAccessibleDescription(words)

    def _show(self, findings: tuple[Finding, ...]) -> None:
        self._findings = findings
        self.list.clear()
        for finding in findings:
            text = f"{WORDS[finding.severity]}. {finding.sentence}"
            if finding.place is not None:
                text += f"\n→ {place_in_words(finding.place, layers=len(self._session.run.trace.layers))}"
            item = QListWidgetItem(severity_icon(finding.severity, self._theme), text)
            item.setToolTip("Click, or press Enter, to go there." if finding.place else "")
            self.list.addItem(item)
        self._say(summary_of(findings))

    def _go_to(self, item: QListWidgetItem) -> None:
        """To the place of a finding."""
        place = self._findings[self.list.row(item)].place
        run, cursor = self._session.run, self._session.cursor
        if place is not None and self._is_scanned(run):
            there = replace(cursor, t=place.t, layer=place.layer, unit=place.unit)
            self._session.seek(turned(run, there, backward=place.backward))


def summary_of(findings: tuple[Finding, ...]) -> str:
    """How many of each kind there are."""
    counts = {severity: sum(each.severity is severity for each in findings) for severity in Severity}
    parts = []
    if counts[Severity.BROKEN]:
        parts.append(f"{counts[Severity.BROKEN]} broken")
    for severity, noun in ((Severity.WARNING, "warning"), (Severity.NOTE, "note")):
        if counts[severity]:
            parts.append(count(counts[severity], noun))
    if not parts:
        return "Nothing is wrong with this run."
    return f"{', '.join(parts)}. Click one to go there."


def place_in_words(place: Place, *, layers: int = 1) -> str:
    """Where a click leads."""
    layer = f", layer {place.layer}" if layers > 1 else ""
    return f"step {place.t:,}{layer}, unit {place.unit}{', backward pass' if place.backward else ''}"


def severity_icon(severity: Severity, theme: Theme) -> QIcon:
    """A shape and a colour for each severity: cross, triangle, circle, tick."""
    colours = {
        Severity.BROKEN: theme.warning,
        Severity.WARNING: theme.candidate,
        Severity.NOTE: theme.output,
        Severity.HEALTHY: theme.input,
    }
    result = QIcon()
    for scale in (1, 2, 3):
        pixmap = QPixmap(_ICON * scale, _ICON * scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        with QPainter(pixmap) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.scale(scale, scale)
            _draw_shape(painter, severity, QColor(colours[severity]))
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
            result.addPixmap(pixmap, mode)
    return result


def _draw_shape(painter: QPainter, severity: Severity, colour: QColor) -> None:
    """The shape in a square of 16 units."""
    pen = QPen(colour, 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    if severity is Severity.BROKEN:
        painter.drawLines(QLineF(3.5, 3.5, 12.5, 12.5), QLineF(12.5, 3.5, 3.5, 12.5))
    elif severity is Severity.WARNING:
        painter.drawPolygon(QPolygonF([QPointF(8, 2), QPointF(14.5, 14), QPointF(1.5, 14)]))
        painter.drawLines(QLineF(8, 6.5, 8, 9.5), QLineF(8, 11.8, 8, 11.9))
    elif severity is Severity.NOTE:
        painter.drawEllipse(QRectF(2, 2, 12, 12))
        painter.drawLines(QLineF(8, 7.5, 8, 11), QLineF(8, 4.9, 8, 5))
    else:
        painter.drawPolyline(QPolygonF([QPointF(2.5, 8.5), QPointF(6.5, 12.5), QPointF(13.5, 4)]))
