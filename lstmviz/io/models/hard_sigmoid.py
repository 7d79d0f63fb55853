"""An LSTM whose gates use hard_sigmoid, a function of straight lines: to find out whether a model has it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.arrays import Array
from lstmviz.core.engine.trace import LSTMTrace, Trace
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import CellParameters
from lstmviz.core.progress import Steps

SLOPES = {0.2: "0.2 z + 0.5", 1 / 6: "z/6 + 0.5"}
"""The slope at 0: of Keras 2, and of PyTorch and Keras 3."""

_STEPS_A_YIELD = 128


def can_be_hard(network: Network) -> bool:
    """Whether ``hard_sigmoid_steps`` has everything that the network has."""
    return all(layer.coupled is None and parameters.peepholes is None for _, layer, parameters in network.directions())


def hard_sigmoid_steps(network: Network, x: NDArray[np.floating], slope: float) -> Steps[Trace]:
    """The forward pass from zeros over x [T, B, I], with i, f, o = clip(slope z + 0.5, 0, 1)."""
    below: Array = np.asarray(x, network.dtype)
    read = below
    layers: dict[str, LSTMTrace] = {}
    width = network.num_directions
    for number, (name, _, parameters) in enumerate(network.directions()):
        layers[name] = yield from _layer_steps(parameters, below, slope, reverse=name.endswith("_reverse"))
        if number % width == width - 1:
            below = np.concatenate([each.h for each in list(layers.values())[-width:]], -1)
    head = network.head
    y = below if head is None else below @ head.weight.T + head.bias
    return Trace(network, read, y, layers)


def _layer_steps(parameters: CellParameters, x: Array, slope: float, *, reverse: bool) -> Steps[LSTMTrace]:
    """One direction of one layer; fields as in ``LSTMTrace``."""
    steps, batch, _ = x.shape
    units = parameters.hidden_size
    z = x @ parameters.weight_ih.T + parameters.bias
    gates, tanh_c = np.empty_like(z), np.empty((steps, batch, units), z.dtype)
    c, h = (np.zeros((steps + 1, batch, size), z.dtype) for size in (units, parameters.h_size))
    candidate = slice(2 * units, 3 * units)
    for t in reversed(range(steps)) if reverse else range(steps):
        before, after = (t + 1, t) if reverse else (t, t + 1)
        z[t] += h[before] @ parameters.weight_hh.T
        gates[t] = np.clip(slope * z[t] + 0.5, 0, 1)
        gates[t, :, candidate] = np.tanh(z[t, :, candidate])
        i, f, g, o = np.split(gates[t], 4, -1)
        c[after] = f * c[before] + i * g
        tanh_c[t] = np.tanh(c[after])
        h[after] = o * tanh_c[t] if parameters.weight_hr is None else (o * tanh_c[t]) @ parameters.weight_hr.T
        if not t % _STEPS_A_YIELD:
            yield t / steps
    return LSTMTrace(x, z, gates, c, h, tanh_c, parameters, reverse)
