"""Many gradients at once on their way back through one layer: the columns of a Jacobian's transpose.

Each column is the gradient of one output and carries its own power of two, so that none vanishes or explodes
however long the way is. Times count in the layer's processing order, from 0: what it reads first is 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.cell_derivatives import fill_rnn_derivatives, lstm_derivatives, one_sequence
from lstmviz.core.engine.trace import LayerTrace, LSTMTrace
from lstmviz.core.gradients.scaled import ZERO_EXPONENT, Exponents, add_scaled, normalised

_SMALL, _LARGE = 2.0**-200, 2.0**200
"""Sums of squares between which a column is left alone: products with any sane weight stay in range."""

_BYTES_OF_MATRICES = 2**22


@dataclass(frozen=True, eq=False)
class StepDerivatives:
    """The derivatives within each step of one sequence in one direction of one layer, in processing order.

    slopes    [K, T, H]  LSTM: dc/dz_i, dc/dz_f, dc/dz_g and dh/dz_o (c held); vanilla RNN: dh/dz alone
    forget    [T, H]     dc[t] / dc[t-1], the forget gate; None for a vanilla RNN
    hidden    [T, H]     K[t] = dh/dc = o (1 - tanh(c)^2); None for a vanilla RNN
    let_through  [T, P]  1, but 0 where a what-if holds h of a layer with a projection; None in any other case

    Where the equations are not the plain ones they are those of the altered equations (``cell_derivatives.py``). With
    a projection, m = o tanh(c) stands for h in ``slopes`` and ``hidden``, and h is ``projection`` m.
    """

    layer: LayerTrace
    slopes: Array
    forget: Array | None
    hidden: Array | None
    let_through: Array | None = None

    @staticmethod
    def of(layer: LayerTrace, sequence: int) -> StepDerivatives:
        """Those of sequence number ``sequence`` (from 0) of a trace, in float64 whatever the trace is."""
        order = slice(None, None, -1 if layer.reverse else 1)
        with np.errstate(all="ignore"):
            if isinstance(layer, LSTMTrace):
                local = lstm_derivatives(one_sequence(layer, sequence))
                slopes = np.stack([gate[order, 0] for gate in (local.z_i, local.z_f, local.z_g, local.z_o)])
                forget, hidden = (np.ascontiguousarray(each[order, 0]) for each in (local.forget, local.hidden))
                mask = layer.alteration.mask("h") if layer.alteration and layer.unprojected is not None else None
                let_through = None if mask is None else np.where(mask[order], 0.0, 1.0)
                return StepDerivatives(layer, slopes, forget, hidden, let_through)
            alone = one_sequence(layer, sequence)
            slope = np.empty_like(alone.z)
            fill_rnn_derivatives(alone, slice(None), slope)
            return StepDerivatives(layer, np.ascontiguousarray(slope[order, 0])[None], None, None)

    @property
    def length(self) -> int:
        """T."""
        return int(self.slopes.shape[1])

    @property
    def hidden_size(self) -> int:
        """H."""
        return int(self.slopes.shape[2])

    @property
    def cell_size(self) -> int:
        """How many rows of the adjoint are dc: H, but 0 for a vanilla RNN."""
        return 0 if self.forget is None else self.hidden_size

    @property
    def h_size(self) -> int:
        """How many rows of the adjoint are dh: H, with a projection P."""
        return self.layer.parameters.h_size

    @property
    def state_size(self) -> int:
        """How many rows the adjoint has: dc above dh."""
        return self.cell_size + self.h_size

    def adjoint(self, count: int) -> Adjoint:
        """Room for ``count`` gradients."""
        return Adjoint(self.cell_size, self.h_size, count)

    def projection(self, steps: slice | int) -> Array | None:
        """d h / d m of some steps, [P, H] or [steps, P, H]; None without a projection."""
        weight_hr = self.layer.parameters.weight_hr
        if weight_hr is None:
            return None
        weight_hr = np.asarray(weight_hr, np.float64)
        return weight_hr if self.let_through is None else self.let_through[steps][..., None] * weight_hr

    def pullbacks(self, weight: Array) -> Callable[[int], Array]:
        """The matrix of each step that takes the adjoint to ``sum_k weight_k^T dz_k[t]``, [N, state size].

        weight  [K * H, N], stacked like weight_hh or weight_ih

        They are made for a run of steps at once, going back from the step that is asked for.
        """
        H = self.hidden_size
        across = np.ascontiguousarray(weight.reshape(-1, H, weight.shape[1]).transpose(0, 2, 1), np.float64)
        run = max(1, _BYTES_OF_MATRICES // (8 * self.state_size * weight.shape[1]))
        matrices: Array = np.empty((0, weight.shape[1], self.state_size))
        first = 0

        def pullback(t: int) -> Array:
            nonlocal matrices, first
            if not first <= t < first + len(matrices):
                first = max(0, t + 1 - run)
                matrices = self._weighted(across, slice(first, t + 1))
            matrix: Array = matrices[t - first]
            return matrix

        return pullback

    def _weighted(self, across: Array, steps: slice) -> Array:
        """``across`` [K, N, H] holds every weight_k transposed; [steps, N, state size]."""
        slopes = self.slopes[:, steps, None, :]
        matrices = np.empty((slopes.shape[1], across.shape[1], self.state_size))
        projection = self.projection(steps)
        if projection is None:
            np.multiply(across[-1], slopes[-1], matrices[..., -self.h_size :])
        else:
            np.matmul(across[-1] * slopes[-1], np.swapaxes(projection, -1, -2), out=matrices[..., -self.h_size :])
        if self.cell_size:
            through_cell = matrices[..., : self.cell_size]
            np.multiply(across[0], slopes[0], through_cell)
            for weight, slope in zip(across[1:3], slopes[1:3], strict=True):
                through_cell += weight * slope
        return matrices


class Adjoint:
    """Gradients with respect to the state of one step: ``dc`` above ``dh`` (a vanilla RNN has dh alone).

    columns    [cell size + h size, N]  the first ``active`` columns are on their way, the others still zero
    exponents  [N]                      the power of two of each column
    """

    def __init__(self, cell_size: int, h_size: int, count: int) -> None:
        self.columns = np.zeros((cell_size + h_size, count))
        self.exponents: Exponents = np.full(count, ZERO_EXPONENT, np.int32)
        self.active = 0
        self._spare, self._product = np.zeros_like(self.columns), np.empty_like(self.columns)
        self._of_c, self._of_h = slice(0, cell_size), slice(cell_size, None)

    @property
    def state(self) -> Array:
        """dc above dh of the active columns."""
        return self.columns[:, : self.active]

    @property
    def dh(self) -> Array:
        """[H or P, active]."""
        return self.columns[self._of_h, : self.active]

    @property
    def dc(self) -> Array:
        """[H, active]; an LSTM's."""
        return self.columns[self._of_c, : self.active]

    @property
    def active_exponents(self) -> Exponents:
        """[active]."""
        return self.exponents[: self.active]

    def step_back(self, recurrent: Array, forget: Array | None) -> None:
        """dh[t-1] = sum_k U_k^T dz_k[t] and the carried part of dc[t-1] = f[t] dc[t]."""
        before = self._spare[:, : self.active]
        np.matmul(recurrent, self.state, out=before[self._of_h])
        if forget is not None:
            np.multiply(self.dc, forget[:, None], before[self._of_c])
        self.columns, self._spare = self._spare, self.columns

    def through_output(self, hidden: Array, projection: Array | None) -> None:
        """dc += dh K: what reaches the cell state through h = o tanh(c); with a projection [P, H] dm in place of dh."""
        product = self._product[self._of_c, : self.active]
        dm = self.dh if projection is None else projection.T @ self.dh
        np.multiply(dm, hidden[:, None], product)
        np.add(self.dc, product, self.dc)

    def start(self, rows: slice, matrix: Array) -> None:
        """Let further columns set out, whose entries in ``rows`` are ``matrix``."""
        first, self.active = self.active, self.active + matrix.shape[1]
        self.columns[:, first : self.active] = 0
        self.columns[rows, first : self.active] = matrix
        self.exponents[first : self.active] = np.where(matrix.any(0), 0, ZERO_EXPONENT)

    def start_all(self) -> None:
        """Let every column set out, from zero."""
        self.active = self.columns.shape[1]

    def add_to_hidden(self, columns: Array, exponents: Exponents) -> None:
        """dh += columns * 2**exponents, of all active columns."""
        add_scaled(self.state, self.active_exponents, columns, exponents, self._of_h)

    def renormalise(self) -> None:
        """Move powers of two from the columns that have become small or large into their exponents."""
        product = self._product[:, : self.active]
        squares = np.multiply(self.state, self.state, product).sum(0)
        fine = (squares >= _SMALL) & (squares <= _LARGE)
        if fine.all():
            return
        moving = np.flatnonzero(~fine & ~((squares == 0) & (self.active_exponents == ZERO_EXPONENT)))
        if len(moving):
            self.columns[:, moving], self.exponents[moving] = normalised(
                self.columns[:, moving], self.exponents[moving]
            )


def backpropagate(
    derivatives: StepDerivatives, adjoint: Adjoint, arrive: Callable[[int], None], last: int
) -> Iterator[int]:
    """Walk from step ``last`` back to 0, yielding each step when ``adjoint`` holds its dc and dh.

    ``arrive(t)`` puts into ``adjoint`` what comes to step t from elsewhere than the step after it.
    """
    recurrent = derivatives.pullbacks(derivatives.layer.parameters.weight_hh)
    forget, hidden = derivatives.forget, derivatives.hidden
    for t in range(last, -1, -1):
        if t < last and adjoint.active:
            adjoint.step_back(recurrent(t + 1), None if forget is None else forget[t + 1])
        arrive(t)
        if hidden is not None:
            adjoint.through_output(hidden[t], derivatives.projection(t))
        adjoint.renormalise()
        yield t
