"""Who wrote what a cell state holds, and how long it stays.

Unrolled, c[t] = f[t] c[t-1] + i[t] g[t] is a sum over all earlier writes:

    a[s->t] = (prod_{k=s+1..t} f[k]) i[s] g[s]        a[0->t] = (prod_{k=1..t} f[k]) c[0]        sum_s a[s->t] = c[t]

Where a what-if holds c[t], that step keeps nothing and writes all of it: f[t] counts as 0, i[t] g[t] as c[t].
Exact for the gate values that occurred; the gates themselves depend on earlier steps, and this does not follow that.
Products are also given as log10, which does not underflow. In a layer that reads the sequence from its end, "earlier"
means a later step, and the initial state stands at T + 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.selection import (
    IntArray,
    checked_sequence,
    checked_step,
    checked_unit,
    in_order,
    lstm_layer_of,
    position_of_step,
    steps_in_order,
)
from lstmviz.core.engine.trace import LSTMTrace, Trace, read_only
from lstmviz.core.gradients.cell_path import forget_preactivation, holding_forget_gate


@dataclass(frozen=True, eq=False)
class MemoryAttribution:
    """What every write contributes to c[t] of one unit. All arrays [n], in the order in which the layer reads.

    steps           s of each write; the first is the initial state's (0, or T + 1 in a reverse layer), the last is t
    values          a[s->t]
    log10           log10 |a[s->t]|; -inf for exactly zero
    log10_survival  log10 of prod_{k=s+1..t} f[k], the share of the write at s that is left
    c               c[t], what they add up to
    """

    t: int
    unit: int
    steps: IntArray
    values: Array
    log10: Array
    log10_survival: Array
    c: float

    @property
    def residual(self) -> float:
        """c[t] minus the sum of all contributions: rounding, if anything."""
        return self.c - math.fsum(self.values) if np.isfinite(self.values).all() else math.nan


@dataclass(frozen=True, eq=False)
class WriteFate:
    """What is left at every later step of what one unit wrote at step s. All arrays [n], in the order of reading.

    steps   t of each state, from s on
    values  a[s->t]; the first is i[s] g[s] itself (c[0] for the initial state)
    log10   log10 |a[s->t]|
    share   a[s->t] as a share of c[t]: 1 where nothing else is in the cell, also negative or above 1; nan at c[t] = 0
    """

    s: int
    unit: int
    steps: IntArray
    values: Array
    log10: Array
    share: Array


@dataclass(frozen=True, eq=False)
class SurvivalMap:
    """S[s, t] = prod_{k=s+1..t} f[k] of one unit, for pairs of steps in the order of reading.

    steps  [n]     the steps of rows and columns, the initial state's first
    log10  [n, n]  log10 S[s, t]; 0 on the diagonal, nan where t comes before s
    """

    unit: int
    steps: IntArray
    log10: Array


def attribute_memory(
    trace: Trace, t: int, unit: int, layer: str = "l0", *, sequence: int | None = None
) -> MemoryAttribution:
    """Who wrote c[t, unit]: a[s->t] of every step s up to ``t`` (from 1) and of the initial state.

    sequence  which sequence of a batch, from 0; may be left out where there is one only

    Raises LstmvizError for a vanilla RNN and for a layer, step, unit or sequence that is not there.
    """
    traced = lstm_layer_of(trace, layer)
    column = (checked_sequence(traced, sequence), checked_unit(traced, unit))
    position = position_of_step(traced, checked_step(traced, t))
    writes, log10_writes = (rows[: position + 1] for rows in _writes(traced, *column))
    forget = in_order(traced, traced.kept)[:position, *column]
    log10_forget = _log10_kept(traced, column)[:position]
    log10_survival = np.append(np.cumsum(log10_forget[::-1])[::-1], 0.0)
    with np.errstate(all="ignore"):
        values = np.append(np.cumprod(forget[::-1])[::-1], 1.0) * writes
        log10 = log10_writes + log10_survival
    read_only(values, log10, log10_survival)
    c = float(traced.c[t - 1, *column])
    return MemoryAttribution(t, unit, steps_in_order(traced)[: position + 1], values, log10, log10_survival, c)


def follow_write(trace: Trace, s: int, unit: int, layer: str = "l0", *, sequence: int | None = None) -> WriteFate:
    """What becomes of what ``unit`` wrote at step ``s``: a[s->t] for all t from s on.

    s         a step from 1 to T, or the initial state's: 0, in a reverse layer T + 1
    sequence  which sequence of a batch, from 0; may be left out where there is one only

    Raises LstmvizError as ``attribute_memory`` does.
    """
    traced = lstm_layer_of(trace, layer)
    column = (checked_sequence(traced, sequence), checked_unit(traced, unit))
    position = position_of_step(traced, checked_step(traced, s, initial=True))
    writes, log10_writes = _writes(traced, *column)
    forget = in_order(traced, traced.kept)[position:, *column]
    log10_forget = _log10_kept(traced, column)[position:]
    c = in_order(traced, traced.c_states)[position:, *column]
    with np.errstate(all="ignore"):
        values = writes[position] * np.append(1.0, np.cumprod(forget))
        log10 = log10_writes[position] + np.append(0.0, np.cumsum(log10_forget))
        share = np.where(c == 0, np.nan, values / c)
    read_only(values, log10, share)
    return WriteFate(s, unit, steps_in_order(traced)[position:], values, log10, share)


def survival_map(
    trace: Trace, unit: int, layer: str = "l0", *, sequence: int | None = None, most: int = 512
) -> SurvivalMap:
    """S[s, t] of one unit for every pair of steps, or for ``most`` evenly spaced ones of a longer sequence.

    The initial state and the last step are always among them. Raises LstmvizError as ``attribute_memory`` does.
    """
    traced = lstm_layer_of(trace, layer)
    column = (checked_sequence(traced, sequence), checked_unit(traced, unit))
    log10_forget = _log10_kept(traced, column)
    length = len(log10_forget)
    chosen = np.unique(np.linspace(0, length, min(max(most, 2), length + 1)).round().astype(int))
    # a gate that is exactly 0 would make every difference nan: such gates are counted instead
    closed = np.append(0, np.cumsum(np.isneginf(log10_forget)))[chosen]
    passed = np.append(0.0, np.cumsum(np.where(np.isneginf(log10_forget), 0.0, log10_forget)))[chosen]
    log10 = passed[None, :] - passed[:, None]
    log10[closed[None, :] > closed[:, None]] = -np.inf
    log10[np.tri(len(chosen), k=-1, dtype=bool)] = np.nan
    read_only(log10)
    return SurvivalMap(unit, steps_in_order(traced)[chosen], log10)


def retention_half_life(trace: Trace, layer: str = "l0", *, sequence: int | None = None) -> Array:
    """After how many steps a unit's memory has halved, ln 0.5 / mean_t ln f[t], [H]; inf where it never does.

    sequence  which sequence of a batch, from 0; None takes the mean over all of them
    """
    traced = lstm_layer_of(trace, layer)
    batch: slice | int = slice(None) if sequence is None else checked_sequence(traced, sequence)
    log10_forget = _log10_kept(traced, (batch, slice(None)))
    with np.errstate(divide="ignore"):
        return np.asarray(np.log10(2) / np.abs(log10_forget.mean(tuple(range(log10_forget.ndim - 1)))))


def log10_kept(layer: LSTMTrace, sequence: int, unit: int) -> Array:
    """log10 of the share of c that each step keeps, f, [T] in the order of reading.

    From z_f, accurate where f is 1 or 0 in floating point; where a what-if holds f or c, from what is kept.
    """
    return _log10_kept(layer, (sequence, unit))


def _log10_kept(layer: LSTMTrace, column: tuple[slice | int, slice | int]) -> Array:
    """``log10_kept`` for any sequences and units, [T, ...]."""
    log10 = log10_sigmoid(in_order(layer, forget_preactivation(layer))[:, *column])
    if layer.alteration is None:
        return log10
    with np.errstate(divide="ignore"):
        of_values = np.log10(np.abs(in_order(layer, layer.kept)[:, *column]))
    for node in (*holding_forget_gate(layer), "c"):
        mask = layer.alteration.mask(node)
        if mask is not None:
            everywhere = np.broadcast_to(mask[:, None], layer.f.shape)
            log10 = np.where((everywhere[::-1] if layer.reverse else everywhere)[:, *column], of_values, log10)
    return log10


def log10_sigmoid(z: Array) -> Array:
    """log10 of 1 / (1 + exp(-z)), of the shape of ``z``: accurate where the sigmoid is 1 or 0 in floating point."""
    return np.asarray(-np.logaddexp(0, -z) / np.log(10))


def _writes(layer: LSTMTrace, batch: int, unit: int) -> tuple[Array, Array]:
    """What every step writes, c[0] first and then i g, and log10 of its size; both [T+1] in the order of reading."""
    initial = in_order(layer, layer.c_states)[:1, batch, unit]
    written, g, z_i = (in_order(layer, node)[:, batch, unit] for node in (layer.written, layer.g, layer.z_i))
    with np.errstate(all="ignore"):
        # plain gates are small long after their product with the candidate is 0
        log10 = np.log10(np.abs(written)) if layer.alteration else log10_sigmoid(z_i) + np.log10(np.abs(g))
        return np.append(initial, written), np.append(np.log10(np.abs(initial)), log10)
