"""Are the gradients right? Backpropagation through time against central differences of the loss.

Every parameter, and every node z, c, h of every step, is moved a little to both sides and the network run on from
there; the loss L = sum(y * dy), whose dL/dy is dy, is what changes. The check works in float64.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lstmviz.core.arrays import Array, BoolArray
from lstmviz.core.engine.blas import single_threaded_blas
from lstmviz.core.engine.inputs import checked_output_gradient
from lstmviz.core.engine.passes import backward as engine_backward
from lstmviz.core.engine.selection import last_step
from lstmviz.core.engine.trace import Gradients, Trace
from lstmviz.core.gradients.differences import Change, Differences, at_kinks, central_differences
from lstmviz.core.gradients.perturbation import backward_nodes, forward_again, outputs_with_nodes_moved
from lstmviz.core.magnitudes import magnitude
from lstmviz.core.networks.parameters import GATES, PEEPHOLES, Nonlinearity
from lstmviz.core.progress import Steps, drain

Backward = Callable[[Trace, Array], Gradients]

TOLERANCE = 1e-6
"""The relative error up to which a gradient counts as right."""

_WILD = 20
"""How many halvings of the step a large gradient may ask for; beyond, rounding is all that differences would show."""


@dataclass(frozen=True)
class BlockCheck:
    """How well one block of gradients agrees with central differences.

    name        ``weight_hh_l0 f`` (the rows of a gate), ``head.bias``; ``l0 c``, ``l0 z_f`` for a node of all steps
    error       the largest |BPTT - difference|, relative to the largest gradient of the block (of a node: of its step)
    checked     how many entries were compared
    kinks       how many were not, because L has a kink there: its one-sided differences disagree (relu)
    unresolved  how many were not, because they are too small or too wild for differences in float64
    wrong_at    of a node the first step, on the way back, whose error is too large; None for weights and where all fit
    """

    name: str
    error: float
    checked: int
    kinks: int
    unresolved: int
    passed: bool
    wrong_at: int | None = None


@dataclass(frozen=True)
class GradientCheck:
    """The outcome. First the blocks of nodes in the order in which BPTT computes them, then those of the weights.

    first_wrong  the first block that went wrong in that order, so most likely where the mistake is; None if all fit
    """

    blocks: tuple[BlockCheck, ...]
    tolerance: float
    first_wrong: BlockCheck | None

    @property
    def error(self) -> float:
        """The largest relative error of all blocks."""
        return max((block.error for block in self.blocks), default=0.0)

    @property
    def checked(self) -> int:
        """How many entries were compared."""
        return sum(block.checked for block in self.blocks)

    @property
    def kinks(self) -> int:
        """How many entries lie on a kink and were left out."""
        return sum(block.kinks for block in self.blocks)

    @property
    def unresolved(self) -> int:
        """How many entries are too small or too wild for differences and were left out."""
        return sum(block.unresolved for block in self.blocks)

    @property
    def failed(self) -> tuple[BlockCheck, ...]:
        """The blocks whose gradients are wrong."""
        return tuple(block for block in self.blocks if not block.passed)

    @property
    def passed(self) -> bool:
        """Whether something was compared and all of it agrees."""
        return self.checked > 0 and not self.failed

    def in_words(self) -> str:
        """The outcome as it stands on a badge: ``checked, 3.12×10⁻⁹``."""
        if self.first_wrong:
            at = f" at step {self.first_wrong.wrong_at:,}" if self.first_wrong.wrong_at is not None else ""
            return f"wrong: {self.first_wrong.name}{at}"
        if not self.checked:
            return "not checked: no gradient here can be measured by differences"
        with np.errstate(divide="ignore"):
            return f"checked, {magnitude(float(np.log10(self.error)))}"


def gradient_check(
    trace: Trace,
    dy: Any,
    *,
    backward: Backward = engine_backward,
    loss: Callable[[Array], float] | None = None,
    tolerance: float = TOLERANCE,
    most: int = 24,
    seed: int = 0,
) -> GradientCheck:
    """BPTT against central differences, for every block of weights and every node.

    dy        dL/dy [T, B, O], for one sequence also [T, O]
    backward  the backward pass under test, called as backward(trace, dy)
    loss      L of y [T, B, O]; where given, dy is checked against it as block ``y``
    most      at most about so many entries of a block are compared, drawn with ``seed``

    Raises LstmvizError where dy does not fit.
    """
    steps = gradient_check_steps(trace, dy, backward=backward, loss=loss, tolerance=tolerance, most=most, seed=seed)
    return drain(steps)


def gradient_check_steps(
    trace: Trace,
    dy: Any,
    *,
    backward: Backward = engine_backward,
    loss: Callable[[Array], float] | None = None,
    tolerance: float = TOLERANCE,
    most: int = 24,
    seed: int = 0,
) -> Steps[GradientCheck]:
    """``gradient_check`` in pieces: yields the fraction done, returns the outcome. Checks its arguments at once."""
    dy = checked_output_gradient(trace.y, dy).astype(np.float64)
    trace = _in_float64(trace)
    probes = _Probes(trace, dy, backward(trace, dy), max(most, 1), np.random.default_rng(seed), loss)
    return _checking(list(probes.all()), trace, tolerance)


@dataclass(frozen=True, eq=False)
class _Probe:
    """n entries that are moved together, each in a copy of the network's run of its own.

    blocks     [n] names
    t          the step, None for weights
    gradients  [n] as BPTT has them
    scales     [n] the largest gradient of the group that each belongs to
    sizes      [n] powers of two: about how far each may be moved
    wild       [n] whether the gradient is so large that no step is small enough
    change     L(a) - L(b) with each entry moved by its a and its b
    magnitude  the size of the numbers that the change is a difference of
    """

    blocks: tuple[str, ...]
    t: int | None
    gradients: Array
    scales: Array
    sizes: Array
    wild: BoolArray
    change: Change
    magnitude: float


def _checking(probes: list[_Probe], trace: Trace, tolerance: float) -> Steps[GradientCheck]:
    kinked = any(layer.nonlinearity is Nonlinearity.RELU for layer in trace.network.layers)
    counts: dict[str, _Count] = {}
    first_wrong = None
    for number, probe in enumerate(probes):
        with single_threaded_blas(), np.errstate(all="ignore"):
            differences = central_differences(probe.change, probe.sizes, probe.magnitude)
            error, resolved = _judge(probe, differences, tolerance)
            wrong = resolved & (error > tolerance)
            kinks = np.zeros_like(wrong)
            if kinked and wrong.any():
                kinks = wrong & at_kinks(probe.change, probe.sizes, probe.magnitude, tolerance)
        for k, name in enumerate(probe.blocks):
            count = counts.setdefault(name, _Count())
            count.add(float(error[k]), bool(resolved[k]), bool(kinks[k]), probe.t if wrong[k] else None)
            if wrong[k] and not kinks[k]:
                first_wrong = first_wrong or name
        yield (number + 1) / len(probes)
    blocks = {name: count.block(name, tolerance) for name, count in counts.items()}
    return GradientCheck(tuple(blocks.values()), tolerance, blocks[first_wrong] if first_wrong else None)


def _judge(probe: _Probe, differences: Differences, tolerance: float) -> tuple[Array, BoolArray]:
    """The relative error of every entry, and whether the differences are exact enough to tell."""
    scales = probe.scales.copy()
    for name in set(probe.blocks):
        group = np.array([block == name for block in probe.blocks])
        scales[group] = np.maximum(scales[group], np.abs(differences.values[group]).max())
    distance = np.abs(probe.gradients - differences.values)
    error = np.where(distance == 0, 0.0, distance / scales)
    exact = differences.errors <= 0.1 * tolerance * scales
    # far outside of what the differences may be off by: wrong, even where they are no good for more
    beyond = distance > 100 * differences.errors
    resolved: BoolArray = np.isfinite(error) & ~probe.wild & ((distance == 0) | exact | beyond)
    return error, resolved


class _Count:
    """What is known of one block so far."""

    def __init__(self) -> None:
        self._error, self._checked, self._kinks, self._unresolved = 0.0, 0, 0, 0
        self._wrong_at: int | None = None

    def add(self, error: float, resolved: bool, kink: bool, wrong_at: int | None) -> None:
        """One more entry."""
        if kink:
            self._kinks += 1
        elif not resolved:
            self._unresolved += 1
        else:
            self._checked += 1
            self._error = max(self._error, error)
            self._wrong_at = wrong_at if self._wrong_at is None else self._wrong_at

    def block(self, name: str, tolerance: float) -> BlockCheck:
        """All of it."""
        passed = self._error <= tolerance
        return BlockCheck(name, self._error, self._checked, self._kinks, self._unresolved, passed, self._wrong_at)


class _Probes:
    """What is to be moved, in the order of the backward pass: outputs, nodes from the top layer down, weights."""

    def __init__(
        self,
        trace: Trace,
        dy: Array,
        gradients: Gradients,
        most: int,
        random: np.random.Generator,
        loss: Callable[[Array], float] | None,
    ) -> None:
        self._trace, self._dy, self._gradients = trace, dy, gradients
        self._most, self._random, self._loss = most, random, loss
        self._magnitude = float(np.nansum(np.abs(trace.y * dy)))
        self._reach = float(np.nansum(np.maximum(np.abs(trace.y), 1) * np.abs(dy)))

    def all(self) -> Iterator[_Probe]:
        """Every probe."""
        if self._loss:
            yield from self._outputs(self._loss)
        for name in reversed(list(self._trace.layers)):
            for t in self._steps_back(name):
                yield self._nodes(name, t)
        for name, array in self._trace.network.state_dict().items():
            for block, rows in self._blocks(name, array):
                yield from self._weights(name, block, rows, array)

    def _outputs(self, loss: Callable[[Array], float]) -> Iterator[_Probe]:
        """The outputs y, against the loss itself."""
        y, largest = self._trace.y, np.abs(self._dy).max()
        for index in self._sample(y.shape, slice(None)):

            def change(a: Array, b: Array, index: tuple[int, ...] = index) -> Array:
                return np.array([loss(_moved(y, index, a[0])) - loss(_moved(y, index, b[0]))])

            size, never = np.array([_power_of_two(y[index])]), np.zeros(1, bool)
            gradient, scale = np.array([self._dy[index]]), np.array([largest])
            yield _Probe(("y",), None, gradient, scale, size, never, change, abs(loss(y)))

    def _nodes(self, name: str, t: int) -> _Probe:
        """Some units of all nodes of one step of one layer."""
        layer, gradients = self._trace[name], self._gradients[name]
        batch = int(self._random.integers(layer.h.shape[1]))
        rows = {node: getattr(gradients, node)[t - 1, batch] for node in backward_nodes(layer)}
        order = self._random.permutation(max(len(row) for row in rows.values()))
        most = max(1, self._most // len(layer.h))
        # with a projection h has fewer units than the other nodes
        units = {node: [int(unit) for unit in order if unit < len(row)][:most] for node, row in rows.items()}
        entries = [(node, unit) for node in rows for unit in units[node]]

        def change(a: Array, b: Array) -> Array:
            after, before = (outputs_with_nodes_moved(self._trace, name, t, batch, entries, by) for by in (a, b))
            return np.asarray(((after - before) * self._dy[:, [batch]]).sum((0, 2)))

        gradient = np.array([rows[node][unit] for node, unit in entries])
        values = np.array([getattr(layer, node)[t - 1, batch, unit] for node, unit in entries])
        return _Probe(
            tuple(f"{name} {node}" for node, _ in entries),
            t,
            gradient,
            np.array([np.abs(rows[node]).max() for node, _ in entries]),
            *self._sizes(gradient, values),
            change,
            self._magnitude,
        )

    def _weights(self, name: str, block: str, rows: slice, array: Array) -> Iterator[_Probe]:
        """Some entries of the rows of one weight."""
        gradients = self._gradients.params[name]
        scale = np.array([np.abs(gradients[rows]).max()])
        for index in self._sample(array.shape, rows):

            def change(a: Array, b: Array, index: tuple[int, ...] = index) -> Array:
                after, before = (self._with_weight(name, _moved(array, index, by[0])) for by in (a, b))
                return np.array([((after - before) * self._dy).sum()])

            gradient = np.array([gradients[index]])
            sizes, wild = self._sizes(gradient, np.array([array[index]]))
            yield _Probe((block,), None, gradient, scale, sizes, wild, change, self._magnitude)

    def _sizes(self, gradients: Array, values: Array) -> tuple[Array, BoolArray]:
        """How far entries may be moved: far less than would change L by all it can; and where that is too little."""
        far = np.array([_power_of_two(value) for value in values])
        with np.errstate(all="ignore"):
            least = self._reach / np.abs(gradients)
        near = np.array(
            [2.0 ** max(-_WILD, int(np.frexp(min(each, 1.0))[1])) for each in np.nan_to_num(least, nan=1.0)]
        )
        wild: BoolArray = least < 2.0**-_WILD
        return np.minimum(far, near), wild

    def _with_weight(self, name: str, array: Array) -> Array:
        """y with one weight replaced."""
        return forward_again(self._trace, self._trace.network.with_parameters({name: array})).y

    def _blocks(self, name: str, array: Array) -> Iterator[tuple[str, slice]]:
        """(block name, rows) of one weight: one a gate for the stacked weights of an LSTM, and for its peepholes."""
        if name.startswith(("head.", "weight_hr_")) or self._gradients.c0 is None:
            yield name, slice(None)
            return
        if name.startswith("peepholes_"):
            yield from ((f"{name} {gate}", slice(number, number + 1)) for number, gate in enumerate(PEEPHOLES))
            return
        units = len(array) // len(GATES)
        for number, gate in enumerate(GATES):
            yield f"{name} {gate}", slice(number * units, (number + 1) * units)

    def _sample(self, shape: tuple[int, ...], rows: slice) -> Iterator[tuple[int, ...]]:
        """At most ``most`` indices into the rows of an array, drawn without replacement."""
        flat = np.arange(int(np.prod(shape))).reshape(shape)[rows].ravel()
        chosen = flat if len(flat) <= self._most else self._random.choice(flat, self._most, replace=False)
        for each in chosen:
            yield tuple(int(k) for k in np.unravel_index(each, shape))

    def _steps_back(self, name: str) -> list[int]:
        """At most ``most`` steps t of a layer, evenly spaced, from its last to its first."""
        length = self._trace.length
        chosen = [int(t) for t in np.unique(np.linspace(length, 1, min(self._most, length)).round())]
        return chosen if last_step(self._trace[name]) == 1 else chosen[::-1]


def _power_of_two(value: float) -> float:
    """The power of two next to ``value``, at least 1: moving ``value`` by less of it loses no digits."""
    exponent = int(np.frexp(value)[1]) if np.isfinite(value) else 0
    return 2.0 ** max(0, exponent)


def _moved(array: Array, index: tuple[int, ...], by: float) -> Array:
    moved = array.copy()
    moved[index] += by
    return moved


def _in_float64(trace: Trace) -> Trace:
    """The same forward pass in float64."""
    if trace.network.dtype == np.float64:
        return trace
    return forward_again(trace, trace.network.astype(np.float64))
