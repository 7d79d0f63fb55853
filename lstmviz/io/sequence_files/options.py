"""What a user can say about a file of numbers where guessing may go wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Delimiter(Enum):
    """What stands between two cells of a text."""

    AUTO = "auto"
    COMMA = ","
    SEMICOLON = ";"
    TAB = "\t"
    SPACE = " "


class Header(Enum):
    """Whether the first row holds names."""

    AUTO = "auto"
    YES = "yes"
    NO = "no"


class Orientation(Enum):
    """Where the time steps are; AUTO takes rows, or the columns of a single row."""

    AUTO = "auto"
    ROWS = "rows"
    COLUMNS = "columns"


class Missing(Enum):
    """What becomes of cells without a finite number."""

    REFUSE = "refuse"
    DROP = "drop"
    ZERO = "zero"
    PREVIOUS = "previous"


@dataclass(frozen=True)
class SequenceOptions:
    """How to read a file and what to take from it.

    array        the name of the array in an .npz file; empty for the first that fits
    item         which sequence of a three-dimensional array, from 0
    features     the columns to take, from 0, in this order; None for those that hold numbers
    standardise  whether every feature is shifted and scaled to mean 0 and standard deviation 1
    """

    delimiter: Delimiter = Delimiter.AUTO
    header: Header = Header.AUTO
    orientation: Orientation = Orientation.AUTO
    array: str = ""
    item: int = 0
    features: tuple[int, ...] | None = None
    missing: Missing = Missing.REFUSE
    standardise: bool = False

    def reads_like(self, other: SequenceOptions) -> bool:
        """Whether a file read with ``other`` need not be read again."""
        return self._reading == other._reading

    @property
    def _reading(self) -> tuple[object, ...]:
        return (self.delimiter, self.header, self.orientation, self.array, self.item)
