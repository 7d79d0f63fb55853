"""One direction of one vanilla RNN layer: forward and backpropagation through time."""

from __future__ import annotations

import numpy as np

from lstmviz.core.activations import apply, slope
from lstmviz.core.arrays import Array
from lstmviz.core.parameters import CellParameters, Nonlinearity
from lstmviz.core.trace import RNNGradients, RNNTrace


def rnn_forward(
    parameters: CellParameters, nonlinearity: Nonlinearity, x: Array, h0: Array, reverse: bool
) -> RNNTrace:
    """x [T, B, I], h0 [B, H]."""
    length, batch, _ = x.shape
    z = x @ parameters.weight_ih.T + parameters.bias
    h_states = np.empty((length + 1, batch, parameters.hidden_size), z.dtype)
    trace = RNNTrace(x, z, h_states, nonlinearity, parameters, reverse)
    h_states[-1 if reverse else 0] = h0
    for t in reversed(range(length)) if reverse else range(length):
        z[t] += trace.h_before[t] @ parameters.weight_hh.T
        trace.h[t] = apply(nonlinearity, z[t])
    return trace


def rnn_backward(trace: RNNTrace, dh_above: Array) -> tuple[RNNGradients, dict[str, Array]]:
    """dh_above [T, B, H] is dL/dh from outside this layer. Returns the gradients and those of the weights."""
    length, batch, H = trace.h.shape
    dz, dh = np.empty_like(trace.z), np.empty_like(trace.z)
    carried = np.zeros((batch, H))
    for t in range(length) if trace.reverse else reversed(range(length)):
        dh[t] = dh_above[t] + carried
        dz[t] = dh[t] * slope(trace.nonlinearity, trace.z[t], trace.h[t])
        carried = dz[t] @ trace.parameters.weight_hh
    flat = dz.reshape(length * batch, H)
    params = {
        "weight_ih": flat.T @ trace.x.reshape(length * batch, -1),
        "weight_hh": flat.T @ trace.h_before.reshape(length * batch, -1),
        "bias_ih": flat.sum(0),
        "bias_hh": flat.sum(0),
    }
    return RNNGradients(dz, dh, carried, dz @ trace.parameters.weight_ih), params
