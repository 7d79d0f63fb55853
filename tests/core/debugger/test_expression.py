from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.core.debugger.expression import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    Call,
    Group,
    Index,
    Name,
    Node,
    Number,
    Operation,
    Text,
    Unary,
    parse,
)
from lstmviz.core.errors import LstmvizError

FRAGMENTS = [
    *"0123456789.+-*/%^()[],<>=! \n",
    "**",
    "1e",
    "and ",
    "or ",
    "not ",
    "t",
    "sin(",
    "f[",
    "l1.f",
    "é",
    "'",
    "_",
]


def shape(node: Node) -> object:
    """The tree as nested tuples, without spans and parentheses."""
    match node:
        case Number():
            return node.value
        case Name():
            return node.name
        case Index():
            return (node.name.name, node.unit)
        case Group():
            return shape(node.inner)
        case Unary():
            return (node.operator, shape(node.operand))
        case Call():
            return (node.function.name, *map(shape, node.arguments))
        case Operation():
            tree = shape(node.operands[0])
            for operator, operand in zip(node.operators, node.operands[1:], strict=True):
                tree = (operator, tree, shape(operand))
            return tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("1", 1.0),
        (".5", 0.5),
        ("2.", 2.0),
        ("1e-3", 0.001),
        ("a - b - c", ("-", ("-", "a", "b"), "c")),
        ("a + b * c", ("+", "a", ("*", "b", "c"))),
        ("a * b + c", ("+", ("*", "a", "b"), "c")),
        ("a / (b % c)", ("/", "a", ("%", "b", "c"))),
        ("a ** b ** c", ("**", "a", ("**", "b", "c"))),
        ("a ^ 2", ("**", "a", 2.0)),
        ("-a ** 2", ("-", ("**", "a", 2.0))),
        ("2 ** -a ** b", ("**", 2.0, ("-", ("**", "a", "b")))),
        ("-a * b", ("*", ("-", "a"), "b")),
        ("a - -b", ("-", "a", ("-", "b"))),
        ("a \u2212 b \u00d7 c \u00b7 d", ("-", "a", ("*", ("*", "b", "c"), "d"))),
        ("not a < b and c or d", ("or", ("and", ("not", ("<", "a", "b")), "c"), "d")),
        ("a or not not b", ("or", "a", ("not", ("not", "b")))),
        ("(a + 1 >= b) == 0", ("==", (">=", ("+", "a", 1.0), "b"), 0.0)),
        ("max(a, b + 1)", ("max", "a", ("+", "b", 1.0))),
        ("now()", ("now",)),
        ("l1.f[2] < 0.1", ("<", ("l1.f", 2), 0.1)),
        ("note", "note"),
    ],
)
def test_grammar(text: str, tree: object) -> None:
    assert shape(parse(text)) == tree


def test_every_node_knows_its_place() -> None:
    text = " sin(t / 5) + ( -c[3] )"
    node = parse(text, offset=100)

    def shown(part: Node) -> str:
        return text[part.span[0] - 100 : part.span[1] - 100]

    assert isinstance(node, Operation)
    assert shown(node) == text.strip()
    sine, group = node.operands
    assert isinstance(sine, Call)
    assert isinstance(group, Group)
    assert isinstance(group.inner, Unary)
    assert [shown(sine), shown(sine.function), shown(sine.arguments[0])] == ["sin(t / 5)", "sin", "t / 5"]
    assert [shown(group), shown(group.inner), shown(group.inner.operand)] == ["( -c[3] )", "-c[3]", "c[3]"]


@pytest.mark.parametrize(
    ("text", "culprit", "message"),
    [
        ("", "", "The expression is empty"),
        ("t +", "", "ends too early: expected a number"),
        ("t + * 2", "*", "Expected a number, a name, a function or “(”, found “*”"),
        ("2t", "t", "Expected an operator such as + or *, found “t”. To multiply, write 2*t."),
        ("sin t", "t", "to call a function sin(t)"),
        ("(a)(b)", "(", "To multiply, write )*("),
        ("1 2", "2", "Expected an operator"),
        ("sin(t", "(", "This “(” is never closed"),
        ("f[1", "[", "This “[” is never closed"),
        ("max(t 2)", "2", "Expected an operator or “)”"),
        ("a)", ")", "This “)” has no “(” before it"),
        ("a]", "]", "This “]” has no “[” before it"),
        ("a, b", ",", "Expected an operator"),
        ("f[t]", "t", "Expected the number of a unit"),
        ("f[1.5]", "1.5", "Expected the number of a unit"),
        ("f[1 + 1]", "+", "Expected “]”"),
        ("(f)[1]", "[", "Expected an operator"),
        ("a < b < c", "<", "Comparisons cannot be chained. Write a < b and b < c."),
        ("a = b", "=", "Write == to compare"),
        ("a & b", "&", "Write and."),
        ("a | b", "|", "Write or."),
        ("!a", "!", "Write not"),
        ("t 'x'", "'", "without quotation marks"),
        ("a . b", ".", "A decimal point needs a digit"),
        ("a.__class__ + π", "π", "is not part of a formula"),
        ("a + not b", "not", "“not” needs parentheses here"),
        ("1e999 + 1", "1e999", "1e999 is too large for a float64; the largest is about 1.8e308"),
    ],
)
def test_a_mistake_is_marked_with_what_was_expected(text: str, culprit: str, message: str) -> None:
    with pytest.raises(LstmvizError) as caught:
        parse(text)
    error = caught.value
    assert error.span is not None
    assert text[slice(*error.span)] == culprit
    assert message in str(error)


def test_an_early_end_is_marked_behind_the_last_word() -> None:
    with pytest.raises(LstmvizError) as caught:
        parse("t +   ", offset=10)
    assert caught.value.span == (13, 13)


def test_length_is_bounded() -> None:
    parse("1+" * (MAX_CHARACTERS // 2 - 1) + "1")
    with pytest.raises(LstmvizError, match="2,001 characters, the limit is 2,000") as caught:
        parse("1" * (MAX_CHARACTERS + 1))
    assert caught.value.span == (MAX_CHARACTERS, MAX_CHARACTERS + 1)


@pytest.mark.parametrize("opening", ["(", "-", "not ", "2**", "f(", "1+(", "a or b and 1 < 2 + 3 * -("])
def test_nesting_is_bounded(opening: str) -> None:
    text = opening * (MAX_CHARACTERS // len(opening))
    with pytest.raises(LstmvizError, match="nested too deeply, the limit is 64 levels") as caught:
        parse(text)
    assert caught.value.span is not None
    assert caught.value.span[1] <= MAX_DEPTH * len(opening) + len(opening)


@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(FRAGMENTS), max_size=60).map("".join)))
def test_any_text_is_parsed_or_refused_within_itself(text: str) -> None:
    try:
        span, parsed = parse(text).span, True
    except LstmvizError as error:
        assert error.span is not None  # noqa: PT017 - most texts are refused, some are not
        span, parsed = error.span, False
    start, end = span
    assert 0 <= start <= end <= len(text)
    assert not parsed or text[start:end] == text.strip()


@pytest.mark.parametrize(("text", "inside"), [('"b"', "b"), ("'\"'", '"'), ("' ('", " ("), ('""', "")])
def test_texts_where_they_are_asked_for(text: str, inside: str) -> None:
    node = parse(f"token == {text}", offset=5, texts=True)
    assert isinstance(node, Operation)
    assert node.operands[1] == Text(inside, (14, 14 + len(text)))
    with pytest.raises(LstmvizError, match="without quotation marks"):
        parse(text)


def test_a_text_that_never_ends_is_marked_where_it_begins() -> None:
    with pytest.raises(LstmvizError, match="This ' is never closed") as caught:
        parse("token == 'b", texts=True)
    assert caught.value.span == (9, 10)
