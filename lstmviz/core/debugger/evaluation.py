"""The values of an expression (``core/debugger/expression.py``) over NumPy arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.debugger.expression import Call, Group, Index, Name, Node, Number, Operation, Span, Text, Unary
from lstmviz.core.errors import LstmvizError
from lstmviz.core.numerals import shortened

Value = NDArray[Any]


@dataclass(frozen=True)
class Function:
    """What a call computes: ``compute`` gets float64 arrays, between ``fewest`` and ``most`` of them.

    of_conditions  it gets conditions as they are instead
    """

    compute: Callable[..., Any]
    fewest: int = 1
    most: int = 1
    of_conditions: bool = False


@dataclass(frozen=True)
class Fault:
    """The part of an expression that first became non-finite.

    span   its place in the text
    by     the operator, function or name that gave the value
    value  the first such value: nan, inf or -inf
    """

    span: Span
    by: str
    value: float


def _differs(a: Any, b: Any) -> Any:
    # unlike np.not_equal false for nan, like every other comparison
    return np.less(a, b) | np.greater(a, b)


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "or": np.logical_or,
    "and": np.logical_and,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": _differs,
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.mod,
    "**": np.power,
}


def evaluate(node: Node, names: Mapping[str, Any], functions: Mapping[str, Function]) -> Value:
    """The value of ``node``: float64 or bool, shape () where it is the same at every step, else [T, k].

    ``names`` hold numbers, arrays [T] for one number a step, or arrays [T, units]; one number a step goes with any
    count of units and becomes [T, 1]. Non-finite values follow IEEE 754 and are returned as they are; only != is
    false, like every comparison, where there is a nan.
    Raises LstmvizError, with the span, for a name or function that is not given, a wrong number of arguments, units
    that do not fit or do not exist.
    """
    with np.errstate(all="ignore"):
        return Evaluator(names, functions).value(node)


def first_fault(node: Node, names: Mapping[str, Any], functions: Mapping[str, Function]) -> Fault | None:
    """The innermost part of ``node`` that is not finite although its own parts are, or None.

    Raises what ``evaluate`` raises.
    """
    evaluator = _FaultFinder(names, functions)
    with np.errstate(all="ignore"):
        evaluator.value(node)
    return evaluator.fault


class Evaluator:
    """Works a tree out from its leaves. A subclass may give names, truth and texts another meaning."""

    def __init__(self, names: Mapping[str, Any], functions: Mapping[str, Function]) -> None:
        self._names = names
        self._functions = functions

    def value(self, node: Node) -> Value:
        """The value of ``node``; call it with NumPy's floating-point warnings off."""
        match node:
            case Number():
                return np.asarray(node.value)
            case Text():
                raise LstmvizError("A text has no value here", how="Use numbers and names.", span=node.span)
            case Group():
                return self.value(node.inner)
            case Name():
                value = self.named(node)
                return self.noted(value[:, None] if value.ndim == 1 else value, node.span, node.name)
            case Index():
                return self.noted(self._unit(node), node.span, node.name.name)
            case Unary() if node.operator == "not":
                return np.asarray(np.logical_not(self.truth(node.operand)))
            case Unary():
                value = self.number(node.operand)
                return np.asarray(np.negative(value) if node.operator == "-" else value)
            case Operation():
                return self.operation(node)
            case Call():
                return self.noted(self.call(node), node.span, node.function.name)

    def number(self, node: Node) -> Value:
        """The value of ``node`` as float64; a condition counts as 0 or 1."""
        return np.asarray(self.value(node), dtype=np.float64)

    def truth(self, node: Node) -> Value:
        """The value of ``node`` where a condition is needed; any number but 0 counts as true."""
        return self.value(node)

    def named(self, node: Name) -> Value:
        """The value of a name, shape (), [T] or [T, units]. Raises LstmvizError where it is not given."""
        if node.name in self._names:
            return np.asarray(self._names[node.name])
        if node.name in self._functions:
            raise LstmvizError(
                f"“{node.name}” is a function", how=f"Write its argument: {node.name}(…).", span=node.span
            )
        raise self._unknown("a name", node, self._names)

    def noted(self, result: Any, span: Span, by: str) -> Value:
        """``result``, which ``by`` at ``span`` gave, as an array; parts come before the whole."""
        return np.asarray(result)

    def operation(self, node: Operation) -> Value:
        """The value of operators of one precedence, from left to right."""
        part = self.truth if node.operators[0] in ("and", "or") else self.number
        result = part(node.operands[0])
        for operator, operand in zip(node.operators, node.operands[1:], strict=True):
            right = part(operand)
            span = (node.span[0], operand.span[1])
            _refuse_unlike_units([result, right], f"The two sides of {operator}", span)
            result = self.noted(_OPERATORS[operator](result, right), span, operator)
        return result

    def call(self, node: Call) -> Any:
        """The value of a function of its arguments."""
        name = node.function.name
        function = self._functions.get(name)
        if function is None:
            raise self._no_function(node.function)
        self.refuse_count(node, function.fewest, function.most)
        part = self.truth if function.of_conditions else self.number
        arguments = [part(argument) for argument in node.arguments]
        _refuse_unlike_units(arguments, f"The arguments of {name}", node.span)
        return function.compute(*arguments)

    @staticmethod
    def refuse_count(node: Call, fewest: int, most: int) -> None:
        """Raises LstmvizError unless ``node`` has from ``fewest`` to ``most`` arguments."""
        count = len(node.arguments)
        if not fewest <= count <= most:
            wanted = " to ".join(map(str, sorted({fewest, most})))
            raise LstmvizError(
                f"“{node.function.name}” takes {wanted} argument{'' if wanted == '1' else 's'}, "
                f"here {'is' if count == 1 else 'are'} {count}",
                how="Arguments stand in the parentheses, separated by commas.",
                span=node.span,
            )

    def is_name(self, name: str) -> bool:
        """Whether ``name`` has a value."""
        return name in self._names

    def _no_function(self, function: Name) -> LstmvizError:
        if self.is_name(function.name):
            return LstmvizError(
                f"“{function.name}” is a value, not a function",
                how=f"To multiply, write {function.name}*(…).",
                span=function.span,
            )
        return self._unknown("a function", function, self._functions)

    def _unknown(self, what: str, node: Name, allowed: Iterable[str]) -> LstmvizError:
        close = get_close_matches(node.name[:100], [*self._names, *self._functions], n=1)
        guess = f"Did you mean “{close[0]}”? " if close else ""
        return LstmvizError(
            f"“{shortened(node.name)}” is not {what} that can be used here",
            how=f"{guess}Allowed are {', '.join(allowed)}.",
            span=node.span,
        )

    def _unit(self, node: Index) -> Value:
        value = self.named(node.name)
        if value.ndim < 2:
            raise LstmvizError(
                f"“{node.name.name}” has one value a step, there is no unit {shortened(str(node.unit))}",
                how=f"Write {node.name.name} alone.",
                span=node.span,
            )
        if node.unit >= (units := value.shape[1]):
            raise LstmvizError(
                f"“{node.name.name}” has no unit {shortened(str(node.unit))}",
                how=f"Choose one from 0 to {units - 1}." if units > 1 else f"There is one alone: {node.name.name}[0].",
                span=node.span,
            )
        return value[:, node.unit : node.unit + 1]


class _FaultFinder(Evaluator):
    """Remembers the part that first became non-finite, unless the whole around it is finite, as in 1 / exp(1000)."""

    fault: Fault | None = None

    def noted(self, result: Any, span: Span, by: str) -> Value:
        value = np.asarray(result)
        finite = np.isfinite(value)
        if self.fault is None and not finite.all():
            self.fault = Fault(span, by, float(value[~finite][0]))
        elif self.fault is not None and span[0] <= self.fault.span[0] and finite.all():
            self.fault = None
        return value


def _width(value: Value) -> int:
    return int(value.shape[-1]) if value.ndim else 1


def _refuse_unlike_units(values: list[Value], subject: str, span: Span) -> None:
    widths = [_width(value) for value in values if _width(value) != 1]
    if len(set(widths)) > 1:
        raise LstmvizError(
            f"{subject} have {' and '.join(map(str, widths))} units",
            how="Pick one unit, such as name[0].",
            span=span,
        )
