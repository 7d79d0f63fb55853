"""``lstmviz trace``"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from lstmviz.commands.arguments import add_example
from lstmviz.core.run import analyse
from lstmviz.io.exports.formats import export
from lstmviz.io.opening import open_named
from lstmviz.io.sequence_files.given import given_sequence
from lstmviz.io.sequence_files.options import Missing, SequenceOptions

_FORMATS = ("csv", "tsv", "npz", "json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to run, on what, and where to."""
    parser.description = "Compute a run and write all its numbers: every intermediate and every gradient."
    add_example(parser)
    parser.add_argument(
        "--input",
        metavar="X",
        help="another sequence: typed as in the window, a file (.csv .tsv .txt .npy .npz), or - for standard input",
    )
    parser.add_argument(
        "--missing",
        choices=[each.value for each in Missing],
        default=Missing.REFUSE.value,
        help="what becomes of cells of a file without a number: refuse them (default), drop the step, zero, previous",
    )
    parser.add_argument("--standardise", action="store_true", help="mean 0 and deviation 1 for every feature of a file")
    parser.add_argument(
        "-o", "--output", metavar="FILE", default="-", help=".csv, .tsv, .npz or .json; - is standard output (default)"
    )
    parser.add_argument("--format", choices=_FORMATS, help="whatever the name of FILE says (standard output: csv)")


def run(arguments: argparse.Namespace) -> int:
    """Write the numbers of the run."""
    experiment = open_named(arguments.example).experiment
    if arguments.input is not None:
        options = SequenceOptions(missing=Missing(arguments.missing), standardise=arguments.standardise)
        sequence = given_sequence(arguments.input, experiment.sequence, options)
        experiment = replace(experiment, sequence=sequence)
    analysed = analyse(experiment)
    if arguments.output != "-":
        export(analysed, arguments.output, arguments.format)
        return 0
    with tempfile.TemporaryDirectory(prefix="lstmviz-") as folder:
        file = Path(folder) / "run"
        export(analysed, file, arguments.format or _FORMATS[0])
        with file.open("rb") as written:
            shutil.copyfileobj(written, sys.stdout.buffer)
    return 0
