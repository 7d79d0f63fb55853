"""``lstmviz info``. It exits with 1 where the model's output is not the expected one, too."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.engine import forward
from lstmviz.core.errors import LstmvizError
from lstmviz.core.parameters import GATES
from lstmviz.core.text import number
from lstmviz.core.trace import Trace
from lstmviz.io.live_objects.live import embedded, network_of, steps_first
from lstmviz.io.models.file_bytes import file_bytes
from lstmviz.io.models.model_file import ModelFile
from lstmviz.io.models.numpy_files import npy_array
from lstmviz.io.models.reading import read_model
from lstmviz.io.models.wording import facts, ignored_words, name_of

TOLERANCE = 1e-4
"""The largest difference from an expected output that counts as rounding, where nobody says another."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which file, and what its output should be."""
    parser.description = "Say what recurrent networks are in the file of a trained model, and how it was understood."
    parser.epilog = "Exit codes: 0 done, 1 a mistake, or an output further from the expected one than the tolerance."
    parser.add_argument("model", metavar="MODEL", type=Path, help=".pt, .safetensors, .keras, .h5, .onnx, .npz ...")
    parser.add_argument("--name", metavar="NAME", help="the network that is meant, where the file has several")
    parser.add_argument("--input", metavar="X.npy", type=Path, help="[steps, inputs] or [steps, sequences, inputs]")
    parser.add_argument(
        "--expect", metavar="Y.npy", type=Path, help="what the network makes of it, every step or the last one alone"
    )
    parser.add_argument("--batch-first", action="store_true", help="both are [sequences, steps, ...]")
    parser.add_argument(
        "--tolerance", metavar="E", type=float, default=TOLERANCE, help=f"the largest error allowed ({TOLERANCE:g})"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")


def run(arguments: argparse.Namespace) -> int:
    """Print what was found, and the largest error."""
    if bool(arguments.input) != bool(arguments.expect):
        raise LstmvizError("--input and --expect belong together", how="Give both, or neither.")
    found = read_model(arguments.model)
    error = _largest_error(found, arguments) if arguments.expect else None
    if arguments.json:
        print(json.dumps(_as_json(found) | ({} if error is None else {"largest_error": error})))
    else:
        print("\n".join(_lines(found)))
        if error is not None:
            print(f"\nLargest difference from {arguments.expect.name}: {number(error)}")
    return 0 if error is None or error <= arguments.tolerance else 1


def _largest_error(found: ModelFile, arguments: argparse.Namespace) -> float:
    """The largest |y - expected|. Raises LstmvizError for shapes that do not fit."""
    candidate = found.candidate(arguments.name)
    network = network_of(candidate, candidate.name or found.path)
    x, expected = (npy_array(file_bytes(path), path.name) for path in (arguments.input, arguments.expect))
    if candidate.embedding and x.dtype.kind in "iu":
        x = embedded(x, candidate.embedding)
    x = steps_first(x, network, batch_first=arguments.batch_first)
    trace = forward(network, x[::-1] if candidate.reads_backwards else x)
    y = _like(trace, expected, batch_first=arguments.batch_first)
    if not np.isfinite(expected).all():
        raise LstmvizError("The expected output has numbers that are not finite", where=arguments.expect.name)
    return float(np.abs(y - expected).max())


def _like(trace: Trace, expected: NDArray[Any], *, batch_first: bool) -> NDArray[Any]:
    """y in the shape of ``expected``: all steps or the last, and h of the top layer where that is as wide, not y."""
    directions = trace.network.num_directions
    top: NDArray[Any] = np.concatenate([layer.h for layer in list(trace.layers.values())[-directions:]], -1)
    shapes = []
    for y in (trace.y, top):
        rows = y.swapaxes(0, 1) if batch_first else y
        forms: list[NDArray[Any]] = [rows, y[-1], *([y[:, 0], y[-1, 0]] if y.shape[1] == 1 else [])]
        for form in forms:
            if form.shape == expected.shape:
                return form
        shapes += [str(list(form.shape)) for form in forms]
    raise LstmvizError(
        f"The expected output has the shape {list(expected.shape)}",
        where="--expect",
        how=f"For this input it must be {' or '.join(dict.fromkeys(shapes))}.",
    )


def _lines(found: ModelFile) -> list[str]:
    lines = [f"{found.path}: {found.format}"]
    for candidate in found.candidates:
        lines += ["", f"{name_of(candidate)}: {candidate.kind.value}"]
        for title, words in (*facts(candidate), ("Cannot be run", candidate.refusal)):
            lines += [f"  {title}: {line}" for line in words.splitlines()]
    ignored = ignored_words(found)
    return [*lines, "", "Not used:", *(f"  {line}" for line in ignored.splitlines())] if ignored else lines


def _as_json(found: ModelFile) -> dict[str, Any]:
    networks = [
        {
            "name": each.name,
            "kind": each.kind.value,
            "input_size": each.input_size,
            "hidden_size": each.hidden_size,
            "num_layers": each.num_layers,
            "bidirectional": each.num_directions == 2,
            "proj_size": each.proj_size,
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
