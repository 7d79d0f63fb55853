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
from lstmviz.io.sequences import parse_sequence

_FORMATS = ("csv", "tsv", "npz", "json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to run, on what, and where to."""
    parser.description = "Compute a run and write all its numbers: every intermediate and every gradient."
    add_example(parser)
    parser.add_argument("--input", metavar="X", help="another sequence, typed as in the window")
    parser.add_argument(
        "-o", "--output", metavar="FILE", default="-", help=".csv, .tsv, .npz or .json; - is standard output (default)"
    )
    parser.add_argument("--format", choices=_FORMATS, help="whatever the name of FILE says (standard output: csv)")


def run(arguments: argparse.Namespace) -> int:
    """Write the numbers of the run."""
    experiment = open_named(arguments.example).experiment
    if arguments.input is not None:
        before = experiment.sequence
        sequence = parse_sequence(arguments.input, before.kind, length=before.length, vocabulary=before.vocabulary)
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
