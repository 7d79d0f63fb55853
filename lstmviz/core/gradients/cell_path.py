"""log10 of what a step keeps and writes in its cell state, also where a what-if altered the layer.

c[t] = kept c[t-1] + written, see ``LSTMTrace``.
"""

from __future__ import annotations

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.trace import LSTMTrace
from lstmviz.core.networks.parameters import Coupling


def log10_kept(layer: LSTMTrace) -> Array:
    """log10 |``layer.kept``| [T, B, H] in float64, accurate where f is 1 or 0 in floating point; -inf for exactly 0."""
    alteration = layer.alteration
    log10 = log10_sigmoid(forget_preactivation(layer))
    if alteration is None:
        return log10
    with np.errstate(all="ignore"):
        of_values = np.log10(np.abs(layer.f.astype(np.float64)))
    for gate in holding_forget_gate(layer):
        log10 = alteration.where_held(gate, of_values, log10)
    return alteration.where_held("c", -np.inf, log10)


def forget_preactivation(layer: LSTMTrace) -> Array:
    """What the forget gate is the sigmoid of [T, B, H], where nothing is held: z_f, or -z_i where f = 1 - i."""
    coupled = layer.alteration.coupled if layer.alteration else None
    return -layer.z_i if coupled is Coupling.FORGET else layer.z_f


def holding_forget_gate(layer: LSTMTrace) -> tuple[str, ...]:
    """The gates that fix f where a what-if holds them: f itself, and i where f = 1 - i."""
    coupled = layer.alteration.coupled if layer.alteration else None
    return ("i", "f") if coupled is Coupling.FORGET else ("f",)


def log10_written(layer: LSTMTrace) -> Array:
    """log10 |``layer.written``| [T, B, H] in float64, also where i g is too small for a float in a plain layer."""
    with np.errstate(all="ignore"):
        if layer.alteration is None:
            return np.asarray(log10_sigmoid(layer.z_i) + np.log10(np.abs(layer.g.astype(np.float64))))
        return np.asarray(np.log10(np.abs(layer.written.astype(np.float64))))


def log10_sigmoid(z: Array) -> Array:
    """log10 of sigmoid(z) in float64, of the shape of ``z``: accurate where the sigmoid is 1 or 0 in floating point."""
    return np.asarray(-np.logaddexp(0, -z.astype(np.float64)) / np.log(10))
