"""Products of values of a run, as they stand in an explanation: as a term, as a formula, as numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lstmviz.core.explanations.explanation import Explanation, Part, Term, TermKind, explained, written
from lstmviz.core.value_reference import ValueReference


@dataclass(frozen=True)
class Factor:
    """One factor: as it stands in the formula, its number, and the value that it comes from; None for a weight."""

    formula: str
    value: float
    source: ValueReference | None


@dataclass(frozen=True)
class Product:
    """Factors that are multiplied, the last one first as BPTT does; ``nothing`` says why it is 0 instead."""

    kind: TermKind
    factors: tuple[Factor, ...]
    nothing: str = ""

    @property
    def value(self) -> float:
        """The product."""
        return 0.0 if self.nothing else math.prod(factor.value for factor in reversed(self.factors))

    @property
    def formula(self) -> str:
        """``f[4] × dc[4]``."""
        return "0" if self.nothing else " × ".join(factor.formula for factor in self.factors)

    @property
    def numbers(self) -> str:
        """``0.975 × −0.00267``."""
        return "0" if self.nothing else " × ".join(written(factor.value, gradient=True) for factor in self.factors)

    @property
    def term(self) -> Term:
        """The same as a summand with links."""
        if self.nothing:
            return Term(self.kind, (Part(self.nothing),), 0.0)
        parts: list[Part] = []
        for factor in self.factors:
            parts += [Part(" × ")] if parts else []
            parts.append(Part(f"{factor.formula} {written(factor.value, gradient=True)}", factor.source))
        return Term(self.kind, tuple(parts), self.value)


def explained_by(ref: ValueReference, value: float, products: Sequence[Product]) -> Explanation:
    """The explanation of a gradient that is a sum of products, the largest first."""
    ordered = sorted(
        (each.term for each in products), key=lambda term: math.inf if math.isnan(term.value) else -abs(term.value)
    )
    formula = " + ".join(each.formula for each in products)
    return explained(ref, value, formula, " + ".join(each.numbers for each in products), ordered)
