"""Draws the window or one of its views into a picture or an animation, without a display."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QSize
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QApplication, QWidget

from lstmviz.core.errors import LstmvizError
from lstmviz.core.progress import Steps
from lstmviz.gui.main_window import MainWindow
from lstmviz.gui.pictures.animation import animating
from lstmviz.gui.pictures.formats import PictureFormat, PictureRequest
from lstmviz.gui.pictures.moments import Moment, moments_of
from lstmviz.gui.pictures.still import image_of_widget, picture_of_widget
from lstmviz.gui.pictures.subject import STAGE_VIEWS, settle, show_moment, show_moment_in_window
from lstmviz.gui.process import crash
from lstmviz.gui.process.application import create_application
from lstmviz.gui.settings import Settings
from lstmviz.gui.style import ThemeName
from lstmviz.gui.views.training_view import TrainingView
from lstmviz.gui.views.view import View
from lstmviz.io.experiments import Example


def render(example: Example, request: PictureRequest, kind: PictureFormat) -> bytes:
    """What is wanted of an example at its cursor, as the content of a file of a ``kind`` that does not move.

    Raises LstmvizError for a size that is too small, and when it cannot be drawn.
    """
    with _set_up(example, request) as stage, _no_faults():
        return picture_of_widget(stage.drawn, kind, request.scale)


def rendering(example: Example, request: PictureRequest, kind: PictureFormat, path: Path) -> Steps[None]:
    """Write an animation of an example as the file ``path``; each yield is the fraction done.

    Raises LstmvizError for steps that there are not, a size that is too small, a library that is missing, and a file
    that cannot be written; then what was in it stays.
    """
    with _set_up(example, request) as stage:
        session = stage.window.session
        moments = moments_of(
            session.run, session.cursor, request.first, request.last, frames_a_second=request.frames_a_second,
            speed=request.speed, by_stage=request.view in STAGE_VIEWS,
        )  # fmt: skip
        yield from animating(stage.frame, moments, path, kind, request.frames_a_second)


@dataclass(frozen=True)
class _Stage:
    """The application, which lives as long as somebody holds it; the window; and the widget in it that is drawn."""

    app: QApplication
    window: MainWindow
    drawn: QWidget
    scale: int

    def frame(self, moment: Moment) -> QImage:
        """The picture of one moment."""
        with _no_faults():
            if isinstance(self.drawn, View):
                show_moment(self.drawn, moment)
            else:
                show_moment_in_window(self.window.session.seek, self.window.cell_view, moment)
            settle(self.drawn)
            return image_of_widget(self.drawn, self.scale)


@contextmanager
def _set_up(example: Example, request: PictureRequest) -> Iterator[_Stage]:
    """A window on the example, and what is to be drawn, laid out in its size."""
    app = create_application(sys.argv[:1], offscreen=True)
    settings = Settings(theme=ThemeName(request.theme), reduce_motion=True, rnn_beside=request.beside)
    window = MainWindow(example, settings)
    try:
        window.files.document.follow_training(example.training)
        if request.view in ("window", "gradients"):
            window.checker.check_now()  # they show its badge
        if request.view == "window":
            _lay_out(window, window, QSize(*request.size))
            yield _Stage(app, window, window, request.scale)
        else:
            with _taken_out(window, request.view, QSize(*request.size)) as view:
                yield _Stage(app, window, view, request.scale)
    finally:
        window.close()
        window.deleteLater()


@contextmanager
def _taken_out(window: MainWindow, name: str, size: QSize) -> Iterator[View]:
    """A view of the window in a bare frame: as a window of its own it would tell the screen how small it may get."""
    view = window.view(name)
    if isinstance(view, TrainingView):
        view.show_training(window.files.document.training)
    if window.tabs.indexOf(view) >= 0:
        window.tabs.setCurrentWidget(view)
    frame = QWidget()
    frame.resize(size)
    view.setParent(frame)
    view.show()
    try:
        _lay_out(frame, view, size)
        yield view
    finally:
        view.setParent(window)
        frame.deleteLater()


def _lay_out(shown: QWidget, drawn: QWidget, size: QSize) -> None:
    """Give ``drawn`` its size, in ``shown``, the window that it is in. Raises LstmvizError if that is too small."""
    with _no_faults():
        drawn.resize(size)
        if drawn.size() != size:
            raise LstmvizError(
                f"The picture does not fit in {size.width()}x{size.height()} pixels",
                how=f"It would fit in {drawn.width()}x{drawn.height()}.",
            )
        shown.show()
        settle(drawn)


@contextmanager
def _no_faults() -> Iterator[None]:
    """Raises LstmvizError if the program had a fault meanwhile: Qt goes on after one, with half a picture."""
    faults = crash.HANDLER.crash_count
    yield
    if crash.HANDLER.crash_count > faults:
        report = crash.HANDLER.report_path
        raise LstmvizError("The picture could not be drawn: a fault of the program", where=str(report or ""))
