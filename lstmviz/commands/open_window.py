"""``lstmviz`` and ``lstmviz open``: the window, or what there is to see without a display."""

from __future__ import annotations

import argparse
import os
import sys

from lstmviz.core.errors import LstmvizError
from lstmviz.gui.system_libraries import display_platforms, explain_import_error, require_libraries
from lstmviz.io.experiments import DEFAULT_EXAMPLE, Example
from lstmviz.io.opening import is_session, open_named
from lstmviz.io.sessions import SUFFIX


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which session."""
    parser.add_argument("session", metavar="SESSION", help=f"the file of a session, FILE{SUFFIX}")


def run(arguments: argparse.Namespace) -> int:
    """Open the window and run until it is closed."""
    if arguments.session and not is_session(arguments.session):
        raise LstmvizError(f"The name of a session ends in {SUFFIX}", where=arguments.session)
    platforms = display_platforms()
    if not platforms:
        return _without_display(open_named(arguments.session or arguments.example or DEFAULT_EXAMPLE))
    if sys.platform.startswith("linux"):
        os.environ["QT_QPA_PLATFORM"] = ";".join(platforms)
        require_libraries(platforms[0].partition(":")[0])
    try:
        from lstmviz.gui.launch import run_window
    except ImportError as error:
        raise explain_import_error(error) from error
    return run_window(arguments.session or arguments.example, reset=arguments.reset, safe_mode=arguments.safe_mode)


def _without_display(example: Example) -> int:
    """A picture in a file, and the gates as a table."""
    import tempfile
    from pathlib import Path

    from lstmviz.commands.drawing import draw
    from lstmviz.core.run import analyse
    from lstmviz.core.step_table import in_lines, step_columns

    picture = Path(tempfile.mkdtemp(prefix="lstmviz-")) / f"{example.name}.png"
    print("There is no display, so no window can be opened. Here is the example as a picture and a table.")
    draw(example, picture, "window", (1280, 800), "light", beside=False)
    print(f"\nPicture: {picture}\n\n{example.experiment.title}\n")
    print(in_lines(step_columns(analyse(example.experiment), "l0", 0)))
    return 0
