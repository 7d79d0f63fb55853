"""One direction of one LSTM layer: forward with every intermediate, and backpropagation through time."""

from __future__ import annotations

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.linear import as_right_operand, input_gradient, weight_and_bias_gradient, weight_gradient
from lstmviz.core.engine.lstm_loops import FEW_INPUTS, BackwardLoop, ForwardLoop, LoopShape
from lstmviz.core.engine.trace import LSTMGradients, LSTMTrace, read_only
from lstmviz.core.engine.workspace import empty_arrays, lent
from lstmviz.core.networks.parameters import CellParameters
from lstmviz.core.progress import Steps, chunk_size, chunks


def lstm_forward(parameters: CellParameters, x: Array, h0: Array, c0: Array, reverse: bool) -> Steps[LSTMTrace]:
    """x [T, B, I], h0 and c0 [B, H]."""
    length, batch, _ = x.shape
    H = parameters.hidden_size
    stacked, states = (length, batch, 4 * H), (length + 1, batch, H)
    z, gates, c_states, h_states, tanh_c = empty_arrays(x.dtype, stacked, stacked, states, states, (length, batch, H))
    trace = LSTMTrace(x, z, gates, c_states, h_states, tanh_c, parameters, reverse)
    start = -1 if reverse else 0
    c_states[start], h_states[start] = c0, h0
    shape = _loop_shape(trace, inputs=x.shape[-1] if x.shape[-1] <= FEW_INPUTS else 0)
    with lent(ForwardLoop, shape) as loop:
        weight = loop.begin(trace, h0, c0)
        for steps, fraction in chunks(length, shape.most_steps, backwards=reverse):
            loop.run(weight, trace, steps)
            yield fraction
    read_only(z, gates, c_states, h_states, tanh_c)
    return trace


def lstm_backward(trace: LSTMTrace, dh_above: Array) -> Steps[tuple[LSTMGradients, dict[str, Array]]]:
    """dh_above [T, B, H] is dL/dh from outside this layer. Returns the gradients and those of the weights."""
    length, batch, H = trace.h.shape
    stacked, states = (length, batch, 4 * H), (length, batch, H)
    dz, dgates, dc, dtanh_c, dh = empty_arrays(trace.z.dtype, stacked, stacked, states, states, states)
    dh0, dc0 = np.zeros_like(dh_above[0]), np.zeros_like(dh_above[0])
    gradients = LSTMGradients(dz, dgates, dc, dtanh_c, dh, dh0, dc0, np.empty_like(trace.x))
    weight = as_right_operand(trace.parameters.weight_hh, batch)
    shape = _loop_shape(trace)
    with lent(BackwardLoop, shape) as loop:
        for steps, fraction in chunks(length, shape.most_steps, backwards=not trace.reverse):
            loop.run(weight, trace, gradients, dh_above, steps)
            yield fraction
    gradients.x[...] = input_gradient(dz, trace.parameters.weight_ih)
    dweight_ih, dbias = weight_and_bias_gradient(dz, trace.x)
    params = {
        "weight_ih": dweight_ih,
        "weight_hh": weight_gradient(dz, trace.h_before),
        "bias_ih": dbias,
        "bias_hh": dbias,
    }
    read_only(dz, dgates, dc, dtanh_c, dh, dh0, dc0, gradients.x, *params.values())
    return gradients, params


def _loop_shape(trace: LSTMTrace, inputs: int = 0) -> LoopShape:
    length, batch, H = trace.tanh_c.shape
    most_steps = chunk_size(batch, H, trace.z.itemsize)
    # sequences of nearly the same length share the arrays of a loop
    return LoopShape(trace.z.dtype, min(most_steps, 1 << (length - 1).bit_length()), batch, H, inputs)
