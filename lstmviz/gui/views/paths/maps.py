"""The maps of every pair of steps: what depends on what, how far back it reaches, and that in words.

No Qt here: a generator that the view drives, each ``yield`` a place to stop with all that is known so far.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from enum import Enum

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.gradients.connectivity import connectivity_steps, itemised_gradient_steps
from lstmviz.core.gradients.jacobians import jacobian_map_steps
from lstmviz.core.gradients.step_map import MapProgress, StepMap
from lstmviz.core.magnitudes import magnitude
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.run import NetworkRun, Run

MOST_STEPS = 300
"""A map of more steps than this has one row and column for every few of them: a screen shows no more."""

FELT = -2.0
"""log10 of the share of the largest value in a row down to which an influence counts as felt."""


@dataclass(frozen=True)
class MapKind:
    """What a map shows. In ``symbol`` and the words, {end} is the step of the row and {start} that of the column.

    word      what its switch says; tip: what it means
    end       the letter of the row's step
    node      what is looked at in the row
    arrives   what a value other than 0 says, {how} of it being grown or shrunk; nothing: what 0 says
    subject, verb  of the sentence on how far the row of the cursor reaches
    """

    key: str
    word: str
    tip: str
    symbol: str
    end: str
    starts_axis: str
    ends_axis: str
    node: str
    arrives: str
    nothing: str
    subject: str
    verb: str

    def name(self, end: int | str, start: int | str) -> str:
        """Its symbol for a pair of steps."""
        return self.symbol.format(end=end, start=start)


def _state_kind(key: str, state: str, words: str) -> MapKind:
    return MapKind(
        key,
        f"{state} on {state}",
        f"How strongly {state}[t], the {words} of step t, depends on {state}[s]: bright where a change of {state} at "
        "step s still matters at step t",
        f"‖d{state}[{{end}}]/d{state}[{{start}}]‖",
        "t",
        f"s, where {state} is changed →",
        "t, where it arrives →",
        f"{state}[{{end}}]",
        f"a small change of {state}[{{start}}] arrives at {state}[{{end}}] {{how}}",
        f"a small change of {state}[{{start}}] does not reach {state}[{{end}}] at all",
        f"{state}[{{end}}]",
        f"depends on {state}",
    )


HIDDEN = _state_kind("hidden", "h", "hidden state")
CELL = _state_kind("cell", "c", "cell state")
CONNECTIVITY = MapKind(
    "connectivity",
    "output on input",
    "Which inputs an output still feels: bright where a change of the input x[s] matters for the output y[τ], through "
    "all layers",
    "‖dy[{end}]/dx[{start}]‖",
    "τ",
    "s, where the input is changed →",
    "τ, of which output →",
    "y[{end}]",
    "so strongly the output at step {end} feels the input at step {start}",
    "the output at step {end} does not feel the input at step {start} at all",
    "The output at step {end}",
    "feels inputs",
)
LOSS = MapKind(
    "loss",
    "loss on h",
    "The gradient taken apart: how much of what arrives at h[s] the loss at step τ sends. The loss L is the sum of "
    "l[τ] over the steps that it looks at",
    "‖dl[{end}]/dh[{start}]‖",
    "τ",
    "s, where the gradient arrives →",
    "τ, from which step's loss →",
    "l[{end}]",
    "so much gradient the loss at step {end} sends to h[{start}]",
    "the loss at step {end} sends no gradient to h[{start}]",
    "The loss at step {end}",
    "sends gradient",
)
KINDS = (HIDDEN, CELL, CONNECTIVITY, LOSS)


class Reach(Enum):
    """The steps that a row can depend on: its own and those before it, those after it, or all."""

    BEFORE = "before"
    AFTER = "after"
    ALL = "all"


@dataclass(frozen=True, eq=False)
class NetworkMap:
    """One map of one network, as far as it is known.

    baseline  whether the network is the one beside the one under study
    every     the distance of the steps wanted; 1 where there is a row and a column for each
    complete  whether every row is there; a coarse map has some of them
    """

    network: str
    baseline: bool
    kind: MapKind
    reach: Reach
    every: int
    steps: StepMap
    log10: Array
    complete: bool


def kinds_of(run: Run) -> tuple[MapKind, ...]:
    """The kinds of map that a run has: a vanilla RNN has no cell state."""
    return KINDS if run.network.cell is Cell.LSTM else tuple(kind for kind in KINDS if kind is not CELL)


def reach_of(kind: MapKind, network: NetworkRun, layer: str) -> Reach:
    """What a row of the map can depend on."""
    one_direction = Reach.AFTER if network.trace[layer].reverse else Reach.BEFORE
    if kind in (HIDDEN, CELL) or not network.network.bidirectional:
        return one_direction
    top = layer.removesuffix("_reverse") == f"l{len(network.network.layers) - 1}"
    return one_direction if kind is LOSS and top else Reach.ALL


def map_steps(length: int, anchor: int) -> range:
    """The steps of a map's rows and columns, ``anchor`` among them."""
    every = -(-length // MOST_STEPS)
    return range((anchor - 1) % every + 1, length + 1, every)


def mapping(
    name: str, baseline: bool, network: NetworkRun, layer: str, norm: str, kind: MapKind
) -> Generator[tuple[float, NetworkMap | None], None, NetworkMap]:
    """The map of one network; yields the fraction done and a coarse map whenever there is a finer one."""
    reach = reach_of(kind, network, layer)
    wanted = map_steps(network.trace.length, _anchor(network, kind, reach))

    def named(found: StepMap, *, complete: bool) -> NetworkMap:
        return NetworkMap(name, baseline, kind, reach, wanted.step, found, found.norms.log10, complete)

    steps, shown = _steps_of(kind, network, layer, norm, wanted), None
    while True:
        try:
            progress = next(steps)
        except StopIteration as finished:
            return named(finished.value, complete=True)
        coarse = None if progress.coarse is None or progress.coarse is shown else named(progress.coarse, complete=False)
        shown = progress.coarse
        yield progress.fraction, coarse


def _anchor(network: NetworkRun, kind: MapKind, reach: Reach) -> int:
    """The step that must not be left out: what is read last, or the last step that the loss looks at."""
    if kind is LOSS:
        looked_at = np.flatnonzero(network.dy[:, 0].any(1))
        return int(looked_at[-1]) + 1 if len(looked_at) else network.trace.length
    return 1 if reach is Reach.AFTER else network.trace.length


def _steps_of(
    kind: MapKind, network: NetworkRun, layer: str, norm: str, wanted: range
) -> Generator[MapProgress, None, StepMap]:
    trace = network.trace
    if kind is CONNECTIVITY:
        return connectivity_steps(trace, norm, steps=wanted)
    if kind is LOSS:
        return itemised_gradient_steps(trace, network.dy, layer, steps=wanted)
    state = "c" if kind is CELL else "h"
    return jacobian_map_steps(trace, state, state, norm, layer, steps=wanted)


def pair_in_words(found: NetworkMap, start: int, end: int) -> str:
    """The value of a pair of computed steps."""
    kind = found.kind
    symbol = f"{found.network}: {kind.name(end, start)}"
    if start == end and kind in (HIDDEN, CELL):
        return f"{symbol} is a step with itself, the identity."
    unread = {Reach.BEFORE: start > end, Reach.AFTER: start < end, Reach.ALL: False}[found.reach]
    if unread:
        node = kind.node.format(end=end)
        return f"{symbol} is 0, for step {start:,} was not read yet when {node} was computed."
    row, column = found.steps.ends.searchsorted(end), found.steps.starts.searchsorted(start)
    value = float(found.log10[row, column])
    how = "grown" if value > 0 else "shrunk" if value < 0 else "unchanged"
    words = kind.nothing if value == -np.inf else kind.arrives
    return f"{symbol} = {magnitude(value)}, {words.format(start=start, end=end, how=how)}."


def row_of(found: NetworkMap, t: int) -> int:
    """The row that stands for step t: the nearest computed one, on the side of what is read later."""
    ends = found.steps.ends
    place = int(ends.searchsorted(t, "right")) - 1 if found.reach is Reach.AFTER else int(ends.searchsorted(t))
    return min(max(place, 0), len(ends) - 1)


def felt(found: NetworkMap, t: int) -> tuple[int, int] | None:
    """The first and last step that the row of step t feels, above 1 % of its largest value; None for none.

    Raises ValueError where a value is infinite or not a number.
    """
    row = found.log10[row_of(found, t)]
    if np.isnan(row).any() or (row == np.inf).any():
        raise ValueError("there is no largest value")
    if not np.isfinite(row).any():
        return None
    places = np.flatnonzero(row >= row.max() + FELT)
    starts = found.steps.starts
    return int(starts[places[0]]), int(starts[places[-1]])


def reach_in_words(maps: tuple[NetworkMap, ...], t: int) -> str:
    """How far back (or on) the row of step t reaches, in every network; empty without a map."""
    if not maps:
        return ""
    first = maps[0]
    kind, row = first.kind, int(first.steps.ends[row_of(first, t)])
    subject = kind.subject.format(end=f"{row:,}")
    found = []
    for each in maps:
        try:
            found.append((each, felt(each, row)))
        except ValueError:
            return f"{subject}: infinite or not a number in the {each.network}, so nothing can be compared."
    if all(steps is None for _, steps in found):
        return _loss_elsewhere(first, row) if kind is LOSS else f"{subject}: exactly 0, it feels nothing at all."
    said = [_steps_in_words(first.reach, steps) for _, steps in found]
    whole = f"{subject} still {kind.verb} {said[0]}"
    if found[0][1] is None:
        whole = f"{subject}: exactly 0 in the {first.network}"
    if len(found) > 1:
        (_, ours), (beside, theirs) = found
        only = "only " if _count(theirs) < _count(ours) else ""
        whole += f"; the {beside.network}'s {only}{said[1]}" if ours != theirs else f", in the {beside.network} too"
    return whole + " (above 1 % of the largest)."


def _loss_elsewhere(found: NetworkMap, row: int) -> str:
    """Why the row of a step is 0: the loss looks at others."""
    rows = np.flatnonzero((found.log10 != -np.inf).any(axis=1))
    if not len(rows):
        return "Every gradient is exactly 0."
    first, last = int(found.steps.ends[rows[0]]), int(found.steps.ends[rows[-1]])
    where = f"only at step {first:,}" if first == last else f"at steps {first:,} to {last:,}"
    return f"The loss does not look at step {row:,}, {where}: there is no gradient from here."


def _count(steps: tuple[int, int] | None) -> int:
    return 0 if steps is None else steps[1] - steps[0] + 1


def _steps_in_words(reach: Reach, steps: tuple[int, int] | None) -> str:
    if steps is None:
        return "nowhere"
    first, last = steps
    if first == last:
        return f"at step {first:,} alone"
    if reach is Reach.ALL:
        return f"from step {first:,} to step {last:,}"
    return f"back to step {first:,}" if reach is Reach.BEFORE else f"on to step {last:,}"
