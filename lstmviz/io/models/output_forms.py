"""The ways in which an expected output can be written: what of the network it is, which steps, which axes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.activations import log_softmax, sigmoid
from lstmviz.core.engine.trace import LayerTrace, LSTMTrace, Trace


class Quantity(Enum):
    """What of a run can be expected; the value is what it is called on screen."""

    Y = "the output y"
    H = "h of the top layer"
    C = "the cell state c of the top layer"


class Part(Enum):
    """Which steps of it. The last state of each direction is what Keras gives for a Bidirectional layer."""

    EVERY = "every step"
    LAST = "the last step"
    OWN_LAST = "each direction's own last step"


@dataclass(frozen=True)
class Form:
    """One way to read an expected output; ``batch_first`` counts only where there is a batch."""

    quantity: Quantity
    part: Part
    batch_first: bool = False

    @property
    def words(self) -> str:
        """Such as ``the output y, every step``."""
        return f"{self.quantity.value}, {self.part.value}"

    def computed(self, trace: Trace) -> Array:
        """What the network gives [T, B, O]; for a part that is a single step [1, B, O]."""
        if self.part is Part.OWN_LAST:
            values = np.concatenate([own[:1] if layer.reverse else own[-1:] for layer, own in self._top(trace)], -1)
            head = trace.network.head
            if self.quantity is Quantity.Y and head is not None:
                values = values @ head.weight.T + head.bias
            return values
        values = trace.y
        if self.quantity is not Quantity.Y:
            values = np.concatenate([own for _, own in self._top(trace)], -1)
        return values if self.part is Part.EVERY else values[-1:]

    def _top(self, trace: Trace) -> Iterator[tuple[LayerTrace, Array]]:
        """Each direction of the top layer, with h or c [T, B, H]."""
        for layer in list(trace.layers.values())[-trace.network.num_directions :]:
            wants_c = self.quantity is Quantity.C and isinstance(layer, LSTMTrace)
            yield layer, layer.c if wants_c and isinstance(layer, LSTMTrace) else layer.h

    def shapes(self, computed: Array) -> dict[tuple[int, ...], str]:
        """The shapes in which an expected output may lie in its file, with the axes that are written there."""
        steps, sequences, width = computed.shape
        axes = "BO" if self.part is not Part.EVERY else "BTO" if self.batch_first else "TBO"
        sizes = {"T": steps, "B": sequences, "O": width}
        shortened = [axes]
        if sequences == 1:
            shortened.append(axes.replace("B", ""))
        if width == 1:
            shortened += [each.replace("O", "") for each in tuple(shortened)]
        return {tuple(sizes[axis] for axis in each): each for each in reversed(shortened) if each}

    def as_computed(self, expected: Array, computed: Array) -> Array | None:
        """``expected`` in the shape of ``computed``; None where it is of another shape."""
        axes = self.shapes(computed).get(expected.shape)
        if axes is None:
            return None
        present = np.moveaxis(expected, axes.index("T"), 0) if "T" in axes else expected[None]
        return present.reshape(computed.shape)


def forms_of(trace: Trace, *, batch_first: bool) -> tuple[Form, ...]:
    """Every form that this run has, the usual ones first."""
    quantities = [Quantity.Y]
    if trace.network.head is not None:
        quantities.append(Quantity.H)
    if isinstance(next(iter(trace.layers.values())), LSTMTrace):
        quantities.append(Quantity.C)
    parts = [Part.EVERY, Part.LAST, *([Part.OWN_LAST] if trace.network.bidirectional else [])]
    return tuple(Form(quantity, part, batch_first) for quantity in quantities for part in parts)


def _softmax(y: Array) -> Array:
    softmax: Array = np.exp(log_softmax(y))
    return softmax


def _relu(y: Array) -> Array:
    relu: Array = np.maximum(y, 0)
    return relu


OUTPUT_FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    "softmax": _softmax,
    "sigmoid": sigmoid,
    "log-softmax": log_softmax,
    "tanh": np.tanh,
    "relu": _relu,
}
"""What models often put on y [..., O] and files of weights do not tell."""
