"""Drawing an example off-screen; Qt is imported for it, once its libraries are known to be there."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from lstmviz.gui.system_libraries import explain_import_error, require_libraries
from lstmviz.io.experiments import Example


def draw(example: Example, path: Path, view: str, size: tuple[int, int], theme: str, *, beside: bool) -> None:
    """Draw ``view`` of an example into a PNG file, whatever display there is.

    Raises LstmvizError for a missing library, and what ``gui.render.render`` raises.
    """
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if sys.platform.startswith("linux"):
        require_libraries("offscreen")
    try:
        from lstmviz.gui.render import render
    except ImportError as error:
        raise explain_import_error(error) from error
    render(example, path, view=view, size=size, theme_name=theme, beside=beside)
