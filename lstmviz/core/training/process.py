"""A training that can be held and gone on with: a generator for a worker, without Qt."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, fields, replace

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.recipe import BaselineRecipe, NetworkRecipe
from lstmviz.core.training.batches import Batch
from lstmviz.core.training.presets import TrainingPreset
from lstmviz.core.training.probe import Probe
from lstmviz.core.training.record import Moment, NetworkRecord, TrainingRecord, best_update
from lstmviz.core.training.recorder import MomentRecorder, NetworkRecorder, probe_of_networks
from lstmviz.core.training.settings import TrainingSettings
from lstmviz.core.training.tasks import Task
from lstmviz.core.training.trainer import TrainingProgress, TrainingState
from lstmviz.core.training.training import compare

SNAPSHOT_SECONDS = 0.05
"""A new record is made at 20 Hz at most, and the last one always."""

PROBED = 240
"""So often at most the probe sequence is looked at in one training: more columns than a map has pixels show nothing."""


CLOSELY_WATCHED = 20
"""So many updates at the beginning are all looked at: an explosion takes two or three."""


@dataclass(frozen=True, eq=False)
class Course:
    """Where a training starts and what is known of it before.

    states    by key, of the networks that are trained
    planned   the number of the last update if nothing stops it
    recorded  what was recorded up to there, of networks that have stopped, too
    past      earlier moments that are kept
    before    the training that it branched off
    """

    title: str
    task: Task
    settings: TrainingSettings
    states: Mapping[str, TrainingState]
    planned: int
    recorded: tuple[NetworkRecord, ...] = ()
    past: tuple[Moment, ...] = ()
    before: TrainingRecord | None = None
    recipe: NetworkRecipe = field(default_factory=NetworkRecipe)
    baseline: BaselineRecipe | None = None

    @property
    def update(self) -> int:
        """How many updates were made."""
        return max(state.update for state in self.states.values())


def beginning(plan: TrainingPreset) -> Course:
    """The training of a plan. Raises LstmvizError for impossible networks."""
    states = {key: TrainingState(0, network) for key, network in plan.build().items()}
    return Course(
        plan.title,
        plan.task,
        plan.settings,
        states,
        plan.settings.updates,
        recipe=plan.recipe,
        baseline=plan.baseline,
    )


def branch(plan: TrainingPreset, record: TrainingRecord, moment: Moment) -> Course:
    """On from a moment of ``record`` with the settings of ``plan``, without the networks that had broken down."""
    states = {key: replace(state, best=None) for key, state in moment.states.items() if state.update == moment.update}
    recorded = tuple(replace(each, stop=None) for each in record.networks if each.key in states)
    past = tuple(each for each in record.moments if each.update < moment.update)
    before = replace(record, before=None, moments=())
    planned = moment.update + plan.settings.updates
    return Course(
        plan.title,
        record.task,
        plan.settings,
        states,
        planned,
        recorded,
        past,
        before,
        record.recipe,
        record.baseline,
    )


def resumption(record: TrainingRecord) -> Course:
    """On from where ``record`` ends, as if it had never been interrupted. Raises LstmvizError where it is over."""
    if record.ended or not record.moments:
        raise LstmvizError("This training is over", where="training", how="Go on from one of its checkpoints.")
    return Course(
        record.title,
        record.task,
        record.settings,
        record.moments[-1].states,
        record.planned,
        record.networks,
        record.moments[:-1],
        record.before,
        record.recipe,
        record.baseline,
    )


class TrainingProcess:
    """Trains the networks of a course.

    Only one thread at a time may drive ``steps``. Raises LstmvizError for a course that cannot be.
    """

    def __init__(self, course: Course) -> None:
        self._course = course
        self._states = dict(course.states)
        self._update = course.update
        self._probe = Probe(course.task)
        length, known = self._probe.batch.length, {each.key: each for each in course.recorded}
        if any(len(each.log10_dh) and each.log10_dh.shape[1] != length for each in course.recorded):
            raise LstmvizError(
                "The probe sequence has another length than the one that was recorded",
                where="training",
                how="Start anew: the file is damaged, or was made by a newer lstmviz.",
            )
        self._networks = {
            key: NetworkRecorder(key, state.network.cell, length, known.get(key), self._update)
            for key, state in self._states.items()
        }
        running = {key: state for key, state in self._states.items() if self._networks[key].stop is None}
        settings = replace(course.settings, updates=course.planned - self._update)
        self._updates = compare(running, course.task, **_by_name(settings))
        self._every = -(-course.settings.updates // PROBED)
        self._first = course.planned - course.settings.updates
        best = best_update(course.recorded[0], course.task.metric, self._first) if course.recorded else None
        self._moments = MomentRecorder(self._states, course.task.metric, course.past, best)
        self._held = threading.Event()

    @property
    def update(self) -> int:
        """How many updates were made."""
        return self._update

    def hold(self) -> None:
        """Let ``steps`` return after the update under way, or at once where none has begun; from any thread."""
        self._held.set()

    def steps(self, most: int | None = None) -> Generator[TrainingRecord, None, TrainingRecord]:
        """Make updates until the end, until held, or ``most`` of them; yields after each, returns the last record."""
        self._held.clear()  # here and not on the thread, where a hold in its first moment would be lost
        return self._stepping(most)

    def _stepping(self, most: int | None) -> Generator[TrainingRecord, None, TrainingRecord]:
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
            if time.monotonic() - recorded >= SNAPSHOT_SECONDS:
                record, recorded = self.snapshot(), time.monotonic()
            yield record
        return self.snapshot()

    def snapshot(self) -> TrainingRecord:
        """What is known so far. For the thread that drives ``steps``, or while none does."""
        return TrainingRecord(
            self._course.title,
            self._course.task,
            self._course.settings,
            self._course.planned,
            asked_at_the_end(self._probe.batch),
            tuple(each.snapshot() for each in self._networks.values()),
            self._moments.snapshot(),
            self._course.before,
            self._course.recipe,
            self._course.baseline,
        )

    @property
    def _probed(self) -> bool:
        return all(len(each.snapshot().probe_updates) for each in self._networks.values())

    def _record(self, progress: Mapping[str, TrainingProgress]) -> None:
        self._update = max(each.update for each in progress.values())
        for key, recorder in self._networks.items():
            if recorder.stop is None:
                recorder.add(progress[key])
        self._states |= {key: each.state for key, each in progress.items()}
        self._moments.add(progress)
        ended, made = all(each.stop for each in progress.values()), self._update - self._first
        # denser at first, however many updates are planned: the maps would stay empty for long
        every = min(self._every, max(1, made // CLOSELY_WATCHED))
        if made <= CLOSELY_WATCHED or self._update % every == 0 or ended:
            probe_of_networks(self._networks, self._probe, self._states, self._update)


def asked_at_the_end(batch: Batch) -> bool:
    """Whether the loss looks at the last step alone."""
    return bool(batch.mask[-1].all() and not batch.mask[:-1].any())


def _by_name(settings: TrainingSettings) -> dict[str, object]:
    return {field.name: getattr(settings, field.name) for field in fields(settings)}
