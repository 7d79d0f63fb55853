"""What one unit keeps, step after step: who wrote its c[t], what became of a write, how long it stays.

The definitions are those of ``attribution``: a[s->t] = (prod_{k=s+1..t} f[k]) i[s] g[s], a[0->t] of c[0], and
S[s, t] = prod_{k=s+1..t} f[k]. There each question is answered once, with logs that do not underflow; here a unit's
columns and running sums are kept, so that asking for the next step costs next to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lstmviz.core.analysis.attribution import log10_kept
from lstmviz.core.arrays import Array
from lstmviz.core.engine.selection import (
    IntArray,
    checked_sequence,
    checked_unit,
    in_order,
    lstm_layer_of,
    position_of_step,
    steps_in_order,
)
from lstmviz.core.engine.trace import LSTMTrace, Trace

FORGOTTEN = -300.0
"""log10 of the share of a write below which nothing of it is counted: close to the smallest floats there are."""

RANKED = 8
"""So many of the largest parts are kept by rank."""


@dataclass(frozen=True, eq=False)
class Contributions:
    """What makes up c[t] of one unit: sum_s a[s->t] + a[0->t] = c[t].

    values   [T]  a[s->t] of the steps s = 1 to T; 0 for those that the layer reads after t
    initial  a[0->t], what is left of the initial state
    """

    t: int
    reverse: bool
    values: Array
    initial: float
    c: float

    @property
    def earlier(self) -> int:
        """How many steps the layer has read, t included."""
        return len(self.values) - self.t + 1 if self.reverse else self.t

    @cached_property
    def total(self) -> float:
        """What the parts add up to."""
        with np.errstate(all="ignore"):
            return float(self.values.sum() + self.initial)

    @property
    def residual(self) -> float:
        """c[t] minus the sum of its parts: rounding, if anything; nan where they are not finite."""
        return self.c - self.total

    @property
    def finite(self) -> bool:
        """Whether everything is a number that can be drawn."""
        return bool(np.isfinite(self.total) and np.isfinite(self.c))

    def value(self, s: int) -> float:
        """a[s->t]; the initial state has a step of its own outside 1 to T."""
        return float(self.values[s - 1]) if 1 <= s <= len(self.values) else self.initial

    @property
    def initial_step(self) -> int:
        """The step at which the initial state stands: 0, in a reverse layer T + 1."""
        return len(self.values) + 1 if self.reverse else 0

    def largest(self, most: int) -> list[int]:
        """The steps of the largest parts, not exactly zero, the largest first; the initial state may be one."""
        return self._ranked[:most]

    @cached_property
    def rising(self) -> Array:
        """The positive values, 0 in the place of the others, [T]."""
        with np.errstate(all="ignore"):
            return np.maximum(self.values, 0.0)

    @cached_property
    def falling(self) -> Array:
        """The negative values, 0 in the place of the others, [T]."""
        with np.errstate(all="ignore"):
            return np.minimum(self.values, 0.0)

    @cached_property
    def sums(self) -> tuple[float, float]:
        """What the positive parts add up to, and the negative ones; with the initial state."""
        rising, falling = float(self.rising.sum()), float(self.falling.sum())
        return rising + max(self.initial, 0.0), falling + min(self.initial, 0.0)

    @cached_property
    def _sizes(self) -> Array:
        return np.abs(self.values)

    @cached_property
    def _ranked(self) -> list[int]:
        sizes = np.append(self._sizes, abs(self.initial))
        found = np.argpartition(-sizes, RANKED - 1)[:RANKED] if len(sizes) > RANKED else np.arange(len(sizes))
        found = found[np.lexsort((found, -sizes[found]))]
        last = len(self.values)
        return [self.initial_step if k == last else int(k) + 1 for k in found if sizes[k] > 0]

    @cached_property
    def counted(self) -> tuple[int, int]:
        """How many parts are positive, and how many negative."""
        initial = (int(self.initial > 0), int(self.initial < 0))
        return int(np.count_nonzero(self.rising)) + initial[0], int(np.count_nonzero(self.falling)) + initial[1]

    def latest(self, share: float) -> int:
        """How many steps up to t hold ``share`` of all parts, signs left out; 0 where there is nothing."""
        whole = self.sums[0] - self.sums[1]
        sizes = self._sizes[self.t - 1 :] if self.reverse else self._sizes[self.t - 1 :: -1]
        # most memories are short: there is no need to add up everything
        summed, looked_at = np.zeros(1), 0
        while looked_at < len(sizes) and summed[-1] < share * whole:
            looked_at = min(max(4 * looked_at, 256), len(sizes))
            summed = np.cumsum(sizes[:looked_at])
        return int(np.searchsorted(summed, share * whole)) + 1 if whole > 0 else 0


@dataclass(frozen=True, eq=False)
class Fate:
    """What becomes of one write: a[s->t] = S[s, t] i[s] g[s] for all t.

    values  [T]  a[s->t] at the steps t = 1 to T; 0 for those that the layer reads before s
    first   the write itself, i[s] g[s], or the initial state
    last    what is left of it at the last step that the layer reads
    """

    s: int
    values: Array
    first: float
    last: float


class UnitMemory:
    """Everything that one unit of one LSTM layer wrote and kept.

    unit, length, reverse   the unit, T, and whether the layer reads the sequence from its end
    writes  [T+1]           c[0] and then i[s] g[s], in the order of reading

    ``sequence`` is one of a batch, from 0; it may be left out where there is one only.
    Raises LstmvizError for a vanilla RNN, and for a layer, unit or sequence that is not there.
    """

    def __init__(self, trace: Trace, layer: str, unit: int, *, sequence: int | None = None) -> None:
        self._layer: LSTMTrace = lstm_layer_of(trace, layer)
        self._sequence = checked_sequence(self._layer, sequence)
        self.unit = checked_unit(self._layer, unit)
        self.length = len(self._layer.h)
        self.reverse = self._layer.reverse
        self._forget = self._column(self._layer.kept)
        self._states = self._column(self._layer.c_states)
        with np.errstate(all="ignore"):
            self.writes = np.append(self._states[:1], self._column(self._layer.written))
            log10 = log10_kept(self._layer, self._sequence, unit)
            self._mean_log10_forget = float(log10.mean())
        # a gate that is 0 in floating point leaves nothing; its log would drown all others: such gates are counted
        closed = self._forget == 0
        self._closed = np.append(0, np.cumsum(closed))
        passed = np.where(closed, 0.0, log10)
        self._passed = np.append(0.0, np.cumsum(passed))
        # a gate never adds to what it keeps, but a what-if may hold it above 1
        self._shrinks = bool((passed <= 0).all())
        # drawing, words and summary ask for the same step again
        self._contributions: Contributions | None = None
        self._fate: Fate | None = None

    def contributions(self, t: int) -> Contributions:
        """a[s->t] of every step and of the initial state."""
        if self._contributions is None or self._contributions.t != t:
            self._contributions = self._contributions_at(t)
        return self._contributions

    def _contributions_at(self, t: int) -> Contributions:
        end = self._position(t)
        start = self._first_that_counts(end)
        ordered = np.zeros(self.length + 1)
        with np.errstate(all="ignore"):
            np.cumprod(self._forget[start:end][::-1], out=ordered[start:end][::-1])
            ordered[end] = 1.0
            ordered[start : end + 1] *= self.writes[start : end + 1]
        return Contributions(t, self.reverse, self._by_step(ordered[1:]), float(ordered[0]), float(self._states[end]))

    def fate(self, s: int) -> Fate:
        """a[s->t] at every step from s on; ``s`` may be the initial state's step."""
        if self._fate is None or self._fate.s != s:
            self._fate = self._fate_of(s)
        return self._fate

    def _fate_of(self, s: int) -> Fate:
        start = self._position(s)
        end = self._last_that_counts(start)
        ordered = np.zeros(self.length + 1)
        with np.errstate(all="ignore"):
            ordered[start] = 1.0
            np.cumprod(self._forget[start:end], out=ordered[start + 1 : end + 1])
            ordered[start : end + 1] *= self.writes[start]
        return Fate(s, self._by_step(ordered[1:]), float(self.writes[start]), float(ordered[-1]))

    def log10_survival(self, s: int, t: int) -> float:
        """log10 S[s, t], the share of the write at s that is left at t; nan where t comes before s."""
        return float(self._log10_between(np.array([self._position(s)]), np.array([self._position(t)]))[0, 0])

    def log10_survival_map(self, steps: IntArray) -> Array:
        """log10 S[s, t] for ``steps`` [n] of 1 to T: [n, n], rows s, columns t; nan where t precedes s."""
        positions = self.length + 1 - steps if self.reverse else steps
        return self._log10_between(positions, positions)

    def written(self, s: int) -> float:
        """i[s] g[s], or the initial state."""
        return float(self.writes[self._position(s)])

    def c(self, t: int) -> float:
        """The cell state after step t."""
        return float(self._states[self._position(t)])

    @property
    def half_life(self) -> float:
        """After how many steps the memory has halved, ln 0.5 / mean_t ln f[t]; inf where it never does."""
        with np.errstate(all="ignore"):
            return float(np.log10(2) / np.abs(self._mean_log10_forget))

    @property
    def initial_step(self) -> int:
        """The step at which the initial state stands: 0, in a reverse layer T + 1."""
        return self.length + 1 if self.reverse else 0

    @property
    def order(self) -> IntArray:
        """All steps in the order of reading, the initial state's first."""
        return steps_in_order(self._layer)

    @property
    def last_step(self) -> int:
        """The step that the layer reads last."""
        return 1 if self.reverse else self.length

    def _column(self, array: Array) -> Array:
        """One unit's numbers in the order of reading, side by side in memory."""
        return np.ascontiguousarray(in_order(self._layer, array)[:, self._sequence, self.unit])

    def _by_step(self, ordered: Array) -> Array:
        return ordered[::-1] if self.reverse else ordered

    def _position(self, t: int) -> int:
        return position_of_step(self._layer, t)

    def _first_that_counts(self, end: int) -> int:
        """The first position of which more than nothing is left at position ``end``."""
        if np.isnan(self._passed[end]):
            return 0
        start = int(np.searchsorted(self._closed[: end + 1], self._closed[end]))
        if not self._shrinks:
            return start
        limit = self._passed[end] - FORGOTTEN
        return max(start, int(np.searchsorted(-self._passed[: end + 1], -limit)))

    def _last_that_counts(self, start: int) -> int:
        """The last position at which more than nothing is left of position ``start``."""
        if np.isnan(self._passed[-1]):
            return self.length
        end = int(np.searchsorted(self._closed, self._closed[start], side="right")) - 1
        if not self._shrinks:
            return end
        limit = self._passed[start] + FORGOTTEN
        return max(min(end, int(np.searchsorted(-self._passed, -limit, side="right")) - 1), start)

    def _log10_between(self, s: IntArray, t: IntArray) -> Array:
        log10: Array = self._passed[t][None, :] - self._passed[s][:, None]
        if self._shrinks:
            log10 = np.minimum(log10, 0.0)  # a difference of long sums may round to above 0
        log10[self._closed[t][None, :] > self._closed[s][:, None]] = -np.inf
        log10[t[None, :] < s[:, None]] = np.nan
        return log10
