"""Training as a plain generator: every ``yield`` is an update, and a place to stop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.memory import refuse_large_run
from lstmviz.core.networks.network import Network
from lstmviz.core.training.settings import TrainingSettings, refuse_misfit
from lstmviz.core.training.tasks import Task
from lstmviz.core.training.trainer import (
    Trainer,
    TrainingProgress,
    TrainingState,
    training_batch,
    validation_batch,
)

_ALONE = ""

Start = Network | TrainingState
"""A fresh network, or where an earlier training stood: a checkpoint that is branched."""


def train(start: Start, task: Task, **settings: Any) -> Iterator[TrainingProgress]:
    """Train a network: an iterator with one ``TrainingProgress`` an update, the last of which has a ``stop``.

    settings  those of ``TrainingSettings``: optimizer, lr, batch_size, updates, clip, seed ...

    The numbers are the same to the last bit for the same arguments. From a ``TrainingState`` it goes on as if it had
    never been interrupted: the same batches come as after that update; ``updates`` counts those that are added.
    Checks its arguments at once. Raises LstmvizError for impossible ones.
    """
    together = compare({_ALONE: start}, task, **settings)
    return (progress[_ALONE] for progress in together)


def compare(starts: Mapping[str, Start], task: Task, **settings: Any) -> Iterator[dict[str, TrainingProgress]]:
    """Train several networks on the very same batches, with the same settings: one dict an update, by name.

    A network that has stopped keeps its last progress while the others go on. Otherwise like ``train``.
    """
    chosen = TrainingSettings.of(settings)
    if not starts:
        raise LstmvizError("There is no network to train", where="network", how="Give one or more.")
    for start in starts.values():
        refuse_misfit(start if isinstance(start, Network) else start.network, task, chosen)
    _refuse_large_batch(starts, task, chosen)
    trainers = {name: Trainer(start, task, chosen) for name, start in starts.items()}
    if len({trainer.update for trainer in trainers.values()}) > 1:
        raise LstmvizError(
            "The networks have made different numbers of updates",
            where="network",
            how="Take the checkpoints of the same update, so that both see the same batches.",
        )
    return _updates(trainers, task, chosen)


def _refuse_large_batch(starts: Mapping[str, Start], task: Task, settings: TrainingSettings) -> None:
    """Raises LstmvizError where trace and gradients of a batch would not fit into the memory."""
    batch = training_batch(task, settings, 1)
    length = min(batch.length, settings.truncate or batch.length)
    for start in starts.values():
        network = start if isinstance(start, Network) else start.network
        refuse_large_run(length * batch.size, network.hidden_size, len(network.layers), network.num_directions)


def _updates(
    trainers: dict[str, Trainer], task: Task, settings: TrainingSettings
) -> Iterator[dict[str, TrainingProgress]]:
    validation = validation_batch(task, settings) if settings.validate_every else None
    running = dict(trainers)
    progress: dict[str, TrainingProgress] = {}
    while running:
        update = next(iter(running.values())).update + 1
        batch = training_batch(task, settings, update)
        due = validation if settings.validate_every and update % settings.validate_every == 0 else None
        for name, trainer in list(running.items()):
            progress[name] = trainer.advance(batch, due)
            if progress[name].stop:
                del running[name]
        yield dict(progress)
