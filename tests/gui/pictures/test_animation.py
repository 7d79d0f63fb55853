"""Animations as files: frames, times and colours come back; stopping leaves nothing behind."""

from __future__ import annotations

import sys
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from PyQt6.QtGui import QColor, QImage, QPainter

from lstmviz.core.cursor import Cursor
from lstmviz.core.errors import LstmvizError
from lstmviz.core.progress import drain
from lstmviz.gui.pictures import encoders
from lstmviz.gui.pictures.animation import animating
from lstmviz.gui.pictures.formats import APNG, GIF, MP4, WEBP, PictureFormat
from lstmviz.gui.pictures.moments import Moment

MOMENTS = [Moment(Cursor(t), 1.0, 200) for t in (1, 2, 2, 3)]
GROUND, HUES = "#fdfdfe", ("#c2410c", "#007a59", "#a86400")


def draw(moment: Moment) -> QImage:
    """A square whose colour is that of the step."""
    image = QImage(120, 80, QImage.Format.Format_RGB32)
    image.fill(QColor(GROUND))
    painter = QPainter(image)
    painter.fillRect(40, 20, 40, 40, QColor(HUES[moment.cursor.t - 1]))
    painter.end()
    return image


def frames_of(path: Path) -> list[tuple[tuple[int, ...], tuple[int, ...], float]]:
    """Ground, colour and milliseconds of each frame."""
    found = []
    with Image.open(path) as film:
        for number in range(film.n_frames):
            film.seek(number)
            film.load()
            shown = film.convert("RGB")
            found.append((shown.getpixel((2, 2)), shown.getpixel((60, 40)), film.info.get("duration", 0)))
    return found


@pytest.mark.parametrize("kind", [GIF, APNG])
def test_frames_keep_their_colours_and_equal_ones_become_one(tmp_path: Path, kind: PictureFormat) -> None:
    path = tmp_path / f"film{kind.suffix}"
    fractions = list(animating(draw, MOMENTS, path, kind, 5))
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    rgb = [QColor(each).getRgb()[:3] for each in (GROUND, *HUES)]
    assert frames_of(path) == [(rgb[0], rgb[1], 200), (rgb[0], rgb[2], 400), (rgb[0], rgb[3], 200)]


def test_webp(tmp_path: Path) -> None:
    path = tmp_path / "film.webp"
    drain(animating(draw, MOMENTS, path, WEBP, 5))
    shown = np.array([colour for _, colour, _ in frames_of(path)])
    assert np.abs(shown - [QColor(each).getRgb()[:3] for each in HUES]).max() < 25


def test_a_gif_of_more_colours_than_it_can_hold_stays_near_them(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (80, 120, 3), np.uint8)
    pixels[:40] = 255
    image = QImage(pixels.tobytes(), 120, 80, 360, QImage.Format.Format_RGB888).copy()
    path = tmp_path / "film.gif"
    drain(animating(lambda _: image, MOMENTS, path, GIF, 5))
    with Image.open(path) as film:
        shown = np.asarray(film.convert("RGB")).astype(int)
    assert (shown[:40] == 255).all()
    assert np.abs(shown - pixels).max() < 80


def test_a_film_has_every_frame_as_long_as_it_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    drain(animating(draw, MOMENTS, path, MP4, 10))
    with av.open(str(path)) as film:
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    assert len(frames) == 8
    seen = np.array([frame[40, 60] for frame in (frames[0], frames[3], frames[-1])]).astype(int)
    assert np.abs(seen - [QColor(each).getRgb()[:3] for each in HUES]).max() < 40


def test_without_the_library_a_film_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(LstmvizError, match=r"PyAV, which is not installed\. Install it with: pip install"):
        drain(animating(draw, MOMENTS, tmp_path / "film.mp4", MP4, 10))
    assert not list(tmp_path.iterdir())


def test_too_many_frames_for_the_memory_are_refused_before_they_are_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoders, "MOST_PIXELS", 4 * 120 * 80 - 1)
    with pytest.raises(LstmvizError, match="too large for the memory"):
        drain(animating(draw, MOMENTS, tmp_path / "film.gif", GIF, 10))


@pytest.mark.parametrize("kind", [GIF, MP4])
def test_stopping_leaves_what_was_there(tmp_path: Path, kind: PictureFormat) -> None:
    path = tmp_path / f"film{kind.suffix}"
    path.write_text("old")
    steps = animating(draw, MOMENTS, path, kind, 10)
    next(steps)
    steps.close()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
