"""``lstmviz render``"""

from __future__ import annotations

import argparse
import contextlib
from dataclasses import replace

from lstmviz.commands.arguments import add_example, chosen_example, describe
from lstmviz.commands.drawing import draw_request
from lstmviz.commands.streams import STANDARD, written_to
from lstmviz.core.cursor import STAGES, Cursor, Stage
from lstmviz.core.engine.backward_step import BACKWARD_STAGES, BackwardStage
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.sequence_changes import changed_sequence
from lstmviz.gui.pictures.formats import (
    ANIMATIONS,
    FASTEST,
    FORMATS,
    LARGEST_SIDE,
    MOST_FRAMES_A_SECOND,
    PNG,
    SCALES,
    SLOWEST,
    SVG,
    PictureFormat,
    PictureRequest,
    format_called,
    format_of,
)
from lstmviz.io.experiments import Example

VIEWS = (
    "window", "cell", "unrolled", "timeline", "gradients", "paths", "memory", "training", "diff", "table", "inspector",
)  # fmt: skip
"""What can be drawn."""

_BACKWARD = "backward-"
"""Stands before a stage of the backward pass, since both passes have a stage called forget."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to draw, where in it, and how."""
    describe(
        parser, "Draw a picture, or an animation, of an example, a session or a model; no display is needed.",
        "lstmviz render company-b -o cell.png --view cell --at 3 --stage forget --theme dark",
        "lstmviz render letters -o cell.gif --view cell --from 2 --to 4",
        "lstmviz render model.pt -o - --format svg > picture.svg",
    )  # fmt: skip
    add_example(parser)
    suffixes = ", ".join(each.suffix for each in FORMATS)
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        required=True,
        help=f"its end says what it is: {suffixes}; - is standard output",
    )
    parser.add_argument(
        "--format",
        choices=[each.name for each in FORMATS],
        help="the kind of file (default: what the name of FILE says; for standard output png)",
    )
    parser.add_argument("--at", metavar="T", type=int, help="the step to show, from 1 (default: where it was left)")
    stages, backward = (", ".join(stage.value for stage in kind) for kind in (Stage, BackwardStage))
    parser.add_argument(
        "--stage",
        metavar="NAME",
        help=f"the stage of that step: {stages}; in the backward pass {_BACKWARD}NAME, where NAME is {backward} "
        "(default: where it was left)",
    )
    parser.add_argument(
        "--unit", metavar="N", type=int, help="the unit to pin, from 0 (default: the one that was pinned)"
    )
    parser.add_argument("--view", choices=VIEWS, default="window", help="what to draw (default: window)")
    parser.add_argument("--size", metavar="WxH", type=_size, default=(1280, 800), help="pixels (default: 1280x800)")
    parser.add_argument(
        "--scale", type=int, choices=SCALES, default=1, help="so many pixels for one, for sharp print (default: 1)"
    )
    parser.add_argument("--theme", choices=("light", "dark"), default="light", help="colours (default: light)")
    parser.add_argument("--beside", action="store_true", help="draw the vanilla RNN cell beside the LSTM's")
    _add_animation(parser)


def _add_animation(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("animations", f"for {', '.join(each.suffix for each in ANIMATIONS)}")
    group.add_argument("--from", dest="first", metavar="T", type=int, help="the first step (default: 1)")
    group.add_argument("--to", dest="last", metavar="T", type=int, help="the last step (default: the last there is)")
    group.add_argument("--fps", metavar="N", type=_frames_a_second, help="frames a second (default: 10)")
    group.add_argument("--speed", metavar="X", type=_speed, help="so many times as fast as in the window (default: 1)")


def run(arguments: argparse.Namespace) -> int:
    """Draw the picture."""
    kind = _kind(arguments)
    example = chosen_example(arguments)
    placed = replace(example, cursor=_cursor(example, arguments))
    request = PictureRequest(
        arguments.view, arguments.size, arguments.theme, arguments.beside, arguments.scale, arguments.first,
        arguments.last, arguments.fps or PictureRequest.frames_a_second, arguments.speed or PictureRequest.speed,
    )  # fmt: skip
    with written_to(arguments.output, binary=kind is not SVG) as path:
        draw_request(placed, path, request, kind)
    return 0


def _kind(arguments: argparse.Namespace) -> PictureFormat:
    """What to write. Raises LstmvizError where the options do not go together."""
    if arguments.format is not None:
        kind = format_called(arguments.format)
    else:
        kind = PNG if arguments.output == STANDARD else format_of(arguments.output)
    animated = [name for name in ("first", "last", "fps", "speed") if getattr(arguments, name) is not None]
    if animated and not kind.moves:
        suffixes = ", ".join(each.suffix for each in ANIMATIONS)
        raise LstmvizError(
            f"A {kind.suffix} does not move, so --from, --to, --fps and --speed say nothing",
            how=f"Leave them out, or write one of {suffixes}.",
        )
    return kind


def _cursor(example: Example, arguments: argparse.Namespace) -> Cursor:
    """Where in the run. Raises LstmvizError for a step, stage or unit that there is not."""
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
        layer = next(layer for name, layer, _ in experiment.build_network().directions() if name == cursor.layer)
        units = layer.hidden_size
        if not 0 <= arguments.unit < units:
            raise LstmvizError(f"There is no unit {arguments.unit}", how=f"{example.name} has units 0 to {units - 1}.")
        cursor = replace(cursor, unit=arguments.unit)
    return cursor


def _size(text: str) -> tuple[int, int]:
    """``1280x800`` as (1280, 800)."""
    width, cross, height = text.lower().partition("x")
    if not (cross and width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 1280x800")
    size = int(width), int(height)
    if not all(100 <= side <= LARGEST_SIDE for side in size):
        raise argparse.ArgumentTypeError(f"each side must be from 100 to {LARGEST_SIDE} pixels")
    return size


def _frames_a_second(text: str) -> int:
    """A whole number of frames a second."""
    if not (text.isdecimal() and 1 <= int(text) <= MOST_FRAMES_A_SECOND):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to {MOST_FRAMES_A_SECOND}")
    return int(text)


def _speed(text: str) -> float:
    """A factor on the speed at which the window plays."""
    with contextlib.suppress(ValueError):
        if SLOWEST <= float(text) <= FASTEST:
            return float(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a number from {SLOWEST} to {FASTEST}")
