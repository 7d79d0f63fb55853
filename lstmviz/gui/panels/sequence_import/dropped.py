"""Which of the files that are dropped on the window hold numbers."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QMimeData

from lstmviz.io.sequence_files.content import SUFFIXES


def sequence_paths(dropped: QMimeData | None) -> tuple[Path, ...]:
    """The files of numbers among what is dragged over the window, or dropped on it."""
    urls = dropped.urls() if dropped else []
    paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
    return tuple(path for path in paths if path.suffix.lower() in SUFFIXES)
