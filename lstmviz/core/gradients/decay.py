"""How gradients change on their way back through time: the curves, their decay, and sentences about both."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lstmviz.core.arrays import Array, BoolArray
from lstmviz.core.magnitudes import (
    EXPLODED,
    VANISHED,
    log10_per_step,
    magnitude,
    power_of_ten,
    superscript_power,
)
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.run import Run


@dataclass(frozen=True, eq=False)
class GradientCurve:
    """The length of one gradient at every step, for one layer of one network.

    network   how people call the network: ``LSTM``, ``RNN`` or ``baseline RNN``
    symbol    ``h`` for dL/dh[t], ``c`` for dL/dc[t]; total derivatives
    baseline  whether the network is the vanilla RNN beside the one under study
    log10     [T], log10 of the Euclidean norm over the units; -inf where the gradient is exactly 0
    """

    network: str
    symbol: str
    baseline: bool
    log10: Array

    @property
    def key(self) -> str:
        """``h``, ``c`` or ``baseline``: unlike in one run."""
        return "baseline" if self.baseline else self.symbol

    def name(self, step: str = "t") -> str:
        """What it is, such as ``LSTM ‖dL/dh[t]‖``."""
        return f"{self.network} ‖dL/d{self.symbol}[{step}]‖"

    @property
    def meaning(self) -> str:
        """What its value says."""
        return f"how much the loss would change if {self.symbol}[t] changed"

    @property
    def short_meaning(self) -> str:
        """The same where there is little room."""
        return f"change of the loss with {self.symbol}[t]"

    def at(self, t: int) -> str:
        """Its value at step t, three digits."""
        return magnitude(float(self.log10[t - 1]))


@dataclass(frozen=True)
class Decay:
    """The mean factor for each step back (geometric), from step ``start`` back to step ``end``."""

    log10_per_step: float
    start: int
    end: int

    @property
    def factor(self) -> str:
        """The factor a step as people read it, such as ``0.710``."""
        return power_of_ten(self.log10_per_step)


def gradient_curves(run: Run, layer: str) -> tuple[GradientCurve, ...]:
    """dL/dh and dL/dc of the network under study and dL/dh of the baseline, those there are, in this order."""
    network = "LSTM" if run.network.cell is Cell.LSTM else "RNN"
    curves = [GradientCurve(network, "h", False, run.main.log10_dh[layer])]
    if layer in run.main.log10_dc:
        curves.append(GradientCurve(network, "c", False, run.main.log10_dc[layer]))
    if run.baseline is not None:
        name = "RNN" if network == "LSTM" else "baseline RNN"
        curves.append(GradientCurve(name, "h", True, run.baseline.log10_dh[layer]))
    return tuple(curves)


def decay(curve: GradientCurve, layer: str) -> Decay | None:
    """The mean factor a step back, over the steps with a finite gradient other than 0; None with fewer than two."""
    slope = log10_per_step(curve.log10)
    if slope is None:
        return None
    steps = np.flatnonzero(np.isfinite(curve.log10)) + 1
    first, last = int(steps[0]), int(steps[-1])
    return Decay(-slope, first, last) if _reads_backwards(layer) else Decay(slope, last, first)


def farthest_step(run: Run, layer: str) -> int:
    """The step that the layer reads first, so the one that the gradient reaches last."""
    return run.length if _reads_backwards(layer) else 1


def comparison_in_words(run: Run, layer: str, t: int, where: str = "") -> str:
    """How the two networks' ||dL/dh[t]|| compare at step t; ``where`` follows the number of the step."""
    main, baseline = _hidden_curves(run, layer)
    at = f"At step {t:,}{where}"
    value = float(main.log10[t - 1])
    if baseline is None:
        return f"{at} the {main.network}'s gradient is {_in_words(value)}."
    other = float(baseline.log10[t - 1])
    if not (math.isfinite(value) and math.isfinite(other)):
        if value == other == -math.inf:
            return f"{at} both gradients are exactly 0."
        return (
            f"{at} the {main.network}'s gradient is {_in_words(value)}, the {baseline.network}'s is {_in_words(other)}."
        )
    if abs(value - other) < math.log10(1.005):
        return f"{at} both gradients are {'' if value == other else 'about '}equally large."
    larger, smaller = (main, baseline) if value > other else (baseline, main)
    factor = power_of_ten(abs(value - other))
    return f"{at} the {larger.network}'s gradient is {factor} times the {smaller.network}'s."


def headline(run: Run, layer: str) -> str:
    """What is left of the gradient at the far end: against the baseline's, or without one against its start."""
    main, baseline = _hidden_curves(run, layer)
    if all((curve.log10 == -np.inf).all() for curve in gradient_curves(run, layer)):
        return "Every gradient is exactly 0: no small change of a state would change the loss."
    end = farthest_step(run, layer)
    measured = decay(main, layer)
    if baseline is not None or measured is None or measured.end != end:
        return comparison_in_words(run, layer, end)
    change = measured.log10_per_step * abs(measured.start - measured.end)
    if abs(change) < math.log10(1.005):
        return f"At step {end:,} the {main.network}'s gradient is as large as at step {measured.start:,}."
    factor = power_of_ten(change)
    return f"At step {end:,} the {main.network}'s gradient is {factor} times that at step {measured.start:,}."


def decay_in_words(run: Run, layer: str) -> str:
    """The mean factor a step back of ||dL/dh[t]||."""
    if run.length == 1:
        return "There is one step only, so no way back through time."
    main, baseline = _hidden_curves(run, layer)
    measured = decay(main, layer)
    beside = decay(baseline, layer) if baseline is not None else None
    if measured is None and beside is None:
        return "No factor per step back: that takes two steps with a finite gradient other than 0."
    if baseline is None and measured is not None:
        return f"Each step back multiplies it by {measured.factor}."
    factors = [(main.network, measured), (baseline.network if baseline else "", beside)]
    listed = ", ".join(f"{name} {found.factor + '×' if found else 'unknown'}" for name, found in factors)
    return f"Per step back in time: {listed}."


def basis_in_words(run: Run, layer: str) -> str:
    """Of which curve the factors are the mean, and over which steps; the cell state's factor too."""
    measured = [(curve, decay(curve, layer)) for curve in gradient_curves(run, layer)]
    found = [(curve, each) for curve, each in measured if each is not None]
    if not found:
        return ""
    spans = {(each.start, each.end) for _, each in found}
    if len(spans) == 1:
        start, end = spans.pop()
        basis = f"Mean factor of ‖dL/dh[t]‖ from step {start:,} back to step {end:,}."
    else:
        where = ", ".join(f"{curve.name()} from step {each.start:,} back to {each.end:,}" for curve, each in found)
        basis = f"Mean factors: {where}."
    cells = "".join(f" {curve.name()}: {each.factor}×." for curve, each in found if curve.symbol == "c")
    return basis + cells


def entry_in_words(run: Run, layer: str) -> str:
    """Where gradient enters the layer, if not at the last step alone; else empty."""
    steps = run.objective.steps(run.length)
    sentences = []
    if len(steps) == run.length > 1:
        sentences.append("The loss looks at every step, so gradient enters at every step: no pure decay.")
    elif len(steps) > 1:
        where = f"from {steps[0]:,} to {steps[-1]:,}"
        sentences.append(f"The loss looks at every step {where}, so gradient enters at each of them: no pure decay.")
    elif steps[0] != run.length:
        after = "" if run.network.bidirectional else "; what comes later cannot change it"
        sentences.append(f"The loss looks at step {steps[0]:,} only{after}.")
    above = int(layer.removeprefix("l").removesuffix("_reverse")) + 1
    if above < len(run.network.layers):
        sentences.append(f"Layer l{above} above sends gradient down at every step as well.")
    return " ".join(sentences)


def extremes_in_words(run: Run, layer: str) -> str:
    """Where gradients are exactly 0, infinite or nan, and where they have vanished or exploded; else empty."""
    curves = gradient_curves(run, layer)
    sentences = [
        *_shared_steps(curves, [curve.log10 == -np.inf for curve in curves], "exactly 0", layer),
        *_shared_steps(curves, [_overflowed(curve.log10) for curve in curves], "infinite or not a number", layer),
    ]
    vanished, exploded = superscript_power(round(VANISHED)), superscript_power(round(EXPLODED))
    for curve in (curve for curve in curves if curve.symbol == "h"):
        small = (curve.log10 < VANISHED) & (curve.log10 > -np.inf)
        sentences += _reached(curve, curve.log10 < VANISHED, small, f"vanished, below {vanished},", layer)
        large = (curve.log10 > EXPLODED) & (curve.log10 < np.inf)
        sentences += _reached(curve, curve.log10 > EXPLODED, large, f"exploded, above {exploded},", layer)
    return " ".join(sentences)


def _shared_steps(curves: tuple[GradientCurve, ...], masks: list[BoolArray], what: str, layer: str) -> list[str]:
    """A sentence for every set of steps that curves share, such as the steps where all of them are 0."""
    names: dict[bytes, list[str]] = {}
    for curve, mask in zip(curves, masks, strict=True):
        if mask.any():
            names.setdefault(mask.tobytes(), []).append(curve.name())
    return [
        f"{' and '.join(who) if len(who) < len(curves) or len(who) == 1 else 'Every curve'}: {what} "
        f"{_steps_in_words(np.frombuffer(mask, bool), layer)}."
        for mask, who in names.items()
    ]


def _reached(curve: GradientCurve, beyond: BoolArray, finite: BoolArray, what: str, layer: str) -> list[str]:
    """The sentence that a curve stays beyond a threshold from some step back to the far end."""
    back = beyond if _reads_backwards(layer) else beyond[::-1]
    inside = np.flatnonzero(~back)
    number = int(inside[-1]) + 1 if len(inside) else 0
    if number == len(back) or not finite.any():
        return []
    t = number + 1 if _reads_backwards(layer) else len(back) - number
    return [f"The {curve.network}'s gradient has {what} {'at every step' if number == 0 else f'from step {t:,} back'}."]


def _steps_in_words(mask: BoolArray, layer: str) -> str:
    """The steps where ``mask`` holds."""
    steps = np.flatnonzero(mask) + 1
    first, last = int(steps[0]), int(steps[-1])
    if len(steps) == len(mask):
        return "at every step" if len(mask) > 1 else "at step 1"
    if len(steps) == 1:
        return f"at step {first:,}"
    if len(steps) != last - first + 1:
        return f"at {len(steps):,} of {len(mask):,} steps, the first is step {first:,}"
    start, end = (first, last) if _reads_backwards(layer) else (last, first)
    reaches_end = end == (len(mask) if _reads_backwards(layer) else 1)
    return f"from step {start:,} back" if reaches_end else f"at steps {first:,} to {last:,}"


def _hidden_curves(run: Run, layer: str) -> tuple[GradientCurve, GradientCurve | None]:
    """The dL/dh curves of the network under study and of the baseline."""
    curves = [curve for curve in gradient_curves(run, layer) if curve.symbol == "h"]
    return curves[0], curves[1] if len(curves) > 1 else None


def _in_words(log10_value: float) -> str:
    if math.isnan(log10_value):
        return "not a number"
    if math.isinf(log10_value):
        return "infinite" if log10_value > 0 else "exactly 0"
    return magnitude(log10_value)


def _overflowed(log10_values: Array) -> BoolArray:
    overflowed: BoolArray = np.isnan(log10_values) | (log10_values == np.inf)
    return overflowed


def _reads_backwards(layer: str) -> bool:
    return layer.endswith("_reverse")
