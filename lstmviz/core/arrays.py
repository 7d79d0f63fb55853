"""Read-only arrays, and equality of the frozen values that hold them."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
BoolArray = NDArray[np.bool_]


def frozen(values: Any, dtype: Any = None) -> Array:
    """A read-only array of ``values``; a writeable array is copied, so that nobody else can change it."""
    array = np.asarray(values, dtype=dtype)
    if not array.flags.writeable and array.base is None:
        return array
    array = array.copy()
    array.flags.writeable = False
    return array


def same(a: Any, b: Any) -> bool:
    """Whether two values are equal, arrays compared by content (NaN equals NaN)."""
    if a is b:
        return True
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        if not (isinstance(a, np.ndarray) and isinstance(b, np.ndarray)):
            return False
        return a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b, equal_nan=True)
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b)


class ValueEquality:
    """Mixin for frozen dataclasses with array fields: equal when every field is (declare ``eq=False``)."""

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return all(
            same(getattr(self, field.name), getattr(other, field.name))
            for field in fields(self)  # type: ignore[arg-type]
            if field.compare
        )

    __hash__ = None  # type: ignore[assignment]
