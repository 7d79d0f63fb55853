"""``lstmviz gradients``"""

from __future__ import annotations

import argparse
from dataclasses import replace

from lstmviz.commands.arguments import add_example, add_json, add_layer, chosen_example, describe
from lstmviz.commands.streams import print_json
from lstmviz.core.analysis.step_table import in_lines, step_columns
from lstmviz.core.engine.selection import layer_of
from lstmviz.core.experiments.recipe import BaselineRecipe
from lstmviz.core.run import analyse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to run, and what to print."""
    describe(
        parser, "Print log10 of the length of the gradient that arrives at each step.",
        "lstmviz gradients long-lag --against rnn", "lstmviz gradients model.pt --layer l1 --json",
    )  # fmt: skip
    add_example(parser)
    parser.add_argument("--against", choices=("rnn",), help="beside a vanilla RNN, even where the example has none")
    add_layer(parser, "the layer and direction")
    add_json(parser, "a list of objects, one a step, with the table's titles as keys,")


def run(arguments: argparse.Namespace) -> int:
    """Print the table."""
    experiment = chosen_example(arguments).experiment
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
        print_json([dict(zip((each.title for each in shown), map(_plain, row), strict=True)) for row in rows])
    else:
        print(in_lines(shown))
    return 0


def _plain(value: object) -> object:
    """A number of NumPy as one of Python."""
    return value if isinstance(value, str | int) else float(value)  # type: ignore[arg-type]  # a text or a number
