"""A small closed language for formulas and conditions: text -> tree -> NumPy values.

Nothing but the names and functions that the caller passes in can be used: no attribute, no import, no assignment.
Length and nesting are bounded, so that no input can exhaust the stack or hang. From the loosest binding on:

    or                      a or b
    and                     a and b
    not                     not a
    < <= > >= == !=         not chained: write a < b and b < c
    + -                     left to right
    * / %                   left to right
    unary - +
    ** (also ^)             right to left, -x ** 2 is -(x ** 2), 2 ** -1 works
    number  name  layer.name  name[unit]  function(a, b)  (a)  "text", where texts are asked for
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lstmviz.core.errors import LstmvizError
from lstmviz.core.numerals import NUMBER, finite_number, shortened

MAX_CHARACTERS = 2000
MAX_DEPTH = 64

Span = tuple[int, int]


@dataclass(frozen=True)
class Number:
    """A literal such as 0.5."""

    value: float
    span: Span


@dataclass(frozen=True)
class Name:
    """A value by its name, with dots where the language around it has any: ``t``, ``l1.f``."""

    name: str
    span: Span


@dataclass(frozen=True)
class Text:
    """A text in quotation marks, which its span includes: ``"b"``."""

    text: str
    span: Span


@dataclass(frozen=True)
class Index:
    """One unit of a named value: ``f[2]``."""

    name: Name
    unit: int
    span: Span


@dataclass(frozen=True)
class Call:
    """A function of its arguments: ``max(t, 3)``."""

    function: Name
    arguments: tuple[Node, ...]
    span: Span


@dataclass(frozen=True)
class Unary:
    """``-a``, ``+a`` or ``not a``."""

    operator: str
    operand: Node
    span: Span


@dataclass(frozen=True)
class Operation:
    """Operators of one precedence, computed left to right: ``a - b + c`` has two operators and three operands.

    One flat node instead of a left-leaning tree: a sum of a thousand terms stays one level deep.
    """

    operators: tuple[str, ...]
    operands: tuple[Node, ...]
    span: Span


@dataclass(frozen=True)
class Group:
    """A part in parentheses, which its span includes."""

    inner: Node
    span: Span


Node = Number | Name | Text | Index | Call | Unary | Operation | Group

_WORD = r"[A-Za-z_][A-Za-z_0-9]*"
_TOKEN = re.compile(
    rf"(?P<number>{NUMBER})|(?P<name>{_WORD}(?:\.{_WORD})*)"
    r"|(?P<symbol>\*\*|<=|>=|==|!=|[-+*/%^<>()\[\],\u2212\u00d7\u00b7])"
)
_TEXT = re.compile(r"\"[^\"]*\"|'[^']*'")
_SPACE = re.compile(r"\s*")
_SAME_SYMBOL = {"^": "**", "\u2212": "-", "\u00d7": "*", "\u00b7": "*"}
_FOREIGN_SYMBOL = {
    "=": "Write == to compare.",
    "&": "Write and.",
    "|": "Write or.",
    "!": "Write not, or != for “differs from”.",
    "'": "Names and numbers stand without quotation marks.",
    '"': "Names and numbers stand without quotation marks.",
    ";": "Arguments are separated by commas.",
    "{": "Use parentheses ( ).",
    "}": "Use parentheses ( ).",
    ".": "A decimal point needs a digit beside it.",
}
_OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _UNARY, _POWER = range(1, 9)
_PRECEDENCE = {
    "or": _OR,
    "and": _AND,
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), _COMPARISON),
    **dict.fromkeys(("+", "-"), _SUM),
    **dict.fromkeys(("*", "/", "%"), _PRODUCT),
    "**": _POWER,
}


@dataclass(frozen=True)
class _Token:
    kind: str  # number, name, text, symbol or end; the words and, or, not are symbols
    text: str
    span: Span


def parse(text: str, *, offset: int = 0, texts: bool = False) -> Node:
    """The tree of one expression; every span is counted from ``offset``, the place of ``text`` in a longer text.

    ``texts``: whether there may be texts in single or double quotation marks; nothing inside them is special.

    Raises LstmvizError with the span of the mistake and what was expected there.
    """
    if len(text) > MAX_CHARACTERS:
        raise LstmvizError(
            f"The expression has {len(text):,} characters, the limit is {MAX_CHARACTERS:,}",
            how="Shorten it.",
            span=(offset + MAX_CHARACTERS, offset + len(text)),
        )
    return _Parser(tuple(_tokens(text, offset, texts))).whole()


def _tokens(text: str, offset: int, texts: bool) -> Iterator[_Token]:
    position = _SPACE.match(text).end()  # type: ignore[union-attr]  # the pattern matches an empty text too
    last_end = position
    while position < len(text):
        quoted = texts and text[position] in "'\""
        match = (_TEXT if quoted else _TOKEN).match(text, position)
        if match is None:
            raise _foreign(text[position], quoted, offset + position)
        last_end = match.end()
        word, kind = match.group(), match.lastgroup or "text"
        if word in ("and", "or", "not"):
            kind = "symbol"
        yield _Token(kind, _SAME_SYMBOL.get(word, word), (offset + position, offset + last_end))
        position = _SPACE.match(text, last_end).end()  # type: ignore[union-attr]
    yield _Token("end", "", (offset + last_end, offset + last_end))


def _foreign(character: str, quoted: bool, place: int) -> LstmvizError:
    """The error for a character that begins nothing."""
    span = (place, place + 1)
    if quoted:
        return LstmvizError(f"This {character} is never closed", how=f"Add {character} after the text.", span=span)
    return LstmvizError(
        f"“{character}” is not part of a formula",
        how=_FOREIGN_SYMBOL.get(character, "Use numbers, names, functions, parentheses and + - * / % **."),
        span=span,
    )


class _Parser:
    """Recursive descent with precedence climbing over the tokens of one expression."""

    def __init__(self, tokens: tuple[_Token, ...]) -> None:
        self._tokens = tokens
        self._position = 0
        self._depth = 0

    @property
    def _token(self) -> _Token:
        return self._tokens[self._position]

    def _advance(self) -> _Token:
        token = self._token
        self._position += 1
        return token

    def _at(self, symbol: str) -> bool:
        return self._token.kind == "symbol" and self._token.text == symbol

    def _precedence(self) -> int:
        return _PRECEDENCE.get(self._token.text, 0) if self._token.kind == "symbol" else 0

    def whole(self) -> Node:
        """The one expression that all tokens make up."""
        if self._token.kind == "end":
            raise LstmvizError("The expression is empty", how="Type one such as sin(t/5).", span=self._token.span)
        node = self._expression(_OR)
        if self._at(")") or self._at("]"):
            opening = "(" if self._at(")") else "["
            raise LstmvizError(
                f"This “{self._token.text}” has no “{opening}” before it", how="Remove it.", span=self._token.span
            )
        if self._token.kind != "end":
            raise self._unexpected("an operator such as + or *")
        return node

    def _expression(self, minimum: int) -> Node:
        """An operand and the operators after it that bind at least as tightly as ``minimum``."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise LstmvizError(
                f"This is nested too deeply, the limit is {MAX_DEPTH} levels",
                how="Use fewer parentheses inside each other.",
                span=self._token.span,
            )
        node = self._operand(minimum)
        while (precedence := self._precedence()) >= minimum:
            node = self._operation(node, precedence)
        self._depth -= 1
        return node

    def _operation(self, first: Node, precedence: int) -> Operation:
        operators: list[str] = []
        operands = [first]
        while self._precedence() == precedence:
            if operators and precedence == _COMPARISON:
                raise LstmvizError("Comparisons cannot be chained", how="Write a < b and b < c.", span=self._token.span)
            operators.append(self._advance().text)
            # Right to left: the exponent takes any further ** and a sign of its own.
            operands.append(self._expression(_UNARY if precedence == _POWER else precedence + 1))
        return Operation(tuple(operators), tuple(operands), (first.span[0], operands[-1].span[1]))

    def _operand(self, minimum: int) -> Node:
        token = self._token
        if token.kind == "number":
            self._advance()
            return Number(finite_number(token.text, token.span), token.span)
        if token.kind == "name":
            return self._named()
        if token.kind == "text":
            self._advance()
            return Text(token.text[1:-1], token.span)
        if self._at("-") or self._at("+") or (self._at("not") and minimum <= _NOT):
            self._advance()
            operand = self._expression(_NOT if token.text == "not" else _UNARY)
            return Unary(token.text, operand, (token.span[0], operand.span[1]))
        if self._at("("):
            self._advance()
            inner = self._expression(_OR)
            return Group(inner, (token.span[0], self._close(token, ")")))
        if self._at("not"):
            raise LstmvizError("“not” needs parentheses here", how="Write (not a).", span=token.span)
        raise self._unexpected("a number, a name, a function or “(”")

    def _named(self) -> Node:
        """A name, alone or with a unit in brackets or arguments in parentheses after it."""
        token = self._advance()
        name = Name(token.text, token.span)
        opening = self._token
        if self._at("["):
            self._advance()
            if self._token.kind != "number" or not self._token.text.isdigit():
                raise self._unexpected("the number of a unit, such as 0,")
            unit = int(self._advance().text)
            return Index(name, unit, (name.span[0], self._close(opening, "]")))
        if not self._at("("):
            return name
        self._advance()
        arguments: list[Node] = []
        if not self._at(")"):
            arguments.append(self._expression(_OR))
            while self._at(","):
                self._advance()
                arguments.append(self._expression(_OR))
        return Call(name, tuple(arguments), (name.span[0], self._close(opening, ")")))

    def _close(self, opening: _Token, symbol: str) -> int:
        """The end of the closing ``symbol``, which must come now."""
        if self._at(symbol):
            return self._advance().span[1]
        if self._token.kind == "end":
            raise LstmvizError(f"This “{opening.text}” is never closed", how=f"Add “{symbol}”.", span=opening.span)
        raise self._unexpected(f"an operator or “{symbol}”" if symbol == ")" else f"“{symbol}”")

    def _unexpected(self, expected: str) -> LstmvizError:
        """The error for a token that stands where something else is needed."""
        token = self._token
        if token.kind == "end":
            return LstmvizError(
                f"The expression ends too early: expected {expected}", how="Complete it.", span=token.span
            )
        remedy = ""
        if expected.startswith("an operator") and (token.kind != "symbol" or token.text == "("):
            before, found = self._tokens[self._position - 1], shortened(token.text)
            remedy = f"To multiply, write {shortened(before.text)}*{found}"
            if before.kind == "name" and token.kind != "symbol":
                remedy += f", to call a function {shortened(before.text)}({found})"
            remedy += "."
        return LstmvizError(f"Expected {expected}, found “{shortened(token.text)}”", how=remedy, span=token.span)
