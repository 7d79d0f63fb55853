"""The kinds of what-ifs that the form offers: what each asks for, and the change that the answers make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lstmviz.core.arrays import Array
from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.experiments.what_if import (
    Change,
    Clamp,
    DeleteStep,
    InsertStep,
    MemoryBlocks,
    Peepholes,
    ScaleWeight,
    SetInput,
    SetStep,
    SetWeight,
    Silence,
    SwapSteps,
    UseVariant,
    Variant,
)
from lstmviz.core.networks.parameters import GATES, Cell
from lstmviz.core.quantity import QUANTITIES, Quantity
from lstmviz.core.run import Run

Answers = Mapping[str, Any]
"""What the form holds, by the name of the question."""


@dataclass(frozen=True, eq=False)
class Place:
    """Where one looks, and what has been answered so far: what the next question begins with depends on it."""

    run: Run
    cursor: Cursor
    answers: Answers


@dataclass(frozen=True)
class Options:
    """A question with a few answers: (value, words) each, and the value to begin with."""

    answers: tuple[tuple[Any, str], ...]
    first: Any


@dataclass(frozen=True)
class Whole:
    """A question for a whole number; ``special`` is what the lowest one is called instead, if anything."""

    lowest: int
    highest: int
    first: int
    special: str = ""


@dataclass(frozen=True)
class Real:
    """A question for a number."""

    first: float


@dataclass(frozen=True)
class Word:
    """A question for a text."""

    first: str


def _always(_: Place) -> bool:
    return True


@dataclass(frozen=True)
class Question:
    """One row of the form: the name of the answer, its label, an explanation, and what may be answered where.

    asked  whether there is anything to ask here; else the row is hidden
    """

    name: str
    label: str
    tip: str
    of: Callable[[Place], Options | Whole | Real | Word]
    asked: Callable[[Place], bool] = _always


@dataclass(frozen=True)
class Kind:
    """One kind of what-if.

    words     as the form calls it
    explains  what it does, in a sentence
    cells     where it can be made
    """

    words: str
    explains: str
    questions: tuple[Question, ...]
    make: Callable[[Answers], Change]
    cells: tuple[Cell, ...] = (Cell.LSTM, Cell.RNN)


EVERY = -1
"""In place of a unit: all of them."""

_NODE_OF_STAGE = {
    Stage.FORGET: "f",
    Stage.INPUT: "i",
    Stage.CANDIDATE: "g",
    Stage.CELL: "c",
    Stage.OUTPUT: "o",
    Stage.HIDDEN: "h",
}


def _nodes(place: Place) -> Options:
    quantities = QUANTITIES[place.run.network.cell]
    answers = tuple((quantity.symbol, f"{quantity.symbol}  {quantity.title}") for quantity in quantities)
    symbols, stage = [symbol for symbol, _ in answers], place.cursor.stage
    node = _NODE_OF_STAGE.get(stage, symbols[0]) if isinstance(stage, Stage) else symbols[0]
    return Options(answers, node if node in symbols else symbols[0])


def _layers(place: Place) -> Options:
    return Options(tuple((name, name) for name in place.run.trace.layers), place.cursor.layer)


def _every_layer(place: Place) -> Options:
    return Options(((None, "every layer"), *((name, name) for name in place.run.trace.layers)), None)


def _unit(place: Place) -> Whole:
    """Of the layer that is answered; a projection leaves h fewer units than the memory has."""
    layer = place.run.trace[place.answers["layer"] or place.cursor.layer]
    is_h = place.answers.get("symbol", Quantity.HIDDEN_STATE.symbol) == Quantity.HIDDEN_STATE.symbol
    units = layer.h.shape[2] if is_h else layer.parameters.hidden_size
    return Whole(0, units - 1, min(place.cursor.unit, units - 1))


def _unit_or_every(place: Place) -> Whole:
    return replace(_unit(place), lowest=EVERY, special="every unit")


def _step(place: Place) -> Whole:
    return Whole(1, place.run.length, place.cursor.t)


def _next_step(place: Place) -> Whole:
    return Whole(1, place.run.length, min(place.cursor.t + 1, place.run.length))


def _end(place: Place) -> Whole:
    return Whole(1, place.run.length, place.run.length)


def _place_for_a_step(place: Place) -> Whole:
    return Whole(1, place.run.length + 1, place.cursor.t)


def _feature(place: Place) -> Options:
    row = place.run.sequence.values[place.cursor.index]
    return Options(tuple(enumerate(place.run.sequence.features)), int(row.argmax()))


def _input_value(place: Place) -> Real:
    t, feature = min(place.answers["t"], place.run.length), place.answers["feature"]
    return Real(float(place.run.sequence.values[t - 1, feature]))


def _character(place: Place) -> Options:
    """The vocabulary; to begin with, what stands at the step."""
    t = min(place.answers["t"], place.run.length)
    return Options(tuple(enumerate(place.run.sequence.features)), int(place.run.sequence.values[t - 1].argmax()))


def _value(place: Place) -> Real:
    """What the node has now, so that nothing changes by accident; a forget gate is held open."""
    symbol, unit = place.answers["symbol"], max(place.answers["unit"], 0)
    if symbol == "f":
        return Real(1.0)
    values = getattr(place.run.trace[place.answers["layer"]], symbol)
    return Real(round(float(values[place.answers["first"] - 1, 0, unit]), 6))


def _weights(place: Place) -> Options:
    names = tuple(place.run.network.state_dict())
    return Options(tuple((name, name) for name in names), f"weight_hh_{place.cursor.layer}")


def _row(place: Place) -> Whole:
    return Whole(0, len(_array(place)) - 1, 0)


def _column(place: Place) -> Whole:
    array = _array(place)
    return Whole(0, array.shape[1] - 1 if array.ndim == 2 else 0, 0)


def _weight(place: Place) -> Real:
    array, row = _array(place), place.answers["row"]
    return Real(round(float(array[row, place.answers["column"]] if array.ndim == 2 else array[row]), 6))


def _array(place: Place) -> Array:
    return place.run.network.state_dict()[place.answers["name"]]


def _has_columns(place: Place) -> bool:
    return _array(place).ndim == 2


def _has_gates(place: Place) -> bool:
    return place.run.network.cell is Cell.LSTM and not place.answers["name"].startswith("head.")


def _gate_rows(place: Place) -> Options:
    gates = GATES if _has_gates(place) else ()
    return Options(((None, "all rows"), *((gate, f"rows of {gate}") for gate in gates)), None)


def _variants(_: Place) -> Options:
    return Options(tuple((variant, variant.value) for variant in Variant), Variant.NO_FORGET_GATE)


def _one(_: Place) -> Real:
    return Real(1.0)


def _two(_: Place) -> Real:
    return Real(2.0)


def _block_size(place: Place) -> Whole:
    return Whole(1, place.run.network.hidden_size, min(2, place.run.network.hidden_size))


def _clamp(answers: Answers) -> Clamp:
    unit = None if answers["unit"] == EVERY else answers["unit"]
    first, last = sorted((answers["first"], answers["last"]))
    return Clamp(answers["symbol"], answers["layer"], unit, first, last, answers["value"])


def _one_feature(answers: Answers) -> tuple[float, ...]:
    """An input with one feature at the value that was asked for, 1 where none was; the others are 0."""
    return tuple(
        float(answers.get("value", 1)) if feature == answers["feature"] else 0.0
        for feature in range(answers["features"])
    )


def _step_set(answers: Answers) -> SetStep:
    return SetStep(answers["t"], _one_feature(answers))


def _step_inserted(answers: Answers) -> InsertStep:
    return InsertStep(answers["t"], _one_feature(answers))


def _weight_set(answers: Answers) -> SetWeight:
    """A bias has no columns."""
    index = (answers["row"],) if "bias" in answers["name"] else (answers["row"], answers["column"])
    return SetWeight(answers["name"], index, answers["value"])


_LAYER = Question("layer", "layer", "The layer and direction.", _layers)
_SOME_LAYERS = Question("layer", "layer", "One layer and direction, or all.", _every_layer)
WHICH_STEP = Question("t", "step t", "Steps count from 1.", _step)
WHICH_NEW_STEP = Question("t", "as step t", "One more than the last step adds it at the end.", _place_for_a_step)
_FEATURE = Question("feature", "feature", "Which feature of the input x[t].", _feature)
_CHARACTER = Question("feature", "character", "What the step reads, from the characters of the text.", _character)

CHANGE_AN_INPUT = Kind(
    "Change an input",
    "One number of x[t] is another.",
    (WHICH_STEP, _FEATURE, Question("value", "value", "The new number.", _input_value)),
    lambda answers: SetInput(answers["t"], answers["feature"], answers["value"]),
)
INSERT_A_STEP = Kind(
    "Insert a step",
    "A new input becomes step t; the steps from there on come one later. Its other features are 0.",
    (WHICH_NEW_STEP, _FEATURE, Question("value", "value", "The number that this feature has.", _input_value)),
    _step_inserted,
)

_OF_A_TEXT = {
    CHANGE_AN_INPUT: replace(
        CHANGE_AN_INPUT,
        explains="The step reads another character.",
        questions=(WHICH_STEP, _CHARACTER),
        make=_step_set,
    ),
    INSERT_A_STEP: replace(
        INSERT_A_STEP,
        explains="A new character becomes step t; the steps from there on come one later.",
        questions=(WHICH_NEW_STEP, _CHARACTER),
    ),
}
"""What is asked instead where the sequence is a text."""

KINDS = (
    Kind(
        "Clamp a gate or a state",
        "The node has this value at these steps, whatever the network computes. No gradient flows through it: dz = 0.",
        (
            Question("symbol", "node", "What is held at the value.", _nodes),
            _LAYER,
            Question("unit", "unit", "Units count from 0.", _unit_or_every),
            Question("first", "from step", "The first step at which it is held.", _step),
            Question("last", "to step", "The last step at which it is held.", _end),
            Question("value", "value", "A gate runs from 0, closed, to 1, open.", _value),
        ),
        _clamp,
    ),
    Kind(
        "Silence a unit",
        "h of the unit is 0 at every step: neither the output nor its own next step hears it.",
        (_LAYER, Question("unit", "unit", "Units count from 0.", _unit)),
        lambda answers: Silence(answers["layer"], answers["unit"]),
    ),
    CHANGE_AN_INPUT,
    Kind(
        "Swap two steps",
        "The inputs of the two steps change places.",
        (WHICH_STEP, Question("other", "with step", "The other step.", _next_step)),
        lambda answers: SwapSteps(answers["t"], answers["other"]),
    ),
    INSERT_A_STEP,
    Kind(
        "Delete a step",
        "Step t is left out; the steps after it come one earlier.",
        (WHICH_STEP,),
        lambda answers: DeleteStep(answers["t"]),
    ),
    Kind(
        "Set a weight",
        "One weight has this value. Rows of an LSTM’s weights come in the order i, f, g, o, one a unit.",
        (
            Question("name", "weight", "PyTorch’s name of the array.", _weights),
            Question("row", "row", "From 0.", _row),
            Question("column", "column", "From 0.", _column, _has_columns),
            Question("value", "value", "The new weight.", _weight),
        ),
        _weight_set,
    ),
    Kind(
        "Scale weights",
        "Every weight of the array, or of one gate’s rows, is multiplied by the factor.",
        (
            Question("name", "weights", "PyTorch’s name of the array.", _weights),
            Question("gate", "rows", "All, or those of one gate.", _gate_rows, _has_gates),
            Question("factor", "factor", "1 leaves them as they are.", _two),
        ),
        lambda answers: ScaleWeight(answers["name"], answers["factor"], answers["gate"]),
    ),
    Kind(
        "Switch a part off",
        "The LSTM without one of its parts, as in the study “LSTM: A Search Space Odyssey”.",
        (Question("variant", "without", "What is left out.", _variants), _SOME_LAYERS),
        lambda answers: UseVariant(answers["variant"], answers["layer"]),
        (Cell.LSTM,),
    ),
    Kind(
        "Add peepholes",
        "The gates see the cell state of their own unit: p c is added to z of the gate.",
        (
            Question("i", "p_i", "Weight of c[t−1] for the input gate; 0 for none.", _one),
            Question("f", "p_f", "Weight of c[t−1] for the forget gate; 0 for none.", _one),
            Question("o", "p_o", "Weight of c[t] for the output gate; 0 for none.", _one),
            _SOME_LAYERS,
        ),
        lambda answers: Peepholes(answers["i"], answers["f"], answers["o"], answers["layer"]),
        (Cell.LSTM,),
    ),
    Kind(
        "Build memory blocks",
        "Cells in blocks under shared gates, as in the first papers: the input gate writes, the output gate reads, "
        "the forget gate resets.",
        (Question("size", "cells a block", "How many units share their gates.", _block_size), _SOME_LAYERS),
        lambda answers: MemoryBlocks(answers["size"], answers["layer"]),
        (Cell.LSTM,),
    ),
)
"""Every kind, in the order in which the form offers them."""


def kinds_of(run: Run) -> tuple[Kind, ...]:
    """The kinds that can be made to the network of ``run``, as they are asked for with its sequence."""
    kinds = (kind for kind in KINDS if run.network.cell in kind.cells)
    return tuple(_OF_A_TEXT.get(kind, kind) for kind in kinds) if run.sequence.vocabulary else tuple(kinds)
