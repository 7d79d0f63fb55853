"""What the current stage does, in a sentence."""

from __future__ import annotations

from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.engine.backward_step import BackwardStage
from lstmviz.core.engine.step import step_before
from lstmviz.core.engine.trace import LayerTrace, LSTMTrace
from lstmviz.core.explanations.backward_narration import BACKWARD_TITLES, backward_sentence
from lstmviz.core.quantity import Quantity
from lstmviz.core.run import Run
from lstmviz.core.text import count, number, percent

_FORWARD_TITLES = {
    Stage.READ: "read the input and the last output",
    Stage.FORGET: "forget gate: how much to keep",
    Stage.INPUT: "input gate: how much to let in",
    Stage.CANDIDATE: "candidate: what to write",
    Stage.CELL: "cell update: keep, then write",
    Stage.OUTPUT: "output gate: how much to show",
    Stage.HIDDEN: "hidden state: what is shown",
}

_COMPUTED = {
    Stage.FORGET: "f",
    Stage.INPUT: "i",
    Stage.CANDIDATE: "g",
    Stage.CELL: "c",
    Stage.OUTPUT: "o",
    Stage.HIDDEN: "h",
}
_NAMES = {quantity.symbol: quantity.title for quantity in Quantity}

STAGE_TITLES = dict[Stage | BackwardStage, str]([*_FORWARD_TITLES.items(), *BACKWARD_TITLES.items()])
"""What each stage does, for the toolbar."""


def stage_sentence(run: Run, cursor: Cursor) -> str:
    """What happens at the cursor, for the pinned unit, with its numbers."""
    if cursor.backward:
        return backward_sentence(run, cursor)
    layer = run.trace[cursor.layer]
    at, t, before = (cursor.index, 0, cursor.unit), cursor.t, step_before(layer, cursor.t)
    who = "" if layer.parameters.hidden_size == 1 else f" of unit {cursor.unit}"
    if cursor.stage is Stage.READ:
        return f"Step {t} begins: the cell reads the input {_input(run, cursor)} and its own last output h[{before}]."
    assert isinstance(cursor.stage, Stage)
    symbol = _COMPUTED[cursor.stage]
    if symbol == "h" and isinstance(layer, LSTMTrace) and layer.unprojected is not None:
        return _projected(layer, cursor, who)
    if is_held(layer, symbol, cursor.index, cursor.unit):
        value = number(getattr(layer, symbol)[at])
        return f"A what-if holds the {_NAMES[symbol]}{who} at {value}, whatever the cell computes."
    if not isinstance(layer, LSTMTrace):
        return f"The input and the last output are weighted and added: h[{t}]{who} is {number(layer.h[at])}."
    if cursor.stage is Stage.FORGET:
        kept = percent(layer.f[at])
        return f"The forget gate{who} keeps {kept} of the memory c[{before}] = {number(layer.c_before[at])}."
    if cursor.stage is Stage.INPUT:
        return f"The input gate{who} is {percent(layer.i[at])} open."
    if cursor.stage is Stage.CANDIDATE:
        return (
            f"The candidate{who} proposes {number(layer.g[at], signed=True)}; "
            f"the input gate lets {number(layer.i[at] * layer.g[at], signed=True)} of it in."
        )
    if cursor.stage is Stage.CELL:
        return (
            f"The forget gate kept {percent(layer.f[at])} of the old memory; "
            f"the input gate added {number(layer.i[at] * layer.g[at], signed=True)}. "
            f"The memory{who} now holds {number(layer.c[at])}."
        )
    if cursor.stage is Stage.OUTPUT:
        return f"The output gate{who} is {percent(layer.o[at])} open."
    if layer.alteration is not None and layer.alteration.linear_out:
        source, memory = f"c[{t}]", number(layer.c[at])
    else:
        source, memory = f"tanh(c[{t}])", number(layer.tanh_c[at])
    return f"{percent(layer.o[at])} of {source} = {memory} is shown: h[{t}]{who} is {number(layer.h[at])}."


def _projected(layer: LSTMTrace, cursor: Cursor, who: str) -> str:
    """What happens at the last stage of a cell with a projection."""
    t, unit, width = cursor.t, cursor.unit, layer.h.shape[2]
    own = f"m[{t}]{who} is {number(layer.m[cursor.index, 0, unit])}"
    mixed = f"The projection mixes what every unit shows, m = o × tanh(c), into {count(width, 'number')}"
    if unit >= width:
        return f"{mixed}; {own}, and h has no number {unit}."
    value = number(layer.h[cursor.index, 0, unit])
    if is_held(layer, "h", cursor.index, unit):
        return f"A what-if holds number {unit} of h[{t}] at {value}, whatever the projection gives; {own}."
    return f"{mixed}: number {unit} of h[{t}] is {value}; {own}."


def is_held(layer: LayerTrace, symbol: str, row: int, unit: int) -> bool:
    """Whether a what-if holds the node ``symbol`` of a unit at row t - 1."""
    mask = None if layer.alteration is None else layer.alteration.mask(symbol)
    return mask is not None and bool(mask[row, unit])


def value_sentence(run: Run, layer_name: str, quantity: Quantity, t: int, unit: int) -> str:
    """One value with its name and meaning, for the hover line."""
    value = quantity.of(run.trace[layer_name])[t - 1, unit]
    who = f" of unit {unit}" if quantity is not Quantity.INPUT else f" of feature {unit}"
    return f"{quantity.symbol}[{t}]{who} = {number(value, digits=6)}: {quantity.title}, {quantity.meaning}."


def input_in_words(run: Run, cursor: Cursor) -> str:
    """What the layer reads, for people: the input with its character, or the layer below."""
    if not cursor.layer.startswith("l0"):
        return "from below"
    sequence = run.sequence
    return f"input “{sequence.labels[cursor.index]}”" if sequence.reads_tokens else "input"


def _input(run: Run, cursor: Cursor) -> str:
    """The input as the user knows it: the token or number of the sequence, or the layer below."""
    if not cursor.layer.startswith("l0"):
        return "from the layer below"
    sequence = run.sequence
    if sequence.reads_tokens or sequence.input_size == 1:
        return f"“{sequence.labels[cursor.index]}”" if sequence.reads_tokens else sequence.labels[cursor.index]
    return f"x[{cursor.t}]"
