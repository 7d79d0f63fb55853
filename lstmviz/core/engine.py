"""Forward and backward through a whole network."""

from __future__ import annotations

from typing import Any

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.lstm import lstm_backward, lstm_forward
from lstmviz.core.network import Network
from lstmviz.core.parameters import Cell
from lstmviz.core.rnn import rnn_backward, rnn_forward
from lstmviz.core.trace import Gradients, LayerGradients, LayerTrace, LSTMTrace, Trace


def forward(net: Network, x: Any, h0: Any = None, c0: Any = None) -> Trace:
    """Run ``net`` over x [T, I] or [T, B, I]; h0, c0 [layers * directions, B, H], zeros where None."""
    x = np.asarray(x, net.dtype)
    if x.ndim == 2:
        x = x[:, None, :]
    batch = x.shape[1]
    states = (len(net.layers) * net.num_directions, batch, net.hidden_size)
    h0 = np.zeros(states) if h0 is None else np.asarray(h0)
    c0 = np.zeros(states) if c0 is None else np.asarray(c0)
    layers: dict[str, LayerTrace] = {}
    below, outputs = x, []
    for number, (name, layer, parameters) in enumerate(net.directions()):
        reverse = name.endswith("_reverse")
        if layer.cell is Cell.LSTM:
            layers[name] = lstm_forward(parameters, below, h0[number], c0[number], reverse)
        else:
            layers[name] = rnn_forward(parameters, layer.nonlinearity, below, h0[number], reverse)
        outputs.append(layers[name].h)
        if len(outputs) == net.num_directions:
            below, outputs = np.concatenate(outputs, -1), []
    y = below @ net.head.weight.T + net.head.bias if net.head else below
    return Trace(net, x, y, layers)


def backward(trace: Trace, dy: Any) -> Gradients:
    """BPTT: dL/d of everything, from dy = dL/dy shaped like ``trace.y``."""
    net = trace.network
    dy = np.asarray(dy, net.dtype).reshape(trace.y.shape)
    params: dict[str, Array] = {}
    layers: dict[str, LayerGradients] = {}
    if net.head:
        top = np.concatenate([layer.h for layer in list(trace.layers.values())[-net.num_directions :]], -1)
        params["head.weight"] = np.einsum("tbo,tbh->oh", dy, top)
        params["head.bias"] = dy.sum((0, 1))
        dy = dy @ net.head.weight
    for number in reversed(range(len(net.layers))):
        dx: Any = 0
        for index, suffix in enumerate(("", "_reverse")[: net.num_directions]):
            name = f"l{number}{suffix}"
            layer = trace[name]
            dh = dy[..., index * net.hidden_size : (index + 1) * net.hidden_size]
            grads: LayerGradients
            if isinstance(layer, LSTMTrace):
                grads, weights = lstm_backward(layer, dh)
            else:
                grads, weights = rnn_backward(layer, dh)
            layers[name] = grads
            params |= {f"{key}_{name}": value for key, value in weights.items()}
            dx = dx + grads.x
        dy = dx
    ordered = {name: layers[name] for name in trace.layers}
    h0 = np.stack([grads.h0 for grads in ordered.values()])
    c0 = np.stack([g.c0 for g in ordered.values()]) if net.cell is Cell.LSTM else None  # type: ignore[union-attr]
    return Gradients(ordered, dy, h0, c0, params)


def forward_steps(net: Network, x: Any, h0: Any = None, c0: Any = None) -> Any:
    """``forward`` in pieces."""
    yield 0.0
    return forward(net, x, h0, c0)


def backward_steps(trace: Trace, dy: Any) -> Any:
    """``backward`` in pieces."""
    yield 0.0
    return backward(trace, dy)
