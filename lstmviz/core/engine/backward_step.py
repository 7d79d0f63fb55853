"""The numbers of one step of the backward pass of one layer, ready to draw, and the stages in which they come about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.cell_derivatives import lstm_derivatives
from lstmviz.core.engine.inputs import checked_output_gradient
from lstmviz.core.engine.linear import input_gradient
from lstmviz.core.engine.selection import checked_sequence, checked_step, layer_of, position_of_step
from lstmviz.core.engine.step import step_before
from lstmviz.core.engine.trace import (
    Gradients,
    LayerGradients,
    LayerTrace,
    LSTMGradients,
    LSTMTrace,
    RNNGradients,
    RNNTrace,
    Trace,
)
from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.parameters import GATES, Cell


class BackwardStage(Enum):
    """What one step of BPTT computes, one thing after the other."""

    ARRIVE = "arrive"
    OUTPUT = "output"
    CELL = "cell"
    FORGET = "forget"
    INPUT = "input"
    CANDIDATE = "candidate"
    CARRY = "carry"

    @property
    def computes(self) -> tuple[str, ...]:
        """The fields of ``LSTMBackwardStep`` that are known once this stage is done, and not before."""
        return _COMPUTED[self]


_COMPUTED = {
    BackwardStage.ARRIVE: ("dh_above", "shares_after", "dh_after", "dh"),
    BackwardStage.OUTPUT: ("dm", "do", "dz_o"),
    BackwardStage.CELL: ("dtanh_c", "dc_from_h", "dc_after", "dc"),
    BackwardStage.FORGET: ("df", "dz_f"),
    BackwardStage.INPUT: ("di", "dz_i"),
    BackwardStage.CANDIDATE: ("dg", "dz_g"),
    BackwardStage.CARRY: ("dc_before", "shares", "dh_before"),
}

BACKWARD_STAGES = {Cell.LSTM: tuple(BackwardStage), Cell.RNN: (BackwardStage.ARRIVE, BackwardStage.CARRY)}
"""The stages of each kind of cell, in the order of the backward pass."""


@dataclass(frozen=True, eq=False)
class LSTMBackwardStep:
    """Step ``t`` of BPTT through an LSTM cell, one sequence; [H] each, shares [4, H] with rows i, f, g, o.

    With a projection everything of h is [P] instead: dh_above, shares_after, dh_after, dh, shares and dh_before.

    after, before   the steps that the gradient comes from and goes to; 0 and T + 1 are outside the sequence
    dh_above        dL/dh[t] from the loss or the layer above
    shares_after    U_k^T dz_k[after], what each gate of the step after sends to h[t]; zeros where there is none
    dh_after        their sum;      dh = dh_above + dh_after
    dm              dh; with a projection weight_hr^T dh, where m = o tanh(c)
    do, dz_o        do = dm tanh(c),    dz_o = do o (1 - o)
    dtanh_c         dm o
    dc_from_h       dtanh_c (1 - tanh(c)^2), what comes to c[t] from h[t]; with a peephole + p_o dz_o
    dc_after        f[after] dc[after], what the step after sends along the cell path; with peepholes
                    + p_f dz_f[after] + p_i dz_i[after]
    dc              dc_from_h + dc_after
    df, di, dg      dc c[before], dc g, dc i;   dz_f, dz_i, dz_g each times the slope of its gate
    dc_before       f dc, sent on to c[before]; with peepholes + p_f dz_f + p_i dz_i
    shares          U_k^T dz_k[t], sent on to h[before];    dh_before is their sum

    The equations are those of a plain layer. Nothing flows through a node that a what-if holds: where f is held, dz_f
    is 0; where c is held, df, di, dg and dc_before are; where h is held, do and dtanh_c are.
    """

    t: int
    after: int
    before: int
    dh_above: Array
    shares_after: Array
    dh_after: Array
    dh: Array
    dm: Array
    do: Array
    dz_o: Array
    dtanh_c: Array
    dc_from_h: Array
    dc_after: Array
    dc: Array
    df: Array
    di: Array
    dg: Array
    dz_f: Array
    dz_i: Array
    dz_g: Array
    dc_before: Array
    shares: Array
    dh_before: Array


@dataclass(frozen=True, eq=False)
class RNNBackwardStep:
    """Step ``t`` of BPTT through a vanilla RNN cell, one sequence; [H] each, named as in ``LSTMBackwardStep``.

    dh = dh_above + dh_after;   dz = dh phi'(z);   dh_before = U^T dz
    """

    t: int
    after: int
    before: int
    dh_above: Array
    dh_after: Array
    dh: Array
    dz: Array
    dh_before: Array


BackwardStep = LSTMBackwardStep | RNNBackwardStep


def backward_step(
    trace: Trace, gradients: Gradients, dy: Any, t: int, layer: str = "l0", *, sequence: int | None = None
) -> BackwardStep:
    """The numbers of step ``t`` (from 1) of the backward pass ``gradients`` = backward(trace, dy).

    dy        dL/dy [T, B, O], for one sequence also [T, O]
    sequence  which sequence of a batch, from 0; may be left out where there is one only

    Raises LstmvizError for a layer, step or sequence that is not there, and where dy does not fit.
    """
    traced = layer_of(trace, layer)
    at = (checked_step(traced, t) - 1, checked_sequence(traced, sequence))
    return layer_backward_step(traced, gradients[layer], gradient_from_above(trace, gradients, dy, layer)[at], at)


def layer_backward_step(layer: LayerTrace, grads: LayerGradients, dh_above: Array, at: tuple[int, int]) -> BackwardStep:
    """``backward_step`` of one layer at (t - 1, sequence), given dL/dh[t] [H] from the loss or the layer above."""
    if isinstance(layer, LSTMTrace) and isinstance(grads, LSTMGradients):
        return _lstm_step(layer, grads, dh_above, at)
    if isinstance(layer, RNNTrace) and isinstance(grads, RNNGradients):
        return _rnn_step(layer, grads, dh_above, at)
    raise LstmvizError("Forward and backward pass belong to different networks", how="Take both from one run.")


def gradient_from_above(trace: Trace, gradients: Gradients, dy: Any, layer: str = "l0") -> Array:
    """dL/dh [T, B, H] of one layer and direction without what its own later steps send: from the loss or above.

    dy  dL/dy [T, B, O], for one sequence also [T, O]

    Raises LstmvizError for a layer that is not there, and where dy does not fit.
    """
    network, outside = trace.network, checked_output_gradient(trace.y, dy)
    layer_of(trace, layer)
    number = int(layer.removeprefix("l").removesuffix("_reverse"))
    if number + 1 < len(network.layers):
        above = [grads.x for name, grads in gradients.layers.items() if name.split("_")[0] == f"l{number + 1}"]
        outside = sum(above[1:], above[0])
    elif network.head:
        with np.errstate(all="ignore"):
            outside = input_gradient(outside, network.head.weight)
    width = trace[layer].h.shape[2]
    first = width if layer.endswith("_reverse") else 0
    return outside[..., first : first + width]


def step_after(layer: LayerTrace, t: int) -> int:
    """The step that the gradient of step ``t`` comes from: t + 1, or t - 1 in a reverse layer."""
    return t - 1 if layer.reverse else t + 1


def recurrent_shares(layer: LayerTrace, dz: Array) -> Array:
    """U_k^T dz_k of every gate k for one step: dz [K*H] to [K, width of h], rows i, f, g, o (one row for an RNN).

    Their sum is the recurrent part of dL/dh of the step before.
    """
    units = layer.parameters.hidden_size
    weights = layer.parameters.weight_hh.reshape(-1, units, layer.parameters.h_size)
    with np.errstate(all="ignore"):
        return np.stack([dz_k @ U_k for dz_k, U_k in zip(dz.reshape(-1, units), weights, strict=True)])


def _lstm_step(layer: LSTMTrace, grads: LSTMGradients, dh_above: Array, at: tuple[int, int]) -> LSTMBackwardStep:
    t, batch = at[0] + 1, at[1]
    after = step_after(layer, t)
    beyond = position_of_step(layer, after) > len(layer.h)
    shares_after = np.zeros((len(GATES), len(dh_above)), dh_above.dtype)
    dc_after = np.zeros_like(grads.c[at])
    with np.errstate(all="ignore"):
        if not beyond:
            shares_after = recurrent_shares(layer, grads.z[after - 1, batch])
            dc_after = lstm_derivatives(layer, slice(after - 1, after)).forget[0, batch] * grads.c[after - 1, batch]
        shares = recurrent_shares(layer, grads.z[at])
        local = lstm_derivatives(layer, slice(t - 1, t))
        return LSTMBackwardStep(
            t=t,
            after=after,
            before=step_before(layer, t),
            dh_above=dh_above,
            shares_after=shares_after,
            dh_after=shares_after.sum(0),
            dh=grads.h[at],
            dm=grads.m[at],
            do=grads.o[at],
            dz_o=grads.z_o[at],
            dtanh_c=grads.tanh_c[at],
            dc_from_h=grads.m[at] * local.hidden[0, batch],
            dc_after=dc_after,
            dc=grads.c[at],
            df=grads.f[at],
            di=grads.i[at],
            dg=grads.g[at],
            dz_f=grads.z_f[at],
            dz_i=grads.z_i[at],
            dz_g=grads.z_g[at],
            dc_before=local.forget[0, batch] * grads.c[at],
            shares=shares,
            dh_before=shares.sum(0),
        )


def _rnn_step(layer: RNNTrace, grads: RNNGradients, dh_above: Array, at: tuple[int, int]) -> RNNBackwardStep:
    t, batch = at[0] + 1, at[1]
    after = step_after(layer, t)
    beyond = position_of_step(layer, after) > len(layer.h)
    return RNNBackwardStep(
        t=t,
        after=after,
        before=step_before(layer, t),
        dh_above=dh_above,
        dh_after=np.zeros_like(dh_above) if beyond else recurrent_shares(layer, grads.z[after - 1, batch])[0],
        dh=grads.h[at],
        dz=grads.z[at],
        dh_before=recurrent_shares(layer, grads.z[at])[0],
    )
