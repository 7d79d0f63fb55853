"""Writes an animation frame by frame, so that it can be stopped at any time and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PyQt6.QtGui import QImage

from lstmviz.core.errors import LstmvizError
from lstmviz.core.progress import Steps
from lstmviz.gui.pictures.encoders import encoder_for
from lstmviz.gui.pictures.formats import PictureFormat
from lstmviz.gui.pictures.moments import Moment
from lstmviz.io.atomic import replacing

Draw = Callable[[Moment], QImage]
"""Draws one frame; all have the same size."""

DRAWN = 0.9
"""The share of the progress after which nothing is drawn any more, so that another thread may do the rest."""

_SAMPLES = 8
"""So many frames, spread evenly, are looked at for their colours."""


def animating(
    draw: Draw, moments: Sequence[Moment], path: Path, kind: PictureFormat, frames_a_second: int
) -> Steps[None]:
    """Draw the ``moments`` and write them as ``path``; each yield is the fraction done, and a place to stop.

    Widgets draw on the GUI thread alone: drive it there until it yields DRAWN or more.

    Raises LstmvizError if it cannot be done; then what was in the file stays.
    """
    if not moments:
        raise LstmvizError("There is no frame to draw", how="Choose at least one step.")
    spread = sorted({round(k * (len(moments) - 1) / (_SAMPLES - 1)) for k in range(_SAMPLES)})
    with replacing(path) as file:
        samples = [draw(moments[number]) for number in spread]
        pixels = len(moments) * samples[0].width() * samples[0].height()
        encoder = encoder_for(kind, file, frames_a_second, samples, pixels)
        for number, moment in enumerate(moments, 1):
            encoder.add(draw(moment), moment.milliseconds)
            if number < len(moments):
                yield DRAWN * number / len(moments)
        yield DRAWN
        for fraction in encoder.finish():
            yield DRAWN + (1 - DRAWN) * fraction
