"""The numbers of one step of one cell, ready to draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.trace import LayerTrace, LSTMTrace, RNNTrace


@dataclass(frozen=True, eq=False)
class LSTMStep:
    """Step ``t`` of an LSTM cell, first sequence of the batch; x [I], everything else [H].

    before   the step it started from; kept = f c[before]; written = i g; m = o tanh(c)
    With a projection h = weight_hr m and h_before are [P]; without one m is h.
    """

    t: int
    before: int
    x: Array
    h_before: Array
    c_before: Array
    z_f: Array
    z_i: Array
    z_g: Array
    z_o: Array
    f: Array
    i: Array
    g: Array
    o: Array
    kept: Array
    written: Array
    c: Array
    tanh_c: Array
    m: Array
    h: Array


@dataclass(frozen=True, eq=False)
class RNNStep:
    """Step ``t`` of a vanilla RNN cell, first sequence of the batch; x [I], everything else [H].

    carried = U h[before], read = W x[t]; with the bias they add up to z
    """

    t: int
    before: int
    x: Array
    h_before: Array
    carried: Array
    read: Array
    bias: Array
    z: Array
    h: Array


def step_before(layer: LayerTrace, t: int) -> int:
    """The step that step ``t`` started from, 0 or T + 1 for the initial state."""
    return t + 1 if layer.reverse else t - 1


def lstm_step(layer: LSTMTrace, t: int) -> LSTMStep:
    """The numbers of step ``t`` (from 1)."""
    at = (t - 1, 0)
    names = ("x", "h_before", "c_before", "z_f", "z_i", "z_g", "z_o", "f", "i", "g", "o", "c", "tanh_c", "m", "h")
    values = {name: getattr(layer, name)[at] for name in names}
    with np.errstate(all="ignore"):
        kept = layer.kept[at] * values["c_before"]
        # of every step at once only where a what-if may hold c
        written = values["i"] * values["g"] if layer.alteration is None else layer.written[at]
    return LSTMStep(t=t, before=step_before(layer, t), kept=kept, written=written, **values)


def rnn_step(layer: RNNTrace, t: int) -> RNNStep:
    """The numbers of step ``t`` (from 1)."""
    at = (t - 1, 0)
    values = {name: getattr(layer, name)[at] for name in ("x", "h_before", "z", "h")}
    parameters = layer.parameters
    with np.errstate(all="ignore"):
        carried, read = parameters.weight_hh @ values["h_before"], parameters.weight_ih @ values["x"]
    return RNNStep(t=t, before=step_before(layer, t), carried=carried, read=read, bias=parameters.bias, **values)
