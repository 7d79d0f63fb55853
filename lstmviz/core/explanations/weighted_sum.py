"""The terms of a weighted sum, as they stand in an explanation: the largest first, the rest summed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.explanations.explanation import Part, Term, TermKind, value_part
from lstmviz.core.text import number
from lstmviz.core.value_reference import ValueReference


@dataclass(frozen=True, eq=False)
class Summands:
    """Some summands weights[k] values[k], both [n].

    names    of summand k: the weight as it stands in the formula, and by its PyTorch name and place
    sources  of summand k: the value of the run that is weighed
    indexed  whether the source's name needs its unit beside it: ``h[4][7]``
    suffix   what else tells the sources of several groups apart
    """

    kind: TermKind
    weights: Array
    values: Array
    names: Callable[[int], tuple[str, str]]
    sources: Callable[[int], ValueReference]
    indexed: bool
    suffix: str = ""

    def term(self, k: int, value: float) -> Term:
        """Summand ``k``, whose product is ``value``."""
        name, weight = self.names(k)
        source = self.sources(k)
        place = (f"{source.name}[{source.unit}]" if self.indexed else source.name) + self.suffix
        factor = value_part(source, float(self.values[k]), place)
        return Term(self.kind, (Part(f"{name} {number(self.weights[k])} × "), factor), value, weight)

    def together(self, words: str) -> Term:
        """All summands as one term, which leads to the largest of them."""
        with np.errstate(all="ignore"):
            products = np.multiply(self.weights, self.values, dtype=np.float64)
            total = float(products.sum())
        source = self.sources(int(np.argmax(np.nan_to_num(np.abs(products), nan=np.inf))))
        if len(products) == 1:
            return Term(self.kind, (Part(words, source),), total)
        return Term(
            self.kind, (Part(f"{words}, most by "), Part(f"{source.kind_of_unit} {source.unit}", source)), total
        )


def largest_terms(groups: Sequence[Summands], single: Sequence[Term], most: int) -> tuple[Term, ...]:
    """At most ``most`` terms that add up to the sum of all ``groups`` and ``single`` terms, largest first.

    What is not among them is one last term. NaN counts as largest: it is what makes a sum NaN.
    """
    with np.errstate(all="ignore"):
        products = [np.multiply(group.weights, group.values, dtype=np.float64) for group in groups]
        values = np.concatenate([*products, [term.value for term in single]])
        order = np.argsort(-np.nan_to_num(np.abs(values), nan=np.inf), kind="stable")
        rest = order[max(most - 1, 0) :] if len(order) > max(most, 1) else order[:0]
        rest_value = float(values[rest].sum())
    starts = np.cumsum([0, *map(len, products)])
    terms = []
    for k in order[: len(order) - len(rest)].tolist():
        number_of = int(np.searchsorted(starts, k, side="right")) - 1
        if number_of == len(groups):
            terms.append(single[k - int(starts[-1])])
        else:
            terms.append(groups[number_of].term(k - int(starts[number_of]), float(values[k])))
    if len(rest):
        terms.append(Term(TermKind.REST, (Part(f"the other {len(rest)} together"),), rest_value))
    return tuple(terms)


def weight_name(letter: str, gate: str, row: int, column: int, *, indexed: bool) -> str:
    """A weight as it stands in a formula: ``U_f[2,7]``; without places where there is only one."""
    name = f"{letter}_{gate}" if gate else letter
    return f"{name}[{row},{column}]" if indexed else name
