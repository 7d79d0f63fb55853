"""Conditions and watches: the small closed language (``expression.py``) over the numbers of a run.

    f[2] < 0.1        any(abs(c) > 3)        norm(dh) < 1e-6        c[0] * prev(c[0]) < 0        not finite(c)

Names: x, z_f z_i z_g z_o before the gates, f i g o, c, tanh_c, h of the LSTM; x, z, h of a vanilla RNN; d in front of
any of them is its gradient, dL/dh being ``dh``; y and dy, the outputs; ``loss``, what the step adds to L, 0 where the
loss does not look; ``t``, the step from 1 to ``T``; ``token``, the text of the step, to be compared with == or != to a
text: ``token == "a"``. A plain name means the layer given as ``layer``, ``l0`` unless told otherwise; ``l1.f`` and
``l0_reverse.c`` name another one, ``rnn.h`` and ``rnn.l1.h`` the vanilla RNN that runs beside. ``f[2]`` is unit 2.

Functions of the units of a step: ``any`` and ``all`` of conditions; ``max``, ``min``, ``mean``, ``norm`` (Euclidean)
and ``abs`` of numbers; ``finite``, true where every unit is finite. ``prev(a)`` is ``a`` one step earlier in time, also
in a layer that reads from the end. Before the first step stand h0 and c0 for the states of a layer that reads
forwards, everything else is nan there. A comparison with nan is false.

A condition has one answer a step. ``f < 0.1`` has one for every unit: it is refused, any(...) or all(...) is meant.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lstmviz.core.arrays import Array, BoolArray
from lstmviz.core.debugger.condition_names import OUTSIDE_LAYERS, TOKEN, Source
from lstmviz.core.debugger.evaluation import Evaluator, Function, Value
from lstmviz.core.debugger.expression import Call, Group, Index, Name, Node, Operation, Text, Unary, parse
from lstmviz.core.engine.trace import Gradients, Trace
from lstmviz.core.errors import LstmvizError
from lstmviz.core.numerals import shortened
from lstmviz.core.run import Run

MAX_CONDITION_CHARACTERS = 300
"""Longer conditions are refused: on a long run each operator takes its time."""

MAX_WATCH_VALUES = 2**24
"""Values of a watch over all steps; 128 MiB."""


def evaluate_condition(run: Run, text: str, *, layer: str = "l0") -> BoolArray:
    """Whether the condition holds, for every step: bool [T], read-only. ``layer``: what plain names mean.

    Raises LstmvizError, with the span of a mistake, what was expected there and how to mend it.
    """
    return _condition(Source.of_run(run, layer), text)


def evaluate_watch(run: Run, text: str, *, layer: str = "l0") -> Array:
    """The value of an expression at every step: float64 [T], or [T, k] for k units; conditions count as 0 and 1.

    Raises LstmvizError like ``evaluate_condition``, and for more values than MAX_WATCH_VALUES.
    """
    source, node = Source.of_run(run, layer), parse_condition(text)
    values = np.empty((run.length, _width(_at(source, node, text, 0))))
    if values.size > MAX_WATCH_VALUES:
        raise LstmvizError(
            f"“{shortened(text)}” has {values.size:,} values over all steps; the limit is {MAX_WATCH_VALUES:,}",
            how="Watch one unit, such as c[0], or norm(…).",
            span=node.span,
        )
    for start, stop in source.chunks():
        values[start:stop] = _value(source, node, text, start, stop)
    return values[:, 0] if values.shape[1] == 1 else values


def watch_value(run: Run, text: str, t: int, *, layer: str = "l0") -> Array | BoolArray:
    """The value of an expression at step ``t``, from 1: [k], bool for a condition, otherwise float64.

    Takes the same time however long the run is.
    """
    return _at(Source.of_run(run, layer), parse_condition(text), text, t - 1).reshape(-1)


def check_condition(run: Run, text: str, *, layer: str = "l0") -> None:
    """Raises LstmvizError where ``evaluate_condition`` would; looks at the first step only, so it is quick."""
    source, node = Source.of_run(run, layer), parse_condition(text)
    _refuse_other_than_condition(_at(source, node, text, 0), node, text)


def check_watch(run: Run, text: str, *, layer: str = "l0") -> None:
    """Raises LstmvizError where ``watch_value`` would."""
    watch_value(run, text, 1, layer=layer)


def find(
    run: Run | Trace,
    condition: str,
    *,
    gradients: Gradients | None = None,
    layer: str = "l0",
    sequence: int | None = None,
) -> BoolArray:
    """The steps of a run or a trace at which a condition holds: bool [T].

    gradients  the backward pass of the trace, for names such as dh; a run has its own
    layer      what names without a layer mean
    sequence   which one of a trace's batch, from 0; None is the only one

    Raises LstmvizError for a mistake in the condition, with its span, and for what a trace does not know.
    """
    if isinstance(run, Run):
        return evaluate_condition(run, condition, layer=layer)
    return _condition(Source.of_trace(run, gradients, layer, sequence), condition)


def parse_condition(text: str) -> Node:
    """The tree of a condition or a watch. Raises LstmvizError."""
    if len(text) > MAX_CONDITION_CHARACTERS:
        raise LstmvizError(
            f"This has {len(text):,} characters, the limit is {MAX_CONDITION_CHARACTERS}",
            how="Shorten it, or make two of it.",
            span=(MAX_CONDITION_CHARACTERS, len(text)),
        )
    if not text.strip():
        raise LstmvizError("Nothing is typed yet", how="Type for example any(f < 0.1).", span=(0, len(text)))
    return parse(text, texts=True)


def quantities(text: str) -> tuple[str, ...]:
    """The numbers that a condition looks at, each as an expression of its own: what a log row writes down.

    They are the sides of its comparisons and what ``finite`` is asked of: ``c[0] * prev(c[0]) < 0`` looks at
    ``c[0] * prev(c[0])``. Raises LstmvizError.
    """
    found: list[Node] = []
    _collect(parse_condition(text), found)
    return tuple(dict.fromkeys(text[slice(*node.span)] for node in found))


def _collect(node: Node, found: list[Node]) -> None:
    """Add the numbers of ``node`` to ``found``, from left to right."""
    match node:
        case Group():
            _collect(node.inner, found)
        case Unary() if node.operator == "not":
            _collect(node.operand, found)
        case Call() if node.function.name in ("any", "all", "finite"):
            for argument in node.arguments:
                _collect(argument, found)
        case Operation() if node.operators[0] in _LOGIC_AND_COMPARISON:
            for operand in node.operands:
                _collect(operand, found)
        case Name() | Index() | Call() | Operation() | Unary():
            if _mentions_a_name(node):
                found.append(node)


def _mentions_a_name(node: Node) -> bool:
    match node:
        case Name():
            return node.name != TOKEN
        case Index():
            return True
        case Call():
            return any(map(_mentions_a_name, node.arguments))
        case Operation():
            return any(map(_mentions_a_name, node.operands))
        case Unary():
            return _mentions_a_name(node.operand)
        case Group():
            return _mentions_a_name(node.inner)
    return False


_LOGIC_AND_COMPARISON = ("and", "or", "<", "<=", ">", ">=", "==", "!=")


def _condition(source: Source, text: str) -> BoolArray:
    node = parse_condition(text)
    holds = np.empty(source.length, np.bool_)
    for start, stop in source.chunks():
        value = _value(source, node, text, start, stop)
        _refuse_other_than_condition(value, node, text)
        holds[start:stop] = value.reshape(-1)
    holds.flags.writeable = False
    return holds


def _value(source: Source, node: Node, text: str, start: int, stop: int) -> Value:
    with np.errstate(all="ignore"):
        return _Conditions(source, text, start, stop).value(node)


def _at(source: Source, node: Node, text: str, index: int) -> Value:
    return _value(source, node, text, index, index + 1)


def _width(value: Value) -> int:
    return int(value.shape[1]) if value.ndim else 1


def _refuse_other_than_condition(value: Value, node: Node, text: str) -> None:
    written = shortened(text[slice(*node.span)])
    if value.dtype != np.bool_:
        raise LstmvizError(f"“{written}” is a number, not a condition", how=_compare(written), span=node.span)
    if _width(value) > 1:
        raise LstmvizError(
            f"“{written}” has {_width(value)} answers a step, one for every unit",
            how=f"Write any({written}) if one unit is enough, or all({written}).",
            span=node.span,
        )


def _compare(written: str) -> str:
    return f"Compare it with a number, such as {written} > 0."


def _over_units(reduce: Callable[..., Any]) -> Callable[[Value], Any]:
    """``reduce`` over the units of each step; a value that is the same at every step has one unit."""

    def reduced(value: Value) -> Any:
        return reduce(value if value.ndim else value[None], axis=-1, keepdims=value.ndim > 0)

    return reduced


def _norm(value: Value) -> Value:
    """The Euclidean norm over the units; the largest is taken out where squares would over- or underflow."""
    magnitude = np.abs(value if value.ndim else value[None, None])
    largest = magnitude.max(axis=-1, keepdims=True)
    if not ((largest > 1e-100) & (largest < 1e100)).all():
        scale = np.where((largest > 0) & np.isfinite(largest), largest, 1.0)
        magnitude = magnitude / scale
    else:
        scale = np.ones(())
    norms = np.sqrt(np.einsum("tk,tk->t", magnitude, magnitude))[:, None] * scale
    return np.asarray(norms if value.ndim else norms[0, 0])


def _finite(value: Value) -> Any:
    return _over_units(np.all)(np.isfinite(value))


FUNCTIONS = {
    "any": Function(_over_units(np.any), of_conditions=True),
    "all": Function(_over_units(np.all), of_conditions=True),
    "max": Function(_over_units(np.max)),
    "min": Function(_over_units(np.min)),
    "mean": Function(_over_units(np.mean)),
    "norm": Function(_norm),
    "abs": Function(np.abs),
    "finite": Function(_finite),
    "prev": Function(lambda value: value),  # _Conditions.call works its argument out one step earlier
}
"""All that can be called."""


class _Conditions(Evaluator):
    """The steps with index ``start`` up to ``stop``, each seen ``earlier`` steps before itself."""

    def __init__(self, source: Source, text: str, start: int, stop: int, earlier: int = 0) -> None:
        super().__init__(dict.fromkeys(OUTSIDE_LAYERS), FUNCTIONS)
        self._source = source
        self._text = text
        self._start, self._stop, self._earlier = start, stop, earlier

    def value(self, node: Node) -> Value:
        if isinstance(node, Text):
            raise LstmvizError(
                "A text can only be compared with token", how='Write token == "a" or token != "a".', span=node.span
            )
        return super().value(node)

    def named(self, node: Name) -> Value:
        start, stop = self._start - self._earlier, self._stop - self._earlier
        if node.name == "t":
            steps = np.arange(start + 1.0, stop + 1.0)
            steps[steps < 1] = np.nan
            return steps
        if node.name in FUNCTIONS:
            raise LstmvizError(
                f"“{node.name}” is a function", how=f"Write its argument: {node.name}(…).", span=node.span
            )
        series = self._source.series(node)
        return np.asarray(series) if isinstance(series, float) else series.rows(start, stop)

    def truth(self, node: Node) -> Value:
        value = self.value(node)
        if value.dtype != np.bool_:
            written = shortened(self._text[slice(*node.span)])
            raise LstmvizError(
                f"A condition is needed here, “{written}” is a number", how=_compare(written), span=node.span
            )
        return value

    def call(self, node: Call) -> Any:
        if node.function.name != "prev":
            return super().call(node)
        self.refuse_count(node, 1, 1)
        earlier = _Conditions(self._source, self._text, self._start, self._stop, self._earlier + 1)
        return earlier.value(node.arguments[0])

    def operation(self, node: Operation) -> Value:
        sides = [_ungrouped(operand) for operand in node.operands]
        texts = [side for side in sides if isinstance(side, Text)]
        tokens = [side for side in sides if isinstance(side, Name) and side.name == TOKEN]
        if len(sides) == 2 and texts and tokens and node.operators[0] in ("==", "!="):
            same = self._token_is(texts[0].text, tokens[0])
            return same if node.operators[0] == "==" else ~same
        return super().operation(node)

    def _token_is(self, text: str, node: Name) -> Value:
        """Whether each step's label is ``text``, [n, 1]; there is none before the first step."""
        labels = self._source.labels
        if labels is None:
            raise LstmvizError(
                "A trace alone has no tokens", how="Search a run: find(analyse(experiment), text).", span=node.span
            )
        wanted = (self._source.spelled or {}).get(text, text)
        start, stop = self._start - self._earlier, self._stop - self._earlier
        same = np.zeros((stop - start, 1), np.bool_)
        found = [label == wanted for label in labels[max(start, 0) : max(stop, 0)]]
        same[len(same) - len(found) :, 0] = found
        return same


def _ungrouped(node: Node) -> Node:
    while isinstance(node, Group):
        node = node.inner
    return node
