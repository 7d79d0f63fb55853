"""Why a number is what it is: its formula, the numbers in it, and the terms of the sum behind it."""

from __future__ import annotations

from dataclasses import replace

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.engine.selection import checked_sequence, layer_of
from lstmviz.core.engine.trace import LSTMTrace, Trace
from lstmviz.core.errors import LstmvizError
from lstmviz.core.explanations.backward_explanations import explain_gradient
from lstmviz.core.explanations.backward_narration import explain_backward
from lstmviz.core.explanations.explanation import Explanation, with_difference
from lstmviz.core.explanations.forward_explanations import explain_forward
from lstmviz.core.explanations.length_explanation import explain_length
from lstmviz.core.explanations.loss_explanation import explain_loss_gradient
from lstmviz.core.run import NetworkRun, Run
from lstmviz.core.value_reference import OUTPUTS, ValueReference, network_run, refuse_unknown

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


def explain_value(run: Run, ref: ValueReference, most: int = 8) -> Explanation:
    """Why any number of a run is what it is, forward or backward.

    At most ``most`` terms are named; the rest is one term, and together they add up to the total.

    Raises LstmvizError where the run has no such value.
    """
    network = network_run(run, ref)
    refuse_unknown(network.trace, ref)
    if not ref.gradient:
        found = explain_forward(network.trace, ref, most)
        if ref.symbol == "x" and not any(term.sources for term in found.terms):
            formula, place = _origin_of_input(run, ref)
            found = replace(found, formula=formula, substituted=place)
        return found
    if ref.is_length:
        return explain_length(network, ref, most)
    if ref.symbol == "dy":
        return explain_loss_gradient(network, run.objective, ref)
    return _as_computed(run, network, explain_gradient(network, ref, most))


def explain_stage(run: Run, cursor: Cursor, most: int = 8) -> tuple[Explanation, ...]:
    """The values to explain at the cursor's stage, for the pinned unit.

    With a projection h is a mixture of every unit's m = o tanh(c): h of the pinned number, if there are so many, and m
    of the pinned unit.
    """
    if not isinstance(cursor.stage, Stage):
        return tuple(_as_computed(run, run.main, each) for each in explain_backward(run, cursor, most))
    layer, symbols = run.trace[cursor.layer], EXPLAINED[cursor.stage]
    if not isinstance(layer, LSTMTrace):
        symbols = symbols[:1]
    elif cursor.stage is Stage.HIDDEN and layer.unprojected is not None:
        symbols = ("h", "m") if cursor.unit < layer.h.shape[2] else ("m", "o")
    refs = [ValueReference(symbol, cursor.t, cursor.layer, cursor.unit) for symbol in symbols]
    return tuple(explain_forward(run.trace, ref, most) for ref in refs)


def explain(
    trace: Trace, symbol: str, t: int, unit: int, layer: str = "l0", *, most: int = 8, sequence: int | None = None
) -> Explanation:
    """Why a value of a forward pass is what it is: ``explain(trace, "f", t=3, unit=2)``.

    symbol    x, z_f z_i z_g z_o (z of a vanilla RNN), f i g o c tanh_c h, or y, whose layer does not count
    t         the step, from 1; for c and h also that of the initial state, 0 (T + 1 in a reverse layer)
    unit      from 0; for x the feature, for y the output
    most      so many terms are named, the largest; the rest is one term
    sequence  which sequence of a batch, from 0; may be left out where there is one only

    Raises LstmvizError for a value that is not there.
    """
    ref = ValueReference(symbol, t, layer, unit)
    refuse_unknown(trace, ref)
    if ref.gradient:
        raise LstmvizError(f"{ref.name} belongs to a backward pass", where="symbol", how="Ask a value of the trace.")
    at = checked_sequence(layer_of(trace, layer if symbol not in OUTPUTS else "l0"), sequence)
    return explain_forward(trace, ref, most, at)


def _origin_of_input(run: Run, ref: ValueReference) -> tuple[str, str]:
    """Where an entry of the input comes from: its token, or what was typed; and its place in the embedding."""
    sequence, table = run.sequence, run.sequence.table
    label = sequence.labels[ref.t - 1]
    if sequence.reads_tokens and label != "*":
        if table is None or table.vectors is None:
            own = sequence.features[ref.unit]
            return f"1 for “{label}”, which is read" if own == label else f"0 for “{own}”: “{label}” is read", ""
        place = f"{table.name or 'embedding'}[{sequence.numbers[ref.t - 1]}, {ref.unit}]"
        return f"embedding of “{label}”, entry {ref.unit}", place
    typed = sequence == run.experiment.sequence
    return "the input, typed by you" if typed else "the input, as the what-ifs leave it", ""


def _as_computed(run: Run, network: NetworkRun, explanation: Explanation) -> Explanation:
    """With a mistake in the backward pass its numbers are not what the formula says: the difference is a term."""
    bug = run.experiment.bug
    if bug is None or network.network.cell not in bug.cells:
        return explanation
    return with_difference(explanation, f"the mistake: {bug.value}")
