"""Forward and backward through a whole network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.blas import shielded, shielded_to_the_end
from lstmviz.core.engine.continuation import continued_forward, direction_forward, leading_rows_alike
from lstmviz.core.engine.inputs import checked_input, checked_output_gradient, checked_state
from lstmviz.core.engine.linear import affine, bias_gradient, input_gradient, weight_gradient
from lstmviz.core.engine.lstm import lstm_backward
from lstmviz.core.engine.projected_layers import projected_lstm_backward
from lstmviz.core.engine.rnn import rnn_backward
from lstmviz.core.engine.trace import (
    Gradients,
    LayerGradients,
    LayerTrace,
    LSTMGradients,
    LSTMTrace,
    Trace,
    peephole_gradients,
    read_only,
)
from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.alteration import Alteration, with_own_parts
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.progress import Steps, part


def forward(net: Network, x: Any, h0: Any = None, c0: Any = None) -> Trace:
    """Run ``net`` over x [T, I] or [T, B, I] and keep every intermediate.

    h0, c0  [layers * directions, B, H], for one layer and direction also [B, H] or [H]; zeros where None. With a
            projection h0 is P wide; layers of different widths take the first numbers of the widest

    Raises LstmvizError for other shapes and for what is not numbers.
    """
    return shielded_to_the_end(*_forward_pass(net, x, h0, c0, None, None))


def backward(trace: Trace, dy: Any) -> Gradients:
    """Backpropagation through time: the total gradient dL/d of everything, from dy = dL/dy.

    dy  shaped like ``trace.y`` [T, B, O], for one sequence also [T, O]

    Raises LstmvizError for other shapes and for what is not numbers.
    """
    return shielded_to_the_end(*_backward_pass(trace, dy))


def forward_steps(
    net: Network,
    x: Any,
    h0: Any = None,
    c0: Any = None,
    *,
    alterations: Mapping[str, Alteration] | None = None,
    known: Trace | None = None,
) -> Steps[Trace]:
    """``forward`` in pieces: yields the fraction done, returns the trace. Checks its arguments at once.

    alterations  how the equations of some layers and directions are changed, by name; rows as many as x has
    known        an earlier trace: the steps that are the same as there are copied, and each layer goes on from them
    """
    return shielded(*_forward_pass(net, x, h0, c0, alterations, known))


def backward_steps(trace: Trace, dy: Any) -> Steps[Gradients]:
    """``backward`` in pieces: yields the fraction done, returns the gradients. Checks its arguments at once."""
    return shielded(*_backward_pass(trace, dy))


def _forward_pass(
    net: Network, x: Any, h0: Any, c0: Any, alterations: Mapping[str, Alteration] | None, known: Trace | None
) -> tuple[Steps[Trace], int]:
    """The pass over what has been checked, and how many multiplications it has at least."""
    x = checked_input(net, x)
    if c0 is not None and net.cell is not Cell.LSTM:
        raise LstmvizError("A vanilla RNN has no cell state", where="c0", how="Leave c0 out.")
    h0 = checked_state(net, h0, x.shape[1], "h0")
    c0 = checked_state(net, c0, x.shape[1], "c0")
    return _forward(net, x, h0, c0, alterations or {}, known), _multiplications(net, x)


def _backward_pass(trace: Trace, dy: Any) -> tuple[Steps[Gradients], int]:
    """As ``_forward_pass``, backwards."""
    passes = _backward(trace, checked_output_gradient(trace.y, dy))
    return passes, _multiplications(trace.network, trace.x)


def _multiplications(net: Network, x: Array) -> int:
    """At least as many as any product of the forward or the backward pass over x [T, B, I] has."""
    return int(x.shape[0] * x.shape[1] * net.num_parameters)


def _forward(
    net: Network, x: Array, h0: Array, c0: Array, alterations: Mapping[str, Alteration], known: Trace | None
) -> Steps[Trace]:
    layers: dict[str, LayerTrace] = {}
    below, outputs = x, []
    directions = list(net.directions())
    for number, (name, layer, parameters) in enumerate(directions):
        alteration = with_own_parts(layer, parameters, alterations.get(name))
        state = h0[number, :, : layer.h_size], c0[number, :, : layer.hidden_size]
        what = (layer, parameters, alteration, below, state, name.endswith("_reverse"))
        passing = continued_forward(known[name], *what) if known else direction_forward(*what)
        layers[name] = yield from part(passing, number, len(directions))
        outputs.append(layers[name].h)
        if len(outputs) == net.num_directions:
            below, outputs = _side_by_side(outputs), []
    return Trace(net, x, _read_out(net, below, known) if net.head else below, layers)


def _read_out(net: Network, top: Array, known: Trace | None) -> Array:
    """y = the head's weight h + bias; rows whose h is that of ``known`` are copied from there."""
    assert net.head is not None
    y = np.empty((*top.shape[:-1], net.output_size), net.dtype)
    same = 0
    if known and known.network.head == net.head:
        same = leading_rows_alike(top, _top(known))
        y[:same] = known.y[:same]
    affine(top[same:], net.head.weight, net.head.bias, y[same:])
    read_only(y)
    return y


def _top(trace: Trace) -> Array:
    """What the head reads, [T, B, directions * width of h]."""
    return _side_by_side([layer.h for layer in list(trace.layers.values())[-trace.network.num_directions :]])


def _backward(trace: Trace, dy: Array) -> Steps[Gradients]:
    net = trace.network
    directions = list(trace.layers.items())
    params: dict[str, Array] = {}
    if net.head:
        params = {"head.weight": weight_gradient(dy, _top(trace)), "head.bias": bias_gradient(dy)}
        dy = input_gradient(dy, net.head.weight)
    layers: dict[str, LayerGradients] = {}
    inputs: list[Array] = []
    for number, (name, layer) in enumerate(reversed(directions)):
        position = net.num_directions - 1 - number % net.num_directions
        width = layer.parameters.h_size
        dh = dy[..., position * width : (position + 1) * width]
        if isinstance(layer, LSTMTrace):
            backwards = lstm_backward if layer.unprojected is None else projected_lstm_backward
            layers[name], weights = yield from part(backwards(layer, dh), number, len(directions))
        else:
            layers[name], weights = yield from part(rnn_backward(layer, dh), number, len(directions))
        params |= {f"{key}_{name}": value for key, value in weights.items()} | _peepholes(name, layer, layers[name])
        inputs.append(layers[name].x)
        if position == 0:
            dy, inputs = inputs[0] if len(inputs) == 1 else inputs[0] + inputs[1], []
    ordered = {name: layers[name] for name in trace.layers}
    h0, c0 = initial_gradients(ordered)
    read_only(dy, *params.values())
    return Gradients(ordered, dy, h0, c0, {name: params[name] for name in net.state_dict()})


def initial_gradients(layers: Mapping[str, LayerGradients]) -> tuple[Array, Array | None]:
    """dL/dh0 and dL/dc0 of all layers as ``Gradients`` has them."""
    h0 = stacked_states([grads.h0 for grads in layers.values()])
    c0 = [grads.c0 for grads in layers.values() if isinstance(grads, LSTMGradients)]
    return h0, stacked_states(c0) if c0 else None


def stacked_states(states: Sequence[Array]) -> Array:
    """States [B, H] of layers as one array [N, B, largest H], read-only, with 0 where a layer has no such unit."""
    stacked = np.zeros((len(states), len(states[0]), max(state.shape[1] for state in states)), states[0].dtype)
    for row, state in zip(stacked, states, strict=True):
        row[:, : state.shape[1]] = state
    read_only(stacked)
    return stacked


def _peepholes(name: str, layer: LayerTrace, grads: LayerGradients) -> dict[str, Array]:
    """dL/d of the peepholes that are weights of the layer itself, by their name; empty where there are none."""
    if layer.parameters.peepholes is None or not (isinstance(layer, LSTMTrace) and isinstance(grads, LSTMGradients)):
        return {}
    found = peephole_gradients(layer, grads)
    return {} if found is None else {f"peepholes_{name}": found}


def _side_by_side(outputs: list[Array]) -> Array:
    """The hidden states of a layer's directions as [T, B, directions * H], read-only; one direction is not copied."""
    if len(outputs) == 1:
        return outputs[0]
    joined = np.concatenate(outputs, -1)
    read_only(joined)
    return joined
