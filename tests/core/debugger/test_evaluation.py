from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.core.debugger.evaluation import Function, evaluate, first_fault
from lstmviz.core.debugger.expression import parse
from lstmviz.core.errors import LstmvizError

FUNCTIONS = {
    "abs": Function(np.abs),
    "log": Function(np.log),
    "exp": Function(np.exp),
    "max": Function(np.maximum, 2, 2),
    "finite": Function(np.isfinite),
    "any": Function(lambda x: x.any(axis=-1, keepdims=True)),
    "span": Function(lambda x, *_: x, 1, 3),
}
NAMES: dict[str, Any] = {
    "t": np.array([1.0, 2.0, 3.0]),
    "f": np.array([[0.1, 0.9], [0.2, 0.8], [0.7, 0.3]]),
    "x": np.arange(9.0).reshape(3, 3),
    "l1.f": np.array([[0.5], [0.6], [0.7]]),
    "pi": math.pi,
}


def value(text: str) -> Any:
    return evaluate(parse(text), NAMES, FUNCTIONS).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3 - 4 / 8", 6.5),
        ("7 % 4 - -7 % 4", 2.0),
        ("-2 ** 2", -4.0),
        ("2 ** 3 ** 2", 512.0),
        ("2 - 3 - 4", -5.0),
        ("1 < 2", True),
        ("(1 < 2) + (3 >= 3)", 2.0),
        ("-(1 < 2)", -1.0),
        ("not 0 and (2 != 2 or 1 == 1)", True),
        ("t * 2", [[2.0], [4.0], [6.0]]),
        ("f[1]", [[0.9], [0.8], [0.3]]),
        ("l1.f[0] > 0.55", [[False], [True], [True]]),
        ("any(f > 0.85)", [[True], [False], [False]]),
        ("f * t", [[0.1, 0.9], [0.4, 1.6], [0.7 * 3, 0.3 * 3]]),
        ("max(t, 2)", [[2.0], [2.0], [3.0]]),
        ("log(0)", -math.inf),
        ("finite(log(t - 2))", [[False], [False], [True]]),
        ("abs(1 < 2)", 1.0),
    ],
)
def test_values(text: str, expected: object) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "culprit", "messages"),
    [
        ("1 + l1.ff", "l1.ff", ["“l1.ff” is not a name that can be used here", "mean “l1.f”?", "t, f, x, l1.f, pi"]),
        ("(zzzz)", "zzzz", ["“zzzz” is not a name", "Allowed are t, f"]),
        ("2 * lg(t)", "lg", ["“lg” is not a function", "Did you mean “log”?", "abs, log, exp, max"]),
        ("t.__class__", "t.__class__", ["is not a name that can be used here"]),
        ("t.sum()", "t.sum", ["is not a function that can be used here"]),
        ("log + 1", "log", ["“log” is a function", "log(…)"]),
        ("1 - t(3)", "t", ["“t” is a value, not a function", "t*(…)"]),
        ("1 + max(t)", "max(t)", ["“max” takes 2 arguments, here is 1"]),
        ("log()", "log()", ["“log” takes 1 argument, here are 0"]),
        ("span(1, 2, 3, 4)", "span(1, 2, 3, 4)", ["“span” takes 1 to 3 arguments, here are 4"]),
        ("1 + f[2]", "f[2]", ["“f” has no unit 2", "from 0 to 1"]),
        ("t[0] + 1", "t[0]", ["“t” has one value a step"]),
        ("pi[0]", "pi[0]", ["“pi” has one value a step"]),
        ("g[0]", "g", ["“g” is not a name"]),
        ("1 + f * x", "f * x", ["The two sides of * have 2 and 3 units", "name[0]"]),
        ("max(f, x)", "max(f, x)", ["The arguments of max have 2 and 3 units"]),
    ],
)
def test_what_is_not_given_is_refused_at_its_place(text: str, culprit: str, messages: list[str]) -> None:
    with pytest.raises(LstmvizError) as caught:
        value(text)
    assert caught.value.span is not None
    assert text[slice(*caught.value.span)] == culprit
    for message in messages:
        assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "culprit", "by", "bad"),
    [
        ("1 + log(1 - 2) * 3", "log(1 - 2)", "log", math.nan),
        ("2 - 1 / (1 - 1) + 5", "1 / (1 - 1)", "/", math.inf),
        ("2 * 3 * 1e308 * 10 * 0", "2 * 3 * 1e308", "*", math.inf),
        ("1 / exp(1000) + log(0)", "log(0)", "log", -math.inf),
    ],
)
def test_the_first_fault_is_the_innermost_part_that_is_not_finite(text: str, culprit: str, by: str, bad: float) -> None:
    fault = first_fault(parse(text), NAMES, FUNCTIONS)
    assert fault is not None
    assert text[slice(*fault.span)] == culprit
    assert fault.by == by
    assert fault.value == pytest.approx(bad, nan_ok=True)


def test_a_finite_expression_has_no_fault() -> None:
    assert first_fault(parse("1 / exp(1000)"), NAMES, FUNCTIONS) is None


OPERANDS = st.sampled_from(["1", "0", "1e308", "t", "f", "f[1]", "x", "l1.f", "pi", "nope", "t[9]"])
EXPRESSIONS = st.recursive(
    OPERANDS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "%", "**", "<", "==", " and ", " or "]), inner).map(
            "".join
        ),
        st.tuples(st.sampled_from(["-(", "(", "(not ", "log(", "any(", "exp(", "sqr("]), inner).map(
            lambda p: "".join(p) + ")"
        ),
        st.tuples(inner, inner).map(lambda p: f"max({p[0]},{p[1]})"),
    ),
    max_leaves=12,
)


@given(EXPRESSIONS)
def test_any_expression_has_a_value_or_a_marked_mistake(text: str) -> None:
    mistake = None
    try:
        node = parse(text)
        result = evaluate(node, NAMES, FUNCTIONS)
    except LstmvizError as error:
        mistake = error
    if mistake:
        assert mistake.span is not None
        assert text[slice(*mistake.span)] != ""
        return
    assert result.dtype in (np.float64, np.bool_)
    assert result.shape in ((), (3, 1), (3, 2), (3, 3))
    assert np.isfinite(result).all() or first_fault(node, NAMES, FUNCTIONS) is not None


@pytest.mark.parametrize("operator", ["<", "<=", ">", ">=", "==", "!="])
def test_a_comparison_with_nan_is_false(operator: str) -> None:
    assert value(f"0/0 {operator} 1") is False
    assert value(f"1 {operator} 0/0") is False


def test_a_text_has_no_value() -> None:
    with pytest.raises(LstmvizError, match="no value here") as caught:
        evaluate(parse("1 + 'a'", texts=True), NAMES, FUNCTIONS)
    assert caught.value.span == (4, 7)
