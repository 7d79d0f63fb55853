"""Drawing an example off-screen; Qt is imported for it, once its libraries are known to be there."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from lstmviz.core.progress import drain
from lstmviz.gui.pictures.formats import PNG, PictureFormat, PictureRequest
from lstmviz.gui.system_libraries import explain_import_error, require_libraries
from lstmviz.io.atomic import write_atomically
from lstmviz.io.experiments import Example


def draw(example: Example, path: Path, view: str, size: tuple[int, int], theme: str, *, beside: bool) -> None:
    """Draw ``view`` of an example into a PNG file; the rest is as in ``draw_request``."""
    draw_request(example, path, PictureRequest(view, size, theme, beside), PNG)


def draw_request(example: Example, path: Path | None, request: PictureRequest, kind: PictureFormat) -> None:
    """Draw what is wanted of an example into a file, or to standard output for None, whatever display there is.

    Raises LstmvizError for a missing library, and what ``gui.render`` raises.
    """
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if sys.platform.startswith("linux"):
        require_libraries("offscreen")
    try:
        from lstmviz.gui.render import render, rendering
    except ImportError as error:
        raise explain_import_error(error) from error
    if kind.moves:
        assert path is not None
        drain(rendering(example, request, kind, path))
        return
    picture = render(example, request, kind)
    if path is None:
        sys.stdout.buffer.write(picture)
    else:
        write_atomically(path, picture)
