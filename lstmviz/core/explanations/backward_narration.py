"""What the current stage of the backward pass does: a sentence, and why its numbers are what they are."""

from __future__ import annotations

from dataclasses import replace

from lstmviz.core.cursor import Cursor
from lstmviz.core.engine.backward_step import BackwardStage, RNNBackwardStep
from lstmviz.core.engine.trace import LSTMTrace
from lstmviz.core.explanations.backward_explanations import (
    NodeValues,
    arriving_from_above,
    arriving_from_after,
    explain_gradient,
    gates_of,
    memory_sent_before,
    sent_before,
)
from lstmviz.core.explanations.explanation import Explanation, Term
from lstmviz.core.explanations.weighted_sum import largest_terms
from lstmviz.core.magnitudes import signed_magnitude
from lstmviz.core.run import Run
from lstmviz.core.text import count
from lstmviz.core.value_reference import ValueReference

BACKWARD_TITLES = {
    BackwardStage.ARRIVE: "the gradient arrives at h",
    BackwardStage.OUTPUT: "into the output gate",
    BackwardStage.CELL: "into the memory",
    BackwardStage.FORGET: "into the forget gate",
    BackwardStage.INPUT: "into the input gate",
    BackwardStage.CANDIDATE: "into the candidate",
    BackwardStage.CARRY: "on to the step before",
}
"""What each backward stage does, for the toolbar."""

_GATE_OF = {
    BackwardStage.OUTPUT: "o",
    BackwardStage.FORGET: "f",
    BackwardStage.INPUT: "i",
    BackwardStage.CANDIDATE: "g",
}


def backward_sentence(run: Run, cursor: Cursor) -> str:
    """What happens at the cursor in the backward pass, for the pinned unit, with its numbers."""
    step, unit, t = run.main.backward_step(cursor.layer, cursor.t), cursor.unit, cursor.t
    layer = run.trace[cursor.layer]
    who = "" if layer.parameters.hidden_size == 1 else f" of unit {unit}"
    stage, width = cursor.stage, layer.h.shape[2]
    if stage is BackwardStage.ARRIVE and unit >= width and not isinstance(step, RNNBackwardStep):
        return (
            f"The gradient arrives at the {count(width, 'number')} of h[{t}]; the projection takes it back to every "
            f"unit: dL/dm[{t}]{who} = {_text(step.dm[unit])}."
        )
    if stage is BackwardStage.ARRIVE:
        return (
            f"At h[{t}]{who} arrive {_text(step.dh_above[unit])} from the loss or the layer above and "
            f"{_text(step.dh_after[unit])} from the step after: dL/dh[{t}] = {_text(step.dh[unit])}."
        )
    if isinstance(step, RNNBackwardStep):
        return (
            f"Through the slope of the nonlinearity and U, {_text(step.dh_before[unit])} goes on to h[{step.before}]."
        )
    if stage is BackwardStage.CELL:
        return (
            f"The memory{who} gets {_text(step.dc_from_h[unit])} from h[{t}] and {_text(step.dc_after[unit])} "
            f"along the cell path from the step after: dL/dc[{t}] = {_text(step.dc[unit])}."
        )
    if stage is BackwardStage.CARRY and unit >= width:
        return f"The forget gate lets {_text(step.dc_before[unit])} on to c[{step.before}]{who}."
    if stage is BackwardStage.CARRY:
        return (
            f"The forget gate lets {_text(step.dc_before[unit])} on to c[{step.before}]; through the four gates "
            f"{_text(step.dh_before[unit])} goes on to h[{step.before}]."
        )
    gate = _GATE_OF[BackwardStage(stage)]
    into, through = getattr(step, f"d{gate}")[unit], getattr(step, f"dz_{gate}")[unit]
    return f"dL/d{gate}[{t}]{who} is {_text(into)}; through the slope of its curve dL/dz_{gate} is {_text(through)}."


def explain_backward(run: Run, cursor: Cursor, most: int) -> tuple[Explanation, ...]:
    """The gradients that the cursor's stage computed for the pinned unit, explained."""
    stage = BackwardStage(cursor.stage)
    nodes = NodeValues(run.main, ValueReference("dh", cursor.t, cursor.layer, cursor.unit))
    has_h, projected = cursor.unit < nodes.layer.h.shape[2], nodes.layer.parameters.weight_hr is not None
    if stage is BackwardStage.ARRIVE and has_h:
        return (_arriving(nodes),)
    if stage is BackwardStage.CARRY:
        return _carried(nodes, most, has_h=has_h)
    computed = ["dc" if stage is BackwardStage.CELL else f"dz_{_GATE_OF.get(stage)}"]
    if stage is BackwardStage.ARRIVE:
        computed = ["dm"]
    elif stage is BackwardStage.OUTPUT and projected:
        computed.insert(0, "dm")
    return tuple(explain_gradient(run.main, nodes.at(each), most) for each in computed)


def _arriving(nodes: NodeValues) -> Explanation:
    """dh[t] = dh from above + sum_k U_k^T dz_k of the step after, one term a gate."""
    whole = explain_gradient(nodes.network, nodes.ref, most=1)
    groups, terms = arriving_from_above(nodes)
    terms = [*terms, *(group.together("from the loss") for group in groups), *_shares(nodes, nodes.after)]
    return replace(whole, terms=_largest_first(terms))


def _shares(nodes: NodeValues, t: int) -> list[Term]:
    """What every gate of step ``t`` sends back, one term a gate."""
    groups = arriving_from_after(nodes) if t == nodes.after else sent_before(nodes)
    gates = gates_of(nodes.layer)
    return [
        group.together(f"U_{gate}ᵀ dz_{gate}[{t}]" if gate else f"Uᵀ dz[{t}]")
        for gate, group in zip(gates, groups, strict=bool(groups))
    ]


def _carried(nodes: NodeValues, most: int, *, has_h: bool) -> tuple[Explanation, ...]:
    """What goes on: the recurrent part of dh[t-1] = sum_k U_k^T dz_k[t], and f dc along the cell path.

    has_h  whether there is an h of this unit: with a projection there are fewer than units
    """
    t, before = nodes.ref.t, nodes.before
    if not isinstance(nodes.layer, LSTMTrace):
        return (_sent("h", f"to h[{before}]", f"Uᵀ dz[{t}]", "", largest_terms(sent_before(nodes), (), most)),)
    kept = memory_sent_before(nodes)
    of_c = _sent("c", f"to c[{before}]", kept.formula, kept.numbers, (kept.term,))
    if not has_h:
        return (of_c,)
    shares = _largest_first(_shares(nodes, t))
    numbers = " + ".join(_text(term.value) for term in shares)
    return _sent("h", f"to h[{before}]", f"Σ U_kᵀ dz_k[{t}]", numbers, shares), of_c


def _sent(symbol: str, name: str, formula: str, numbers: str, terms: tuple[Term, ...]) -> Explanation:
    """What a step sends on to the one before: a part of its gradient."""
    value = sum(term.value for term in terms)
    return Explanation(None, symbol, name, value, formula, numbers, terms, name, value, gradient=True)


def _largest_first(terms: list[Term]) -> tuple[Term, ...]:
    return tuple(sorted(terms, key=lambda term: -abs(term.value)))


def _text(value: float) -> str:
    """A gradient as it is written: small ones with a power of ten."""
    return signed_magnitude(float(value))
