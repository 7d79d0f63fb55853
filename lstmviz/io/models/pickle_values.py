"""What a pickle is read into: inert values. Nothing named in a pickle is ever imported or called."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lstmviz.io.models.arrays import FileArray, from_buffer


@dataclass(frozen=True)
class Name:
    """A class or function that the pickle names; only its name."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(eq=False)
class Stub:
    """An object of some class, as the data it had; the class itself is not known here."""

    name: Name
    arguments: tuple[Any, ...] = ()
    state: Any = None
    items: dict[Any, Any] = field(default_factory=dict)
    elements: list[Any] = field(default_factory=list)


@dataclass(eq=False)
class Storage:
    """A row of numbers that tensors are views of. ``data`` is None until the file has been read that far."""

    dtype: np.dtype[Any]
    size: int
    key: str
    data: bytes | memoryview | None = None


@dataclass(frozen=True, eq=False)
class Tensor:
    """A view of a storage: shape, and strides and offset in elements."""

    storage: Storage
    offset: Any
    shape: tuple[Any, ...]
    strides: tuple[Any, ...]

    def array(self, where: str) -> FileArray:
        """The numbers, without a copy. Raises LstmvizError for a view that leaves its storage."""
        data = self.storage.data or b""
        return from_buffer(data, self.storage.dtype, self.shape, where, offset=self.offset, strides=self.strides)


@dataclass(eq=False)
class NumpyType:
    """A NumPy dtype; its byte order follows in its state."""

    code: str
    order: str = "|"

    @property
    def dtype(self) -> np.dtype[Any] | None:
        """The type, where it is one of numbers; None for objects, records and all else."""
        if not (len(self.code) == 2 and self.code[0] in "fiub" and self.code[1] in "1248"):
            return None
        if self.code == "f1" or (self.code[0] == "b" and self.code != "b1"):
            return None
        return np.dtype((self.order if self.order in "<>" else "=") + self.code)


@dataclass(eq=False)
class NumpyArray:
    """A NumPy array before and after its state has come. ``fortran``: the first index runs fastest."""

    shape: tuple[Any, ...] = (0,)
    type: NumpyType | None = None
    fortran: bool = False
    data: bytes | memoryview = b""

    def array(self, where: str) -> FileArray | None:
        """The numbers; None for an array of objects. Raises LstmvizError where shape and data do not agree."""
        dtype = self.type.dtype if self.type else None
        if dtype is None:
            return None
        shape = self.shape[::-1] if self.fortran else self.shape
        array = from_buffer(self.data, dtype, shape, where)
        return array.T if self.fortran else array
