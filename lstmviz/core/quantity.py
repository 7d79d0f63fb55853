"""The quantities of a cell: symbol, name, meaning and range of each, in one place."""

from __future__ import annotations

from enum import Enum

from lstmviz.core.arrays import Array
from lstmviz.core.engine.trace import LayerTrace
from lstmviz.core.networks.parameters import Cell


class Quantity(Enum):
    """What a recurrent cell computes at every step."""

    INPUT = ("x", "input", "what the layer reads at this step", -float("inf"), float("inf"))
    FORGET_GATE = ("f", "forget gate", "the share of the old memory that is kept", 0.0, 1.0)
    INPUT_GATE = ("i", "input gate", "the share of the candidate that is let in", 0.0, 1.0)
    CANDIDATE = ("g", "candidate", "the new value proposed for the memory", -1.0, 1.0)
    OUTPUT_GATE = ("o", "output gate", "the share of the memory that is shown outside", 0.0, 1.0)
    CELL_STATE = ("c", "cell state", "the memory, carried from step to step", -float("inf"), float("inf"))
    HIDDEN_STATE = ("h", "hidden state", "what the cell shows to the outside and to its next step", -1.0, 1.0)

    def __init__(self, symbol: str, title: str, meaning: str, minimum: float, maximum: float) -> None:
        self.symbol = symbol
        self.title = title
        self.meaning = meaning
        self.minimum = minimum
        self.maximum = maximum

    @property
    def is_gate(self) -> bool:
        """Whether it runs from 0 to 1; everything else is signed."""
        return self.minimum == 0

    def of(self, layer: LayerTrace) -> Array:
        """Its values in the first sequence of the batch, [T, H] ([T, I] for the input)."""
        values: Array = getattr(layer, self.symbol)
        return values[:, 0]


QUANTITIES = {
    Cell.LSTM: (
        Quantity.FORGET_GATE,
        Quantity.INPUT_GATE,
        Quantity.CANDIDATE,
        Quantity.OUTPUT_GATE,
        Quantity.CELL_STATE,
        Quantity.HIDDEN_STATE,
    ),
    Cell.RNN: (Quantity.HIDDEN_STATE,),
}
"""What each kind of cell has, in the order in which it is drawn."""
