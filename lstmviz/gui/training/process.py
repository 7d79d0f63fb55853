"""A training that can be held and gone on with: a generator for a worker, without Qt."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Mapping
from dataclasses import fields, replace

from lstmviz.core.network import Network
from lstmviz.core.training.batches import Batch
from lstmviz.core.training.presets import TrainingPreset
from lstmviz.core.training.probe import Probe
from lstmviz.core.training.settings import TrainingSettings
from lstmviz.core.training.trainer import TrainingProgress, TrainingState
from lstmviz.core.training.training import compare
from lstmviz.gui.training.recorder import MomentRecorder, NetworkRecorder, probe_of_networks, state_of
from lstmviz.gui.views.training.record import Moment, TrainingRecord
from lstmviz.gui.worker import REPORT_SECONDS

PROBED = 240
"""So often at most the probe sequence is looked at in one training: more columns than a map has pixels show nothing."""


CLOSELY_WATCHED = 20
"""So many updates at the beginning are all looked at: an explosion takes two or three."""


class TrainingProcess:
    """Trains the networks of a plan, or goes on from a moment of an earlier record with the settings of the plan.

    Only one thread at a time may drive ``steps``. Raises LstmvizError for a plan that cannot be.
    """

    def __init__(
        self, plan: TrainingPreset, record: TrainingRecord | None = None, moment: Moment | None = None
    ) -> None:
        starts: Mapping[str, Network | TrainingState] = plan.build() if moment is None else _that_got_there(moment)
        if record is not None and moment is not None:
            plan = replace(plan, task=record.task)
        self._plan = plan
        self._updates = compare(starts, plan.task, **_by_name(plan.settings))
        self._states = {key: state_of(start) for key, start in starts.items()}
        self._probe = Probe(plan.task)
        self._every = -(-plan.settings.updates // PROBED)
        self._update = next(iter(self._states.values())).update
        self._first = self._update
        self._planned = self._update + plan.settings.updates
        self._networks = {
            key: NetworkRecorder(key, state.network.cell, self._probe.batch.length)
            for key, state in self._states.items()
        }
        self._before = replace(record, before=None) if record is not None and moment is not None else None
        if self._before is not None:
            for each in self._before.networks:
                if each.key in self._networks:
                    self._networks[each.key].continue_from(each, self._update)
        past = tuple(m for m in self._before.moments if m.update < self._update) if self._before else ()
        self._moments = MomentRecorder(self._states, past)
        self._held = threading.Event()

    def hold(self) -> None:
        """Let ``steps`` return after the update under way; from any thread."""
        self._held.set()

    def steps(self, most: int | None = None) -> Generator[TrainingRecord, None, TrainingRecord]:
        """Make updates until the end, until held, or ``most`` of them; yields after each, returns the last record."""
        self._held.clear()
        if not self._probed:
            probe_of_networks(self._networks, self._probe, self._states, self._update)
        record, recorded, made = self.snapshot(), time.monotonic(), 0
        yield record
        while not self._held.is_set() and made != most:
            progress = next(self._updates, None)
            if progress is None:
                break
            self._record(progress)
            made += 1
            if time.monotonic() - recorded >= REPORT_SECONDS:
                record, recorded = self.snapshot(), time.monotonic()
            yield record
        return self.snapshot()

    def snapshot(self) -> TrainingRecord:
        """What is known so far. For the thread that drives ``steps``, or while none does."""
        return TrainingRecord(
            self._plan.title,
            self._plan.task,
            self._plan.settings,
            self._planned,
            asked_at_the_end(self._probe.batch),
            tuple(each.snapshot() for each in self._networks.values()),
            self._moments.snapshot(),
            self._before,
        )

    @property
    def _probed(self) -> bool:
        return all(len(each.snapshot().probe_updates) for each in self._networks.values())

    def _record(self, progress: Mapping[str, TrainingProgress]) -> None:
        self._update = max(each.update for each in progress.values())
        for key, recorder in self._networks.items():
            if recorder.stop is None:
                recorder.add(progress[key])
        self._states = {key: each.state for key, each in progress.items()}
        self._moments.add(progress)
        ended = all(each.stop for each in progress.values())
        if self._update - self._first <= CLOSELY_WATCHED or self._update % self._every == 0 or ended:
            probe_of_networks(self._networks, self._probe, self._states, self._update)


def _that_got_there(moment: Moment) -> dict[str, TrainingState]:
    """The networks of a moment but those that had broken down before."""
    return {key: state for key, state in moment.states.items() if state.update == moment.update}


def asked_at_the_end(batch: Batch) -> bool:
    """Whether the loss looks at the last step alone."""
    return bool(batch.mask[-1].all() and not batch.mask[:-1].any())


def _by_name(settings: TrainingSettings) -> dict[str, object]:
    return {field.name: getattr(settings, field.name) for field in fields(settings)}
