"""Three different things that people call "the LSTM's gradient along the cell path", for all steps at once.

    forget product   f[T] * ... * f[t+1], one number a unit: the constant error carousel alone
    held-h block     upper left block of J[T] ... J[t+1]: c[t] changes, h[t] stays
    total            dc[T]/dc[t]: c[t] changes, and h[t] = o[t] tanh(c[t]) with it = held-h + [dc[T]/dh[t]] K[t]

with J[t] = d(c[t], h[t]) / d(c[t-1], h[t-1]) and K[t] = diag(o (1 - tanh(c[t])^2)).

The last two come from one walk of BPTT with a loss a unit, L_j = c[T, j]: what c[t-1] gets along the cell path alone,
f[t] dc[t], is the held-h block; with what comes from h[t-1] added it is the total. Nothing underflows or overflows on
the way: every unit's gradient has a power of two of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.blas import shielded
from lstmviz.core.engine.selection import (
    IntArray,
    checked_sequence,
    checked_step,
    in_order,
    last_step,
    lstm_layer_of,
    position_of_step,
    steps_in_order,
)
from lstmviz.core.engine.trace import LSTMTrace, Trace, read_only
from lstmviz.core.gradients.adjoint import StepDerivatives, backpropagate
from lstmviz.core.gradients.cell_path import log10_kept
from lstmviz.core.gradients.jacobians import checked_norm
from lstmviz.core.gradients.scaled import Exponents, Norm, Scaled, block_norms
from lstmviz.core.progress import Steps, drain

_STEPS_BETWEEN_YIELDS = 16


class PathKind(Enum):
    """Which of the three; the value is its name on screen."""

    FORGET_PRODUCT = "product of forget gates"
    HELD_H = "dc[T]/dc[t] with h[t] held"
    TOTAL = "dc[T]/dc[t], total"

    @property
    def meaning(self) -> str:
        """What it follows and what it leaves out, in words."""
        return _MEANINGS[self]


_MEANINGS = {
    PathKind.FORGET_PRODUCT: "Only the cell state's own road: what is written at t is multiplied by one forget gate a "
    "step. It leaves out that the gates of later steps look at h[t].",
    PathKind.HELD_H: "c[t] changes and h[t] stays. From step t + 1 on everything reacts: hidden states, and through "
    "them all gates.",
    PathKind.TOTAL: "c[t] changes and h[t] = o[t] tanh(c[t]) with it, so the gates of step t + 1 react too. This is "
    "what backpropagation through time computes.",
}


@dataclass(frozen=True, eq=False)
class Path:
    """One of the three for every step t, in the order of ``PathSplit.steps``.

    values      [n, H]  the diagonal: d c[T, j] / d c[t, j] of unit j; 0 or inf where float64 ends
    log10       [n, H]  log10 of its size, beyond the range of float64 too; -inf for exactly zero
    log10_norm  [n]     log10 of the norm of the whole matrix [H, H]
    """

    kind: PathKind
    values: Array
    log10: Array
    log10_norm: Array


@dataclass(frozen=True, eq=False)
class PathSplit:
    """The three paths from c[T] back to every c[t].

    last   T, the step whose cell state is differentiated
    steps  [n]  the steps t in the order of reading: the initial state's first, ``last`` at the end
    norm   the norm behind every ``log10_norm``

    At the initial state, h0 does not depend on c0, so the total is the held-h block.
    """

    last: int
    steps: IntArray
    norm: Norm
    forget_product: Path
    held_h: Path
    total: Path


def path_split(
    trace: Trace, last: int | None = None, layer: str = "l0", *, norm: str = "fro", sequence: int | None = None
) -> PathSplit:
    """Forget product, held-h block and total dc[T]/dc[t] of one layer and direction for all t.

    last      T, from 1; None is the last step that the layer computes
    norm      ``fro`` (Frobenius) or ``spectral`` (the largest singular value, slower)
    sequence  which sequence of a batch, from 0; may be left out where there is one only

    Raises LstmvizError for a vanilla RNN and for a layer, step, norm or sequence that is not there.
    """
    return drain(path_split_steps(trace, last, layer, norm=norm, sequence=sequence))


def path_split_steps(
    trace: Trace, last: int | None = None, layer: str = "l0", *, norm: str = "fro", sequence: int | None = None
) -> Steps[PathSplit]:
    """``path_split`` in pieces: yields the fraction done, returns the result. Checks its arguments at once."""
    traced = lstm_layer_of(trace, layer)
    t = last_step(traced) if last is None else checked_step(traced, last)
    return shielded(_splitting(traced, t, checked_norm(norm), checked_sequence(traced, sequence)))


def _splitting(layer: LSTMTrace, last: int, norm: Norm, sequence: int) -> Steps[PathSplit]:
    count, units = position_of_step(layer, last), layer.parameters.hidden_size
    held_h, total = (_Record(count, units, norm) for _ in range(2))
    derivatives = StepDerivatives.of(layer, sequence)
    adjoint = derivatives.adjoint(units)

    def arrive(position: int) -> None:
        # here the adjoint's dc holds what came along the cell path, and not yet what comes from h
        if position == count - 1:
            adjoint.start(slice(0, units), np.eye(units))
        held_h.keep(position + 1, adjoint.dc, adjoint.active_exponents)

    for position in backpropagate(derivatives, adjoint, arrive, count - 1):
        total.keep(position + 1, adjoint.dc, adjoint.active_exponents)
        if position % _STEPS_BETWEEN_YIELDS == 0:
            yield 1 - position / count
    assert derivatives.forget is not None
    adjoint.step_back(derivatives.pullbacks(layer.parameters.weight_hh)(0), derivatives.forget[0])
    for record in (held_h, total):
        record.keep(0, adjoint.dc, adjoint.active_exponents)
    steps = steps_in_order(layer)[: count + 1]
    product = _forget_product(layer, count, norm, sequence)
    return PathSplit(last, steps, norm, product, held_h.path(PathKind.HELD_H), total.path(PathKind.TOTAL))


class _Record:
    """Diagonal and norm of one matrix a step, filled in any order."""

    def __init__(self, count: int, units: int, norm: Norm) -> None:
        self._norm = norm
        self._diagonals, self._norms = Scaled.zeros(count + 1, units), Scaled.zeros(count + 1)

    def keep(self, position: int, columns: Array, exponents: Exponents) -> None:
        """Note the transpose of the matrix, ``columns`` [H, H] each times 2 to the power of its exponent."""
        self._diagonals.mantissa[position] = columns.diagonal()
        self._diagonals.exponent[position] = exponents
        mantissa, exponent = block_norms(columns, exponents, len(columns), self._norm)
        self._norms.mantissa[position], self._norms.exponent[position] = mantissa[0], exponent[0]

    def path(self, kind: PathKind) -> Path:
        """What has been noted."""
        log10 = Scaled(np.abs(self._diagonals.mantissa), self._diagonals.exponent).log10
        values, log10_norm = self._diagonals.value, self._norms.log10
        read_only(values, log10, log10_norm)
        return Path(kind, values, log10, log10_norm)


def _forget_product(layer: LSTMTrace, count: int, norm: Norm, sequence: int) -> Path:
    """prod_{k=t+1..T} f[k], a diagonal matrix: its norms are those of the vector of its entries.

    A cell state that a what-if holds cuts it: the factor is 0 there.
    """
    f = in_order(layer, layer.kept)[:count, sequence]
    log10_f = in_order(layer, log10_kept(layer))[:count, sequence]
    ones = np.ones((1, f.shape[1]))
    values = np.concatenate([np.cumprod(f[::-1], axis=0)[::-1], ones])
    log10 = np.concatenate([np.cumsum(log10_f[::-1], axis=0)[::-1], 0 * ones])
    log10_norm = largest = log10.max(1)
    if norm is Norm.FRO:
        relative = 10 ** (log10 - np.where(np.isfinite(largest), largest, 0)[:, None])
        log10_norm = np.where(largest == -np.inf, largest, largest + np.log10(np.sqrt((relative**2).sum(1))))
    read_only(values, log10, log10_norm)
    return Path(PathKind.FORGET_PRODUCT, values, log10, log10_norm)
