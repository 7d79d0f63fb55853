"""The weights of a network as tables: what stands in each cell, and which weights an edited cell sets. No Qt here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import GATES, PEEPHOLES, Cell, CellParameters, Layer

WeightChange = tuple[str, tuple[int, ...], float]
"""PyTorch's name of the array, the index in it, the value."""

_TEXTBOOK_ORDER = ("f", "i", "g", "o")
_ROW_NAMES = {"f": "forget f", "i": "input i", "g": "candidate g", "o": "output o", "h": "hidden h"}


@dataclass(frozen=True, eq=False)
class WeightTable(ABC):
    """Base of all tables.

    name      what the list of tables shows; meaning: the same in plain words
    values    [rows, columns]
    rows      a label each; gates: the symbol of the quantity that each row belongs to
    editable  False for weights that follow from others
    """

    name: str
    meaning: str
    values: Array
    rows: tuple[str, ...]
    gates: tuple[str, ...]
    columns: tuple[str, ...]
    editable: bool

    @abstractmethod
    def symbol(self, row: int, column: int) -> str:
        """The weight as on paper, such as ``U_f[2,3]``."""

    @abstractmethod
    def changes(self, row: int, column: int, value: float) -> tuple[WeightChange, ...]:
        """What setting this cell to ``value`` sets."""

    def has_shape_of(self, other: WeightTable) -> bool:
        """Whether only the values may differ."""
        mine, others = (self.name, self.rows, self.columns), (other.name, other.rows, other.columns)
        return mine == others


@dataclass(frozen=True, eq=False)
class MatrixTable(WeightTable):
    """One matrix under PyTorch's name; ``letter`` is W, U or V."""

    array: str
    letter: str

    def symbol(self, row: int, column: int) -> str:
        """U_f[2,3]: gate, unit, and what is read; p_f[3] of peepholes."""
        if "[" not in self.rows[row]:
            return f"{self.rows[row]}[{column}]"
        unit = self.rows[row].partition("[")[2].rstrip("]")
        gate = f"_{self.gates[row]}" if self.gates[row] in GATES else ""
        return f"{self.letter}{gate}[{unit},{column}]"

    def changes(self, row: int, column: int, value: float) -> tuple[WeightChange, ...]:
        """That one weight."""
        return ((self.array, (row, column), value),)


@dataclass(frozen=True, eq=False)
class HeadBiasTable(WeightTable):
    """The bias of the read-out."""

    def symbol(self, row: int, column: int) -> str:
        """b_y[2]."""
        return f"b_y[{row}]"

    def changes(self, row: int, column: int, value: float) -> tuple[WeightChange, ...]:
        """That one bias."""
        return (("head.bias", (row,), value),)


@dataclass(frozen=True, eq=False)
class BiasTable(WeightTable):
    """Both biases of one direction, and their sum b, which is what counts."""

    suffix: str

    def symbol(self, row: int, column: int) -> str:
        """b_f[2], or the half of it that PyTorch calls bias_ih or bias_hh."""
        return f"{('bias_ih', 'bias_hh', 'b')[column]}_{self.rows[row]}"

    def changes(self, row: int, column: int, value: float) -> tuple[WeightChange, ...]:
        """One of the two; or both, so that their sum is ``value``."""
        name = "bias_hh" if column == 1 else "bias_ih"
        change = (f"{name}_{self.suffix}", (row,), value)
        return (change, (f"bias_hh_{self.suffix}", (row,), 0.0)) if column == 2 else (change,)


@dataclass(frozen=True, eq=False)
class ScalarTable(WeightTable):
    """A network of one unit and one input as in the textbook: w_x, w_h and b of every gate."""

    def symbol(self, row: int, column: int) -> str:
        """w_h of f."""
        return f"{self.columns[column]} of {self.gates[row]}"

    def changes(self, row: int, column: int, value: float) -> tuple[WeightChange, ...]:
        """One weight; b is put into bias_ih alone."""
        at = GATES.index(self.gates[row]) if self.gates[row] in GATES else 0
        if column < 2:
            return ((("weight_ih_l0", "weight_hh_l0")[column], (at, 0), value),)
        return (("bias_ih_l0", (at,), value), ("bias_hh_l0", (at,), 0.0))


def tables_of(network: Network, owner: str = "", *, editable: bool = True) -> tuple[WeightTable, ...]:
    """Every weight of ``network``; ``owner`` stands before the names where there is a second network."""
    tables: list[WeightTable] = []
    prefix = f"{owner}: " if owner else ""
    if _is_scalar(network):
        tables.append(_scalars(network, prefix, editable))
    below: tuple[str, ...] = tuple(f"x[{column}]" for column in range(network.input_size))
    for number, layer in enumerate(network.layers):
        for suffix, parameters in zip((f"l{number}", f"l{number}_reverse"), layer.directions, strict=False):
            tables.extend(_direction_tables(layer, parameters, suffix, below, prefix, editable))
        below = _outputs_of(layer, number)
    tables.extend(_head_tables(network, below, prefix, editable))
    return tuple(tables)


def _is_scalar(network: Network) -> bool:
    sizes = (network.hidden_size, network.input_size, len(network.layers), network.num_directions)
    return sizes == (1, 1, 1, 1) and network.plain


def _outputs_of(layer: Layer, number: int) -> tuple[str, ...]:
    """What the layer above, or the head, reads."""
    suffixes = ("", "_reverse")[: len(layer.directions)]
    return tuple(f"h_l{number}{suffix}[{unit}]" for suffix in suffixes for unit in range(layer.h_size))


def _scalars(network: Network, prefix: str, editable: bool) -> ScalarTable:
    parameters = network.layers[0].directions[0]
    is_lstm = network.cell is Cell.LSTM
    order = [GATES.index(gate) for gate in _TEXTBOOK_ORDER] if is_lstm else [0]
    gates = _TEXTBOOK_ORDER if is_lstm else ("h",)
    has_bias = parameters.bias_ih is not None
    values = [parameters.weight_ih[order, 0], parameters.weight_hh[order, 0]]
    values += [parameters.bias[order]] if has_bias else []
    return ScalarTable(
        name=f"{prefix}all scalars",
        meaning="one unit, one input: each gate has w_x for x[t], w_h for h[t−1], and b",
        values=np.stack(values, axis=1),
        rows=tuple(_ROW_NAMES[gate] for gate in gates),
        gates=gates,
        columns=("w_x", "w_h", "b") if has_bias else ("w_x", "w_h"),
        editable=editable,
    )


def _direction_tables(
    layer: Layer, parameters: CellParameters, suffix: str, below: tuple[str, ...], prefix: str, editable: bool
) -> Iterator[WeightTable]:
    gates = GATES if layer.cell is Cell.LSTM else ("h",)
    row_gates = tuple(gate for gate in gates for _ in range(layer.hidden_size))
    rows = tuple(f"{gate}[{unit}]" for gate in gates for unit in range(layer.hidden_size))
    units = tuple(f"h[{unit}]" for unit in range(layer.h_size))
    reads = "x[t]" if suffix.startswith("l0") else "h[t] of the layer below"
    before = "h[t+1]" if suffix.endswith("_reverse") else "h[t−1]"
    for array, letter, meaning, columns in (
        ("weight_ih", "W", f"W, reads {reads}", below),
        ("weight_hh", "U", f"U, reads {before}", units),
    ):
        name = f"{array}_{suffix}"
        values = getattr(parameters, array)
        yield MatrixTable(prefix + name, meaning, values, rows, row_gates, columns, editable, name, letter)
    if parameters.bias_ih is not None and parameters.bias_hh is not None:
        values = np.stack([parameters.bias_ih, parameters.bias_hh, parameters.bias], axis=1)
        name = f"{prefix}bias_ih_{suffix} + bias_hh_{suffix}"
        columns = ("bias_ih", "bias_hh", "b, their sum")
        meaning = "b, added in every gate" if layer.cell is Cell.LSTM else "b, added to W x + U h"
        yield BiasTable(name, meaning, values, rows, row_gates, columns, editable, suffix)
    of_units = tuple(f"unit {unit}" for unit in range(layer.hidden_size))
    if parameters.weight_hr is not None:
        name, meaning = f"weight_hr_{suffix}", "W_hr, the projection: h = W_hr × m, with m = o × tanh(c)"
        values, of_h = parameters.weight_hr, ("h",) * layer.h_size
        yield MatrixTable(prefix + name, meaning, values, units, of_h, of_units, editable, name, "W_hr")
    if parameters.peepholes is not None:
        name, meaning = f"peepholes_{suffix}", "p, what each gate sees of its unit’s memory: p × c"
        rows = tuple(f"p_{gate}" for gate in PEEPHOLES)
        yield MatrixTable(prefix + name, meaning, parameters.peepholes, rows, PEEPHOLES, of_units, editable, name, "p")


def _head_tables(network: Network, below: tuple[str, ...], prefix: str, editable: bool) -> Iterator[WeightTable]:
    if network.head is None:
        return
    rows = tuple(f"y[{output}]" for output in range(network.output_size))
    gates = ("y",) * len(rows)
    weight, bias = network.head.weight, network.head.bias[:, None]
    meaning = "V, the read-out of h[t]"
    yield MatrixTable(f"{prefix}head.weight", meaning, weight, rows, gates, below, editable, "head.weight", "V")
    yield HeadBiasTable(f"{prefix}head.bias", "b_y, added to the read-out", bias, rows, gates, ("b_y",), editable)
