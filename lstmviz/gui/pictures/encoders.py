"""Frames to the content of an animated file: Pillow for pictures, PyAV for films."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtGui import QImage

from lstmviz.core.errors import LstmvizError
from lstmviz.core.progress import Steps
from lstmviz.gui.pictures.formats import APNG, GIF, MP4, PictureFormat

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS = 400_000_000
"""Pictures hold all their frames in memory until they are put together; this takes about 1.2 GB."""

_GIF_COLOURS = 255
"""One of the 256 is for what has not changed since the frame before."""

_UNKNOWN = 255
"""In a table of numbers in the palette: this colour has not come yet."""

_AT_ONCE = 20_000

_EXACT_COLOURS = 64
"""So many of them are the most frequent ones as they are."""

_WEBP_QUALITY = 85
_FILM_QUALITY = "18"  # x264's constant rate factor: text stays sharp


class Encoder(Protocol):
    """Takes the frames one by one, and writes the file."""

    def add(self, frame: QImage, milliseconds: int) -> None:
        """Take the next frame."""

    def finish(self) -> Steps[None]:
        """Write what has not been written; each yield is the fraction done."""


def encoder_for(
    kind: PictureFormat, file: BinaryIO, frames_a_second: int, samples: Sequence[QImage], pixels: int
) -> Encoder:
    """The encoder of a kind of file. ``samples`` are some of the frames, ``pixels`` how many all have together.

    Raises LstmvizError where a library is missing, or there are too many pixels for the memory.
    """
    if kind is MP4:
        return FilmEncoder(file, frames_a_second, samples[0])
    if pixels > MOST_PIXELS:
        raise LstmvizError(
            "The animation is too large for the memory",
            how="Take fewer steps, a smaller size, fewer frames a second, or an MP4, which is written piece by piece.",
        )
    return PictureEncoder(kind, file, samples)


class PictureEncoder:
    """GIF, animated PNG and WebP. Equal neighbours become one frame, and what has not changed is not stored again."""

    def __init__(self, kind: PictureFormat, file: BinaryIO, samples: Sequence[QImage]) -> None:
        self._kind, self._file = kind, file
        self._frames: list[Image] = []
        self._milliseconds: list[int] = []
        self._last: QImage | None = None
        self._palette = _Palette(samples) if kind is GIF else None

    def add(self, frame: QImage, milliseconds: int) -> None:
        """Take the next frame."""
        if self._last is not None and frame == self._last:
            self._milliseconds[-1] += milliseconds
            return
        self._last = frame
        image = self._palette.picture(frame) if self._palette else _pillow_image(frame)
        self._frames.append(image)
        self._milliseconds.append(milliseconds)

    def finish(self) -> Steps[None]:
        """Put the frames together."""
        yield 0.0
        first, *others = self._frames
        options: dict[str, Any] = {"save_all": True, "append_images": others, "duration": self._milliseconds, "loop": 0}
        if self._kind is GIF:
            first.save(self._file, "GIF", optimize=False, disposal=1, **options)
        elif self._kind is APNG:
            first.save(self._file, "PNG", default_image=False, **options)
        else:
            first.save(self._file, "WEBP", quality=_WEBP_QUALITY, method=4, **options)
        yield 1.0


class FilmEncoder:
    """MP4 with H.264, one frame after the other."""

    def __init__(self, file: BinaryIO, frames_a_second: int, sample: QImage) -> None:
        try:
            self._av: Any = import_module("av")
        except ImportError as error:
            raise LstmvizError(
                "Films need the library PyAV, which is not installed",
                how="Install it with: pip install 'lstmviz[video]', or choose a GIF.",
            ) from error
        self._rate = frames_a_second
        self._container = self._av.open(file, "w", format="mp4")
        options = {"crf": _FILM_QUALITY, "preset": "medium", "tune": "animation"}
        self._stream = self._container.add_stream("libx264", rate=frames_a_second, options=options)
        # H.264 halves the resolution of colours, so both sides have to be even
        self._stream.width, self._stream.height = sample.width() // 2 * 2, sample.height() // 2 * 2
        self._stream.pix_fmt = "yuv420p"
        self._count = 0

    def add(self, frame: QImage, milliseconds: int) -> None:
        """Take the next frame, as often as its time asks for."""
        cut = frame.copy(0, 0, self._stream.width, self._stream.height)
        image = _pillow_image(cut)
        for _ in range(max(1, round(milliseconds / 1000 * self._rate))):
            # a new one each time: the encoder keeps them for a while
            picture = self._av.VideoFrame.from_image(image)
            picture.pts = self._count
            self._count += 1
            self._container.mux(self._stream.encode(picture))

    def finish(self) -> Steps[None]:
        """Write the end of the film."""
        yield 0.0
        self._container.mux(self._stream.encode())
        self._container.close()
        yield 1.0


def _pillow_image(frame: QImage) -> Image:
    """A copy of the frame for Pillow."""
    from PIL import Image

    plain = frame.convertToFormat(QImage.Format.Format_RGB888)
    bits = plain.constBits()
    assert bits is not None
    size = plain.width(), plain.height()
    return Image.frombytes("RGB", size, bits.asstring(plain.sizeInBytes()), "raw", "RGB", plain.bytesPerLine())


class _Palette:
    """The 255 colours of all frames: with some for each frame, what stands still would shimmer.

    The most frequent colours, such as the ground's, are kept as they are; the others share what is left. No dots mix
    colours that are missing: they flicker, and nothing would be equal to the frame before.
    """

    def __init__(self, samples: Sequence[QImage]) -> None:
        packed = np.concatenate([_packed(sample).reshape(-1) for sample in samples])
        colours, counts = np.unique(packed, return_counts=True)
        self._colours = _chosen(_unpacked(colours), counts)
        self._numbers = np.full(1 << 24, _UNKNOWN, np.uint8)  # by colour, filled as they come

    def picture(self, frame: QImage) -> Image:
        """The frame in the nearest colours of the palette."""
        from PIL import Image

        packed = _packed(frame)
        numbers = self._numbers[packed]
        missing = np.unique(packed[numbers == _UNKNOWN])
        if len(missing):
            self._numbers[missing] = self._nearest(_unpacked(missing).astype(np.int32))
            numbers = self._numbers[packed]
        picture = Image.fromarray(numbers, "P")
        picture.putpalette(self._colours.tobytes())
        return picture

    def _nearest(self, colours: NDArray[np.int32]) -> NDArray[np.uint8]:
        """The number in the palette that is nearest to each of the colours [n, 3]."""
        palette = self._colours.astype(np.int32)
        squares = (palette**2).sum(axis=1)
        found = [
            np.argmin(squares - 2 * (colours[start : start + _AT_ONCE] @ palette.T), axis=1)
            for start in range(0, len(colours), _AT_ONCE)
        ]
        return np.concatenate(found).astype(np.uint8)


def _chosen(colours: NDArray[np.uint8], counts: NDArray[np.intp]) -> NDArray[np.uint8]:
    """At most 255 of the colours [n, 3]: the most frequent ones, then always the one that is missed most.

    Median cut would give most places to the many mixtures along the edges of text, and none to a thin line's hue.
    """
    order = np.argsort(counts)[::-1]
    if len(colours) <= _GIF_COLOURS:
        return colours[order]
    exact = colours.astype(np.float64)
    weights = np.log2(counts) + 1
    taken: list[int] = []
    missed = np.full(len(colours), np.inf)
    for place in range(_GIF_COLOURS):
        worst = int(order[place]) if place < _EXACT_COLOURS else int(np.argmax(missed * weights))
        taken.append(worst)
        missed = np.minimum(missed, ((exact - exact[worst]) ** 2).sum(axis=1))
    return colours[taken]


def _packed(frame: QImage) -> NDArray[np.uint32]:
    """The colours 0xRRGGBB of a frame, [height, width]."""
    plain = frame.convertToFormat(QImage.Format.Format_RGB32)
    bits = plain.constBits()
    assert bits is not None
    rows = np.frombuffer(bits.asstring(plain.sizeInBytes()), np.uint32).reshape(plain.height(), -1)
    return rows[:, : plain.width()] & np.uint32(0xFFFFFF)


def _unpacked(colours: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Colours 0xRRGGBB as [n, 3] bytes."""
    return np.stack([colours >> shift & 0xFF for shift in (16, 8, 0)], axis=1).astype(np.uint8)
