"""The learning-rate finder: raise the rate a little at every update, and see when the loss falls and when it bursts."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.network import Network
from lstmviz.core.progress import drain
from lstmviz.core.training.settings import LARGEST_RATE, TrainingSettings, refuse_misfit
from lstmviz.core.training.tasks import Task
from lstmviz.core.training.trainer import StopReason, Trainer, training_batch

_SMOOTHING = 0.2
_BURST = 4.0
"""The search ends where the smoothed loss is so many times its least so far."""

LEAST_FALL = 0.05
"""The share of the loss that must go, or nothing is learned at any rate."""

USUAL_RATE = 0.003
"""What to begin with where the search tells nothing."""

_TRIED = (1.0, 0.3, 0.1, 0.03)
_TRIED_UPDATES = 40
_COUNTED = 10
"""Of the updates at one rate the last ones count."""


@dataclass(frozen=True)
class RatePoint:
    """One update of the search: its rate, the loss of its batch, and the running mean of the losses."""

    rate: float
    loss: float
    smoothed: float


@dataclass(frozen=True)
class RateSearch:
    """What was found.

    points      in the order of rising rates
    suggestion  of a tenth of the rate at which the smoothed loss was least, and of smaller ones, that with which the
                loss was least after some updates at that rate alone
    fell        whether the loss fell at all; otherwise the suggestion is a usual rate
    """

    points: tuple[RatePoint, ...]
    suggestion: float
    fell: bool


def find_learning_rate(network: Network, task: Task, **settings: Any) -> RateSearch:
    """``find_learning_rate_steps`` to its end."""
    return drain(find_learning_rate_steps(network, task, **settings))


def find_learning_rate_steps(
    network: Network, task: Task, *, lowest: float = 1e-5, highest: float = 1.0, updates: int = 100, **settings: Any
) -> Generator[RatePoint, None, RateSearch]:
    """Train ``updates`` times with rates that rise evenly in their logarithm (Smith 2017), a point an update.

    settings  those of ``TrainingSettings``, without lr

    Stops early where the loss bursts, and tries what it would suggest: meanwhile it yields the last point again, as a
    place to stop. The network itself stays as it is. Checks its arguments at once. Raises
    LstmvizError for impossible ones.
    """
    if not 0 < lowest < highest <= LARGEST_RATE:
        raise LstmvizError(
            f"The rates from {lowest:g} to {highest:g} cannot be searched",
            where="learning-rate finder",
            how=f"Give two rising rates above 0 and at most {LARGEST_RATE:g}.",
        )
    chosen = TrainingSettings.of(settings | {"updates": updates, "validate_every": 0})
    refuse_misfit(network, task, chosen)
    return _search(network, task, chosen, np.geomspace(lowest, highest, updates).tolist())


def _search(
    network: Network, task: Task, settings: TrainingSettings, rates: list[float]
) -> Generator[RatePoint, None, RateSearch]:
    trainer = Trainer(network, task, settings)
    points: list[RatePoint] = []
    for number, rate in enumerate(rates):
        trainer.settings = replace(settings, lr=rate)
        progress = trainer.advance(training_batch(task, settings, number + 1), None)
        if progress.stop and progress.stop.reason is StopReason.NONFINITE:
            break
        before = points[-1].smoothed if points else progress.loss
        points.append(RatePoint(rate, progress.loss, before + _SMOOTHING * (progress.loss - before)))
        yield points[-1]
        if points[-1].smoothed > _BURST * min(point.smoothed for point in points):
            break
    if not points:
        raise LstmvizError(
            "The first loss is not finite", where="learning-rate finder", how="Make the network's weights smaller."
        )
    best = min(points, key=lambda point: point.smoothed)
    if not _fell(points, best):
        return RateSearch(tuple(points), USUAL_RATE, fell=False)
    losses = {}
    for share in _TRIED:
        losses[best.rate / 10 * share] = yield from _loss_at(
            best.rate / 10 * share, network, task, settings, points[-1]
        )
    return RateSearch(tuple(points), min(losses, key=lambda rate: losses[rate]), fell=True)


def _fell(points: list[RatePoint], best: RatePoint) -> bool:
    """Whether the loss fell below that of the smallest rates by more than its noise."""
    first = np.array([point.loss for point in points[: max(len(points) // 10, 2)]])
    noise = np.median(np.abs(np.diff(first)))  # from one batch to the next: also where the loss falls all the time
    return bool(first.mean() - best.smoothed > max(LEAST_FALL * first.mean(), noise))


def _loss_at(
    rate: float, network: Network, task: Task, settings: TrainingSettings, last: RatePoint
) -> Generator[RatePoint, None, float]:
    """The mean loss of the last of some updates at one rate; inf where it overflows."""
    trainer = Trainer(network, task, replace(settings, lr=rate))
    losses = []
    for update in range(1, _TRIED_UPDATES + 1):
        progress = trainer.advance(training_batch(task, settings, update), None)
        if progress.stop and progress.stop.reason is StopReason.NONFINITE:
            return float("inf")
        losses.append(progress.loss)
        yield last
    return float(np.mean(losses[-_COUNTED:]))
