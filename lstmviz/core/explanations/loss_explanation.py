"""Why dL/dy is what it is: the loss, where every gradient begins."""

from __future__ import annotations

from dataclasses import replace

from lstmviz.core.experiments.objective import Objective, ObjectiveKind
from lstmviz.core.explanations.explanation import Explanation, Part, Term, TermKind, explained, value_part, written
from lstmviz.core.run import NetworkRun
from lstmviz.core.text import number
from lstmviz.core.value_reference import ValueReference, value_in


def explain_loss_gradient(network: NetworkRun, objective: Objective, ref: ValueReference) -> Explanation:
    """Why dy[t] of one output is what it is. ``ref`` must be there, see ``value_reference.refuse_unknown``."""
    value = value_in(network, ref)
    y = replace(ref, symbol="y")
    output = value_part(y, value_in(network, y))
    if ref.t not in objective.steps(network.trace.length):
        formula, numbers = "0: the loss does not look at this step", ""
        parts: tuple[Part, ...] = (Part(objective.in_words()),)
    elif objective.kind is ObjectiveKind.SQUARED_ERROR:
        target = number(value_in(network, y) - value / 2)
        formula, numbers = f"2 × ({y.name} − target)", f"2 × ({number(value_in(network, y))} − {target})"
        parts = (Part("2 × ("), output, Part(f" − target {target})"))
    elif objective.kind is ObjectiveKind.CROSS_ENTROPY:
        wanted = value < 0
        formula = f"softmax({y.name}) of output {ref.unit}" + (" − 1, the target" if wanted else ", not the target")
        numbers = f"{written(value + 1)} − 1" if wanted else written(value, gradient=True)
        parts = (Part("softmax of "), output, Part(" − 1" if wanted else ""))
    else:
        looks = bool(value)
        formula = f"{y.name} is a summand of the loss" if looks else "0: the loss does not look at this output"
        numbers, parts = "", (Part(objective.in_words()),)
    return explained(ref, value, formula, numbers, (Term(TermKind.GIVEN, parts, value),))
