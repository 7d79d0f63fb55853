"""Why a number is what it is, as data: its formula, the numbers in it, and the terms of the sum behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from lstmviz.core.magnitudes import signed_magnitude
from lstmviz.core.text import number, significant
from lstmviz.core.value_reference import ValueReference


class TermKind(Enum):
    """Where a term of a sum comes from."""

    INPUT = "input"
    RECURRENT = "recurrent"
    BIAS = "bias"
    PEEPHOLE = "peephole"
    KEPT = "kept"
    WRITTEN = "written"
    INPUT_GATE = "input gate"
    CANDIDATE = "candidate"
    OUTPUT_GATE = "output gate"
    PRODUCT = "product"
    GIVEN = "given"
    MISTAKE = "mistake"
    REST = "rest"


GATE_KINDS = {
    "i": TermKind.INPUT_GATE,
    "f": TermKind.KEPT,
    "g": TermKind.CANDIDATE,
    "o": TermKind.OUTPUT_GATE,
    "": TermKind.RECURRENT,
}
"""The kind of what comes back through a gate; "" is the one pre-activation of a vanilla RNN."""


@dataclass(frozen=True)
class Part:
    """A piece of a term's text; with a ``source`` it names a value of the run, which can be asked about in turn."""

    text: str
    source: ValueReference | None = None


@dataclass(frozen=True)
class Term:
    """One summand: its value, and how it came about, such as ``U_f 2.700 × h[2] 0.612``.

    weight  the weight in it by its PyTorch name and place, such as ``weight_hh_l0[1, 0]``; empty without one
    """

    kind: TermKind
    parts: tuple[Part, ...]
    value: float
    weight: str = ""

    @property
    def label(self) -> str:
        """The parts as one text."""
        return "".join(part.text for part in self.parts)

    @property
    def sources(self) -> tuple[ValueReference, ...]:
        """The values that its number was made of."""
        return tuple(part.source for part in self.parts if part.source is not None)


@dataclass(frozen=True)
class Explanation:
    """Why one value is what it is.

    reference    which value it is; None for a part of a value, such as what one step sends on to the one before
    symbol       the quantity, such as ``f``; of a gradient that of the node, ``f`` for dz_f too
    name         with its step, such as ``f[3]``
    formula      right-hand side in symbols, such as ``sigmoid(z_f[3])``
    substituted  the same with its numbers, such as ``sigmoid(3.679)``; empty where there are none
    terms        what adds up to ``total``, largest first, what is not named last
    total_name   what the terms add up to, such as ``z_f[3]``
    total_reference  which value that is, where it is another one
    """

    reference: ValueReference | None
    symbol: str
    name: str
    value: float
    formula: str
    substituted: str
    terms: tuple[Term, ...]
    total_name: str
    total: float
    total_reference: ValueReference | None = None
    gradient: bool = False

    def written(self, value: float, *, signed: bool = False) -> str:
        """A number of this explanation as people read it: gradients with the digits that count."""
        return written(value, gradient=self.gradient, signed=signed)

    @property
    def result(self) -> str:
        """The value with six digits."""
        return significant(self.value, 6) if self.gradient else number(self.value, digits=6)

    @property
    def is_sum(self) -> bool:
        """Whether several terms are added."""
        return len(self.terms) > 1


def written(value: float, *, gradient: bool = False, signed: bool = False) -> str:
    """A number as it stands in an explanation: three places, of a gradient the three digits that count."""
    if not gradient:
        return number(value, signed=signed)
    return ("+" if signed and value >= 0 else "") + signed_magnitude(value)


def value_part(ref: ValueReference, value: float, name: str = "") -> Part:
    """A value of the run with its number, such as ``h[2] 0.612``, as a link."""
    return Part(f"{name or ref.name} {written(value, gradient=ref.gradient)}", ref)


def product(kind: TermKind, factors: Sequence[Part], value: float) -> Term:
    """A term that multiplies its factors."""
    parts = [factors[0]]
    for factor in factors[1:]:
        parts += [Part(" × "), factor]
    return Term(kind, tuple(parts), value)


def explained(
    ref: ValueReference,
    value: float,
    formula: str,
    substituted: str,
    terms: Sequence[Term],
    total: tuple[ValueReference, float] | None = None,
) -> Explanation:
    """The explanation of ``ref``; ``total`` is what the terms add up to, where that is another value."""
    total_ref, total_value = total or (ref, value)
    return Explanation(
        reference=ref,
        symbol=ref.node.removeprefix("z_").replace("tanh_c", "c"),
        name=ref.name,
        value=value,
        formula=formula,
        substituted=substituted,
        terms=tuple(terms),
        total_name=total_ref.name,
        total=total_value,
        total_reference=total_ref if total else None,
        gradient=ref.gradient,
    )


def with_difference(explanation: Explanation, words: str) -> Explanation:
    """The same with a last term for what the others do not add up to, where that is more than rounding."""
    difference = explanation.total - sum(term.value for term in explanation.terms)
    largest = max((abs(term.value) for term in explanation.terms), default=0.0)
    if not abs(difference) > 1e-9 * max(largest, abs(explanation.total)):
        return explanation
    terms = (*explanation.terms, Term(TermKind.MISTAKE, (Part(words),), difference))
    return replace(explanation, terms=terms)
