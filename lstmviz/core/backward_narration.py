"""What the current stage of the backward pass does: a sentence, and why its numbers are what they are."""

from __future__ import annotations

from lstmviz.core.backward_step import BackwardStage, BackwardStep, LSTMBackwardStep, RNNBackwardStep
from lstmviz.core.cursor import Cursor
from lstmviz.core.explanation import Explanation, Term, TermKind
from lstmviz.core.magnitudes import signed_magnitude
from lstmviz.core.parameters import GATES
from lstmviz.core.run import Run
from lstmviz.core.trace import LSTMTrace, RNNTrace

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
_TIMES = {"o": "dh", "f": "dc", "i": "dc", "g": "dc"}


def backward_sentence(run: Run, cursor: Cursor) -> str:
    """What happens at the cursor in the backward pass, for the pinned unit, with its numbers."""
    step, unit, t = run.main.backward_step(cursor.layer, cursor.t), cursor.unit, cursor.t
    who = "" if run.network.hidden_size == 1 else f" of unit {unit}"
    stage = cursor.stage
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
    if stage is BackwardStage.CARRY:
        return (
            f"The forget gate lets {_text(step.dc_before[unit])} on to c[{step.before}]; through the four gates "
            f"{_text(step.dh_before[unit])} goes on to h[{step.before}]."
        )
    gate = _GATE_OF[BackwardStage(stage)]
    into, through = getattr(step, f"d{gate}")[unit], getattr(step, f"dz_{gate}")[unit]
    return f"dL/d{gate}[{t}]{who} is {_text(into)}; through the slope of its curve dL/dz_{gate} is {_text(through)}."


def explain_backward(run: Run, cursor: Cursor) -> tuple[Explanation, ...]:
    """The gradients that the cursor's stage computed for the pinned unit, explained."""
    step = run.main.backward_step(cursor.layer, cursor.t)
    layer, stage = run.trace[cursor.layer], cursor.stage
    if stage is BackwardStage.ARRIVE:
        return (_arriving(step, cursor.unit),)
    if isinstance(step, RNNBackwardStep):
        assert isinstance(layer, RNNTrace)
        return (_passed_on(step, cursor),)
    assert isinstance(layer, LSTMTrace)
    if stage is BackwardStage.CELL:
        return (_into_memory(step, layer, cursor),)
    if stage is BackwardStage.CARRY:
        return _carried(step, layer, cursor)
    return (_into_gate(step, layer, cursor, _GATE_OF[BackwardStage(stage)]),)


def _arriving(step: BackwardStep, unit: int) -> Explanation:
    """dh[t] = dh from above + sum_k U_k^T dz_k of the step after."""
    terms = [Term(TermKind.INPUT, "from the loss or the layer above", float(step.dh_above[unit]))]
    if isinstance(step, LSTMBackwardStep):
        shares = zip(GATES, step.shares_after[:, unit], strict=True)
        terms += [Term(_KINDS[gate], f"U_{gate}ᵀ dz_{gate}[{step.after}]", float(value)) for gate, value in shares]
        formula = f"from above + Σ Uᵀ dz[{step.after}]"
    else:
        terms.append(Term(TermKind.RECURRENT, f"Uᵀ dz[{step.after}]", float(step.dh_after[unit])))
        formula = f"from above + Uᵀ dz[{step.after}]"
    numbers = f"{_text(step.dh_above[unit])} + {_text(step.dh_after[unit])}"
    return _explanation("h", f"dh[{step.t}]", float(step.dh[unit]), formula, numbers, terms)


def _into_memory(step: LSTMBackwardStep, layer: LSTMTrace, cursor: Cursor) -> Explanation:
    """dc[t] = dh o (1 - tanh(c)^2) + f[t+1] dc[t+1]."""
    at, t, unit = (cursor.index, 0, cursor.unit), step.t, cursor.unit
    terms = [
        Term(TermKind.RECURRENT, f"dh[{t}] × o × (1 − tanh²(c))", float(step.dc_from_h[unit])),
        Term(TermKind.KEPT, f"f[{step.after}] × dc[{step.after}]", float(step.dc_after[unit])),
    ]
    formula = f"dh[{t}] × o[{t}] × (1 − tanh²(c[{t}])) + f[{step.after}] × dc[{step.after}]"
    slope = 1 - float(layer.tanh_c[at]) ** 2
    numbers = f"{_text(step.dh[unit])} × {_text(layer.o[at])} × {_text(slope)} + {_text(step.dc_after[unit])}"
    return _explanation("c", f"dc[{t}]", float(step.dc[unit]), formula, numbers, terms)


def _into_gate(step: LSTMBackwardStep, layer: LSTMTrace, cursor: Cursor, gate: str) -> Explanation:
    """dz_k = dk times the slope of gate k's curve; dk = dc or dh times what the gate multiplies."""
    at, t, unit = (cursor.index, 0, cursor.unit), step.t, cursor.unit
    value = float(getattr(layer, gate)[at])
    slope_words = f"(1 − {gate}²)" if gate == "g" else f"{gate} × (1 − {gate})"
    slope = 1 - value**2 if gate == "g" else value * (1 - value)
    other = {"o": f"tanh(c[{t}])", "f": f"c[{step.before}]", "i": f"g[{t}]", "g": f"i[{t}]"}[gate]
    arrives = float((step.dh if gate == "o" else step.dc)[unit])
    factor = {"o": layer.tanh_c, "f": layer.c_before, "i": layer.g, "g": layer.i}[gate][at]
    formula = f"{_TIMES[gate]}[{t}] × {other} × {slope_words}"
    numbers = f"{_text(arrives)} × {_text(factor)} × {_text(slope)}"
    return _explanation(gate, f"dz_{gate}[{t}]", float(getattr(step, f"dz_{gate}")[unit]), formula, numbers, [])


def _carried(step: LSTMBackwardStep, layer: LSTMTrace, cursor: Cursor) -> tuple[Explanation, ...]:
    """What goes on: the recurrent part of dh[t-1] = sum_k U_k^T dz_k[t], and f dc along the cell path."""
    at, t, unit = (cursor.index, 0, cursor.unit), step.t, cursor.unit
    shares = zip(GATES, step.shares[:, unit], strict=True)
    terms = [Term(_KINDS[gate], f"U_{gate}ᵀ dz_{gate}[{t}]", float(value)) for gate, value in shares]
    numbers = " + ".join(_text(term.value) for term in terms)
    to_h = _explanation("h", f"to h[{step.before}]", float(step.dh_before[unit]), f"Σ U_kᵀ dz_k[{t}]", numbers, terms)
    numbers = f"{_text(layer.f[at])} × {_text(step.dc[unit])}"
    to_c = _explanation("c", f"to c[{step.before}]", float(step.dc_before[unit]), f"f[{t}] × dc[{t}]", numbers, [])
    return to_h, to_c


def _passed_on(step: RNNBackwardStep, cursor: Cursor) -> Explanation:
    """dh[t-1] gets U^T dz[t], dz = dh phi'(z)."""
    unit = cursor.unit
    formula, numbers = f"Uᵀ (dh[{step.t}] × φ′(z[{step.t}]))", f"Uᵀ dz, dz = {_text(step.dz[unit])}"
    return _explanation("h", f"to h[{step.before}]", float(step.dh_before[unit]), formula, numbers, [])


_KINDS = {"i": TermKind.INPUT_GATE, "f": TermKind.KEPT, "g": TermKind.CANDIDATE, "o": TermKind.OUTPUT_GATE}


def _explanation(
    symbol: str, name: str, value: float, formula: str, substituted: str, terms: list[Term]
) -> Explanation:
    terms = sorted(terms, key=lambda term: -abs(term.value))
    return Explanation(symbol, name, value, formula, substituted, tuple(terms), name, value)


def _text(value: float) -> str:
    """A gradient as it is written: small ones with a power of ten."""
    return signed_magnitude(float(value))
