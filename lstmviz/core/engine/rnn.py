"""One direction of one vanilla RNN layer: forward and backpropagation through time, built like ``lstm.py``."""

from __future__ import annotations

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.activations import phi
from lstmviz.core.engine.cell_derivatives import fill_rnn_derivatives
from lstmviz.core.engine.linear import (
    affine,
    as_right_operand,
    input_gradient,
    weight_and_bias_gradient,
    weight_gradient,
)
from lstmviz.core.engine.trace import RNNGradients, RNNTrace, read_only
from lstmviz.core.engine.workspace import empty_arrays
from lstmviz.core.networks.parameters import CellParameters, Nonlinearity
from lstmviz.core.progress import Steps, chunk_size, chunks


def rnn_forward(
    parameters: CellParameters, nonlinearity: Nonlinearity, x: Array, h0: Array, reverse: bool
) -> Steps[RNNTrace]:
    """x [T, B, I], h0 [B, H]."""
    length, batch, _ = x.shape
    H = parameters.hidden_size
    z, h_states = empty_arrays(x.dtype, (length, batch, H), (length + 1, batch, H))
    affine(x, parameters.weight_ih, parameters.bias, z)
    trace = RNNTrace(x, z, h_states, nonlinearity, parameters, reverse)
    h_states[-1 if reverse else 0] = h0
    weight = as_right_operand(parameters.weight_hh.T, batch)
    for steps, fraction in chunks(length, chunk_size(batch, H, z.itemsize), backwards=reverse):
        _forward_steps(trace, weight, steps)
        yield fraction
    read_only(z, h_states)
    return trace


def _forward_steps(trace: RNNTrace, weight: Array, steps: slice) -> None:
    """The loop forwards; ``weight`` [H, H] is U transposed."""
    activate = phi(trace.nonlinearity)
    h_before = trace.h_before[steps][0]
    recurrent = np.empty_like(h_before)
    for z, h in zip(trace.z[steps], trace.h[steps], strict=True):
        h_before.dot(weight, recurrent)
        np.add(z, recurrent, z)
        activate(z, h)
        h_before = h


def rnn_backward(trace: RNNTrace, dh_above: Array) -> Steps[tuple[RNNGradients, dict[str, Array]]]:
    """dh_above [T, B, H] is dL/dh from outside this layer. Returns the gradients and those of the weights."""
    length, batch, H = trace.h.shape
    dz, dh = empty_arrays(trace.z.dtype, *[(length, batch, H)] * 2)
    dh[...], dh_before = dh_above, np.zeros_like(dh_above[0])
    weight = as_right_operand(trace.parameters.weight_hh, batch)
    for steps, fraction in chunks(length, chunk_size(batch, H, dz.itemsize), backwards=not trace.reverse):
        fill_rnn_derivatives(trace, steps, dz[steps])
        _backward_steps(dh[steps], dz[steps], dh_before, weight)
        yield fraction
    dweight_ih, dbias = weight_and_bias_gradient(dz, trace.x)
    params = {
        "weight_ih": dweight_ih,
        "weight_hh": weight_gradient(dz, trace.h_before),
        "bias_ih": dbias,
        "bias_hh": dbias,
    }
    dx = input_gradient(dz, trace.parameters.weight_ih)
    read_only(dz, dh, dh_before, dx, *params.values())
    return RNNGradients(dz, dh, dh_before, dx), params


def _backward_steps(dh_rows: Array, dz_rows: Array, dh_before: Array, weight: Array) -> None:
    """The loop backwards; ``dz_rows`` come in as phi'(z), ``dh_before`` carries what flows to the step before."""
    for dh, dz in zip(dh_rows, dz_rows, strict=True):
        np.add(dh, dh_before, dh)  # dh = dh_above + U^T dz of the step after
        np.multiply(dh, dz, dz)
        dz.dot(weight, dh_before)
