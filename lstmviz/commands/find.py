"""``lstmviz find``. It exits like grep: 0 steps were found, 1 there is none, 2 for any mistake."""

from __future__ import annotations

import argparse
import sys

from lstmviz.commands.arguments import add_example, add_json, add_layer, chosen_example, describe
from lstmviz.commands.streams import print_json
from lstmviz.core.caret import caret_lines
from lstmviz.core.debugger.conditions import find
from lstmviz.core.errors import LstmvizError
from lstmviz.core.run import analyse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to run, and the condition."""
    describe(
        parser,
        "Print the steps at which a condition holds, a line each: the step and its token.",
        "lstmviz find letters 'norm(dh) < 1e-6'",
        "lstmviz find work.lstmviz 'any(abs(c) > 3)' --json",
        exit_codes=("0 there are such steps", "1 there is none", "2 a mistake, marked at its place, or wrong usage"),
    )
    parser.set_defaults(exit_on_mistake=2)
    add_example(parser)
    parser.add_argument("condition", metavar="CONDITION", help="such as 'norm(dh) < 1e-6' or 'any(f < 0.1)'")
    add_layer(parser, "what f means: f of this layer")
    add_json(parser, 'a list of {"t", "token"}')


def run(arguments: argparse.Namespace) -> int:
    """Print the steps at which the condition holds."""
    analysed = analyse(chosen_example(arguments).experiment)
    try:
        holds = find(analysed, arguments.condition, layer=arguments.layer)
    except LstmvizError as error:
        print(f"lstmviz: {error}", *caret_lines(arguments.condition, error.span), sep="\n", file=sys.stderr)
        return 2
    labels = analysed.sequence.labels
    found = [{"t": t, "token": labels[t - 1]} for t in (holds.nonzero()[0] + 1).tolist()]
    if arguments.json:
        print_json(found)
    else:
        for step in found:
            print(step["t"], step["token"], sep="\t")
    return 0 if found else 1
