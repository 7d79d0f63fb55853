"""Whether a part of a model reads rows of an embedding, and of which tokens: then tokens can be typed for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.arrays import frozen
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.token_table import MOST_TOKENS, TokenTable
from lstmviz.io.live_objects.foreign_arrays import as_numpy

Found = tuple[TokenTable, tuple[int, ...]]
"""A table, and the numbers of the tokens that were read."""


def looked_up(model: Any, x: Any, read: NDArray[Any]) -> Found | None:
    """The embedding in ``model`` whose rows of the tokens ``x`` are exactly what was ``read``; None without one.

    x     what the model was given: numbers of tokens, [T] or a batch of them, alone or as the first of a tuple
    read  [T, I], of the first sequence
    """
    given = x[0] if isinstance(x, tuple) and x else x
    try:
        tokens = as_numpy(given, "x")
    except LstmvizError:
        return None
    if tokens.dtype.kind not in "iu" or tokens.ndim not in (1, 2) or not tokens.size:
        return None
    candidates = [tokens] if tokens.ndim == 1 else [tokens[0], tokens[:, 0]]
    for name, weight in _embeddings(model):
        for numbers in candidates:
            if len(numbers) != len(read) or weight.shape[1:] != read.shape[1:]:
                continue
            fits = 0 <= numbers.min() <= numbers.max() < len(weight) <= MOST_TOKENS
            if fits and np.array_equal(weight[numbers], read):
                return TokenTable((), frozen(weight), name), tuple(numbers.tolist())
    return None


def _embeddings(model: Any) -> Iterator[tuple[str, NDArray[Any]]]:
    """The name and the table of every embedding in a model of PyTorch or Keras."""
    parts = model.named_modules() if hasattr(model, "named_modules") else ()
    layers = ((layer.name, layer) for layer in getattr(model, "layers", ()))
    for name, part in (*parts, *layers):
        if not any(each.__name__ == "Embedding" for each in type(part).__mro__):
            continue
        weights = part.get_weights() if hasattr(part, "get_weights") else [getattr(part, "weight", None)]
        if len(weights) == 1 and hasattr(weights[0], "shape"):
            weight = as_numpy(weights[0], name)
            if weight.ndim == 2 and weight.dtype.kind == "f" and weight.size:
                yield name, weight if weight.dtype.itemsize in (4, 8) else weight.astype(np.float32)
