"""A reader of pickles that cannot run anything: it builds lists, dictionaries and the inert values of `pickle_values`.

Python's own unpickler imports what a pickle names and calls it. This one has neither; the few functions that files of
weights need are done by hand in `pickle_calls`, every other call is refused with its name, and objects of any other
class are kept as the data they had.
"""

from __future__ import annotations

import pickletools
import warnings
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from lstmviz.core.errors import LstmvizError
from lstmviz.io.models.limits import DAMAGED, HARMFUL, MOST_OPERATIONS, refuse_too_many_bytes
from lstmviz.io.models.pickle_calls import called, cost, instance, with_state
from lstmviz.io.models.pickle_values import Name, Stub

Persistent = Callable[[Any], Any]
"""What stands for a persistent id: the storage of a tensor."""

_VALUES = frozenset(
    [
        "INT",
        "BININT",
        "BININT1",
        "BININT2",
        "LONG",
        "LONG1",
        "LONG4",
        "FLOAT",
        "BINFLOAT",
        "STRING",
        "BINSTRING",
        "SHORT_BINSTRING",
        "UNICODE",
        "BINUNICODE",
        "SHORT_BINUNICODE",
        "BINUNICODE8",
        "BINBYTES",
        "SHORT_BINBYTES",
        "BINBYTES8",
        "BYTEARRAY8",
    ]
)
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_WITHOUT_EFFECT = frozenset(("PROTO", "FRAME", "READONLY_BUFFER"))
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


def unpickled(file: BinaryIO, where: str, persistent: Persistent | None = None) -> Any:
    """The next pickle in ``file``, which stands after it then. ``file`` must be in memory: lengths are a stranger's.

    Raises LstmvizError for what is no pickle, for more instructions than the limit, and for calls, by their name.
    """
    machine = _Machine(where, persistent)
    try:
        for number, (opcode, argument) in enumerate(_operations(file)):
            if number >= MOST_OPERATIONS:
                raise LstmvizError(
                    f"The pickle has more than {MOST_OPERATIONS:,} instructions", where=where, how=HARMFUL
                )
            if opcode == "STOP":
                return machine.pop()
            machine.do(opcode, argument)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, UnicodeError, OverflowError) as error:
        raise LstmvizError(f"The pickle is damaged: {_told(error)}", where=where, how=DAMAGED) from error
    raise LstmvizError("The pickle is cut off", where=where, how=DAMAGED)


def _operations(file: BinaryIO) -> Iterator[tuple[str, Any]]:
    operations = pickletools.genops(file)
    while True:
        with warnings.catch_warnings():  # of odd escapes in texts: what is damaged is refused, the rest is data
            warnings.simplefilter("ignore")
            try:
                opcode, argument, _ = next(operations)
            except StopIteration:
                return
        yield opcode.name, argument


def _told(error: Exception) -> str:
    return ascii(str(error))[1:-1][:120] or type(error).__name__


class _Machine:
    """The stack machine of the pickle format (described in the standard library's pickletools)."""

    def __init__(self, where: str, persistent: Persistent | None) -> None:
        self._where = where
        self._persistent = persistent
        self._stack: list[Any] = []
        self._marks: list[list[Any]] = []
        self._memo: dict[int, Any] = {}
        self._copied = 0

    def pop(self) -> Any:
        """The value on top of the stack."""
        return self._stack.pop()

    def do(self, opcode: str, argument: Any) -> None:
        """One instruction."""
        if opcode in _VALUES:
            self._stack.append(bytes(argument) if isinstance(argument, bytearray) else argument)
        elif opcode in _CONSTANTS:
            self._stack.append(_CONSTANTS[opcode])
        elif opcode in _TUPLES:
            self._stack.append(tuple(self._popped(_TUPLES[opcode])))
        elif opcode not in _WITHOUT_EFFECT:
            method = getattr(self, f"_do_{opcode.lower()}", None)
            if method is None:
                raise LstmvizError(f"The pickle uses {opcode}, which is not read", where=self._where, how=HARMFUL)
            method(argument)

    def _popped(self, number: int) -> list[Any]:
        if len(self._stack) < number:
            raise IndexError("the stack is empty")
        values = self._stack[-number:]
        del self._stack[-number:]
        return values

    def _marked(self) -> list[Any]:
        """Everything since the last mark."""
        values, self._stack = self._stack, self._marks.pop()
        return values

    # the stack and the memo

    def _do_mark(self, _: None) -> None:
        self._marks.append(self._stack)
        self._stack = []

    def _do_pop(self, _: None) -> None:
        if self._stack:
            self._stack.pop()
        else:
            self._marked()

    def _do_pop_mark(self, _: None) -> None:
        self._marked()

    def _do_dup(self, _: None) -> None:
        self._stack.append(self._stack[-1])

    def _do_memoize(self, _: None) -> None:
        self._memo[len(self._memo)] = self._stack[-1]

    def _do_put(self, index: Any) -> None:
        self._memo[int(index)] = self._stack[-1]

    def _do_get(self, index: Any) -> None:
        self._stack.append(self._memo[int(index)])

    _do_binput = _do_long_binput = _do_put
    _do_binget = _do_long_binget = _do_get

    # containers

    def _do_empty_tuple(self, _: None) -> None:
        self._stack.append(())

    def _do_tuple(self, _: None) -> None:
        values = self._marked()
        self._stack.append(tuple(values))

    def _do_empty_list(self, _: None) -> None:
        self._stack.append([])

    # a set is kept as a list: nothing is looked up in it, and hashing what a stranger has nested may never end
    _do_empty_set = _do_empty_list

    def _do_list(self, _: None) -> None:
        values = self._marked()
        self._stack.append(values)

    _do_frozenset = _do_list

    def _do_empty_dict(self, _: None) -> None:
        self._stack.append({})

    def _do_dict(self, _: None) -> None:
        values = self._marked()
        self._stack.append({})
        self._set_items(values)

    def _do_setitem(self, _: None) -> None:
        self._set_items(self._popped(2))

    def _do_setitems(self, _: None) -> None:
        self._set_items(self._marked())

    def _set_items(self, values: list[Any]) -> None:
        target = self._stack[-1]
        mapping = target.items if isinstance(target, Stub) else target
        if not isinstance(mapping, dict):
            raise TypeError("items for what is no dictionary")
        for key, value in zip(values[::2], values[1::2], strict=True):
            mapping[_key(key)] = value

    def _do_append(self, _: None) -> None:
        self._extend(self._popped(1))

    def _do_appends(self, _: None) -> None:
        self._extend(self._marked())

    _do_additems = _do_appends

    def _extend(self, values: list[Any]) -> None:
        target = self._stack[-1]
        elements = target.elements if isinstance(target, Stub) else target
        if not isinstance(elements, list):
            raise TypeError("elements for what is no list")
        elements.extend(values)

    # names, objects and calls

    def _do_global(self, argument: str) -> None:
        module, _, name = argument.partition(" ")
        self._stack.append(Name(module, name))

    def _do_stack_global(self, _: None) -> None:
        module, name = self._popped(2)
        if not (isinstance(module, str) and isinstance(name, str)):
            raise TypeError("a name that is no text")
        self._stack.append(Name(module, name))

    def _do_reduce(self, _: None) -> None:
        function, arguments = self._popped(2)
        self._count(arguments)
        self._stack.append(called(function, arguments, self._where))

    def _count(self, arguments: Any) -> None:
        """The same long text can be copied by every instruction: refused before it fills the memory."""
        self._copied += cost(arguments)
        refuse_too_many_bytes(self._copied, self._where)

    def _do_newobj(self, _: None) -> None:
        name, arguments = self._popped(2)
        self._count(arguments)
        self._stack.append(instance(name, arguments, self._where))

    def _do_newobj_ex(self, _: None) -> None:
        name, arguments, _keywords = self._popped(3)
        self._count(arguments)
        self._stack.append(instance(name, arguments, self._where))

    def _do_inst(self, argument: str) -> None:
        module, _, name = argument.partition(" ")
        self._stack.append(called(Name(module, name), tuple(self._marked()), self._where))

    def _do_obj(self, _: None) -> None:
        name, *arguments = self._marked()
        self._stack.append(called(name, tuple(arguments), self._where))

    def _do_build(self, _: None) -> None:
        state = self._popped(1)[0]
        self._count(state)
        with_state(self._stack[-1], state)

    def _do_persid(self, argument: str) -> None:
        self._stack.append(self._for_persistent(argument))

    def _do_binpersid(self, _: None) -> None:
        self._stack.append(self._for_persistent(self.pop()))

    def _for_persistent(self, identity: Any) -> Any:
        if self._persistent is None:
            raise LstmvizError("The pickle refers to something outside of it", where=self._where, how=HARMFUL)
        return self._persistent(identity)


def _key(key: Any) -> Any:
    """A key of a dictionary that is hashed at once, however a stranger has nested it."""
    if key is None or isinstance(key, (str, int, float, bytes, Name)):
        return key
    if isinstance(key, tuple) and len(key) <= 8 and all(isinstance(each, (str, int, float)) for each in key):
        return key
    return f"({type(key).__name__})"
