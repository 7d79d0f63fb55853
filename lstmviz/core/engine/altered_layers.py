"""Forward through layers whose equations are not the plain ones: one step a turn, as the equations are written."""

from __future__ import annotations

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.activations import phi, sigmoid
from lstmviz.core.engine.linear import affine
from lstmviz.core.engine.trace import LSTMTrace, RNNTrace, read_only
from lstmviz.core.networks.alteration import Alteration
from lstmviz.core.networks.parameters import CellParameters, Nonlinearity
from lstmviz.core.progress import Steps, chunk_size, chunks


def altered_lstm_forward(
    parameters: CellParameters, alteration: Alteration, x: Array, h0: Array, c0: Array, reverse: bool
) -> Steps[LSTMTrace]:
    """``lstm_forward`` with ``alteration``, whose rows are those of x [T, B, I]; c0 [B, H], h0 [B, H or P]."""
    length, batch, _ = x.shape
    H = parameters.hidden_size
    z, gates = (np.empty((length, batch, 4 * H), x.dtype) for _ in range(2))
    c_states, h_states = (np.empty((length + 1, batch, size), x.dtype) for size in (H, parameters.h_size))
    tanh_c = np.empty((length, batch, H), x.dtype)
    m = None if parameters.weight_hr is None else np.empty_like(tanh_c)
    trace = LSTMTrace(x, z, gates, c_states, h_states, tanh_c, parameters, reverse, alteration, m)
    start = -1 if reverse else 0
    c_states[start], h_states[start] = c0, h0
    affine(x, parameters.weight_ih, parameters.bias, z)
    for steps, fraction in chunks(length, chunk_size(batch, H, z.itemsize), backwards=reverse):
        for row in range(length)[steps]:
            _lstm_step(trace, alteration, row)
        yield fraction
    read_only(z, gates, c_states, h_states, tanh_c, *([] if m is None else [m]))
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
    trace.o[row], trace.tanh_c[row], trace.m[row], trace.h[row] = hidden_state(
        trace.parameters, alteration, row, trace.z_o[row], trace.c[row]
    )


def cell_state(
    alteration: Alteration, row: int, z_i: Array, z_f: Array, z_g: Array, c_before: Array
) -> tuple[Array, Array, Array, Array]:
    """i, f, g and c = f c_before + i g of one step, from its pre-activations with their peepholes; [..., H] each."""
    z, gates = {"i": z_i, "f": z_f}, {"i": sigmoid(z_i), "f": sigmoid(z_f)}
    if coupling := alteration.coupled:
        # 1 - sigmoid(z) is sigmoid(-z), which keeps its digits where the gate is nearly 1
        complement = sigmoid(-z[coupling.source])
        gates[coupling.made] = alteration.complement_where_held(coupling.source, row, complement)
    i, f = (alteration.hold(gate, row, value) for gate, value in gates.items())
    g = alteration.hold("g", row, z_g if alteration.linear_g else np.tanh(z_g))
    return i, f, g, alteration.hold("c", row, f * c_before + i * g)


def hidden_state(
    parameters: CellParameters, alteration: Alteration, row: int, z_o: Array, c: Array
) -> tuple[Array, Array, Array, Array]:
    """o, tanh(c), m = o tanh(c) and h of one step, from z_o [..., H] with its peephole.

    h is m, with a projection weight_hr m [..., P].
    """
    o = alteration.hold("o", row, sigmoid(z_o))
    tanh_c = c if alteration.linear_out else np.tanh(c)
    m = o * tanh_c
    h = m if parameters.weight_hr is None else m @ parameters.weight_hr.T
    return o, tanh_c, m, alteration.hold("h", row, h)


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
