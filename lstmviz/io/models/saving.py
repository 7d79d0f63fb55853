"""Writing a network as a file that PyTorch, NumPy and lstmviz read: its weights under PyTorch's names."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np

from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import Cell
from lstmviz.io.atomic import write_atomically
from lstmviz.io.exports.arrays import write_npz
from lstmviz.io.models.libraries import needed
from lstmviz.io.models.suffixes import NPZ, WEIGHT_FORMATS


def save_network(network: Network, path: str | Path) -> None:
    """Write the weights of ``network`` as ``.npz`` or ``.safetensors``, whichever ``path`` ends in.

    weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0 and so on, ``_reverse`` for the second direction; the linear
    head as head.weight and head.bias. ``load_network`` gives back a network with bit-identical output. Raises
    LstmvizError for another ending, and where it cannot be written; then what was there before is untouched.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in WEIGHT_FORMATS:
        what = (
            f"Weights cannot be written as {suffix}" if suffix else "The name does not say which kind of file to write"
        )
        raise LstmvizError(what, where=str(path), how=f"Let the name end in {' or '.join(WEIGHT_FORMATS)}.")
    if any(layer.coupled for layer in network.layers):
        raise LstmvizError(
            "Coupled gates are in no weight, so another program would take this for a plain LSTM",
            where=str(path),
            how="Save the session instead.",
        )
    write_atomically(path, _npz(network) if suffix == NPZ else _safetensors(network))


def _npz(network: Network) -> bytes:
    """The same bytes for the same network; what names and shapes do not tell stands in the comment of the zip file."""
    file = io.BytesIO()
    for _ in write_npz(file, network.state_dict()):
        pass
    if facts := _facts(network):
        with zipfile.ZipFile(file, "a") as archive:
            archive.comment = " ".join(f"{name}={value}" for name, value in facts.items()).encode("ascii")
    return file.getvalue()


def _safetensors(network: Network) -> bytes:
    with needed("safetensors"):
        from safetensors.numpy import save
    arrays = {name: np.ascontiguousarray(array) for name, array in network.state_dict().items()}
    return bytes(save(arrays, metadata={"format": "pt", **_facts(network)}))


def _facts(network: Network) -> dict[str, str]:
    """What names and shapes do not tell: phi of a vanilla RNN."""
    return {"nonlinearity": network.layers[0].nonlinearity.value} if network.cell is Cell.RNN else {}
