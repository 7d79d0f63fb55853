"""Saving the weights of a network under PyTorch's names: the file dialog, and the action of the File menu."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QFileDialog, QWidget

from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.network import Network
from lstmviz.gui.session import Session
from lstmviz.io.models.suffixes import WEIGHT_FORMATS

Choose = Callable[[QWidget | None, str], tuple[str, str]]
"""Given a file to begin with: the chosen path and filter; an empty path when nothing was chosen."""

_FILTERS = {f"{words} (*{suffix})": suffix for suffix, words in WEIGHT_FORMATS.items()}


def choose_weights_file(parent: QWidget | None, start: str) -> tuple[str, str]:
    """The dialog to save weights; it asks before it lets an existing file be replaced."""
    return QFileDialog.getSaveFileName(parent, "Save the network’s weights", start, ";;".join(_FILTERS))


def save_weights(network: Network, title: str, parent: QWidget | None, choose: Choose, folder: Path) -> Path | None:
    """Let a file be chosen and write it; its path, None when nothing was chosen. Raises LstmvizError.

    A suffix that was typed wins over the list, which gives its own to a name without one.
    """
    from lstmviz.io.models.saving import save_network  # takes a while to load

    words = re.findall(r"[a-z0-9]+", title.lower())
    first = next(iter(WEIGHT_FORMATS))
    chosen, wanted = choose(parent, str(folder / f"{'-'.join(words)[:60] or 'network'}{first}"))
    if not chosen:
        return None
    path = Path(chosen)
    if path.suffix.lower() not in WEIGHT_FORMATS:
        path = path.with_name(path.name + _FILTERS.get(wanted, first))
    save_network(network, path)
    return path


class WeightsExport(QObject):
    """The action *Export weights* for the network that is shown."""

    failed = pyqtSignal(object)
    """An LstmvizError: the file could not be written, and what was there stays."""

    def __init__(self, session: Session, parent: QWidget, *, choose: Choose = choose_weights_file) -> None:
        super().__init__(parent)
        self._session, self._window, self._choose = session, parent, choose
        self._folder = Path.home()
        self.action = QAction("Export &weights…", self)
        self.action.setObjectName("export_weights")
        self.action.setToolTip(
            "Write the weights of this network under PyTorch’s names, as .npz or .safetensors; lstmviz opens them again"
        )
        self.action.triggered.connect(self.ask)

    def ask(self) -> None:
        """Let a file be chosen, and write it."""
        run = self._session.run
        try:
            path = save_weights(run.network, run.experiment.title, self._window, self._choose, self._folder)
        except LstmvizError as error:
            self.failed.emit(error)
        else:
            self._folder = path.parent if path is not None else self._folder
