"""``lstmviz trace``"""

from __future__ import annotations

import argparse
from dataclasses import replace

from lstmviz.commands.arguments import add_example, chosen_example, describe
from lstmviz.commands.streams import STANDARD, refuse_two_readers, written_to
from lstmviz.core.errors import LstmvizError
from lstmviz.core.run import analyse
from lstmviz.io.exports.formats import export, export_for
from lstmviz.io.sequence_files.given import given_sequence
from lstmviz.io.sequence_files.options import Missing, SequenceOptions

_FORMATS = ("csv", "tsv", "npz", "json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to run, on what, and where to."""
    describe(
        parser, "Compute a run and write all its numbers: every intermediate and every gradient.",
        "lstmviz trace letters -o run.npz", "lstmviz trace model.pt --input data.csv --format json | jq .main.loss",
    )  # fmt: skip
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
        "-o",
        "--output",
        metavar="FILE",
        default=STANDARD,
        help=".csv, .tsv, .npz or .json; - is standard output (default)",
    )
    parser.add_argument(
        "--format",
        choices=_FORMATS,
        help="csv: a row a number; tsv: a row a step, of one unit; npz: arrays; json: all, not finite numbers as the "
        "texts NaN, Infinity, -Infinity (default: what the name of FILE says; for standard output csv)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the numbers of the run."""
    refuse_two_readers(arguments.example, arguments.input)
    kind = arguments.format or _format_of(arguments.output)
    experiment = chosen_example(arguments).experiment
    if arguments.input is not None:
        options = SequenceOptions(missing=Missing(arguments.missing), standardise=arguments.standardise)
        sequence = given_sequence(arguments.input, experiment.sequence, options)
        experiment = replace(experiment, sequence=sequence)
    analysed = analyse(experiment)
    with written_to(arguments.output, binary=kind == "npz") as path:
        export(analysed, path, kind)
    return 0


def _format_of(output: str) -> str:
    """The format that the name of the file asks for. Raises LstmvizError for one that is not of numbers."""
    if output == STANDARD:
        return _FORMATS[0]
    name = export_for(output).name
    if name not in _FORMATS:
        raise LstmvizError("A script is no table of numbers", where=output, how="lstmviz export-code writes scripts.")
    return name
