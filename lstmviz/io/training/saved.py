"""A TrainingRecord as plain values and few large arrays, and back: what a session file has of a training.

The weights of all checkpoints of a network stand in one array, a row a checkpoint, in the order of its state dict; so
do the running means of the optimiser. What is read back goes on to the very same bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lstmviz.core.arrays import Array, frozen, same
from lstmviz.core.experiments.recipe import BaselineRecipe, NetworkRecipe
from lstmviz.core.networks.network import Network
from lstmviz.core.training.flat import flattened, with_weights
from lstmviz.core.training.grammar_tasks import Counting, EmbeddedReber
from lstmviz.core.training.memory_tasks import AddingProblem, CopyMemory, LongLagRecall, Parity
from lstmviz.core.training.optimisers import Moments, Optimiser
from lstmviz.core.training.record import Moment, NetworkRecord, TrainingRecord
from lstmviz.core.training.settings import TrainingSettings
from lstmviz.core.training.table_task import TablePrediction
from lstmviz.core.training.text_task import NextCharacter
from lstmviz.core.training.trainer import Best, Score, TrainingState
from lstmviz.core.training.wave_tasks import NoisySum, SinePrediction
from lstmviz.io.codec import to_plain

MOST_BYTES = 64 * 2**20
"""Of the checkpoints in a file; of more, some are left out."""

SavedTask = (
    AddingProblem
    | CopyMemory
    | LongLagRecall
    | Counting
    | EmbeddedReber
    | Parity
    | SinePrediction
    | NoisySum
    | NextCharacter
    | TablePrediction
)
"""Every task that can be trained; texts and tables are in the file with it."""


@dataclass(frozen=True)
class SavedBest:
    """What early stopping remembers; ``state`` is the number of a row."""

    loss: float
    metric: float
    state: int
    waited: int


@dataclass(frozen=True)
class SavedState:
    """A TrainingState but for its arrays, which are a row of SavedStates; ``count`` is that of the optimiser."""

    update: int
    optimiser: Optimiser | None = None
    count: int = 0
    best: SavedBest | None = None


@dataclass(frozen=True, eq=False)
class SavedStates:
    """All states of a network.

    shape    a network whose weights are those of the first row
    weights  [n, P];  first, second  [n, P] of the optimiser, zeros where a state has none; None where no state has any
    """

    key: str
    shape: Network
    rows: tuple[SavedState, ...]
    weights: Array
    first: Array | None = None
    second: Array | None = None


@dataclass(frozen=True)
class SavedMoment:
    """A Moment; ``states`` are the numbers of rows, in the order of SavedTraining.states; -1: not there."""

    update: int
    loss: float
    states: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class SavedBefore:
    """The curves of the training that this one branched off."""

    title: str
    settings: TrainingSettings
    planned: int
    networks: tuple[NetworkRecord, ...]


@dataclass(frozen=True, eq=False)
class SavedTraining:
    """A TrainingRecord."""

    title: str
    task: SavedTask
    settings: TrainingSettings
    planned: int
    asked_at_end: bool
    networks: tuple[NetworkRecord, ...]
    states: tuple[SavedStates, ...]
    moments: tuple[SavedMoment, ...]
    recipe: NetworkRecipe
    baseline: BaselineRecipe | None = None
    before: SavedBefore | None = None


def saved_of(record: TrainingRecord) -> SavedTraining:
    """``record`` to be written, with no more than MOST_BYTES of checkpoints. Raises TypeError for a foreign task."""
    record = record.thinned(MOST_BYTES)
    if not isinstance(record.task, SavedTask):
        raise TypeError(f"the task {record.task.name} cannot be saved")
    keys = list(dict.fromkeys(key for moment in record.moments for key in moment.states))
    rows = {key: _Rows() for key in keys}
    moments = tuple(
        SavedMoment(
            moment.update,
            moment.loss,
            tuple(rows[key].number_of(moment.states[key]) if key in moment.states else -1 for key in keys),
        )
        for moment in record.moments
    )
    before = record.before
    return SavedTraining(
        record.title,
        record.task,
        record.settings,
        record.planned,
        record.asked_at_end,
        record.networks,
        tuple(rows[key].saved(key) for key in keys),
        moments,
        record.recipe,
        record.baseline,
        SavedBefore(before.title, before.settings, before.planned, before.networks) if before else None,
    )


def saved_alike(one: TrainingRecord, other: TrainingRecord) -> bool:
    """Whether nobody could tell from a file which of the two was saved in it."""
    if one is other:
        return True
    if one.title != other.title or one.update != other.update:
        return False  # most others, at no price
    arrays: tuple[dict[str, Array], dict[str, Array]] = ({}, {})
    plain = [to_plain(saved_of(each), SavedTraining, into, "") for each, into in zip((one, other), arrays, strict=True)]
    first, second = (tuple(each.items()) for each in arrays)
    return bool(plain[0] == plain[1]) and same(first, second)


def record_of(saved: SavedTraining) -> TrainingRecord:
    """The record that was saved; ``refuse_impossible_training`` has looked at it."""
    states = {each.key: _states_of(each) for each in saved.states}
    moments = tuple(
        Moment(
            moment.update,
            moment.loss,
            {key: states[key][number] for key, number in zip(states, moment.states, strict=True) if number >= 0},
        )
        for moment in saved.moments
    )
    before = saved.before
    return TrainingRecord(
        saved.title,
        saved.task,
        saved.settings,
        saved.planned,
        saved.asked_at_end,
        saved.networks,
        moments,
        TrainingRecord(
            before.title, saved.task, before.settings, before.planned, saved.asked_at_end, before.networks, ()
        )
        if before
        else None,
        saved.recipe,
        saved.baseline,
    )


class _Rows:
    """The different states of a network, each once."""

    def __init__(self) -> None:
        self._states: list[TrainingState] = []
        self._numbers: dict[int, int] = {}

    def number_of(self, state: TrainingState) -> int:
        """The number of its row; that of the best before it is another one."""
        if id(state) not in self._numbers:
            if state.best is not None:
                self.number_of(state.best.state)
            self._numbers[id(state)] = len(self._states)
            self._states.append(state)
        return self._numbers[id(state)]

    def saved(self, key: str) -> SavedStates:
        """All of them."""
        weights = np.stack([flattened(state.network.state_dict()) for state in self._states])
        moments = [state.moments for state in self._states]
        return SavedStates(
            key,
            self._states[0].network,
            tuple(map(self._saved_state, self._states)),
            weights,
            _stacked([each.first if each else None for each in moments], weights[0]),
            _stacked([each.second if each else None for each in moments], weights[0]),
        )

    def _saved_state(self, state: TrainingState) -> SavedState:
        best = state.best
        return SavedState(
            state.update,
            state.moments.optimiser if state.moments else None,
            state.moments.count if state.moments else 0,
            SavedBest(best.score.loss, best.score.metric, self._numbers[id(best.state)], best.waited) if best else None,
        )


def _stacked(vectors: Sequence[Array | None], like: Array) -> Array | None:
    """[n, P], zeros where there is none; None where there are none at all."""
    if all(vector is None for vector in vectors):
        return None
    return np.stack([np.zeros_like(like) if vector is None else vector for vector in vectors])


def _states_of(saved: SavedStates) -> list[TrainingState]:
    plain = [
        TrainingState(row.update, with_weights(saved.shape, saved.weights[number]), _moments_of(saved, number))
        for number, row in enumerate(saved.rows)
    ]
    return [
        replace(state, best=Best(Score(row.best.loss, row.best.metric), plain[row.best.state], row.best.waited))
        if row.best
        else state
        for state, row in zip(plain, saved.rows, strict=True)
    ]


def _moments_of(saved: SavedStates, number: int) -> Moments | None:
    row = saved.rows[number]
    if row.optimiser is None or saved.first is None:
        return None
    second = saved.second if row.optimiser is Optimiser.ADAM else None
    return Moments(
        row.optimiser, row.count, frozen(saved.first[number]), None if second is None else frozen(second[number])
    )
