"""The weights of a network as tables: what stands in each, and what an edited cell sets."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, Qt, pyqtSignal
from PyQt6.QtGui import QBrush, QColor

from lstmviz.core.arrays import Array
from lstmviz.core.network import Network
from lstmviz.core.parameters import GATES, Cell, CellParameters
from lstmviz.core.quantity import Quantity
from lstmviz.core.text import number
from lstmviz.gui.style import LIGHT, Theme

WeightChange = tuple[str, tuple[int, ...], float]
"""PyTorch's name of the array, the index in it, the value."""

_SYMBOLS = {quantity.symbol: quantity for quantity in Quantity}
_TEXTBOOK_ORDER = ("f", "i", "g", "o")
_TEXTBOOK_NAMES = {"f": "forget f", "i": "input i", "g": "candidate g", "o": "output o", "h": "hidden h"}


@dataclass(frozen=True)
class Place:
    """What one cell of a table stands for.

    symbol   as on paper, such as ``U_f[2,3]``
    changes  what setting it to 0 would set; the first one takes the value that is typed
    """

    symbol: str
    changes: tuple[WeightChange, ...]

    def set_to(self, value: float) -> tuple[WeightChange, ...]:
        """The changes that make the cell show ``value``."""
        (name, index, _), *others = self.changes
        return ((name, index, value), *others)


@dataclass(frozen=True)
class WeightTable:
    """One table: a name for the chooser, the rows with the gate each belongs to, the columns.

    columns  pairs of (label, array [rows]) would copy a matrix; so ``values`` [rows, columns] it is
    """

    name: str
    meaning: str
    values: Array
    rows: tuple[str, ...]
    gates: tuple[str, ...]
    columns: tuple[str, ...]
    places: str
