"""What-ifs: changes of a run that the user tries out, each of which can be switched off again.

Every change is a frozen value of plain fields. Steps and ``t`` count from 1, units, layers and features from 0; layers
go by the name of layer and direction, such as ``l0`` or ``l1_reverse``. What a change does is in ``intervention.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from lstmviz.core.text import MINUS

CLAMPED = ("i", "f", "g", "o", "c", "h")
"""The nodes of a step that can be clamped, in the order of computation; of a vanilla RNN ``h`` alone."""


@dataclass(frozen=True)
class Clamp:
    """A node of a unit held at ``value`` from step ``first`` to step ``last``, both included.

    Setting c or h at one step is a clamp with ``first`` = ``last``. A ``last`` beyond the end means to the end.

    symbol  one of CLAMPED
    unit    None for every unit
    """

    symbol: str
    layer: str
    unit: int | None
    first: int
    last: int
    value: float

    def in_words(self) -> str:
        """``clamp f[2] = 1, steps 3-8``."""
        verb, steps = "clamp", f"steps {self.first}-{self.last}"
        if self.first == self.last:
            verb, steps = "set", f"step {self.first}"
        node = f"every {self.symbol}" if self.unit is None else f"{self.symbol}[{self.unit}]"
        return f"{verb} {node}{_of(self.layer)} = {_plain(self.value)}, {steps}"


@dataclass(frozen=True)
class Silence:
    """h of one unit is 0 at every step: nobody hears it, its own later steps neither."""

    layer: str
    unit: int

    def in_words(self) -> str:
        """``silence unit 2``."""
        return f"silence unit {self.unit}{_of(self.layer)}"


@dataclass(frozen=True)
class SetInput:
    """Feature number ``feature`` of x[t] is ``value``."""

    t: int
    feature: int
    value: float

    def in_words(self) -> str:
        """``set x[3] = 0.5``."""
        place = f"[{self.feature}]" if self.feature else ""
        return f"set x[{self.t}]{place} = {_plain(self.value)}"


@dataclass(frozen=True)
class SetStep:
    """All of the input x[t] is another.

    values  one number a feature
    token   what that is the input of, for people; empty where it is none
    """

    t: int
    values: tuple[float, ...]
    token: str = ""

    def in_words(self) -> str:
        """``set step 3: feature 2 is 1, the others 0`` for a character, else ``set step 3: x = 0.5, −1``."""
        return f"set step {self.t}: {_token(self.token) or _input(self.values)}"


@dataclass(frozen=True)
class SwapSteps:
    """The inputs of two steps change places."""

    t: int
    other: int

    def in_words(self) -> str:
        """``swap steps 3 and 5``."""
        return f"swap steps {self.t} and {self.other}"


@dataclass(frozen=True)
class InsertStep:
    """A new step that becomes step ``t``; what stood there and after it comes one later. T + 1 adds it at the end.

    values  one number a feature
    token   what that is the input of, for people; empty where it is none
    """

    t: int
    values: tuple[float, ...]
    token: str = ""

    def in_words(self) -> str:
        """``insert step 3: feature 2 is 1, the others 0`` for a character, else ``insert step 3: x = 0.5, −1``."""
        return f"insert step {self.t}: {_token(self.token) or _input(self.values)}"


@dataclass(frozen=True)
class DeleteStep:
    """Step ``t`` is left out; what comes after it comes one earlier."""

    t: int

    def in_words(self) -> str:
        """``delete step 3``."""
        return f"delete step {self.t}"


@dataclass(frozen=True)
class SetWeight:
    """One weight is ``value``; ``name`` is PyTorch's, such as ``weight_hh_l0``, or ``head.bias``."""

    name: str
    index: tuple[int, ...]
    value: float

    def in_words(self) -> str:
        """``set weight_hh_l0[3, 0] = 0.5``."""
        return f"set {self.name}[{', '.join(map(str, self.index))}] = {_plain(self.value)}"


@dataclass(frozen=True)
class ScaleWeight:
    """Every entry of a weight is multiplied by ``factor``.

    gate  i, f, g or o: the rows of that gate of an LSTM alone; None for all rows
    """

    name: str
    factor: float
    gate: str | None = None

    def in_words(self) -> str:
        """``scale weight_hh_l0 by 2, rows of f``."""
        rows = f", rows of {self.gate}" if self.gate else ""
        return f"scale {self.name} by {_plain(self.factor)}{rows}"


class Variant(Enum):
    """The LSTM without one of its parts, as in Greff et al., "LSTM: A Search Space Odyssey" (2017).

    The value is its name on screen. The peepholes of that study are a change of their own.
    """

    NO_INPUT_GATE = "no input gate, i = 1"
    NO_FORGET_GATE = "no forget gate, f = 1"
    NO_OUTPUT_GATE = "no output gate, o = 1"
    NO_INPUT_ACTIVATION = "no input activation, g = z_g"
    NO_OUTPUT_ACTIVATION = "no output activation, h = o c"
    COUPLED_GATES = "coupled gates, i = 1 − f"


@dataclass(frozen=True)
class UseVariant:
    """LSTM layers are built in another way.

    layer  None for every layer and direction
    """

    variant: Variant
    layer: str | None = None

    def in_words(self) -> str:
        """``no input gate, i = 1``."""
        return f"{self.variant.value}{_in(self.layer)}"


PeepholeWeights = float | tuple[float, ...]
"""One number for all units, or a number for each."""


@dataclass(frozen=True)
class Peepholes:
    """The gates see the cell state of their own unit: p_i c[t-1] is added to z_i, p_f c[t-1] to z_f, p_o c[t] to z_o.

    Gers and Schmidhuber, "Recurrent nets that time and count" (2000), with diagonal weights.

    layer  None for every layer and direction
    """

    i: PeepholeWeights
    f: PeepholeWeights
    o: PeepholeWeights
    layer: str | None = None

    def in_words(self) -> str:
        """``peepholes p_i = 1, p_f = 1, p_o = 1``."""
        weights = f"p_i = {_several(self.i)}, p_f = {_several(self.f)}, p_o = {_several(self.o)}"
        return f"peepholes {weights}{_in(self.layer)}"


@dataclass(frozen=True)
class MemoryBlocks:
    """Units in blocks of ``size`` cells under shared gates, as in Hochreiter and Schmidhuber (1997).

    All units of a block use the input, forget and output gate of its first unit (write, reset and read gate); each
    keeps its own candidate. The rows of the weights are tied, and the gradients are those of the rows as they are.

    layer  None for every layer and direction
    """

    size: int
    layer: str | None = None

    def in_words(self) -> str:
        """``memory blocks of 4 cells``."""
        return f"memory blocks of {self.size} cell{'' if self.size == 1 else 's'}{_in(self.layer)}"


Change = (
    Clamp
    | Silence
    | SetInput
    | SetStep
    | SwapSteps
    | InsertStep
    | DeleteStep
    | SetWeight
    | ScaleWeight
    | UseVariant
    | Peepholes
    | MemoryBlocks
)

CHANGES: tuple[type[Change], ...] = (
    Clamp,
    Silence,
    SetInput,
    SetStep,
    SwapSteps,
    InsertStep,
    DeleteStep,
    SetWeight,
    ScaleWeight,
    UseVariant,
    Peepholes,
    MemoryBlocks,
)
"""Every kind of change."""


@dataclass(frozen=True)
class WhatIf:
    """One change in the list of what-ifs; one that is not ``enabled`` does nothing.

    They are made in the order of the list. Steps and T are those of the sequence that earlier changes of the list
    have left; a clamp's are those of the sequence that is read in the end, wherever it stands in the list.
    """

    change: Change
    enabled: bool = True

    def in_words(self) -> str:
        """The change in words."""
        return self.change.in_words()


def _of(layer: str) -> str:
    """The first layer goes without saying."""
    return "" if layer == "l0" else f" of {layer}"


def _in(layer: str | None) -> str:
    return "" if layer is None else f", layer {layer}"


def _plain(value: float) -> str:
    return f"{value:.6g}".replace("-", MINUS)


def _token(token: str) -> str:
    """``“cat”``."""
    return f"“{token}”" if token else ""


def _input(values: tuple[float, ...]) -> str:
    """A whole input; one that is one-hot, as characters are, by the place of its 1."""
    if len(values) > 1 and values.count(1) == 1 and values.count(0) == len(values) - 1:
        return f"feature {values.index(1)} is 1, the others 0"
    return "x = " + ", ".join(map(_plain, values[:4])) + (", …" if len(values) > 4 else "")


def _several(weights: PeepholeWeights) -> str:
    if not isinstance(weights, tuple):
        return _plain(weights)
    return _plain(weights[0]) if len(set(weights)) == 1 else "a weight a unit"
