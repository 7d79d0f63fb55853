"""What the unrolled view shows of one layer of a run: a row a network, a river a path of the gradient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PyQt6.QtGui import QColor

from lstmviz.core.arrays import Array
from lstmviz.core.engine.trace import LayerTrace
from lstmviz.core.gradients.flows import entering_gradient, gradient_flows
from lstmviz.core.magnitudes import VANISHED
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.quantity import Quantity
from lstmviz.core.run import NetworkRun, Run
from lstmviz.gui.style import Theme
from lstmviz.gui.views.ghost import ghost_of
from lstmviz.gui.views.heat_map import Scale, ScaleKind

LOG_CEILING = 12.0
"""Rivers above this power of ten have the greatest width; the legend says so."""

LEAST_SPAN = 6.0
"""Powers of ten between the least width and the greatest, where all that flows is small."""


@dataclass(frozen=True, eq=False)
class River:
    """One path of the gradient between neighbouring steps.

    symbol   the state that it flows through, ``c`` or ``h``
    formula  what flows, such as ``f[t+1] · dc[t+1]``
    meaning  the same in words
    hue      the quantity whose hue it has; None for the grey of the baseline
    log10    [T-1], log10 of the norm; entry k lies between the steps k + 1 and k + 2
    before   [T-1], the same without the what-ifs; None where it is the same
    """

    symbol: str
    formula: str
    meaning: str
    hue: Quantity | None
    log10: Array
    before: Array | None = None

    @property
    def title(self) -> str:
        """The state, with its symbol."""
        return "cell state c" if self.symbol == "c" else "hidden state h"

    @property
    def short_title(self) -> str:
        """The same where there is little room."""
        return "cell c" if self.symbol == "c" else "hidden h"

    def colour(self, theme: Theme) -> QColor:
        """Its hue in a theme."""
        return QColor(theme.rnn) if self.hue is None else theme.colour(self.hue)


@dataclass(frozen=True, eq=False)
class NetworkRow:
    """One network unrolled over time.

    network   how people call it: ``LSTM``, ``RNN`` or ``baseline RNN``
    rivers    from top to bottom
    entering  [T], log10 of the norm of what enters from the loss or the layer above
    log10_dh  [T], log10 ||dL/dh[t]||, all that arrives at h
    baseline  whether it is the vanilla RNN beside the network
    """

    network: str
    rivers: tuple[River, ...]
    entering: Array
    log10_dh: Array
    layer: LayerTrace
    baseline: bool

    @property
    def states(self) -> tuple[Quantity, ...]:
        """The states that its nodes show."""
        return tuple(Quantity.CELL_STATE if river.symbol == "c" else Quantity.HIDDEN_STATE for river in self.rivers)


@dataclass(frozen=True, eq=False)
class Unrolled:
    """Both networks of one layer of a run, on one log scale.

    source  where the gradient enters the layer: ``loss L``, or the layer above
    """

    layer: str
    length: int
    reverse: bool
    source: str
    rows: tuple[NetworkRow, ...]
    scale: Scale

    @property
    def farthest(self) -> int:
        """The step that the gradient reaches last."""
        return self.length if self.reverse else 1

    @property
    def later(self) -> int:
        """How far the step lies that sends to step t: 1 later, or -1 in a layer that reads from the end."""
        return -1 if self.reverse else 1

    def sender(self, t: int) -> int | None:
        """The step from which gradient flows into step ``t``; None where there is none."""
        sender = t + self.later
        return sender if 1 <= sender <= self.length else None

    def received(self, river: River, t: int) -> float:
        """log10 of what flows into step ``t``; -inf where no step sends any."""
        return self._into(river.log10, t)

    def received_before(self, river: River, t: int) -> float:
        """The same without the what-ifs."""
        return self._into(river.log10 if river.before is None else river.before, t)

    def _into(self, log10: Array, t: int) -> float:
        sender = self.sender(t)
        return -np.inf if sender is None else float(log10[min(t, sender) - 1])


def unrolled(run: Run, layer: str) -> Unrolled:
    """The rows of ``layer``; computes what flows at all steps, so keep them."""
    name = "LSTM" if run.network.cell is Cell.LSTM else "RNN"
    ghost = ghost_of(run, layer)
    rows = [_network_row(run.main, ghost.main if ghost else None, layer, name, baseline=False)]
    if run.baseline is not None and layer in run.baseline.trace.layers:
        other = "RNN" if name == "LSTM" else "baseline RNN"
        rows.append(_network_row(run.baseline, ghost.baseline if ghost else None, layer, other, baseline=True))
    above = int(layer.removeprefix("l").removesuffix("_reverse")) + 1
    return Unrolled(
        layer=layer,
        length=run.length,
        reverse=run.trace[layer].reverse,
        source="loss L" if above == len(run.network.layers) else f"layer l{above}",
        rows=tuple(rows),
        scale=flow_scale(np.concatenate([river.log10 for row in rows for river in row.rivers])),
    )


def flow_scale(log10_values: Array) -> Scale:
    """The common log10 scale in whole powers: from 10^-6 (vanished) to the largest finite flow.

    A river has its least width where the gradient has vanished, and not where it is merely the smallest of a run;
    where even the largest flow is small, six powers of ten below that.
    """
    finite = log10_values[np.isfinite(log10_values)]
    high = min(float(np.ceil(finite.max())), LOG_CEILING) if finite.size else 0.0
    low = VANISHED if high >= VANISHED + LEAST_SPAN / 2 else high - LEAST_SPAN
    return Scale(ScaleKind.LOG, low, high)


def _network_row(
    network: NetworkRun, before: NetworkRun | None, layer: str, name: str, *, baseline: bool
) -> NetworkRow:
    flows = gradient_flows(network.trace, network.gradients, layer)
    then = (
        gradient_flows(before.trace, before.gradients, layer) if before is not None and before is not network else None
    )
    after = "t−1" if flows.reverse else "t+1"
    lstm = flows.cell is not None
    hidden = River(
        symbol="h",
        formula=f"Σ Uₖᵀ dzₖ[{after}]" if lstm else f"Uᵀ dz[{after}]",
        meaning=(
            f"what step {after} sends to h[t]: through its gates and its candidate, k = i, f, g, o, "
            "each by its recurrent weights Uₖ"
            if lstm
            else f"what step {after} sends to h[t] by its recurrent weights U"
        ),
        hue=None if baseline else Quantity.HIDDEN_STATE,
        log10=flows.hidden,
        before=_differing(then.hidden if then else None, flows.hidden),
    )
    rivers = [hidden]
    if flows.cell is not None:
        meaning = f"what step {after} sends to c[t] along the cell state: its gradient times its forget gate"
        formula, alteration = f"f[{after}] · dc[{after}]", network.trace[layer].alteration
        if alteration is not None and alteration.peepholes is not None:
            formula = "f · dc + p · dz"
            meaning += ", and what its gates send through their peepholes p"
        ghost = _differing(then.cell if then else None, flows.cell)
        rivers.insert(0, River("c", formula, meaning, Quantity.CELL_STATE, flows.cell, ghost))
    return NetworkRow(
        network=name,
        rivers=tuple(rivers),
        entering=entering_gradient(network.trace, network.gradients, network.dy, layer),
        log10_dh=network.log10_dh[layer],
        layer=network.trace[layer],
        baseline=baseline,
    )


def _differing(before: Array | None, now: Array) -> Array | None:
    """``before``, where it is not the same."""
    return None if before is None or np.array_equal(before, now, equal_nan=True) else before
