"""Models of Keras: ``.keras`` files, and HDF5 files of whole models or of weights alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.parameters import Nonlinearity
from lstmviz.io.json_text import json_value
from lstmviz.io.models.arrays import as_floats
from lstmviz.io.models.finishing import finished
from lstmviz.io.models.hdf5_process import read_hdf5
from lstmviz.io.models.hdf5_reading import Hdf5Tree
from lstmviz.io.models.keras_config import KerasConfig, KerasLayer, parsed_config
from lstmviz.io.models.keras_weights import StoredLayer, direction_weights, is_cudnn, kind_of_arrays, stored_layers
from lstmviz.io.models.limits import HARMFUL, MOST_CANDIDATES
from lstmviz.io.models.model_file import Candidate, Embedding, Kind, ModelFile
from lstmviz.io.models.stacking import stacked
from lstmviz.io.models.wiring import Dense
from lstmviz.io.models.zip_reading import ZipReader

CONFIG, WEIGHTS = "config.json", "model.weights.h5"

_PHI = {"tanh": Nonlinearity.TANH, "relu": Nonlinearity.RELU, "linear": Nonlinearity.IDENTITY}
_ORDERS = {Kind.LSTM: "i, f, c, o", Kind.RNN: "one block, no gates", Kind.GRU: "z, r, h"}
_KNOWN = {
    Kind.LSTM: ("LSTM", "CuDNNLSTM"),
    Kind.RNN: ("SimpleRNN",),
    Kind.GRU: ("GRU", "CuDNNGRU"),
}
_NO_CONFIG = "The file has weights alone: tanh and sigmoid are assumed, and that the sequence is read from its start."


def read_keras_zip(archive: ZipReader, where: str) -> ModelFile:
    """What is in a ``.keras`` file. Raises LstmvizError."""
    tree = read_hdf5(archive.read(WEIGHTS), f"{where}, {WEIGHTS}")
    config = _config(archive.read(CONFIG), f"{where}, {CONFIG}")
    return _model(tree, config, "Keras (a zip file with config.json and model.weights.h5)", where)


def read_keras_hdf5(data: bytes, where: str) -> ModelFile:
    """What is in an HDF5 file of Keras 2 or 3. Raises LstmvizError."""
    tree = read_hdf5(data, where)
    text = tree.texts.get("@model_config")
    config = _config(text.encode("utf-8", "replace"), f"{where}, model_config") if text else None
    return _model(tree, config, f"HDF5 of Keras ({'with' if config else 'without'} the model's configuration)", where)


def _config(text: bytes, where: str) -> KerasConfig | None:
    try:
        return parsed_config(json_value(text, where))
    except RecursionError as error:
        raise LstmvizError("Lists or objects are nested too deeply", where=where, how=HARMFUL) from error


def _model(tree: Hdf5Tree, config: KerasConfig | None, said: str, where: str) -> ModelFile:
    stored = stored_layers(tree.arrays, tree.texts)
    names = [name for name, layer in stored.items() if layer.recurrent]
    if not names:
        shown = ", ".join(f"{path} {list(array.shape)}" for path, array in list(tree.arrays.items())[:5])
        raise LstmvizError(
            "No recurrent layers were found", where=where, how=f"The file has {shown or 'no arrays of numbers'}."
        )
    if len(names) > MOST_CANDIDATES:
        raise LstmvizError(
            f"There are {len(names):,} recurrent layers", where=where, how=f"At most {MOST_CANDIDATES} are read."
        )
    found, errors = {}, []
    for name in names:
        try:
            found[name] = layer_candidate(stored[name], config.layer(name) if config else None)
        except LstmvizError as error:
            errors.append(error)
    if not found:
        raise errors[0]
    used: set[str] = set()
    if config and config.chained:
        candidates = _chained(config, stored, found, used)
    else:
        candidates = [finished(candidate) for candidate in found.values()]
    used |= set(found)
    ignored = [*tree.ignored, *map(str, errors)]
    ignored += [f"the layer {name}" for name in stored if name not in used and name not in names]
    return ModelFile(where, said, tuple(candidates), tuple(ignored))


def layer_candidate(stored: StoredLayer, layer: KerasLayer | None) -> Candidate:
    """One recurrent layer. Raises LstmvizError for shapes that misfit."""
    order = [name for name in ("", "forward", "backward") if name in stored.directions]
    first = stored.directions[order[0]]
    kind = kind_of_arrays(first, stored.name)
    directions = tuple(direction_weights(stored.directions[name], f"{stored.name} {name}".strip()) for name in order)
    cudnn = is_cudnn(first, kind)
    where = "the model's configuration says" if layer else "the arrays are named and shaped like"
    shown = (layer.kind if layer else "") or ("CuDNNLSTM" if cudnn else f"Keras's {kind.value}")
    notes: tuple[str, ...] = () if layer else (_NO_CONFIG,)
    if cudnn:
        notes += ("The weights of a CuDNNLSTM lie in cuDNN's memory order; they were converted.",)
    if layer and layer.stateful:
        notes += ("It keeps its state from one batch to the next; here every sequence starts from zeros.",)
    activation = layer.activation if layer else "tanh"
    return Candidate(
        name=stored.name,
        kind=kind,
        layers=(directions,),
        gate_order=_ORDERS[kind],
        gate_reason=f"{where} {shown}, and that is Keras's order",
        biases="none" if directions[0].bias_ih is None else "two halves, which are added" if cudnn else "one",
        nonlinearity=_PHI.get(activation, Nonlinearity.TANH) if kind is Kind.RNN else Nonlinearity.TANH,
        nonlinearity_known=layer is not None,
        reads_backwards=bool(layer and layer.go_backwards and layer.wrapper != "Bidirectional"),
        unusual=_unusual(kind, layer) if layer else (),
        notes=notes,
    )


def _unusual(kind: Kind, layer: KerasLayer) -> tuple[str, ...]:
    """What the engine does not have, in words."""
    unusual = []
    if layer.kind not in _KNOWN[kind]:
        return (f"a class of layers that Keras does not have, {ascii(layer.kind)[1:-1][:40]}",)
    if kind is Kind.LSTM and layer.activation != "tanh":
        unusual.append(f"the activation {layer.activation[:40]} in place of tanh")
    if kind is Kind.LSTM and layer.recurrent_activation != "sigmoid":
        unusual.append(f"the recurrent activation {layer.recurrent_activation[:40]} in place of sigmoid")
    if kind is Kind.RNN and layer.activation not in _PHI:
        unusual.append(f"the activation {layer.activation[:40]}")
    if layer.wrapper == "Bidirectional" and layer.merge_mode != "concat":
        unusual.append(f"directions joined by {layer.merge_mode[:20]}, not side by side")
    return tuple(unusual)


def _chained(
    config: KerasConfig, stored: Mapping[str, StoredLayer], found: Mapping[str, Candidate], used: set[str]
) -> list[Candidate]:
    """The candidates of a chain of layers: neighbours stacked, with the embedding before and the dense layer behind."""
    passing = [layer for layer in config.layers if not layer.transparent]
    candidates: list[Candidate] = []
    number = 0
    while number < len(passing):
        if passing[number].name not in found:
            number += 1
            continue
        end = number
        while end < len(passing) and passing[end].name in found:
            end += 1
        before = passing[number - 1] if number else None
        embedding = _embedding(before, stored, found[passing[number].name]) if number == 1 else None
        dense, note = _head(passing[end:], stored, found[passing[end - 1].name])
        used |= {each.name for each in (embedding, dense) if each}
        run = stacked([found[layer.name] for layer in passing[number:end]])
        for place, each in enumerate(run):
            last = place == len(run) - 1
            candidate = replace(each, notes=each.notes + note) if last else each
            candidates.append(finished(candidate, embedding if not place else None, dense if last else None))
        number = end
    return candidates


def _embedding(layer: KerasLayer | None, stored: Mapping[str, StoredLayer], reader: Candidate) -> Embedding | None:
    if layer is None or layer.kind != "Embedding" or layer.name not in stored:
        return None
    arrays = stored[layer.name].directions.get("", {})
    table = arrays.get("embeddings", arrays.get("kernel"))
    if table is None or table.ndim != 2 or table.shape[1] != reader.input_size:
        return None
    return Embedding(layer.name, as_floats(table, layer.name))


def _head(
    behind: list[KerasLayer], stored: Mapping[str, StoredLayer], below: Candidate
) -> tuple[Dense | None, tuple[str, ...]]:
    """The dense layer that is the model's end, and what its function does to y."""
    functions = [layer for layer in behind[1:] if layer.kind not in ("Activation", "Softmax")]
    if not behind or behind[0].kind != "Dense":
        return None, ()
    layer = behind[0]
    if functions:
        return None, (f"Behind “{layer.name}” there are more layers, so that the network is taken without them.",)
    arrays = stored[layer.name].directions.get("", {}) if layer.name in stored else {}
    kernel, bias = arrays.get("kernel"), arrays.get("bias")
    if kernel is None or kernel.ndim != 2 or kernel.shape[0] != below.output_size:
        return None, ()
    dense = Dense(layer.name, as_floats(kernel, layer.name).T, None if bias is None else as_floats(bias, layer.name))
    follows = [layer.activation, *("softmax" if each.kind == "Softmax" else each.activation for each in behind[1:])]
    named = [name for name in follows if name and name != "linear"]
    return dense, (f"The model puts {', '.join(named)} on y; here y is the value before it.",) if named else ()
