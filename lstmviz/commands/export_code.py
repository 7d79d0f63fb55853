"""``lstmviz export-code``"""

from __future__ import annotations

import argparse
from pathlib import Path

from lstmviz.commands.arguments import add_example
from lstmviz.core.run import analyse
from lstmviz.io.exports.formats import export
from lstmviz.io.opening import open_named


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to write, and where to."""
    parser.description = "Write a script of its own that computes the run again, number by number."
    add_example(parser)
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, required=True, help="such as run.py")
    parser.add_argument(
        "--torch", action="store_true", help="PyTorch and its autograd; otherwise NumPy, with BPTT written out"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the script."""
    analysed = analyse(open_named(arguments.example).experiment)
    export(analysed, arguments.output, "torch" if arguments.torch else "numpy")
    return 0
