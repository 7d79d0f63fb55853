"""Backpropagation through time in an LSTM layer with a projection, h[t] = weight_hr m[t] with m = o tanh(c).

Of the total dh[t] [P], m gets dm[t] = weight_hr^T dh[t] [H]; from there on everything is as in the plain layer, with
dm in the place of dh. Sak, Senior and Beaufays (2014) call such a layer LSTMP, and m what is projected.
"""

from __future__ import annotations

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.cell_derivatives import LSTMDerivatives, fill_lstm_derivatives, let_through, through_projection
from lstmviz.core.engine.linear import input_gradient, weight_and_bias_gradient, weight_gradient
from lstmviz.core.engine.trace import LSTMGradients, LSTMTrace, read_only
from lstmviz.core.progress import Steps, chunk_size, chunks, in_time_order


def projected_lstm_backward(trace: LSTMTrace, dh_above: Array) -> Steps[tuple[LSTMGradients, dict[str, Array]]]:
    """dh_above [T, B, P] is dL/dh from the loss or the layer above. Returns the gradients and those of the weights."""
    length, batch, H = trace.tanh_c.shape
    dtype = trace.z.dtype
    dz, dgates = (np.empty(trace.z.shape, dtype) for _ in range(2))
    dm, dc, dtanh_c = (np.empty((length, batch, H), dtype) for _ in range(3))
    dh = np.array(dh_above, dtype)
    gradients = LSTMGradients(
        dz, dgates, dc, dtanh_c, dh, np.zeros_like(dh[0]), np.zeros_like(dc[0]), np.empty_like(trace.x), dm
    )
    for steps, fraction in chunks(length, chunk_size(batch, H, dz.itemsize), backwards=not trace.reverse):
        chunk = in_time_order(steps, length)
        # dz and dc hold the derivatives within each step until its turn comes
        local = fill_lstm_derivatives(trace, chunk, dz[chunk], dc[chunk])
        _backward_steps(trace, gradients, local, range(length)[chunk])
        for dgate, within in ((gradients.i, local.i), (gradients.f, local.f), (gradients.g, local.g)):
            np.multiply(dc[chunk], within, dgate[chunk])
        np.multiply(dm[chunk], local.o, gradients.o[chunk])
        np.multiply(dm[chunk], local.tanh_c, dtanh_c[chunk])
        yield fraction
    assert trace.parameters.weight_hr is not None
    gradients.x[...] = input_gradient(dz, trace.parameters.weight_ih)
    dweight_ih, dbias = weight_and_bias_gradient(dz, trace.x)
    params = {
        "weight_ih": dweight_ih,
        "weight_hh": weight_gradient(dz, trace.h_before),
        "bias_ih": dbias,
        "bias_hh": dbias,
        "weight_hr": weight_gradient(let_through(trace, dh), trace.m),
    }
    read_only(dz, dgates, dc, dtanh_c, dh, dm, gradients.h0, gradients.c0, gradients.x, *params.values())
    return gradients, params


def _backward_steps(trace: LSTMTrace, gradients: LSTMGradients, local: LSTMDerivatives, rows: range) -> None:
    """The loop over some rows; ``gradients.h0`` and ``c0`` carry what flows to the step before."""
    dh_before, dc_before = gradients.h0, gradients.c0
    weight_hh = trace.parameters.weight_hh
    for row in rows if trace.reverse else reversed(rows):
        gradients.h[row] += dh_before
        dm = gradients.m[row] = through_projection(trace, gradients.h[row], row)
        dc = gradients.c[row] = dm * gradients.c[row] + dc_before
        gradients.z_o[row] *= dm
        for dz in (gradients.z_i, gradients.z_f, gradients.z_g):
            dz[row] *= dc
        np.matmul(gradients.z[row], weight_hh, out=dh_before)
        np.multiply(dc, local.forget[row - rows.start], dc_before)
