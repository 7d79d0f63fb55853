"""Which layer, step, unit and sequence of a trace is asked about, checked; and the order in which a layer reads.

``t`` counts steps of the sequence from 1 to T. A layer that reads the sequence from its end starts from an initial
state at T + 1 and ends at step 1; the others start from 0 and end at T.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.arrays import Array
from lstmviz.core.engine.trace import LayerTrace, LSTMTrace, Trace
from lstmviz.core.errors import LstmvizError

IntArray = NDArray[np.integer[Any]]


def layer_of(trace: Trace, name: str) -> LayerTrace:
    """The layer and direction called ``name``. Raises LstmvizError where there is none."""
    if name not in trace.layers:
        names = ", ".join(trace.layers)
        raise LstmvizError(f"There is no layer called {name!r}", where="layer", how=f"Choose one of {names}.")
    return trace.layers[name]


def lstm_layer_of(trace: Trace, name: str) -> LSTMTrace:
    """The LSTM layer called ``name``. Raises LstmvizError where there is none, or a vanilla RNN's."""
    layer = layer_of(trace, name)
    if not isinstance(layer, LSTMTrace):
        raise LstmvizError("A vanilla RNN has no gates and no cell state", where=name, how="Ask an LSTM layer.")
    return layer


def checked_unit(layer: LayerTrace, unit: int) -> int:
    """``unit``, from 0. Raises LstmvizError where the layer has no such unit."""
    return _within(unit, 0, layer.parameters.hidden_size - 1, "unit")


def checked_sequence(layer: LayerTrace, sequence: int | None) -> int:
    """The sequence of a batch, from 0; None is the only one.

    Raises LstmvizError where there is no such sequence, and for None where there are several.
    """
    batch = layer.h.shape[1]
    if sequence is None and batch > 1:
        raise LstmvizError(
            f"The trace holds {batch} sequences", where="sequence", how=f"Choose one, from 0 to {batch - 1}."
        )
    return _within(sequence or 0, 0, batch - 1, "sequence")


def checked_step(layer: LayerTrace, t: int, *, initial: bool = False) -> int:
    """``t``, from 1 to T; with ``initial`` also the initial state's. Raises LstmvizError for other steps."""
    length = len(layer.h)
    lowest = 0 if initial and not layer.reverse else 1
    return _within(t, lowest, length + 1 if initial and layer.reverse else length, "step")


def last_step(layer: LayerTrace) -> int:
    """The step that the layer computes last: T, or 1 where it reads the sequence from its end."""
    return 1 if layer.reverse else len(layer.h)


def position_of_step(layer: LayerTrace, t: int) -> int:
    """How many steps the layer has computed after step ``t``; 0 for the initial state."""
    return len(layer.h) + 1 - t if layer.reverse else t


def steps_in_order(layer: LayerTrace) -> IntArray:
    """The step of every state in the order in which the layer computes them, the initial one first, [T+1]."""
    steps = np.arange(len(layer.h) + 1)
    return steps[::-1] + 1 if layer.reverse else steps


def in_order(layer: LayerTrace, array: Array) -> Array:
    """The rows of ``array`` [T, ...] or [T+1, ...] in the order in which the layer computes them, in float64."""
    ordered = array[::-1] if layer.reverse else array
    return ordered.astype(np.float64, copy=False)


def _within(value: int, lowest: int, highest: int, what: str) -> int:
    if not lowest <= value <= highest:
        raise LstmvizError(f"There is no {what} {value}", where=what, how=f"Choose one from {lowest} to {highest}.")
    return int(value)
