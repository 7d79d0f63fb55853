"""What-ifs that change the sequence: other inputs, steps swapped, inserted and deleted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Sequence as Rows
from contextlib import contextmanager
from dataclasses import astuple, replace

import numpy as np

from lstmviz.core.arrays import Array, frozen
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.objective import Objective
from lstmviz.core.experiments.sequence import Sequence, SequenceKind
from lstmviz.core.experiments.token_table import NO_TOKEN, token_label
from lstmviz.core.experiments.what_if import Change, DeleteStep, InsertStep, SetInput, SetStep, SwapSteps

SEQUENCE_CHANGES = (SetInput, SetStep, SwapSteps, InsertStep, DeleteStep)
"""The changes that both networks read; all others are made to the network under study alone."""


def changed_values(values: Array, changes: Iterable[Change]) -> Array:
    """x [T, I] or [T, B, I] with the changes of a sequence made, one after the other, in every sequence of a batch.

    Raises LstmvizError that names the change that does not fit.
    """
    for change in changes:
        if isinstance(change, SEQUENCE_CHANGES):
            with naming(change):
                values = _changed(values, change)
    return values


def changed_sequence(sequence: Sequence, changes: Iterable[Change]) -> Sequence:
    """The sequence with the changes made, and its labels with them; source and kind are still what the user typed.

    Raises LstmvizError as ``changed_values`` does.
    """
    for change in changes:
        if isinstance(change, SEQUENCE_CHANGES):
            with naming(change):
                values = frozen(_changed(sequence.values, change))
                numbers = _numbers_of_tokens(sequence, values, change)
                labels = _labels(sequence, values, numbers, change)
                sequence = replace(sequence, values=values, labels=labels, numbers=numbers)
    return sequence


def changed_objective(objective: Objective, length: int, changes: Iterable[Change]) -> Objective:
    """The objective for the changed sequence: a target a step moves with its step; ``length`` is T before.

    A step that is inserted gets the target of the step whose place it takes, at the end that of the last.
    Raises LstmvizError as ``changed_values`` does.
    """
    rows = list(range(length))
    for change in changes:
        if isinstance(change, SEQUENCE_CHANGES):
            with naming(change):
                rows = [rows[row] for row in _order(len(rows), change)]
    target = objective.target
    if target is None or len(target) != length or length == 1 or rows == list(range(length)):
        return objective
    return replace(objective, target=frozen(target[rows]))


@contextmanager
def naming(change: Change) -> Iterator[None]:
    """An LstmvizError inside becomes one that names ``change``; so does a number that is not finite."""
    try:
        for value in _numbers(astuple(change)):
            if not np.isfinite(value):
                raise LstmvizError(f"{value} is not a finite number", how="Give a number.")
        yield
    except LstmvizError as error:
        raise LstmvizError(
            f"The what-if “{change.in_words()}” does not fit: {error.what[:1].lower()}{error.what[1:]}",
            where=error.where,
            how=f"{error.how} Or switch this what-if off.".strip(),
        ) from error


def checked_number(value: float, lowest: int, highest: int, what: str) -> int:
    """``value``. Raises LstmvizError where it is not a whole number from ``lowest`` to ``highest``."""
    if not isinstance(value, int | np.integer) or not lowest <= value <= highest:
        only = f"There is only {what} {lowest}." if lowest == highest else f"Choose one from {lowest} to {highest}."
        raise LstmvizError(f"There is no {what} {value}", how=only)
    return int(value)


def _numbers(values: Iterable[object]) -> Iterator[float]:
    for value in values:
        if isinstance(value, tuple):
            yield from _numbers(value)
        elif isinstance(value, float | int):
            yield value


def _order(length: int, change: Change) -> list[int]:
    """For each row afterwards the row before that it comes from; an inserted one from the row at its place."""
    rows = list(range(length))
    match change:
        case SetInput(t=t) | SetStep(t=t):
            checked_number(t, 1, length, "step")
        case SwapSteps(t=t, other=other):
            for each in (t, other):
                checked_number(each, 1, length, "step")
            rows[t - 1], rows[other - 1] = rows[other - 1], rows[t - 1]
        case InsertStep(t=t):
            checked_number(t, 1, length + 1, "place for a new step")
            rows.insert(t - 1, min(t - 1, length - 1))
        case DeleteStep(t=t):
            checked_number(t, 1, length, "step")
            if length == 1:
                raise LstmvizError("It is the only step", how="Leave one step at least.")
            del rows[t - 1]
    return rows


def _changed(values: Array, change: Change) -> Array:
    changed: Array = values[_order(len(values), change)]
    match change:
        case SetInput(t=t, feature=feature, value=value):
            changed[t - 1, ..., checked_number(feature, 0, values.shape[-1] - 1, "feature")] = value
        case SetStep(t=t, values=given) | InsertStep(t=t, values=given):
            if len(given) != values.shape[-1]:
                raise LstmvizError(
                    f"It has {len(given)} values, the sequence has {values.shape[-1]} features",
                    how=f"Give {values.shape[-1]} values.",
                )
            changed[t - 1] = given
    return changed


def _numbers_of_tokens(before: Sequence, values: Array, change: Change) -> tuple[int, ...]:
    """The numbers of the tokens after ``change``: they move with their steps; empty without a table.

    A token of which one entry is changed is still that token, slightly off; any other row is the token that it is.
    """
    if before.table is None:
        return ()
    numbers = [before.numbers[row] for row in _order(before.length, change)]
    if isinstance(change, SetInput | SetStep | InsertStep):
        found = before.table.number_of(values[change.t - 1])
        if found != NO_TOKEN or not isinstance(change, SetInput):
            numbers[change.t - 1] = found
    return tuple(numbers)


def _labels(before: Sequence, values: Array, numbers: tuple[int, ...], change: Change) -> tuple[str, ...]:
    """The labels after ``change``: they move with their steps, unless they only count them."""
    if _labels_count(before):
        return tuple(map(str, range(1, len(values) + 1)))
    labels = [before.labels[row] for row in _order(before.length, change)]
    if isinstance(change, SetInput | SetStep | InsertStep):
        at, row = change.t - 1, values[change.t - 1]
        if before.table is None:
            labels[at] = _label_of(before, row)
        else:
            is_token = before.table.number_of(row) == numbers[at] != NO_TOKEN
            labels[at] = token_label(before.table, numbers[at]) if is_token else "*"
    return tuple(labels)


def _labels_count(sequence: Sequence) -> bool:
    """Whether the labels are the numbers of the steps, and not characters or values that happen to count."""
    if sequence.labels != tuple(map(str, range(1, sequence.length + 1))) or sequence.reads_tokens:
        return False
    by_value = sequence.kind is SequenceKind.NUMBERS and sequence.input_size == 1
    return not (by_value and _label_of(sequence, sequence.values[0]) == "1")


def _label_of(sequence: Sequence, row: Rows[float] | Array) -> str:
    """A step's label by what is in it: the character of a one-hot row, the number of a single feature, or a star."""
    ones = np.flatnonzero(row)
    if sequence.kind is SequenceKind.TEXT:
        return sequence.features[ones[0]] if len(ones) == 1 and row[ones[0]] == 1 else "*"
    return f"{float(row[0]):.6g}" if len(row) == 1 else "*"
