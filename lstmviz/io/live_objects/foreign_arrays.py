"""Arrays of other libraries as NumPy's, without importing those libraries."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.errors import LstmvizError


def as_numpy(values: Any, where: str) -> NDArray[Any]:
    """An array or tensor, wherever it lies, as a NumPy array; what NumPy has no type for, such as bfloat16, as float32.

    Raises LstmvizError for what is no array of numbers.
    """
    try:
        if hasattr(values, "detach"):  # a tensor of PyTorch: perhaps on another device, perhaps with a gradient
            values = values.detach().cpu()
            if str(values.dtype).endswith("bfloat16"):
                values = values.float()
            array = np.asarray(values.numpy())
        else:
            array = np.asarray(values.numpy() if hasattr(values, "numpy") else values)
    except (TypeError, ValueError, RuntimeError, NotImplementedError, AttributeError) as error:
        raise LstmvizError(
            f"This {type(values).__name__} cannot be read as numbers: {error}",
            where=where,
            how="Give an array of NumPy or a tensor.",
        ) from error
    if array.dtype.name == "bfloat16":  # as JAX and Keras have it
        array = array.astype(np.float32)
    if array.dtype.kind not in "biuf":
        raise LstmvizError(f"This holds {array.dtype}, not real numbers", where=where, how="Give an array of numbers.")
    return array
