"""Opening a trained model: asks for its file, reads it in the background, shows what is in it, runs what is chosen."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QMimeData, QObject, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QFileDialog, QWidget

from lstmviz.core.cursor import Cursor
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.gui.files.model_testing import Choose, ModelTesting, choose_numbers, is_numbers
from lstmviz.gui.job import Job
from lstmviz.gui.session import Session
from lstmviz.gui.style import LIGHT, Theme
from lstmviz.io.models.suffixes import SUFFIXES, holds_model

if TYPE_CHECKING:
    from lstmviz.gui.panels.model_import.model_dialog import ModelDialog
    from lstmviz.io.models.model_file import ModelFile

_MODELS = f"Trained models ({' '.join('*' + suffix for suffix in SUFFIXES)});;All files (*)"
_VOCABULARIES = "Vocabularies (*.json *.txt *.vocab);;All files (*)"


def choose_model(parent: QWidget | None, start: str) -> str:
    """The dialog to choose the file of a model."""
    return QFileDialog.getOpenFileName(parent, "Open a trained model", start, _MODELS)[0]


def choose_vocabulary(parent: QWidget | None, start: str) -> str:
    """The dialog to choose the file of a vocabulary."""
    return QFileDialog.getOpenFileName(parent, "Choose a vocabulary", start, _VOCABULARIES)[0]


class ModelOpening(QObject):
    """The action *Open a trained model*. Call ``close`` when the window closes."""

    failed = pyqtSignal(object)
    """An LstmvizError: the file cannot be read."""
    typed_wanted = pyqtSignal()
    """What has been typed and not yet reported must become part of the experiment: its sequence may be kept."""

    def __init__(
        self,
        session: Session,
        window: QWidget,
        *,
        choose: Choose = choose_model,
        choose_vocabulary: Choose = choose_vocabulary,
        choose_numbers: Choose = choose_numbers,
    ) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self._choose, self._choose_vocabulary = choose, choose_vocabulary
        self._folder, self._theme = Path.home(), LIGHT
        self._vocabulary_name = ""
        self.dialog: ModelDialog | None = None
        # here and not in the dialog: what a thread reads it reads to its end, and the dialog need not wait for that
        self._reading, self._reading_vocabulary = Job(self), Job(self)
        self._reading.finished.connect(self._show_file)
        self._reading.failed.connect(self._show_failure)
        self._reading_vocabulary.finished.connect(self._show_vocabulary)
        self._reading_vocabulary.failed.connect(self._show_vocabulary_failure)
        self.testing = ModelTesting(self, choose=choose_numbers)
        self.action = QAction("Open a &trained model…", self)
        self.action.setObjectName("open_model")
        self.action.setToolTip("Look into a network of PyTorch, Keras, ONNX or NumPy from its file")
        self.action.triggered.connect(self.ask)

    def ask(self) -> None:
        """Let a file be chosen, and show what is in it."""
        chosen = self._choose(self._window, str(self._folder))
        if chosen:
            self.open_path(Path(chosen))

    def open_path(self, path: Path) -> None:
        """Show what is in the file at ``path``, in place of a file that is on show."""
        # here: the readers of all formats would hold up every start of the window
        from lstmviz.gui.panels.model_import.model_dialog import ModelDialog
        from lstmviz.io.models.reading import read_model

        self._close_dialog()
        self._folder = path.parent
        self.typed_wanted.emit()
        dialog = ModelDialog(path.name, self._session.wanted, self._window, theme=self._theme)
        dialog.vocabulary_wanted.connect(self._ask_for_vocabulary)
        dialog.dropped.connect(self._take_dropped)
        dialog.chosen.connect(self._run)
        dialog.finished.connect(self._forget_dialog)
        self.dialog = dialog
        self.testing.serve(dialog.test_page, self._folder)
        dialog.open()
        self._reading.start(_steps(lambda: _read_or_error(read_model, path)), 0.0)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        if self.dialog is not None:
            self.dialog.set_theme(theme)

    def close(self) -> None:
        """Stop, and wait for the threads."""
        self._close_dialog()
        self._reading.close()
        self._reading_vocabulary.close()
        self.testing.close()

    def _show_file(self, file: ModelFile | LstmvizError) -> None:
        if isinstance(file, LstmvizError):
            self._fail(file)
        elif self.dialog is not None:
            self.dialog.show_file(file)

    def _show_failure(self, words: str) -> None:
        self._fail(LstmvizError(words.rstrip(".")))

    def _fail(self, error: LstmvizError) -> None:
        """There is nothing to choose in the dialog: the window says why."""
        self._close_dialog()
        self.failed.emit(error)

    def _ask_for_vocabulary(self) -> None:
        chosen = self._choose_vocabulary(self.dialog, str(self._folder))
        if chosen:
            self._read_vocabulary(Path(chosen))

    def _read_vocabulary(self, path: Path) -> None:
        from lstmviz.io.models.vocabulary import read_vocabulary

        self._vocabulary_name = path.name
        self._reading_vocabulary.start(_steps(lambda: read_vocabulary(path)), 0.0)

    def _take_dropped(self, paths: tuple[Path, ...]) -> None:
        """Files on the dialog: another model, the input and the output of its test, or a vocabulary."""
        if self.dialog is None or not paths:
            return
        model = next((path for path in paths if holds_model(path)), None)
        numbers = [path for path in paths if is_numbers(path)]
        if model is not None:
            self.open_path(model)
        elif not numbers:
            self._read_vocabulary(paths[0])
        elif self.dialog.test_button.isEnabled():
            self.dialog.show_test_page()
            self.testing.read_dropped(numbers)

    def _show_vocabulary(self, tokens: tuple[str, ...]) -> None:
        if self.dialog is not None:
            self.dialog.show_vocabulary(self._vocabulary_name, tokens)

    def _show_vocabulary_failure(self, words: str) -> None:
        if self.dialog is not None:
            self.dialog.show_vocabulary_failure(words)

    def _run(self, experiment: Experiment) -> None:
        cursor = Cursor(t=experiment.sequence.length)
        self._session.apply(f"open {experiment.title}", experiment, cursor=cursor)

    def _close_dialog(self) -> None:
        if self.dialog is not None:
            self.dialog.reject()

    def _forget_dialog(self) -> None:
        """The dialog has been closed: what is still being read for it does not count any more."""
        self.dialog = None
        self._reading.cancel()
        self._reading_vocabulary.cancel()
        self.testing.forget()


def model_paths(dropped: QMimeData | None) -> tuple[Path, ...]:
    """The files of models among what is dragged over the window, or dropped on it."""
    urls = dropped.urls() if dropped else []
    paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
    return tuple(path for path in paths if holds_model(path))


def _read_or_error(read_model: Callable[[Path], ModelFile], path: Path) -> ModelFile | LstmvizError:
    """What is in the file, or what is wrong with it, with its parts: where, and how to mend it."""
    try:
        return read_model(path)
    except LstmvizError as error:
        return error


def _steps(read: Callable[[], Any]) -> Generator[float, None, Any]:
    """A job of one piece."""
    yield 0.0
    return read()
