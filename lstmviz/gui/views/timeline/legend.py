"""The right gutter of the timeline: what the colours mean."""

from __future__ import annotations

from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QColor, QPainter

from lstmviz.core.magnitudes import superscript_power
from lstmviz.gui.style import text_font
from lstmviz.gui.views.heat_map import Scale, ScaleKind, image_of
from lstmviz.gui.views.timeline.cells import Shown, hatching
from lstmviz.gui.views.timeline.labels import CENTRE, LEFT, RIGHT
from lstmviz.gui.views.timeline.rows import LOG_CEILING, LOG_FLOOR, bound_text
from lstmviz.gui.views.timeline.scene import Scene

BAR = 8
LINE = 13
GAP = 7


class Legend:
    """Blocks of text and colour bars from top to bottom, as long as there is room."""

    def __init__(self, painter: QPainter, scene: Scene, rect: QRectF) -> None:
        self._painter = painter
        self._scene = scene
        self._rect = rect
        self._y = rect.top()

    def draw(self, shown: Shown) -> None:
        """All blocks, the most important first."""
        rows = self._scene.rows
        self._heading()
        gates = [row for row in rows.quantities if row.scale.kind is ScaleKind.GATE]
        if gates and self._room(LINE + BAR + LINE):
            self._caption("gates " + ", ".join(row.quantity.symbol for row in gates))
            self._bar(gates[0].scale)
            self._ends("0 closed", "", "1 open")
        signed = self._signed_rows()
        if self._room(LINE + BAR + LINE * len(signed)):
            self._caption("signed values")
            self._bar(next(iter(signed)))
            for scale, symbols in signed.items():
                self._ends(bound_text(scale.low), ", ".join(symbols), bound_text(scale.high))
        gradients_drawn = not self._scene.layout.gradient_area.isEmpty()
        if gradients_drawn and self._room(LINE + BAR + LINE):
            self._caption("gradient ‖dL/dh[t]‖")
            scale = rows.gradients[0].scale
            self._bar(scale, zero=shown.zero)
            self._ends(*_power_ends(scale, zero=shown.zero))
        self._notes(shown)

    def _room(self, height: float) -> bool:
        self._y += GAP
        return self._y + height <= self._rect.bottom() + 1

    def _heading(self) -> None:
        scene = self._scene
        self._painter.setFont(text_font(11, bold=True))
        self._painter.setPen(QColor(scene.theme.text))
        text = f"Layer {scene.rows.layer}"
        self._painter.drawText(self._line(), LEFT, text)
        self._y += LINE + 1
        if scene.reverse and self._rect.height() >= 200:
            self._painter.setFont(text_font(10))
            self._painter.setPen(QColor(scene.theme.muted))
            self._painter.drawText(self._line(), LEFT, "reads the sequence from its end")
            self._y += LINE

    def _signed_rows(self) -> dict[Scale, list[str]]:
        """The symbols that share each signed scale, the widest used first."""
        groups: dict[Scale, list[str]] = {}
        for row in self._scene.rows.quantities:
            if row.scale.kind is ScaleKind.SIGNED:
                symbol = "RNN h" if row.baseline else row.quantity.symbol
                groups.setdefault(row.scale, []).append(symbol)
        return groups

    def _line(self) -> QRectF:
        return QRectF(self._rect.left(), self._y, self._rect.width(), LINE)

    def _caption(self, text: str) -> None:
        self._painter.setFont(text_font(11))
        self._painter.setPen(QColor(self._scene.theme.text))
        self._painter.drawText(self._line(), LEFT, text)
        self._y += LINE + 1

    def _bar(self, scale: Scale, *, zero: bool = False) -> None:
        bar = QRectF(self._rect.left(), self._y, self._rect.width(), BAR)
        if zero:
            swatch = QRectF(bar.left(), bar.top(), 2 * BAR, BAR)
            self._painter.fillRect(swatch, hatching(self._scene.theme.faint))
            bar.setLeft(swatch.right() + 6)
        image = image_of(scale.lookup(self._scene.theme)[None, :])
        self._painter.drawImage(bar, image, QRectF(image.rect()))
        self._y += BAR

    def _ends(self, left: str, middle: str, right: str) -> None:
        self._painter.setFont(text_font(11))
        self._painter.setPen(QColor(self._scene.theme.muted))
        for alignment, text in ((LEFT, left), (CENTRE, middle), (RIGHT, right)):
            self._painter.drawText(self._line(), alignment, text)
        self._y += LINE

    def _notes(self, shown: Shown) -> None:
        """What is averaged and what stands out, a line each."""
        notes = []
        if shown.not_finite:
            notes.append((self._scene.theme.warning, "this colour: not a finite number"))
        if shown.changed:
            notes.append((self._scene.theme.text, "- - -  changed by a what-if"))
        if shown.steps > 1:
            notes.append((self._scene.theme.muted, f"each column: mean of {shown.steps:,} steps"))
        if shown.units > 1:
            notes.append((self._scene.theme.muted, f"each line: mean of about {shown.units:,} units"))
        self._painter.setFont(text_font(10))
        if not notes or not self._room(LINE):
            return
        for colour, text in notes:
            if self._y + LINE > self._rect.bottom() + 1:
                return
            self._painter.setPen(QColor(colour))
            self._painter.drawText(self._line(), LEFT, text)
            self._y += LINE


def _power_ends(scale: Scale, *, zero: bool) -> tuple[str, str, str]:
    """The ends of a log scale as powers of ten, and whether larger and smaller values share them."""
    low = ("≤ " if scale.low == LOG_FLOOR else "") + superscript_power(int(scale.low))
    high = ("≥ " if scale.high == LOG_CEILING else "") + superscript_power(int(scale.high))
    return (f"0   {low}" if zero else low), "", high
