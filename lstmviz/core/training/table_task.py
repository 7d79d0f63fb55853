"""The user's own data: a table with one row a time step, windows of it, and one column to predict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from lstmviz.core.arrays import Array, frozen
from lstmviz.core.engine.activations import log_softmax
from lstmviz.core.errors import LstmvizError
from lstmviz.core.training.batches import Batch, last_step, make_batch, refuse_small
from lstmviz.core.training.losses import Loss
from lstmviz.core.training.metrics import Metric
from lstmviz.core.training.tasks import Baseline, Task

MOST_CLASSES = 100
"""More are no classes any more."""


@dataclass(frozen=True, eq=False)
class TablePrediction(Task):
    """Predict a column of a table from a window of its rows; ``table_task`` makes one from columns.

    values     [N, I] the columns that are read, scaled to mean 0 and deviation 1 over the part to learn from, if asked
    target     [N] the column to predict: scaled likewise, or class numbers
    classes    the names of the classes; empty where the target is a number
    target_mean, target_deviation  of a target that is a number, in its own units: answer * deviation + mean
    window     T, the rows that are read
    ahead      how many rows after the last one read the target stands
    held_out   the share of the rows, from the end, that only validation sees
    """

    columns: tuple[str, ...]
    values: Array
    target_name: str
    target: Array
    classes: tuple[str, ...]
    target_mean: float
    target_deviation: float
    window: int
    ahead: int
    held_out: float

    name: ClassVar[str] = "table"
    title: ClassVar[str] = "Your own table"

    @property
    def loss(self) -> Loss:
        """Cross-entropy for classes, squared error for numbers."""
        return Loss.CROSS_ENTROPY if self.classes else Loss.SQUARED_ERROR

    @property
    def metric(self) -> Metric:
        """Right answers for classes; the squared error in units of the target's variance for numbers."""
        return Metric.ACCURACY if self.classes else Metric.MEAN_SQUARED_ERROR

    @property
    def features(self) -> tuple[str, ...]:
        """The columns that are read."""
        return self.columns

    @property
    def answers(self) -> tuple[str, ...]:
        """The classes, or the column to predict."""
        return self.classes or (self.target_name,)

    @cached_property
    def baseline(self) -> Baseline:
        """The better of two simple answers on the part held out."""
        known, asked = self._rows(0, self._split), self._rows(self._split, len(self.values))
        answers = self.target[asked + self.ahead]
        if self.classes:
            counts = np.bincount(self.target[known + self.ahead].astype(int), minlength=len(self.classes)) + 1
            log_shares = log_softmax(np.log(counts))
            right = answers.astype(int)
            share = float((right == counts.argmax()).mean())
            return Baseline(float(-log_shares[right].mean()), share, "knowing how often each class occurs")
        mean = float(((answers - self.target[: self._split].mean()) ** 2).mean())
        repeated = float(((answers - self.target[asked]) ** 2).mean()) if self.ahead else np.inf
        if repeated < mean:
            return Baseline(repeated, repeated, "repeating the last value")
        return Baseline(mean, mean, "always answering the mean")

    def batch(self, random: np.random.Generator, size: int) -> Batch:
        """x [T, size, I]: windows from anywhere in the part to learn from; asked at their last step."""
        return self._windows(random.choice(self._rows(0, self._split), size))

    def validation(self, random: np.random.Generator, size: int) -> Batch:
        """Windows of the part held out; of all of it where it has at most ``size``."""
        rows = self._rows(self._split, len(self.values))
        return self._windows(rows if len(rows) <= size else random.choice(rows, size, replace=False))

    @property
    def _split(self) -> int:
        return _first_held_out(len(self.values), self.held_out)

    def _rows(self, first: int, stop: int) -> Any:
        """The last rows of the windows that lie, with their targets, between two rows."""
        return np.arange(first + self.window - 1, stop - self.ahead)

    def _windows(self, last_rows: Any) -> Batch:
        rows = last_rows + np.arange(1 - self.window, 1)[:, None]
        target = np.broadcast_to(self.target[last_rows + self.ahead], rows.shape)
        target = target.astype(np.int64) if self.classes else target[..., None]
        return make_batch(self.values[rows], target, last_step(*rows.shape))


def table_task(
    columns: Mapping[str, Sequence[Any]],
    target: str,
    *,
    features: Sequence[str] | None = None,
    classify: bool | None = None,
    window: int = 20,
    ahead: int = 1,
    held_out: float = 0.2,
    standardise: bool = True,
) -> TablePrediction:
    """The task of predicting the column ``target`` ``ahead`` rows after a window.

    columns   numbers, one a row; texts may stand in the target alone
    features  the columns that are read; None: all of them, but the target only where ``ahead`` is at least 1 and it
              is not of texts
    classify  whether the values of the target are classes; None: where there are texts among them

    Raises LstmvizError, naming column and row, for an empty table, columns of different lengths, texts or nan among
    the numbers, a target that is always the same, and a window that does not fit.
    """
    refuse_small([("window", window, 1), ("ahead", ahead, 0)])
    if not 0 < held_out < 1:
        raise LstmvizError(f"The share held out is {held_out}", where="held_out", how="Give a number between 0 and 1.")
    length = _length(columns, target)
    split = _first_held_out(length, held_out)
    if min(split, length - split) < window + ahead:
        raise LstmvizError(
            f"{length} rows are too few for windows of {window} rows and a target {ahead} after",
            where="window",
            how=f"Both the {split} rows to learn from and the {length - split} held out must hold a window with its "
            "target: choose a shorter window or give more rows.",
        )
    texts = _is_text(columns[target])
    answers, classes = _classes(columns, target) if (texts if classify is None else classify) else (None, ())
    answers = _numbers(columns, target) if answers is None else answers
    _refuse_constant(answers[:split], classes, target)
    read = _read(columns, target, features, can_read_target=ahead > 0 and not texts)
    values = np.stack([_numbers(columns, name) for name in read], 1)
    mean, deviation = 0.0, 1.0
    if standardise:
        values = np.stack([_scaled(column, split)[0] for column in values.T], 1)
        if not classes:
            answers, mean, deviation = _scaled(answers, split)
    return TablePrediction(
        read, frozen(values), target, frozen(answers), classes, mean, deviation, window, ahead, held_out
    )


def _read(
    columns: Mapping[str, Sequence[Any]], target: str, features: Sequence[str] | None, *, can_read_target: bool
) -> tuple[str, ...]:
    """The names of the columns that are read."""
    if features is None:
        features = [name for name in columns if name != target or can_read_target]
        how = "Give a column besides the target, or predict ahead."
    else:
        how = "Tick one at least."
    if not features:
        raise LstmvizError("No column is left to read", where=target, how=how)
    for name in features:
        if name not in columns:
            raise LstmvizError(
                f"There is no column called “{name}”", where="columns", how=f"There are: {', '.join(columns)}."
            )
        if name == target and not can_read_target:
            raise LstmvizError(
                f"“{target}” is read and predicted in the same row",
                where=f"column “{target}”",
                how="Do not read it, or predict rows ahead.",
            )
    return tuple(features)


def _length(columns: Mapping[str, Sequence[Any]], target: str) -> int:
    if target not in columns:
        raise LstmvizError(
            f"There is no column called “{target}”", where="target", how=f"There are: {', '.join(columns) or 'none'}."
        )
    lengths = {name: len(column) for name, column in columns.items()}
    for name, length in lengths.items():
        if length != lengths[target]:
            raise LstmvizError(
                f"The column “{name}” has {length} rows, “{target}” has {lengths[target]}",
                where=name,
                how="Every column needs a value in every row.",
            )
    if lengths[target] == 0:
        raise LstmvizError("The table is empty", where="table", how="Give a row for every time step.")
    return lengths[target]


def _first_held_out(length: int, held_out: float) -> int:
    return length - round(held_out * length)


def _is_text(column: Sequence[Any]) -> bool:
    return any(isinstance(value, str) for value in column)


def _classes(columns: Mapping[str, Sequence[Any]], target: str) -> tuple[Array, tuple[str, ...]]:
    """Class numbers [N] and the names of the classes; numbers in their order, then texts."""
    texts = _is_text(columns[target])
    cells = columns[target] if texts else _numbers(columns, target).tolist()
    names = [value if isinstance(value, str) else f"{value:g}" for value in cells]
    for row, name in enumerate(names):
        if not name.strip() or name == "nan":
            raise LstmvizError(
                "The cell that names the class is empty",
                where=f"column “{target}”, row {row + 1}",
                how="Every row needs a class: fill the cell, or leave the row out.",
            )
    classes = tuple(sorted(set(names)) if texts else (f"{value:g}" for value in sorted(set(cells))))
    if len(classes) > MOST_CLASSES:
        raise LstmvizError(
            f"The target has {len(classes):,} different values",
            where=f"column “{target}”",
            how=f"Up to {MOST_CLASSES} can be told apart as classes: predict a number, or choose another target.",
        )
    numbers = {name: number for number, name in enumerate(dict.fromkeys(classes))}
    return np.array([numbers[name] for name in names], np.float64), tuple(numbers)


def _numbers(columns: Mapping[str, Sequence[Any]], name: str) -> Array:
    """A column as float64 [N]. Raises LstmvizError at the first text, nan or infinity."""
    if not _is_text(columns[name]):
        values = np.asarray(columns[name], np.float64)
        wrong = np.flatnonzero(~np.isfinite(values))
        if not len(wrong):
            return values
        row, found = int(wrong[0]), str(values[wrong[0]])
    else:
        row, text = next((row, value) for row, value in enumerate(columns[name]) if isinstance(value, str))
        found = f"“{text}”"
    raise LstmvizError(
        f"The value {found} cannot be learned from",
        where=f"column “{name}”, row {row + 1}",
        how="Every cell must be a finite number; only the target may be of texts. Mend it or leave the column out.",
    )


def _refuse_constant(answers: Array, classes: tuple[str, ...], target: str) -> None:
    if (answers == answers[0]).all():
        only = f"the class “{classes[int(answers[0])]}”" if classes else f"the value {answers[0]:g}"
        raise LstmvizError(
            f"The target has only {only} in the rows to learn from",
            where=f"column “{target}”",
            how="There is nothing to tell apart: choose another target, or give more rows.",
        )


def _scaled(values: Array, split: int) -> tuple[Array, float, float]:
    """Mean 0 and deviation 1 over the first ``split`` rows; a column that never changes becomes 0 there."""
    mean, deviation = float(values[:split].mean()), float(values[:split].std())
    return (values - mean) / (deviation or 1.0), mean, deviation or 1.0
