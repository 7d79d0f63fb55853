"""A moment of a training as an experiment: the probe sequence under the weights of that moment."""

from __future__ import annotations

import numpy as np

from lstmviz.core.arrays import Array, frozen
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.objective import Objective, ObjectiveKind, Where
from lstmviz.core.experiments.recipe import BaselineRecipe, NetworkRecipe
from lstmviz.core.experiments.sequence import Sequence, SequenceKind
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.text import count
from lstmviz.core.training.batches import Batch
from lstmviz.core.training.losses import Loss
from lstmviz.core.training.probe import Probe
from lstmviz.core.training.record import Moment, NetworkRecord, TrainingRecord
from lstmviz.core.training.tasks import Task
from lstmviz.core.training.trainer import TrainingState
from lstmviz.io.sequences import parse_sequence
from lstmviz.io.tables import format_rows


def moment_experiment(
    record: TrainingRecord,
    moment: Moment,
    shown: NetworkRecord,
    batch: Batch | None = None,
    which: str = "A sequence that training never shows",
) -> Experiment:
    """What the debugger opens: one sequence, the network ``shown`` after that many updates.

    batch  of that one sequence; None for the fixed probe sequence
    which  the beginning of a sentence that says which it is

    Beside an LSTM stands the vanilla RNN that was trained with it, at the same moment.
    """
    batch = batch or Probe(record.task).batch
    steps = _steps(batch)
    after = f"after {count(moment.update, 'update')}" if moment.update else "before training"
    return Experiment(
        title=f"{record.title}: {shown.name} {after}",
        look_for=f"{which}, under the weights of the {shown.name} {after}. "
        + _loss_in_words(batch, steps)
        + _beside_in_words(moment, shown),
        sequence=sequence_of(record.task, batch.x[:steps, 0]),
        recipe=NetworkRecipe.given(moment.states[shown.key].network),
        baseline=beside(moment, shown),
        objective=_objective(record.task, batch, steps),
    )


def beside(moment: Moment, shown: NetworkRecord) -> BaselineRecipe | None:
    """The trained vanilla RNN of the moment, to stand beside the LSTM that is ``shown``; None without one."""
    state = _other(moment, shown)
    return None if state is None else BaselineRecipe.given(state.network)


def text_experiment(task: Task, network: Network, text: str, baseline: BaselineRecipe | None = None) -> Experiment:
    """What the network does while it reads ``text``, and the loss of its guess at each next character."""
    return Experiment(
        title=f"{task.title}: “{text[-20:]}”",
        look_for="The text that was written, read again by the trained network: at every step it guesses the next "
        "character. The loss is how wrong those guesses are.",
        sequence=parse_sequence(text, SequenceKind.TEXT, vocabulary=task.features),
        recipe=NetworkRecipe.given(network),
        baseline=baseline,
        objective=Objective(ObjectiveKind.CROSS_ENTROPY, Where.EVERY, next_input=True),
    )


def sequence_of(task: Task, x: Array) -> Sequence:
    """The inputs [T, I] of a task as a sequence that can be edited: as text where every input is a character."""
    if all(len(name) == 1 for name in task.features) and (x.sum(1) == 1).all():
        text = "".join(task.features[column] for column in x.argmax(1))
        try:
            sequence = parse_sequence(text, SequenceKind.TEXT, vocabulary=task.features)
        except LstmvizError:  # a vocabulary that cannot be typed, such as one of too many characters
            pass
        else:
            if np.array_equal(sequence.values, x):
                return sequence
    rows = format_rows(x)
    try:
        named = parse_sequence(f"{', '.join(task.features)}\n{rows}", SequenceKind.NUMBERS)
    except LstmvizError:  # names that a header cannot have
        named = None
    if named is not None and named.values.shape == x.shape:
        return named
    return parse_sequence(rows, SequenceKind.NUMBERS)


def _other(moment: Moment, shown: NetworkRecord) -> TrainingState | None:
    others = [state for key, state in moment.states.items() if key != shown.key and state.network.cell is Cell.RNN]
    return others[0] if others and shown.cell is Cell.LSTM else None


def _beside_in_words(moment: Moment, shown: NetworkRecord) -> str:
    """Where the RNN beside it comes from; it may have broken down before this moment."""
    state = _other(moment, shown)
    if state is None:
        return ""
    if state.update == moment.update:
        return " Beside it the vanilla RNN that was trained on the same sequences, at the same moment."
    return f" Beside it the vanilla RNN after {count(state.update, 'update')}: soon after that it broke down."


def _steps(batch: Batch) -> int:
    """Up to the last step that the loss looks at: what is behind is filled up with zeros, or not asked."""
    return int(np.flatnonzero(batch.mask[:, 0])[-1]) + 1


def _objective(task: Task, batch: Batch, steps: int) -> Objective:
    kind = ObjectiveKind.SQUARED_ERROR if task.loss is Loss.SQUARED_ERROR else ObjectiveKind.CROSS_ENTROPY
    target = batch.target[:steps, 0]
    rows = np.asarray(target if target.ndim == 2 else target[:, None], np.float64)
    if batch.mask[:steps, 0].sum() == 1:
        return Objective(kind, Where.LAST, frozen(rows[-1:]))
    return Objective(kind, Where.EVERY, frozen(rows))


def _loss_in_words(batch: Batch, steps: int) -> str:
    """How the loss of the debugger differs from that of training."""
    scored = int(batch.mask[:steps, 0].sum())
    if scored == 1:
        return "The loss is that of training."
    if scored == steps:
        return "The loss is a sum over the steps here; training takes their mean."
    return f"The loss is a sum over all steps here; training takes the mean of the last {scored:,}."
