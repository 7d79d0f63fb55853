"""What callers hand to the engine, checked and turned into read-only arrays [T, B, ...] of the network's dtype."""

from __future__ import annotations

from typing import Any

import numpy as np

from lstmviz.core.arrays import Array, frozen
from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.network import Network


def checked_input(net: Network, x: Any) -> Array:
    """x [T, I] or [T, B, I] as [T, B, I]. Raises LstmvizError for anything else."""
    array = _numbers(x, "x", net.dtype)
    if array.ndim not in (2, 3) or array.shape[-1] != net.input_size:
        raise LstmvizError(
            f"The input has the shape {list(array.shape)}",
            where="x",
            how=f"It must be [steps, {net.input_size}] or [steps, sequences, {net.input_size}].",
        )
    if 0 in array.shape:
        raise LstmvizError("The input is empty", where="x", how="Give at least one step of one sequence.")
    return array if array.ndim == 3 else array[:, None, :]


def checked_state(net: Network, state: Any, batch: int, name: str) -> Array:
    """An initial state, ``h0`` or ``c0``, as [layers * directions, B, H]; zeros where None.

    H is the width of the widest layer; with a projection h0 is P wide. For one layer and direction it may be [B, H],
    and for one sequence besides [H]. Raises LstmvizError otherwise.
    """
    directions = len(net.layers) * net.num_directions
    shape = (directions, batch, net.h_size if name == "h0" else net.hidden_size)
    if state is None:
        return frozen(np.zeros(shape), net.dtype)
    array = _numbers(state, name, net.dtype)
    accepted: list[tuple[int, ...]] = [shape]
    if directions == 1:
        accepted.append(shape[1:])
        if batch == 1:
            accepted.append(shape[2:])
    if array.shape not in accepted:
        raise LstmvizError(
            f"The initial state has the shape {list(array.shape)}",
            where=name,
            how=f"It must be {' or '.join(str(list(each)) for each in accepted)} (layers and directions, "
            "sequences, units).",
        )
    return array.reshape(shape)


def checked_output_gradient(y: Array, dy: Any) -> Array:
    """dy = dL/dy as [T, B, O], the shape of y; [T, O] for one sequence. Raises LstmvizError otherwise."""
    array = _numbers(dy, "dy", y.dtype)
    accepted = [y.shape] if y.shape[1] > 1 else [y.shape, (y.shape[0], y.shape[2])]
    if array.shape not in accepted:
        raise LstmvizError(
            f"The gradient of the output has the shape {list(array.shape)}",
            where="dy",
            how=f"It must be {' or '.join(str(list(each)) for each in accepted)}, like y.",
        )
    return array.reshape(y.shape)


def _numbers(values: Any, name: str, dtype: np.dtype[Any]) -> Array:
    """``values`` as a read-only array of ``dtype``; what is too large for it becomes infinite."""
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise LstmvizError("The rows have different lengths", where=name, how="Make them all as long.") from error
    if array.dtype.kind not in "biuf":
        raise LstmvizError("This is not an array of real numbers", where=name, how="Give numbers only.")
    with np.errstate(over="ignore"):
        return frozen(array, dtype)
