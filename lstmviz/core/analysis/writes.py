"""Which step wrote what a cell holds, and which one erased what it held before.

What step s wrote and is still in c[t] is a[s->t], see ``core.attribution``. Where a what-if sets the cell state, that
step keeps nothing and writes all of it. In a layer that reads the sequence from its end, "last" is in its own order.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lstmviz.core.arrays import Array, BoolArray
from lstmviz.core.engine.selection import (
    checked_sequence,
    checked_step,
    checked_unit,
    in_order,
    lstm_layer_of,
    position_of_step,
)
from lstmviz.core.engine.trace import LSTMTrace, Trace
from lstmviz.core.errors import LstmvizError
from lstmviz.core.text import number, percent

HALF = 0.5
"""A step counts as the writer of c[t] where at least this share of it is the step's."""

ERASED = 0.1
"""A step counts as erasing where the share of the memory that it keeps is below this."""

_FIRST_ROWS, _GROWTH = 256, 4


@dataclass(frozen=True)
class MemoryEvent:
    """The step that was looked for.

    step      from 1 to T; None where there is none to go to
    value     a[step->t] for a writer, the share kept for an eraser; nan where there is no step
    sentence  what was found, or why there is none
    """

    step: int | None
    value: float
    sentence: str


@dataclass(frozen=True, eq=False)
class _Column:
    """One unit of one sequence, and how many steps its layer has read at the step in question."""

    layer: LSTMTrace
    sequence: int
    unit: int
    t: int
    several_layers: bool
    name: str

    @property
    def position(self) -> int:
        return position_of_step(self.layer, self.t)

    @property
    def c(self) -> float:
        return float(self.layer.c[self.t - 1, self.sequence, self.unit])

    @property
    def initial(self) -> float:
        return float(self._rows(self.layer.c_states, slice(1))[0])

    @property
    def whose(self) -> str:
        """``c[9] of unit 2 in layer l0``, as far as there are several."""
        unit = f" of unit {self.unit}" if self.layer.parameters.hidden_size > 1 else ""
        return f"c[{self.t}]{unit}" + (f" in layer {self.name}" if self.several_layers else "")

    def step(self, row: int) -> int:
        """The step of a row in the order of reading."""
        return len(self.layer.h) - row if self.layer.reverse else row + 1

    def held(self, row: int) -> bool:
        """Whether a what-if sets the cell state there."""
        mask = self._mask
        return mask is not None and bool(mask[row, self.unit])

    def kept(self, rows: slice) -> Array:
        """The share of the memory before that the rows keep, in the order of reading."""
        kept, mask = self._rows(self.layer.f, rows), self._mask
        if mask is None:
            return kept
        return np.where(mask[rows, self.unit], 0.0, kept)

    def written(self, rows: slice) -> Array:
        """What the rows write."""
        i, g, c = (self._rows(node, rows) for node in (self.layer.i, self.layer.g, self.layer.c))
        mask = self._mask
        with np.errstate(all="ignore"):
            written = i * g
        if mask is None:
            return np.asarray(written)
        return np.where(mask[rows, self.unit], c, written)

    def _rows(self, node: Array, rows: slice) -> Array:
        """Some rows of the unit's column, in the order of reading."""
        return in_order(self.layer, node[:, self.sequence, self.unit])[rows]

    @property
    def _mask(self) -> BoolArray | None:
        """[T, H] in the order of reading, true where a what-if sets the cell state; None where it does nowhere."""
        mask = None if self.layer.alteration is None else self.layer.alteration.mask("c")
        return mask[::-1] if mask is not None and self.layer.reverse else mask

    def back(self) -> Iterator[slice]:
        """The rows up to the step in question, from late to early, in ever larger parts."""
        stop, size = self.position, _FIRST_ROWS
        while stop > 0:
            start = max(stop - size, 0)
            yield slice(start, stop)
            stop, size = start, _GROWTH * size


def last_writer(
    trace: Trace, t: int, unit: int, layer: str = "l0", *, share: float = HALF, sequence: int | None = None
) -> MemoryEvent:
    """The last step s up to ``t`` (from 1) with |a[s->t]| >= ``share`` |c[t]|: what it wrote makes up that much of it.

    sequence  which sequence of a batch, from 0; may be left out where there is one only

    Raises LstmvizError for a vanilla RNN, for a layer, step, unit or sequence that is not there, and for a share that
    is not above 0.
    """
    if not share > 0:
        raise LstmvizError(f"A share of {share} picks nothing", where="share", how="Choose one above 0, such as 0.5.")
    column = _column(trace, t, unit, layer, sequence)
    c = column.c
    if not math.isfinite(c):
        return _nothing(f"{column.whose} is {number(c)}: it has no share of any step.")
    if c == 0:
        return _nothing(f"{column.whose} is exactly 0: no step wrote it.")
    survival, largest, largest_row = 1.0, 0.0, -1
    for rows in column.back():
        kept, written = column.kept(rows)[::-1], column.written(rows)[::-1]
        with np.errstate(all="ignore"):
            left = survival * np.append(1.0, np.cumprod(kept))
            parts = left[:-1] * written
            sizes = np.abs(parts)
        enough = sizes >= share * abs(c)
        if enough.any():
            place = int(np.argmax(enough))
            return _written_by(column, rows.stop - 1 - place, float(parts[place]), share)
        place = int(np.argmax(sizes))
        if sizes[place] > largest:
            largest, largest_row = float(sizes[place]), rows.stop - 1 - place
        survival = float(left[-1])
        if survival == 0:
            break
    rest = survival * column.initial
    if abs(rest) >= share * abs(c):
        start = column.step(-1)
        return _nothing(
            f"No step wrote {column.whose} = {number(c)}: {number(rest)} of it is left of the initial state "
            f"c[{start}] = {number(column.initial)}."
        )
    most = f"; the largest part still there, {number(largest)}, is of step {column.step(largest_row):,}"
    return _nothing(
        f"No single step wrote {_share_in_words(share)} of {column.whose} = {number(c)}"
        f"{most if largest_row >= 0 else ''}."
    )


def last_eraser(
    trace: Trace, t: int, unit: int, layer: str = "l0", *, below: float = ERASED, sequence: int | None = None
) -> MemoryEvent:
    """The last step up to ``t`` (from 1) that erased what ``unit`` held: its forget gate is under ``below``.

    A step at which a what-if sets the cell state erases too. Raises LstmvizError as ``last_writer`` does.
    """
    column = _column(trace, t, unit, layer, sequence)
    lowest, lowest_row = math.inf, -1
    for rows in column.back():
        kept = column.kept(rows)[::-1]
        erased = kept < below
        if erased.any():
            place = int(np.argmax(erased))
            return _erased_by(column, rows.stop - 1 - place, float(kept[place]))
        place = int(np.argmin(kept))
        if kept[place] < lowest:
            lowest, lowest_row = float(kept[place]), rows.stop - 1 - place
    where = f": the lowest forget gate is {number(lowest)}, at step {column.step(lowest_row):,}"
    return _nothing(f"No step up to {t:,} erased what was in {column.whose}{where if lowest_row >= 0 else ''}.")


def _column(trace: Trace, t: int, unit: int, layer: str, sequence: int | None) -> _Column:
    traced = lstm_layer_of(trace, layer)
    at = checked_sequence(traced, sequence), checked_unit(traced, unit), checked_step(traced, t)
    return _Column(traced, *at, len(trace.layers) > 1, layer)


def _written_by(column: _Column, row: int, part: float, share: float) -> MemoryEvent:
    step = column.step(row)
    if column.held(row):
        how = "a what-if set the memory there"
    elif step == column.t:
        how = f"it added {number(part, signed=True)}"
    else:
        how = f"{number(part, signed=True)} of what it added is still there"
    what = f"that wrote {_share_in_words(share)} of it"
    if part * column.c < 0:
        what = f"whose write, of the other sign, is {_share_in_words(share)} as large"
    return MemoryEvent(step, part, f"{column.whose} = {number(column.c)}: step {step:,} is the last {what}; {how}.")


def _erased_by(column: _Column, row: int, kept: float) -> MemoryEvent:
    step = column.step(row)
    how = "a what-if set the memory there" if column.held(row) else f"its forget gate kept {percent(kept)}"
    return MemoryEvent(step, kept, f"Step {step:,} is the last that erased what was in {column.whose}: {how}.")


def _nothing(sentence: str) -> MemoryEvent:
    return MemoryEvent(None, math.nan, sentence)


def _share_in_words(share: float) -> str:
    return "at least half" if share == HALF else f"at least {percent(share)}"
