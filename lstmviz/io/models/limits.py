"""How much of a stranger's file is taken in. Every reader of models keeps to these numbers."""

from __future__ import annotations

from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.memory import in_words

MOST_BYTES = 2**30
"""The largest file, and the most memory that the weights taken from one may need."""

MOST_INFLATED = 2**28
"""The most that one compressed file inside a zip may have when it is inflated; all together MOST_BYTES."""

MOST_FILES = 100_000
"""The most files inside a zip."""

MOST_OPERATIONS = 5_000_000
"""The most instructions of one pickle, nodes of one graph, entries of one HDF5 file."""

MOST_CANDIDATES = 100
"""The most recurrent networks that are looked at in one file."""

MOST_LAYERS = 1_000
"""The most layers of one network, and the largest layer number."""

MOST_DIMENSIONS = 8

FORMATS = "Models are read from .pt, .pth, .bin, .safetensors, .keras, .h5, .hdf5, .onnx, .npz and .pkl files."
DAMAGED = "Take another copy of the file, if there is one."
HARMFUL = "The file is damaged, or was made to do harm."


def refuse_too_many_bytes(size: int, where: str) -> None:
    """Raises LstmvizError for more than MOST_BYTES."""
    if size > MOST_BYTES:
        raise LstmvizError(
            f"This would take {in_words(size)} of memory",
            where=where,
            how=f"The limit is {in_words(MOST_BYTES)}; save the recurrent part of the model alone.",
        )
