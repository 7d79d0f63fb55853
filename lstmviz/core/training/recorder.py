"""Collects what a training yields; cheap snapshots of it go to the window."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from lstmviz.core.analysis.saturation import SIGMOID_GATES, saturation
from lstmviz.core.arrays import Array
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.training.checkpoints import Checkpoints
from lstmviz.core.training.metrics import Metric
from lstmviz.core.training.probe import Probe, Probed
from lstmviz.core.training.record import Moment, NetworkRecord
from lstmviz.core.training.trainer import Stop, StopReason, TrainingProgress, TrainingState

MOST_MOMENTS = 200
"""Checkpoints that are kept of a training; as many again of the trainings that it branched off."""


class Rows:
    """Rows that are only ever added: a snapshot is a view of what is there, and no copy."""

    def __init__(self, *shape: int) -> None:
        self._rows = np.empty((64, *shape))
        self._count = 0

    def add(self, row: ArrayLike) -> None:
        """Add one row of the shape."""
        if self._count == len(self._rows):
            grown = np.empty((2 * len(self._rows), *self._rows.shape[1:]))
            grown[: self._count] = self._rows
            self._rows = grown  # earlier snapshots keep the array that they were made of
        self._rows[self._count] = row
        self._count += 1

    def snapshot(self) -> Array:
        """All rows so far, read-only."""
        view = self._rows[: self._count]
        view.flags.writeable = False
        return view


class NetworkRecorder:
    """One network; ``known`` is what was recorded before ``update``, its number of updates now."""

    def __init__(self, key: str, cell: Cell, length: int, known: NetworkRecord | None = None, update: int = 0) -> None:
        self._key, self._cell = key, cell
        self._curves = Rows(5)
        self._validations = Rows(3)
        self._probe_updates, self._log10_dh, self._gates = Rows(), Rows(length), Rows(3, 2)
        self.stop: Stop | None = known.stop if known else None
        if known is not None:
            self._take_over(known, update)

    def _take_over(self, record: NetworkRecord, update: int) -> None:
        columns = (record.updates, record.loss, record.metric, record.gradient_norm, record.clipped_norm)
        for row in np.stack(columns, axis=1)[record.updates <= update]:
            self._curves.add(row)
        for row in record.validations[record.validations[:, 0] <= update]:
            self._validations.add(row)
        for index in np.flatnonzero(record.probe_updates <= update):
            self._probe_updates.add(record.probe_updates[index])
            self._log10_dh.add(record.log10_dh[index])
            if record.gates is not None:
                self._gates.add(record.gates[index])

    def add(self, progress: TrainingProgress) -> None:
        """One update; a breakdown is no point of a curve."""
        self.stop = progress.stop
        if self.stop and self.stop.reason is StopReason.NONFINITE:
            return
        norms = (progress.gradient_norm, progress.clipped_norm)
        self._curves.add((progress.update, progress.loss, progress.metric, *norms))
        if progress.validation:
            self._validations.add((progress.update, progress.validation.loss, progress.validation.metric))

    def add_probe(self, update: int, probed: Probed) -> None:
        """The probe sequence after ``update``."""
        self._probe_updates.add(update)
        self._log10_dh.add(probed.log10_dh)
        if self._cell is Cell.LSTM:
            found = saturation(probed.trace)
            self._gates.add([(found.left[gate].mean(), found.right[gate].mean()) for gate in SIGMOID_GATES])

    def snapshot(self) -> NetworkRecord:
        """What is known so far."""
        curves = self._curves.snapshot()
        return NetworkRecord(
            self._key,
            self._cell,
            curves[:, 0],
            curves[:, 1],
            curves[:, 2],
            curves[:, 3],
            curves[:, 4],
            self._validations.snapshot(),
            self._probe_updates.snapshot(),
            self._log10_dh.snapshot(),
            self._gates.snapshot() if self._cell is Cell.LSTM else None,
            self.stop,
        )


class MomentRecorder:
    """The checkpoints of all networks together: those of one moment belong to the same update.

    past  earlier ones; ``best``: after which update the first network was validated best so far

    Beside those that ``Checkpoints`` keeps there is always the one at which the first network was validated best.
    """

    def __init__(
        self,
        states: Mapping[str, TrainingState],
        metric: Metric,
        past: tuple[Moment, ...] = (),
        best: tuple[int, float] | None = None,
    ) -> None:
        every = -(-len(past) // MOST_MOMENTS) if past else 1
        self._past = tuple(each for number, each in enumerate(past) if number % every == 0)
        self._best = next((each for each in past if best and each.update == best[0]), None)
        self._best_metric = best[1] if best else np.nan
        self._states, self._metric = dict(states), metric
        first = max(states.values(), key=lambda state: state.update)
        # every checkpoint carries the states of all networks, so each may have its share of the memory
        self._ring = Checkpoints(MOST_MOMENTS, 64 * 2**20 // len(states))
        self._ring.start(first)
        self._kept = {first.update: dict(states)}

    def add(self, progress: Mapping[str, TrainingProgress]) -> None:
        """The states after an update; the network that got farthest leads."""
        for key, each in progress.items():
            if each.stop and each.stop.reason is StopReason.NONFINITE and self._states[key] is not each.state:
                self._take_back(key, each.state)
            self._states[key] = each.state
        lead = max(progress.values(), key=lambda each: each.state.update)
        before = len(self._kept)
        self._kept.setdefault(lead.state.update, dict(self._states))
        if len(self._kept) > before:
            self._ring.add(lead)
        if len(self._kept) > len(self._ring):
            self._kept = {update: self._kept[update] for update in self._ring.updates if update in self._kept}
        self._keep_best(progress)

    def _keep_best(self, progress: Mapping[str, TrainingProgress]) -> None:
        """Where the first network was validated better than ever."""
        first = progress.get(next(iter(self._states)))
        if first is None or first.validation is None or first.state.update != first.update:
            return
        metric = first.validation.metric
        if np.isfinite(metric) and (np.isnan(self._best_metric) or self._metric.better(metric, self._best_metric)):
            self._best_metric = metric
            self._best = Moment(first.update, first.loss, dict(self._states))

    def _take_back(self, key: str, good: TrainingState) -> None:
        """States of ``key`` after the last good one overflow: the good one stands in for them, or nothing does."""
        if self._best is not None and self._best.update > good.update:
            others = {**self._best.states, key: good}
            self._best = None if len(self._states) == 1 else Moment(self._best.update, self._best.loss, others)
        for update in [update for update in self._kept if update > good.update]:
            if len(self._states) == 1:
                del self._kept[update]
            else:
                self._kept[update][key] = good

    def snapshot(self) -> tuple[Moment, ...]:
        """All that are kept, in order."""
        own = [
            Moment(checkpoint.update, checkpoint.loss, dict(self._kept[checkpoint.update]))
            for checkpoint in map(self._ring.__getitem__, range(len(self._ring)))
            if checkpoint.update in self._kept
        ]
        moments = [*self._past, *own]
        if self._best is not None and all(each.update != self._best.update for each in moments):
            moments.append(self._best)
            moments.sort(key=lambda each: each.update)
        return tuple(moments)


def probe_of_networks(
    recorders: Mapping[str, NetworkRecorder], probe: Probe, states: Mapping[str, TrainingState], update: int
) -> None:
    """Look at the probe under the weights of every network that has made this update."""
    for key, recorder in recorders.items():
        if states[key].update == update:
            recorder.add_probe(update, probe.look(states[key].network))
