"""Opening a file of a trained model: its kind by its content, then what recurrent networks are in it."""

from __future__ import annotations

import re
from pathlib import Path

from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import Nonlinearity
from lstmviz.io.models.attribute_tree import Tree
from lstmviz.io.models.by_names import candidates_by_names
from lstmviz.io.models.file_bytes import file_bytes
from lstmviz.io.models.finishing import with_nonlinearity
from lstmviz.io.models.hdf5_process import MAGIC as HDF5_MAGIC
from lstmviz.io.models.keras_file import CONFIG, WEIGHTS, read_keras_hdf5, read_keras_zip
from lstmviz.io.models.limits import FORMATS
from lstmviz.io.models.model_file import ModelFile
from lstmviz.io.models.numpy_files import npy_array, npz_facts, read_npz
from lstmviz.io.models.onnx_file import read_onnx
from lstmviz.io.models.safetensors_file import looks_like_safetensors, read_safetensors, safetensors_facts
from lstmviz.io.models.torch_file import OLD_MAGIC, pickle_inside, read_pickle, read_torch_old, read_torch_zip
from lstmviz.io.models.zip_reading import ZipReader

_OLD_PICKLE = re.compile(rb"[\(\]\}]|c[\w.]+\n")
_FOREIGN = (
    (b"\x1f\x8b", "This is a gzip file", "Unpack it first."),
    (b"BZh", "This is a bzip2 file", "Unpack it first."),
    (b"\xfd7zXZ", "This is an xz file", "Unpack it first."),
    (b"version https://git-lfs", "This is only the pointer of Git LFS, not the model", "Run git lfs pull."),
    (b"<", "This is a web page or XML, not a model", "Download the file itself, not its page."),
    (b"%PDF", "This is a PDF file", FORMATS),
    (b"GGUF", "This is a GGUF file, which holds no recurrent networks", FORMATS),
    (b"{", "This is JSON; a model's configuration or a vocabulary has no weights", FORMATS),
)


def read_model(path: str | Path) -> ModelFile:
    """Everything recurrent in the file at ``path``, and how it was understood. Runs nothing that is in the file.

    Raises LstmvizError for what is no model, is damaged, or would take too much memory.
    """
    data, where = file_bytes(path), Path(path).name
    _refuse_foreign(data, where)
    if data.startswith(b"PK\x03\x04"):
        return _read_zip(data, where)
    if data.startswith(HDF5_MAGIC):
        return read_keras_hdf5(data, where)
    if data.startswith(b"\x93NUMPY"):
        array = npy_array(data, where)
        raise LstmvizError(
            f"A .npy file holds one array, this one of shape {list(array.shape)}; a network has several",
            where=where,
            how="Save them by name: np.savez(path, weight_ih_l0=..., weight_hh_l0=...).",
        )
    if looks_like_safetensors(data):
        candidates, ignored = candidates_by_names(read_safetensors(data, where), safetensors_facts(data), where)
        return ModelFile(where, "safetensors (a header in JSON, then numbers)", candidates, ignored)
    if data.startswith(OLD_MAGIC):
        return _from_tree(*read_torch_old(data, where), where)
    if data[:1] == b"\x80" or _OLD_PICKLE.match(data):
        return _from_tree(*read_pickle(data, where), where)
    return read_onnx(data, where)


def load_network(
    path: str | Path, name: str | None = None, *, nonlinearity: str | Nonlinearity | None = None
) -> Network:
    """The recurrent network in the file of a trained model, ready for ``forward`` and ``backward``.

    name          which one, where the file has several
    nonlinearity  tanh or relu of a vanilla RNN, where the file does not say; None for tanh

    A dense layer behind it comes along as the head. An embedding in front of it stands in
    ``read_model(path).candidate()``: ``token_table`` makes of it what reads tokens.

    Raises LstmvizError with the names where there are several, and with the reason where the engine cannot run it.
    """
    candidate = read_model(path).candidate(name)
    if candidate.network is None:
        raise LstmvizError(candidate.refusal.rstrip("."), where=f"{Path(path).name} {candidate.name}".strip())
    if nonlinearity is not None:
        return with_nonlinearity(candidate, nonlinearity)
    return candidate.network


def _read_zip(data: bytes, where: str) -> ModelFile:
    archive = ZipReader(data, where)
    if pickle_inside(archive.names):
        return _from_tree(*read_torch_zip(archive, where), where)
    if {CONFIG, WEIGHTS} <= set(archive.names):
        return read_keras_zip(archive, where)
    if archive.names and any(name.endswith(".npy") for name in archive.names):
        candidates, ignored = candidates_by_names(read_npz(archive, where), npz_facts(archive), where)
        return ModelFile(where, "NumPy (.npz, a zip file of arrays)", candidates, ignored)
    raise LstmvizError(
        f"This is a zip file, but no model: it has {', '.join(map(ascii, archive.names[:4]))[:200] or 'no files'}",
        where=where,
        how=FORMATS,
    )


def _from_tree(said: str, tree: Tree, where: str) -> ModelFile:
    candidates, ignored = candidates_by_names(tree.arrays, tree.settings, where)
    return ModelFile(where, said, candidates, (*tree.ignored, *ignored))


def _refuse_foreign(data: bytes, where: str) -> None:
    """Raises LstmvizError for files that people often have in a model's place."""
    text = data[:64].lstrip()
    for start, what, how in _FOREIGN:
        if text.startswith(start):
            raise LstmvizError(what, where=where, how=how)
    if data[257:262] == b"ustar":
        raise LstmvizError("This is a tar file", where=where, how="Unpack it first.")
