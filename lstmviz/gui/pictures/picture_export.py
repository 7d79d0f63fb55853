"""Pictures and animations from the window: the questions, the files, progress and Cancel."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from pathlib import Path

from PyQt6.QtCore import QObject, QSize, pyqtSignal
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QDialog, QFileDialog, QProgressDialog, QWidget

from lstmviz.core.analysis.step_table import step_columns
from lstmviz.core.errors import LstmvizError
from lstmviz.gui.job import Job, in_words
from lstmviz.gui.pictures.animation import DRAWN, animating
from lstmviz.gui.pictures.desk import Desk
from lstmviz.gui.pictures.dialogs import AnimationDialog, Answer, PictureDialog
from lstmviz.gui.pictures.formats import PictureFormat
from lstmviz.gui.pictures.moments import moments_of
from lstmviz.gui.pictures.still import image_of_widget, picture_of_widget
from lstmviz.gui.pictures.subject import STAGE_VIEWS, Sitter
from lstmviz.gui.session import Session
from lstmviz.gui.style import DARK, LIGHT, Theme, ThemeName
from lstmviz.gui.timers import single_shot
from lstmviz.gui.views.view import View
from lstmviz.io.atomic import write_atomically
from lstmviz.io.exports.step_tsv import table_text

CLIPBOARD_SCALE = 2
"""A copied picture is twice as fine as the screen, so that it stays sharp in a document."""

_PROGRESS_STEPS = 1000
_WINDOW = "window"

Ask = Callable[[PictureDialog | AnimationDialog], Answer | None]
Choose = Callable[[QWidget | None, str, PictureFormat], str]
"""Given a file to begin with and its kind, the chosen path; empty when nothing was chosen."""


def ask_in_dialog(dialog: PictureDialog | AnimationDialog) -> Answer | None:
    """Show the dialog; None when it was left."""
    return dialog.answer() if dialog.exec() == QDialog.DialogCode.Accepted else None


def choose_picture_file(parent: QWidget | None, start: str, kind: PictureFormat) -> str:
    """The dialog for a file; it asks before it lets an existing one be replaced."""
    return QFileDialog.getSaveFileName(parent, "Save the picture", start, f"{kind.words} (*{kind.suffix})")[0]


class PictureExport(QObject):
    """What stands behind the actions of ``PictureActions``. Call ``close`` when the window closes."""

    failed = pyqtSignal(object)
    """An LstmvizError: it could not be done, and what was in the file stays."""
    exported = pyqtSignal(str)
    """The file is there."""
    said = pyqtSignal(str)
    """What was copied, for the status line."""

    def __init__(
        self,
        window: QWidget,
        session: Session,
        desk: Desk,
        *,
        ask: Ask = ask_in_dialog,
        choose: Choose = choose_picture_file,
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._desk = window, session, desk
        self._ask, self._choose = ask, choose
        self._folder = Path.home()
        self._path = Path()
        self._steps: Generator[float, None, None] | None = None
        self._drawing = False
        self._sitter: Sitter | None = None
        self._dialog: QProgressDialog | None = None
        self._timer = single_shot(self, self._draw_on)
        self._job = Job(self)
        self._job.advanced.connect(self._show_progress)
        self._job.finished.connect(self._finish)
        self._job.failed.connect(self._fail)

    @property
    def busy(self) -> bool:
        """Whether an animation is being written."""
        return self._steps is not None

    # Pictures

    def ask_for_picture(self) -> None:
        """Ask which, let a file be chosen, and write it."""
        views = self._desk.views_on_show()
        subjects = [*((each.name, each.title) for each in views), (_WINDOW, "the whole window")]
        answer = self._answer(PictureDialog(subjects, self._shown_theme, self._window))
        path = self._file(answer) if answer else None
        if answer is None or path is None:
            return
        try:
            if answer.request.view == _WINDOW:
                picture = self._picture_of_window(answer)
            else:
                view = next(each.view for each in views if each.name == answer.request.view)
                picture = self._picture_of_view(view, answer)
            write_atomically(path, picture)
        except LstmvizError as error:
            self.failed.emit(error)
            return
        self.exported.emit(str(path))

    def copy_picture(self) -> None:
        """Put a picture of the open view on the clipboard."""
        shown = self._desk.current_view()
        image = image_of_widget(shown.view, CLIPBOARD_SCALE)
        image.setDevicePixelRatio(1)
        clipboard = QGuiApplication.clipboard()
        assert clipboard is not None
        clipboard.setImage(image)
        self.said.emit(f"The picture of the view {shown.title} is on the clipboard.")

    def copy_table(self) -> None:
        """Put the table of the pinned unit on the clipboard."""
        cursor = self._session.cursor
        clipboard = QGuiApplication.clipboard()
        assert clipboard is not None
        clipboard.setText(table_text(step_columns(self._session.run, cursor.layer, cursor.unit)))
        self.said.emit(f"The table of unit {cursor.unit} is on the clipboard, a row a step.")

    def _picture_of_view(self, view: View, answer: Answer) -> bytes:
        before, wanted = view.theme, _theme_called(answer.request.theme)
        if before is not wanted:
            sitter = Sitter(self._desk.new_view(answer.request.view, wanted), view.size(), wanted)
            try:
                return picture_of_widget(sitter.view, answer.kind, answer.request.scale)
            finally:
                sitter.leave()
        return picture_of_widget(view, answer.kind, answer.request.scale)

    def _picture_of_window(self, answer: Answer) -> bytes:
        before, wanted = self._desk.theme_name(), ThemeName(answer.request.theme)
        changes = self._shown_theme != answer.request.theme
        if changes:
            self._desk.set_theme(wanted)
        try:
            return picture_of_widget(self._window, answer.kind, answer.request.scale)
        finally:
            if changes:
                self._desk.set_theme(before)

    # Animations

    def ask_for_animation(self) -> None:
        """Ask which, let a file be chosen, and write it while the window stays alive."""
        size, length = self._desk.current_view().view.size(), self._session.run.length
        dialog = AnimationDialog(
            self._desk.all_views(), self._shown_theme, length, (size.width(), size.height()), self._window
        )
        answer = self._answer(dialog)
        path = self._file(answer) if answer else None
        if answer and path:
            self.animate(answer, path)

    def animate(self, answer: Answer, path: Path) -> None:
        """Write an animation as ``path``, in place of one that is under way."""
        self.cancel()
        request, session = answer.request, self._session
        try:
            moments = moments_of(
                session.run, session.cursor, request.first, request.last, frames_a_second=request.frames_a_second,
                speed=request.speed, by_stage=request.view in STAGE_VIEWS,
            )  # fmt: skip
        except LstmvizError as error:
            self.failed.emit(error)
            return
        theme = _theme_called(request.theme)
        sitter = Sitter(self._desk.new_view(request.view, theme), QSize(*request.size), theme)

        self._path, self._sitter = path, sitter
        self._steps = animating(sitter.frame, moments, path, answer.kind, request.frames_a_second)
        dialog = QProgressDialog(f"Drawing {path.name} …", "Cancel", 0, _PROGRESS_STEPS, self._window)
        dialog.setObjectName("animation_progress")
        dialog.setWindowTitle("Export")
        dialog.setAutoClose(False)
        dialog.setAutoReset(False)
        dialog.canceled.connect(self.cancel)
        self._dialog = dialog
        self._timer.start()

    def _draw_on(self) -> None:
        """The next frame: widgets draw on this thread. What comes after the last one another thread does."""
        steps = self._steps
        if steps is None:
            return
        self._drawing = True  # meanwhile Cancel may be pressed: some views work something out first
        try:
            fraction = next(steps)
        except (LstmvizError, MemoryError) as error:
            self._fail(in_words(error))
            return
        finally:
            self._drawing = False
        if steps is not self._steps:
            steps.close()
            return
        self._show_progress(fraction)
        if fraction < DRAWN:
            self._timer.start()
        else:
            self._job.start(steps, 0.0)

    def cancel(self) -> None:
        """Stop what is under way; what was in the file before stays."""
        self._timer.stop()
        if self._steps is not None and not self._job.busy and not self._drawing:
            self._steps.close()
        self._job.cancel()
        self._clear()

    def close(self) -> None:
        """Stop, and wait for the thread."""
        self.cancel()
        self._job.close()

    def _show_progress(self, fraction: float) -> None:
        if self._dialog is not None:
            self._dialog.setValue(int(fraction * _PROGRESS_STEPS))

    def _finish(self, _: object) -> None:
        self._clear()
        self.exported.emit(str(self._path))

    def _fail(self, words: str) -> None:
        self._timer.stop()
        self._clear()
        self.failed.emit(LstmvizError(words.rstrip(".")))

    def _clear(self) -> None:
        self._steps = None
        if self._sitter is not None:
            self._sitter.leave()
            self._sitter = None
        if self._dialog is not None:
            dialog, self._dialog = self._dialog, None
            dialog.canceled.disconnect(self.cancel)  # to close it is to cancel it, in Qt
            dialog.close()
            dialog.deleteLater()

    # What both ask

    @property
    def _shown_theme(self) -> str:
        """The theme on the screen, which AUTO has chosen perhaps."""
        return "dark" if self._desk.current_view().view.theme.dark else "light"

    def _answer(self, dialog: PictureDialog | AnimationDialog) -> Answer | None:
        try:
            return self._ask(dialog)
        finally:
            dialog.deleteLater()

    def _file(self, answer: Answer) -> Path | None:
        """The file that the user chooses for it."""
        words = re.findall(r"[a-z0-9]+", self._session.run.experiment.title.lower())
        name = "-".join([*words, answer.request.view])[-60:].strip("-")
        chosen = self._choose(self._window, str(self._folder / (name + answer.kind.suffix)), answer.kind)
        if not chosen:
            return None
        path = Path(chosen)
        self._folder = path.parent
        return path if path.suffix.lower() == answer.kind.suffix else path.with_name(path.name + answer.kind.suffix)


def _theme_called(name: str) -> Theme:
    return DARK if name == "dark" else LIGHT
