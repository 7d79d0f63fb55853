"""What is known of a training at one moment: frozen, so that the thread that trains can hand it to the window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.experiments.recipe import BaselineRecipe, NetworkRecipe
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.training.metrics import Metric
from lstmviz.core.training.settings import TrainingSettings
from lstmviz.core.training.tasks import Task
from lstmviz.core.training.trainer import Stop, StopReason, TrainingState


@dataclass(frozen=True, eq=False)
class NetworkRecord:
    """One network of a training. All arrays are read-only.

    key             its name in ``compare``
    cell            LSTM or vanilla RNN
    updates         [n], the numbers of the updates, from 1
    loss, metric    [n], of the batch of each update
    gradient_norm   [n], ||dL/d all weights||_2 before clipping; clipped_norm: after
    validations     [v, 3]: update, loss, metric on sequences that training never shows
    probe_updates   [p], after which updates the probe sequence was looked at; 0 is before the first
    log10_dh        [p, T], log10 ||dL/dh[t]||_2 of the probe
    gates           [p, 3, 2], the shares of gate values f, i, o below 0.1 and above 0.9; None for a vanilla RNN
    stop            why it ended; None while it has not
    """

    key: str
    cell: Cell
    updates: Array
    loss: Array
    metric: Array
    gradient_norm: Array
    clipped_norm: Array
    validations: Array
    probe_updates: Array
    log10_dh: Array
    gates: Array | None
    stop: Stop | None = None

    @property
    def name(self) -> str:
        """What it is called on screen."""
        return "LSTM" if self.cell is Cell.LSTM else "RNN"


@dataclass(frozen=True, eq=False)
class Moment:
    """A checkpoint of all networks: ``states`` by key after ``update`` updates, ``loss`` of the leading one's batch."""

    update: int
    loss: float
    states: Mapping[str, TrainingState]


@dataclass(frozen=True, eq=False)
class TrainingRecord:
    """A training so far.

    title     what is trained, for people
    planned   the number of the last update if nothing stops it
    networks  in the order of ``compare``: the network, then the vanilla RNN beside it
    asked_at_end  whether the loss of the probe looks at its last step alone
    moments   the checkpoints that are kept, in order; the first is where the training began
    before    the training that this one branched off; None for none
    recipe, baseline  how the networks were made, for a new start; no baseline: one network alone
    """

    title: str
    task: Task
    settings: TrainingSettings
    planned: int
    asked_at_end: bool
    networks: tuple[NetworkRecord, ...]
    moments: tuple[Moment, ...]
    before: TrainingRecord | None = None
    recipe: NetworkRecipe = field(default_factory=NetworkRecipe)
    baseline: BaselineRecipe | None = None

    @property
    def update(self) -> int:
        """How many updates were made."""
        return max(int(each.updates[-1]) if len(each.updates) else 0 for each in self.networks)

    @property
    def ended(self) -> bool:
        """Whether every network has stopped."""
        return all(each.stop for each in self.networks)

    @property
    def result(self) -> Moment:
        """The moment whose weights the training gives: the last one, or the best where patience ended it."""
        stop = self.networks[0].stop
        if stop is not None and stop.reason is StopReason.PATIENCE:
            best = best_update(self.networks[0], self.task.metric, self.planned - self.settings.updates)
            return self.moments[-1] if best is None else self.moments[self.moment_at(best[0])]
        return self.moments[-1]

    def thinned(self, most_bytes: int) -> TrainingRecord:
        """The same with so many moments that their arrays have ``most_bytes`` at most.

        The last stays in any case, the resulting and the first one while there is room, the others evenly.
        """
        sizes = {moment.update: sum(state.nbytes for state in moment.states.values()) for moment in self.moments}
        if sum(sizes.values()) <= most_bytes:
            return self
        stay = {self.moments[-1].update}
        room = most_bytes - sizes[self.moments[-1].update]
        for moment in (self.result, self.moments[0]):
            if moment.update not in stay and sizes[moment.update] <= room:
                stay.add(moment.update)
                room -= sizes[moment.update]
        others = [moment.update for moment in self.moments if moment.update not in stay]
        number = int(max(room, 0) / max((sizes[update] for update in others), default=1))
        if number:
            places = np.linspace(0, len(others) - 1, min(number, len(others))).round().astype(int)
            stay |= {others[place] for place in places}
        return replace(self, moments=tuple(moment for moment in self.moments if moment.update in stay))

    def moment_at(self, update: int) -> int:
        """The number, from 0, of the last moment not after ``update``; 0 where all are."""
        return max(sum(moment.update <= update for moment in self.moments) - 1, 0)


def best_update(network: NetworkRecord, metric: Metric, after: int) -> tuple[int, float] | None:
    """(update, metric) of the first of the best validations after update ``after``; None without one that is finite."""
    found = [row for row in network.validations if row[0] > after and np.isfinite(row[2])]
    if not found:
        return None
    best = (max if metric.higher_is_better else min)(found, key=lambda row: float(row[2]))
    return int(best[0]), float(best[2])


def recent_mean(values: Array, most: int = 50) -> float:
    """The mean of the last finite values; nan without any."""
    last = values[-most:]
    finite = last[np.isfinite(last)]
    return float(finite.mean()) if len(finite) else float("nan")
