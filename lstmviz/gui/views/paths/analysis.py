"""What the view of paths shows: how strongly the last step still depends on each step before, and every pair of steps.

No Qt here: a generator that the view drives, each ``yield`` a place to stop with all that is known so far.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field, replace

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.selection import IntArray
from lstmviz.core.gradients.jacobians import jacobian_norm_steps, jacobian_singular_value_steps
from lstmviz.core.gradients.path_split import Path, PathKind, PathSplit, path_split_steps
from lstmviz.core.magnitudes import magnitude, power_of_ten
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.progress import Result, Steps
from lstmviz.core.run import NetworkRun, Run
from lstmviz.core.text import MINUS
from lstmviz.gui.views.paths.maps import CELL, HIDDEN, MapKind, NetworkMap, mapping

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
class Paths:
    """All that is known about the paths of one layer; ``split`` is None for a vanilla RNN, ``hidden`` empty at first.

    norm    ``fro`` or ``spectral``
    last    T, the step that the layer reads last
    kind    what the maps show
    hidden  norms of dh[T]/dh[t] of the network under study and of the baseline
    before  the curves of the run without what-ifs; None where there are none
    """

    layer: str
    norm: str
    last: int
    kind: MapKind = HIDDEN
    split: PathSplit | None = None
    hidden: tuple[PathCurve, ...] = ()
    maps: tuple[NetworkMap, ...] = ()
    before: Paths | None = None
    _cell: dict[int | None, tuple[PathCurve, ...]] = field(default_factory=dict, init=False, repr=False)

    def cell(self, unit: int | None) -> tuple[PathCurve, ...]:
        """The three paths along the cell state: of one unit, or the norms over all where None."""
        if unit not in self._cell:
            self._cell[unit] = self._find_cell(unit)
        return self._cell[unit]

    def _find_cell(self, unit: int | None) -> tuple[PathCurve, ...]:
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


def analysing_paths(
    run: Run, layer: str, norm: str, kind: MapKind = HIDDEN, known: Paths | None = None
) -> Generator[PathsProgress, None, Paths]:
    """Everything in ``Paths``: curves first, then the maps, coarse ones before them.

    known  the same with maps of another kind, whose curves need not be computed again
    """
    paths = replace(known, kind=kind, maps=()) if known else (yield from _finding_curves(run, layer, norm, kind))
    networks = [each for each in networks_of(run) if kind is not CELL or each[2].network.cell is Cell.LSTM]
    for number, (name, baseline, each) in enumerate(networks):
        before = paths.maps
        steps = mapping(name, baseline, each, layer, norm, kind)
        while True:
            try:
                fraction, coarse = next(steps)
            except StopIteration as finished:
                paths = replace(paths, maps=(*before, finished.value))
                break
            if coarse is not None:
                paths = replace(paths, maps=(*before, coarse))
            yield PathsProgress(0.1 + 0.9 * (number + fraction) / len(networks), f"map of the {name}", paths)
    return paths


def _finding_curves(run: Run, layer: str, norm: str, kind: MapKind) -> Generator[PathsProgress, None, Paths]:
    paths = Paths(layer, norm, last_step_of(run, layer), kind)
    if run.network.cell is Cell.LSTM:
        split = path_split_steps(run.trace, layer=layer, norm=norm)
        paths = replace(paths, split=(yield from _reported(split, 0.0, "paths along the cell state", paths)))
    curves: list[PathCurve] = []
    for name, baseline, network in networks_of(run):
        norms = jacobian_norm_steps(network.trace, norm=norm, layer=layer)
        found = yield from _reported(norms, 0.05, f"paths of the {name}", paths)
        curves.append(_hidden_curve(name, baseline, found.log10))
    paths = replace(paths, hidden=tuple(curves))
    if run.before is not None and layer in run.before.trace.layers:
        paths = replace(paths, before=(yield from _curves_before(run.before, paths)))
    return paths


def _curves_before(run: Run, paths: Paths) -> Generator[PathsProgress, None, Paths]:
    """Those of the run before; what is known meanwhile is ``paths``."""
    steps = _finding_curves(run, paths.layer, paths.norm, paths.kind)
    while True:
        try:
            progress = next(steps)
        except StopIteration as finished:
            return finished.value  # type: ignore[no-any-return]
        yield replace(progress, doing=f"{progress.doing}, before the what-ifs", paths=paths)


def _reported(steps: Steps[Result], start: float, doing: str, paths: Paths) -> Generator[PathsProgress, None, Result]:
    """The same generator with its fractions, a twentieth of the whole, turned into progress."""
    yield PathsProgress(start, doing, paths)
    while True:
        try:
            fraction = next(steps)
        except StopIteration as finished:
            return finished.value  # type: ignore[no-any-return]
        yield PathsProgress(start + 0.05 * fraction, doing, paths)


def _hidden_curve(name: str, baseline: bool, log10: Array) -> PathCurve:
    return PathCurve(
        "baseline" if baseline else "main",
        f"{name} dh[T]/dh[t]",
        "how strongly h of the last step still depends on h[t]",
        "what is left of h[t] in h[T]",
        name,
        log10,
    )


def finding_directions(run: Run, layer: str, t: int) -> Generator[float, None, Directions]:
    """The singular values at step t, in pieces."""
    found = []
    for name, baseline, network in networks_of(run):
        yield 0.0
        values = yield from jacobian_singular_value_steps(network.trace, t, layer=layer)
        found.append((name, baseline, values.log10))
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
