"""Nested dictionaries, lists and objects of a pickle, flattened to arrays by their dotted names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lstmviz.io.models.arrays import FileArray
from lstmviz.io.models.pickle_values import NumpyArray, Stub, Tensor

_OPTIMISER = ("optim", "scheduler", "lr_sched", "grad_scaler", "amp_scaler")
_LONGEST_NAME = 2_000
_TRANSPARENT = ("_parameters", "_buffers", "_modules")


@dataclass
class Tree:
    """What a pickle holds. arrays by dotted name; settings of modules (``lstm.mode`` ...); what was left aside."""

    arrays: dict[str, FileArray] = field(default_factory=dict)
    settings: dict[str, str | int | float] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)


def tree_of(root: Any, where: str) -> Tree:
    """Everything with numbers in it. Each object is visited once, so that cycles end.

    Raises LstmvizError for arrays that say something else than their data.
    """
    tree = Tree()
    seen: set[int] = set()
    waiting: list[tuple[str, Any]] = [("", root)]
    while waiting:
        name, value = waiting.pop()
        if name.endswith("_flat_weights") or len(name) > _LONGEST_NAME:
            continue  # the same tensors once more, or nested deeper than any model is
        if isinstance(value, (Tensor, NumpyArray)):
            array = value.array(f"{where}, {name or 'the array'}")
            if array is None:
                tree.ignored.append(f"{name}: objects, not numbers")
            else:
                tree.arrays[name] = array
        elif isinstance(value, (str, int, float)):
            tree.settings[name] = value
        elif isinstance(value, (dict, list, tuple, Stub)) and id(value) not in seen:
            seen.add(id(value))
            if name.rpartition(".")[2].lower().startswith(_OPTIMISER):
                tree.ignored.append(f"{name}: belongs to the training, not to the model")
            else:
                waiting += reversed([(_joined(name, key), each) for key, each in _children(value)])
    return tree


def _children(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Stub):
        yield from _children(value.items)
        if isinstance(value.state, dict):
            yield from _children(value.state)
        elif isinstance(value.state, tuple):  # attributes, and those in slots
            for each in value.state:
                if isinstance(each, dict):
                    yield from _children(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield "" if key in _TRANSPARENT else str(key)[:200], each
    elif len(value) <= 10_000:  # a list of weights, not of losses
        for number, each in enumerate(value):
            if isinstance(each, (Tensor, NumpyArray, dict, list, tuple, Stub)):
                yield str(number), each


def _joined(name: str, key: str) -> str:
    return f"{name}.{key}" if name and key else name or key
