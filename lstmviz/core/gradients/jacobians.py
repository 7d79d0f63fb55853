"""Jacobians between the states of two steps: how strongly step T still depends on step t.

All of them are total derivatives between nodes of the unrolled graph, what automatic differentiation gives:
dc[T]/dc[t] includes the way through h[t] = o[t] tanh(c[t]).
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from functools import cached_property
from typing import Literal

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.blas import shielded
from lstmviz.core.engine.selection import checked_sequence, layer_of
from lstmviz.core.engine.trace import LSTMTrace, Trace
from lstmviz.core.errors import LstmvizError
from lstmviz.core.gradients.adjoint import Adjoint, StepDerivatives, backpropagate
from lstmviz.core.gradients.scaled import Norm, Scaled, aligned
from lstmviz.core.gradients.step_map import (
    BYTES_OF_COLUMNS,
    MapProgress,
    NormRecorder,
    Pause,
    StepMap,
    checked_steps,
    refining,
)
from lstmviz.core.progress import Steps, drain


def jacobian_norms(
    trace: Trace,
    of: str = "h",
    wrt: str = "h",
    norm: str = "fro",
    layer: str = "l0",
    step: int | Literal["T", "all"] = "T",
    *,
    log10: bool = False,
    sequence: int | None = None,
) -> Array:
    """Norms of the total derivatives d of[T] / d wrt[t] for all steps t of one direction of one layer.

    of, wrt   ``h`` or, for an LSTM, ``c``
    norm      ``fro`` (Frobenius) or ``spectral`` (the largest singular value)
    layer     ``l0``, ``l1_reverse`` ...
    step      T: a step from 1; ``T`` for the last that the layer reads, which is step 1 for a reverse direction;
              or ``all``
    log10     log10 of the norms, which neither underflows nor overflows; exact zeros are -inf
    sequence  which sequence of a batch, from 0; may be left out where there is one only

    Returns [T] in real time order; for ``all`` [T, T], whose row T - 1 is that of step T. Entries are 0 where the
    layer reads t after T. At t = T it is the identity for of = wrt, dc[T]/dh[T] = 0, and
    dh[T]/dc[T] = diag(o (1 - tanh(c)^2)).

    The rows of the Jacobian are gradients, so that all of them go back through time at once:
    dh[t] = sum_k U_k^T dz_k[t+1],  dc[t] = dh[t] o (1 - tanh(c[t])^2) + f[t+1] dc[t+1].

    Raises LstmvizError for a layer, state, norm, step or sequence that there is not.
    """
    if step == "all":
        whole = drain(jacobian_map_steps(trace, of, wrt, norm, layer, sequence=sequence, previews=False))
        return whole.norms.read(log10)
    return drain(jacobian_norm_steps(trace, of, wrt, norm, layer, step, sequence=sequence)).read(log10)


def jacobian_norm_steps(
    trace: Trace,
    of: str = "h",
    wrt: str = "h",
    norm: str = "fro",
    layer: str = "l0",
    step: int | Literal["T"] = "T",
    *,
    sequence: int | None = None,
) -> Steps[Scaled]:
    """``jacobian_norms`` of one step in pieces: yields the fraction done. Checks its arguments at once."""
    question = Question(trace, of, wrt, layer, sequence)
    return shielded(_one_row(question, checked_norm(norm), question.position(step)))


def jacobian_map_steps(
    trace: Trace,
    of: str = "h",
    wrt: str = "h",
    norm: str = "fro",
    layer: str = "l0",
    *,
    steps: Sequence[int] | None = None,
    sequence: int | None = None,
    previews: bool = True,
) -> Generator[MapProgress, None, StepMap]:
    """The norms of d of[tau] / d wrt[t] for all pairs of steps, in pieces: every ``yield`` is a place to stop.

    steps     the rows and columns wanted, from 1, such as range(1, 5001, 5); all where None
    previews  whether rows far apart come first, so that coarse maps are there early; no work is done twice

    The other arguments are those of ``jacobian_norms``. Checks its arguments at once.
    """
    question = Question(trace, of, wrt, layer, sequence)
    wanted = checked_steps(steps, question.length)
    return shielded(_mapping(question, checked_norm(norm), wanted, previews))


def jacobian_singular_values(
    trace: Trace,
    t: int,
    of: str = "h",
    wrt: str = "h",
    layer: str = "l0",
    step: int | Literal["T"] = "T",
    *,
    log10: bool = False,
    sequence: int | None = None,
) -> Array:
    """The H singular values of d of[T] / d wrt[t], largest first: how much it stretches each of H directions.

    With a projection h has P directions, and there are as many values as the narrower of the two states has.
    t from 1; the other arguments are those of ``jacobian_norms``. Values below H * 2.2e-16 times the largest are
    nan: 64-bit floats do not determine them. Zeros where the layer reads t after T.

    Raises LstmvizError like ``jacobian_norms``.
    """
    return drain(jacobian_singular_value_steps(trace, t, of, wrt, layer, step, sequence=sequence)).read(log10)


def jacobian_singular_value_steps(
    trace: Trace,
    t: int,
    of: str = "h",
    wrt: str = "h",
    layer: str = "l0",
    step: int | Literal["T"] = "T",
    *,
    sequence: int | None = None,
) -> Steps[Scaled]:
    """``jacobian_singular_values`` in pieces: yields the fraction done. Checks its arguments at once."""
    question = Question(trace, of, wrt, layer, sequence)
    return shielded(_decomposing(question, question.position(t, "t"), question.position(step)))


def checked_norm(norm: str) -> Norm:
    """The norm called ``norm``. Raises LstmvizError when there is none."""
    try:
        return Norm(norm)
    except ValueError:
        raise LstmvizError(f"There is no norm called {norm!r}", where="norm", how="Choose fro or spectral.") from None


class Question:
    """Which derivatives are asked for: d of[..] / d wrt[..] in one sequence and one direction of one layer."""

    def __init__(self, trace: Trace, of: str, wrt: str, layer: str, sequence: int | None) -> None:
        self.layer = layer_of(trace, layer)
        for name, state in (("of", of), ("wrt", wrt)):
            if state == "c" and not isinstance(self.layer, LSTMTrace):
                raise LstmvizError("A vanilla RNN has no cell state", where=name, how="Choose h.")
            if state not in ("h", "c"):
                raise LstmvizError(f"There is no state called {state!r}", where=name, how="Choose h or c.")
        self._sequence = checked_sequence(self.layer, sequence)
        self.length = trace.length
        cells, width = self.layer.parameters.hidden_size, self.layer.parameters.h_size
        if not isinstance(self.layer, LSTMTrace):
            cells = 0
        rows = {"c": slice(0, cells), "h": slice(cells, cells + width)}
        self.of, self.wrt = rows[of], rows[wrt]
        self.of_size, self.wrt_size = (each.stop - each.start for each in (self.of, self.wrt))

    @cached_property
    def derivatives(self) -> StepDerivatives:
        """What happens within each step; not computed before somebody asks, for a long sequence takes its time."""
        return StepDerivatives.of(self.layer, self._sequence)

    @property
    def nanoseconds(self) -> float:
        """About what a step back takes with one Jacobian."""
        H = self.layer.parameters.hidden_size
        return 30e3 + 12 * H**2 + 0.1 * H**3

    def position(self, step: int | str, where: str = "step") -> int:
        """The place of a step in the layer's processing order, from 0. Raises LstmvizError for no step."""
        if step == "T" and where == "step":
            return self.length - 1
        if not isinstance(step, int | np.integer) or not 1 <= step <= self.length:
            words = ", T or all" if where == "step" else ""
            how = f"Choose one from 1 to {self.length}{words}."
            raise LstmvizError(f"There is no step {step!r}", where=where, how=how)
        return self.length - int(step) if self.layer.reverse else int(step) - 1


def _walk(question: Question, ends: Sequence[int]) -> Iterator[tuple[int, Adjoint]]:
    """Positions from ``ends[0]`` back to 0 with the adjoint there: all of ``ends`` (descending) that lie behind."""
    derivatives = question.derivatives
    adjoint = derivatives.adjoint(question.of_size * len(ends))
    setting_out, identity = set(ends), np.eye(question.of_size)

    def arrive(position: int) -> None:
        if position in setting_out:
            adjoint.start(question.of, identity)

    for position in backpropagate(derivatives, adjoint, arrive, ends[0]):
        yield position, adjoint


def _sweep(question: Question, norm: Norm, ends: Sequence[int], norms: Scaled) -> Generator[int, None, None]:
    """Fill ``norms`` [len(ends), T], row n back from position ``ends[n]``; yields how many rows moved a step."""
    recorder = NormRecorder(norms, question.wrt_size, question.of_size, norm)
    for position, adjoint in _walk(question, ends):
        recorder.add(position, adjoint.state[question.wrt], adjoint.active_exponents)
        yield adjoint.active // question.of_size
    recorder.flush()


def _one_row(question: Question, norm: Norm, end: int) -> Steps[Scaled]:
    norms, pause = Scaled.zeros(1, question.length), Pause()
    for number, _ in enumerate(_sweep(question, norm, [end], norms), 1):
        if pause.due(question.nanoseconds):
            yield number / (end + 1)
    row = slice(None, None, -1) if question.layer.reverse else slice(None)
    return Scaled(norms.mantissa[0, row], norms.exponent[0, row])


def _decomposing(question: Question, start: int, end: int) -> Steps[Scaled]:
    pause = Pause()
    if start <= end:
        for position, adjoint in _walk(question, [end]):
            if position == start:
                return _resolved_singular_values(*aligned(adjoint.state[question.wrt], adjoint.active_exponents))
            if pause.due(question.nanoseconds):
                yield (end - position) / (end - start + 1)
    return Scaled.zeros(min(question.of_size, question.wrt_size))


def _resolved_singular_values(matrix: Array, exponent: int) -> Scaled:
    """Those of matrix * 2**exponent [H or P, H or P]; nan where rounding decides."""
    count = min(matrix.shape)
    if not np.isfinite(matrix).all():
        return Scaled(np.full(count, np.nan), np.zeros(count, np.int32))
    values = np.linalg.svd(matrix, compute_uv=False)
    noise = values < max(matrix.shape) * np.finfo(values.dtype).eps * values[0]
    return Scaled(np.where(noise, np.nan, values), np.full(count, exponent, np.int32))


def _mapping(
    question: Question, norm: Norm, wanted: list[int], previews: bool
) -> Generator[MapProgress, None, StepMap]:
    H, parts = question.layer.parameters.hidden_size, 2 if question.derivatives.cell_size else 1
    positions = [question.position(step) for step in wanted]
    spectral = 20 * H * H + 0.1 * H**3 if norm is Norm.SPECTRAL else 0
    nanoseconds = 6 * parts * H * H + 0.05 * parts * H**3 + spectral

    def fill(rows: Sequence[int], found: Scaled) -> Iterator[tuple[float, float]]:
        # those that the layer reads last set out first
        order = sorted(range(len(rows)), key=lambda row: -positions[rows[row]])
        norms = Scaled.zeros(len(rows), question.length)
        for under_way in _sweep(question, norm, [positions[rows[row]] for row in order], norms):
            yield under_way, 30e3 + under_way * nanoseconds
        found.mantissa[order], found.exponent[order] = norms.mantissa[:, positions], norms.exponent[:, positions]

    work = [position + 1.0 for position in positions]
    group = max(1, BYTES_OF_COLUMNS // (8 * parts * H * H))
    return (yield from refining(wanted, wanted, work, group, fill, previews))
