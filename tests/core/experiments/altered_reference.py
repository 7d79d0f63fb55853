"""Altered networks the slow and plain way, straight from the list of changes: what the engine is compared with.

Any node of any step can be nudged, which is how gradients of nodes are measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import lstmviz
from lstmviz.core.experiments.what_if import Clamp, Peepholes, Silence, UseVariant, Variant

LENGTH, BATCH, INPUTS, UNITS = 5, 2, 2, 3
PEEPHOLES = Peepholes((0.7, -0.4, 0.2), -0.6, 0.9)


def setting(seed=3, length=LENGTH, **options):
    """A network to alter: (network, x, h0, c0)."""
    net = lstmviz.Network.create(
        **{"cell": "lstm", "input_size": INPUTS, "hidden_size": UNITS, "seed": seed, "recurrent_scale": 1.5} | options
    )
    random = np.random.default_rng(seed)
    state = (len(net.layers) * net.num_directions, BATCH, UNITS)
    h0, c0 = (0.5 * random.standard_normal(state) for _ in range(2))
    return net, random.standard_normal((length, BATCH, INPUTS)), h0, c0 if net.cell.value == "lstm" else None


@dataclass(frozen=True)
class Nudge:
    """``by`` is added to one entry of one node at row ``row`` of a layer."""

    layer: str
    node: str
    row: int
    batch: int
    unit: int
    by: float


def logistic(z):
    return 1 / (1 + np.exp(-z))


def outputs(net, x, h0, c0, changes, nudge=None):
    """y [T, B, O]."""
    below = x
    names = iter(net.directions())
    for number, layer in enumerate(net.layers):
        sides = []
        for direction in range(len(layer.directions)):
            name, _, parameters = next(names)
            k = number * net.num_directions + direction
            mine = [each for each in changes if getattr(each, "layer", "") in (None, name)]
            moved = nudge if nudge and nudge.layer == name else None
            cell = Cell(layer, parameters, mine, moved)
            sides.append(cell.run(below, h0[k], None if c0 is None else c0[k], direction == 1))
        below = np.concatenate(sides, -1)
    return below @ net.head.weight.T + net.head.bias if net.head else below


class Cell:
    def __init__(self, layer, parameters, changes, nudge):
        self.layer, self.parameters, self.nudge = layer, parameters, nudge
        self.variants = {each.variant for each in changes if isinstance(each, UseVariant)}
        self.clamps = [each for each in changes if isinstance(each, Clamp | Silence)]
        self.peepholes = [each for each in changes if isinstance(each, Peepholes)][-1:]

    def run(self, x, h, c, reverse):
        H, result = self.parameters.hidden_size, np.empty((*x.shape[:2], self.parameters.hidden_size))
        for row in range(len(x))[:: -1 if reverse else 1]:
            z = x[row] @ self.parameters.weight_ih.T + h @ self.parameters.weight_hh.T + self.parameters.bias
            if c is None:
                z = self.node("z", row, z)
                function = {"tanh": np.tanh, "identity": lambda z: z}[self.layer.nonlinearity.value]
                h = self.node("h", row, function(z))
            else:
                h, c = self.lstm_step(row, *(z[:, k * H : (k + 1) * H] for k in range(4)), c)
            result[row] = h
        return result

    def lstm_step(self, row, z_i, z_f, z_g, z_o, c):
        p_i, p_f, p_o = (np.array([p.i, p.f, p.o][k] if (p := self.peephole) else 0.0) for k in range(3))
        z_f = self.node("z_f", row, z_f + p_f * c)
        f = self.node("f", row, 1.0 + 0 * z_f if Variant.NO_FORGET_GATE in self.variants else logistic(z_f))
        z_i = self.node("z_i", row, z_i + p_i * c)
        i = 1 - f if Variant.COUPLED_GATES in self.variants else logistic(z_i)
        i = self.node("i", row, 1.0 + 0 * i if Variant.NO_INPUT_GATE in self.variants else i)
        z_g = self.node("z_g", row, z_g)
        g = self.node("g", row, z_g if Variant.NO_INPUT_ACTIVATION in self.variants else np.tanh(z_g))
        c = self.node("c", row, f * c + i * g)
        z_o = self.node("z_o", row, z_o + p_o * c)
        o = self.node("o", row, 1.0 + 0 * z_o if Variant.NO_OUTPUT_GATE in self.variants else logistic(z_o))
        tanh_c = self.node("tanh_c", row, c if Variant.NO_OUTPUT_ACTIVATION in self.variants else np.tanh(c))
        return self.node("h", row, o * tanh_c), c

    @property
    def peephole(self):
        return self.peepholes[0] if self.peepholes else None

    def node(self, symbol, row, value):
        """The node with its clamps, and then the nudge."""
        value = value.copy()
        for clamp in self.clamps:
            if isinstance(clamp, Silence):
                if symbol == "h":
                    value[:, clamp.unit] = 0
            elif clamp.symbol == symbol and clamp.first <= row + 1 <= clamp.last:
                value[:, slice(None) if clamp.unit is None else clamp.unit] = clamp.value
        if self.nudge and (self.nudge.node, self.nudge.row) == (symbol, row):
            value[self.nudge.batch, self.nudge.unit] += self.nudge.by
        return value
