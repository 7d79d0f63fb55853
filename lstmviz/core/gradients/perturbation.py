"""What the network puts out when one number in the middle of a run is moved and everything after it runs anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.activations import phi
from lstmviz.core.engine.altered_layers import cell_state, hidden_state
from lstmviz.core.engine.passes import forward_steps, stacked_states
from lstmviz.core.engine.trace import LayerTrace, LSTMTrace, RNNTrace, Trace
from lstmviz.core.networks.alteration import PLAIN
from lstmviz.core.networks.network import Network
from lstmviz.core.progress import drain


def backward_nodes(layer: LayerTrace) -> tuple[str, ...]:
    """The nodes of a step that can be moved, in the order of the backward pass."""
    if isinstance(layer, RNNTrace):
        return ("h", "z")
    return ("h", *(() if layer.unprojected is None else ("m",)), "z_o", "c", "z_f", "z_i", "z_g")


def outputs_with_nodes_moved(
    trace: Trace, name: str, t: int, batch: int, entries: Sequence[tuple[str, int]], by: Array
) -> Array:
    """y [T, n, O] of n runs of one sequence; in each, one node of one unit of the layer ``name`` is moved at step t.

    entries  [n] (one of ``backward_nodes``, unit); the rest of its step, what comes later, and the layers above follow
    by       [n], how far each is moved
    """
    moves = zip(entries, by, strict=True)
    states = [_states_with_node_moved(trace[name], node, (t - 1, batch), unit, each) for (node, unit), each in moves]
    h = np.stack([h for h, _ in states])
    c = np.stack([c for _, c in states if c is not None]) if isinstance(trace[name], LSTMTrace) else None
    hidden = _continued(trace, name, t - 1, batch, h, c)
    return _through_upper_layers(trace, name, batch, hidden)


def initial_states(trace: Trace) -> tuple[Array, Array | None]:
    """h0 and c0 [layers * directions, B, H] of a run; no c0 for a vanilla RNN."""
    layers = list(trace.layers.values())
    h0 = stacked_states([_first_state(layer, layer.h_states) for layer in layers])
    c0 = [_first_state(layer, layer.c_states) for layer in layers if isinstance(layer, LSTMTrace)]
    return h0, stacked_states(c0) if c0 else None


def forward_again(trace: Trace, network: Network) -> Trace:
    """The forward pass of ``trace`` with other weights: the same inputs, initial states and alterations."""
    h0, c0 = initial_states(trace)
    return drain(forward_steps(network, trace.x, h0, c0, alterations=trace.alterations))


def _first_state(layer: LayerTrace, states: Array) -> Array:
    first: Array = states[-1 if layer.reverse else 0]
    return first


def _states_with_node_moved(
    layer: LayerTrace, node: str, at: tuple[int, int], unit: int, by: float
) -> tuple[Array, Array | None]:
    """h [H or P] and c [H] after one step at row and sequence ``at``, with ``node`` of ``unit`` moved."""
    moved = getattr(layer, node)[at].copy()
    moved[unit] += by
    alteration, row = layer.alteration or PLAIN, at[0]
    if isinstance(layer, RNNTrace):
        return (moved if node == "h" else alteration.hold("h", row, _rnn_hidden(layer, moved))), None
    if node == "h":
        return moved, layer.c[at]
    if node == "m":
        assert layer.parameters.weight_hr is not None
        return alteration.hold("h", row, moved @ layer.parameters.weight_hr.T), layer.c[at]
    z_i, z_f, z_g, z_o = (moved if node == each else getattr(layer, each)[at] for each in ("z_i", "z_f", "z_g", "z_o"))
    c = moved if node == "c" else cell_state(alteration, row, z_i, z_f, z_g, layer.c_before[at])[-1]
    if alteration.peepholes is not None:
        z_o = z_o + alteration.peepholes[2] * (c - layer.c[at])
    return hidden_state(layer.parameters, alteration, row, z_o, c)[-1], c


def _rnn_hidden(layer: RNNTrace, z: Array) -> Array:
    h = np.empty_like(z)
    phi(layer.nonlinearity)(z, h)
    return h


def _continued(trace: Trace, name: str, row: int, batch: int, h: Array, c: Array | None) -> Array:
    """The hidden states [T, n, H] of one layer if it runs on from h and c [n, H] after the step at ``row``."""
    layer = trace[name]
    hidden = np.repeat(layer.h[:, [batch]], len(h), axis=1)
    hidden[row] = h
    later = slice(0, row) if layer.reverse else slice(row + 1, None)
    x = np.repeat(layer.x[later][:, [batch]], len(h), axis=1)
    if len(x):
        whole_layer = next(each for key, each, _ in trace.network.directions() if key == name)
        alone = Network((replace(whole_layer, directions=(layer.parameters,)),))
        order = slice(None, None, -1 if layer.reverse else 1)
        altered = {} if layer.alteration is None else {"l0": layer.alteration.rows(later).rows(order)}
        hidden[later] = drain(forward_steps(alone, x[order], h, c, alterations=altered)).y[order]
    return hidden


def _through_upper_layers(trace: Trace, name: str, batch: int, hidden: Array) -> Array:
    """y [T, n, O] if the layer and direction ``name`` gives ``hidden`` [T, n, H] and its other direction the same."""
    network, copies = trace.network, hidden.shape[1]
    names = list(trace.layers)
    number = names.index(name) // network.num_directions
    above = (number + 1) * network.num_directions
    outputs = [
        hidden if each == name else np.repeat(trace[each].h[:, [batch]], copies, axis=1)
        for each in names[above - network.num_directions : above]
    ]
    joined = np.concatenate(outputs, axis=-1)
    if above < len(names):
        upper = Network(network.layers[number + 1 :], network.head)
        sizes = (upper.h_size, upper.hidden_size)
        states = [
            None if each is None else np.repeat(each[above:, [batch], :size], copies, axis=1)
            for each, size in zip(initial_states(trace), sizes, strict=True)
        ]
        altered = {
            each.replace(f"l{k}", f"l{k - number - 1}"): trace.alterations[each]
            for k in range(number + 1, len(network.layers))
            for each in (f"l{k}", f"l{k}_reverse")
            if each in trace.alterations
        }
        return drain(forward_steps(upper, joined, *states, alterations=altered)).y
    return joined @ network.head.weight.T + network.head.bias if network.head else joined
