"""The command line. Imports Qt only to open a window or to draw one."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lstmviz import __version__
from lstmviz.core.cursor import STAGES, Stage
from lstmviz.core.errors import LstmvizError
from lstmviz.core.run import analyse
from lstmviz.core.step_table import in_lines, step_columns
from lstmviz.gui.system_libraries import display_platforms, explain_import_error, require_libraries
from lstmviz.io.experiments import DEFAULT_EXAMPLE, Example, example_names, load_example

VIEWS = ("window", "cell", "unrolled", "timeline", "gradients", "paths", "memory", "table")
"""What ``render`` can draw."""

_LARGEST_SIDE = 10_000
"""Pixels; a larger picture would not fit in memory."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line. Exit codes: 0 done, 1 the user can mend it (said on standard error), 2 wrong usage."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.command(arguments))
    except LstmvizError as error:
        print(f"lstmviz: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # the reader of our output, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lstmviz", description="See inside an LSTM: step through it, compare it with a vanilla RNN."
    )
    parser.add_argument("--version", action="version", version=f"lstmviz {__version__}")
    parser.add_argument("--example", metavar="NAME", help="open this example (see: lstmviz examples)")
    parser.add_argument("--reset", action="store_true", help="forget the window's layout and all settings first")
    parser.set_defaults(command=_open)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    examples = commands.add_parser("examples", help="list the examples, a line each, the name first")
    examples.set_defaults(command=_examples)
    render = commands.add_parser("render", help="draw an example into a PNG file, without a display")
    render.set_defaults(command=_render)
    render.add_argument("example", metavar="EXAMPLE", help="its name (see: lstmviz examples)")
    render.add_argument("-o", "--output", metavar="FILE", type=Path, required=True, help="the PNG file to write")
    render.add_argument("--at", metavar="T", type=int, help="the step to show, from 1")
    stages = ", ".join(stage.value for stage in Stage)
    render.add_argument("--stage", metavar="NAME", help=f"the stage of that step: {stages}")
    render.add_argument("--unit", metavar="N", type=int, help="the unit to pin, from 0")
    render.add_argument("--view", choices=VIEWS, default="window", help="what to draw (default: window)")
    render.add_argument("--size", metavar="WxH", type=_size, default=(1280, 800), help="pixels (default: 1280x800)")
    render.add_argument("--theme", choices=("light", "dark"), default="light", help="colours (default: light)")
    render.add_argument("--beside", action="store_true", help="draw the vanilla RNN cell beside the LSTM's")
    return parser


def _size(text: str) -> tuple[int, int]:
    """``1280x800`` as (1280, 800)."""
    width, cross, height = text.lower().partition("x")
    if not (cross and width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 1280x800")
    size = int(width), int(height)
    if not all(100 <= side <= _LARGEST_SIDE for side in size):
        raise argparse.ArgumentTypeError(f"each side must be from 100 to {_LARGEST_SIDE} pixels")
    return size


def _examples(arguments: argparse.Namespace) -> int:
    names = example_names()
    width = max(map(len, names))
    for name in names:
        print(f"{name:<{width}}  {load_example(name).experiment.title}")
    return 0


def _open(arguments: argparse.Namespace) -> int:
    platforms = display_platforms()
    if not platforms:
        return _without_display(load_example(arguments.example or DEFAULT_EXAMPLE))
    if sys.platform.startswith("linux"):
        os.environ["QT_QPA_PLATFORM"] = ";".join(platforms)
        require_libraries(platforms[0].partition(":")[0])
    try:
        from lstmviz.gui.launch import run_window
    except ImportError as error:
        raise explain_import_error(error) from error
    return run_window(arguments.example, reset=arguments.reset)


def _without_display(example: Example) -> int:
    """What there is to see without a display: a picture in a file, and the gates as a table."""
    picture = Path(tempfile.mkdtemp(prefix="lstmviz-")) / f"{example.name}.png"
    print("There is no display, so no window can be opened. Here is the example as a picture and a table.")
    _draw(example, picture, "window", (1280, 800), "light", beside=False)
    print(f"\nPicture: {picture}\n\n{example.experiment.title}\n")
    print(in_lines(step_columns(analyse(example.experiment), "l0", 0)))
    return 0


def _render(arguments: argparse.Namespace) -> int:
    example = load_example(arguments.example)
    length, stages = example.experiment.sequence.length, STAGES[example.experiment.recipe.cell]
    cursor = example.cursor
    if arguments.at is not None:
        if not 1 <= arguments.at <= length:
            raise LstmvizError(f"There is no step {arguments.at}", how=f"{example.name} has steps 1 to {length}.")
        cursor = replace(cursor, t=arguments.at)
    if arguments.stage is not None:
        by_name = {stage.value: stage for stage in stages}
        if arguments.stage not in by_name:
            raise LstmvizError(f"There is no stage {arguments.stage!r}", how=f"There are: {', '.join(by_name)}.")
        cursor = replace(cursor, stage=by_name[arguments.stage])
    if arguments.unit is not None:
        units = example.experiment.recipe.hidden_size
        if not 0 <= arguments.unit < units:
            raise LstmvizError(f"There is no unit {arguments.unit}", how=f"{example.name} has units 0 to {units - 1}.")
        cursor = replace(cursor, unit=arguments.unit)
    placed = replace(example, cursor=cursor)
    _draw(placed, arguments.output, arguments.view, arguments.size, arguments.theme, beside=arguments.beside)
    return 0


def _draw(example: Example, path: Path, view: str, size: tuple[int, int], theme: str, *, beside: bool) -> None:
    """Draw off-screen, whatever display there is."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if sys.platform.startswith("linux"):
        require_libraries("offscreen")
    try:
        from lstmviz.gui.render import render
    except ImportError as error:
        raise explain_import_error(error) from error
    render(example, path, view=view, size=size, theme_name=theme, beside=beside)
