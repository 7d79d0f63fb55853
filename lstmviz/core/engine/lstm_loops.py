"""The two loops over time of a plain LSTM layer, and the arrays that they work in.

A loop only calls NumPy on rows that exist already: for a few units the calls are the whole cost. It takes one chunk of
steps after the other, always in the same arrays, which stay in the cache; what it computed is copied to where it is
kept. Whatever does not depend on the neighbouring step is computed for the whole chunk at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.activations import exp_overflows, mend_sigmoid_tail
from lstmviz.core.engine.cell_derivatives import fill_lstm_derivatives
from lstmviz.core.engine.linear import affine, empty_right_operand
from lstmviz.core.engine.trace import LSTMGradients, LSTMTrace
from lstmviz.core.engine.workspace import empty_arrays
from lstmviz.core.progress import in_time_order

Rows = list[tuple[Array, ...]]
"""For every step the views that its equations read and write."""

FEW_INPUTS = 16
"""Inputs up to which W x + b costs less in the same product as U h than in one product for all steps."""

_BYTES_OF_VIEW = 160
"""What one view takes: for a few units more than the numbers in it."""


@dataclass(frozen=True)
class LoopShape:
    """What decides which arrays a loop works in.

    inputs  those that are multiplied together with h; 0: all have been multiplied before, or none are
    """

    dtype: np.dtype[Any]
    most_steps: int
    batch: int
    hidden_size: int
    inputs: int = 0

    def empty(self, *shapes: tuple[int, int]) -> tuple[Array, ...]:
        """Uninitialised arrays [steps, B, width] of these steps and widths."""
        return empty_arrays(self.dtype, *((steps, self.batch, width) for steps, width in shapes))

    def rows(self, *arrays: Array) -> Iterator[tuple[Array, ...]]:
        """The [B, ...] of every step, or [...] for one sequence: NumPy takes those in less time."""
        return zip(*(array[:, 0] if self.batch == 1 else array for array in arrays), strict=True)


class ForwardLoop:
    """The forward pass, some steps at a time in the order in which the layer reads them.

    states   [n+1, B, H]   h_before of each step; if the inputs are few wider, with x, a 1 and zeros behind it
    z        [n, B, 4H]    pre-activations of i, f, o, g; those of i, f and o have the other sign
    gates    [n, B, 4H]    i, f, o; what the last quarter holds means nothing
    g_and_c  [n+1, B, 2H]  g and c_before, side by side like i and f, so that one product makes i g and f c_before
    tanh_c   [n, B, H]
    """

    def __init__(self, shape: LoopShape) -> None:
        H, steps = shape.hidden_size, shape.most_steps
        self._hidden_size, self._few_inputs = H, shape.inputs > 0
        self._states, self._z, self._gates, self._g_and_c, self._tanh_c, products = shape.empty(
            (steps + 1, _whole(H + shape.inputs + 1) if self._few_inputs else H),
            (steps, 4 * H),
            (steps, 4 * H),
            (steps + 1, 2 * H),
            (steps, H),
            (1, 2 * H),
        )
        self._one = H + shape.inputs  # the column of the 1
        self._states[..., self._one :] = np.arange(self._states.shape[-1] - self._one) == 0
        self._from_inputs = self._z if self._few_inputs else np.empty_like(self._z)
        ((self._products,),) = shape.rows(products)
        # where there are several sequences, all four blocks at once take less time than three of them
        sigmoids = slice(3 * H if shape.batch == 1 else 4 * H)
        self._rows = list(
            shape.rows(
                self._states[:-1],
                self._from_inputs,
                self._z,
                self._z[..., sigmoids],
                self._z[..., 3 * H :],
                self._gates[..., sigmoids],
                self._gates[..., : 2 * H],
                self._gates[..., 2 * H : 3 * H],
                self._g_and_c[:-1, :, :H],
                self._g_and_c[:-1],
                self._g_and_c[1:, :, H:],
                self._tanh_c,
                self._states[1:, :, :H],
            )
        )

    @property
    def nbytes(self) -> int:
        """Bytes of its arrays and rows."""
        return _bytes_of(self._rows, self._states, self._z, self._gates, self._g_and_c, self._from_inputs)

    def begin(self, trace: LSTMTrace, h0: Array, c0: Array) -> Array:
        """Start with the first step of ``trace``, which has x and the parameters; h0 and c0 [B, H].

        Returns the weights that ``run`` takes.
        """
        H, parameters = self._hidden_size, trace.parameters
        self._states[0, :, :H], self._g_and_c[0, :, H:] = h0, c0
        weight = empty_right_operand(self._states.shape[-1], 4 * H, len(h0), h0.dtype)
        _in_loop_order(parameters.weight_hh.T, weight[:H])
        weight[self._one + 1 :] = 0
        apart = (parameters.input_size + 1, 4 * H)
        inputs = weight[H : self._one + 1] if self._few_inputs else np.empty(apart, h0.dtype)
        _in_loop_order(parameters.weight_ih.T, inputs[:-1])
        _in_loop_order(parameters.bias, inputs[-1])
        if not self._few_inputs:
            affine(trace.x, inputs[:-1].T, inputs[-1], trace.z)
        return weight

    def run(self, weight: Array, trace: LSTMTrace, steps: slice) -> None:
        """The next steps, which are ``steps`` of ``trace``."""
        H, x = self._hidden_size, trace.x[steps]
        if self._few_inputs:
            self._states[: len(x), :, H : self._one] = x
        else:
            self._from_inputs[: len(x)] = trace.z[steps]
        self._compute(weight, self._rows[: len(x)])
        self._keep(trace, steps, len(x))
        self._states[0, :, :H], self._g_and_c[0, :, H:] = self._states[len(x), :, :H], self._g_and_c[len(x), :, H:]

    def _compute(self, weight: Array, rows: Rows) -> None:
        few_inputs, products = self._few_inputs, self._products
        written, kept = products[..., : self._hidden_size], products[..., self._hidden_size :]
        one = np.ones((), weight.dtype)
        # local names and h.dot instead of np.dot: for a few units, looking things up is a sixth of the loop
        add, multiply, reciprocal, exp, tanh = np.add, np.multiply, np.reciprocal, np.exp, np.tanh
        for h_before, from_input, z, z_sigmoid, z_g, gates, i_f, o, g, g_and_c, c, tanh_c, h in rows:
            h_before.dot(weight, z)
            if not few_inputs:
                add(z, from_input, z)
            exp(z_sigmoid, gates)
            add(gates, one, gates)
            reciprocal(gates, gates)  # i, f, o = 1 / (1 + exp(-z))
            tanh(z_g, g)
            multiply(i_f, g_and_c, products)
            add(kept, written, c)  # c = f * c_before + i * g
            tanh(c, tanh_c)
            multiply(o, tanh_c, h)

    def _keep(self, trace: LSTMTrace, steps: slice, count: int) -> None:
        H, z, gates = self._hidden_size, self._z[:count], self._gates[:count]
        np.subtract(0, z[..., : 2 * H], trace.z[steps][..., : 2 * H])  # np.negative would turn 0 into -0
        np.subtract(0, z[..., 2 * H : 3 * H], trace.z_o[steps])
        trace.z_g[steps] = z[..., 3 * H :]
        trace.gates[steps][..., : 2 * H] = gates[..., : 2 * H]
        trace.o[steps] = gates[..., 2 * H : 3 * H]
        trace.g[steps] = self._g_and_c[:count, :, :H]
        trace.c[steps] = self._g_and_c[1 : count + 1, :, H:]
        trace.tanh_c[steps] = self._tanh_c[:count]
        trace.h[steps] = self._states[1 : count + 1, :, :H]
        if exp_overflows(z):
            for z_of_gate, gate in ((trace.z_i, trace.i), (trace.z_f, trace.f), (trace.z_o, trace.o)):
                mend_sigmoid_tail(z_of_gate[steps], gate[steps])


def _bytes_of(rows: Rows, *arrays: Array) -> int:
    return sum(array.nbytes for array in arrays) + _BYTES_OF_VIEW * len(rows) * len(rows[0])


def _whole(width: int) -> int:
    """The next multiple of four: rows of other widths cost a large product up to a tenth of its time."""
    return width + -width % 4


def _in_loop_order(stacked: Array, out: Array) -> None:
    """[..., 4H] of i, f, g, o into ``out`` in the order i, f, o, g, with the other sign for i, f and o.

    With such weights the loop gets -z, ready for 1 / (1 + exp(-z)), at no cost: a change of sign is exact.
    """
    H = stacked.shape[-1] // 4
    np.negative(stacked[..., : 2 * H], out[..., : 2 * H])
    np.negative(stacked[..., 3 * H :], out[..., 2 * H : 3 * H])
    out[..., 3 * H :] = stacked[..., 2 * H : 3 * H]


class BackwardLoop:
    """Backpropagation through time, some steps at a time from the layer's last one to its first.

    dz      [n, B, 4H]  in the order i, f, g, o; dc/dz or dh/dz within the step, until its turn comes
    dc      [n, B, H]   dh/dc within the step, until its turn comes
    dh      [n, B, H]   dL/dh from outside the layer, until its turn comes
    forget  [n, B, H]   dc/dc_before: f, unless the layer is altered
    """

    def __init__(self, shape: LoopShape) -> None:
        H, steps = shape.hidden_size, shape.most_steps
        self._shape = shape
        self._dz, self._dc, self._dh, self._forget, dc_thrice = shape.empty(
            (steps, 4 * H), (steps, H), (steps, H), (steps, H), (1, 3 * H)
        )
        # three copies of dc take one call, as does their product with three blocks of dz
        ((self._dc_thrice, self._each_dc),) = shape.rows(dc_thrice, dc_thrice.reshape(1, -1, 3, H))
        self._rows = list(
            shape.rows(
                self._dz,
                self._dz[..., : 3 * H],
                self._dz[..., 3 * H :],
                self._dc,
                self._dc[:, :, None],
                self._dh,
                self._forget,
            )
        )

    @property
    def nbytes(self) -> int:
        """Bytes of its arrays and rows."""
        return _bytes_of(self._rows, self._dz, self._dc, self._dh, self._forget)

    def run(self, weight: Array, trace: LSTMTrace, gradients: LSTMGradients, dh_above: Array, steps: slice) -> None:
        """The next steps, which are ``steps`` of the trace and of its gradients.

        weight    [4H, H]    U, as the right side of a product
        dh_above  [T, B, H]  dL/dh from outside the layer

        ``gradients.h0`` and ``c0`` carry what flows to the step before.
        """
        chunk = in_time_order(steps, len(trace.x))
        count = chunk.stop - chunk.start
        dz, dc, dh = self._dz[:count], self._dc[:count], self._dh[:count]
        dh[...] = dh_above[chunk]
        local = fill_lstm_derivatives(trace, chunk, dz, dc)
        self._forget[:count] = local.forget
        rows = self._rows[:count] if trace.reverse else self._rows[count - 1 :: -1]
        (carried,) = self._shape.rows(gradients.h0[None], gradients.c0[None])
        self._compute(weight, rows, *carried)
        gradients.z[chunk], gradients.c[chunk], gradients.h[chunk] = dz, dc, dh
        np.multiply(dc, local.i, gradients.i[chunk])
        np.multiply(dc, local.f, gradients.f[chunk])
        np.multiply(dc, local.g, gradients.g[chunk])
        np.multiply(dh, local.o, gradients.o[chunk])
        np.multiply(dh, local.tanh_c, gradients.tanh_c[chunk])

    def _compute(self, weight: Array, rows: Rows, dh_before: Array, dc_before: Array) -> None:
        dc_thrice, each_dc = self._dc_thrice, self._each_dc
        add, multiply = np.add, np.multiply
        for dz, dz_ifg, dz_o, dc, one_dc, dh, forget in rows:
            add(dh, dh_before, dh)  # dh = dh_above + sum_k U_k^T dz_k of the step after
            multiply(dh, dz_o, dz_o)
            multiply(dh, dc, dc)
            add(dc, dc_before, dc)  # dc = dh * o (1 - tanh(c)^2) + f * dc of the step after
            each_dc[...] = one_dc
            multiply(dc_thrice, dz_ifg, dz_ifg)
            dz.dot(weight, dh_before)
            multiply(dc, forget, dc_before)
