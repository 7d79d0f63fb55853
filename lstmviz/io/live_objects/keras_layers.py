"""Layers and models that come from Keras, and the networks in them. Keras itself is used only where it is loaded."""

from __future__ import annotations

import sys
from typing import Any

from lstmviz.core.errors import LstmvizError
from lstmviz.io.live_objects.foreign_arrays import as_numpy
from lstmviz.io.models.arrays import FileArray
from lstmviz.io.models.finishing import finished
from lstmviz.io.models.keras_config import KerasLayer, parsed_config
from lstmviz.io.models.keras_file import layer_candidate as layer_candidate
from lstmviz.io.models.keras_weights import StoredLayer
from lstmviz.io.models.model_file import Candidate

_PACKAGES = ("keras", "tf_keras", "tensorflow")
_RECURRENT = ("LSTM", "SimpleRNN", "GRU", "Bidirectional", "CuDNNLSTM", "CuDNNGRU")
_WEIGHTS = ("kernel", "recurrent_kernel", "bias")


def is_keras(thing: Any) -> bool:
    """Whether its class, or one that it is made of, is Keras's. Such a layer may be a module of PyTorch as well."""
    ours = any(each.__module__.partition(".")[0] in _PACKAGES for each in type(thing).__mro__)
    return ours and callable(getattr(thing, "get_weights", None)) and callable(getattr(thing, "get_config", None))


def is_recurrent_layer(layer: Any) -> bool:
    """Whether it is one of Keras's recurrent layers, or both directions of one, or made from one of them."""
    names = {each.__name__ for each in type(layer).__mro__}
    if "Bidirectional" in names:
        return bool(is_recurrent_layer(layer.forward_layer))
    return any(name in names for name in _RECURRENT)


def chosen_layer(model: Any, name: str | None) -> Any:
    """The recurrent layer of ``model``: the one called ``name``, itself, or the only one.

    Raises LstmvizError with the names there are.
    """
    if is_recurrent_layer(model):
        if name not in (None, model.name):
            raise LstmvizError(f"This is the layer “{model.name}” itself", where=str(name), how="Leave the name out.")
        return model
    layers = [layer for layer in getattr(model, "layers", ()) if is_recurrent_layer(layer)]
    found = [layer for layer in layers if name in (None, layer.name)]
    if len(found) == 1:
        return found[0]
    if not layers:
        raise LstmvizError(
            "There is no recurrent layer in it", where=type(model).__name__, how="Looked for LSTM and SimpleRNN layers."
        )
    what = f"There is no recurrent layer “{name}”" if name else f"There are {len(layers)} recurrent layers in it"
    raise LstmvizError(
        what,
        where=type(model).__name__,
        how=f"Choose one by its name: {', '.join(layer.name for layer in layers)}.",
    )


def recorded_input(model: Any, layer: Any, x: Any) -> Any:
    """What ``layer`` reads while ``model`` runs on x: the output of the model cut off in front of it."""
    keras = next(sys.modules[package] for package in _PACKAGES if package in sys.modules)
    keras = getattr(keras, "keras", keras)  # tensorflow's
    return keras.Model(model.inputs, layer.input).predict(x, verbose=0)


def keras_candidate(layer: Any) -> Candidate:
    """The network of one recurrent layer, its weights as they are now. Raises LstmvizError for shapes that misfit."""
    arrays = [as_numpy(each, f"{layer.name} weight {number}") for number, each in enumerate(layer.get_weights())]
    if not arrays:
        raise LstmvizError(
            "The layer has no weights yet", where=layer.name, how="Call it on an input first, or build(x.shape)."
        )
    stored = StoredLayer(layer.name)
    if _config(layer).wrapper == "Bidirectional":
        half = len(arrays) // 2
        stored.directions |= {"forward": _by_name(arrays[:half]), "backward": _by_name(arrays[half:])}
    else:
        stored.directions[""] = _by_name(arrays)
    return finished(layer_candidate(stored, _config(layer)))


def _by_name(arrays: list[FileArray]) -> dict[str, FileArray]:
    """Keras hands the weights out in the order kernel, recurrent kernel, bias."""
    return dict(zip(_WEIGHTS, arrays, strict=False))


def _config(layer: Any) -> KerasLayer:
    """The layer's own configuration, read as it is read in a file."""
    kind = next(each.__name__ for each in type(layer).__mro__ if each.__name__ in _RECURRENT)
    config = parsed_config(
        {"class_name": "Sequential", "config": {"layers": [{"class_name": kind, "config": layer.get_config()}]}}
    )
    if config is None:
        raise LstmvizError("Its configuration cannot be read", where=layer.name, how="Give its arrays by name instead.")
    return config.layers[0]
