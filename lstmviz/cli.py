"""The command line. Imports Qt only to open a window or to draw one."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from lstmviz import __version__
from lstmviz.core.backward_step import BACKWARD_STAGES, BackwardStage
from lstmviz.core.cursor import STAGES, Stage
from lstmviz.core.errors import LstmvizError
from lstmviz.core.run import analyse
from lstmviz.core.sequence_changes import changed_sequence
from lstmviz.gui.system_libraries import display_platforms, explain_import_error, require_libraries
from lstmviz.io.experiments import DEFAULT_EXAMPLE, Example, example_names, load_example
from lstmviz.io.opening import is_session, open_named
from lstmviz.io.sessions import SUFFIX

VIEWS = ("window", "cell", "unrolled", "timeline", "gradients", "paths", "memory", "diff", "table")
"""What ``render`` can draw."""

_EXAMPLE_OR_SESSION = f"an example's name (see: lstmviz examples), or the file of a session, FILE{SUFFIX}"
_BACKWARD = "backward-"
"""Stands before a stage of the backward pass, since both passes have a stage called forget."""

_LARGEST_SIDE = 10_000
"""Pixels; a larger picture would not fit in memory."""

_Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Exit codes: 0 done, 1 the user can mend it (said on standard error), 2 wrong usage. ``find`` exits like grep: 0
    steps were found, 1 there is none, 2 for any mistake.
    """
    arguments = _parser().parse_args(_with_open(sys.argv[1:] if argv is None else argv))
    try:
        return int(arguments.command(arguments))
    except LstmvizError as error:
        print(f"lstmviz: {error}", file=sys.stderr)
        return int(arguments.exit_on_mistake)
    except BrokenPipeError:
        # the reader of our output, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _with_open(argv: Sequence[str]) -> list[str]:
    """``lstmviz FILE.lstmviz`` is short for ``lstmviz open FILE.lstmviz``."""
    arguments = list(argv)
    takes_value = False
    for place, argument in enumerate(arguments):
        if not takes_value and not argument.startswith("-"):
            return [*arguments[:place], "open", *arguments[place:]] if is_session(argument) else arguments
        takes_value = argument == "--example"
    return arguments


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lstmviz", description="See inside an LSTM: step through it, compare it with a vanilla RNN."
    )
    parser.add_argument("--version", action="version", version=f"lstmviz {__version__}")
    parser.add_argument("--example", metavar="NAME", help="open this example (see: lstmviz examples)")
    parser.add_argument("--reset", action="store_true", help="forget the window's layout and all settings first")
    parser.set_defaults(command=_open, session=None, exit_on_mistake=1)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    opening = commands.add_parser("open", help=f"open a session; lstmviz FILE{SUFFIX} does the same")
    opening.add_argument("session", metavar="SESSION", help=f"the file of a session, FILE{SUFFIX}")
    examples = commands.add_parser("examples", help="list the examples, a line each, the name first")
    examples.set_defaults(command=_examples)
    _add_find(commands)
    _add_render(commands)
    return parser


def _add_find(commands: _Commands) -> None:
    finding = commands.add_parser(
        "find",
        help="print the steps at which a condition holds",
        description="Print the steps at which a condition holds, a line each: the step and its token.",
        epilog="Exit codes: 0 there are such steps, 1 there is none, 2 a mistake, marked at its place.",
    )
    finding.set_defaults(command=_find, exit_on_mistake=2)
    finding.add_argument("example", metavar="EXAMPLE|SESSION", help=_EXAMPLE_OR_SESSION)
    finding.add_argument("condition", metavar="CONDITION", help="such as 'norm(dh) < 1e-6' or 'any(f < 0.1)'")
    finding.add_argument("--layer", metavar="NAME", default="l0", help="what f means: f of this layer (default: l0)")
    finding.add_argument("--json", action="store_true", help='print [{"t": 3, "token": "l"}, ...] instead')


def _add_render(commands: _Commands) -> None:
    render = commands.add_parser("render", help="draw an example or a session into a PNG file, without a display")
    render.set_defaults(command=_render)
    render.add_argument("example", metavar="EXAMPLE|SESSION", help=_EXAMPLE_OR_SESSION)
    render.add_argument("-o", "--output", metavar="FILE", type=Path, required=True, help="the PNG file to write")
    render.add_argument("--at", metavar="T", type=int, help="the step to show, from 1")
    stages, backward = (", ".join(stage.value for stage in kind) for kind in (Stage, BackwardStage))
    render.add_argument(
        "--stage",
        metavar="NAME",
        help=f"the stage of that step: {stages}; in the backward pass {_BACKWARD}NAME, where NAME is {backward}",
    )
    render.add_argument("--unit", metavar="N", type=int, help="the unit to pin, from 0")
    render.add_argument("--view", choices=VIEWS, default="window", help="what to draw (default: window)")
    render.add_argument("--size", metavar="WxH", type=_size, default=(1280, 800), help="pixels (default: 1280x800)")
    render.add_argument("--theme", choices=("light", "dark"), default="light", help="colours (default: light)")
    render.add_argument("--beside", action="store_true", help="draw the vanilla RNN cell beside the LSTM's")


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


def _find(arguments: argparse.Namespace) -> int:
    from lstmviz.core.caret import caret_lines
    from lstmviz.core.conditions import find

    run = analyse(open_named(arguments.example).experiment)
    try:
        holds = find(run, arguments.condition, layer=arguments.layer)
    except LstmvizError as error:
        print(f"lstmviz: {error}", *caret_lines(arguments.condition, error.span), sep="\n", file=sys.stderr)
        return 2
    labels = run.sequence.labels
    found = [{"t": t, "token": labels[t - 1]} for t in (holds.nonzero()[0] + 1).tolist()]
    if arguments.json:
        print(json.dumps(found))
    else:
        for step in found:
            print(step["t"], step["token"], sep="\t")
    return 0 if found else 1


def _open(arguments: argparse.Namespace) -> int:
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
    return run_window(arguments.session or arguments.example, reset=arguments.reset)


def _without_display(example: Example) -> int:
    """What there is to see without a display: a picture in a file, and the gates as a table."""
    import tempfile

    from lstmviz.core.step_table import in_lines, step_columns

    picture = Path(tempfile.mkdtemp(prefix="lstmviz-")) / f"{example.name}.png"
    print("There is no display, so no window can be opened. Here is the example as a picture and a table.")
    _draw(example, picture, "window", (1280, 800), "light", beside=False)
    print(f"\nPicture: {picture}\n\n{example.experiment.title}\n")
    print(in_lines(step_columns(analyse(example.experiment), "l0", 0)))
    return 0


def _render(arguments: argparse.Namespace) -> int:
    example = open_named(arguments.example)
    experiment, cell = example.experiment, example.experiment.recipe.cell
    cursor = example.cursor
    if arguments.at is not None:
        length = changed_sequence(experiment.sequence, experiment.changes).length
        if not 1 <= arguments.at <= length:
            raise LstmvizError(f"There is no step {arguments.at}", how=f"{example.name} has steps 1 to {length}.")
        cursor = replace(cursor, t=arguments.at)
    if arguments.stage is not None:
        by_name: dict[str, Stage | BackwardStage] = {stage.value: stage for stage in STAGES[cell]}
        by_name |= {f"{_BACKWARD}{stage.value}": stage for stage in BACKWARD_STAGES[cell]}
        if arguments.stage not in by_name:
            raise LstmvizError(f"There is no stage {arguments.stage!r}", how=f"There are: {', '.join(by_name)}.")
        cursor = replace(cursor, stage=by_name[arguments.stage])
    if arguments.unit is not None:
        units = experiment.recipe.hidden_size
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
