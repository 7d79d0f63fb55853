"""The learning-rate finder: raise the rate a little at every update, and see when the loss falls and when it bursts."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lstmviz.core.errors import LstmvizError
from lstmviz.core.network import Network
from lstmviz.core.progress import drain
from lstmviz.core.training.settings import LARGEST_RATE, TrainingSettings, refuse_misfit
from lstmviz.core.training.tasks import Task
from lstmviz.core.training.trainer import StopReason, Trainer, training_batch

_SMOOTHING = 0.2
_BURST = 4.0
"""The search ends where the smoothed loss is so many times its least so far."""


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
    suggestion  a tenth of the rate at which the smoothed loss was least: safe for longer than the search
    """

    points: tuple[RatePoint, ...]
    suggestion: float


def find_learning_rate(network: Network, task: Task, **settings: Any) -> RateSearch:
    """``find_learning_rate_steps`` to its end."""
    return drain(find_learning_rate_steps(network, task, **settings))


def find_learning_rate_steps(
    network: Network, task: Task, *, lowest: float = 1e-5, highest: float = 1.0, updates: int = 100, **settings: Any
) -> Generator[RatePoint, None, RateSearch]:
    """Train ``updates`` times with rates that rise evenly in their logarithm (Smith 2017), a point an update.

    settings  those of ``TrainingSettings``, without lr

    Stops early where the loss bursts. The network itself stays as it is. Checks its arguments at once. Raises
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
    return RateSearch(tuple(points), min(points, key=lambda point: point.smoothed).rate / 10)
