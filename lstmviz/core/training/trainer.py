"""One update after the other: where a training stands, and what an update makes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.nonfinite import NonFinite
from lstmviz.core.engine.passes import forward
from lstmviz.core.gradients.clipping import clip_by_norm, clip_by_value
from lstmviz.core.magnitudes import log10_norms
from lstmviz.core.networks.network import Network
from lstmviz.core.training.batches import Batch, Stream, random_for
from lstmviz.core.training.bptt import loss_and_gradient
from lstmviz.core.training.flat import first_nonfinite_weight, flattened, with_weights
from lstmviz.core.training.optimisers import Moments, updated
from lstmviz.core.training.settings import ClipBy, TrainingSettings
from lstmviz.core.training.tasks import Task

_VALIDATED_AT_ONCE = 64

_SAFE_NORMS = (1e-15, 1e15)
"""Norms whose square is well inside the range of float32."""


@dataclass(frozen=True, eq=False)
class TrainingState:
    """Where a training stands: all that it takes to go on from here, with the same or with other settings.

    update   how many updates were made
    network  the weights after them
    moments  what the optimiser remembers; None before the first update
    best     what early stopping remembers; None where the settings have no patience, and before a validation
    """

    update: int
    network: Network
    moments: Moments | None = None
    best: Best | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of its arrays."""
        own = self.network.num_parameters * self.network.dtype.itemsize + (self.moments.nbytes if self.moments else 0)
        return own + (self.best.state.nbytes if self.best else 0)


@dataclass(frozen=True)
class Score:
    """Loss and metric of a validation."""

    loss: float
    metric: float


@dataclass(frozen=True, eq=False)
class Best:
    """The best validation so far, the state that it looked at, and how many validations were no better since."""

    score: Score
    state: TrainingState
    waited: int = 0


class StopReason(Enum):
    """Why a training ended."""

    UPDATES = "all updates are made"
    GOAL = "the goal is reached"
    PATIENCE = "the metric got no better"
    NONFINITE = "a number was not finite"


@dataclass(frozen=True)
class Stop:
    """The end of a training.

    words  what happened, in a sentence
    place  for NONFINITE the first such number; where only the loss overflowed, the largest output
    """

    reason: StopReason
    words: str
    place: NonFinite | None = None


@dataclass(frozen=True, eq=False)
class TrainingProgress:
    """One update.

    update         its number, from 1
    loss, metric   of its batch, before the update
    gradient_norm  ||dL/d all weights||_2 before clipping; inf beyond the range of floats
    clipped_norm   the same after clipping
    state          where the training stands now; at a stop the best or, after a breakdown, the last good one
    validation     where there was one after this update
    stop           why this was the last update; None: it goes on
    """

    update: int
    loss: float
    metric: float
    gradient_norm: float
    clipped_norm: float
    state: TrainingState
    validation: Score | None = None
    stop: Stop | None = None

    @property
    def network(self) -> Network:
        """The network of ``state``."""
        return self.state.network


class Trainer:
    """Trains one network on the batches that it is handed, one update at a time."""

    def __init__(self, start: Network | TrainingState, task: Task, settings: TrainingSettings) -> None:
        self._task, self.settings = task, settings
        self._state = start if isinstance(start, TrainingState) else TrainingState(0, start)
        self._good = self._state
        self._last = self._state.update + settings.updates

    @property
    def update(self) -> int:
        """How many updates were made, those before a branch among them."""
        return self._state.update

    def advance(self, batch: Batch, validation: Batch | None) -> TrainingProgress:
        """Make one update; afterwards, where it is given, look at the ``validation`` batch."""
        done = loss_and_gradient(self._state.network, self._task.loss, batch, self.settings.truncate)
        if not done.finite:
            return self._broken_down(self._good, done.loss, done.fault)
        gradient, before, after = _clipped(done.gradient, self.settings)
        state = self._updated(gradient)
        weight = first_nonfinite_weight(state.network)
        if weight is not None:
            return self._broken_down(self._state, done.loss, weight)
        self._good, self._state = self._state, state
        metric = self._task.metric.measure(done.y, batch)
        progress = TrainingProgress(state.update, done.loss, metric, before, after, state)
        if validation is not None:
            progress = self._validated(progress, validation)
        if progress.stop is None and state.update == self._last:
            progress = replace(progress, stop=Stop(StopReason.UPDATES, f"All {state.update:,} updates done."))
        return progress

    def _updated(self, gradient: Array) -> TrainingState:
        weights, settings = flattened(self._state.network.state_dict()), self.settings
        moments = self._state.moments
        if moments is None or moments.optimiser is not settings.optimizer:
            moments = Moments.none(settings.optimizer, weights)
        weights, moments = updated(weights, gradient, moments, settings.lr, settings.momentum)
        network = with_weights(self._state.network, weights)
        return TrainingState(self._state.update + 1, network, moments, self._state.best)

    def _broken_down(self, kept: TrainingState, loss: float, place: NonFinite | None) -> TrainingProgress:
        """The last progress; ``kept`` is the last state whose pass was finite, never the one that has just failed."""
        update = self._state.update + 1
        what = str(place) if place else "the gradient is not finite"
        if place and np.isfinite(place.value):
            what = f"the loss is {loss}: {place}"
        words = f"At update {update:,}, {what}. The weights after update {kept.update:,} are kept."
        nan = float("nan")
        return TrainingProgress(update, loss, nan, nan, nan, kept, stop=Stop(StopReason.NONFINITE, words, place))

    def _validated(self, progress: TrainingProgress, batch: Batch) -> TrainingProgress:
        metric, settings = self._task.metric, self.settings
        score = validated(progress.network, self._task, batch)
        progress = replace(progress, validation=score)
        if settings.patience is not None:
            self._state = replace(self._state, best=self._best_with(score))
            progress = replace(progress, state=self._state)
        if settings.goal is not None and not metric.better(settings.goal, score.metric) and np.isfinite(score.metric):
            stop = Stop(StopReason.GOAL, f"The goal is reached after {progress.update:,} updates.")
            return replace(progress, stop=stop)
        best = self._state.best
        if best is not None and settings.patience is not None and best.waited >= settings.patience:
            words = f"No better for {settings.patience} validations. The best weights are those after update "
            stop = Stop(StopReason.PATIENCE, f"{words}{best.state.update:,}.")
            return replace(progress, state=best.state, stop=stop)
        return progress

    def _best_with(self, score: Score) -> Best:
        """What early stopping remembers after a validation of the present state."""
        best = self._state.best
        if best is None or self._task.metric.better(score.metric, best.score.metric):
            return Best(score, replace(self._state, best=None))
        return replace(best, waited=best.waited + 1)


def validated(network: Network, task: Task, batch: Batch) -> Score:
    """Loss and metric of ``network`` on a batch; a few sequences at a time, to keep no large trace."""
    pieces = range(0, batch.size, _VALIDATED_AT_ONCE)
    y = np.concatenate([forward(network, batch.x[:, first : first + _VALIDATED_AT_ONCE]).y for first in pieces], 1)
    return Score(task.loss.evaluate(y, batch)[0], task.metric.measure(y, batch))


def validation_batch(task: Task, settings: TrainingSettings) -> Batch:
    """The sequences of every validation of a training."""
    return task.validation(random_for(settings.seed, Stream.VALIDATION, 0), settings.validation_size)


def training_batch(task: Task, settings: TrainingSettings, update: int) -> Batch:
    """The sequences of an update, from 1: the same for every network."""
    return task.batch(random_for(settings.seed, Stream.TRAINING, update), settings.batch_size)


def _clipped(gradient: Array, settings: TrainingSettings) -> tuple[Array, float, float]:
    """The gradient [P] after clipping, and its norm before and after."""
    if settings.clip is None:
        norm = _norm(gradient)
        return gradient, norm, norm
    clip = clip_by_norm if settings.clip_by is ClipBy.NORM else clip_by_value
    clipped = clip({"all": gradient}, settings.clip).params["all"]
    return clipped, _norm(gradient), _norm(clipped)


def _norm(gradient: Array) -> float:
    """||gradient||_2, also where the squares overflow or underflow; inf beyond the range of floats."""
    with np.errstate(all="ignore"):
        norm = float(np.sqrt((gradient * gradient).sum()))
        if _SAFE_NORMS[0] < norm < _SAFE_NORMS[1]:
            return norm
        return float(np.float64(10) ** log10_norms(gradient[None])[0])
