"""Everything that a picture of the unrolled networks depends on but the cursor's step, and its words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from lstmviz.core.gradients.decay import decay_in_words, entry_in_words
from lstmviz.core.run import Run
from lstmviz.core.value_reference import ValueReference
from lstmviz.gui.style import Theme, text_font
from lstmviz.gui.views.time_axis import TimeRange
from lstmviz.gui.views.unrolled.layout import MARGIN, Layout, RowLayout, layout_of
from lstmviz.gui.views.unrolled.rivers import Bed
from lstmviz.gui.views.unrolled.rows import NetworkRow, Unrolled, unrolled
from lstmviz.gui.views.unrolled.words import dried_in_words, headline, overflow_in_words, raised, zeros_in_words

WRAPPED = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
ROOM_FOR_SMALL_PRINT = 400
FLAT_BETWEEN_NODES = 0.45


@dataclass(frozen=True)
class Paragraph:
    """Words above the rivers. ``colour`` is the name of a colour of the theme."""

    text: str
    pixels: int
    bold: bool
    colour: str

    @property
    def font(self) -> QFont:
        """How it is set."""
        return text_font(self.pixels, bold=self.bold)

    def height(self, width: float) -> float:
        """How much room it takes on lines of ``width`` pixels."""
        return QFontMetricsF(self.font).boundingRect(QRectF(0, 0, width, 1000), WRAPPED, self.text).height()


@dataclass(frozen=True, eq=False)
class Story:
    """One layer of a run with its words, kept while only the size, the time and the cursor change."""

    shown: Unrolled
    headline: str
    decay: str
    remarks: str
    overflow: str

    def paragraphs(self, rect: QRectF) -> list[Paragraph]:
        """The words for a picture of this size; a low one has the headline alone and what overflowed."""
        large, width = rect.width() >= 800, rect.width() - 2 * MARGIN
        sizes = [Paragraph(self.headline, pixels, True, "text") for pixels in (19, 18, 17, 16, 15, 14, 13)]
        one_line = (each for each in sizes if each.height(width) < 2 * each.pixels)
        found = [next(one_line, sizes[-1])]
        if rect.height() >= ROOM_FOR_SMALL_PRINT:
            found.append(Paragraph(self.decay, 13 if large else 12, False, "text"))
            found.append(Paragraph(self.remarks, 11, False, "muted"))
        found.append(Paragraph(self.overflow, 12, False, "warning"))
        return [paragraph for paragraph in found if paragraph.text]


def story_of(run: Run, layer: str) -> Story:
    """Rows and words of ``layer``."""
    shown = unrolled(run, layer)
    about = f"Layer {layer}, {run.objective.in_words()}."
    remarks = [about, dried_in_words(shown), entry_in_words(run, layer), zeros_in_words(shown)]
    return Story(
        shown=shown,
        headline=headline(shown),
        decay=raised(decay_in_words(run, layer)) if shown.length > 1 else "",
        remarks=" ".join(filter(None, remarks)),
        overflow=overflow_in_words(shown),
    )


@dataclass(frozen=True, eq=False)
class Scene:
    """A story laid out over a part of time.

    labels  T texts for the nodes; None where they would only repeat the step
    """

    story: Story
    paragraphs: list[Paragraph]
    layout: Layout
    labels: tuple[str, ...] | None
    theme: Theme

    @property
    def shown(self) -> Unrolled:
        """What is drawn."""
        return self.story.shown

    @property
    def rows(self) -> list[tuple[NetworkRow, RowLayout]]:
        """The networks and their places."""
        return list(zip(self.shown.rows, self.layout.rows, strict=True))

    @cached_property
    def steps(self) -> range:
        """The steps of which anything is seen."""
        first, last = self.layout.time.visible(self.shown.length)
        return range(first, last + 1)

    @cached_property
    def bed(self) -> Bed:
        """Where the rivers run."""
        layout, shown = self.layout, self.shown
        return Bed(
            area=layout.plot,
            time=layout.time,
            length=shown.length,
            flat=FLAT_BETWEEN_NODES if layout.card else 0.0,
            width=layout.river,
            back=-shown.later,
            scale=shown.scale,
            theme=self.theme,
        )

    def step_at(self, point: QPointF) -> int | None:
        """The step at ``point``; None beside and above the plot."""
        plot = self.layout.plot
        inside = plot.left() <= point.x() <= plot.right() and self.layout.axis.top() <= point.y() <= plot.bottom()
        return self.layout.time.step(point.x(), self.shown.length) if inside else None

    def value_at(self, point: QPointF, unit: int) -> ValueReference | None:
        """The number of ``unit`` that a node shows at ``point``, or whose gradient the river there carries.

        In the nodes' lines of numbers c, h, and dh for its norm; on the river of a state dc or dh. None elsewhere.
        """
        t = self.step_at(point)
        for row, place in self.rows:
            if t is None or not self.layout.node(place, t).contains(point) or unit >= row.layer.h.shape[2]:
                continue
            symbols = ("dh", *(river.symbol for river in row.rivers))
            found = [symbol for symbol, line in zip(symbols, place.values, strict=False) if line.contains(point)]
            found += [
                f"d{river.symbol}"
                for river, middle in zip(row.rivers, place.rivers, strict=True)
                if abs(point.y() - middle) <= self.layout.river / 2
            ]
            if found:
                return ValueReference(found[0], t, self.shown.layer, unit, row.baseline)
        return None


def scene_of(story: Story, labels: tuple[str, ...] | None, time: TimeRange, rect: QRectF, theme: Theme) -> Scene:
    """Lay a story out in ``rect``."""
    paragraphs = story.paragraphs(rect)
    width = rect.width() - 2 * MARGIN
    words = sum(paragraph.height(width) + 3 for paragraph in paragraphs)
    layout = layout_of(rect, time, [len(row.rivers) for row in story.shown.rows], words)
    return Scene(story, paragraphs, layout, labels, theme)


def draw_words(painter: QPainter, scene: Scene) -> None:
    """The headline and what stands under it."""
    place = QRectF(scene.layout.words)
    for paragraph in scene.paragraphs:
        place.setHeight(paragraph.height(place.width()))
        painter.setFont(paragraph.font)
        painter.setPen(QColor(getattr(scene.theme, paragraph.colour)))
        painter.drawText(place, WRAPPED, paragraph.text)
        place.translate(0, place.height() + 3)
