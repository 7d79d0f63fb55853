"""Typed tokens -> the sequence that a network with a table of tokens reads, and back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np

from lstmviz.core.arrays import Array, frozen
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.sequence import Sequence, SequenceKind
from lstmviz.core.experiments.token_table import TokenTable, token_label
from lstmviz.core.numerals import shortened
from lstmviz.core.text import count, visible
from lstmviz.io.tables import MAX_STEPS, MAX_VALUES

_WORDS, _NUMBERS = re.compile(r"\S+"), re.compile(r"[^\s,;\[\]()]+")
_BY_NUMBER = re.compile(r"#([0-9]{1,9})")
_PUNCTUATION = re.compile(r"\w+|[^\w\s]")
_MOST_SEARCHED, _MOST_COMPARED, _NEAR_MISSES = 200_000, 3_000, 3

Spans = list[tuple[int, int]]


def parse_tokens(text: str, table: TokenTable) -> Sequence:
    """The sequence that ``text`` describes: tokens between spaces, or one a character where all tokens are characters.

    Where nobody knows the tokens, their numbers. ``#17`` is token number 17, for tokens that cannot be typed, unless
    there is a token of that name. Raises LstmvizError; its span is the place of the mistake in ``text``.
    """
    most = min(MAX_STEPS, MAX_VALUES // table.width)
    spans = list(islice(_spans(text, table), most + 1))
    if not spans:
        how = "Type some tokens, one for each step." if table.tokens else "Type numbers of tokens, such as 0 1 2."
        raise LstmvizError("The sequence is empty", how=how, span=(0, len(text)))
    if len(spans) > most:
        raise LstmvizError(
            f"There are more than {count(most, 'token')} of {count(table.width, 'number')} each, which is the limit",
            how="Leave out what is marked.",
            span=(spans[most][0], len(text)),
        )
    numbers = tuple(_number(text, span, table) for span in spans)
    values = table.rows(np.array(numbers, np.intp))
    _refuse_not_finite(values, spans, table, numbers)
    values.flags.writeable = False
    known = {number: token_label(table, number) for number in set(numbers)}
    labels = tuple(map(known.__getitem__, numbers))
    kind = SequenceKind.TOKENS
    return Sequence(frozen(values), labels, table.features, text, kind, table=table, numbers=numbers)


def can_be_typed(number: int, table: TokenTable) -> bool:
    """Whether there is a way to write this token; some between characters have none, such as an empty one."""
    if not table.tokens:
        return True
    if not table.by_characters:
        return _is_plain(number, table) or f"#{number}" not in table.numbers
    token = table.tokens[number]
    return bool(token) and token != "\r" and table.numbers[token] == number


def typed_tokens(numbers: Iterable[int], table: TokenTable) -> str:
    """A text that ``parse_tokens`` reads as the tokens of these numbers, each of which can be typed."""
    if not table.tokens:
        return " ".join(map(str, numbers))
    if table.by_characters:
        return "".join(table.tokens[number] for number in numbers)
    return " ".join(_word(number, table) for number in numbers)


def _word(number: int, table: TokenTable) -> str:
    return table.tokens[number] if _is_plain(number, table) else f"#{number}"


def _is_plain(number: int, table: TokenTable) -> bool:
    """Whether a token between spaces can be written as it is."""
    token = table.tokens[number]
    return bool(_WORDS.fullmatch(token)) and table.numbers[token] == number


def _spans(text: str, table: TokenTable) -> Iterator[tuple[int, int]]:
    """Where each token begins and ends in ``text``."""
    if not table.tokens:
        pattern = _NUMBERS
    elif table.by_characters:
        marks = "|".join(map(re.escape, table.marks))
        pattern = re.compile(f"{marks}|\r\n|(?!\\A\ufeff)." if marks else "\r\n|(?!\\A\ufeff).", re.DOTALL)
    else:
        pattern = _WORDS
    return (found.span() for found in pattern.finditer(text))


def _number(text: str, span: tuple[int, int], table: TokenTable) -> int:
    """The number of the token at ``span``. Raises LstmvizError for what is none."""
    word = text[span[0] : span[1]]
    if not table.tokens:
        if word.isascii() and word.isdigit() and len(word) < 10 and int(word) < table.size:
            return int(word)
        raise _no_number(word, table, span)
    found = table.numbers.get("\n" if word == "\r\n" else word)
    if found is not None:
        return found
    by_number = None if table.by_characters else _BY_NUMBER.fullmatch(word)
    if by_number and int(by_number[1]) < table.size:
        return int(by_number[1])
    if table.unknown is not None and not by_number:
        return table.unknown
    raise _no_token(word, table, span)


def _refuse_not_finite(values: Array, spans: Spans, table: TokenTable, numbers: tuple[int, ...]) -> None:
    finite = np.isfinite(values).all(axis=1)
    if not finite.all():
        step = int(finite.argmin())
        raise LstmvizError(
            f"The embedding of “{token_label(table, numbers[step])}” has numbers that are not finite",
            where=table.name,
            how="Type another token; the model's file is damaged there, or its training has failed.",
            span=spans[step],
        )


def _no_number(word: str, table: TokenTable, span: tuple[int, int]) -> LstmvizError:
    return LstmvizError(
        f"“{shortened(word)}” is not the number of a token",
        how=f"There are 0 to {table.size - 1:,}. To type words, open the model with its vocabulary file.",
        span=span,
    )


def _no_token(word: str, table: TokenTable, span: tuple[int, int]) -> LstmvizError:
    near = near_misses(word, table)
    how = f"Did you mean {' or '.join(f'“{each}”' for each in near)}?" if near else "Type another."
    if table.unknown_token is not None:
        how += f" Or let unknown ones be read as “{table.tokens[table.unknown_token]}”."
    shown = shortened("".join(map(visible, word)))
    return LstmvizError(f"“{shown}” is not among the {count(table.size, 'token')}", how=how, span=span)


def near_misses(word: str, table: TokenTable) -> tuple[str, ...]:
    """Tokens that may have been meant, the likeliest first: of another case, longer ones, and those spelled alike."""
    known = table.numbers
    variants = [each for each in (word.lower(), word.capitalize(), word.upper()) if each in known]
    parts = _PUNCTUATION.findall(word)
    if 1 < len(parts) < 6 and all(part in known for part in parts) and not table.by_characters:
        variants.append(" ".join(parts))
    if variants or len(known) > _MOST_SEARCHED or len(word) < 2:
        return tuple(dict.fromkeys(variants))[:_NEAR_MISSES]
    from difflib import get_close_matches  # only mistakes need it, and the window opens without it

    word = word[:_MOST_COMPARED]
    longer = sorted((each for each in known if each.startswith(word)), key=len)
    alike = (each for each in known if abs(len(each) - len(word)) <= 2 and each)
    shared = [each for each in alike if each[0] == word[0] or each[-1] == word[-1]]
    close = get_close_matches(word, shared[:_MOST_COMPARED], _NEAR_MISSES)
    return tuple(dict.fromkeys((*longer[:2], *close)))[:_NEAR_MISSES]
