"""One direction of one LSTM layer: forward with every intermediate, and backpropagation through time.

The loops over time only call NumPy on rows that exist already: for a few units the calls are the whole cost.
Whatever does not depend on the neighbouring step is computed for a chunk of steps at once.
"""

from __future__ import annotations

import numpy as np

from lstmviz.core.activations import mend_sigmoid_tail
from lstmviz.core.arrays import Array
from lstmviz.core.cell_derivatives import fill_lstm_derivatives
from lstmviz.core.linear import affine, as_right_operand, bias_gradient, input_gradient, weight_gradient
from lstmviz.core.parameters import CellParameters
from lstmviz.core.progress import Steps, chunk_size, chunks
from lstmviz.core.trace import LSTMGradients, LSTMTrace, read_only
from lstmviz.core.workspace import empty_arrays


def lstm_forward(parameters: CellParameters, x: Array, h0: Array, c0: Array, reverse: bool) -> Steps[LSTMTrace]:
    """x [T, B, I], h0 and c0 [B, H]."""
    length, batch, _ = x.shape
    H = parameters.hidden_size
    stacked, states = (length, batch, 4 * H), (length + 1, batch, H)
    z, gates, c_states, h_states, tanh_c = empty_arrays(x.dtype, stacked, stacked, states, states, (length, batch, H))
    trace = LSTMTrace(x, z, gates, c_states, h_states, tanh_c, parameters, reverse)
    start = -1 if reverse else 0
    c_states[start], h_states[start] = c0, h0
    # with i, f, o negated the loop gets -z, ready for 1 / (1 + exp(-z)), at no cost: a change of sign is exact
    signs = np.repeat(np.array([-1, -1, 1, -1], z.dtype), H)
    affine(x, signs[:, None] * parameters.weight_ih, signs * parameters.bias, z)
    weight = as_right_operand(parameters.weight_hh.T, batch)
    weight *= signs
    for steps, fraction in chunks(length, chunk_size(batch, H, z.itemsize), backwards=reverse):
        _forward_steps(trace, weight, steps)
        _restore_signs(trace, steps)
        yield fraction
    read_only(z, gates, c_states, h_states, tanh_c)
    return trace


def _forward_steps(trace: LSTMTrace, weight: Array, steps: slice) -> None:
    """The loop forwards. ``weight`` [H, 4H] is U transposed; in ``trace.z`` and ``weight``, i f o are negated."""
    c_before, h_before = trace.c_before[steps][0], trace.h_before[steps][0]
    one = np.ones((), trace.z.dtype)
    recurrent, written = np.empty_like(trace.z[0]), np.empty_like(trace.tanh_c[0])
    nodes = (trace.z, trace.z_g, trace.gates, trace.i, trace.f, trace.g, trace.o, trace.c, trace.tanh_c, trace.h)
    for z, z_g, gates, i, f, g, o, c, tanh_c, h in zip(*(node[steps] for node in nodes), strict=True):
        np.dot(h_before, weight, recurrent)
        np.add(z, recurrent, z)
        np.exp(z, gates)
        np.add(gates, one, gates)
        np.reciprocal(gates, gates)  # i, f, o = 1 / (1 + exp(-z)); the rows of g are overwritten next
        np.tanh(z_g, g)
        np.multiply(f, c_before, c)
        np.multiply(i, g, written)
        np.add(c, written, c)  # c = f * c_before + i * g
        np.tanh(c, tanh_c)
        np.multiply(o, tanh_c, h)
        c_before, h_before = c, h


def _restore_signs(trace: LSTMTrace, steps: slice) -> None:
    """Turn -z of the three sigmoid gates into z, and mend the gates where exp(-z) was infinite."""
    for z, gate in ((trace.z_i, trace.i), (trace.z_f, trace.f), (trace.z_o, trace.o)):
        np.subtract(0, z[steps], z[steps])  # np.negative would turn 0 into -0
        mend_sigmoid_tail(z[steps], gate[steps])


def lstm_backward(trace: LSTMTrace, dh_above: Array) -> Steps[tuple[LSTMGradients, dict[str, Array]]]:
    """dh_above [T, B, H] is dL/dh from outside this layer. Returns the gradients and those of the weights."""
    length, batch, H = trace.h.shape
    stacked = (length, batch, 4 * H)
    dz, dgates, dc, dtanh_c, dh = empty_arrays(trace.z.dtype, stacked, stacked, *[(length, batch, H)] * 3)
    dh[...], dh0, dc0 = dh_above, np.zeros_like(dh_above[0]), np.zeros_like(dh_above[0])
    grads = LSTMGradients(dz, dgates, dc, dtanh_c, dh, dh0, dc0, trace.x)
    weight = as_right_operand(trace.parameters.weight_hh, batch)
    for steps, fraction in chunks(length, chunk_size(batch, H, dz.itemsize), backwards=not trace.reverse):
        # the gradients first hold what dh or dc will be multiplied by
        local = fill_lstm_derivatives(trace, steps, dz[steps], dgates[steps], dc[steps])
        _backward_steps(grads, local.forget, weight, steps)
        _gate_gradients(grads, local.tanh_c, steps)
        yield fraction
    dbias = bias_gradient(dz)
    params = {
        "weight_ih": weight_gradient(dz, trace.x),
        "weight_hh": weight_gradient(dz, trace.h_before),
        "bias_ih": dbias,
        "bias_hh": dbias,
    }
    dx = input_gradient(dz, trace.parameters.weight_ih)
    read_only(dz, dgates, dc, dtanh_c, dh, dh0, dc0, dx, *params.values())
    return LSTMGradients(dz, dgates, dc, dtanh_c, dh, dh0, dc0, dx), params


def _backward_steps(grads: LSTMGradients, forget: Array, weight: Array, steps: slice) -> None:
    """The loop backwards; ``grads.h0`` and ``grads.c0`` carry what flows to the step before.

    ``forget`` is dc/dc_before of these steps: f, unless the layer is altered.
    """
    dh_before, dc_before = grads.h0, grads.c0
    nodes = (grads.h, grads.c, grads.z, grads.z_i, grads.z_f, grads.z_g, grads.z_o)
    for dh, dc, dz, dz_i, dz_f, dz_g, dz_o, f in zip(*(node[steps] for node in nodes), forget, strict=True):
        np.add(dh, dh_before, dh)  # dh = dh_above + sum_k U_k^T dz_k of the step after
        np.multiply(dh, dz_o, dz_o)
        np.multiply(dh, dc, dc)
        np.add(dc, dc_before, dc)  # dc = dh * o (1 - tanh(c)^2) + f * dc of the step after
        np.multiply(dc, dz_i, dz_i)
        np.multiply(dc, dz_f, dz_f)
        np.multiply(dc, dz_g, dz_g)
        np.dot(dz, weight, dh_before)
        np.multiply(dc, f, dc_before)


def _gate_gradients(grads: LSTMGradients, dh_dtanh_c: Array, steps: slice) -> None:
    """dL/d of the gates, the candidate and tanh(c), from dh and dc."""
    dh, dc = grads.h[steps], grads.c[steps]
    grads.i[steps] *= dc
    grads.f[steps] *= dc
    grads.g[steps] *= dc
    grads.o[steps] *= dh
    np.multiply(dh, dh_dtanh_c, grads.tanh_c[steps])
