"""LSTM, RNN and GRU nodes of ONNX as candidates. The blocks of an LSTM are in the order i, o, f, c there."""

from __future__ import annotations

from typing import Any

import numpy as np

from lstmviz.core.arrays import Array, frozen
from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.parameters import Nonlinearity
from lstmviz.io.models.arrays import FileArray, as_floats
from lstmviz.io.models.limits import DAMAGED
from lstmviz.io.models.model_file import Candidate, DirectionWeights, Kind
from lstmviz.io.models.onnx_graph import OnnxGraph

KINDS = {"LSTM": Kind.LSTM, "RNN": Kind.RNN, "GRU": Kind.GRU}

_ORDERS = {Kind.LSTM: "i, o, f, c", Kind.RNN: "one block, no gates", Kind.GRU: "z, r, h"}
_BLOCKS = {Kind.LSTM: (0, 2, 3, 1), Kind.RNN: (0,), Kind.GRU: (0, 1, 2)}
"""Where i, f, g, o are among the blocks of the file."""

_PEEPHOLES = (0, 2, 1)
"""Where p_i, p_f, p_o are among i, o, f."""

_PHI = {"tanh": Nonlinearity.TANH, "relu": Nonlinearity.RELU}
_DEFAULTS = {Kind.LSTM: ["Sigmoid", "Tanh", "Tanh"], Kind.RNN: ["Tanh"], Kind.GRU: ["Sigmoid", "Tanh"]}
_DIRECTIONS = {"forward": 1, "reverse": 1, "bidirectional": 2}
_INPUTS = ("X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P")


def node_name(node: Any) -> str:
    """What a node is called; its first output where it has no name."""
    return str(node.name) or next(filter(None, node.output), node.op_type)


def candidate_of_node(graph: OnnxGraph, node: Any) -> Candidate:
    """One recurrent node as a candidate. Raises LstmvizError for weights that are not in the file or misfit."""
    kind, name = KINDS[node.op_type], node_name(node)
    inputs: dict[str, str] = {slot: given for slot, given in zip(_INPUTS, node.input, strict=False) if given}
    direction = graph.attribute(node, "direction", "forward")
    if direction not in _DIRECTIONS:
        raise LstmvizError(f"The direction {ascii(direction)[:40]} is not known", where=name, how=DAMAGED)
    arrays: dict[str, FileArray] = {
        slot: _weights(graph, inputs, slot, name) for slot in ("W", "R", "B", "P") if slot in inputs
    }
    layer = _layer(kind, arrays, _DIRECTIONS[direction], name)
    no_names: list[str] = []
    phi, unusual = _functions(kind, graph.attribute(node, "activations", no_names), len(layer))
    if clip := graph.attribute(node, "clip", 0.0):
        unusual += (f"a clip at {clip:g} before the functions",)
    return Candidate(
        name=name,
        kind=kind,
        layers=(layer,),
        gate_order=_ORDERS[kind],
        gate_reason=f"the node is ONNX's {node.op_type}, whose order is fixed",
        biases="two halves, which are added" if "B" in arrays else "none",
        nonlinearity=phi,
        coupled=kind is Kind.LSTM and graph.attribute(node, "input_forget", 0) != 0,
        reads_backwards=direction == "reverse",
        unusual=unusual,
        notes=_notes(graph, inputs),
    )


def _weights(graph: OnnxGraph, inputs: dict[str, str], slot: str, name: str) -> FileArray:
    array = graph.constant(inputs[slot])
    if array is None:
        producer = graph.producer(inputs[slot])
        source = f"comes out of {producer.op_type}" if producer is not None else "is an input of the model"
        raise LstmvizError(
            f"The weights {slot} are not in the file: {ascii(inputs[slot])[1:-1][:60]} {source}",
            where=name,
            how="Export the model with its weights as initialisers, and not quantised.",
        )
    return array


def _layer(kind: Kind, arrays: dict[str, FileArray], directions: int, name: str) -> tuple[DirectionWeights, ...]:
    """The weights of each direction in PyTorch's order. Raises LstmvizError for shapes that misfit."""
    if not {"W", "R"} <= set(arrays):
        raise LstmvizError("The weights W or R are missing", where=name, how=DAMAGED)
    recurrent = arrays["R"]
    units = recurrent.shape[2] if recurrent.ndim == 3 else 0
    rows = kind.blocks * units
    inputs = arrays["W"].shape[2] if arrays["W"].ndim == 3 else 0
    wanted = {
        "W": (directions, rows, inputs),
        "R": (directions, rows, units),
        "B": (directions, 2 * rows),
        "P": (directions, 3 * units),
    }
    for slot, array in arrays.items():
        if array.shape != wanted[slot] or not array.size:
            raise LstmvizError(
                f"{slot} has the shape {list(array.shape)}", where=name, how=f"It must be {list(wanted[slot])}."
            )
    floats = {slot: as_floats(array, f"{name}, {slot}") for slot, array in arrays.items()}
    return tuple(
        _direction(kind, {slot: array[number] for slot, array in floats.items()}) for number in range(directions)
    )


def _direction(kind: Kind, arrays: dict[str, Array]) -> DirectionWeights:
    biases: list[Array | None] = [None, None]
    if "B" in arrays:
        biases = [_reordered(half, _BLOCKS[kind]) for half in np.split(arrays["B"], 2)]
    return DirectionWeights(
        _reordered(arrays["W"], _BLOCKS[kind]),
        _reordered(arrays["R"], _BLOCKS[kind]),
        bias_ih=biases[0],
        bias_hh=biases[1],
        peepholes=_reordered(arrays["P"], _PEEPHOLES).reshape(3, -1) if "P" in arrays else None,
    )


def _reordered(stacked: Array, order: tuple[int, ...]) -> Array:
    blocks = np.split(stacked, len(order))
    return frozen(np.concatenate([blocks[number] for number in order]))


def _functions(kind: Kind, activations: list[str], directions: int) -> tuple[Nonlinearity, tuple[str, ...]]:
    """phi of an RNN, and the functions that the engine does not have."""
    wanted = [name.lower() for name in _DEFAULTS[kind] * directions]
    given = [name.lower() for name in activations] or wanted
    if kind is Kind.RNN and len(set(given)) == 1 and given[0] in _PHI:
        return _PHI[given[0]], ()
    if given == wanted:
        return Nonlinearity.TANH, ()
    return Nonlinearity.TANH, (f"the activations {', '.join(activations)[:80]}",)


def _notes(graph: OnnxGraph, inputs: dict[str, str]) -> tuple[str, ...]:
    notes = []
    for slot, symbol in (("initial_h", "h"), ("initial_c", "c")):
        value = graph.constant(inputs[slot]) if slot in inputs else None
        if value is not None and np.any(np.asarray(value) != np.zeros((), value.dtype)):
            notes.append(f"The file has its own initial state {symbol}; here sequences start from zeros.")
    return tuple(notes)
