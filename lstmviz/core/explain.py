"""Why a number is what it is: its formula, the numbers in it, and the terms of the sum behind it."""

from __future__ import annotations

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.backward_narration import explain_backward
from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.explanation import Explanation, Term, TermKind
from lstmviz.core.parameters import GATES, Nonlinearity
from lstmviz.core.run import Run
from lstmviz.core.step import step_before
from lstmviz.core.text import number
from lstmviz.core.trace import LayerTrace, LSTMTrace

EXPLAINED = {
    Stage.READ: (),
    Stage.FORGET: ("f",),
    Stage.INPUT: ("i",),
    Stage.CANDIDATE: ("g",),
    Stage.CELL: ("c", "f"),
    Stage.OUTPUT: ("o",),
    Stage.HIDDEN: ("h", "o"),
}
"""What is explained at each stage: the value it computes, and then what it hangs on most."""


def explain_stage(run: Run, cursor: Cursor, most: int = 8) -> tuple[Explanation, ...]:
    """The values to explain at the cursor's stage, for the pinned unit."""
    if not isinstance(cursor.stage, Stage):
        return explain_backward(run, cursor)
    layer = run.trace[cursor.layer]
    symbols = EXPLAINED[cursor.stage] if isinstance(layer, LSTMTrace) else EXPLAINED[cursor.stage][:1]
    return tuple(explain(layer, symbol, cursor.t, cursor.unit, most) for symbol in symbols)


def explain(layer: LayerTrace, symbol: str, t: int, unit: int, most: int = 8) -> Explanation:
    """Why ``symbol`` (f, i, g, o, c or h) of ``unit`` at step ``t`` (from 1) has its value, in the first sequence.

    At most ``most`` terms are named; the rest is one term, and together they add up to the value.
    """
    if not isinstance(layer, LSTMTrace):
        return _explain_rnn(layer, t, unit, most)
    if symbol == "c":
        return _explain_cell_state(layer, t, unit)
    if symbol == "h":
        return _explain_hidden_state(layer, t, unit)
    at = (t - 1, 0, unit)
    z = float(getattr(layer, f"z_{symbol}")[at])
    function = "tanh" if symbol == "g" else "sigmoid"
    return Explanation(
        symbol=symbol,
        name=f"{symbol}[{t}]",
        value=float(getattr(layer, symbol)[at]),
        formula=f"{function}(z_{symbol}[{t}])",
        substituted=f"{function}({number(z)})",
        terms=_preactivation_terms(layer, GATES.index(symbol), f"_{symbol}", t, unit, most),
        total_name=f"z_{symbol}[{t}]",
        total=z,
    )


def _explain_cell_state(layer: LSTMTrace, t: int, unit: int) -> Explanation:
    """c[t] = f[t] c[t-1] + i[t] g[t]."""
    at, before = (t - 1, 0, unit), step_before(layer, t)
    f, c_before, i, g, c = (float(a[at]) for a in (layer.f, layer.c_before, layer.i, layer.g, layer.c))
    kept = Term(TermKind.KEPT, f"f {number(f)} × c[{before}] {number(c_before)}", f * c_before)
    written = Term(TermKind.WRITTEN, f"i {number(i)} × g {number(g)}", i * g)
    return Explanation(
        symbol="c",
        name=f"c[{t}]",
        value=c,
        formula=f"f[{t}] × c[{before}] + i[{t}] × g[{t}]",
        substituted=f"{number(f)} × {number(c_before)} + {number(i)} × {number(g)}",
        terms=(kept, written),
        total_name=f"c[{t}]",
        total=c,
    )


def _explain_hidden_state(layer: LSTMTrace, t: int, unit: int) -> Explanation:
    """h[t] = o[t] tanh(c[t])."""
    at = (t - 1, 0, unit)
    o, c, tanh_c, h = (float(a[at]) for a in (layer.o, layer.c, layer.tanh_c, layer.h))
    return Explanation(
        symbol="h",
        name=f"h[{t}]",
        value=h,
        formula=f"o[{t}] × tanh(c[{t}])",
        substituted=f"{number(o)} × tanh({number(c)}) = {number(o)} × {number(tanh_c)}",
        terms=(),
        total_name=f"h[{t}]",
        total=h,
    )


def _explain_rnn(layer: LayerTrace, t: int, unit: int, most: int) -> Explanation:
    """h[t] = phi(z[t])."""
    at = (t - 1, 0, unit)
    z = float(layer.z[at])
    nonlinearity = Nonlinearity.IDENTITY if isinstance(layer, LSTMTrace) else layer.nonlinearity
    linear = nonlinearity is Nonlinearity.IDENTITY
    return Explanation(
        symbol="h",
        name=f"h[{t}]",
        value=float(layer.h[at]),
        formula=f"z[{t}]" if linear else f"{nonlinearity.value}(z[{t}])",
        substituted=number(z) if linear else f"{nonlinearity.value}({number(z)})",
        terms=_preactivation_terms(layer, 0, "", t, unit, most),
        total_name=f"z[{t}]",
        total=z,
    )


def _preactivation_terms(
    layer: LayerTrace, gate: int, subscript: str, t: int, unit: int, most: int
) -> tuple[Term, ...]:
    """z_k[j] = sum_d W_k[j,d] x[d] + sum_m U_k[j,m] h[t-1,m] + b_k[j], largest terms first, the rest summed."""
    parameters = layer.parameters
    row = gate * parameters.hidden_size + unit
    x, h_before = layer.x[t - 1, 0], layer.h_before[t - 1, 0]
    weights = np.concatenate([parameters.weight_ih[row], parameters.weight_hh[row], [1.0]])
    factors = np.concatenate([x, h_before, [parameters.bias[row]]])
    with np.errstate(all="ignore"):
        products = weights * factors
    order = np.argsort(-np.abs(products), kind="stable")
    if len(order) > most:
        order = order[: most - 1]
    names = _TermNames(layer, subscript, t, unit)
    terms = [names.term(int(k), weights, factors, float(products[k])) for k in order]
    if len(order) < len(products):
        rest = np.delete(products, order)
        terms.append(Term(TermKind.REST, f"the other {len(rest)} together", float(rest.sum())))
    return tuple(terms)


class _TermNames:
    """Writes down where a term of a pre-activation comes from; single inputs and units need no index."""

    def __init__(self, layer: LayerTrace, subscript: str, t: int, unit: int) -> None:
        self._input_size = layer.parameters.input_size
        self._hidden_size = layer.parameters.hidden_size
        self._subscript, self._unit = subscript, unit
        self._t, self._before = t, step_before(layer, t)

    def term(self, k: int, weights: Array, factors: Array, value: float) -> Term:
        """Term ``k`` of the concatenated inputs, hidden states and bias."""
        m = k - self._input_size
        if m == self._hidden_size:
            return Term(TermKind.BIAS, f"bias b{self._subscript}", value)
        numbers = f"{number(weights[k])} × {{}} {number(factors[k])}"
        if m < 0:
            place = f"x[{self._t}]" + (f"[{k}]" if self._input_size > 1 else "")
            return Term(TermKind.INPUT, numbers.format(place), value)
        place = f"h[{self._before}]" + (f"[{m}]" if self._hidden_size > 1 else "")
        return Term(TermKind.RECURRENT, numbers.format(place), value)
