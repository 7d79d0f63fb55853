"""Which files are those of trained models, by their names; what is in one decides how it is read."""

from __future__ import annotations

import re
from pathlib import Path

SUFFIXES = (
    ".pt", ".pth", ".bin", ".ckpt", ".safetensors", ".keras", ".h5", ".hdf5", ".onnx", ".npz", ".pkl", ".pickle",
)  # fmt: skip
"""How the names of models end. A .npz may hold a sequence as well: see ``holds_model``."""

NPZ, SAFETENSORS = ".npz", ".safetensors"

WEIGHT_FORMATS = {NPZ: "NumPy arrays", SAFETENSORS: "safetensors"}
"""How the names of weights end that lstmviz writes, and what such files are."""

_RECURRENT = re.compile(r"weight_hh|recurrent_kernel")


def is_model(name: str | Path) -> bool:
    """Whether ``name`` ends like the file of a trained model; the file need not be there."""
    return Path(name).suffix.lower() in SUFFIXES


def holds_model(path: Path) -> bool:
    """Whether the file at ``path`` is to be opened as a model: by its name, and a .npz by the names in it, too."""
    if path.suffix.lower() != ".npz":
        return is_model(path)
    import zipfile  # here: whoever only looks at names, as the window does at its start, needs nothing of it

    try:
        with zipfile.ZipFile(path) as archive:
            return any(_RECURRENT.search(name) for name in archive.namelist())
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return False  # whoever reads it as numbers says what is wrong with it
