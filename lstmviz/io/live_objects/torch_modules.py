"""Modules that look like PyTorch's: which of them are recurrent, and the networks in them. Imports no PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lstmviz.core.errors import LstmvizError
from lstmviz.io.live_objects.foreign_arrays import as_numpy
from lstmviz.io.models.by_names import candidates_by_names
from lstmviz.io.models.model_file import Candidate

_WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
_MODULE = ("named_modules", "register_forward_hook", "state_dict")


def is_module(thing: Any) -> bool:
    """Whether it has what a module of PyTorch has."""
    return not isinstance(thing, type) and all(callable(getattr(thing, name, None)) for name in _MODULE)


def is_cell(module: Any) -> bool:
    """Whether it computes a single step, as LSTMCell and RNNCell do."""
    return _has(module, "weight_ih") and _has(module, "weight_hh")


def is_recurrent(module: Any) -> bool:
    """Whether it has the weights of a recurrent network itself, not in a part of it."""
    return is_cell(module) or (_has(module, "weight_ih_l0") and _has(module, "weight_hh_l0"))


def unwrapped(module: Any) -> Any:
    """The module inside those that ``torch.compile`` and DataParallel put around it."""
    while True:
        inner = getattr(module, "_orig_mod", None)
        if inner is None and type(module).__name__ in ("DataParallel", "DistributedDataParallel"):
            inner = getattr(module, "module", None)
        if inner is None:
            return module
        module = inner


def chosen_module(model: Any, name: str | None) -> tuple[str, Any]:
    """(name, module) of the recurrent part of ``model``: the one called ``name``, itself, or the only one.

    Raises LstmvizError with the names there are.
    """
    if name is None and is_recurrent(model):
        return "", model
    recurrent = {path: module for path, module in model.named_modules() if is_recurrent(module)}
    if not recurrent:
        raise LstmvizError(
            "There is no recurrent module in it", where=type(model).__name__, how="Looked for LSTM and RNN modules."
        )
    if name is None and len(recurrent) == 1:
        return next(iter(recurrent.items()))
    names = ", ".join(path or "(itself: leave the name out)" for path in recurrent)
    if name is None:
        raise LstmvizError(
            f"There are {len(recurrent)} recurrent modules in it",
            where=type(model).__name__,
            how=f"Choose one by its name: {names}.",
        )
    if name not in recurrent:
        raise LstmvizError(
            f"There is no recurrent module “{name}”", where=type(model).__name__, how=f"There are: {names}."
        )
    return name, recurrent[name]


def module_candidate(module: Any, where: str) -> Candidate:
    """The network of one recurrent module, its weights as they are now. Raises LstmvizError for shapes that misfit."""
    arrays = {name: as_numpy(value, f"{where} {name}") for name, value in _weights(module).items()}
    settings = {
        name: value for name in ("mode", "nonlinearity") if isinstance(value := getattr(module, name, None), str)
    }
    candidates, _ = candidates_by_names(arrays, settings, where)
    return candidates[0]


def module_notes(module: Any) -> tuple[str, ...]:
    """What the module would do besides while it is trained."""
    dropout = getattr(module, "dropout", 0)
    if isinstance(dropout, float) and dropout > 0 and getattr(module, "num_layers", 1) > 1:
        return (f"The dropout of {dropout:g} between the layers is left out, as in eval().",)
    return ()


def _weights(module: Any) -> Mapping[str, Any]:
    """The recurrent weights by PyTorch's names, in its order.

    Attributes, not ``state_dict()``: a weight that is computed from others (weight_norm) is there under its own name.
    """
    if is_cell(module):
        names = list(_WEIGHTS)
    else:
        layers, suffixes = int(getattr(module, "num_layers", 1)), ("", "_reverse")
        names = [f"{name}_l{layer}{suffix}" for layer in range(layers) for suffix in suffixes for name in _WEIGHTS]
    return {name: getattr(module, name) for name in names if _has(module, name)}


def _has(module: Any, name: str) -> bool:
    """Whether there is an array under this name; a module without biases has None there."""
    return hasattr(getattr(module, name, None), "shape")
