"""A recurrent network as a frozen value: layers of one or two directions, and an optional linear head."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lstmviz.core.arrays import Array, ValueEquality, frozen
from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.initialisation import Initialisation, draw_head, draw_layer
from lstmviz.core.networks.memory import refuse_impossible_sizes
from lstmviz.core.networks.parameters import (
    PARAMETER_NAMES,
    Cell,
    CellParameters,
    Coupling,
    Head,
    Layer,
    Nonlinearity,
)


@dataclass(frozen=True, eq=False)
class Network(ValueEquality):
    """Stacked recurrent layers and an optional linear head. Frozen; arrays are read-only."""

    layers: tuple[Layer, ...]
    head: Head | None = None

    @property
    def cell(self) -> Cell:
        """The kind of cell of every layer."""
        return self.layers[0].cell

    @property
    def input_size(self) -> int:
        """I, the number of features a step."""
        return self.layers[0].input_size

    @property
    def hidden_size(self) -> int:
        """H, units a layer and direction; of layers of different sizes the largest."""
        return max(layer.hidden_size for layer in self.layers)

    @property
    def h_size(self) -> int:
        """The width of h[t], H or with a projection P; of layers of different widths the largest."""
        return max(layer.h_size for layer in self.layers)

    @property
    def plain(self) -> bool:
        """Whether every layer has the plain equations: no projection, no peepholes, no coupled gates."""
        return all(layer.plain for layer in self.layers)

    @property
    def num_directions(self) -> int:
        """1, or 2 for a bidirectional network."""
        return len(self.layers[0].directions)

    @property
    def bidirectional(self) -> bool:
        """Whether every layer also reads the sequence from its end."""
        return self.num_directions == 2

    def own_parts_in_words(self) -> tuple[str, ...]:
        """What makes it other than a plain stack of layers of one size, a few words each; empty for a plain one."""
        found = []
        sizes = [layer.hidden_size for layer in self.layers]
        if len(set(sizes)) > 1:
            found.append(f"{' → '.join(f'{size:,}' for size in sizes)} units")
        parameters = [each for _, _, each in self.directions()]
        if any(each.weight_hr is not None for each in parameters):
            widths = list(
                dict.fromkeys(layer.h_size for layer in self.layers if layer.directions[0].weight_hr is not None)
            )
            found.append(f"h projected to {', '.join(f'{width:,}' for width in widths)}")
        if any(each.peepholes is not None for each in parameters):
            found.append("peepholes")
        if self.layers[0].coupled:
            found.append(f"coupled gates {self.layers[0].coupled.value}")
        return tuple(found)

    @property
    def output_size(self) -> int:
        """The width of y[t]: the head's, or that of the top layer's h[t]."""
        return int(self.head.weight.shape[0]) if self.head else self.layers[-1].output_size

    @property
    def dtype(self) -> np.dtype[Any]:
        """float64 or float32."""
        return self.layers[0].directions[0].weight_ih.dtype

    @property
    def num_parameters(self) -> int:
        """How many scalar weights there are in all."""
        return sum(array.size for array in self.state_dict().values())

    def directions(self) -> Iterator[tuple[str, Layer, CellParameters]]:
        """(name, layer, parameters) of every layer and direction: ``l0``, ``l0_reverse``, ``l1`` ..."""
        for number, layer in enumerate(self.layers):
            for parameters, suffix in zip(layer.directions, ("", "_reverse"), strict=False):
                yield f"l{number}{suffix}", layer, parameters

    def state_dict(self) -> dict[str, Array]:
        """Every weight under its PyTorch name, such as ``weight_hh_l0``; the head as ``head.weight``, ``head.bias``.

        Peepholes, which PyTorch does not have, are ``peepholes_l0`` [3, H]. That gates are coupled is in no weight.
        """
        arrays = {
            f"{name}_{layer_name}": array
            for layer_name, _, parameters in self.directions()
            for name, array in parameters.named()
        }
        if self.head:
            arrays |= {"head.weight": self.head.weight, "head.bias": self.head.bias}
        return arrays

    def with_parameters(self, changes: Mapping[str, Array]) -> Network:
        """The same network with some weights replaced, by PyTorch name.

        Raises LstmvizError for a name the network does not have or an array of another shape.
        """
        arrays = self.state_dict()
        for name, array in changes.items():
            if name not in arrays:
                raise LstmvizError(f"There is no weight called {name}", how=f"There are: {', '.join(arrays)}.")
            if np.shape(array) != arrays[name].shape:
                raise LstmvizError(
                    f"The shape {list(np.shape(array))} does not fit",
                    where=name,
                    how=f"It must be {list(arrays[name].shape)}.",
                )
        return self._rebuilt(arrays | dict(changes))

    @staticmethod
    def create(
        cell: str | Cell,
        input_size: int,
        hidden_size: int,
        *,
        num_layers: int = 1,
        bidirectional: bool = False,
        output_size: int = 0,
        nonlinearity: str | Nonlinearity = Nonlinearity.TANH,
        initialisation: str | Initialisation = Initialisation.UNIFORM,
        seed: int = 0,
        forget_bias: float | None = 1.0,
        recurrent_scale: float = 1.0,
        dtype: Any = np.float64,
    ) -> Network:
        """A network with random weights, the same ones for the same arguments.

        output_size      width of the linear head; 0 for none, then y[t] = h[t] of the top layer
        forget_bias      b_f = bias_ih + bias_hh of every forget gate; None leaves it as drawn
        recurrent_scale  factor on every weight_hh

        Raises LstmvizError for sizes below 1, or too large for the memory (see ``memory.py``).
        """
        cell, nonlinearity = Cell(cell), Nonlinearity(nonlinearity)
        initialisation = Initialisation(initialisation)
        refuse_impossible_sizes(cell, input_size, hidden_size, num_layers, bidirectional)
        random = np.random.default_rng(seed)
        layers = []
        width = input_size
        for _ in range(num_layers):
            directions = tuple(
                draw_layer(random, cell, width, hidden_size, initialisation) for _ in range(2 if bidirectional else 1)
            )
            layers.append(Layer(cell, directions, nonlinearity))
            width = layers[-1].output_size
        head = draw_head(random, width, output_size) if output_size else None
        network = Network(tuple(layers), head).adjusted(forget_bias, recurrent_scale)
        return network if network.dtype == dtype else network.astype(dtype)

    def adjusted(self, forget_bias: float | None, recurrent_scale: float) -> Network:
        """The same network with every b_f = ``forget_bias`` (None: as it is) and every weight_hh scaled."""
        if self.cell is not Cell.LSTM:
            forget_bias = None
        layers = tuple(
            replace(layer, directions=tuple(p.adjusted(forget_bias, recurrent_scale) for p in layer.directions))
            for layer in self.layers
        )
        return replace(self, layers=layers)

    def astype(self, dtype: Any) -> Network:
        """The same network with every weight as ``dtype`` (float64 or float32)."""
        return self._rebuilt(self.state_dict(), dtype)

    def _rebuilt(self, arrays: Mapping[str, Array], dtype: Any = None) -> Network:
        """A network of these weights with what no weight tells."""
        layer = self.layers[0]
        return Network.from_state_dict(arrays, nonlinearity=layer.nonlinearity, coupled=layer.coupled, dtype=dtype)

    @staticmethod
    def from_state_dict(
        arrays: Mapping[str, Any],
        *,
        nonlinearity: str | Nonlinearity = Nonlinearity.TANH,
        coupled: Coupling | None = None,
        dtype: Any = None,
    ) -> Network:
        """A network from PyTorch's names and shapes: 4H rows make an LSTM, H rows an RNN.

        ``weight_hr_l0`` makes a projection, ``peepholes_l0`` [3, H] (rows p_i, p_f, p_o) peepholes. Layers may have
        different sizes. A state dict does not tell ``nonlinearity``, which is an RNN's, and ``coupled``, whether in
        every layer of an LSTM one gate is 1 minus another. float32 arrays stay float32 unless ``dtype`` says
        otherwise. Raises LstmvizError naming key and shape.
        """
        dtype = np.result_type(*map(np.asarray, arrays.values())) if dtype is None and arrays else dtype
        if dtype is None or np.dtype(dtype) not in (np.float32, np.float64):
            dtype = np.float64
        given = {name: frozen(array, dtype) for name, array in arrays.items()}
        head = _head_of(given)
        suffixes = _direction_suffixes(given)
        layers: list[Layer] = []
        for number_suffixes in suffixes:
            directions = tuple(_cell_parameters(given, suffix) for suffix in number_suffixes)
            layer = _layer_of(directions, number_suffixes[0], Nonlinearity(nonlinearity))
            layers.append(replace(layer, coupled=coupled))
        _refuse_misfits(layers, head)
        return Network(tuple(layers), head)


_NAME = re.compile(rf"({'|'.join(PARAMETER_NAMES)})_(l(\d+)(_reverse)?)")
_HEAD_NAMES = ("head.weight", "head.bias")


def _direction_suffixes(arrays: Mapping[str, Array]) -> list[list[str]]:
    """For each layer the suffixes of its directions, such as ``["l0", "l0_reverse"]``; checks every name."""
    found: dict[int, set[str]] = {}
    for name in arrays:
        match = _NAME.fullmatch(name)
        if match:
            found.setdefault(int(match[3]), set()).add(match[2])
        elif name not in _HEAD_NAMES:
            raise LstmvizError(
                "This is not the name of a recurrent weight",
                where=name,
                how="Names are PyTorch's: weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, weight_hr_l0, "
                "with _reverse for the second direction; and peepholes_l0.",
            )
    if sorted(found) != list(range(len(found))) or not found:
        raise LstmvizError(
            "The layers are not numbered from 0 without a gap",
            where=", ".join(arrays) or "an empty state dict",
            how="The first layer is weight_ih_l0, the next weight_ih_l1.",
        )
    return [sorted(found[number]) for number in range(len(found))]


def _cell_parameters(arrays: Mapping[str, Array], suffix: str) -> CellParameters:
    """The weights of one direction, checked for presence and shape."""
    weights = {name: arrays.get(f"{name}_{suffix}") for name in PARAMETER_NAMES}
    weight_ih, weight_hh = weights["weight_ih"], weights["weight_hh"]
    for name in ("weight_ih", "weight_hh"):
        array = weights[name]
        if array is None:
            raise LstmvizError("A weight is missing", where=f"{name}_{suffix}", how="Every direction needs it.")
        if array.ndim != 2 or 0 in array.shape:
            raise LstmvizError(
                f"The shape {list(array.shape)} is not a matrix of weights",
                where=f"{name}_{suffix}",
                how="It must be [rows, columns], both at least 1.",
            )
    assert weight_ih is not None
    assert weight_hh is not None
    rows = weight_ih.shape[0]
    if weight_hh.shape[0] != rows:
        raise LstmvizError(
            f"{rows} rows of weight_ih and {weight_hh.shape[0]} rows of weight_hh do not go together",
            where=f"weight_hh_{suffix}",
            how="Both must have 4H rows (LSTM) or H rows (RNN).",
        )
    if (weights["bias_ih"] is None) != (weights["bias_hh"] is None):
        raise LstmvizError("One of two biases is missing", where=suffix, how="Give both, or neither.")
    for name in ("bias_ih", "bias_hh"):
        array = weights[name]
        if array is not None and array.shape != (rows,):
            raise LstmvizError(
                f"The shape {list(array.shape)} does not fit", where=f"{name}_{suffix}", how=f"It must be [{rows}]."
            )
    parameters = CellParameters(weight_ih, weight_hh, *(weights[name] for name in PARAMETER_NAMES[2:]))
    _refuse_misfitting_extras(parameters, suffix)
    return parameters


def _refuse_misfitting_extras(parameters: CellParameters, suffix: str) -> None:
    """Raises LstmvizError for a projection or peepholes of the wrong shape, and for those of a vanilla RNN."""
    weight_hr, peepholes = parameters.weight_hr, parameters.peepholes
    if weight_hr is not None and (
        weight_hr.ndim != 2 or 0 in weight_hr.shape or weight_hr.shape[0] != parameters.weight_hh.shape[1]
    ):
        raise LstmvizError(
            f"The shape {list(weight_hr.shape)} does not fit",
            where=f"weight_hr_{suffix}",
            how=f"It must be [{parameters.weight_hh.shape[1]}, H], as weight_hh has so many columns.",
        )
    if peepholes is not None and peepholes.shape != (3, parameters.hidden_size):
        raise LstmvizError(
            f"The shape {list(peepholes.shape)} does not fit",
            where=f"peepholes_{suffix}",
            how=f"It must be [3, {parameters.hidden_size}], with rows p_i, p_f, p_o.",
        )


def _layer_of(directions: tuple[CellParameters, ...], suffix: str, nonlinearity: Nonlinearity) -> Layer:
    """The layer whose cell the number of rows tells."""
    rows, hidden_size = directions[0].weight_hh.shape[0], directions[0].hidden_size
    cells = {cell.blocks * hidden_size: cell for cell in Cell}
    if rows == 3 * hidden_size:
        raise LstmvizError(
            f"3H = {rows} rows: this is a GRU", where=f"weight_hh_{suffix}", how="LSTMs and vanilla RNNs can be opened."
        )
    if rows not in cells:
        raise LstmvizError(
            f"{rows} rows do not fit H = {hidden_size}",
            where=f"weight_hh_{suffix}",
            how=f"An LSTM has 4H = {4 * hidden_size} rows, a vanilla RNN H = {hidden_size}.",
        )
    if cells[rows] is Cell.RNN and any(p.weight_hr is not None or p.peepholes is not None for p in directions):
        raise LstmvizError(
            "A vanilla RNN has no projection and no peepholes", where=f"weight_hh_{suffix}", how="Leave them out."
        )
    return Layer(cells[rows], directions, nonlinearity)


def _head_of(arrays: Mapping[str, Array]) -> Head | None:
    """The linear head, where the state dict has one."""
    weight, bias = (arrays.get(name) for name in _HEAD_NAMES)
    if weight is None and bias is None:
        return None
    if weight is None or weight.ndim != 2:
        raise LstmvizError("The head needs a matrix of weights", where="head.weight", how="Its shape is [outputs, H].")
    if bias is None:
        bias = frozen(np.zeros(weight.shape[0], weight.dtype))
    if bias.shape != weight.shape[:1]:
        raise LstmvizError(
            f"The shape {list(bias.shape)} does not fit", where="head.bias", how=f"It must be [{weight.shape[0]}]."
        )
    return Head(weight, bias)


def _refuse_misfits(layers: list[Layer], head: Head | None) -> None:
    """Raises LstmvizError where neighbouring layers, directions or the head do not fit together."""
    width = layers[0].input_size
    for number, layer in enumerate(layers):
        if layer.coupled and layer.cell is not Cell.LSTM:
            raise LstmvizError("A vanilla RNN has no gates to couple", where="coupled", how="Leave it out.")
        rows = layer.cell.blocks * layer.hidden_size
        wanted = ((rows, width), (rows, layer.h_size))
        for parameters in layer.directions:
            got = (parameters.weight_ih.shape, parameters.weight_hh.shape)
            alike = parameters.hidden_size == layer.hidden_size
            alike &= layer.cell is layers[0].cell and len(layer.directions) == len(layers[0].directions)
            if got != wanted or not alike:
                raise LstmvizError(
                    f"Layer {number} has weight_ih {list(got[0])} and weight_hh {list(got[1])}",
                    where=f"layer l{number}",
                    how=f"To fit the layer below it needs {list(wanted[0])} and {list(wanted[1])} in every direction, "
                    "and every layer the same cell and directions.",
                )
        width = layer.output_size
    if head and head.weight.shape[1] != width:
        raise LstmvizError(
            f"The head reads {head.weight.shape[1]} values, the top layer gives {width}",
            where="head.weight",
            how=f"Its shape must be [outputs, {width}].",
        )
