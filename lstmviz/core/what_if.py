"""What-ifs: changes of a run that the user tries out, each of which can be switched off again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Clamp:
    """A node of a unit held at ``value`` from step ``first`` to step ``last`` (both from 1, inclusive).

    symbol  i, f, g, o, c or h
    layer   name of layer and direction, such as ``l0``
    unit    from 0; None for every unit
    """

    symbol: str
    layer: str
    unit: int | None
    first: int
    last: int
    value: float


Change = Clamp


@dataclass(frozen=True)
class WhatIf:
    """One change in the list of what-ifs; one that is not ``enabled`` does nothing."""

    change: Change
    enabled: bool = True
