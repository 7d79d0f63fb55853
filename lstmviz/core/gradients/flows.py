"""What flows between neighbouring steps in backpropagation through time: one gradient a path, as log10 of its length.

    along the cell path   f[t+1] * dc[t+1]              into c[t]; with peepholes + p_f dz_f[t+1] + p_i dz_i[t+1]
    along the h path      sum_k U_k^T dz_k[t+1]         into h[t]; for a vanilla RNN U^T dz[t+1]

Together with what enters from outside, the loss or the layer above, they are all that a step receives:
dh[t] = entering + h path and dc[t] = dh[t] * o[t] * (1 - tanh(c[t])^2) + cell path.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.backward_step import gradient_from_above
from lstmviz.core.engine.blas import single_threaded_blas
from lstmviz.core.engine.cell_derivatives import lstm_derivatives
from lstmviz.core.engine.selection import checked_sequence, layer_of
from lstmviz.core.engine.trace import Gradients, LSTMGradients, LSTMTrace, Trace, read_only
from lstmviz.core.magnitudes import log10_norms

_PIECE = 2048
"""Steps whose vectors are computed at once."""


@dataclass(frozen=True, eq=False)
class GradientFlows:
    """log10 of the Euclidean norm, over the units, of what flows between neighbouring steps.

    hidden   [T-1]  along h; entry k lies between the steps k + 1 and k + 2
    cell     [T-1]  along c, likewise; None for a vanilla RNN
    reverse  whether the layer reads the sequence from its end: its gradient flows to later steps

    -inf where exactly nothing flows; inf or nan where float64 ended.
    """

    hidden: Array
    cell: Array | None
    reverse: bool


def gradient_flows(
    trace: Trace, gradients: Gradients, layer: str = "l0", *, sequence: int | None = None
) -> GradientFlows:
    """What flows between the steps of one layer and direction in ``gradients`` = backward(trace, dy).

    sequence  which sequence of a batch, from 0; may be left out where there is one only

    Raises LstmvizError for a layer or sequence that is not there.
    """
    traced, grads = layer_of(trace, layer), gradients[layer]
    batch = checked_sequence(traced, sequence)
    senders = slice(None, -1) if traced.reverse else slice(1, None)
    dz, weight = grads.z[senders, batch], traced.parameters.weight_hh
    with single_threaded_blas(), np.errstate(all="ignore"):
        hidden = _in_pieces(len(dz), lambda steps: dz[steps] @ weight)
        cell = None
        if isinstance(traced, LSTMTrace) and isinstance(grads, LSTMGradients):
            dc = grads.c[senders, batch]
            forget = traced.f if traced.alteration is None else lstm_derivatives(traced).forget
            f = forget[senders, batch]
            cell = _in_pieces(len(dz), lambda steps: f[steps] * dc[steps])
            read_only(cell)
    read_only(hidden)
    return GradientFlows(hidden, cell, traced.reverse)


def entering_gradient(
    trace: Trace, gradients: Gradients, dy: Any, layer: str = "l0", *, sequence: int | None = None
) -> Array:
    """log10 of the norm of what enters h[t] from outside its layer, the loss or the layer above, [T].

    dy  dL/dy [T, B, O], for one sequence also [T, O]

    Raises LstmvizError for a layer or sequence that is not there, and where dy does not fit.
    """
    batch = checked_sequence(layer_of(trace, layer), sequence)
    with single_threaded_blas(), np.errstate(all="ignore"):
        outside = gradient_from_above(trace, gradients, dy, layer)[:, batch]
        entering = _in_pieces(len(outside), lambda steps: outside[steps])
    read_only(entering)
    return entering


def _in_pieces(length: int, vectors: Callable[[slice], Array]) -> Array:
    """log10 of the norms of ``vectors(steps)`` [n, H] for all steps, piece by piece: what fits the cache is fast."""
    log10 = np.empty(length)
    for start in range(0, length, _PIECE):
        steps = slice(start, start + _PIECE)
        log10[steps] = _log10_lengths(vectors(steps))
    return log10


def _log10_lengths(vectors: Array) -> Array:
    """``log10_norms`` of [T, H], several times as fast: it takes care only where a sum of squares leaves float64."""
    squares = np.einsum("th,th->t", vectors, vectors, dtype=np.float64)
    lengths: Array = 0.5 * np.log10(squares)
    unsafe = np.flatnonzero(~((squares > 1e-280) & (squares < 1e280)) & vectors.any(-1))
    if len(unsafe):
        lengths[unsafe] = log10_norms(vectors[unsafe])
    return lengths
