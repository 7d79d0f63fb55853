"""What what-ifs do: to the sequence, to the weights, and to the equations of single layers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from lstmviz.core.arrays import Array, frozen
from lstmviz.core.engine.inputs import checked_input
from lstmviz.core.engine.passes import forward_steps
from lstmviz.core.engine.trace import Trace, read_only
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.sequence_changes import changed_values, checked_number, naming
from lstmviz.core.experiments.what_if import (
    CLAMPED,
    Change,
    Clamp,
    MemoryBlocks,
    Peepholes,
    PeepholeWeights,
    ScaleWeight,
    SetWeight,
    Silence,
    UseVariant,
    Variant,
)
from lstmviz.core.networks.alteration import Alteration, Held
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import GATES, PEEPHOLES, Cell, CellParameters, Coupling
from lstmviz.core.progress import drain


def intervene(net: Network, x: Any, changes: Sequence[Change], h0: Any = None, c0: Any = None) -> Trace:
    """``forward`` with changes made: nodes held, units silenced, steps or weights changed, parts left out.

    x, h0, c0  as for ``forward``
    changes    made in this order; the steps of a clamp are those of the changed sequence

    ``backward`` of the trace is that of the altered network: nothing flows through a node that is held. For peepholes
    see ``trace.peephole_gradients``. Where the network has peepholes of its own, the change replaces them.

    Raises LstmvizError as ``forward`` does, and for a change that does not fit, which it names.
    """
    x = changed_values(checked_input(net, x), changes)
    altered = changed_network(net, changes)
    return drain(forward_steps(altered, x, h0, c0, alterations=alterations_of(altered, len(x), changes)))


def changed_network(net: Network, changes: Iterable[Change]) -> Network:
    """The network with the changes of its weights made, one after the other.

    Raises LstmvizError that names the change that does not fit.
    """
    for change in changes:
        with naming(change):
            match change:
                case SetWeight():
                    net = _with_weight_set(net, change)
                case ScaleWeight():
                    net = _with_weight_scaled(net, change)
                case MemoryBlocks():
                    net = _with_blocks(net, change)
                case Peepholes():
                    net = _with_own_peepholes_replaced(net, change)
    return net


def alterations_of(net: Network, length: int, changes: Sequence[Change]) -> dict[str, Alteration]:
    """How the changes alter the equations of each layer and direction that they alter, over ``length`` steps.

    A clamp wins over a variant, and a later clamp over an earlier one. Raises LstmvizError that names the change that
    does not fit.
    """
    drafts: dict[str, _Draft] = {}
    tied: set[str] = set()
    parameters = {name: each for name, _, each in net.directions()}
    # what holds a node of every step comes before what holds it at some steps
    for change in sorted(changes, key=lambda each: isinstance(each, Clamp | Silence)):
        if not isinstance(change, Clamp | Silence | UseVariant | Peepholes | MemoryBlocks):
            continue
        with naming(change):
            for name in _layers_of(net, change.layer):
                if isinstance(change, MemoryBlocks):
                    tied.add(name)
                else:
                    drafts.setdefault(name, _Draft(net.cell, parameters[name], length)).add(change)
                has_peepholes = parameters[name].peepholes is not None
                if name in tied and (has_peepholes or (name in drafts and drafts[name].has_peepholes)):
                    raise LstmvizError(
                        f"Peepholes would make the shared gates of {name} differ", how="Take peepholes or blocks."
                    )
    return {name: draft.alteration() for name, draft in drafts.items()}


_STACKED = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
"""The weights that have rows of every gate."""

_HELD_BY = {Variant.NO_INPUT_GATE: "i", Variant.NO_FORGET_GATE: "f", Variant.NO_OUTPUT_GATE: "o"}
"""The gate that a variant holds at 1."""


class _Draft:
    """The alteration of one layer and direction, while the changes are made."""

    def __init__(self, cell: Cell, parameters: CellParameters, length: int) -> None:
        self._cell, self._parameters, self._length = cell, parameters, length
        self._alteration = Alteration()
        self._held: dict[str, Held] = {}

    @property
    def has_peepholes(self) -> bool:
        return self._alteration.peepholes is not None

    def add(self, change: Clamp | Silence | UseVariant | Peepholes) -> None:
        if self._cell is not Cell.LSTM:
            if isinstance(change, UseVariant | Peepholes):
                raise LstmvizError("A vanilla RNN has no gates", how="Choose an LSTM.")
            if isinstance(change, Clamp) and change.symbol != "h":
                raise LstmvizError(f"A vanilla RNN has no {change.symbol}", how="Choose h.")
        match change:
            case Clamp():
                self._clamp(change)
            case Silence(unit=unit):
                self._hold("h", slice(None), self._unit(unit, "h"), 0.0)
            case UseVariant(variant=variant):
                self._vary(variant)
            case Peepholes(i=i, f=f, o=o):
                self._alteration = replace(self._alteration, peepholes=peephole_rows(self._parameters, (i, f, o)))

    def alteration(self) -> Alteration:
        for held in self._held.values():
            held.mask.flags.writeable = False
            read_only(held.values)
        return replace(self._alteration, held=self._held)

    def _clamp(self, change: Clamp) -> None:
        if change.symbol not in CLAMPED:
            raise LstmvizError(f"There is no node {change.symbol!r}", how=f"Choose one of {', '.join(CLAMPED)}.")
        first = checked_number(change.first, 1, self._length, "step")
        if change.last < first:
            raise LstmvizError(f"It ends at step {change.last}, before it begins", how="Let it end later.")
        units = slice(None) if change.unit is None else self._unit(change.unit, change.symbol)
        self._hold(change.symbol, slice(first - 1, change.last), units, change.value)

    def _width(self, symbol: str) -> int:
        return self._parameters.h_size if symbol == "h" else self._parameters.hidden_size

    def _unit(self, unit: int, symbol: str) -> slice:
        unit = checked_number(unit, 0, self._width(symbol) - 1, "unit")
        return slice(unit, unit + 1)

    def _hold(self, symbol: str, steps: slice, units: slice, value: float) -> None:
        shape, dtype = (self._length, self._width(symbol)), self._parameters.weight_ih.dtype
        held = self._held.setdefault(symbol, Held(np.zeros(shape, np.bool_), np.zeros(shape, dtype)))
        held.mask[steps, units], held.values[steps, units] = True, value

    def _vary(self, variant: Variant) -> None:
        if variant in _HELD_BY:
            self._hold(_HELD_BY[variant], slice(None), slice(None), 1.0)
        elif variant is Variant.COUPLED_GATES:
            self._alteration = replace(self._alteration, coupled=Coupling.INPUT)
        elif variant is Variant.NO_INPUT_ACTIVATION:
            self._alteration = replace(self._alteration, linear_g=True)
        else:
            self._alteration = replace(self._alteration, linear_out=True)


def peephole_rows(parameters: CellParameters, weights: tuple[PeepholeWeights, ...]) -> Array:
    """Peepholes [3, H], rows p_i, p_f, p_o, of one number each, or one for every unit.

    Raises LstmvizError for as many as there are no units.
    """
    units = parameters.hidden_size
    for gate, weight in zip(PEEPHOLES, weights, strict=True):
        if isinstance(weight, tuple) and len(weight) != units:
            raise LstmvizError(
                f"p_{gate} has {len(weight)} weights for {units} units", how=f"Give one number, or {units}."
            )
    return frozen([np.broadcast_to(weight, units) for weight in weights], parameters.weight_ih.dtype)


def _layers_of(net: Network, name: str | None) -> list[str]:
    """The layers and directions that a change speaks of; all for None. Raises LstmvizError for one there is not."""
    names = [each for each, _, _ in net.directions()]
    if name is None:
        return names
    if name not in names:
        raise LstmvizError(f"There is no layer called {name!r}", how=f"Choose one of {', '.join(names)}.")
    return [name]


def _weight(net: Network, name: str) -> Array:
    """A copy of a weight to change. Raises LstmvizError for one there is not."""
    weights = net.state_dict()
    if name not in weights:
        raise LstmvizError(f"There is no weight called {name!r}", how=f"There are: {', '.join(weights)}.")
    return weights[name].copy()


def _with_weight_set(net: Network, change: SetWeight) -> Network:
    array = _weight(net, change.name)
    if len(change.index) != array.ndim or not all(
        0 <= k < size for k, size in zip(change.index, array.shape, strict=True)
    ):
        raise LstmvizError(
            f"There is no entry {list(change.index)}", how=f"The shape is {list(array.shape)}, counted from 0."
        )
    array[change.index] = change.value
    return net.with_parameters({change.name: frozen(array)})


def _with_weight_scaled(net: Network, change: ScaleWeight) -> Network:
    array = _weight(net, change.name)
    rows = slice(None)
    if change.gate is not None:
        if change.gate not in GATES or net.cell is not Cell.LSTM or change.name.startswith("head."):
            raise LstmvizError(
                f"{change.name} has no rows of a gate {change.gate!r}",
                how=f"Weights of LSTM layers have those of {', '.join(GATES)}.",
            )
        if not change.name.startswith(_STACKED):
            raise LstmvizError(
                f"{change.name} has no rows of a gate {change.gate!r}", how="Scale all of it, or set single numbers."
            )
        rows = _rows_of_gate(array, change.gate)
    with np.errstate(all="ignore"):
        array[rows] *= change.factor
    return net.with_parameters({change.name: frozen(array)})


def _with_blocks(net: Network, change: MemoryBlocks) -> Network:
    """Every row of i, f and o becomes that of the first unit of its block."""
    if net.cell is not Cell.LSTM:
        raise LstmvizError("A vanilla RNN has no gates", how="Choose an LSTM.")
    size = checked_number(change.size, 1, net.hidden_size, "size of a block")
    weights = net.state_dict()
    changed = {}
    for layer in _layers_of(net, change.layer):
        for name in (f"{each}_{layer}" for each in _STACKED if f"{each}_{layer}" in weights):
            array = weights[name].copy()
            for gate in ("i", "f", "o"):
                rows = array[_rows_of_gate(array, gate)]
                rows[...] = rows[np.arange(len(rows)) // size * size]
            changed[name] = frozen(array)
    return net.with_parameters(changed)


def _with_own_peepholes_replaced(net: Network, change: Peepholes) -> Network:
    """Peepholes that are weights of a layer get the values of the change; other layers get theirs as an alteration."""
    wanted = _layers_of(net, change.layer)
    return net.with_parameters(
        {
            f"peepholes_{name}": peephole_rows(parameters, (change.i, change.f, change.o))
            for name, _, parameters in net.directions()
            if name in wanted and parameters.peepholes is not None
        }
    )


def _rows_of_gate(array: Array, gate: str) -> slice:
    """Those of a gate in a stacked weight [4H, ...]."""
    units = len(array) // len(GATES)
    first = GATES.index(gate) * units
    return slice(first, first + units)
