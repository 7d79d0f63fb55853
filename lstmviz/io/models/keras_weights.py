"""The weights of Keras layers: where they lie in an HDF5 file, and what they are in PyTorch's shapes and order.

Keras multiplies from the right (x kernel), so its matrices are PyTorch's transposed; the blocks of an LSTM are in the
order i, f, c, o, which is PyTorch's i, f, g, o. CuDNNLSTM keeps cuDNN's own memory under the shapes of Keras.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from lstmviz.core.arrays import Array, frozen
from lstmviz.core.errors import LstmvizError
from lstmviz.io.models.arrays import FileArray, as_floats
from lstmviz.io.models.model_file import DirectionWeights, Kind

_NAMED = re.compile(r"(?P<path>.*?)/(?P<weight>kernel|recurrent_kernel|bias|embeddings)(?::0)?")
_NUMBERED = re.compile(r"(?P<path>.*?)/(?P<cell>cell/)?vars/(?P<number>[0-3])")
_DIRECTION = re.compile(r"(?:^|/)(forward|backward)_[^/]*")
_CELL_WEIGHTS = ("kernel", "recurrent_kernel", "bias")
_ROOTS = ("model_weights", "layers", "_layer_checkpoint_dependencies")


@dataclass
class StoredLayer:
    """The arrays of one layer by direction ("", "forward", "backward") and by Keras's name."""

    name: str
    directions: dict[str, dict[str, FileArray]] = field(default_factory=dict)

    @property
    def recurrent(self) -> bool:
        """Whether it has a recurrent kernel."""
        return any("recurrent_kernel" in arrays for arrays in self.directions.values())


def stored_layers(arrays: Mapping[str, FileArray], texts: Mapping[str, str]) -> dict[str, StoredLayer]:
    """The layers of a file by their names, in its order; those inside models inside the model by their folders."""
    folders: dict[str, dict[str, FileArray]] = {}
    names: dict[str, list[str]] = {}
    for path, array in arrays.items():
        named, numbered = _NAMED.fullmatch(path), _NUMBERED.fullmatch(path)
        match = named or numbered
        weight = named["weight"] if named else _numbered_weight(numbered) if numbered else ""
        if match and weight:
            folder = match["path"]
            if folder not in folders:
                name = _first_folder(folder) if named else _told_name(folder, texts)
                names.setdefault(name, []).append(folder)
            folders.setdefault(folder, {})[weight] = array
    layers: dict[str, StoredLayer] = {}
    for name, own in names.items():
        apart = len({_direction_of(folder) for folder in own}) < len(own)
        for folder in own:
            layer = layers.setdefault(folder if apart else name, StoredLayer(folder if apart else name))
            layer.directions[_direction_of(folder)] = folders[folder]
    return layers


def _numbered_weight(match: re.Match[str]) -> str:
    """Keras's name of a variable that is only numbered; empty for more than there should be."""
    weights = _CELL_WEIGHTS if match["cell"] else ("kernel", "bias")
    number = int(match["number"])
    return weights[number] if number < len(weights) else ""


def _direction_of(folder: str) -> str:
    match = _DIRECTION.search(folder)
    return match[1] if match else ""


def _first_folder(path: str) -> str:
    """The layer's name is the first folder of the older layouts."""
    parts = path.split("/")
    return parts[1] if parts[0] in _ROOTS and len(parts) > 1 else parts[0]


def _told_name(path: str, texts: Mapping[str, str]) -> str:
    """Keras 3 names folders by classes, and writes the layer's own name beside its variables."""
    folder = path
    for part in ("/forward_layer", "/backward_layer", "/layer", "/cell"):
        folder = folder.removesuffix(part)
    return texts.get(f"{folder}/vars@name") or folder.removeprefix("layers/")


def kind_of_arrays(arrays: Mapping[str, FileArray], where: str) -> Kind:
    """LSTM, RNN or GRU by the columns of the recurrent kernel [H, K*H]. Raises LstmvizError where they fit none."""
    recurrent = arrays.get("recurrent_kernel")
    if recurrent is not None and recurrent.ndim == 2 and recurrent.shape[0]:
        for kind in Kind:
            if recurrent.shape[1] == kind.blocks * recurrent.shape[0]:
                return kind
    shape = None if recurrent is None else list(recurrent.shape)
    raise LstmvizError(
        f"The recurrent kernel has the shape {shape}",
        where=where,
        how="It must be [H, 4H] (LSTM) or [H, H] (SimpleRNN).",
    )


def is_cudnn(arrays: Mapping[str, FileArray], kind: Kind) -> bool:
    """Whether these are the weights of a CuDNNLSTM: its bias has two halves, 8H."""
    bias, recurrent = arrays.get("bias"), arrays["recurrent_kernel"]
    return kind is Kind.LSTM and bias is not None and bias.shape == (2 * recurrent.shape[1],)


def direction_weights(arrays: Mapping[str, FileArray], where: str) -> DirectionWeights:
    """One direction in PyTorch's shapes. Raises LstmvizError for shapes that misfit."""
    kind = kind_of_arrays(arrays, where)
    rows = arrays["recurrent_kernel"].shape[1]
    kernel, bias = arrays.get("kernel"), arrays.get("bias")
    if kernel is None or kernel.ndim != 2 or kernel.shape[1] != rows or not kernel.shape[0]:
        shape = None if kernel is None else list(kernel.shape)
        raise LstmvizError(f"The kernel has the shape {shape}", where=where, how=f"It must be [inputs, {rows}].")
    weight_ih = as_floats(kernel, f"{where}/kernel")
    weight_hh = as_floats(arrays["recurrent_kernel"], f"{where}/recurrent_kernel")
    stored_bias = None if bias is None else as_floats(bias, f"{where}/bias")
    if is_cudnn(arrays, kind):
        assert stored_bias is not None
        return DirectionWeights(
            *_from_cudnn(weight_ih, weight_hh), stored_bias[:rows].copy(), stored_bias[rows:].copy()
        )
    if stored_bias is not None and kind is not Kind.GRU and stored_bias.shape != (rows,):
        raise LstmvizError(
            f"The bias has the shape {list(stored_bias.shape)}", where=where, how=f"It must be [{rows}]."
        )
    return DirectionWeights(frozen(weight_ih.T), frozen(weight_hh.T), stored_bias)


def _from_cudnn(kernel: Array, recurrent: Array) -> tuple[Array, Array]:
    """weight_ih [4H, I] and weight_hh [4H, H] from the kernels of a CuDNNLSTM.

    Each block of the kernel [I, H] is really the memory of a matrix [H, I]; each recurrent block is transposed.
    """
    blocks = Kind.LSTM.blocks
    inputs, units = kernel.shape[0], recurrent.shape[0]
    weight_ih = np.concatenate([np.ascontiguousarray(b).reshape(units, inputs) for b in np.hsplit(kernel, blocks)])
    weight_hh = np.concatenate(np.hsplit(recurrent, blocks))
    return frozen(weight_ih), frozen(weight_hh)
