"""Where the first number that is no longer finite was computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstmviz.core.arrays import Array

HEAD = "head"
"""The name under which the linear head reports."""


@dataclass(frozen=True)
class NonFinite:
    """The first infinity or NaN, in the order of computation.

    layer     ``l0``, ``l0_reverse`` ... or ``head``
    node      ``z_i``, ``c``, ``h`` ... or, after the last step, ``h0``, ``c0`` or a weight such as ``weight_hh``
    t         the step, from 1; 0 for what belongs to no step
    batch     the sequence, from 0
    unit      the unit, from 0; for a weight, its row
    value     inf, -inf or nan
    gradient  whether it is dL/d of the node instead of the node
    """

    layer: str
    node: str
    t: int
    batch: int
    unit: int
    value: float
    gradient: bool = False

    def __str__(self) -> str:
        gradient = "the gradient of " if self.gradient else ""
        node = f"{self.node}[{self.t}]" if self.t else self.node
        place = "the head" if self.layer == HEAD else f"layer {self.layer}"
        if self.node.startswith(("weight", "bias")):
            which = f"in row {self.unit} of {place}"
        elif self.layer == HEAD:
            which = f"of the head, output {self.unit},"
        else:
            sequence = f", sequence {self.batch}," if self.batch else ""
            which = f"of unit {self.unit}{sequence} in {place}"
        return f"{gradient}{node} {which} is {self.value}"


def first_nonfinite_step(
    layer: str, nodes: Sequence[tuple[str, Array]], *, backwards: bool, gradient: bool = False
) -> NonFinite | None:
    """The earliest step (the latest, when ``backwards``) with a number that is not finite, and its first such node.

    nodes  (name, [T, B, H]) in the order in which a step computes them
    """
    found: list[tuple[int, int]] = []
    for order, (_, array) in enumerate(nodes):
        finite = np.isfinite(array)
        if not finite.all():
            steps = np.flatnonzero(~finite.all((1, 2)))
            found.append((-int(steps[-1]) if backwards else int(steps[0]), order))
    if not found:
        return None
    step, order = min(found)
    name, array = nodes[order]
    t = abs(step)
    batch, unit = np.argwhere(~np.isfinite(array[t]))[0]
    return NonFinite(layer, name, t + 1, int(batch), int(unit), float(array[t, batch, unit]), gradient)


def first_nonfinite_entry(layer: str, nodes: Sequence[tuple[str, Array]]) -> NonFinite | None:
    """The first number that is not finite in gradients that belong to no step: [B, H], or a weight's [rows, ...]."""
    for name, array in nodes:
        if not np.isfinite(array).all():
            index = tuple(np.argwhere(~np.isfinite(array))[0])
            batch, unit = (0, index[0]) if name.startswith(("weight", "bias")) else index
            return NonFinite(layer, name, 0, int(batch), int(unit), float(array[index]), gradient=True)
    return None
