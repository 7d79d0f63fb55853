"""``lstmviz gradients``"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace

from lstmviz.commands.arguments import add_example, add_layer
from lstmviz.core.recipe import BaselineRecipe
from lstmviz.core.run import analyse
from lstmviz.core.selection import layer_of
from lstmviz.core.step_table import in_lines, step_columns
from lstmviz.io.opening import open_named


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to run, and what to print."""
    parser.description = "Print log10 of the length of the gradient that arrives at each step."
    add_example(parser)
    parser.add_argument("--against", choices=("rnn",), help="beside a vanilla RNN, even where the example has none")
    add_layer(parser, "the layer and direction")
    parser.add_argument("--json", action="store_true", help="print a list of objects, one a step, instead")


def run(arguments: argparse.Namespace) -> int:
    """Print the table."""
    experiment = open_named(arguments.example).experiment
    if not arguments.against:
        experiment = replace(experiment, baseline=None)
    elif experiment.baseline is None:
        experiment = replace(experiment, baseline=BaselineRecipe())
    analysed = analyse(experiment)
    layer_of(analysed.trace, arguments.layer)
    columns = step_columns(analysed, arguments.layer, 0)
    shown = [each for each in columns if each.title in ("t", "x") or each.title.startswith("log10")]
    if arguments.json:
        rows = zip(*(each.values for each in shown), strict=True)
        print(json.dumps([dict(zip((each.title for each in shown), map(_plain, row), strict=True)) for row in rows]))
    else:
        print(in_lines(shown))
    return 0


def _plain(value: object) -> object:
    """What JSON has no word for, such as the logarithm of an exact 0, as text."""
    if isinstance(value, str | int):
        return value
    number = float(value)  # type: ignore[arg-type]  # a column holds texts or numbers
    return number if abs(number) < float("inf") else str(number)
