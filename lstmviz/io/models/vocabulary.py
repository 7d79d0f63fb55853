"""Vocabulary files: which token each number of an embedding stands for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.token_table import MOST_TOKENS
from lstmviz.io.json_text import json_value
from lstmviz.io.models.file_bytes import file_bytes

_HOW = 'Give a JSON list of tokens, a JSON object such as {"the": 0, "cat": 1}, or a text with one token a line.'


def read_vocabulary(path: str | Path, size: int | None = None) -> tuple[str, ...]:
    """The tokens in the order of their numbers. Numbers from 1 on leave 0 to an empty token, which stands for padding.

    size  how many there must be, the rows of the embedding; None for any

    Raises LstmvizError for what is no vocabulary, for numbers that are missing or come twice, and for another size.
    """
    data, where = file_bytes(path), Path(path).name
    start = data.lstrip()[:1]
    tokens = _from_json(json_value(data, where), where) if start in (b"[", b"{") else _from_lines(data, where)
    if not tokens:
        raise LstmvizError("There are no tokens in the file", where=where, how=_HOW)
    if size is not None and len(tokens) != size:
        raise LstmvizError(
            f"The vocabulary has {len(tokens):,} tokens, the embedding {size:,} rows",
            where=where,
            how="Both must be of one size: choose the vocabulary that the model was trained with.",
        )
    return tokens


def _from_lines(data: bytes, where: str) -> tuple[str, ...]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LstmvizError("The text is not UTF-8", where=f"{where}, byte {error.start}", how=_HOW) from error
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    if len(lines) > MOST_TOKENS or "\0" in text:
        raise LstmvizError("This is no list of tokens", where=where, how=_HOW)
    return tuple(line.removesuffix("\r") for line in lines)


def _from_json(value: Any, where: str) -> tuple[str, ...]:
    if isinstance(value, list):
        wrong = next((number for number, token in enumerate(value) if not isinstance(token, str)), None)
        if wrong is not None:
            raise LstmvizError(f"Number {wrong} of the list is no text", where=where, how=_HOW)
        return tuple(value)
    pairs = list(value.items())
    if pairs and all(isinstance(token, str) for _, token in pairs):  # number -> token
        pairs = [(token, int(key) if key.isascii() and key.isdigit() else None) for key, token in pairs]
    first = 0 if any(type(number) is int and number == 0 for _, number in pairs) else 1
    tokens: dict[int, str] = {}
    for token, number in pairs:
        if type(number) is not int or not first <= number < len(pairs) + first or number in tokens:
            raise LstmvizError(
                f"“{token[:40]}” has the number {ascii(number)[:40]}",
                where=where,
                how=f"The numbers must be 0 to {len(pairs) - 1:,}, or 1 to {len(pairs):,}, each once. {_HOW}",
            )
        tokens[number] = token
    return ("",) * first + tuple(tokens[number] for number in range(first, len(pairs) + first))
