"""One forward and backward pass over a batch: loss, outputs, and the gradient of every weight as one vector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lstmviz.core.arrays import Array, BoolArray
from lstmviz.core.engine.nonfinite import HEAD, NonFinite
from lstmviz.core.engine.passes import backward, forward
from lstmviz.core.engine.trace import LSTMTrace, Trace
from lstmviz.core.networks.network import Network
from lstmviz.core.training.batches import Batch
from lstmviz.core.training.flat import flattened
from lstmviz.core.training.losses import Loss


@dataclass(frozen=True, eq=False)
class Pass:
    """What came out of a batch.

    loss      the mean over all scored steps
    y         [T, B, O]; where a number was not finite, up to that window
    gradient  [P], in the order of the state dict
    fault     the first number that was not finite; where only the loss overflowed, the largest output instead
    finite    False where a number was not finite, in the loss itself at the latest
    """

    loss: float
    y: Array
    gradient: Array
    fault: NonFinite | None = None
    finite: bool = True


def loss_and_gradient(network: Network, loss: Loss, batch: Batch, window: int | None = None) -> Pass:
    """Backpropagation through time.

    window  the sequences are cut into windows of so many steps. States go on from one to the next, gradients do not
            (truncated BPTT, Williams and Peng 1990); those of all windows are added up. None: no cuts.
    """
    window = min(window or batch.length, batch.length)
    total, gradient = 0.0, np.zeros(network.num_parameters, network.dtype)
    outputs: list[Array] = []
    h: Array | None = None
    c: Array | None = None
    for first in range(0, batch.length, window):
        x = batch.x if window == batch.length else batch.x[first : first + window]
        trace = forward(network, x, h, c)
        value, dy = loss.evaluate(trace.y, batch, first)
        outputs.append(trace.y)
        total += value
        h, c = last_states(trace) if first + window < batch.length else (None, None)
        if not np.isfinite(value):
            fault = _later(trace.first_nonfinite or _largest_output(trace, batch.mask[first:]), first)
            return Pass(total, np.concatenate(outputs), gradient, fault, finite=False)
        if not batch.mask[first : first + window].any():
            continue
        gradients = backward(trace, dy)
        gradient += flattened(gradients.params)
        if not np.isfinite(gradient).all():
            fault = _later(trace.first_nonfinite or gradients.first_nonfinite, first)
            return Pass(total, np.concatenate(outputs), gradient, fault, finite=False)
    return Pass(total, outputs[0] if len(outputs) == 1 else np.concatenate(outputs), gradient)


def _largest_output(trace: Trace, mask: BoolArray) -> NonFinite:
    """Where the scored output farthest from 0 is: it makes a squared error overflow although it is finite itself."""
    size = np.where(mask[: trace.length, :, None], np.abs(trace.y), -1)
    t, batch, unit = map(int, np.unravel_index(size.argmax(), size.shape))
    value = float(trace.y[t, batch, unit])
    network = trace.network
    if network.head:
        return NonFinite(HEAD, "y", t + 1, batch, unit, value)
    direction, unit = divmod(unit, network.layers[-1].h_size)
    return NonFinite(list(trace.layers)[direction - network.num_directions], "h", t + 1, batch, unit, value)


def last_states(trace: Trace) -> tuple[Array, Array | None]:
    """h and c after the last step, [layers, B, H] with H of the widest layer, as the engine takes initial states."""
    cells = [layer.c[-1] for layer in trace.layers.values() if isinstance(layer, LSTMTrace)]
    return _stacked([layer.h[-1] for layer in trace.layers.values()]), _stacked(cells) if cells else None


def _stacked(states: Sequence[Array]) -> Array:
    """States [B, H] of every layer as one array; narrower ones are filled up with zeros."""
    widest = max(state.shape[1] for state in states)
    return np.stack([np.pad(state, ((0, 0), (0, widest - state.shape[1]))) for state in states])


def _later(fault: NonFinite | None, steps: int) -> NonFinite | None:
    """A place in a window that begins after ``steps`` steps as one in the whole sequence."""
    return fault if fault is None or fault.t == 0 else replace(fault, t=fault.t + steps)
