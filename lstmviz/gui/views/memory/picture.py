"""Draws the Memory view: what stands still once, what moves with the cursor every time."""

from __future__ import annotations

from PyQt6.QtCore import QLineF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter

from lstmviz.core.text import count, number
from lstmviz.gui.style import Theme, text_font
from lstmviz.gui.views.cell.canvas import LEFT, RIGHT, Canvas
from lstmviz.gui.views.memory.axis import draw_current_step, draw_step_axis, draw_value_axis
from lstmviz.gui.views.memory.bars import (
    BarsPlot,
    draw_cursor,
    draw_half,
    draw_hovered_step,
    draw_veil,
)
from lstmviz.gui.views.memory.layout import MARGIN, Texts
from lstmviz.gui.views.memory.saturated_steps import WHEN, draw_saturated_steps, draw_step_across
from lstmviz.gui.views.memory.saturation_plot import (
    SENTENCE,
    SHORT_SENTENCE,
    draw_notes,
    draw_now,
    draw_panels,
    draw_pinned,
    slope_note,
)
from lstmviz.gui.views.memory.scene import Moment, Scene
from lstmviz.gui.views.memory.stack import NAMED as NAMED_PARTS
from lstmviz.gui.views.memory.stack import Segment, draw_stack
from lstmviz.gui.views.memory.survival import draw_map, draw_map_axes, draw_map_cursor, survival_picture
from lstmviz.gui.views.memory.words import (
    EXACT,
    NAMED,
    NO_MEMORY,
    half_life_in_words,
    how_recent,
    residual_in_words,
    what_became,
    who_wrote,
)
from lstmviz.gui.views.pens import line_pen


def draw_still(canvas: Canvas, scene: Scene, *, logarithmic: bool, pixel_ratio: float) -> None:
    """Everything that the cursor's step does not change."""
    layout, theme = scene.layout, scene.theme
    _title(canvas, layout.writes_texts, "Who wrote this memory?")
    draw_step_axis(canvas, scene.writes_axis)
    if layout.fate_texts is not None and layout.fate is not None:
        _rule(canvas, layout.fate_texts.title)
        draw_step_axis(canvas, scene.fate_axis)
    if layout.saturation_texts is None:
        return
    line = layout.saturation_texts.title.left() - MARGIN
    canvas.painter.setPen(line_pen(theme.border))
    canvas.painter.drawLine(QLineF(line, layout.rect.top() + 12, line, layout.rect.bottom() - 12))
    _draw_saturation(canvas, scene)
    if layout.survival is not None and layout.survival_texts is not None:
        _draw_survival(canvas, scene, layout.survival, layout.survival_texts, logarithmic, pixel_ratio)


def _draw_saturation(canvas: Canvas, scene: Scene) -> None:
    layout, theme = scene.layout, scene.theme
    assert layout.saturation_texts is not None
    _title(canvas, layout.saturation_texts, "Saturation")
    narrow = layout.notes is None
    place = layout.saturation_texts.lines[0].united(layout.saturation_texts.lines[-1])
    _wrapped(canvas, place, SHORT_SENTENCE if narrow else SENTENCE, theme.muted)
    draw_panels(canvas, layout.panels, scene.points, under_each=narrow)
    draw_pinned(canvas, layout.panels, scene.saturation, scene.memory.unit, ring=False)
    if layout.notes is not None:
        draw_notes(canvas, layout.notes, scene.saturation, scene.memory.unit)
    words, is_warning = slope_note(scene.saturation, scene.memory.unit)
    if layout.slope is not None:
        _wrapped(canvas, layout.slope, words, theme.warning if is_warning else theme.muted)
    if layout.strip_words is not None:
        draw_saturated_steps(canvas, scene.saturated)
        if is_warning and layout.slope is None:
            _line(canvas, layout.strip_words, words, theme.warning, 11)
        else:
            variants = [each.format(scene.memory.unit) for each in WHEN]
            _line(
                canvas, layout.strip_words, _longest_fitting(variants, layout.strip_words.width(), 11), theme.muted, 11
            )


def _draw_survival(
    canvas: Canvas, scene: Scene, rect: QRectF, texts: Texts, logarithmic: bool, pixel_ratio: float
) -> None:
    unit = scene.memory.unit
    _rule(canvas, texts.title)
    _title(canvas, texts, f"What survives of unit {unit}’s writes")
    words = "S[s, t]: the share of the write at step s left at step t."
    if len(texts.lines) > 1:
        words = "S[s, t] = f[s+1] × … × f[t]: the share of the write at step s that the forget gates leave at step t."
    _wrapped(canvas, texts.lines[0].united(texts.lines[-1]), words, scene.theme.muted)
    picture = survival_picture(scene.memory, scene.shown, int(rect.width() * pixel_ratio), logarithmic=logarithmic)
    draw_map(canvas, rect, picture, scene.shown, texts.title.right(), reverse=scene.memory.reverse)
    draw_map_axes(canvas, rect, scene.shown, scene.memory.length)


def draw_moving(
    canvas: Canvas, scene: Scene, moment: Moment, marked: tuple[int, int | None] | None
) -> list[tuple[QRectF, Segment]]:
    """Everything that moves with the cursor and the mouse; returns where the segments of the sum are.

    marked  the step and unit under the mouse, here or in another view
    """
    segments = _draw_sum(canvas, scene, moment)
    _draw_writes(canvas, scene, moment, marked)
    if scene.layout.fate is not None:
        _draw_fate(canvas, scene, moment, marked)
    if scene.layout.survival is not None:
        draw_map_cursor(canvas, scene.layout.survival, scene.shown, moment.t, reverse=scene.memory.reverse)
    draw_step_across(canvas, scene.saturated, moment.t)
    draw_now(canvas, scene.layout.panels, scene.saturation, scene.memory.unit, moment.t)
    unit = marked[1] if marked else None
    if unit is not None and unit < scene.saturation.layer.parameters.hidden_size and scene.layout.panels:
        draw_pinned(canvas, scene.layout.panels, scene.saturation, unit, ring=True)
    return segments


def _draw_sum(canvas: Canvas, scene: Scene, moment: Moment) -> list[tuple[QRectF, Segment]]:
    """The sentences and the one bar that adds up."""
    layout, theme, parts = scene.layout, scene.theme, moment.written.parts
    lines = layout.writes_texts.lines
    wordings = [(NAMED, scene.names), *((most, scene.names.plain()) for most in range(NAMED, 0, -1))]
    sentences = [who_wrote(parts, scene.memory.unit, names, most) for most, names in wordings]
    _line(canvas, lines[0], _longest_fitting(sentences, lines[0].width(), 13), theme.text, 13)
    exact, colour = EXACT, theme.muted
    broken = None if parts.finite else scene.run.trace.first_nonfinite
    if broken is not None:
        exact, colour = f"The first number that is not finite: {broken}.", theme.warning
    _wrapped(canvas, layout.exact.translated(0, 2), exact, colour)
    if lines[-1].top() > layout.exact.bottom() - 1:
        t = moment.t
        gates = f"f[s{'−' if scene.memory.reverse else '+'}1] × … × f[{t}]"
        words = f"A bar: a[s→{t}] = {gates} × i[s] × g[s], what is left at step {t} of the write at step s."
        _line(canvas, lines[-1], words, theme.muted, 11)
    words = f"c[{moment.t}] {residual_in_words(parts)}" if parts.finite else residual_in_words(parts)
    before = number(scene.before.c(moment.t)) if scene.before else number(parts.c)
    if before != number(parts.c):
        words += f"; before the what-ifs {before}"
    used = _line(canvas, layout.stack_words, words, theme.text if parts.finite else theme.warning, 12, bold=True)
    beside = layout.stack_words.adjusted(used + 16, 0, 0, 0)
    variants = [how_recent(parts), ""]
    if scene.memory.reverse:
        reads = "the layer reads from the end"
        variants = [f"{variants[0]}; {reads}".removeprefix("; "), reads, ""]
    recent = _longest_fitting(variants, beside.width(), 11)
    _line(canvas, beside, recent, theme.muted, 11, align=RIGHT)
    if not moment.written.stack.lanes:
        canvas.painter.fillRect(layout.stack, QColor(theme.panel))
        words = "nothing written yet: all parts are 0" if parts.finite else "the parts cannot be added up"
        canvas.text(layout.stack, words, theme.muted, 11)
        return []
    return draw_stack(canvas, layout.stack, moment.written.stack, scene.names)


def _draw_writes(canvas: Canvas, scene: Scene, moment: Moment, marked: tuple[int, int | None] | None) -> None:
    plot, axis, memory, written = scene.layout.writes, scene.writes_axis, scene.memory, moment.written
    after = (1, moment.t - 1) if memory.reverse else (moment.t + 1, memory.length)
    canvas.painter.setFont(text_font(11))
    bars = BarsPlot(canvas, axis, written.scale)
    draw_value_axis(canvas, plot, written.scale)
    draw_veil(canvas, axis, *after, "still to come")
    if marked:
        draw_hovered_step(canvas, axis, written.bins.steps(marked[0], memory.length))
    named = written.parts.largest(NAMED_PARTS) if written.parts.finite else []
    draw_cursor(canvas, axis, moment.t)
    bars.draw_bins(written.bins, named)
    if written.ghost is not None:
        bars.draw_outlines(written.ghost, written.bins)
    bars.draw_initial(written.parts.initial, full=memory.initial_step in named)
    if written.bins.size == 1:
        first, last = axis.visible
        bars.write_numbers({t: float(written.parts.values[t - 1]) for t in range(first, last + 1)})
    else:
        _note(canvas, plot.cells, f"a bar: {count(written.bins.size, 'step')}, summed by sign; the wheel zooms")
    draw_current_step(canvas, axis, moment.t)


def _draw_fate(canvas: Canvas, scene: Scene, moment: Moment, marked: tuple[int, int | None] | None) -> None:
    layout, memory, followed, fate = scene.layout, scene.memory, moment.followed, moment.followed.fate
    plot, texts, axis, theme = layout.fate, layout.fate_texts, scene.fate_axis, scene.theme
    assert plot is not None
    assert texts is not None
    name = scene.names.name(fate.s)
    title = "the write at " + name if fate.s != memory.initial_step else name
    _title(canvas, texts, f"What became of {title}?")
    variants = [what_became(fate, memory, scene.names, short=short) for short in (False, True)]
    sentences = [_longest_fitting(variants, texts.title.width(), 12), half_life_in_words(memory)]
    if len(texts.lines) > 1:
        for line, words in zip(texts.lines, sentences, strict=True):
            _line(canvas, line, words, theme.text, 12)
    else:
        _line(canvas, texts.lines[0], sentences[1], theme.text, 12)
    before = (fate.s + 1, memory.length) if memory.reverse else (1, fate.s - 1)
    canvas.painter.setFont(text_font(11))
    bars = BarsPlot(canvas, axis, followed.scale)
    draw_value_axis(canvas, plot, followed.scale)
    draw_veil(canvas, axis, *before, "before the write")
    if marked:
        draw_hovered_step(canvas, axis, followed.bins.steps(marked[0], memory.length))
    draw_cursor(canvas, axis, moment.t)
    first, last = axis.visible
    bars.draw_bins(followed.bins)
    if followed.ghost is not None:
        bars.draw_outlines(followed.ghost, followed.bins)
    draw_half(bars, fate)
    if fate.s == memory.initial_step:
        bars.draw_initial(fate.first, full=True)
    if followed.bins.size == 1:
        bars.write_numbers({t: float(fate.values[t - 1]) for t in range(first, last + 1)})
    else:
        _note(canvas, plot.cells, f"a bar: the largest of {count(followed.bins.size, 'step')}")
    draw_current_step(canvas, axis, moment.t)


def draw_no_memory(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    """The sentence for a network without a memory cell."""
    painter.setFont(text_font(15))
    painter.setPen(QColor(theme.muted))
    width = min(rect.width() - 4 * MARGIN, 520.0)
    place = QRectF(rect.center().x() - width / 2, rect.top(), width, rect.height())
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, NO_MEMORY)


def _title(canvas: Canvas, texts: Texts, title: str) -> None:
    _line(canvas, texts.title, title, canvas.theme.text, 14, bold=True)


def _rule(canvas: Canvas, title: QRectF) -> None:
    canvas.painter.setPen(line_pen(canvas.theme.border))
    canvas.painter.drawLine(QLineF(title.left(), title.top() - 5, title.right(), title.top() - 5))


def _note(canvas: Canvas, cells: QRectF, words: str) -> None:
    place = QRectF(cells.left() + 4, cells.top() - 2, cells.width() - 8, 14)
    _line(canvas, place, words, canvas.theme.muted, 10, align=LEFT)


def _line(
    canvas: Canvas,
    rect: QRectF,
    words: str,
    colour: str,
    pixels: int,
    *,
    bold: bool = False,
    align: Qt.AlignmentFlag = LEFT,
) -> float:
    """One line of text, cut with an ellipsis where it is too long; returns its width."""
    metrics = QFontMetricsF(text_font(pixels, bold=bold))
    cut = metrics.elidedText(words, Qt.TextElideMode.ElideRight, rect.width())
    canvas.text(rect, cut, colour, pixels, bold=bold, align=align)
    return metrics.horizontalAdvance(cut)


def _longest_fitting(sentences: list[str], width: float, pixels: int) -> str:
    """The first of the sentences that fits into ``width``, or the last one."""
    metrics = QFontMetricsF(text_font(pixels))
    return next((words for words in sentences if metrics.horizontalAdvance(words) <= width), sentences[-1])


def _wrapped(canvas: Canvas, rect: QRectF, words: str, colour: str) -> None:
    """Small text in as many lines as it takes."""
    canvas.painter.setFont(text_font(11))
    canvas.painter.setPen(QColor(colour))
    canvas.painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap, words)
