"""Why a number is what it is, as data: its formula, the numbers in it, and the terms of the sum behind it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class TermKind(Enum):
    """Where a term of a sum comes from."""

    INPUT = "input"
    RECURRENT = "recurrent"
    BIAS = "bias"
    KEPT = "kept"
    WRITTEN = "written"
    INPUT_GATE = "input gate"
    CANDIDATE = "candidate"
    OUTPUT_GATE = "output gate"
    REST = "rest"


@dataclass(frozen=True)
class Term:
    """One summand: its value, and how it came about, such as ``2.700 × h[2] 0.612``."""

    kind: TermKind
    label: str
    value: float


@dataclass(frozen=True)
class Explanation:
    """Why one value is what it is.

    symbol       the quantity, such as ``f``
    name         with its step, such as ``f[3]``
    formula      right-hand side in symbols, such as ``sigmoid(z_f[3])``
    substituted  the same with its numbers, such as ``sigmoid(3.679)``
    terms        what adds up to ``total``, largest first; empty where nothing is added
    total_name   what the terms add up to, such as ``z_f[3]``
    """

    symbol: str
    name: str
    value: float
    formula: str
    substituted: str
    terms: tuple[Term, ...]
    total_name: str
    total: float
