"""What the view of paths shows: how strongly the last step still depends on each step before, and every pair of steps.

No Qt here: a generator that the view drives, each ``yield`` a place to stop with all that is known so far.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.jacobians import jacobian_map_steps, jacobian_norms, jacobian_singular_values
from lstmviz.core.magnitudes import magnitude, power_of_ten
from lstmviz.core.parameters import Cell
from lstmviz.core.path_split import Path, PathKind, PathSplit, path_split_steps
from lstmviz.core.run import NetworkRun, Run
from lstmviz.core.selection import IntArray
from lstmviz.core.step_map import StepMap
from lstmviz.core.text import MINUS

MOST_STEPS = 300
"""A map of more steps than this has one row and column for every few of them: a screen shows no more."""

SHORT_MEANINGS = {
    PathKind.FORGET_PRODUCT: "the carousel alone",
    PathKind.HELD_H: "with h held still",
    PathKind.TOTAL: "the truth: h moves too",
}
LONG_MEANINGS = {
    PathKind.FORGET_PRODUCT: "the carousel alone: one forget gate a step, as if no gate looked at h",
    PathKind.HELD_H: "with h held still at t: from t + 1 on, hidden states and gates react",
    PathKind.TOTAL: "the truth: h moves too, as c does; what backpropagation through time computes",
}


@dataclass(frozen=True, eq=False)
class PathCurve:
    """A derivative of the last step with respect to every step, in real time order.

    key     ``forget``, ``held_h``, ``total``, ``main`` or ``baseline``
    log10   [T], log10 of its size; -inf where it is exactly 0
    network  whose it is
    values  [T], with its sign, for one unit; None for a norm, which has none
    """

    key: str
    name: str
    meaning: str
    short_meaning: str
    network: str
    log10: Array
    values: Array | None = None

    def at(self, t: int) -> str:
        """Its value at step t, three digits."""
        size = magnitude(float(self.log10[t - 1]))
        negative = self.values is not None and self.values[t - 1] < 0
        return f"{MINUS}{size}" if negative else size

    def value(self, t: int) -> float:
        """Its value at step t; 0 or inf where float64 ends."""
        with np.errstate(over="ignore"):
            return float(10.0 ** self.log10[t - 1] if self.values is None else self.values[t - 1])


@dataclass(frozen=True, eq=False)
class NetworkMap:
    """The norms of dh[t]/dh[s] of one network, as far as they are known.

    baseline  whether the network is the one beside the one under study
    every     the distance of the steps wanted; 1 where there is a row and a column for each
    complete  whether every row is there; a coarse map has some of them
    """

    network: str
    baseline: bool
    reverse: bool
    every: int
    steps: StepMap
    log10: Array
    complete: bool


@dataclass(frozen=True, eq=False)
class Paths:
    """All that is known about the paths of one layer; ``split`` is None for a vanilla RNN, ``hidden`` empty at first.

    norm    ``fro`` or ``spectral``
    last    T, the step that the layer reads last
    hidden  norms of dh[T]/dh[t] of the network under study and of the baseline
    """

    layer: str
    norm: str
    last: int
    split: PathSplit | None = None
    hidden: tuple[PathCurve, ...] = ()
    maps: tuple[NetworkMap, ...] = ()

    def cell(self, unit: int | None) -> tuple[PathCurve, ...]:
        """The three paths along the cell state: of one unit, or the norms over all where None."""
        if self.split is None:
            return ()
        steps = self.split.steps
        order = np.argsort(steps)
        # the initial state, 0 or T + 1, is no step
        in_time = order[(steps[order] >= 1) & (steps[order] < len(steps))]
        paths = {"forget": self.split.forget_product, "held_h": self.split.held_h, "total": self.split.total}
        return tuple(_cell_curve(key, path, unit, in_time) for key, path in paths.items())


@dataclass(frozen=True)
class PathsProgress:
    """How far the analysis is: the fraction done, 0 to 1, what it is doing, and all that is known by now."""

    fraction: float
    doing: str
    paths: Paths


@dataclass(frozen=True, eq=False)
class Directions:
    """Singular values of dh[T]/dh[t] at one step, [H] as log10 and descending, for each network by name.

    nan where 64-bit floats do not determine them.
    """

    layer: str
    t: int
    last: int
    log10: tuple[tuple[str, bool, Array], ...]


def _cell_curve(key: str, path: Path, unit: int | None, in_time: IntArray) -> PathCurve:
    kind = path.kind
    meaning, short = LONG_MEANINGS[kind], SHORT_MEANINGS[kind]
    if unit is None:
        return PathCurve(key, kind.value, meaning, short, "LSTM", path.log10_norm[in_time])
    return PathCurve(key, kind.value, meaning, short, "LSTM", path.log10[in_time, unit], path.values[in_time, unit])


def networks_of(run: Run) -> tuple[tuple[str, bool, NetworkRun], ...]:
    """(name, whether it is the baseline, run) of the network under study and the one beside it."""
    main = "LSTM" if run.network.cell is Cell.LSTM else "RNN"
    networks = [(main, False, run.main)]
    if run.baseline is not None:
        networks.append(("RNN" if main == "LSTM" else "baseline RNN", True, run.baseline))
    return tuple(networks)


def last_step_of(run: Run, layer: str) -> int:
    """T: the step that the layer reads last, which is step 1 where it reads from the end."""
    return 1 if run.trace[layer].reverse else run.length


def walking_seconds(run: Run) -> float:
    """A rough guess of what one walk back through time takes, with the Jacobian of one step."""
    H = run.network.hidden_size
    return run.length * (10e-6 + 15e-9 * H**2) + 2e-9 * H**3


def analysing_paths(run: Run, layer: str, norm: str) -> Generator[PathsProgress, None, Paths]:
    """Everything in ``Paths``: curves first, then the maps, coarse ones before them."""
    paths = Paths(layer, norm, last_step_of(run, layer))
    networks = networks_of(run)
    if run.network.cell is Cell.LSTM:
        steps = path_split_steps(run.trace, layer=layer, norm=norm)
        while True:
            try:
                fraction = next(steps)
            except StopIteration as finished:
                paths = replace(paths, split=finished.value)
                break
            yield PathsProgress(0.05 * fraction, "paths along the cell state", paths)
    curves = []
    for name, baseline, each in networks:
        yield PathsProgress(0.05, f"paths of the {name}", paths)
        curves.append(_hidden_curve(name, baseline, each, layer, norm))
    paths = replace(paths, hidden=tuple(curves))
    for number, (name, baseline, each) in enumerate(networks):
        before = paths.maps
        mapping = _mapping(name, baseline, each, layer, norm)
        while True:
            try:
                fraction, coarse = next(mapping)
            except StopIteration as finished:
                paths = replace(paths, maps=(*before, finished.value))
                break
            if coarse is not None:
                paths = replace(paths, maps=(*before, coarse))
            yield PathsProgress(0.1 + 0.9 * (number + fraction) / len(networks), f"map of the {name}", paths)
    return paths


def _mapping(
    name: str, baseline: bool, network: NetworkRun, layer: str, norm: str
) -> Generator[tuple[float, NetworkMap | None], None, NetworkMap]:
    """The map of one network; yields the fraction done and a coarse map whenever there is a finer one."""
    reverse = network.trace[layer].reverse
    wanted = map_steps(network.trace.length, reverse)

    def named(found: StepMap, *, complete: bool) -> NetworkMap:
        return NetworkMap(name, baseline, reverse, wanted.step, found, found.norms.log10, complete)

    steps, shown = jacobian_map_steps(network.trace, norm=norm, layer=layer, steps=wanted), None
    while True:
        try:
            progress = next(steps)
        except StopIteration as finished:
            return named(finished.value, complete=True)
        coarse = None if progress.coarse is None or progress.coarse is shown else named(progress.coarse, complete=False)
        shown = progress.coarse
        yield progress.fraction, coarse


def _hidden_curve(name: str, baseline: bool, network: NetworkRun, layer: str, norm: str) -> PathCurve:
    return PathCurve(
        "baseline" if baseline else "main",
        f"{name} dh[T]/dh[t]",
        "how strongly h of the last step still depends on h[t]",
        "what is left of h[t] in h[T]",
        name,
        jacobian_norms(network.trace, norm=norm, layer=layer, log10=True),
    )


def map_steps(length: int, reverse: bool) -> range:
    """The steps of a map's rows and columns, the one that is read last among them."""
    every = -(-length // MOST_STEPS)
    return range(1 if reverse else (length - 1) % every + 1, length + 1, every)


def finding_directions(run: Run, layer: str, t: int) -> Generator[None, None, Directions]:
    """The singular values at step t; a place to stop before each network."""
    found = []
    for name, baseline, network in networks_of(run):
        yield
        values = jacobian_singular_values(network.trace, t, layer=layer, log10=True)
        found.append((name, baseline, values))
    return Directions(layer, t, last_step_of(run, layer), tuple(found))


def cell_headline(paths: Paths, unit: int | None, t: int) -> str:
    """How far the product of forget gates is from the truth at step t."""
    forget, _, total = paths.cell(unit)
    product, truth = float(forget.log10[t - 1]), float(total.log10[t - 1])
    said = f"At step {t:,}: forget gates alone {forget.at(t)}, the truth {total.at(t)}"
    if not (np.isfinite(product) and np.isfinite(truth)) or abs(truth - product) < np.log10(1.005):
        return said + "."
    return f"{said}, {power_of_ten(truth - product)} times that."


def hidden_headline(paths: Paths, t: int) -> str:
    """How strongly h[T] still depends on h[t], in both networks."""
    said = f"At step {t:,}: " + ", ".join(f"{curve.network} {curve.at(t)}" for curve in paths.hidden)
    sizes = [float(curve.log10[t - 1]) for curve in paths.hidden]
    if len(sizes) == 1 or not np.isfinite(sizes).all() or abs(sizes[0] - sizes[1]) < np.log10(1.005):
        return said + "."
    stronger = paths.hidden[0 if sizes[0] > sizes[1] else 1]
    return f"{said}; the {stronger.network} keeps {power_of_ten(abs(sizes[0] - sizes[1]))} times as much."


def summary_of(paths: Paths, unit: int | None, t: int) -> str:
    """What the plots say at step t, in sentences."""
    said = [f"Paths of layer {paths.layer}, back from step {paths.last:,}."]
    if paths.split is not None:
        said.append("dc[T]/dc[t]: " + cell_headline(paths, unit, t))
    return " ".join([*said, "dh[T]/dh[t]: " + hidden_headline(paths, t)])


def table_of(paths: Paths, unit: int | None, length: int) -> tuple[tuple[str, ...], list[tuple[float, ...]]]:
    """What the plots show as a table: headers, and for each step its number and every derivative."""
    curves = (*paths.cell(unit), *paths.hidden)
    rows = [(t, *(curve.value(t) for curve in curves)) for t in range(1, length + 1)]
    return ("step", *(curve.name for curve in curves)), rows


def axis_in_words(norm: str, units: int, unit: int | None) -> str:
    """What stands on the vertical axis: of one unit, or a norm over all where None."""
    if units == 1:
        return "↑ size of the one unit, log10 scale"
    if unit is not None:
        return f"↑ size of unit {unit}, log10 scale"
    size = "Frobenius norm" if norm == "fro" else "largest singular value"
    return f"↑ {size} of the matrix of {units:,} × {units:,} units, log10 scale"
