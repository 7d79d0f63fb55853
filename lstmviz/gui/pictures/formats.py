"""Which kinds of picture files there are, and what is wanted in one. Knows no Qt, so that the command line is quick."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lstmviz.core.errors import LstmvizError

SCALES = (1, 2, 3, 4)
"""Pixels of a PNG to one of the screen, in each direction."""

MOST_FRAMES_A_SECOND = 50
"""A GIF counts in hundredths of a second, and browsers slow down frames shorter than two of them."""

SLOWEST, FASTEST = 0.1, 16
"""Factors on the speed at which the window plays."""

LARGEST_SIDE = 10_000
"""Pixels; a larger picture would not fit in memory."""


@dataclass(frozen=True)
class PictureFormat:
    """One kind of file: its name in the program, the end of its name, what it is for people, and whether it moves."""

    name: str
    suffix: str
    words: str
    moves: bool = False


PNG = PictureFormat("png", ".png", "PNG: dots, for screens")
SVG = PictureFormat("svg", ".svg", "SVG: lines and text, for web pages and drawing programs")
PDF = PictureFormat("pdf", ".pdf", "PDF: lines and text, for print")
GIF = PictureFormat("gif", ".gif", "GIF: plays everywhere, 255 colours", moves=True)
APNG = PictureFormat("apng", ".apng", "Animated PNG: all colours, plays in browsers", moves=True)
WEBP = PictureFormat("webp", ".webp", "WebP: all colours, small, plays in browsers", moves=True)
MP4 = PictureFormat("mp4", ".mp4", "MP4: a film, for slides and video", moves=True)

STILLS = (PNG, SVG, PDF)
ANIMATIONS = (GIF, APNG, WEBP, MP4)
FORMATS = (*STILLS, *ANIMATIONS)


@dataclass(frozen=True)
class PictureRequest:
    """What is to be drawn, and how.

    view           one of ``commands.render.VIEWS``
    size           in pixels of the screen; ``scale`` times as many in a file of dots
    theme          light or dark
    beside         with the vanilla RNN's cell beside the LSTM's
    first, last    of an animation: the steps, from 1; None for the first and the last there is
    frames_a_second, speed   of an animation: at speed 1 a stage takes as long as it does when the window plays
    """

    view: str = "window"
    size: tuple[int, int] = (1280, 800)
    theme: str = "light"
    beside: bool = False
    scale: int = 1
    first: int | None = None
    last: int | None = None
    frames_a_second: int = 10
    speed: float = 1.0


def format_called(name: str) -> PictureFormat:
    """The format with this name. Raises KeyError if there is none."""
    return {each.name: each for each in FORMATS}[name]


def format_of(path: str | Path) -> PictureFormat:
    """The format that the end of the file's name asks for. Raises LstmvizError that lists what there is."""
    suffix = Path(path).suffix.lower()
    for each in FORMATS:
        if each.suffix == suffix:
            return each
    what = f"A picture cannot be written as {suffix}" if suffix else "The name does not say which kind of picture"
    raise LstmvizError(what, where=str(path), how=f"Let it end in one of {', '.join(e.suffix for e in FORMATS)}.")
