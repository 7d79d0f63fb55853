"""``lstmviz export-code``"""

from __future__ import annotations

import argparse

from lstmviz.commands.arguments import add_example, chosen_example, describe
from lstmviz.commands.streams import written_to
from lstmviz.core.run import analyse
from lstmviz.io.exports.formats import export


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to write, and where to."""
    describe(
        parser, "Write a script of its own that computes a run again, number by number.",
        "lstmviz export-code letters -o run.py", "lstmviz export-code model.pt --torch -o - | less",
    )  # fmt: skip
    add_example(parser)
    parser.add_argument("-o", "--output", metavar="FILE", required=True, help="such as run.py; - is standard output")
    parser.add_argument(
        "--torch", action="store_true", help="PyTorch and its autograd; otherwise NumPy, with BPTT written out"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the script."""
    analysed = analyse(chosen_example(arguments).experiment)
    with written_to(arguments.output, binary=False, called="run.py") as path:
        export(analysed, path, "torch" if arguments.torch else "numpy")
    return 0
