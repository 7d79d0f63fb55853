"""Forward through layers whose equations a what-if changed: one step a turn, as the equations are written."""

from __future__ import annotations

import numpy as np

from lstmviz.core.activations import phi, sigmoid
from lstmviz.core.alteration import Alteration
from lstmviz.core.arrays import Array
from lstmviz.core.linear import affine
from lstmviz.core.parameters import CellParameters, Nonlinearity
from lstmviz.core.progress import Steps, chunk_size, chunks
from lstmviz.core.trace import LSTMTrace, RNNTrace, read_only

PLAIN = Alteration()
"""Nothing is changed."""


def altered_lstm_forward(
    parameters: CellParameters, alteration: Alteration, x: Array, h0: Array, c0: Array, reverse: bool
) -> Steps[LSTMTrace]:
    """``lstm_forward`` with ``alteration``, whose rows are those of x [T, B, I]; h0 and c0 [B, H]."""
    length, batch, _ = x.shape
    H = parameters.hidden_size
    z, gates = (np.empty((length, batch, 4 * H), x.dtype) for _ in range(2))
    c_states, h_states = (np.empty((length + 1, batch, H), x.dtype) for _ in range(2))
    tanh_c = np.empty((length, batch, H), x.dtype)
    trace = LSTMTrace(x, z, gates, c_states, h_states, tanh_c, parameters, reverse, alteration)
    start = -1 if reverse else 0
    c_states[start], h_states[start] = c0, h0
    affine(x, parameters.weight_ih, parameters.bias, z)
    for steps, fraction in chunks(length, chunk_size(batch, H, z.itemsize), backwards=reverse):
        for row in range(length)[steps]:
            _lstm_step(trace, alteration, row)
        yield fraction
    read_only(z, gates, c_states, h_states, tanh_c)
    return trace


def _lstm_step(trace: LSTMTrace, alteration: Alteration, row: int) -> None:
    """Everything of one step; ``trace.z`` comes in as W x + b."""
    h_before, c_before = trace.h_before[row], trace.c_before[row]
    trace.z[row] += h_before @ trace.parameters.weight_hh.T
    if alteration.peepholes is not None:
        p_i, p_f, p_o = alteration.peepholes
        trace.z_i[row] += p_i * c_before
        trace.z_f[row] += p_f * c_before
    trace.i[row], trace.f[row], trace.g[row], trace.c[row] = cell_state(
        alteration, row, trace.z_i[row], trace.z_f[row], trace.z_g[row], c_before
    )
    if alteration.peepholes is not None:
        trace.z_o[row] += p_o * trace.c[row]
    trace.o[row], trace.tanh_c[row], trace.h[row] = hidden_state(alteration, row, trace.z_o[row], trace.c[row])


def cell_state(
    alteration: Alteration, row: int, z_i: Array, z_f: Array, z_g: Array, c_before: Array
) -> tuple[Array, Array, Array, Array]:
    """i, f, g and c = f c_before + i g of one step, from its pre-activations with their peepholes; [..., H] each."""
    f = alteration.hold("f", row, sigmoid(z_f))
    # 1 - sigmoid(z_f) is sigmoid(-z_f), which keeps its digits where f is nearly 1
    coupled = alteration.complement_where_held("f", row, sigmoid(-z_f)) if alteration.coupled else None
    i = alteration.hold("i", row, sigmoid(z_i) if coupled is None else coupled)
    g = alteration.hold("g", row, z_g if alteration.linear_g else np.tanh(z_g))
    return i, f, g, alteration.hold("c", row, f * c_before + i * g)


def hidden_state(alteration: Alteration, row: int, z_o: Array, c: Array) -> tuple[Array, Array, Array]:
    """o, tanh(c) and h = o tanh(c) of one step, from z_o with its peephole; [..., H] each."""
    o = alteration.hold("o", row, sigmoid(z_o))
    tanh_c = c if alteration.linear_out else np.tanh(c)
    return o, tanh_c, alteration.hold("h", row, o * tanh_c)


def altered_rnn_forward(
    parameters: CellParameters, nonlinearity: Nonlinearity, alteration: Alteration, x: Array, h0: Array, reverse: bool
) -> Steps[RNNTrace]:
    """``rnn_forward`` with ``alteration``, whose rows are those of x [T, B, I]; h0 [B, H]."""
    length, batch, _ = x.shape
    H = parameters.hidden_size
    z, h_states = np.empty((length, batch, H), x.dtype), np.empty((length + 1, batch, H), x.dtype)
    trace = RNNTrace(x, z, h_states, nonlinearity, parameters, reverse, alteration)
    h_states[-1 if reverse else 0] = h0
    affine(x, parameters.weight_ih, parameters.bias, z)
    activate = phi(nonlinearity)
    for steps, fraction in chunks(length, chunk_size(batch, H, z.itemsize), backwards=reverse):
        for row in range(length)[steps]:
            z[row] += trace.h_before[row] @ parameters.weight_hh.T
            activate(z[row], trace.h[row])
            trace.h[row] = alteration.hold("h", row, trace.h[row])
        yield fraction
    read_only(z, h_states)
    return trace
