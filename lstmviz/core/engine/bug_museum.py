"""Four classic mistakes in backpropagation through time, each a whole backward pass that goes wrong in one place.

They are here to be found: ``gradient_check`` names the place. The equations stand as in a textbook, one step a turn.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.cell_derivatives import fill_rnn_derivatives, let_through, lstm_derivatives, through_projection
from lstmviz.core.engine.inputs import checked_output_gradient
from lstmviz.core.engine.linear import bias_gradient, input_gradient, weight_gradient
from lstmviz.core.engine.passes import backward, initial_gradients
from lstmviz.core.engine.trace import (
    Gradients,
    LayerGradients,
    LayerTrace,
    LSTMGradients,
    LSTMTrace,
    RNNGradients,
    RNNTrace,
    Trace,
    peephole_gradients,
    read_only,
)
from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.parameters import Cell, Coupling


class Bug(Enum):
    """Which mistake; the value is its name on screen."""

    NO_FORGET_SLOPE = "no sigmoid' on the forget gate"
    DC_NOT_CARRIED = "dc is not carried on"
    INPUT_BIAS_IS_FORGETS = "the bias of the input gate gets the forget gate's gradient"
    DH_NOT_CARRIED = "dh is not carried on"

    @property
    def wrong(self) -> str:
        """What is wrong, beside what is right."""
        return _WRONG[self]

    @property
    def effect(self) -> str:
        """What it does, and why it is easily missed."""
        return _EFFECT[self]

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells in which the mistake can be made."""
        return (Cell.LSTM, Cell.RNN) if self is Bug.DH_NOT_CARRIED else (Cell.LSTM,)


_WRONG = {
    Bug.NO_FORGET_SLOPE: "dz_f = dc c[t-1] instead of dz_f = dc c[t-1] f (1 - f).",
    Bug.DC_NOT_CARRIED: "dc[t] = dh[t] o (1 - tanh(c[t])²), without + f[t+1] dc[t+1].",
    Bug.INPUT_BIAS_IS_FORGETS: "The gradient of bias_i is the sum of dz_f instead of the sum of dz_i.",
    Bug.DH_NOT_CARRIED: "dh[t] = dy[t], without the sum of U_kᵀ dz_k[t+1].",
}

_EFFECT = {
    Bug.NO_FORGET_SLOPE: "The forget gate learns at least four times too fast, most of all where it is saturated and "
    "should hardly move. The loss may still fall.",
    Bug.DC_NOT_CARRIED: "The cell path is cut: gradient goes back through h alone. The network trains, but it "
    "forgets like a plain RNN.",
    Bug.INPUT_BIAS_IS_FORGETS: "One slip in copying a line. Every state's gradient is right and one bias drifts; "
    "training curves hardly show it.",
    Bug.DH_NOT_CARRIED: "The gates never learn what they do to later steps through h. A loss at every step hides it: "
    "each step still learns from itself.",
}


def backward_with(bug: Bug | None) -> Callable[[Trace, Array], Gradients]:
    """The backward pass of an experiment with this ``bug``, as ``gradient_check`` wants it; a cell may have no place
    for the mistake, then it is the right one.
    """

    def backward_pass(trace: Trace, dy: Array) -> Gradients:
        if bug is None or trace.network.cell not in bug.cells:
            return backward(trace, dy)
        return buggy_backward(trace, dy, bug)

    return backward_pass


def buggy_backward(trace: Trace, dy: Any, bug: Bug | None) -> Gradients:
    """``backward`` with one mistake, in every layer and direction; with None the right one, only slower.

    dy  dL/dy [T, B, O], for one sequence also [T, O]

    Raises LstmvizError where dy does not fit, and for a mistake that a vanilla RNN has no place for.
    """
    network = trace.network
    if bug and network.cell not in bug.cells:
        raise LstmvizError(f"A vanilla RNN cannot have this mistake: {bug.value}", how="Choose an LSTM.")
    with np.errstate(all="ignore"):
        return _backward(trace, checked_output_gradient(trace.y, dy), bug)


def _backward(trace: Trace, dy: Array, bug: Bug | None) -> Gradients:
    network = trace.network
    names = list(trace.layers)
    params: dict[str, Array] = {}
    if network.head:
        top = np.concatenate([trace[name].h for name in names[-network.num_directions :]], axis=-1)
        params = {"head.weight": weight_gradient(dy, top), "head.bias": bias_gradient(dy)}
        dy = input_gradient(dy, network.head.weight)
    layers: dict[str, LayerGradients] = {}
    for first in range(len(names) - network.num_directions, -1, -network.num_directions):
        directions = names[first : first + network.num_directions]
        for name, dh_above in zip(directions, np.split(dy, network.num_directions, axis=-1), strict=True):
            layers[name] = _layer_backward(trace[name], dh_above, bug)
            params |= {f"{key}_{name}": dW for key, dW in _weight_gradients(trace[name], layers[name], bug).items()}
        dy = np.sum([layers[name].x for name in directions], axis=0)
    in_forward_order = {name: layers[name] for name in names}
    h0, c0 = initial_gradients(in_forward_order)
    read_only(dy, *params.values())
    return Gradients(in_forward_order, dy, h0, c0, {name: params[name] for name in network.state_dict()})


def _layer_backward(layer: LayerTrace, dh_above: Array, bug: Bug | None) -> LayerGradients:
    if isinstance(layer, LSTMTrace):
        return _lstm_backward(layer, dh_above, bug)
    return _rnn_backward(layer, dh_above, bug)


def _lstm_backward(layer: LSTMTrace, dh_above: Array, bug: Bug | None) -> LSTMGradients:
    """One direction of one LSTM layer; dh_above [T, B, H]."""
    U = layer.parameters.weight_hh
    local = lstm_derivatives(layer)
    held_f = layer.alteration.mask("f") if layer.alteration else None
    has_z_f = layer.alteration is None or layer.alteration.coupled is not Coupling.FORGET
    z, gates = np.empty_like(layer.z), np.empty_like(layer.z)
    c, dtanh_c, m = (np.empty_like(layer.tanh_c) for _ in range(3))
    h = np.empty_like(layer.h)
    dh_carried, dc_carried = np.zeros_like(h[0]), np.zeros_like(c[0])
    for t in _back_in_time(layer):
        dh = dh_above[t] + dh_carried
        dm = through_projection(layer, dh, t)
        dc = dm * local.hidden[t] + dc_carried

        di, df, dg, do = dc * local.i[t], dc * local.f[t], dc * local.g[t], dm * local.o[t]
        dz_i, dz_f, dz_g, dz_o = dc * local.z_i[t], dc * local.z_f[t], dc * local.z_g[t], dm * local.z_o[t]
        if bug is Bug.NO_FORGET_SLOPE and has_z_f:
            dz_f = df if held_f is None else np.where(held_f[t], 0, df)

        dz = np.concatenate([dz_i, dz_f, dz_g, dz_o], axis=-1)
        dh_carried = np.zeros_like(dh) if bug is Bug.DH_NOT_CARRIED else dz @ U
        dc_carried = np.zeros_like(dc) if bug is Bug.DC_NOT_CARRIED else local.forget[t] * dc

        h[t], m[t], c[t], dtanh_c[t], z[t] = dh, dm, dc, dm * local.tanh_c[t], dz
        gates[t] = np.concatenate([di, df, dg, do], axis=-1)
    dx = input_gradient(z, layer.parameters.weight_ih)
    read_only(z, gates, c, dtanh_c, h, m, dh_carried, dc_carried, dx)
    unprojected = None if layer.unprojected is None else m
    return LSTMGradients(z, gates, c, dtanh_c, h, dh_carried, dc_carried, dx, unprojected)


def _rnn_backward(layer: RNNTrace, dh_above: Array, bug: Bug | None) -> RNNGradients:
    """One direction of one vanilla RNN layer; dh_above [T, B, H]."""
    U = layer.parameters.weight_hh
    slope, z, h = (np.empty_like(layer.z) for _ in range(3))
    fill_rnn_derivatives(layer, slice(None), slope)
    dh_carried = np.zeros_like(h[0])
    for t in _back_in_time(layer):
        h[t] = dh_above[t] + dh_carried
        z[t] = h[t] * slope[t]
        dh_carried = np.zeros_like(h[t]) if bug is Bug.DH_NOT_CARRIED else z[t] @ U
    dx = input_gradient(z, layer.parameters.weight_ih)
    read_only(z, h, dh_carried, dx)
    return RNNGradients(z, h, dh_carried, dx)


def _back_in_time(layer: LayerTrace) -> range:
    """The rows of the [T, B, H] arrays from the step that the layer computed last to its first."""
    length = len(layer.h)
    return range(length) if layer.reverse else range(length - 1, -1, -1)


def _weight_gradients(layer: LayerTrace, grads: LayerGradients, bug: Bug | None) -> dict[str, Array]:
    """dL/d of the weights of one direction of one layer, from dz."""
    dbias = bias_gradient(grads.z)
    if bug is Bug.INPUT_BIAS_IS_FORGETS and isinstance(grads, LSTMGradients):
        units = layer.parameters.hidden_size
        dbias[:units] = bias_gradient(grads.z_f)
    found = {
        "weight_ih": weight_gradient(grads.z, layer.x),
        "weight_hh": weight_gradient(grads.z, layer.h_before),
        "bias_ih": dbias,
        "bias_hh": dbias,
    }
    if isinstance(layer, LSTMTrace) and isinstance(grads, LSTMGradients):
        if layer.unprojected is not None:
            found["weight_hr"] = weight_gradient(let_through(layer, grads.h), layer.m)
        dpeepholes = peephole_gradients(layer, grads)
        if dpeepholes is not None:
            found["peepholes"] = dpeepholes
    return found
