"""Going on from an earlier run: the steps that a change leaves as they are need not be computed again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lstmviz.core.arrays import Array, BoolArray
from lstmviz.core.engine.altered_layers import altered_lstm_forward, altered_rnn_forward
from lstmviz.core.engine.lstm import lstm_forward
from lstmviz.core.engine.rnn import rnn_forward
from lstmviz.core.engine.trace import LayerTrace, LSTMTrace, read_only
from lstmviz.core.networks.alteration import Alteration
from lstmviz.core.networks.parameters import Cell, CellParameters, Layer
from lstmviz.core.progress import Steps

State = tuple[Array, Array]
"""h and c [B, H]; a vanilla RNN's c is not looked at."""


def direction_forward(
    layer: Layer, parameters: CellParameters, alteration: Alteration | None, x: Array, state: State, reverse: bool
) -> Steps[LayerTrace]:
    """One direction of one layer, plain or altered, from ``state`` over all of x [T, B, I]."""
    h0, c0 = state
    if layer.cell is Cell.LSTM:
        if alteration is None:
            return (yield from lstm_forward(parameters, x, h0, c0, reverse))
        return (yield from altered_lstm_forward(parameters, alteration, x, h0, c0, reverse))
    if alteration is None:
        return (yield from rnn_forward(parameters, layer.nonlinearity, x, h0, reverse))
    return (yield from altered_rnn_forward(parameters, layer.nonlinearity, alteration, x, h0, reverse))


def continued_forward(
    known: LayerTrace,
    layer: Layer,
    parameters: CellParameters,
    alteration: Alteration | None,
    x: Array,
    state: State,
    reverse: bool,
) -> Steps[LayerTrace]:
    """``direction_forward``, but the first steps read are copied from ``known`` as far as they are the same."""
    same = _same_steps(known, parameters, alteration, x, state)
    length = len(x)
    if same == 0:
        return (yield from direction_forward(layer, parameters, alteration, x, state, reverse))
    if same == length == len(known.x) and alteration is None:
        return known
    kept, reached = (known.h_states[-1 - same :], 0) if reverse else (known.h_states[: same + 1], -1)
    h = kept[reached]
    c = h
    if isinstance(known, LSTMTrace):
        c = (known.c_states[-1 - same :] if reverse else known.c_states[: same + 1])[reached]
    left = slice(0, length - same) if reverse else slice(same, length)
    rest = None
    if same < length:
        altered = None if alteration is None else alteration.rows(left)
        rest = yield from direction_forward(layer, parameters, altered, x[left], (h, c), reverse)
    return _joined(known, same, rest, x, alteration)


def leading_rows_alike(a: Array, b: Array) -> int:
    """How many rows two arrays have in common before the first that differs; NaN is like NaN."""
    shared = min(len(a), len(b))
    differ = ~_rows_alike(a[:shared], b[:shared])
    return int(differ.argmax()) if differ.any() else shared


def _rows_alike(a: Array, b: Array) -> BoolArray:
    """[T], true where all of the row is the same."""
    alike: BoolArray = ((a == b) | (np.isnan(a) & np.isnan(b))).reshape(len(a), -1).all(1)
    return alike


def _same_steps(
    known: LayerTrace, parameters: CellParameters, alteration: Alteration | None, x: Array, state: State
) -> int:
    """How many steps, from the one that the layer reads first, are those of the plain layer ``known``."""
    start = -1 if known.reverse else 0
    starts = [(known.h_states, state[0])]
    if isinstance(known, LSTMTrace):
        starts.append((known.c_states, state[1]))
    if known.alteration is not None or known.parameters != parameters or known.x.shape[1:] != x.shape[1:]:
        return 0
    if not all(np.array_equal(states[start], given) for states, given in starts):
        return 0
    order = slice(None, None, -1 if known.reverse else 1)
    same = leading_rows_alike(x[order], known.x[order])
    touched = alteration.touched(len(x))[order] if alteration is not None else np.zeros(len(x), np.bool_)
    return min(same, int(touched.argmax())) if touched.any() else same


def _joined(
    known: LayerTrace, same: int, rest: LayerTrace | None, x: Array, alteration: Alteration | None
) -> LayerTrace:
    """A trace whose first ``same`` steps read are those of ``known`` and whose others are ``rest``."""

    def joined(name: str, kept: int) -> Array:
        """``kept`` rows of a known array beside those of the rest."""
        whole: Array = getattr(known, name)
        part = whole[len(whole) - kept :] if known.reverse else whole[:kept]
        if rest is None:
            # the state where the rest would start is the last of those that are kept
            return part
        pieces = [part, getattr(rest, name)]
        array = np.concatenate(pieces[::-1] if known.reverse else pieces)
        read_only(array)
        return array

    states = same if rest is not None else same + 1
    arrays = {"z": joined("z", same), "h_states": joined("h_states", states)}
    if isinstance(known, LSTMTrace):
        arrays |= {"gates": joined("gates", same), "tanh_c": joined("tanh_c", same)}
        arrays["c_states"] = joined("c_states", states)
    return replace(known, x=x, alteration=alteration, **arrays)  # type: ignore[arg-type]  # all of them are arrays
