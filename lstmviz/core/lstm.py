"""One direction of one LSTM layer: forward with every intermediate, and backpropagation through time."""

from __future__ import annotations

import numpy as np

from lstmviz.core.activations import sigmoid, sigmoid_slope
from lstmviz.core.arrays import Array
from lstmviz.core.parameters import CellParameters
from lstmviz.core.trace import LSTMGradients, LSTMTrace


def lstm_forward(parameters: CellParameters, x: Array, h0: Array, c0: Array, reverse: bool) -> LSTMTrace:
    """x [T, B, I], h0 and c0 [B, H]."""
    length, batch, _ = x.shape
    H = parameters.hidden_size
    z = x @ parameters.weight_ih.T + parameters.bias
    gates = np.empty_like(z)
    c_states = np.empty((length + 1, batch, H), z.dtype)
    h_states = np.empty_like(c_states)
    tanh_c = np.empty((length, batch, H), z.dtype)
    trace = LSTMTrace(x, z, gates, c_states, h_states, tanh_c, parameters, reverse)
    start = -1 if reverse else 0
    c_states[start], h_states[start] = c0, h0
    for t in reversed(range(length)) if reverse else range(length):
        z[t] += trace.h_before[t] @ parameters.weight_hh.T
        gates[t] = sigmoid(z[t])
        trace.g[t] = np.tanh(trace.z_g[t])
        trace.c[t] = trace.f[t] * trace.c_before[t] + trace.i[t] * trace.g[t]
        tanh_c[t] = np.tanh(trace.c[t])
        trace.h[t] = trace.o[t] * tanh_c[t]
    return trace


def lstm_backward(trace: LSTMTrace, dh_above: Array) -> tuple[LSTMGradients, dict[str, Array]]:
    """dh_above [T, B, H] is dL/dh from outside this layer. Returns the gradients and those of the weights."""
    length, batch, H = trace.h.shape
    dz, dgates = np.empty_like(trace.z), np.empty_like(trace.z)
    dc, dtanh_c, dh = (np.empty_like(trace.tanh_c) for _ in range(3))
    grads = LSTMGradients(dz, dgates, dc, dtanh_c, dh, np.empty((batch, H)), np.empty((batch, H)), trace.x)
    dh_carried, dc_carried = np.zeros((batch, H)), np.zeros((batch, H))
    for t in range(length) if trace.reverse else reversed(range(length)):
        dh[t] = dh_above[t] + dh_carried
        grads.o[t] = dh[t] * trace.tanh_c[t]
        dtanh_c[t] = dh[t] * trace.o[t]
        dc[t] = dtanh_c[t] * (1 - trace.tanh_c[t] ** 2) + dc_carried
        grads.i[t] = dc[t] * trace.g[t]
        grads.f[t] = dc[t] * trace.c_before[t]
        grads.g[t] = dc[t] * trace.i[t]
        dz[t] = dgates[t] * sigmoid_slope(trace.z[t])
        grads.z_g[t] = grads.g[t] * (1 - trace.g[t] ** 2)
        dh_carried = dz[t] @ trace.parameters.weight_hh
        dc_carried = dc[t] * trace.f[t]
    flat = dz.reshape(length * batch, -1)
    dbias = flat.sum(0)
    params = {
        "weight_ih": flat.T @ trace.x.reshape(length * batch, -1),
        "weight_hh": flat.T @ trace.h_before.reshape(length * batch, -1),
        "bias_ih": dbias,
        "bias_hh": dbias,
    }
    dx = dz @ trace.parameters.weight_ih
    return LSTMGradients(dz, dgates, dc, dtanh_c, dh, dh_carried, dc_carried, dx), params
