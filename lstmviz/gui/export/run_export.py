"""Export of the run that stands: asks for a file, and writes it in the background with progress and Cancel."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QEventLoop, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QFileDialog, QMessageBox, QProgressDialog, QWidget

from lstmviz.core.errors import LstmvizError
from lstmviz.gui.job import Job
from lstmviz.gui.session import Session
from lstmviz.io.exports.formats import EXPORTS, Export, exporting

Choose = Callable[[QWidget | None, str], tuple[str, str]]
"""Given a file to begin with: the chosen path and filter; an empty path when nothing was chosen."""

PROGRESS_AFTER_MILLISECONDS = 400
"""An export that is done sooner shows no progress."""

_HERE_SECONDS = 0.1
_PROGRESS_STEPS = 1000
_FILTERS = {f"{each.words} (*{each.suffix})": each for each in EXPORTS}


def choose_export(parent: QWidget | None, start: str) -> tuple[str, str]:
    """The dialog to export a run; it asks before it lets an existing file be replaced."""
    return QFileDialog.getSaveFileName(parent, "Export the run", start, ";;".join(_FILTERS))


class RunExport(QObject):
    """The action *Export the run*. Call ``close`` when the window closes."""

    failed = pyqtSignal(object)
    """An LstmvizError: the file could not be written, and what was there stays."""
    exported = pyqtSignal(str)
    """The file is there."""

    def __init__(self, session: Session, parent: QWidget, *, choose: Choose = choose_export) -> None:
        super().__init__(parent)
        self._session, self._window, self._choose = session, parent, choose
        self._folder = Path.home()
        self._path = Path()
        self._dialog: QProgressDialog | None = None
        self._job = Job(self)
        self._job.advanced.connect(self._show_progress)
        self._job.finished.connect(self._finish)
        self._job.failed.connect(self._fail)
        self.action = QAction("&Export the run…", self)
        self.action.setObjectName("export_run")
        self.action.setToolTip("Write all numbers as a table, as arrays, or as a script that computes them again")
        self.action.triggered.connect(self.ask)

    @property
    def busy(self) -> bool:
        """Whether a file is being written."""
        return self._job.busy

    def ask(self) -> None:
        """Let a file be chosen, and write it."""
        words = re.findall(r"[a-z0-9]+", self._session.run.experiment.title.lower())
        name = "-".join(words)[:60] or "run"
        chosen, wanted = self._choose(self._window, str(self._folder / f"{name}{EXPORTS[0].suffix}"))
        if chosen:
            self.write(*_path_and_export(Path(chosen), _FILTERS.get(wanted, EXPORTS[0])))

    def write(self, path: Path, export: Export) -> None:
        """Write the run that stands now as ``path``, in place of an export that is under way."""
        self.cancel()
        self._path, self._folder = path, path.parent
        dialog = QProgressDialog(f"Writing {path.name} …", "Cancel", 0, _PROGRESS_STEPS, self._window)
        dialog.setObjectName("export_progress")
        dialog.setWindowTitle("Export")
        dialog.setMinimumDuration(PROGRESS_AFTER_MILLISECONDS)
        dialog.setAutoClose(False)
        dialog.setAutoReset(False)
        dialog.canceled.connect(self.cancel)
        self._dialog = dialog
        self._job.start(exporting(self._session.run, path, export.name, self._session.cursor), _HERE_SECONDS)

    def cancel(self) -> None:
        """Stop what is under way; what was in the file before stays."""
        self._job.cancel()
        self._close_dialog()

    def close(self) -> None:
        """Let what is under way be written first, with progress and Cancel, and wait for the thread."""
        if self._job.busy and self._dialog is not None:
            self._let_it_end(self._dialog)
        self._job.close()
        self._close_dialog()

    def _let_it_end(self, dialog: QProgressDialog) -> None:
        said: list[str] = []
        waiting = QEventLoop()
        self._job.finished.connect(waiting.quit)
        self._job.failed.connect(said.append)
        self._job.failed.connect(waiting.quit)
        dialog.canceled.connect(waiting.quit)
        dialog.setLabelText(f"lstmviz closes once {self._path.name} is written …")
        dialog.hide()  # Qt makes only a hidden one modal
        dialog.setWindowModality(Qt.WindowModality.ApplicationModal)
        dialog.show()
        waiting.exec()
        self._job.failed.disconnect(said.append)
        if said:  # the line for errors goes with the window
            QMessageBox.warning(self._window, "Export", said[0])

    def _show_progress(self, fraction: float) -> None:
        if self._dialog is not None:
            self._dialog.setValue(int(fraction * _PROGRESS_STEPS))

    def _finish(self, _: object) -> None:
        self._close_dialog()
        self.exported.emit(str(self._path))

    def _fail(self, words: str) -> None:
        self._close_dialog()
        self.failed.emit(LstmvizError(words.rstrip(".")))

    def _close_dialog(self) -> None:
        if self._dialog is not None:
            dialog, self._dialog = self._dialog, None
            dialog.canceled.disconnect(self.cancel)  # to close it is to cancel it, in Qt
            dialog.close()
            dialog.deleteLater()


def _path_and_export(path: Path, wanted: Export) -> tuple[Path, Export]:
    """What to write where: a suffix that was typed wins over the list, which gives its own to a name without one."""
    suffix = path.suffix.lower()
    if suffix == wanted.suffix:
        return path, wanted
    for each in EXPORTS:
        if each.suffix == suffix:
            return path, each
    return path.with_name(path.name + wanted.suffix), wanted
