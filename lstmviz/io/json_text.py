"""JSON that people can read, and reading JSON that strangers wrote."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from lstmviz.core.errors import LstmvizError

MOST_VALUES = 3_000_000
"""More numbers, texts, lists and objects than this are refused: in memory each takes many times its bytes."""

_MOST_DIGITS = 40
_LINE = 100
_HOW = "The file is damaged, or was changed by hand."
_TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)


def spelled(value: Any) -> Any:
    """``value`` with the texts NaN, Infinity and -Infinity for the numbers that JSON does not have."""
    if isinstance(value, dict):
        return {name: spelled(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [spelled(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def json_bytes(value: Any) -> bytes:
    """``value`` as UTF-8, indented; lists of texts and numbers, and small objects of them, in one line each."""
    # half of a surrogate pair, which UTF-8 does not have, becomes the escape that JSON knows
    return (_indented(value, "") + "\n").encode("utf-8", "backslashreplace")


def _indented(value: Any, margin: str) -> str:
    deeper = margin + "  "
    if not _holds_more(value):
        return _plain(value)
    if isinstance(value, dict):
        lines = [f"{_plain(name)}: {_indented(each, deeper)}" for name, each in value.items()]
        return "{\n" + ",\n".join(deeper + line for line in lines) + f"\n{margin}}}"
    return "[\n" + ",\n".join(deeper + _indented(each, deeper) for each in value) + f"\n{margin}]"


def _holds_more(value: Any) -> bool:
    """Whether it is a list or object with others in it, or an object that is long."""
    if isinstance(value, dict):
        return any(isinstance(each, (dict, list)) for each in value.values()) or len(_plain(value)) > _LINE
    return isinstance(value, list) and any(isinstance(each, (dict, list)) for each in value)


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def json_value(data: bytes, where: str) -> Any:
    """The value in ``data``. Raises LstmvizError for what is not JSON, NaN and infinity among it, or is excessive."""
    outside_texts = _TEXT.sub(b"", data)
    if sum(map(outside_texts.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise LstmvizError(f"There are more than {MOST_VALUES:,} values", where=where, how=_HOW)
    reading = _Reading(where)
    try:
        return json.loads(
            data.decode("utf-8"),
            parse_constant=reading.refuse_constant,
            parse_int=reading.whole,
            parse_float=reading.real,
            object_pairs_hook=reading.object,
        )
    except UnicodeDecodeError as error:
        raise LstmvizError("The text is not UTF-8", where=f"{where}, byte {error.start}", how=_HOW) from error
    except json.JSONDecodeError as error:
        place = f"{where}, line {error.lineno}, column {error.colno}"
        raise LstmvizError(f"The text is not JSON: {error.msg}", where=place, how=_HOW) from error
    except RecursionError as error:
        raise LstmvizError("Lists or objects are nested too deeply", where=where, how=_HOW) from error


class _Reading:
    """What Python's reader lets pass and we do not."""

    def __init__(self, where: str) -> None:
        self._where = where

    def refuse_constant(self, constant: str) -> NoReturn:
        raise self._wrong(f"{constant} in JSON: NaN and infinity are not numbers there")

    def whole(self, digits: str) -> int:
        if len(digits) > _MOST_DIGITS:
            raise self._wrong(f"A number has {len(digits):,} digits")
        return int(digits)

    def real(self, digits: str) -> float:
        value = float(digits)
        if not math.isfinite(value):
            raise self._wrong(f"{digits[:_MOST_DIGITS]} is larger than any float64 number")
        return value

    def object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise self._wrong(f"“{twice[:60]}” stands twice in one object")
        return result

    def _wrong(self, what: str) -> LstmvizError:
        return LstmvizError(what, where=self._where, how=_HOW)
