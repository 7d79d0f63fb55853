"""What a value is and what the symbols of its explanation mean, for people."""

from __future__ import annotations

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.engine.trace import LSTMTrace
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.quantity import Quantity
from lstmviz.core.run import Run
from lstmviz.core.text import number, significant
from lstmviz.core.value_reference import ValueReference, name_of, network_run, value_of

_MEANINGS = (
    {quantity.symbol: f"{quantity.title}: {quantity.meaning}" for quantity in Quantity}
    | {
        "tanh_c": "the memory, squeezed into −1 to 1 before it is shown",
        "m": "what the cell shows of its memory, before the projection mixes it into the hidden state",
        "y": "output: what the loss looks at",
        "z": "weighted sum of the input and the last output, before the nonlinearity",
    }
    | {
        f"z_{gate.symbol}": f"weighted sum before the curve of the {gate.title}"
        for gate in (Quantity.FORGET_GATE, Quantity.INPUT_GATE, Quantity.CANDIDATE, Quantity.OUTPUT_GATE)
    }
)

_GRADIENTS = (
    "dh, dc, dz stand for dL/dh, dL/dc, dL/dz: how much the loss L would change. They are total derivatives, "
    "by backpropagation through time. U_kᵀ dz_k is what gate k sends back through its recurrent weights."
)
_LENGTH = (
    "‖ ‖ is the length: the square root of the sum of squares. A unit’s share is its gradient divided by the length. "
    "Share times gradient is what the unit adds; together they make up the length."
)
_SUM = "z is the weighted sum: W weighs the input x, U the last output h, b is the bias."
_GATE = (
    "z is the weighted sum before the gate’s curve: a weight times the input x, a weight times the last "
    "output h, and a bias. sigmoid squeezes z into 0 to 1, tanh into −1 to 1."
)
_MEMORY = "c is the memory, f the forget gate, i the input gate, g the candidate."
_SHOWN = "h is what the cell shows, o the output gate, c the memory."
_PROJECTED = (
    "m = o × tanh(c) is what each unit shows of its memory. The projection W_hr mixes all of them into the numbers "
    "of h, which is what the cell shows."
)


def meaning_of(ref: ValueReference) -> str:
    """What kind of number it is, in a sentence."""
    if ref.is_length:
        entries = ref.of_unit(0).name
        return f"the length of the gradient {entries}: one number for what all units together feel of the loss L"
    if ref.gradient:
        return f"how much the loss L would change with {ref.name[1:]}: dL/d{ref.name[1:]}, by every path"
    return _MEANINGS[ref.symbol]


def value_in_words(run: Run, ref: ValueReference) -> str:
    """The value with its whole name: ``f[3] of unit 2 = 0.975378``."""
    value = value_of(run, ref)
    return f"{name_of(ref, run)} = {significant(value, 6) if ref.gradient else number(value, digits=6)}"


def symbols_at_stage(run: Run, cursor: Cursor) -> str:
    """What the symbols in the explanation of a stage mean."""
    if cursor.backward:
        return _GRADIENTS
    if not isinstance(run.trace[cursor.layer], LSTMTrace):
        return _SUM
    if cursor.stage is Stage.READ:
        return "x is the input, h the cell’s last output. Each gate weighs both in its own way."
    if cursor.stage is Stage.CELL:
        return _MEMORY
    return _shown(run, cursor.layer) if cursor.stage is Stage.HIDDEN else _GATE


def symbols_of_value(run: Run, ref: ValueReference) -> str:
    """What the symbols in the explanation of a value mean."""
    if ref.is_length:
        return _LENGTH
    if ref.gradient and ref.symbol != "dy":
        return _GRADIENTS
    if ref.symbol in ("h", "m"):
        return _shown(run, ref.layer) if network_run(run, ref).network.cell is Cell.LSTM else _SUM
    return _SYMBOLS.get(ref.symbol, _GATE)


def _shown(run: Run, layer: str) -> str:
    return _SHOWN if run.trace[layer].parameters.weight_hr is None else _PROJECTED


_SYMBOLS = {
    "dy": "y is the output, L the loss. Every gradient begins here.",
    "x": "",
    "y": "W_y and b_y are the weights of the output layer, h is what the top layer shows.",
    "z": _SUM,
    "c": _MEMORY,
    "tanh_c": _MEMORY,
}
