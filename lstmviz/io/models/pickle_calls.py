"""The functions and classes that pickles of weights name, done by hand. A call of anything else is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lstmviz.core.errors import LstmvizError
from lstmviz.io.models.arrays import BFLOAT16
from lstmviz.io.models.pickle_values import Name, NumpyArray, NumpyType, Storage, Stub, Tensor

STORAGE_TYPES: dict[str, np.dtype[Any]] = {
    "DoubleStorage": np.dtype("<f8"),
    "FloatStorage": np.dtype("<f4"),
    "HalfStorage": np.dtype("<f2"),
    "BFloat16Storage": BFLOAT16,
    "LongStorage": np.dtype("<i8"),
    "IntStorage": np.dtype("<i4"),
    "ShortStorage": np.dtype("<i2"),
    "CharStorage": np.dtype("<i1"),
    "ByteStorage": np.dtype("<u1"),
    "BoolStorage": np.dtype("?"),
    "UntypedStorage": np.dtype("<u1"),
}
"""PyTorch's storages by the names of their classes."""

_TENSOR_TYPES = {
    "float64": "<f8",
    "double": "<f8",
    "float32": "<f4",
    "float": "<f4",
    "float16": "<f2",
    "half": "<f2",
    "int64": "<i8",
    "int32": "<i4",
    "int16": "<i2",
    "int8": "<i1",
    "uint8": "<u1",
    "bool": "?",
}

_INERT = frozenset(
    [
        "torch.device",
        "torch.Size",
        "torch.Generator",
        "datetime.datetime",
        "datetime.date",
        "datetime.timedelta",
        "datetime.timezone",
        "pathlib.Path",
        "pathlib.PosixPath",
        "pathlib.WindowsPath",
        "pathlib.PurePosixPath",
        "pathlib._local.PosixPath",
        "pathlib._local.WindowsPath",
        "argparse.Namespace",
        "decimal.Decimal",
        "fractions.Fraction",
        "uuid.UUID",
        "collections.Counter",
        "collections.deque",
        "builtins.complex",
        "builtins.slice",
        "builtins.range",
        "torch._utils._rebuild_qtensor",
        "torch._utils._rebuild_sparse_tensor",
    ]
)
"""Calls without which checkpoints would not open, and of which only the arguments are kept."""

_HOW = "Nothing was run. Ask whoever made the file for the weights alone: torch.save(model.state_dict(), path)."


def called(function: Any, arguments: Any, where: str) -> Any:
    """What the call stands for. Raises LstmvizError for a function that is not on the list, by its name."""
    if not isinstance(function, Name) or not isinstance(arguments, tuple):
        raise TypeError("a call of what is no function")
    known = _FUNCTIONS.get(_modern(function))
    if known is not None:
        try:
            return known(*arguments)
        except (TypeError, ValueError, IndexError) as error:
            raise LstmvizError(f"{function} is called with wrong arguments", where=where, how=_HOW) from error
    if str(function) in _INERT:
        return Stub(function, arguments)
    raise LstmvizError(f"The file asks Python to call {ascii(str(function))[1:-1][:100]}", where=where, how=_HOW)


def instance(name: Any, arguments: Any, where: str) -> Any:
    """An object of the class ``name``, as data: a class that is not known is neither imported nor called."""
    if not isinstance(name, Name) or not isinstance(arguments, tuple):
        raise TypeError("an object of what is no class")
    if _modern(name) in _FUNCTIONS:
        return called(name, arguments, where)
    return Stub(name, arguments)


def cost(arguments: Any) -> int:
    """About how many bytes a call or a state can take beyond its instruction: texts and lists are copied."""
    values = arguments if isinstance(arguments, tuple) else (arguments,)
    return sum(len(value) * (1 if isinstance(value, (bytes, str)) else 64) for value in values if _is_long(value))


def _is_long(value: Any) -> bool:
    return isinstance(value, (bytes, str, list, tuple)) and len(value) > 64


def with_state(target: Any, state: Any) -> None:
    """Give an object the state that follows it in the pickle."""
    if isinstance(target, Stub):
        target.state = state
    elif isinstance(target, NumpyArray):
        _, shape, kind, fortran, data = state
        known = isinstance(shape, tuple) and isinstance(kind, NumpyType) and isinstance(data, (bytes, str))
        target.shape, target.fortran = shape, bool(fortran)
        target.type = kind if known else None
        target.data = data.encode("latin-1") if isinstance(data, str) else data if isinstance(data, bytes) else b""
    elif isinstance(target, NumpyType):
        target.order = str(state[1])
    elif not isinstance(target, (dict, list)):  # an OrderedDict has attributes; a state dict's are its versions
        raise TypeError("a state for what has none")


def _modern(name: Name) -> str:
    """The name as today's versions write it: NumPy 2 moved ``core`` to ``_core``, Python 3 renamed ``__builtin__``."""
    module = name.module.replace("numpy.core.", "numpy._core.", 1)
    return f"{ {'__builtin__': 'builtins', 'copy_reg': 'copyreg'}.get(module, module) }.{name.name}"


def _tensor(storage: Any, offset: Any, shape: Any, strides: Any, *_: Any) -> Tensor:
    if not (isinstance(storage, Storage) and isinstance(shape, (tuple, Stub)) and isinstance(strides, tuple)):
        raise TypeError
    sizes = tuple(shape.arguments[0]) if isinstance(shape, Stub) else shape
    return Tensor(storage, offset, sizes, strides)


def _tensor_of_type(
    storage: Any, offset: Any, shape: Any, strides: Any, _grad: Any, _hooks: Any, dtype: Any, *_: Any
) -> Tensor:
    """A tensor on a storage of bytes, whose type comes with the call."""
    tensor = _tensor(storage, offset, shape, strides)
    wanted = BFLOAT16 if dtype == Name("torch", "bfloat16") else np.dtype(_TENSOR_TYPES.get(dtype.name, "<u1"))
    tensor.storage.dtype = wanted
    return tensor


def _parameter(data: Any, *_: Any) -> Any:
    """The first argument as it is: what is added to it, such as a gradient's hooks, is not needed."""
    return data


def _mapping(pairs: Any = (), *_: Any) -> dict[Any, Any]:
    if isinstance(pairs, dict):
        return pairs
    return {key: value for key, value in pairs if key is None or isinstance(key, (str, int, float))}


def _default_mapping(_factory: Any = None, *_: Any) -> dict[Any, Any]:
    return {}


def _elements(values: Any = (), *_: Any) -> list[Any]:
    return values if isinstance(values, list) else list(values) if isinstance(values, tuple) else []


def _reconstructor(name: Any, _base: Any, _state: Any) -> Stub:
    if not isinstance(name, Name):
        raise TypeError
    return Stub(name)


def _encoded(text: Any, encoding: Any = "utf-8") -> bytes:
    """How bytes are written in the older protocols."""
    if encoding not in ("latin1", "latin-1", "utf-8"):
        raise ValueError
    return bytes(text.encode(encoding))


def _bytes(values: Any = b"", *_: Any) -> bytes:
    if not isinstance(values, (bytes, list)):
        raise TypeError
    return bytes(values)


def _dtype(code: Any, *_: Any) -> NumpyType:
    if isinstance(code, bytes):
        code = code.decode("ascii")
    if not isinstance(code, str):
        raise TypeError
    return NumpyType(code[1:] if code[:1] in "<>=|" else code, code[0] if code[:1] in ("<", ">") else "|")


def _empty_array(*_: Any) -> NumpyArray:
    return NumpyArray()


def _array_from_buffer(data: Any, kind: Any, shape: Any, order: Any = "C", *_: Any) -> NumpyArray:
    if not (isinstance(data, bytes) and isinstance(kind, NumpyType) and isinstance(shape, tuple)):
        raise TypeError
    return NumpyArray(shape, kind, order == "F", data)


def _scalar(kind: Any, data: Any = b"") -> NumpyArray:
    if not isinstance(kind, NumpyType):
        raise TypeError
    if isinstance(data, str):
        data = data.encode("latin-1")
    return NumpyArray((), kind if isinstance(data, bytes) else None, False, data if isinstance(data, bytes) else b"")


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "collections.OrderedDict": _mapping,
    "collections.defaultdict": _default_mapping,
    "builtins.dict": _mapping,
    "builtins.list": _elements,
    "builtins.set": _elements,
    "builtins.frozenset": _elements,
    "builtins.bytearray": _bytes,
    "builtins.bytes": _bytes,
    "copyreg._reconstructor": _reconstructor,
    "_codecs.encode": _encoded,
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_tensor_v3": _tensor_of_type,
    "torch._utils._rebuild_parameter": _parameter,
    "torch._utils._rebuild_parameter_with_state": _parameter,
    "torch.jit._pickle.restore_type_tag": _parameter,
    "torch.jit._pickle.build_tensorlist": _parameter,
    "torch.jit._pickle.build_intlist": _parameter,
    "torch.jit._pickle.build_doublelist": _parameter,
    "torch.jit._pickle.build_boollist": _parameter,
    "torch._tensor._rebuild_from_type_v2": lambda function, _type, arguments, _state: called(function, arguments, ""),
    "numpy.dtype": _dtype,
    "numpy._core.multiarray._reconstruct": _empty_array,
    "numpy._core.multiarray.scalar": _scalar,
    "numpy._core.numeric._frombuffer": _array_from_buffer,
}
"""Everything that a pickle can call."""
