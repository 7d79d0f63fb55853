"""Derivatives through the whole network: which inputs an output still feels, and which losses a state answers for."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.blas import shielded, single_threaded_blas
from lstmviz.core.engine.inputs import checked_output_gradient
from lstmviz.core.engine.selection import checked_sequence, layer_of
from lstmviz.core.engine.trace import Trace
from lstmviz.core.errors import LstmvizError
from lstmviz.core.gradients.adjoint import Adjoint, StepDerivatives, backpropagate
from lstmviz.core.gradients.jacobians import checked_norm
from lstmviz.core.gradients.scaled import ZERO_EXPONENT, Exponents, Norm, Scaled, add_scaled
from lstmviz.core.gradients.step_map import (
    BYTES_OF_COLUMNS,
    MapProgress,
    NormRecorder,
    StepMap,
    Work,
    checked_steps,
    refining,
)
from lstmviz.core.networks.memory import BYTES_LIMIT, in_words
from lstmviz.core.progress import drain

_BYTES_OF_STREAM = 2**26


def connectivity(trace: Trace, norm: str = "spectral", *, log10: bool = False, sequence: int | None = None) -> Array:
    """M[s, tau] = ||d y[tau] / d x[s]||: which inputs does an output still feel?

    The total derivative through all layers, both directions and the head. Returns [T, T], whose row s - 1 and column
    tau - 1 belong to steps s and tau; exactly 0 for tau < s, unless the network is bidirectional.

    norm      ``spectral`` or ``fro``
    log10     log10 of the norms, which neither underflows nor overflows; exact zeros are -inf
    sequence  which sequence of a batch, from 0; may be left out where there is one only

    Raises LstmvizError for a norm or sequence that there is not.
    """
    found = drain(connectivity_steps(trace, norm, sequence=sequence, previews=False))
    return found.norms.transposed().read(log10)


def connectivity_steps(
    trace: Trace,
    norm: str = "spectral",
    *,
    steps: Sequence[int] | None = None,
    sequence: int | None = None,
    previews: bool = True,
) -> Generator[MapProgress, None, StepMap]:
    """``connectivity`` in pieces, with an output step tau in every row and an input step s in every column.

    ``steps`` and ``previews`` as in ``jacobian_map_steps``. Checks its arguments at once.
    """
    number = checked_sequence(trace.layers["l0"], sequence)
    return shielded(_connecting(trace, number, checked_norm(norm), checked_steps(steps, trace.length), previews))


def itemised_gradients(trace: Trace, dy: Any, layer: str = "l0", *, sequence: int | None = None) -> Array:
    """I[s, tau] = d l[tau] / d h[s], where the loss is L = sum over tau of l[tau] and l[tau] looks at y[tau] alone.

    dy     dL/dy as for ``backward``: [T, B, O], for one sequence also [T, O]
    layer  the layer and direction whose h[s] it is

    Returns [T, T, H] (with a projection P in the place of H), whose sum over axis 1 (tau) is the dh[s] of
    ``backward``. Raises LstmvizError for a layer or sequence that there is not, another shape of dy, and where the
    result would not fit into the memory.
    """
    number = checked_sequence(layer_of(trace, layer), sequence)
    dy = checked_output_gradient(trace.y, dy)[:, number]
    length, H = trace.length, layer_of(trace, layer).parameters.h_size
    if 8 * H * length**2 > BYTES_LIMIT:
        raise LstmvizError(
            f"{length:,} x {length:,} gradients of {H:,} units would take {in_words(8 * H * length**2)}",
            how="Ask for their norms, with itemised_gradient_steps.",
        )
    result = np.zeros((length, length, H))

    def record(taus: Sequence[int]) -> Callable[[int, Array, Exponents], None]:
        def watch(t: int, columns: Array, exponents: Exponents) -> None:
            result[t, taus[0] : taus[-1] + 1] = np.ldexp(columns, exponents).T

        return watch

    flow = _Flow(trace, number)
    with single_threaded_blas(), np.errstate(all="ignore"):
        for first in range(0, length, flow.most_columns):
            taus = range(length)[first : first + flow.most_columns]
            drain(flow.to_hidden(layer, _loss_columns(flow, dy, taus), record(taus)))
    return result


def itemised_gradient_steps(
    trace: Trace,
    dy: Any,
    layer: str = "l0",
    *,
    steps: Sequence[int] | None = None,
    sequence: int | None = None,
    previews: bool = True,
) -> Generator[MapProgress, None, StepMap]:
    """Lengths ||d l[tau] / d h[s]||_2 in pieces, with a loss step tau in every row and a state step s in every column.

    ``trace``, ``dy``, ``layer`` and ``sequence`` as in ``itemised_gradients``, ``steps`` and ``previews`` as in
    ``jacobian_map_steps``. Checks its arguments at once.
    """
    number = checked_sequence(layer_of(trace, layer), sequence)
    wanted = checked_steps(steps, trace.length)
    dy = checked_output_gradient(trace.y, dy)[:, number]
    return shielded(_itemising(trace, number, dy, layer, wanted, previews))


class _Stream:
    """Gradients of many outputs, one a column, with respect to what flows between two layers, at every step.

    columns [T, width, N] times 2 to the power of exponents [T, N]
    """

    def __init__(self, length: int, width: int, count: int) -> None:
        self.columns = np.zeros((length, width, count))
        self.exponents: Exponents = np.full((length, count), ZERO_EXPONENT, np.int32)

    def add(self, t: int, columns: Array, exponents: Exponents) -> None:
        """Add what comes back through one direction."""
        add_scaled(self.columns[t], self.exponents[t], columns, exponents)


class _Flow:
    """One sequence's way back from the outputs through every layer and direction. Steps count from 0."""

    def __init__(self, trace: Trace, sequence: int) -> None:
        self.network, self.length = trace.network, trace.length
        self._derivatives = {name: StepDerivatives.of(layer, sequence) for name, layer in trace.layers.items()}
        width = max(layer.output_size for layer in self.network.layers)
        states = max(each.state_size for each in self._derivatives.values())
        self.most_columns = max(1, min(BYTES_OF_COLUMNS // (8 * states), _BYTES_OF_STREAM // (8 * width * self.length)))

    def from_outputs(self, steps: Sequence[int], gradients: Array) -> _Stream:
        """Columns that set out from y: number n has the gradient ``gradients[n]`` [O] at step ``steps[n]``."""
        head = self.network.head
        below = gradients if head is None else gradients @ np.asarray(head.weight, np.float64)
        stream = _Stream(self.length, below.shape[1], len(steps))
        for n, (t, column) in enumerate(zip(steps, below, strict=True)):
            if column.any():
                stream.columns[t, :, n], stream.exponents[t, n] = column, 0
        return stream

    def to_input(self, stream: _Stream) -> Generator[Work, None, _Stream]:
        """What reaches x; yields after every step of every direction."""
        for number in reversed(range(len(self.network.layers))):
            stream = yield from self._through_layer(number, stream)
        return stream

    def to_hidden(
        self, name: str, stream: _Stream, watch: Callable[[int, Array, Exponents], None]
    ) -> Generator[Work, None, None]:
        """Show the total dh[t] of the layer and direction ``name`` to ``watch(t, columns, exponents)``."""
        for number in reversed(range(_number(name) + 1, len(self.network.layers))):
            stream = yield from self._through_layer(number, stream)
        for t, adjoint in self._through_direction(name, stream):
            watch(t, adjoint.dh, adjoint.exponents)
            yield self._work(adjoint)

    def steps_back(self, tau: int, layer: str = "l0") -> int:
        """How many steps, of all layers and directions down to ``layer``, the gradient of y[tau] goes back."""
        a_layer = 2 * self.length if self.network.bidirectional else tau + 1
        return a_layer * (len(self.network.layers) - _number(layer))

    def _work(self, adjoint: Adjoint) -> Work:
        """Of one step: columns that went back, and about how many nanoseconds that took."""
        H, count = self.network.hidden_size, len(adjoint.exponents)
        return count, 40e3 + count * H * (12 + 0.2 * H)

    def _through_layer(self, number: int, above: _Stream) -> Generator[Work, None, _Stream]:
        layer = self.network.layers[number]
        below = _Stream(self.length, layer.input_size, above.columns.shape[2])
        for name in (f"l{number}", f"l{number}_reverse")[: len(layer.directions)]:
            derivatives = self._derivatives[name]
            inputs = derivatives.pullbacks(derivatives.layer.parameters.weight_ih)
            for t, adjoint in self._through_direction(name, above):
                position = self.length - 1 - t if derivatives.layer.reverse else t
                below.add(t, inputs(position) @ adjoint.columns, adjoint.exponents)
                yield self._work(adjoint)
        return below

    def _through_direction(self, name: str, above: _Stream) -> Iterator[tuple[int, Adjoint]]:
        """Each step that a gradient reaches, last read first, with the total dc and dh there."""
        derivatives = self._derivatives[name]
        reverse, width = derivatives.layer.reverse, derivatives.h_size
        share = slice(width, 2 * width) if reverse else slice(0, width)
        adjoint = derivatives.adjoint(above.columns.shape[2])
        adjoint.start_all()
        # what gets a gradient from above, in processing order
        order = range(self.length)[::-1] if reverse else range(self.length)
        reached = (above.exponents != ZERO_EXPONENT).any(1)[order]

        def arrive(position: int) -> None:
            if reached[position]:
                t = order[position]
                adjoint.add_to_hidden(above.columns[t, share], above.exponents[t])

        if reached.any():
            for position in backpropagate(derivatives, adjoint, arrive, int(np.flatnonzero(reached)[-1])):
                yield order[position], adjoint


def _connecting(
    trace: Trace, sequence: int, norm: Norm, wanted: list[int], previews: bool
) -> Generator[MapProgress, None, StepMap]:
    flow = _Flow(trace, sequence)
    width, inputs = flow.network.output_size, flow.network.input_size
    starts = [step - 1 for step in wanted]

    def fill(rows: Sequence[int], found: Scaled) -> Iterator[tuple[float, float]]:
        taus = [starts[row] for row in rows for _ in range(width)]
        gradients = np.tile(np.eye(width), (len(rows), 1))
        columns, exponents = np.empty((len(starts), inputs, len(taus))), np.empty((len(starts), len(taus)), np.int32)
        for first in range(0, len(taus), flow.most_columns):
            part = slice(first, first + flow.most_columns)
            stream = yield from flow.to_input(flow.from_outputs(taus[part], gradients[part]))
            columns[:, :, part], exponents[:, part] = stream.columns[starts], stream.exponents[starts]
        recorder = NormRecorder(found, inputs, width, norm)
        for column in range(len(starts)):
            recorder.add(column, columns[column], exponents[column])
        recorder.flush()

    group = max(1, flow.most_columns // width)
    work = [float(width * flow.steps_back(tau)) for tau in starts]
    return (yield from refining(wanted, wanted, work, group, fill, previews))


def _itemising(
    trace: Trace, sequence: int, dy: Array, layer: str, wanted: list[int], previews: bool
) -> Generator[MapProgress, None, StepMap]:
    flow = _Flow(trace, sequence)
    column_of = {step - 1: column for column, step in enumerate(wanted)}

    def fill(rows: Sequence[int], found: Scaled) -> Iterator[tuple[float, float]]:
        recorder = NormRecorder(found, layer_of(trace, layer).parameters.h_size, 1, Norm.FRO)

        def watch(t: int, columns: Array, exponents: Exponents) -> None:
            if t in column_of:
                recorder.add(column_of[t], columns, exponents)

        yield from flow.to_hidden(layer, _loss_columns(flow, dy, [wanted[row] - 1 for row in rows]), watch)
        recorder.flush()

    work = [float(flow.steps_back(step - 1, layer)) for step in wanted]
    return (yield from refining(wanted, wanted, work, flow.most_columns, fill, previews))


def _number(name: str) -> int:
    """The number of the layer of ``l1_reverse``: 1."""
    return int(name.removesuffix("_reverse")[1:])


def _loss_columns(flow: _Flow, dy: Array, taus: Sequence[int]) -> _Stream:
    """One column for every l[tau], with the gradient dy[tau] at step tau."""
    return flow.from_outputs(taus, np.asarray(dy[list(taus)], np.float64))
