"""Snapshots of a training, so that its time can be scrubbed: more of them where the loss moves, in bounded memory."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from lstmviz.core.errors import LstmvizError
from lstmviz.core.training.trainer import TrainingProgress, TrainingState

_SMOOTHING = 0.05
"""How much of a new loss goes into the running mean: single batches jump, and a jump is no progress."""

_EVENNESS = 0.5
"""How much an even spacing counts beside the movement of the loss."""


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A moment of a training. ``train(checkpoint.state, ...)`` goes on from here."""

    loss: float
    metric: float
    state: TrainingState

    @property
    def update(self) -> int:
        """After how many updates."""
        return self.state.update


class Checkpoints:
    """The moments that are kept, in order.

    When there are too many, that one goes whose neighbours are nearest to each other, in the logarithm of the
    smoothed loss and in time. The first and the last always stay.
    """

    def __init__(self, most: int = 200, most_bytes: int = 64 * 2**20) -> None:
        if most < 2:
            raise LstmvizError(f"The number of checkpoints is {most}", where="checkpoints", how="Keep two or more.")
        self._most, self._most_bytes = most, most_bytes
        self._kept: list[Checkpoint] = []
        self._levels: list[float] = []
        self._sizes: list[int] = []
        self._level = np.nan

    def __len__(self) -> int:
        return len(self._kept)

    def __getitem__(self, index: int) -> Checkpoint:
        return self._kept[index]

    @property
    def updates(self) -> list[int]:
        """After which updates they were made."""
        return [checkpoint.update for checkpoint in self._kept]

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays kept."""
        return sum(self._sizes)

    def start(self, state: TrainingState) -> None:
        """Keep the state before the first update; its loss and metric are those of the first batch, once known."""
        self._kept, self._levels, self._level = [Checkpoint(np.nan, np.nan, state)], [np.nan], np.nan
        self._sizes = [state.nbytes]

    def add(self, progress: TrainingProgress) -> None:
        """Keep the state after an update; one that is not later than the last kept changes nothing."""
        if self._kept and progress.state.update <= self._kept[-1].update:
            return
        log_loss = float(np.log10(max(progress.loss, np.finfo(float).tiny)))
        self._level = log_loss if np.isnan(self._level) else self._level + _SMOOTHING * (log_loss - self._level)
        if len(self._kept) == 1 and np.isnan(self._levels[0]):
            self._kept[0] = Checkpoint(progress.loss, progress.metric, self._kept[0].state)
            self._levels[0] = self._level
        self._kept.append(Checkpoint(progress.loss, progress.metric, progress.state))
        self._levels.append(self._level)
        self._sizes.append(progress.state.nbytes)
        while len(self._kept) > 2 and (len(self._kept) > self._most or self.nbytes > self._most_bytes):
            dispensable = self._most_dispensable()
            del self._kept[dispensable], self._levels[dispensable], self._sizes[dispensable]

    def at(self, update: int) -> Checkpoint:
        """The last checkpoint not after ``update``; the first where all are. Raises LstmvizError if there is none."""
        if not self._kept:
            raise LstmvizError("There is no checkpoint yet", where="checkpoints", how="Train first.")
        return self._kept[max(0, bisect_right(self.updates, update) - 1)]

    def _most_dispensable(self) -> int:
        levels, updates = np.array(self._levels), np.array(self.updates, np.float64)
        height, span = np.ptp(levels) or 1.0, updates[-1] - updates[0]
        # from neighbour to neighbour: what goes up and down again in between is noise
        cost = np.abs(levels[2:] - levels[:-2]) / height + _EVENNESS * (updates[2:] - updates[:-2]) / span
        return 1 + int(cost.argmin())
