"""What the measured gradients can be laid against: clipping, the forget bias alone, and U = rho x orthogonal.

The straight lines and clipped curves that are drawn, and what they say in words; the switches stand in the legend's
module.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.gradients.clipping import clipped_curve, forget_bias_half_life, log10_forget_bias_decay
from lstmviz.core.gradients.decay import GradientCurve, farthest_step, gradient_curves
from lstmviz.core.magnitudes import magnitude, power_of_ten, signed_magnitude
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import GATES, Cell, CellParameters, Nonlinearity
from lstmviz.core.run import Run
from lstmviz.core.text import MINUS

NO_FORGET_GATE = "A vanilla RNN has no forget gate. Choose the LSTM to see this."
NO_VANILLA_RNN = "There is no vanilla RNN here. Run one beside the LSTM, or choose it as the cell."
NOT_ORTHOGONAL = (
    "U, the RNN's recurrent weights, is not a factor ρ times an orthogonal matrix. To make it so, choose the "
    "initialisation: orthogonal. In an RNN under study ρ is then the recurrent weight scale; in one beside an LSTM it "
    "is 1."
)


@dataclass(frozen=True)
class Choices:
    """Which comparisons are wished for, and the norm at which gradients are clipped."""

    clip: bool = False
    threshold: float = 1.0
    forget_bias: bool = False
    orthogonal: bool = False


@dataclass(frozen=True, eq=False)
class ClippedCurves:
    """The measured curves with every step clipped by norm on its own.

    log10  by ``GradientCurve.key``: [T], log10 of the lengths after clipping; inf and nan stay, they have no direction
    """

    threshold: float
    log10: Mapping[str, Array]
    sentence: str
    meanings: tuple[str, ...] = (
        "the length of each step's gradient, cut after the backward pass",
        "each step's length, cut",
    )

    @property
    def log10_threshold(self) -> float:
        """Where the line of the threshold stands."""
        return math.log10(self.threshold)

    @property
    def name(self) -> str:
        """What it is called beside its line."""
        return f"clipped at norm {self.threshold:g}"


@dataclass(frozen=True)
class ReferenceLine:
    """A straight line of log10 magnitudes from the step ``anchor`` back to the step ``end``.

    key   ``forget_bias``, ``orthogonal`` or ``orthogonal_baseline``: how it looks
    name  what it is called; short: the numbers that make it; sentence: what it says, and why the curve differs
    """

    key: str
    name: str
    short: str
    sentence: str
    anchor: int
    end: int
    log10_at_anchor: float
    log10_per_step: float

    def values(self, length: int) -> Array:
        """log10 at every step, [T]; nan where the gradient has not come from the anchor."""
        t = np.arange(1, length + 1)
        back = self.anchor - t if self.end <= self.anchor else t - self.anchor
        return np.where(back >= 0, self.log10_at_anchor + back * self.log10_per_step, np.nan)

    def at(self, t: int) -> str:
        """Its value at step t, three digits; a dash on the far side of the anchor."""
        value = self._height(t)
        return "–" if min(self.anchor, self.end) > t or t > max(self.anchor, self.end) else magnitude(value)

    def inside(self, first: int, last: int, low: float, high: float) -> tuple[Array, Array] | None:
        """The part between two steps and two heights: t and log10 of its two ends, None if there is none."""
        t = np.array([max(min(self.anchor, self.end), first), min(max(self.anchor, self.end), last)], float)
        if t[0] > t[1]:
            return None
        heights = np.array([self._height(t[0]), self._height(t[1])])
        if heights.min() > high or heights.max() < low:
            return None
        cut = np.clip(heights, low, high)
        rise = heights[1] - heights[0]
        if rise:
            t = t[0] + (cut - heights[0]) * ((t[1] - t[0]) / rise)
        return t, cut

    def _height(self, t: float) -> float:
        return self.log10_at_anchor + abs(self.anchor - t) * self.log10_per_step


@dataclass(frozen=True, eq=False)
class Comparison:
    """All that is laid over the measured curves."""

    clipped: ClippedCurves | None = None
    lines: tuple[ReferenceLine, ...] = ()

    @property
    def sentences(self) -> tuple[str, ...]:
        """What it says, one sentence or more for each."""
        clipped = (self.clipped.sentence,) if self.clipped else ()
        return (*clipped, *(line.sentence for line in self.lines))

    def columns(self, curves: tuple[GradientCurve, ...], length: int) -> list[tuple[str, Array]]:
        """The same as columns of a table: (header, log10 [T])."""
        clipped = self.clipped
        found = [(f"{clipped.name}: {each.name()}", clipped.log10[each.key]) for each in curves] if clipped else []
        return found + [(line.name, line.values(length)) for line in self.lines]


NOTHING = Comparison()


@dataclass(frozen=True)
class Obstacles:
    """Why a comparison cannot be made with this run; empty where it can."""

    forget_bias: str = ""
    orthogonal: str = ""


def obstacles(run: Run, layer: str) -> Obstacles:
    """What stands in the way of the comparisons in this run and layer."""
    recurrences = _vanilla_networks(run)
    factors = [orthogonal_factor(_parameters(network, layer).weight_hh) for _, network in recurrences]
    missing = NO_VANILLA_RNN if not recurrences else NOT_ORTHOGONAL if factors.count(None) == len(factors) else ""
    return Obstacles("" if run.network.cell is Cell.LSTM else NO_FORGET_GATE, missing)


def comparison(run: Run, layer: str, choices: Choices) -> Comparison:
    """What is drawn over the curves of ``layer`` for these choices; what cannot be made is left out."""
    curves = gradient_curves(run, layer)
    clipped = clip(curves, choices.threshold) if choices.clip else None
    lines = [forget_bias_line(run, layer)] if choices.forget_bias else []
    if choices.orthogonal:
        lines += [orthogonal_line(run, layer, curve_key) for curve_key, _ in _vanilla_networks(run)]
    return Comparison(clipped, tuple(line for line in lines if line is not None))


def clip(curves: tuple[GradientCurve, ...], threshold: float) -> ClippedCurves:
    """Every curve as min(curve, threshold), and how often that shortens it."""
    log10, shortened = {}, []
    for curve in curves:
        finite = np.isfinite(curve.log10)
        log10[curve.key] = np.where(finite, clipped_curve(curve.log10, threshold), curve.log10)
        count = int((finite & (curve.log10 > math.log10(threshold))).sum())
        if count:
            shortened.append(f"{curve.name()} at {count:,} of {len(finite):,} {'steps' if len(finite) > 1 else 'step'}")
    what = f"Longer than {threshold:g}, so clipped: {', '.join(shortened)}." if shortened else ""
    what = what or f"No finite gradient here is longer than {threshold:g}, so clipping changes nothing."
    how = (
        "Each step's gradient is cut on its own, after the backward pass, so no step sees another's clipping; training "
        "mostly clips the gradient of all weights together."
    )
    lost = any((np.isnan(curve.log10) | (curve.log10 == np.inf)).any() for curve in curves)
    late = " Where it is infinite or not a number, clipping comes too late." if lost else ""
    return ClippedCurves(threshold, log10, f"{what} {how}{late}")


def forget_bias_line(run: Run, layer: str) -> ReferenceLine | None:
    """sigmoid(b_f)^k from the last step's ||dL/dc||, b_f the layer's mean; None without a forget gate or gradient."""
    curve = next((each for each in gradient_curves(run, layer) if each.symbol == "c"), None)
    anchor = None if curve is None else _anchor(curve, layer)
    if curve is None or anchor is None:
        return None
    parameters = _parameters(run.network, layer)
    biases = parameters.bias[parameters.block(GATES.index("f"))].astype(float)
    bias = float(biases.mean())
    per_step = float(log10_forget_bias_decay(bias, 1)[1])
    half_life = forget_bias_half_life(bias)
    lasts = f"half-life {magnitude(math.log10(half_life))} steps" if half_life < math.inf else "it does not fade"
    mean = "mean " if np.ptp(biases) else ""
    short = f"{lasts} at {mean}b_f = {_number(bias)}"
    sentence = (
        f"Were the forget gate sigmoid(b_f) alone, each step back would multiply dL/dc by {power_of_ten(per_step)}: "
        f"{short}. The measured curve differs because the gate also sees x[t] and h[t−1], and because gradient comes "
        "to c[t] through h[t] as well."
    )
    name = f"closed form sigmoid({_number(bias)})^k"
    sentence += _entering(run, layer)
    return _line("forget_bias", name, short, sentence, curve, anchor, per_step, farthest_step(run, layer))


def orthogonal_line(run: Run, layer: str, curve_key: str) -> ReferenceLine | None:
    """The line of slope log10(rho) from the last step's ||dL/dh|| of one vanilla RNN; None unless U = rho x orthogonal.

    ``curve_key`` says which: ``h``, the network under study, or ``baseline``.
    """
    curve = next(each for each in gradient_curves(run, layer) if each.key == curve_key)
    network = dict(_vanilla_networks(run))[curve_key]
    weight_hh = _parameters(network, layer).weight_hh
    rho, anchor = orthogonal_factor(weight_hh), _anchor(curve, layer)
    if rho is None or anchor is None:
        return None
    slope, written = math.log10(rho), _number(rho)
    one = len(weight_hh) == 1
    made_of = f"is one number of size ρ = {written}" if one else f"is ρ = {written} times an orthogonal matrix"
    short = f"slope log10 ρ = {_number(slope)} a step"
    sentence = (
        f"U of the {curve.network} {made_of}, so on its own it multiplies the gradient by {written} each step back: "
        f"{short}. {_WHY_THE_SLOPE_DIFFERS[network.layers[0].nonlinearity]}"
    )
    sentence += _entering(run, layer)
    name = f"{curve.network}: ρ × orthogonal, ρ = {written}" if not one else f"{curve.network}: ρ^k, ρ = {written}"
    key = "orthogonal_baseline" if curve.baseline else "orthogonal"
    return _line(key, name, short, sentence, curve, anchor, slope, farthest_step(run, layer))


_WHY_THE_SLOPE_DIFFERS = {
    Nonlinearity.IDENTITY: "There is no nonlinearity, so nothing else changes it on its way.",
    Nonlinearity.TANH: "The measured curve loses more, because tanh' is below 1 wherever h is not 0.",
    Nonlinearity.RELU: "The measured curve loses more wherever a ReLU is off, its slope 0.",
}


def orthogonal_factor(matrix: Array) -> float | None:
    """rho where ``matrix`` = rho x orthogonal, that is U U^T = rho^2 I to 1e-6 of rho^2; None elsewhere, and for 0."""
    with np.errstate(all="ignore"):
        exact = np.asarray(matrix, float)
        squares = (exact * exact).sum(axis=1)
        rho_squared = float(squares.mean())
        if not (0 < rho_squared < np.inf) or np.abs(squares / rho_squared - 1).max() > 1e-6:
            return None  # the quick way out for nearly every other matrix
        product = exact @ exact.T / rho_squared
    return math.sqrt(rho_squared) if np.abs(product - np.eye(len(product))).max() <= 1e-6 else None


def within_reach(measured: list[Array], comparison: Comparison, first: int, last: int) -> Array:
    """The heights of the comparison between two steps that the plot makes room for.

    What runs far away from the measured curves leaves the plot rather than squash them.
    """
    values = np.concatenate(measured)
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (-1.0, 1.0)
    room = max(2.0, 0.4 * (high - low))
    heights = []
    if comparison.clipped is not None and low - room <= comparison.clipped.log10_threshold <= high + room:
        heights.append(comparison.clipped.log10_threshold)
    for line in comparison.lines:
        part = line.inside(first, last, low - room, high + room)
        heights += [] if part is None else part[1].tolist()
    return np.array(heights, np.float64)


def clear_place(
    size: tuple[float, float], path: Array, drawn: Array, taken: list[Array], area: tuple[float, float]
) -> Array:
    """Where the name of a straight line crosses as little as possible: [left, bottom, right, top] in pixels, y upwards.

    size   width and height of the name;  path   the line's two ends, [2 ends, 2]
    drawn  points of everything that is drawn, [n, 2];  taken  boxes of other names;  area  the plot's width and height
    """
    boxes, costs = [], []
    for share in np.linspace(0, 1, 21):
        at = (1 - share) * path[0] + share * path[1]
        for across, up in ((0, 0), (0, -1), (-1, 0), (-1, -1)):
            corner = at + np.array([across, up]) * size
            box = np.array([*corner, *(corner + size)])
            inside = (drawn[:, 0] > box[0]) & (drawn[:, 0] < box[2]) & (drawn[:, 1] > box[1]) & (drawn[:, 1] < box[3])
            overlaps = sum(bool((box[:2] < other[2:]).all() and (other[:2] < box[2:]).all()) for other in taken)
            outside = bool((box[:2] < 0).any() or (box[2:] > area).any())
            boxes.append(box)
            costs.append(int(inside.sum()) + 1e3 * overlaps + 1e6 * outside)
    return boxes[int(np.argmin(costs))]


def _line(
    key: str, name: str, short: str, sentence: str, curve: GradientCurve, anchor: int, per_step: float, end: int
) -> ReferenceLine:
    return ReferenceLine(key, name, short, sentence, anchor, end, float(curve.log10[anchor - 1]), per_step)


def _anchor(curve: GradientCurve, layer: str) -> int | None:
    """The step nearest the loss with a finite gradient other than 0: where the way back begins."""
    steps = np.flatnonzero(np.isfinite(curve.log10)) + 1
    return int(steps[0 if layer.endswith("_reverse") else -1]) if len(steps) else None


def _parameters(network: Network, layer: str) -> CellParameters:
    return {name: parameters for name, _, parameters in network.directions()}[layer]


def _vanilla_networks(run: Run) -> list[tuple[str, Network]]:
    """(key of its curve, network) of every vanilla RNN of the run."""
    found = [("h", run.network)] if run.network.cell is Cell.RNN else []
    return found + ([("baseline", run.baseline.network)] if run.baseline else [])


def _entering(run: Run, layer: str) -> str:
    """A sentence where gradient enters the layer at more than one step; else empty."""
    number = int(layer.removeprefix("l").removesuffix("_reverse"))
    often = len(run.objective.steps(run.length)) > 1 or number + 1 < len(run.network.layers)
    return " Gradient that enters at other steps comes on top." if often else ""


def _number(value: float) -> str:
    """Three digits, without trailing zeros; what rounding made of a 0 is 0."""
    value = round(value, 12) + 0.0
    readable = value == 0 or 1e-3 <= abs(value) < 1e4
    return f"{value:.3g}".replace("-", MINUS) if readable else signed_magnitude(value)
