"""From the numbers of a file to the sequence that the network reads: columns, missing cells, standardising."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.arrays import Array, frozen
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.sequence import Sequence
from lstmviz.core.numerals import shortened
from lstmviz.core.progress import Steps, drain, part
from lstmviz.core.text import count, number
from lstmviz.io.sequence_files.as_typed import as_typed, refuse_too_many
from lstmviz.io.sequence_files.options import Missing, SequenceOptions
from lstmviz.io.sequence_files.reading import SequenceFile
from lstmviz.io.sequences import plain_names
from lstmviz.io.tables import MAX_FEATURES

_SCALES_TOLD = 6


@dataclass(frozen=True)
class Scaling:
    """What was subtracted from every feature, and what it was divided by: mean and standard deviation, [I] each."""

    mean: Array
    deviation: Array


@dataclass(frozen=True)
class Prepared:
    """A sequence, sentences that say what was done to the file's numbers, and the scaling if there was any."""

    sequence: Sequence
    notes: tuple[str, ...]
    scaling: Scaling | None = None


def sequence_of(file: SequenceFile, options: SequenceOptions | None = None) -> Sequence:
    """The sequence that ``options`` make of ``file``. Raises LstmvizError, for a missing number with its place."""
    return drain(preparing(file, options)).sequence


def preparing(file: SequenceFile, options: SequenceOptions | None = None) -> Steps[Prepared]:
    """``sequence_of`` with progress and with what was done."""
    options = options or SequenceOptions()
    chosen = _chosen(file, options)
    values = np.array(file.values[:, chosen], dtype=np.float64)
    yield 0.1
    values, notes = _without_holes(file, values, chosen, options.missing)
    refuse_too_many(values, file.name, "choose fewer columns")
    yield 0.2
    names = tuple(file.names[column] for column in chosen)
    scaling = None
    if options.standardise:
        values, scaling = standardised(values)
        notes.append(_scaling_in_words(names, scaling))
    if not file.named and options.features is None:
        names = plain_names(len(names))
    sequence = yield from part(as_typed(values, names), 1, 2)
    return Prepared(sequence, tuple(notes), scaling)


def standardised(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], Scaling]:
    """``values`` [T, I] with mean 0 and standard deviation 1 a feature; one that never changes becomes 0."""
    size = np.abs(values).max(axis=0)
    size[size == 0] = 1.0
    scaled = values / size  # within -1 .. 1, so that no sum overflows
    mean = scaled.mean(axis=0)
    centred = scaled - mean
    deviation = np.sqrt(np.mean(centred**2, axis=0))
    still = scaled.max(axis=0) == scaled.min(axis=0)
    centred[:, still] = 0.0
    result = centred / np.where(still, 1.0, deviation)
    return result, Scaling(frozen(mean * size), frozen(np.where(still, 1.0, deviation * size)))


def _chosen(file: SequenceFile, options: SequenceOptions) -> list[int]:
    columns = file.values.shape[1]
    chosen = list(file.suggested if options.features is None else options.features)
    if not chosen and options.features is None:
        first = file.problems[0] if file.problems else None
        raise LstmvizError(
            "No column of this file holds numbers" + (f"; {first.place}: {first.what}" if first else ""),
            where=file.name,
            how="Choose another separator or another file; a text can be pasted into the sequence as “text”.",
        )
    if not chosen:
        raise LstmvizError("No column is chosen", where=file.name, how="Choose one at least.")
    for column in chosen:
        if not 0 <= column < columns:
            raise LstmvizError(
                f"There is no column {column + 1}", where=file.name, how=f"The file has {count(columns, 'column')}."
            )
    if len(chosen) > MAX_FEATURES:
        raise LstmvizError(
            f"{len(chosen):,} columns are chosen", where=file.name, how=f"Take {MAX_FEATURES:,} or fewer."
        )
    return chosen


def _without_holes(
    file: SequenceFile, values: NDArray[np.float64], chosen: list[int], missing: Missing
) -> tuple[NDArray[np.float64], list[str]]:
    """``values`` with every cell a number, and what was done for that. Raises LstmvizError where they are refused."""
    holes = np.isnan(values)
    number_of = int(holes.sum())
    if not number_of:
        return values, []
    cells = f"{count(number_of, 'cell')} without a number"
    first = _first_hole(file, holes, chosen)
    if missing is Missing.REFUSE:
        raise LstmvizError(
            f"{cells}; the first: {first}" if number_of > 1 else f"A cell has no number: {first}",
            where=file.name,
            how="Say what is to become of missing numbers, leave the column out, or mend the file.",
        )
    if missing is Missing.DROP:
        kept = ~holes.any(axis=1)
        dropped = len(values) - int(kept.sum())
        if not kept.any():
            raise LstmvizError(
                "Every step has a cell without a number", where=file.name, how="Leave the emptiest column out."
            )
        return values[kept], [f"{count(dropped, 'step')} left out for {cells}; the first: {first}."]
    if missing is Missing.ZERO:
        values[holes] = 0.0
        return values, [f"{cells} became 0; the first: {first}."]
    filled, from_after = _filled(values, holes, file, chosen)
    note = f"{cells} took the number of the step before; the first: {first}."
    return filled, [note, *(["Before the first number of a column its first number stands."] if from_after else [])]


def _filled(
    values: NDArray[np.float64], holes: NDArray[np.bool_], file: SequenceFile, chosen: list[int]
) -> tuple[NDArray[np.float64], bool]:
    """Every hole filled with the last number before it, at the beginning with the first after it."""
    steps = np.arange(len(values))[:, None]
    last = np.maximum.accumulate(np.where(holes, -1, steps), axis=0)
    first = np.argmin(holes, axis=0)
    empty = holes.all(axis=0)
    if empty.any():
        name = shortened(file.names[chosen[int(empty.argmax())]])
        raise LstmvizError(f"Column “{name}” has no number at all", where=file.name, how="Leave it out.")
    source = np.where(last < 0, first, last)
    return np.take_along_axis(values, source, axis=0), bool((last < 0).any())


def _first_hole(file: SequenceFile, holes: NDArray[np.bool_], chosen: list[int]) -> str:
    """The place of the first missing number, and what stands there."""
    step, feature = (int(each) for each in np.argwhere(holes)[0])
    for problem in file.problems:
        if problem.row == step and problem.column in (chosen[feature], -1):
            return f"{problem.place}: {problem.what}"
    return f"step {step + 1:,}, column “{shortened(file.names[chosen[feature]], 20)}”"


def _scaling_in_words(names: tuple[str, ...], scaling: Scaling) -> str:
    each = [
        f"{shortened(name, 20)}: mean was {number(mean)}, deviation {number(deviation)}"
        for name, mean, deviation in zip(names, scaling.mean.tolist(), scaling.deviation.tolist(), strict=True)
    ]
    more = f"; and {len(each) - _SCALES_TOLD:,} more" if len(each) > _SCALES_TOLD else ""
    return f"Each feature now has mean 0 and standard deviation 1. {'; '.join(each[:_SCALES_TOLD])}{more}."
