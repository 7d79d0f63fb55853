"""What differs between two runs of networks of the same shape, aligned on the step t.

Numbers are compared exactly, without a tolerance; NaN equals NaN. A difference is the second run minus the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.comparison.first_difference import (
    ROUNDING,
    FirstDifference,
    first_backward_difference,
    first_forward_difference,
    same_values,
)
from lstmviz.core.engine.selection import checked_sequence
from lstmviz.core.engine.trace import Gradients, LSTMTrace, Trace, read_only
from lstmviz.core.errors import LstmvizError
from lstmviz.core.magnitudes import log10_norms
from lstmviz.core.networks.network import Network
from lstmviz.core.progress import Steps, drain
from lstmviz.core.quantity import QUANTITIES, Quantity
from lstmviz.core.run import Run
from lstmviz.core.text import count

_NUMBERS_PER_CHUNK = 2**16
"""So many are compared between two yields: half a megabyte, which stays in the cache."""

_LARGEST_SQUARE, _SMALLEST_SQUARE = 1e150, 1e-150
"""Beyond these a square overflows or loses digits."""


@dataclass(frozen=True, eq=False)
class QuantityDiff:
    """One quantity of one layer in both runs, steps 1 to n.

    symbol       f, i, g, o, c, h, x, or dh, dc for gradients
    a, b         [n, H], views of the first and the second run ([n, I] for x)
    norms        [n], the Euclidean norm over the units of b[t] - a[t]
    largest      the largest |b - a|; nan where one of them is NaN and the other is not
    t, unit      where that is: the step from 1, the unit from 0
    mean         of |b - a| over all steps and units
    relative     ``largest`` as a share of the largest |a|; 0 for no difference, inf where a is all zeros
    differing    the number of steps with a difference
    """

    symbol: str
    quantity: Quantity
    a: Array
    b: Array
    norms: Array
    largest: float
    t: int
    unit: int
    mean: float
    relative: float
    differing: int

    @property
    def gradient(self) -> bool:
        """Whether it is dL/d of the quantity."""
        return self.symbol != self.quantity.symbol

    @property
    def title(self) -> str:
        """Its name for people: ``forget gate``, ``gradient of the cell state``."""
        return f"gradient of the {self.quantity.title}" if self.gradient else self.quantity.title

    @property
    def same(self) -> bool:
        """Whether there is no difference at all."""
        return self.differing == 0

    def difference(self, start: int = 0, stop: int | None = None) -> Array:
        """b - a at the steps ``start`` + 1 to ``stop``, [stop - start, H]: 0 where both are equal, NaNs too."""
        return difference(self.a[start:stop], self.b[start:stop])


@dataclass(frozen=True, eq=False)
class Diff:
    """What differs between the run ``a`` and the run ``b``.

    length          the steps that both have; the rest of a longer one is not compared
    layers          layer -> symbol -> QuantityDiff, in the order x, gates, states, gradients
    first_forward   the first number that differs in the order of computation; None for none
    first_backward  the same for the backward pass; None also for Traces, which have none
    plain_forward, plain_backward   the first that differs by more than rounding; None for none
    losses          of both; None for Traces
    weights         name -> largest |b - a|, of the weights that differ
    """

    a: Trace
    b: Trace
    length: int
    layers: Mapping[str, Mapping[str, QuantityDiff]]
    first_forward: FirstDifference | None
    first_backward: FirstDifference | None
    plain_forward: FirstDifference | None
    plain_backward: FirstDifference | None
    losses: tuple[float, float] | None
    weights: Mapping[str, float]

    def __getitem__(self, layer: str) -> Mapping[str, QuantityDiff]:
        """The table of the layer and direction called ``layer``."""
        return self.layers[layer]

    @property
    def same(self) -> bool:
        """Whether every number that both have is the same."""
        losses = self.losses is None or same_values(np.array(self.losses[0]), np.array(self.losses[1]))
        first = self.first_forward or self.first_backward
        return first is None and losses and all(each.same for rows in self.layers.values() for each in rows.values())

    @property
    def rounding_only(self) -> bool:
        """Whether they differ, but by no more than rounding in any quantity."""
        rows = (each for layer in self.layers.values() for each in layer.values())
        plain = self.plain_forward or self.plain_backward
        differs = self.first_forward or self.first_backward
        return differs is not None and plain is None and all(each.relative <= ROUNDING for each in rows)

    @property
    def same_length(self) -> bool:
        """Whether both runs have the same number of steps."""
        return self.a.length == self.b.length


def difference(a: Array, b: Array) -> Array:
    """b - a, exactly 0 where both are equal, also where both are the same infinity or NaN."""
    with np.errstate(all="ignore"):
        result = np.subtract(b, a)
        if not np.isfinite(result).all():
            result[(a == b) | (np.isnan(a) & np.isnan(b))] = 0.0
    return result


def diff(a: Run | Trace, b: Run | Trace, *, sequence: int | None = None) -> Diff:
    """What differs between two Runs, or two Traces, of networks of the same shape.

    sequence  which sequence of a batch, from 0; may be left out where there is one only

    Raises LstmvizError where layers, directions, kinds of cell or hidden sizes do not fit together.
    """
    return drain(diffing(a, b, sequence=sequence))


def diffing(a: Run | Trace, b: Run | Trace, *, sequence: int | None = None) -> Steps[Diff]:
    """``diff`` in small pieces: each ``yield`` is the fraction done and a place to stop."""
    runs = (a, b) if isinstance(a, Run) and isinstance(b, Run) else None
    traces = tuple(each.trace if isinstance(each, Run) else each for each in (a, b))
    refuse_unlike(*traces)
    first, second = traces
    column = checked_sequence(next(iter(first.layers.values())), sequence)
    checked_sequence(next(iter(second.layers.values())), sequence)
    length = min(first.length, second.length)
    gradients = (runs[0].gradients, runs[1].gradients) if runs else None
    layers: dict[str, dict[str, QuantityDiff]] = {}
    for number, name in enumerate(first.layers):
        pairs = _pairs(first, second, gradients, name, (length, column))
        layers[name] = {}
        for done, (symbol, quantity, *values) in enumerate(pairs):
            fraction = (number + done / len(pairs)) / len(first.layers)
            share = 1 / len(pairs) / len(first.layers)
            layers[name][symbol] = yield from _comparing(symbol, quantity, values, fraction, share)
    exact = _first_differences(a, b, length, column, 0.0)
    plain = exact if exact == (None, None) else _first_differences(a, b, length, column, ROUNDING)
    losses = (runs[0].main.loss, runs[1].main.loss) if runs else None
    return Diff(first, second, length, layers, *exact, *plain, losses, _weights_that_differ(first, second))


def _first_differences(
    a: Run | Trace, b: Run | Trace, length: int, column: int, tolerance: float
) -> tuple[FirstDifference | None, FirstDifference | None]:
    """The first difference of the forward pass, and of the backward pass where there is one."""
    if isinstance(a, Run) and isinstance(b, Run):
        forward = first_forward_difference(a.trace, b.trace, length, column, tolerance)
        return forward, first_backward_difference(a.main, b.main, length, tolerance)
    one, other = (each.trace if isinstance(each, Run) else each for each in (a, b))
    return first_forward_difference(one, other, length, column, tolerance), None


def refuse_unlike(a: Trace, b: Trace) -> None:
    """Raises LstmvizError, which says what does not fit, for networks that cannot be compared number by number."""
    one, other = a.network, b.network
    for what, mine, theirs in (
        ("one is an LSTM and the other a vanilla RNN", one.cell, other.cell),
        ("one has {} and the other {}", count(len(one.layers), "layer"), count(len(other.layers), "layer")),
        ("one is bidirectional and the other is not", one.bidirectional, other.bidirectional),
        ("one has {} a layer and the other {}", _units(one), _units(other)),
    ):
        if mine != theirs:
            raise LstmvizError(
                f"These networks cannot be compared number by number: {what.format(mine, theirs)}",
                where="diff",
                how="Compare two runs with the same layers and units.",
            )


def _units(network: Network) -> str:
    """The sizes of a network's layers, ``8 units``, and of its projections."""
    sizes = [
        count(layer.hidden_size, "unit")
        + (f" projected to {layer.h_size:,}" if layer.h_size != layer.hidden_size else "")
        for layer in network.layers
    ]
    return sizes[0] if len(set(sizes)) == 1 else ", ".join(sizes)


def _pairs(
    a: Trace, b: Trace, gradients: tuple[Gradients, Gradients] | None, name: str, part: tuple[int, int]
) -> list[tuple[str, Quantity, Array, Array]]:
    """Every quantity of a layer that both runs have: symbol, what it is, and its values [n, H] in both."""
    length, column = part
    one, other = a[name], b[name]
    quantities = QUANTITIES[a.network.cell]
    if one.x.shape[2] == other.x.shape[2]:
        quantities = (Quantity.INPUT, *quantities)
    pairs = []
    for quantity in quantities:
        values = (getattr(layer, quantity.symbol)[:length, column] for layer in (one, other))
        pairs.append((quantity.symbol, quantity, *values))
    if gradients is not None:
        states = (Quantity.CELL_STATE, Quantity.HIDDEN_STATE)
        for quantity in states if isinstance(one, LSTMTrace) else states[1:]:
            values = (getattr(each[name], quantity.symbol)[:length, column] for each in gradients)
            pairs.append((f"d{quantity.symbol}", quantity, *values))
    return pairs


def _comparing(
    symbol: str, quantity: Quantity, values: list[Array], fraction: float, share: float
) -> Steps[QuantityDiff]:
    """The differences of one quantity, row by row."""
    a, b = values
    length, width = a.shape
    largest, squares, total = np.zeros(length), np.zeros(length), 0.0
    rows = max(_NUMBERS_PER_CHUNK // width, 1)
    for start in range(0, length, rows):
        part = slice(start, min(start + rows, length))
        with np.errstate(all="ignore"):
            sizes = np.abs(b[part] - a[part])
            added = float(sizes.sum())
            if not np.isfinite(added):
                sizes = np.abs(difference(a[part], b[part]))
                added = float(sizes.sum())
            largest[part] = sizes.max(axis=1)
            squares[part] = np.einsum("th,th->t", sizes, sizes)
        total += added
        yield fraction + share * part.stop / length
    norms = np.sqrt(squares)
    extreme = (largest > _LARGEST_SQUARE) | ((largest > 0) & (largest < _SMALLEST_SQUARE))
    if extreme.any():
        with np.errstate(all="ignore"):
            norms[extreme] = 10 ** log10_norms(difference(a[extreme], b[extreme]))
    read_only(norms)
    row = int(np.argmax(largest))  # the first NaN, if there is one
    unit = int(np.argmax(np.abs(difference(a[row], b[row]))))
    size = float(largest[row])
    differing = int(np.count_nonzero(largest))
    return QuantityDiff(symbol, quantity, a, b, norms, size, row + 1, unit, total / a.size, _share(size, a), differing)


def _share(size: float, a: Array) -> float:
    """``size`` by the largest |a|."""
    if size == 0:
        return 0.0
    largest = max(float(a.max()), -float(a.min()))
    with np.errstate(all="ignore"):
        return float(np.float64(size) / largest)


def _weights_that_differ(a: Trace, b: Trace) -> dict[str, float]:
    """Name -> largest difference, of the weights that both networks have in the same shape."""
    if a.network is b.network:
        return {}
    others = b.network.state_dict()
    found = {}
    for name, mine in a.network.state_dict().items():
        theirs = others.get(name)
        if theirs is not None and theirs.shape == mine.shape and not same_values(mine, theirs):
            found[name] = float(np.abs(difference(mine, theirs)).max())
    return found
