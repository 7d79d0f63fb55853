"""What the drawing of a cell says of its parts: of a plain cell, or of one that what-ifs have changed at a step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.activations import sigmoid
from lstmviz.core.experiments.what_if import UseVariant, Variant
from lstmviz.core.networks.parameters import Coupling
from lstmviz.core.quantity import Quantity
from lstmviz.core.run import Run
from lstmviz.core.text import count, percent

_LEFT_OUT = {
    Variant.NO_INPUT_GATE: Quantity.INPUT_GATE,
    Variant.NO_FORGET_GATE: Quantity.FORGET_GATE,
    Variant.NO_OUTPUT_GATE: Quantity.OUTPUT_GATE,
}

_DOES = {
    Quantity.FORGET_GATE: "keeps {}",
    Quantity.INPUT_GATE: "lets {} in",
    Quantity.OUTPUT_GATE: "shows {}",
}

_LINEAR_SPAN = 6.0
"""The candidate without its tanh is drawn from minus this to this."""


@dataclass(frozen=True)
class Wording:
    """One unit at one step; frozen and small, so that grounds can be kept by it.

    held      the symbols of the nodes that a what-if holds
    left_out  the gates that are 1 because a variant is without them
    linear_g, linear_out, coupled, peepholes  as in ``Alteration``
    projected  how many numbers a projection leaves of h; 0 without one
    """

    held: frozenset[str] = frozenset()
    left_out: frozenset[Quantity] = frozenset()
    linear_g: bool = False
    linear_out: bool = False
    coupled: Coupling | None = None
    peepholes: bool = False
    projected: int = 0

    def title(self, gate: Quantity) -> str:
        """``forget gate``, or that there is none."""
        return f"no {gate.title}" if gate in self.left_out else gate.title

    def function(self, gate: Quantity) -> str:
        """How the gate's value comes about, in a few letters."""
        if gate.symbol in self.held:
            return "held"
        if gate in self.left_out:
            return f"{gate.symbol} = 1"
        if self.coupled and self._follows_another(gate):
            return self.coupled.value
        if gate is Quantity.CANDIDATE:
            return "g = z" if self.linear_g else "tanh(z)"
        return "sigmoid(z)"

    def read(self, gate: Quantity) -> str:
        """The pre-activation that the value is drawn over: its own, but the other's where it is 1 minus that gate."""
        if self.coupled and self._follows_another(gate):
            return f"z_{self.coupled.source}"
        return f"z_{gate.symbol}"

    def curve(self, gate: Quantity) -> Callable[[Array], Array]:
        """The value as a function of what is read."""
        if gate in self.left_out:
            return np.ones_like
        if self._follows_another(gate):
            return _closing
        if gate is Quantity.CANDIDATE:
            return _unchanged if self.linear_g else np.tanh
        return sigmoid

    def span(self, gate: Quantity) -> tuple[float, float]:
        """The range of the curve."""
        if gate is Quantity.CANDIDATE and self.linear_g:
            return -_LINEAR_SPAN, _LINEAR_SPAN
        return gate.minimum, gate.maximum

    @property
    def squash(self) -> str:
        """What stands in the box between c and h."""
        return "no tanh" if self.linear_out else "tanh"

    @property
    def written(self) -> str:
        """How to call what is added to what is kept: where c is held it is all of c."""
        return "held at" if "c" in self.held else "written"

    def does(self, gate: Quantity, value: float, who: str = "") -> str:
        """What the valve of a gate does: ``unit 2 keeps 97.5 %``; where its effect is held, how far it is open."""
        if gate in self.left_out:
            return "left out"
        if ("h" if gate is Quantity.OUTPUT_GATE else "c") in self.held:
            return f"{who}{': ' if who else ''}{percent(value)} open"
        return f"{who} {_DOES[gate].format(percent(value))}".strip()

    def peephole(self, gate: Quantity) -> str:
        """Which memory the gate sees, if any."""
        if not self.peepholes or gate is Quantity.CANDIDATE or gate in self.left_out or self._follows_another(gate):
            return ""
        return "c now" if gate is Quantity.OUTPUT_GATE else "c before"

    def projection(self, units: int) -> tuple[str, ...]:
        """What the projection does, in short lines; none without one."""
        if not self.projected:
            return ()
        return "projection:", f"{count(units, 'unit')} → {self.projected:,}", "h = W_hr × m"

    def _follows_another(self, gate: Quantity) -> bool:
        """Whether the gate is 1 minus another one."""
        return self.coupled is not None and gate.symbol == self.coupled.made and gate not in self.left_out


PLAIN = Wording()
"""Nothing is changed."""


def wording_of(run: Run, layer: str, t: int, unit: int) -> Wording:
    """What is to be said of ``unit`` of ``layer`` at step ``t``, from 1."""
    traced = run.trace[layer]
    alteration, parameters = traced.alteration, traced.parameters
    if alteration is None:
        return PLAIN
    held = {
        symbol: each.values[t - 1, unit]
        for symbol, each in alteration.held.items()
        if unit < each.mask.shape[1] and each.mask[t - 1, unit]
    }
    variants = {
        change.variant
        for change in run.experiment.changes
        if isinstance(change, UseVariant) and change.layer in (None, layer)
    }
    # a clamp wins over a variant: where it has another value the gate is held, not left out
    left_out = {gate for variant, gate in _LEFT_OUT.items() if variant in variants and held.get(gate.symbol) == 1}
    return Wording(
        frozenset(held) - {gate.symbol for gate in left_out},
        frozenset(left_out),
        alteration.linear_g,
        alteration.linear_out,
        alteration.coupled,
        alteration.peepholes is not None,
        0 if parameters.weight_hr is None else parameters.h_size,
    )


def _closing(z: Array) -> Array:
    """1 - sigmoid(z)."""
    return sigmoid(-z)


def _unchanged(z: Array) -> Array:
    return z
