"""What the picture of a difference is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

from lstmviz.core.comparison.diff import QuantityDiff
from lstmviz.core.comparison.diff_words import Sides
from lstmviz.core.quantity import Quantity
from lstmviz.gui.style import Theme
from lstmviz.gui.views.diff.largest import LargestDifferences
from lstmviz.gui.views.diff.layout import Layout
from lstmviz.gui.views.heat_map import Scale, ScaleKind
from lstmviz.gui.views.memory.words import StepNames
from lstmviz.gui.views.time_axis import TimeAxis, TimeRange


@dataclass(frozen=True, eq=False)
class Shown:
    """One quantity of one layer in both runs.

    row      the values;  largest  the same by bins
    layer    its name, empty where there is one only
    names    how the steps of this run are called;  length  how many it has, perhaps more than are compared
    """

    row: QuantityDiff
    largest: LargestDifferences
    layer: str
    sides: Sides
    names: StepNames
    length: int

    @property
    def symbol(self) -> str:
        """``c``, or ``dL/dc`` for a gradient."""
        return f"dL/d{self.row.quantity.symbol}" if self.row.gradient else self.row.symbol

    @property
    def units(self) -> int:
        """How many units it has, or features of x."""
        return int(self.row.a.shape[1])

    @property
    def kind(self) -> str:
        """What they are called."""
        return "feature" if self.row.quantity is Quantity.INPUT else "unit"

    @property
    def compared(self) -> int:
        """The number of steps that both runs have."""
        return len(self.row.a)

    @property
    def scale(self) -> Scale:
        """The colours of the map: centred on no difference."""
        limit = self.largest.limit or 1.0
        return Scale(ScaleKind.SIGNED, -limit, limit)


@dataclass(frozen=True, eq=False)
class Scene:
    """The quantity on show, and where and in which colours it is drawn."""

    shown: Shown
    layout: Layout
    time: TimeRange
    theme: Theme
    pixel_ratio: float = 1.0

    @property
    def axis(self) -> TimeAxis:
        """The steps, the same for map and curves."""
        return TimeAxis(*self.time, self.layout.map.left(), self.layout.map.width())

    @property
    def lines(self) -> int:
        """How many lines the map has: one a unit, or fewer, each for several units."""
        return min(self.shown.units, max(int(self.layout.map.height() * self.pixel_ratio), 1))
