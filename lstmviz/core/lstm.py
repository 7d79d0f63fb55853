"""One direction of one LSTM layer: forward with every intermediate, and backpropagation through time.

The loops over time only call NumPy on rows that exist already: for a few units the calls are the whole cost.
Whatever does not depend on the neighbouring step is computed for a chunk of steps at once.
"""

from __future__ import annotations

import numpy as np

from lstmviz.core.activations import mend_sigmoid_tail
from lstmviz.core.arrays import Array
from lstmviz.core.cell_derivatives import fill_lstm_derivatives
from lstmviz.core.chunk_rows import ChunkRows, Rows
from lstmviz.core.linear import affine, as_right_operand, input_gradient, weight_and_bias_gradient, weight_gradient
from lstmviz.core.parameters import CellParameters
from lstmviz.core.progress import Steps, chunk_size, chunks, in_time_order
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
    size = chunk_size(batch, H, z.itemsize)
    chunk_rows = ChunkRows((z, gates, trace.c, tanh_c, trace.h), _forward_rows, size, batch * H)
    for steps, fraction in chunks(length, size, backwards=reverse):
        before = trace.c_before[steps][0], trace.h_before[steps][0]
        chunk = in_time_order(steps, length)
        (working_z, *_), rows = chunk_rows.of(chunk)
        working_z[...] = z[chunk]
        _forward_steps(rows[::-1] if reverse else rows, *before, weight)
        chunk_rows.keep(chunk)
        _restore_signs(trace, chunk)
        yield fraction
    read_only(z, gates, c_states, h_states, tanh_c)
    return trace


def _forward_rows(z: Array, gates: Array, c: Array, tanh_c: Array, h: Array) -> Rows:
    _, _, z_g, _ = _blocks(z)
    return list(zip(z, z_g, gates, *_blocks(gates), c, tanh_c, h, strict=True))


def _blocks(stacked: Array) -> list[Array]:
    """[T, B, 4H] as the four [T, B, H] of i, f, g and o."""
    H = stacked.shape[-1] // 4
    return [stacked[..., gate * H : (gate + 1) * H] for gate in range(4)]


def _forward_steps(rows: Rows, c_before: Array, h_before: Array, weight: Array) -> None:
    """The loop forwards. ``weight`` [H, 4H] is U transposed; in ``rows`` and ``weight``, i f o of z are negated."""
    one = np.ones((), weight.dtype)
    recurrent, written = np.empty_like(rows[0][0]), np.empty_like(c_before)
    # local names and h.dot instead of np.dot: for a few units, looking things up is a sixth of the loop
    add, multiply, reciprocal, exp, tanh = np.add, np.multiply, np.reciprocal, np.exp, np.tanh
    for z, z_g, gates, i, f, g, o, c, tanh_c, h in rows:
        h_before.dot(weight, recurrent)
        add(z, recurrent, z)
        exp(z, gates)
        add(gates, one, gates)
        reciprocal(gates, gates)  # i, f, o = 1 / (1 + exp(-z)); the rows of g are overwritten next
        tanh(z_g, g)
        multiply(f, c_before, c)
        multiply(i, g, written)
        add(c, written, c)  # c = f * c_before + i * g
        tanh(c, tanh_c)
        multiply(o, tanh_c, h)
        c_before, h_before = c, h


def _restore_signs(trace: LSTMTrace, steps: slice) -> None:
    """Turn -z of the three sigmoid gates into z, and mend the gates where exp(-z) was infinite."""
    z, gates = trace.z[steps], trace.gates[steps]
    H = trace.parameters.hidden_size
    for sigmoid in (slice(2 * H), slice(3 * H, 4 * H)):
        np.subtract(0, z[..., sigmoid], z[..., sigmoid])  # np.negative would turn 0 into -0
        mend_sigmoid_tail(z[..., sigmoid], gates[..., sigmoid])


def lstm_backward(trace: LSTMTrace, dh_above: Array) -> Steps[tuple[LSTMGradients, dict[str, Array]]]:
    """dh_above [T, B, H] is dL/dh from outside this layer. Returns the gradients and those of the weights."""
    length, batch, H = trace.h.shape
    stacked, states = (length, batch, 4 * H), (length, batch, H)
    dz, dgates, dc, dtanh_c, dh = empty_arrays(trace.z.dtype, stacked, stacked, states, states, states)
    dh0, dc0 = np.zeros_like(dh_above[0]), np.zeros_like(dh_above[0])
    weight = as_right_operand(trace.parameters.weight_hh, batch)
    size = chunk_size(batch, H, dz.itemsize)
    chunk_rows = ChunkRows((dz, dc, dh), _backward_rows, size, batch * H)
    order = slice(None, None, 1 if trace.reverse else -1)
    for steps, fraction in chunks(length, size, backwards=not trace.reverse):
        chunk = in_time_order(steps, length)
        (working_dz, working_dc, working_dh), rows = chunk_rows.of(chunk)
        working_dh[...] = dh_above[chunk]
        local = fill_lstm_derivatives(trace, chunk, working_dz, dgates[chunk], working_dc)
        _backward_steps(rows[order], local.forget[order], dh0, dc0, weight)
        chunk_rows.keep(chunk)
        for factor, total in zip(_blocks(dgates[chunk]), (working_dc, working_dc, working_dc, working_dh), strict=True):
            factor *= total
        np.multiply(working_dh, local.tanh_c, dtanh_c[chunk])
        yield fraction
    dweight_ih, dbias = weight_and_bias_gradient(dz, trace.x)
    params = {
        "weight_ih": dweight_ih,
        "weight_hh": weight_gradient(dz, trace.h_before),
        "bias_ih": dbias,
        "bias_hh": dbias,
    }
    dx = input_gradient(dz, trace.parameters.weight_ih)
    read_only(dz, dgates, dc, dtanh_c, dh, dh0, dc0, dx, *params.values())
    return LSTMGradients(dz, dgates, dc, dtanh_c, dh, dh0, dc0, dx), params


def _backward_rows(dz: Array, dc: Array, dh: Array) -> Rows:
    return list(zip(dh, dc, dz, *_blocks(dz), strict=True))


def _backward_steps(rows: Rows, forget: Array, dh_before: Array, dc_before: Array, weight: Array) -> None:
    """The loop backwards; ``dh_before`` and ``dc_before`` carry what flows to the step before.

    ``forget`` is dc/dc_before of these steps: f, unless the layer is altered.
    """
    add, multiply = np.add, np.multiply
    for (dh, dc, dz, dz_i, dz_f, dz_g, dz_o), f in zip(rows, forget, strict=True):
        add(dh, dh_before, dh)  # dh = dh_above + sum_k U_k^T dz_k of the step after
        multiply(dh, dz_o, dz_o)
        multiply(dh, dc, dc)
        add(dc, dc_before, dc)  # dc = dh * o (1 - tanh(c)^2) + f * dc of the step after
        multiply(dc, dz_i, dz_i)
        multiply(dc, dz_f, dz_f)
        multiply(dc, dz_g, dz_g)
        dz.dot(weight, dh_before)
        multiply(dc, f, dc_before)
