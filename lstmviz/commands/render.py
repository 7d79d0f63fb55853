"""``lstmviz render``"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from lstmviz.commands.arguments import add_example
from lstmviz.commands.drawing import draw
from lstmviz.core.backward_step import BACKWARD_STAGES, BackwardStage
from lstmviz.core.cursor import STAGES, Cursor, Stage
from lstmviz.core.errors import LstmvizError
from lstmviz.core.sequence_changes import changed_sequence
from lstmviz.io.experiments import Example
from lstmviz.io.opening import open_named

VIEWS = ("window", "cell", "unrolled", "timeline", "gradients", "paths", "memory", "diff", "table")
"""What can be drawn."""

_BACKWARD = "backward-"
"""Stands before a stage of the backward pass, since both passes have a stage called forget."""

_LARGEST_SIDE = 10_000
"""Pixels; a larger picture would not fit in memory."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to draw, where in it, and how."""
    add_example(parser)
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, required=True, help="the PNG file to write")
    parser.add_argument("--at", metavar="T", type=int, help="the step to show, from 1")
    stages, backward = (", ".join(stage.value for stage in kind) for kind in (Stage, BackwardStage))
    parser.add_argument(
        "--stage",
        metavar="NAME",
        help=f"the stage of that step: {stages}; in the backward pass {_BACKWARD}NAME, where NAME is {backward}",
    )
    parser.add_argument("--unit", metavar="N", type=int, help="the unit to pin, from 0")
    parser.add_argument("--view", choices=VIEWS, default="window", help="what to draw (default: window)")
    parser.add_argument("--size", metavar="WxH", type=_size, default=(1280, 800), help="pixels (default: 1280x800)")
    parser.add_argument("--theme", choices=("light", "dark"), default="light", help="colours (default: light)")
    parser.add_argument("--beside", action="store_true", help="draw the vanilla RNN cell beside the LSTM's")


def run(arguments: argparse.Namespace) -> int:
    """Draw the picture."""
    example = open_named(arguments.example)
    placed = replace(example, cursor=_cursor(example, arguments))
    draw(placed, arguments.output, arguments.view, arguments.size, arguments.theme, beside=arguments.beside)
    return 0


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
        units = experiment.recipe.hidden_size
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
    if not all(100 <= side <= _LARGEST_SIDE for side in size):
        raise argparse.ArgumentTypeError(f"each side must be from 100 to {_LARGEST_SIDE} pixels")
    return size
