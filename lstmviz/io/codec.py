"""Frozen dataclasses to plain JSON values and back, after their type hints; arrays are taken out and have names.

What a hint says is written like this, and nothing else is read back:

    bool, int, str, None   as in JSON; whole numbers have 64 bits
    float                  a number; those that JSON lacks are {"number": "nan"}, "inf" or "-inf"
    an Enum                the name of its member; where several could stand, with its class: ``Stage.READ``
    Literal                its value
    tuple                  a list
    a dataclass            an object of its fields; where several could stand, its class is under "type"
    a NumPy array          {"array": name}
    a union                whichever of its parts the value is

A field that a file does not have gets the default of its dataclass.
"""

from __future__ import annotations

import json
import math
import operator
import types
from abc import ABC, abstractmethod
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.arrays import Array
from lstmviz.core.errors import LstmvizError

Plain = Any
"""A value that ``json`` writes and reads."""

REMEDY = "The file is damaged, was changed by hand, or was made by a newer lstmviz."

_INT_LIMIT = 2**63
_NOT_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def to_plain(value: Any, hint: Any, arrays: dict[str, Array], name: str) -> Plain:
    """``value``, which has the type ``hint``, as a plain value; its arrays are added to ``arrays``.

    ``name`` begins the names of its parts, such as ``experiment.sequence.values``; it may be empty.
    Raises LstmvizError for whole numbers of more than 64 bits, TypeError for a value that is not of that type.
    """
    return coder(hint).write(value, name, arrays)


def from_plain(plain: Plain, hint: Any, arrays: dict[str, Array], name: str) -> Any:
    """The inverse of ``to_plain``; takes the arrays that it needs out of ``arrays``.

    Raises LstmvizError, with the name of the part, for whatever does not have the type ``hint``.
    """
    return coder(hint).read(plain, name, arrays)


class Coder(ABC):
    """Writes and reads the values of one type."""

    words: str
    """What such a value is, for people: ``a whole number``."""

    @abstractmethod
    def holds(self, value: Any) -> bool:
        """Whether ``value`` is of this type."""

    @abstractmethod
    def fits(self, plain: Plain) -> bool:
        """Whether ``plain`` looks like a value of this type."""

    @abstractmethod
    def write(self, value: Any, name: str, arrays: dict[str, Array]) -> Plain:
        """``value`` as a plain one."""

    def read(self, plain: Plain, name: str, arrays: dict[str, Array]) -> Any:
        """The value that ``plain`` stands for."""
        if not self.fits(plain):
            raise LstmvizError(f"{_shown(plain)} stands where {self.words} belongs", where=name, how=REMEDY)
        return self._read(plain, name, arrays)

    @abstractmethod
    def _read(self, plain: Plain, name: str, arrays: dict[str, Array]) -> Any:
        """The same for what ``fits``."""


class _Scalar(Coder):
    """None, a truth value or a text: the same in JSON."""

    def __init__(self, kind: type, words: str) -> None:
        self.kind = kind
        self.words = words

    def holds(self, value: Any) -> bool:
        return type(value) is self.kind

    def fits(self, plain: Plain) -> bool:
        return type(plain) is self.kind

    def write(self, value: Any, name: str, arrays: dict[str, Array]) -> Plain:
        _refuse_other(self, value, name)
        return value

    def _read(self, plain: Plain, name: str, arrays: dict[str, Array]) -> Any:
        return plain


class _Whole(Coder):
    words = "a whole number"

    def holds(self, value: Any) -> bool:
        return isinstance(value, (int, np.integer)) and not isinstance(value, bool)

    def fits(self, plain: Plain) -> bool:
        return self.holds(plain) and -_INT_LIMIT <= plain < _INT_LIMIT

    def write(self, value: Any, name: str, arrays: dict[str, Array]) -> Plain:
        _refuse_other(self, value, name)
        if not -_INT_LIMIT <= value < _INT_LIMIT:
            raise LstmvizError("This number is too large to be saved", where=name, how="Choose one below 9×10¹⁸.")
        return operator.index(value)

    def _read(self, plain: Plain, name: str, arrays: dict[str, Array]) -> int:
        return int(plain)


class _Real(Coder):
    words = "a number"

    def holds(self, value: Any) -> bool:
        return isinstance(value, (float, int, np.floating, np.integer)) and not isinstance(value, bool)

    def fits(self, plain: Plain) -> bool:
        if isinstance(plain, dict):
            return plain.keys() == {"number"} and plain["number"] in list(_NOT_FINITE)
        if isinstance(plain, float):
            return math.isfinite(plain)
        return type(plain) is int and abs(plain) < _INT_LIMIT

    def write(self, value: Any, name: str, arrays: dict[str, Array]) -> Plain:
        _refuse_other(self, value, name)
        value = float(value)
        return value if math.isfinite(value) else {"number": str(value)}

    def _read(self, plain: Plain, name: str, arrays: dict[str, Array]) -> float:
        return _NOT_FINITE[plain["number"]] if isinstance(plain, dict) else float(plain)


class _Choice(Coder):
    """An Enum, or the values of a Literal; ``labelled`` writes the class before the name."""

    def __init__(self, label: str, members: dict[str, Any], *, labelled: bool) -> None:
        self._members = {f"{label}.{name}" if labelled else name: member for name, member in members.items()}
        self.words = f"one of {', '.join(self._members)}"

    def holds(self, value: Any) -> bool:
        return any(value is member or (type(value) is str and value == member) for member in self._members.values())

    def fits(self, plain: Plain) -> bool:
        return isinstance(plain, str) and plain in self._members

    def write(self, value: Any, name: str, arrays: dict[str, Array]) -> Plain:
        _refuse_other(self, value, name)
        return next(word for word, member in self._members.items() if member == value)

    def _read(self, plain: Plain, name: str, arrays: dict[str, Array]) -> Any:
        return self._members[plain]


class _ArrayTakenOut(Coder):
    words = "the name of an array"

    def holds(self, value: Any) -> bool:
        return isinstance(value, np.ndarray)

    def fits(self, plain: Plain) -> bool:
        return isinstance(plain, dict) and plain.keys() == {"array"} and isinstance(plain["array"], str)

    def write(self, value: Any, name: str, arrays: dict[str, Array]) -> Plain:
        _refuse_other(self, value, name)
        arrays[name] = value
        return {"array": name}

    def _read(self, plain: Plain, name: str, arrays: dict[str, Array]) -> Array:
        if plain["array"] not in arrays:
            raise LstmvizError(f"The array {_shown(plain['array'])} is missing", where=name, how=REMEDY)
        return arrays.pop(plain["array"])


class _Tuple(Coder):
    """A tuple of any length; with ``items`` of just these."""

    def __init__(self, item: Coder, items: tuple[Coder, ...] | None = None) -> None:
        self.item, self.items = item, items
        self.words = "a list" if items is None else f"a list of {len(items)}"
        self._texts = isinstance(item, _Scalar) and item.kind is str and items is None

    def holds(self, value: Any) -> bool:
        return isinstance(value, tuple)

    def fits(self, plain: Plain) -> bool:
        return isinstance(plain, list) and (self.items is None or len(plain) == len(self.items))

    def write(self, value: Any, name: str, arrays: dict[str, Array]) -> Plain:
        _refuse_other(self, value, name)
        if self._texts and all(type(each) is str for each in value):  # the tokens of a large table, quickly
            return list(value)
        return [item.write(each, _part(name, number), arrays) for number, (item, each) in self._numbered(value)]

    def _read(self, plain: Plain, name: str, arrays: dict[str, Array]) -> Any:
        if self._texts and all(type(each) is str for each in plain):  # the labels of long sequences, quickly
            return tuple(plain)
        return tuple(item.read(each, _part(name, number), arrays) for number, (item, each) in self._numbered(plain))

    def _numbered(self, values: Any) -> enumerate[tuple[Coder, Any]]:
        items = self.items if self.items is not None else (self.item,) * len(values)
        return enumerate(zip(items, values, strict=True))


class _Record(Coder):
    """A dataclass; ``labelled`` writes its class under "type"."""

    def __init__(self, kind: type, *, labelled: bool) -> None:
        self.kind, self.labelled = kind, labelled
        self.words = f"a {kind.__name__}" if labelled else f"the fields of a {kind.__name__}"
        hints = get_type_hints(kind)
        own = [field for field in fields(kind) if field.init]
        self._fields = {field.name: coder(hints[field.name]) for field in own}
        self._needed = [f.name for f in own if f.default is MISSING and f.default_factory is MISSING]
        if labelled and "type" in self._fields:
            raise TypeError(f"{kind.__name__} has a field called type")

    def holds(self, value: Any) -> bool:
        return type(value) is self.kind

    def fits(self, plain: Plain) -> bool:
        return isinstance(plain, dict) and (not self.labelled or plain.get("type") == self.kind.__name__)

    def write(self, value: Any, name: str, arrays: dict[str, Array]) -> Plain:
        _refuse_other(self, value, name)
        label = {"type": self.kind.__name__} if self.labelled else {}
        return label | {
            field: each.write(getattr(value, field), _part(name, field), arrays) for field, each in self._fields.items()
        }

    def _read(self, plain: Plain, name: str, arrays: dict[str, Array]) -> Any:
        given = {field: each for field, each in plain.items() if not (self.labelled and field == "type")}
        for field in given:
            if field not in self._fields:
                raise LstmvizError(f"{_shown(field)} is unknown here", where=name, how=REMEDY)
        for field in self._needed:
            if field not in given:
                raise LstmvizError(f"{_shown(field)} is missing", where=name, how=REMEDY)
        values = {field: self._fields[field].read(each, _part(name, field), arrays) for field, each in given.items()}
        try:
            return self.kind(**values)
        except (ValueError, TypeError) as error:  # from a __post_init__ that refuses impossible values
            raise LstmvizError(f"The values do not fit together: {error}", where=name, how=REMEDY) from error
        except LstmvizError as error:
            raise LstmvizError(
                error.what, where=f"{name}: {error.where}" if error.where else name, how=REMEDY
            ) from error


class _Union(Coder):
    def __init__(self, members: list[Coder]) -> None:
        self._members = members
        self.words = " or ".join(member.words for member in members)

    def holds(self, value: Any) -> bool:
        return any(member.holds(value) for member in self._members)

    def fits(self, plain: Plain) -> bool:
        return any(member.fits(plain) for member in self._members)

    def write(self, value: Any, name: str, arrays: dict[str, Array]) -> Plain:
        _refuse_other(self, value, name)
        return next(member for member in self._members if member.holds(value)).write(value, name, arrays)

    def _read(self, plain: Plain, name: str, arrays: dict[str, Array]) -> Any:
        return next(member for member in self._members if member.fits(plain)).read(plain, name, arrays)


_SCALARS: dict[Any, Coder] = {
    type(None): _Scalar(type(None), "nothing"),
    bool: _Scalar(bool, "true or false"),
    str: _Scalar(str, "a text"),
    int: _Whole(),
    float: _Real(),
}


@cache
def coder(hint: Any) -> Coder:
    """What writes and reads values of the type ``hint``. Raises TypeError for types that cannot be saved."""
    if get_origin(hint) in (Union, types.UnionType):
        return _union(get_args(hint))
    return _one(hint, labelled=False)


def _one(hint: Any, *, labelled: bool) -> Coder:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in _SCALARS:
        return _SCALARS[hint]
    if origin in (np.ndarray, NDArray):  # from NumPy 2.5 on the alias is a type of its own
        return _ArrayTakenOut()
    if origin is Literal and all(type(each) is str for each in arguments):
        return _Choice("text", {each: each for each in arguments}, labelled=labelled)
    if origin is tuple and arguments[1:] == (...,):
        return _Tuple(coder(arguments[0]))
    if origin is tuple:
        return _Tuple(_SCALARS[str], tuple(map(coder, arguments)))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _Choice(hint.__name__, dict(hint.__members__), labelled=labelled)
    if isinstance(hint, type) and is_dataclass(hint):
        return _Record(hint, labelled=labelled)
    raise TypeError(f"{hint} cannot be saved")


def _union(hints: tuple[Any, ...]) -> Coder:
    """A union whose parts can be told apart in JSON; whole numbers come before others, which would take them too."""
    records = [hint for hint in hints if is_dataclass(hint)]
    choices = [
        hint for hint in hints if get_origin(hint) is Literal or (isinstance(hint, type) and issubclass(hint, Enum))
    ]
    others = [hint for hint in hints if hint not in records and hint not in choices]
    tuples = [hint for hint in others if get_origin(hint) is tuple]
    if len(tuples) > 1 or (choices and str in others):
        raise TypeError(f"{hints} cannot be told apart in a file")
    others.sort(key=lambda hint: hint is float)
    members = [_one(hint, labelled=False) for hint in others]
    members += [_one(hint, labelled=len(choices) > 1) for hint in choices]
    return _Union([*members, *(_one(hint, labelled=len(records) > 1) for hint in records)])


def _part(name: str, part: object) -> str:
    return f"{name}.{part}" if name else str(part)


def _refuse_other(coder: Coder, value: Any, name: str) -> None:
    if not coder.holds(value):
        raise TypeError(f"{name} is {value!r}, which is not {coder.words}")


def _shown(plain: Plain) -> str:
    """A value of a file, short enough for a message."""
    if isinstance(plain, (dict, list)):
        return "an object" if isinstance(plain, dict) else f"a list of {len(plain)}"
    if isinstance(plain, int) and abs(plain) >= _INT_LIMIT:
        return "a number of more than 64 bits"
    text = f"“{plain}”" if isinstance(plain, str) else json.dumps(plain)
    return text if len(text) <= 60 else text[:59] + "…"
