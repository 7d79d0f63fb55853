"""Why the length of a gradient is what it is: what the entry of each unit adds to it."""

from __future__ import annotations

import numpy as np

from lstmviz.core.explanations.explanation import Explanation, TermKind, explained, written
from lstmviz.core.explanations.weighted_sum import Summands, largest_terms
from lstmviz.core.run import NetworkRun
from lstmviz.core.text import count
from lstmviz.core.value_reference import ValueReference, length_of, vector_of

_NAMED = 3
"""So many entries stand in the formula with their numbers."""


def explain_length(network: NetworkRun, ref: ValueReference, most: int) -> Explanation:
    """Why ||dh[t]||, or the length of another gradient, is what it is. ``ref`` must be there, see ``refuse_unknown``.

    An entry d adds d²/||d||, that is d times its share d/||d|| of the length. So the terms add up to the length itself,
    and do not vanish where the squares would.
    """
    entries = vector_of(network, ref)
    length = length_of(entries)
    with np.errstate(all="ignore"):
        shares = entries / length if length else np.zeros_like(entries)
    summands = Summands(TermKind.PRODUCT, shares, entries, lambda _: ("share", ""), ref.of_unit, indexed=True)
    entry = ref.of_unit(0).name
    largest = sorted(entries.tolist(), key=abs, reverse=True)[:_NAMED]
    squares = [f"({written(each, gradient=True)})²" for each in largest] + ["…"] * (len(entries) > _NAMED)
    return explained(
        ref,
        length,
        f"square root of the sum of {entry}² over {count(len(entries), 'unit')}",
        f"√({' + '.join(squares)})",
        largest_terms([summands], [], most),
    )
