"""What trained networks answer to one sequence, beside what would be right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lstmviz.core.arrays import Array, BoolArray, frozen
from lstmviz.core.engine.activations import log_softmax
from lstmviz.core.engine.passes import forward
from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.network import Network
from lstmviz.core.training.batches import Batch, last_step, make_batch
from lstmviz.core.training.losses import Loss
from lstmviz.core.training.probe import Probe
from lstmviz.core.training.table_task import TablePrediction
from lstmviz.core.training.tasks import Task
from lstmviz.core.training.trainer import Score


@dataclass(frozen=True, eq=False)
class Answer:
    """One network's answer to one sequence.

    outputs  [T, O], probabilities for classes; numbers of a table in its own units
    score    loss and metric on this sequence; None where nobody knows what is right
    """

    outputs: Array
    score: Score | None


@dataclass(frozen=True, eq=False)
class Answers:
    """One sequence, and what every network answers.

    x         [T, I]
    target    what is right: numbers [T, O] or class numbers [T], in the units of the outputs; None: nobody knows
    asked     [T], the steps at which it is asked for
    answers   by the name of the network
    legal     [T, O], every class that would be right where there are several; None where there is one
    """

    task: Task
    x: Array
    target: Array | None
    asked: BoolArray
    answers: Mapping[str, Answer]
    legal: BoolArray | None = None

    @property
    def length(self) -> int:
        """T."""
        return len(self.x)

    def right(self, step: int) -> tuple[int, ...]:
        """The classes that are right at a step, from 0; none where nothing is asked."""
        if self.target is None or not self.asked[step]:
            return ()
        if self.legal is not None:
            return tuple(np.flatnonzero(self.legal[step]).tolist())
        return (int(self.target[step]),)

    @property
    def is_classes(self) -> bool:
        """Whether the outputs are probabilities of classes."""
        return self.task.loss is Loss.CROSS_ENTROPY


def drawn_sequence(task: Task, seed: int) -> Batch:
    """One sequence that training never shows, the same for the same seed, up to its last step that counts.

    Seed 0 is the probe sequence.
    """
    batch = Probe(task, seed).batch
    stop = int(np.flatnonzero(batch.mask[:, 0])[-1]) + 1
    legal = None if batch.legal is None else batch.legal[:stop]
    return make_batch(batch.x[:stop], batch.target[:stop], batch.mask[:stop], batch.asked[:stop], legal)


def answers(task: Task, networks: Mapping[str, Network], batch: Batch) -> Answers:
    """What ``networks`` answer to the one sequence of ``batch``."""
    given = {name: _answer(task, network, batch) for name, network in networks.items()}
    target = _in_own_units(task, np.asarray(batch.target[:, 0], np.float64))
    legal = None if batch.legal is None else batch.legal[:, 0]
    return Answers(task, batch.x[:, 0], frozen(target), batch.asked[:, 0], given, legal)


def answers_to_inputs(task: Task, networks: Mapping[str, Network], x: Array) -> Answers:
    """What ``networks`` answer to inputs x [T, I] that a person gives.

    Raises LstmvizError for inputs of another width, or none.
    """
    if x.ndim != 2 or not len(x) or x.shape[1] != task.input_size:
        width = x.shape[1] if x.ndim == 2 else 0
        raise LstmvizError(
            f"The sequence has {width} numbers a step, the network reads {task.input_size}",
            where="sequence",
            how=f"Give in every step: {', '.join(task.features[:8])}{' …' if task.input_size > 8 else ''}.",
        )
    batch = task.of_inputs(x)
    if batch is not None:
        return answers(task, networks, batch)
    nothing = make_batch(x[:, None], np.zeros((len(x), 1), np.int64), last_step(len(x), 1))
    outputs = {name: Answer(_outputs(task, network, nothing), None) for name, network in networks.items()}
    return Answers(task, x, None, np.zeros(len(x), np.bool_), outputs)


def _answer(task: Task, network: Network, batch: Batch) -> Answer:
    y = forward(network, batch.x).y
    score = Score(task.loss.evaluate(y, batch)[0], task.metric.measure(y, batch))
    return Answer(_shown(task, y[:, 0]), score)


def _outputs(task: Task, network: Network, batch: Batch) -> Array:
    return _shown(task, forward(network, batch.x).y[:, 0])


def _shown(task: Task, y: Array) -> Array:
    """Outputs [T, O] as people read them."""
    if task.loss is Loss.CROSS_ENTROPY:
        with np.errstate(all="ignore"):
            return frozen(np.exp(log_softmax(y)))
    return frozen(_in_own_units(task, y))


def _in_own_units(task: Task, values: Array) -> Array:
    if isinstance(task, TablePrediction) and not task.classes:
        return values * task.target_deviation + task.target_mean
    return values
