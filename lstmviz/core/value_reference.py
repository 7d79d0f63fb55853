"""One number of a run, named: which quantity, at which step, of which layer and unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.engine.nonfinite import HEAD
from lstmviz.core.engine.trace import LSTMTrace, Trace
from lstmviz.core.errors import LstmvizError
from lstmviz.core.run import NetworkRun, Run

OUTPUTS = ("y", "dy")
"""What belongs to no recurrent layer: the output y and dL/dy, from the head where there is one."""

LENGTH = -1
"""As a unit: the length ||dh[t]|| of the vector over all units."""

STATES = ("h", "c", "dh", "dc")
"""What the initial state has too."""

_LSTM_SYMBOLS = ("x", "z_f", "z_i", "z_g", "z_o", "f", "i", "g", "o", "c", "tanh_c", "h")
_RNN_SYMBOLS = ("x", "z", "h")


@dataclass(frozen=True)
class ValueReference:
    """Names one number of a run, in its only sequence.

    symbol    x, z_f z_i z_g z_o (z of a vanilla RNN), f i g o c tanh_c h, with a projection m = o tanh(c), y; with
              a d before it the total derivative of the loss: dx, dz_f ... dy
    t         the step, from 1; h, c, dh and dc also at the step before the first, that of the initial state:
              0, or T + 1 in a layer that reads the sequence from its end
    layer     name of layer and direction, such as ``l0``; ``head`` for y and dy, whatever is given
    unit      from 0; for x and dx the feature, for y and dy the output; LENGTH for the length of a gradient's vector
    baseline  whether it is the vanilla RNN's beside the network
    """

    symbol: str
    t: int
    layer: str
    unit: int
    baseline: bool = False

    def __post_init__(self) -> None:
        if self.symbol in OUTPUTS:
            object.__setattr__(self, "layer", HEAD)

    @property
    def gradient(self) -> bool:
        """Whether it is dL/d of a node instead of the node."""
        return self.symbol.startswith("d")

    @property
    def node(self) -> str:
        """The node of the forward pass: ``f`` for f and for df."""
        return self.symbol.removeprefix("d")

    @property
    def name(self) -> str:
        """Quantity and step, such as ``f[3]``; tanh(c[3]) for tanh_c, ‖dh[3]‖ for a length."""
        if self.is_length:
            return f"‖{self.symbol}[{self.t}]‖"
        return {"tanh_c": f"tanh(c[{self.t}])", "dtanh_c": f"dtanh(c[{self.t}])"}.get(
            self.symbol, f"{self.symbol}[{self.t}]"
        )

    @property
    def is_length(self) -> bool:
        """Whether it is the length of a vector instead of one of its entries."""
        return self.unit == LENGTH

    def of_unit(self, unit: int) -> ValueReference:
        """The same quantity of another unit; ``dataclasses.replace`` takes ten times as long."""
        return ValueReference(self.symbol, self.t, self.layer, unit, self.baseline)

    @property
    def kind_of_unit(self) -> str:
        """What ``unit`` counts."""
        return {"x": "feature", "y": "output"}.get(self.node, "unit")


def name_of(ref: ValueReference, run: Run | None = None) -> str:
    """The whole name: ``f[3] of unit 2, layer l0``. With a run, what it has only one of is left out: ``c[2]``."""
    parts = ref.name
    if not ref.is_length and (run is None or _size(network_run(run, ref).trace, ref) > 1):
        parts += f" of {ref.kind_of_unit} {ref.unit}"
    if ref.layer != HEAD and (run is None or len(network_run(run, ref).trace.layers) > 1):
        parts += f", layer {ref.layer}"
    return parts + (", vanilla RNN" if ref.baseline else "")


def network_run(run: Run, ref: ValueReference) -> NetworkRun:
    """The run of the network that ``ref`` is of. Raises LstmvizError where there is no vanilla RNN."""
    if not ref.baseline:
        return run.main
    if run.baseline is None:
        raise LstmvizError("There is no vanilla RNN in this experiment", where=ref.name)
    return run.baseline


def refuse_unknown(trace: Trace, ref: ValueReference) -> None:
    """Raises LstmvizError where ``trace``, and the backward pass through it, has no such value."""
    if ref.symbol not in OUTPUTS and ref.layer not in trace.layers:
        names = ", ".join(trace.layers)
        raise LstmvizError(f"There is no layer called {ref.layer!r}", where="layer", how=f"Choose one of {names}.")
    symbols = symbols_of(trace, ref.layer)
    if ref.node not in symbols:
        how = f"There are {', '.join(symbols)}, and d before each for its gradient."
        raise LstmvizError(f"Layer {ref.layer} has no {ref.symbol!r}", where="symbol", how=how)
    first, last = _steps(trace, ref)
    if not first <= ref.t <= last:
        raise LstmvizError(f"There is no {ref.name}", where="step", how=f"Choose a step from {first} to {last}.")
    size = _size(trace, ref)
    if ref.is_length and ref.gradient:
        return
    if not 0 <= ref.unit < size:
        raise LstmvizError(f"{ref.name} has no unit {ref.unit}", where="unit", how=f"Choose one from 0 to {size - 1}.")


def is_there(run: Run, ref: ValueReference) -> bool:
    """Whether ``run`` has such a value."""
    try:
        refuse_unknown(network_run(run, ref).trace, ref)
    except LstmvizError:
        return False
    return True


def value_of(run: Run, ref: ValueReference) -> float:
    """The number. Raises LstmvizError where ``run`` has no such value."""
    network = network_run(run, ref)
    refuse_unknown(network.trace, ref)
    return value_in(network, ref)


def value_in(network: NetworkRun, ref: ValueReference) -> float:
    """The number in one network's run; ``ref`` must be there, see ``refuse_unknown``."""
    if ref.is_length:
        return length_of(vector_of(network, ref))
    return _gradient(network, ref) if ref.gradient else forward_value(network.trace, ref)


def vector_of(network: NetworkRun, ref: ValueReference) -> Array:
    """The gradient of every unit, [H], whatever the unit of ``ref``; it must be there, see ``refuse_unknown``."""
    return np.array([_gradient(network, ref.of_unit(unit)) for unit in range(_size(network.trace, ref))])


def length_of(vector: Array) -> float:
    """Its Euclidean norm; the squares of small entries do not vanish, and those of large ones do not overflow."""
    largest = float(np.abs(vector).max())
    if largest == 0 or not np.isfinite(largest):
        return largest
    return largest * float(np.linalg.norm(vector / largest))


def forward_value(trace: Trace, ref: ValueReference, sequence: int = 0) -> float:
    """The number of a forward pass; ``ref`` must be there, see ``refuse_unknown``."""
    if ref.symbol == "y":
        return float(trace.y[ref.t - 1, sequence, ref.unit])
    layer = trace[ref.layer]
    if ref.symbol == "h":
        return float(layer.h_states[_row_of_state(layer.reverse, ref.t), sequence, ref.unit])
    if ref.symbol == "c":
        assert isinstance(layer, LSTMTrace)
        return float(layer.c_states[_row_of_state(layer.reverse, ref.t), sequence, ref.unit])
    array: Array = getattr(layer, ref.symbol)
    return float(array[ref.t - 1, sequence, ref.unit])


def is_initial(trace: Trace, ref: ValueReference) -> bool:
    """Whether it belongs to the initial state, before the first step that its layer reads."""
    return ref.layer in trace.layers and ref.t == (trace.length + 1 if trace[ref.layer].reverse else 0)


def symbols_of(trace: Trace, layer: str) -> tuple[str, ...]:
    """The forward symbols of a layer; y alone for the head."""
    if layer == HEAD:
        return ("y",)
    traced = trace[layer]
    if not isinstance(traced, LSTMTrace):
        return _RNN_SYMBOLS
    return _LSTM_SYMBOLS if traced.unprojected is None else (*_LSTM_SYMBOLS[:-1], "m", "h")


def _gradient(network: NetworkRun, ref: ValueReference) -> float:
    if ref.symbol == "dy":
        return float(network.dy[ref.t - 1, 0, ref.unit])
    grads = network.gradients[ref.layer]
    if is_initial(network.trace, ref):
        initial: Array = getattr(grads, f"{ref.node}0")
        return float(initial[0, ref.unit])
    array: Array = getattr(grads, ref.node)
    return float(array[ref.t - 1, 0, ref.unit])


def _row_of_state(reverse: bool, t: int) -> int:
    """The row of ``h_states`` and ``c_states``, where a layer that reads from the end has its initial state last."""
    return t - 1 if reverse else t


def _steps(trace: Trace, ref: ValueReference) -> tuple[int, int]:
    """The first and the last step at which there is such a value."""
    reverse = ref.layer.endswith("_reverse")
    initial = ref.symbol in STATES
    return (0 if initial and not reverse else 1), (trace.length + 1 if initial and reverse else trace.length)


def _size(trace: Trace, ref: ValueReference) -> int:
    """How many units, features or outputs there are."""
    if ref.node == "y":
        return int(trace.y.shape[2])
    layer = trace[ref.layer]
    if ref.node in ("x", "h"):
        return int(getattr(layer, ref.node).shape[2])
    return layer.parameters.hidden_size
