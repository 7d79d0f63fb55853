"""``lstmviz info``. It exits with 1 where the model's output is not the expected one, too."""

from __future__ import annotations

import argparse
import math
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from lstmviz.commands.arguments import USAGE, add_json, describe
from lstmviz.commands.streams import print_json, refuse_two_readers
from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.parameters import GATES, Coupling
from lstmviz.core.text import number
from lstmviz.io.models.model_file import Candidate, ModelFile
from lstmviz.io.models.reading import read_model
from lstmviz.io.models.self_test import SelfTest
from lstmviz.io.models.self_test_files import self_test_files
from lstmviz.io.models.wording import lines_of
from lstmviz.io.opening import TEXT_SUFFIXES, file_called, is_session


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which file, and what its output should be."""
    describe(
        parser,
        "Say what recurrent networks are in the file of a trained model, and how it was understood. With --input and\n"
        "--expected: let one of them read that input, and say how far its output is from the expected one, and where.",
        "lstmviz info model.safetensors",
        "lstmviz info model.pt --input x.npy --expected y.npy",
        "lstmviz info model.pt --input data.csv --column y",
        exit_codes=("0 done", "1 a mistake, or an output further from the expected one than the tolerance", USAGE),
    )
    parser.add_argument("model", metavar="MODEL", help=".pt, .safetensors, .keras, .h5, .onnx, .npz ...; - for input")
    parser.add_argument("--name", metavar="NAME", help="the network that is meant, where the file has several")
    parser.add_argument(
        "--input",
        metavar="X",
        help=".npy or .npz: [steps, inputs] or [steps, sequences, inputs]; or a table such as .csv: a row a step; or -",
    )
    parser.add_argument(
        "--expected",
        metavar="Y",
        help="the same for what the network makes of it: every step, or the last alone; or - (default: in X)",
    )
    parser.add_argument(
        "--column",
        metavar="NAME",
        action="append",
        default=[],
        help="the column of a table, or the array of an .npz, that is expected; again for a second output",
    )
    parser.add_argument("--batch-first", action="store_true", help="X and Y are [sequences, steps, ...]")
    parser.add_argument(
        "--tolerance", metavar="E", type=_tolerance, help="the largest error allowed (default: what rounding explains)"
    )
    add_json(parser, "one object: file, format, networks, ignored, self_test")


def run(arguments: argparse.Namespace) -> int:
    """Print what was found, and the largest error."""
    _refuse_half_a_test(arguments)
    refuse_two_readers(arguments.model, arguments.input, arguments.expected)
    with file_called(arguments.model) as path:
        _refuse_other_files(path)
        found = read_model(path)
    if arguments.name is not None:
        found = replace(found, candidates=(found.candidate(arguments.name),))
    tested = _self_test(found.candidate(), arguments) if arguments.input else None
    if arguments.json:
        print_json(_as_json(found) | {"self_test": tested and _test_as_json(tested)})
    else:
        print("\n".join(lines_of(found)))
        if tested:
            print("\n".join(["", *_test_lines(tested)]))
    return 0 if tested is None or tested.passed else 1


def _refuse_half_a_test(arguments: argparse.Namespace) -> None:
    """Raises LstmvizError for options of the self-test without what it needs."""
    if not arguments.input and (arguments.expected or arguments.column or arguments.tolerance is not None):
        raise LstmvizError("--expected, --column and --tolerance need --input", how="Say what the network is to read.")
    if arguments.input and Path(arguments.input).suffix.lower() == ".npy" and not arguments.expected:
        raise LstmvizError("The input alone tests nothing", where=arguments.input, how="Say what is --expected.")


def _refuse_other_files(path: Path) -> None:
    """Raises LstmvizError for what lstmviz opens, but not as a model."""
    if is_session(path):
        raise LstmvizError("This is a session of lstmviz, no model", where=str(path), how="Open it: lstmviz FILE.")
    if path.suffix.lower() in TEXT_SUFFIXES:
        how = "lstmviz FILE opens it; with --input it is what a model reads."
        raise LstmvizError("This is a sequence of numbers, no model", where=str(path), how=how)


def _self_test(candidate: Candidate, arguments: argparse.Namespace) -> SelfTest:
    """Let the candidate read the input. Raises LstmvizError for files and shapes that do not fit."""
    same = arguments.expected in (None, arguments.input)
    with ExitStack() as stack:
        given = stack.enter_context(file_called(arguments.input))
        expected = None if same else stack.enter_context(file_called(arguments.expected))
        return self_test_files(
            candidate,
            given,
            expected,
            parts=arguments.column,
            batch_first=arguments.batch_first,
            tolerance=arguments.tolerance,
        )


def _test_lines(tested: SelfTest) -> list[str]:
    """The self-test in words."""
    outcome = "The output is the expected one." if tested.passed else "The output is not the expected one."
    lines = (
        f"Compared: {tested.compared}",
        f"Largest error: {number(tested.largest)}, at {tested.place.words}",
        f"Allowed: {number(tested.tolerance)} ({tested.tolerance_reason})",
        outcome,
        tested.advice,
    )
    return [line for line in lines if line]


def _test_as_json(tested: SelfTest) -> dict[str, Any]:
    return {
        "passed": tested.passed,
        "largest_error": tested.largest,
        "step": tested.place.t,
        "sequence": tested.place.sequence,
        "output": tested.place.output,
        "largest_relative_error": tested.largest_relative,
        "tolerance": tested.tolerance,
        "compared": tested.compared,
        "advice": tested.advice or None,
    }


def _as_json(found: ModelFile) -> dict[str, Any]:
    networks = [
        {
            "name": each.name,
            "kind": each.kind.value,
            "input_size": each.input_size,
            "hidden_size": each.hidden_size,
            "num_layers": each.num_layers,
            "bidirectional": each.num_directions == 2,
            "hidden_sizes": [len(layer[0].weight_ih) // each.kind.blocks for layer in each.layers],
            "proj_size": each.proj_size,
            "peepholes": each.has_peepholes,
            "coupled": Coupling.FORGET.value if each.coupled else None,
            "gate_order": each.gate_order,
            "gate_reason": each.gate_reason,
            "biases": each.biases,
            "mean_biases": {gate: each.gate_biases[gate] for gate in GATES if gate in each.gate_biases},
            "dtype": str(each.layers[0][0].weight_ih.dtype),
            "embedding": each.embedding.name if each.embedding else None,
            "head": each.head_name or None,
            "notes": list(each.notes),
            "refusal": each.refusal or None,
        }
        for each in found.candidates
    ]
    return {"file": found.path, "format": found.format, "networks": networks, "ignored": list(found.ignored)}


def _tolerance(text: str) -> float:
    """A largest error: a finite number that is not negative."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not an error such as 1e-4")
    return value
