"""The values of an expression (``core/expression.py``) over NumPy arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.errors import LstmvizError
from lstmviz.core.expression import Call, Group, Index, Name, Node, Number, Operation, Span, Unary, shortened

Value = NDArray[Any]


@dataclass(frozen=True)
class Function:
    """What a call computes: ``compute`` gets float64 arrays, between ``fewest`` and ``most`` of them."""

    compute: Callable[..., Any]
    fewest: int = 1
    most: int = 1


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


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "or": np.logical_or,
    "and": np.logical_and,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
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
    count of units and becomes [T, 1]. Non-finite values follow IEEE 754 and are returned as they are.
    Raises LstmvizError, with the span, for a name or function that is not given, a wrong number of arguments, units
    that do not fit or do not exist.
    """
    with np.errstate(all="ignore"):
        return _Evaluator(names, functions).value(node)


def first_fault(node: Node, names: Mapping[str, Any], functions: Mapping[str, Function]) -> Fault | None:
    """The innermost part of ``node`` that is not finite although its own parts are, or None.

    Raises what ``evaluate`` raises.
    """
    evaluator = _Evaluator(names, functions)
    with np.errstate(all="ignore"):
        evaluator.value(node)
    return evaluator.fault


class _Evaluator:
    def __init__(self, names: Mapping[str, Any], functions: Mapping[str, Function]) -> None:
        self._names = names
        self._functions = functions
        self.fault: Fault | None = None

    def value(self, node: Node) -> Value:
        match node:
            case Number():
                return np.asarray(node.value)
            case Group():
                return self.value(node.inner)
            case Name():
                return self._checked(self._named(node), node.span, node.name)
            case Index():
                return self._checked(self._unit(node), node.span, node.name.name)
            case Unary():
                return self._unary(node)
            case Operation():
                return self._operation(node)
            case Call():
                return self._checked(self._call(node), node.span, node.function.name)

    def _checked(self, result: Any, span: Span, by: str) -> Value:
        """``result`` as an array; parts come before the whole, so the first that is not finite is the culprit.

        It is none if the whole around it is finite again, as in 1 / exp(1000).
        """
        value = np.asarray(result)
        finite = np.isfinite(value)
        if self.fault is None and not finite.all():
            self.fault = Fault(span, by, float(value[~finite][0]))
        elif self.fault is not None and span[0] <= self.fault.span[0] and finite.all():
            self.fault = None
        return value

    def _named(self, node: Name) -> Value:
        if node.name in self._names:
            value = np.asarray(self._names[node.name])
            return value[:, None] if value.ndim == 1 else value
        if node.name in self._functions:
            raise LstmvizError(
                f"“{node.name}” is a function", how=f"Write its argument: {node.name}(…).", span=node.span
            )
        raise self._unknown("a name", node, self._names)

    def _unknown(self, what: str, node: Name, allowed: Iterable[str]) -> LstmvizError:
        close = get_close_matches(node.name[:100], [*self._names, *self._functions], n=1)
        guess = f"Did you mean “{close[0]}”? " if close else ""
        return LstmvizError(
            f"“{shortened(node.name)}” is not {what} that can be used here",
            how=f"{guess}Allowed are {', '.join(allowed)}.",
            span=node.span,
        )

    def _unit(self, node: Index) -> Value:
        value = self._named(node.name)
        units = _width(value)
        if np.ndim(self._names[node.name.name]) < 2:
            raise LstmvizError(
                f"“{node.name.name}” has one value a step, there is no unit {shortened(str(node.unit))}",
                how=f"Write {node.name.name} alone.",
                span=node.span,
            )
        if node.unit >= units:
            raise LstmvizError(
                f"“{node.name.name}” has no unit {shortened(str(node.unit))}",
                how=f"Choose one from 0 to {units - 1}.",
                span=node.span,
            )
        return value[:, node.unit : node.unit + 1]

    def _unary(self, node: Unary) -> Value:
        value = self.value(node.operand)
        if node.operator == "not":
            return np.asarray(np.logical_not(value))
        return np.asarray(np.negative(_numbers(value)) if node.operator == "-" else _numbers(value))

    def _operation(self, node: Operation) -> Value:
        result = self.value(node.operands[0])
        for operator, operand in zip(node.operators, node.operands[1:], strict=True):
            right = self.value(operand)
            span = (node.span[0], operand.span[1])
            _refuse_unlike_units([result, right], f"The two sides of {operator}", span)
            result = self._checked(_OPERATORS[operator](_numbers(result), _numbers(right)), span, operator)
        return result

    def _call(self, node: Call) -> Any:
        name = node.function.name
        function = self._functions.get(name)
        if function is None:
            if name in self._names:
                raise LstmvizError(
                    f"“{name}” is a value, not a function",
                    how=f"To multiply, write {name}*(…).",
                    span=node.function.span,
                )
            raise self._unknown("a function", node.function, self._functions)
        count = len(node.arguments)
        if not function.fewest <= count <= function.most:
            wanted = " to ".join(map(str, sorted({function.fewest, function.most})))
            raise LstmvizError(
                f"“{name}” takes {wanted} argument{'' if wanted == '1' else 's'}, here {'is' if count == 1 else 'are'} "
                f"{count}",
                how="Arguments stand in the parentheses, separated by commas.",
                span=node.span,
            )
        arguments = [_numbers(self.value(argument)) for argument in node.arguments]
        _refuse_unlike_units(arguments, f"The arguments of {name}", node.span)
        return function.compute(*arguments)


def _numbers(value: Value) -> Value:
    """``value`` as float64; a condition counts as 0 or 1."""
    return np.asarray(value, dtype=np.float64)


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
