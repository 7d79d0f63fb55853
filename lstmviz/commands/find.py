"""``lstmviz find``. It exits like grep: 0 steps were found, 1 there is none, 2 for any mistake."""

from __future__ import annotations

import argparse
import json
import sys

from lstmviz.commands.arguments import add_example, add_layer
from lstmviz.core.caret import caret_lines
from lstmviz.core.conditions import find
from lstmviz.core.errors import LstmvizError
from lstmviz.core.run import analyse
from lstmviz.io.opening import open_named


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to run, and the condition."""
    parser.description = "Print the steps at which a condition holds, a line each: the step and its token."
    parser.epilog = "Exit codes: 0 there are such steps, 1 there is none, 2 a mistake, marked at its place."
    parser.set_defaults(exit_on_mistake=2)
    add_example(parser)
    parser.add_argument("condition", metavar="CONDITION", help="such as 'norm(dh) < 1e-6' or 'any(f < 0.1)'")
    add_layer(parser, "what f means: f of this layer")
    parser.add_argument("--json", action="store_true", help='print [{"t": 3, "token": "l"}, ...] instead')


def run(arguments: argparse.Namespace) -> int:
    """Print the steps at which the condition holds."""
    analysed = analyse(open_named(arguments.example).experiment)
    try:
        holds = find(analysed, arguments.condition, layer=arguments.layer)
    except LstmvizError as error:
        print(f"lstmviz: {error}", *caret_lines(arguments.condition, error.span), sep="\n", file=sys.stderr)
        return 2
    labels = analysed.sequence.labels
    found = [{"t": t, "token": labels[t - 1]} for t in (holds.nonzero()[0] + 1).tolist()]
    if arguments.json:
        print(json.dumps(found))
    else:
        for step in found:
            print(step["t"], step["token"], sep="\t")
    return 0 if found else 1
