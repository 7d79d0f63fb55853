"""What a comparison of two runs says, in sentences."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

from lstmviz.core.comparison.diff import Diff, QuantityDiff
from lstmviz.core.comparison.first_difference import FirstDifference
from lstmviz.core.engine.nonfinite import HEAD
from lstmviz.core.magnitudes import signed_magnitude
from lstmviz.core.quantity import Quantity
from lstmviz.core.text import MINUS, number, percent

_NODE_TITLES = {
    "z": "the sum that goes into the cell",
    "m": "what the units show before the projection",
    "z_f": "the sum that goes into the forget gate",
    "z_i": "the sum that goes into the input gate",
    "z_g": "the sum that goes into the candidate",
    "z_o": "the sum that goes into the output gate",
    "tanh_c": "the squashed cell state",
    "y": "the output",
} | {quantity.symbol: f"the {quantity.title}" for quantity in Quantity}


@dataclass(frozen=True)
class Sides:
    """What the two runs are called where their numbers stand: ``0.83 before, 1.00 now``."""

    a: str = "in the first run"
    b: str = "in the second"


def headline(found: Diff, sides: Sides | None = None) -> str:
    """The first step that differs and in which node; or that nothing does."""
    if found.same:
        return "No difference: every number is the same, to the last bit." + _only_common(found)
    if found.rounding_only:
        first = found.first_forward or found.first_backward
        begin = f" {first_in_words(found, first, sides)}" if first is not None else ""
        return f"The two differ by rounding only.{begin}"
    if found.plain_forward is not None and found.first_forward is not None:
        earlier = found.first_forward.t != found.plain_forward.t
        rounding = f" Up to there they differ by rounding, from step {found.first_forward.t:,} on." if earlier else ""
        return first_in_words(found, found.plain_forward, sides) + rounding
    if found.plain_backward is not None:
        rounding = "" if found.first_forward is None else ", but for rounding"
        return f"The forward pass is the same{rounding}. {first_in_words(found, found.plain_backward, sides)}"
    return "Every number of both passes is the same, only the loss differs."


def details(found: Diff, sides: Sides | None = None) -> str:
    """Where the backward pass begins to differ, the losses, the weights, and what was not compared."""
    sentences = []
    if found.plain_forward is not None and found.plain_backward is not None:
        sentences.append(first_in_words(found, found.plain_backward, sides))
    elif found.plain_forward is not None and found.first_backward is not None:
        sentences.append("The gradients differ by rounding only.")
    elif found.first_forward is not None and found.first_backward is None and found.losses is not None:
        sentences.append("Every gradient is the same.")
    sentences += [losses_in_words(found, sides), weights_in_words(found), lengths_in_words(found, sides)]
    if found.a.x.shape[2] != found.b.x.shape[2]:
        sizes = f"{found.a.x.shape[2]} and {found.b.x.shape[2]}"
        sentences.append(f"The inputs have {sizes} numbers a step, so x is not compared.")
    return " ".join(filter(None, sentences))


def first_in_words(found: Diff, first: FirstDifference, sides: Sides | None = None) -> str:
    """The step, the node with its unit and layer, and both values."""
    sides = sides or Sides()
    layer = found.a.layers.get(first.layer)
    values = f"{exactly(first.a, first.b)} {sides.a}, {exactly(first.b, first.a)} {sides.b}"
    if layer is not None and not 1 <= first.t <= len(layer.h):
        node = "hidden state" if first.node == "h" else "cell state"
        return f"The initial {node} differs: {first.name}{_whose(found, first)} is {values}."
    title = _NODE_TITLES[first.node]
    if first.layer == HEAD and found.a.y.shape[2] > 1:
        title = f"output {first.unit}"
    node = f"the gradient of {title}" if first.gradient else title
    order = "On the way back the first" if first.gradient else "The first"
    what = f"{node}{_whose(found, first)}, {first.name},"
    return f"{order} step that differs is step {first.t:,}: {what} is {values}."


def losses_in_words(found: Diff, sides: Sides | None = None) -> str:
    """Both losses and how far apart they are; empty for passes without a loss."""
    if found.losses is None:
        return ""
    sides, (a, b) = sides or Sides(), found.losses
    if a == b or (math.isnan(a) and math.isnan(b)):
        return f"The loss is the same, {number(a, digits=6)}."
    # only infinities give a nan
    change = "" if math.isnan(b - a) else f", a change of {signed(b - a)}"
    return f"The loss is {exactly(a, b)} {sides.a} and {exactly(b, a)} {sides.b}{change}."


def weights_in_words(found: Diff) -> str:
    """How many weights differ, and which of them the most; empty where none does."""
    if not found.weights:
        return ""
    names = found.weights
    name = max(names, key=lambda each: -1.0 if math.isnan(names[each]) else names[each])
    by = f"by up to {signed_magnitude(names[name])}"
    if len(names) == 1:
        return f"One group of weights differs, {name}, {by}."
    return f"{len(names)} groups of weights differ, the most {name}, {by}."


def lengths_in_words(found: Diff, sides: Sides | None = None) -> str:
    """Which steps are compared, where the lengths differ; else empty."""
    if found.same_length:
        return ""
    sides = sides or Sides()
    lengths = f"{found.a.length:,} steps {sides.a}, {found.b.length:,} {sides.b}"
    return f"There are {lengths}: steps 1 to {found.length:,} are compared."


def largest_in_words(row: QuantityDiff) -> str:
    """The largest difference of one quantity and where it is."""
    if row.same:
        return f"The {row.title} is the same at every step."
    kind = "feature" if row.quantity is Quantity.INPUT else "unit"
    place = f"at step {row.t:,}, {kind} {row.unit}"
    if math.isnan(row.largest):
        return f"The {row.title} is not a number in one of the two runs, first {place}."
    share = "" if not math.isfinite(row.relative) else f", {percent(row.relative)} of the largest {row.symbol}"
    return f"The {row.title} differs by up to {signed_magnitude(row.largest)} {place}{share}."


def value_in_words(row: QuantityDiff, t: int, unit: int, sides: Sides | None = None) -> str:
    """Both values of one step and unit, and their difference."""
    sides = sides or Sides()
    a, b = float(row.a[t - 1, unit]), float(row.b[t - 1, unit])
    change = float(row.difference(t - 1, t)[0, unit])
    symbol = f"dL/d{row.quantity.symbol}" if row.gradient else row.symbol
    kind = "feature" if row.quantity is Quantity.INPUT else "unit"
    same = "no difference" if change == 0 else f"difference {signed(change)}"
    return f"{symbol}[{t}] of {kind} {unit}: {exactly(a, b)} {sides.a}, {exactly(b, a)} {sides.b}, {same}."


def exactly(value: float, other: float) -> str:
    """``value`` with as many digits as it takes to tell it from ``other``."""
    if not math.isfinite(value):
        return number(value)
    for write in (signed_magnitude, number, partial(number, digits=6), partial(number, digits=10)):
        text: str = write(value)
        if value == other or text != write(other):
            return text
    return repr(float(value)).replace("-", MINUS)


def signed(value: float) -> str:
    """A change with its sign and three digits."""
    return ("+" if value > 0 else "") + signed_magnitude(value)


def _whose(found: Diff, first: FirstDifference) -> str:
    """The unit and the layer, each where there are several."""
    if first.layer == HEAD:
        return ""
    layer = found.a[first.layer]
    width = getattr(layer, first.node).shape[2] if first.node in ("x", "h") else layer.parameters.hidden_size
    kind = "feature" if first.node == "x" else "unit"
    unit = f" of {kind} {first.unit}" if width > 1 else ""
    return unit + (f" in layer {first.layer}" if len(found.a.layers) > 1 else "")


def _only_common(found: Diff) -> str:
    return "" if found.same_length else f" {lengths_in_words(found)}"
