"""What a run would cost in bytes, and the refusal of what no machine could hold."""

from __future__ import annotations

from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.parameters import Cell

BYTES_LIMIT = 4 * 2**30
"""The most that weights, or trace and gradients, of one network may take."""

_FLOAT64 = 8
_ARRAYS_PER_UNIT = 25
"""Numbers kept a unit, step and direction: pre-activations, gates, states, and their gradients."""


def parameter_bytes(cell: Cell, input_size: int, hidden_size: int, num_layers: int, num_directions: int) -> int:
    """Bytes of all recurrent weights in float64."""
    rows = cell.blocks * hidden_size
    first = rows * (input_size + hidden_size + 2)
    above = rows * (num_directions * hidden_size + hidden_size + 2)
    return _FLOAT64 * num_directions * (first + (num_layers - 1) * above)


def run_bytes(length: int, hidden_size: int, num_layers: int, num_directions: int) -> int:
    """Bytes of the trace and gradients of one sequence in float64: 200 H a step, layer and direction."""
    return _FLOAT64 * _ARRAYS_PER_UNIT * length * hidden_size * num_layers * num_directions


def refuse_large_run(length: int, hidden_size: int, num_layers: int, num_directions: int) -> None:
    """Raises LstmvizError when trace and gradients of ``length`` steps would take more than BYTES_LIMIT."""
    needed = run_bytes(length, hidden_size, num_layers, num_directions)
    if needed > BYTES_LIMIT:
        raise LstmvizError(
            f"{length:,} steps of {hidden_size:,} hidden units would take {in_words(needed)}",
            where="hidden size",
            how=f"The limit is {in_words(BYTES_LIMIT)}; choose a smaller hidden size or a shorter sequence.",
        )


def refuse_impossible_sizes(
    cell: Cell, input_size: int, hidden_size: int, num_layers: int, bidirectional: bool
) -> None:
    """Raises LstmvizError for a size below 1, and for weights over BYTES_LIMIT with the memory they would take."""
    for name, size in (("input size", input_size), ("hidden size", hidden_size), ("number of layers", num_layers)):
        if size < 1:
            raise LstmvizError(f"The {name} is {size}", how="It must be 1 or more.")
    needed = parameter_bytes(cell, input_size, hidden_size, num_layers, 2 if bidirectional else 1)
    if needed > BYTES_LIMIT:
        raise LstmvizError(
            f"The weights of {hidden_size:,} hidden units would take {in_words(needed)}",
            where="hidden size",
            how=f"The limit is {in_words(BYTES_LIMIT)}; choose a smaller hidden size.",
        )


def in_words(size: int) -> str:
    """A number of bytes as people say it, such as ``1.5 GiB``."""
    value = float(size)
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{value:.3g} {unit}"
        value /= 1024
    return f"{value:.3g} TiB"
