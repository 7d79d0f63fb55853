"""Groups, arrays and texts of an HDF5 file in memory. Nothing outside of the file is followed or opened.

The HDF5 library crashes on some damaged files, so that `hdf5_process` runs this in a process of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lstmviz.core.errors import LstmvizError
from lstmviz.io.models.arrays import FileArray
from lstmviz.io.models.libraries import needed
from lstmviz.io.models.limits import DAMAGED, HARMFUL, MOST_OPERATIONS

_DEEPEST = 40
_MOST_ENTRIES = MOST_OPERATIONS // 50
_TEXTS = ("model_config", "keras_version", "name", "layer_names", "weight_names")


@dataclass
class Hdf5Tree:
    """What is in the file. arrays of floating-point numbers by path; texts by path and attribute, ``a/b@name``."""

    arrays: dict[str, FileArray] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)


def tree_of_hdf5(data: bytes, where: str) -> Hdf5Tree:
    """Everything in the file that can be weights or says what they are.

    Raises LstmvizError for a damaged file, for links to other files, and for arrays that are larger than the file.
    """
    with needed("h5py"):
        import h5py  # type: ignore[import-untyped]  # comes without types
    tree = Hdf5Tree()
    try:
        with h5py.File(h5py.h5f.open_file_image(data)) as file:
            _Walk(h5py, len(data), where, tree).group("", file, 0)
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, OverflowError, MemoryError) as error:
        told = ascii(str(error))[1:-1][:160]
        raise LstmvizError(f"The HDF5 file is damaged or cut off: {told}", where=where, how=DAMAGED) from error
    return tree


class _Walk:
    """One walk over all groups; a group that was seen is not entered again."""

    def __init__(self, h5py: Any, size: int, where: str, tree: Hdf5Tree) -> None:
        self._h5py = h5py
        self._size = size
        self._where = where
        self._tree = tree
        self._seen: set[Any] = set()
        self._entries = 0
        self._bytes = 0

    def group(self, path: str, group: Any, depth: int) -> None:
        """Everything in a group and the groups below."""
        address = self._h5py.h5o.get_info(group.id).addr
        if address in self._seen:
            return
        self._seen.add(address)
        self._attributes(path, group)
        for name in group:
            self._entries += 1
            if self._entries > _MOST_ENTRIES or depth > _DEEPEST:
                raise LstmvizError("The file has too many groups in each other", where=self._where, how=HARMFUL)
            self._entry(f"{path}/{name}".lstrip("/"), group, name, depth)

    def _entry(self, path: str, group: Any, name: str, depth: int) -> None:
        place = f"{self._where}, {path[:100]}"
        link = group.get(name, getlink=True)
        if isinstance(link, self._h5py.ExternalLink):
            raise LstmvizError(
                "The file links to another file", where=place, how="Save the model anew, with everything in one file."
            )
        if isinstance(link, self._h5py.SoftLink):
            self._tree.ignored.append(f"{path}: a link")
            return
        entry = group[name]
        if isinstance(entry, self._h5py.Group):
            self.group(path, entry, depth + 1)
        elif isinstance(entry, self._h5py.Dataset):
            self._array(path, entry, place)

    def _array(self, path: str, dataset: Any, place: str) -> None:
        if dataset.dtype.kind != "f" or dataset.dtype.itemsize > 8:
            self._tree.ignored.append(f"{path} {list(dataset.shape or ())}: not floating-point numbers")
            return
        properties = dataset.id.get_create_plist()
        if properties.get_external_count() or dataset.is_virtual:
            raise LstmvizError(
                "The numbers of an array are in another file", where=place, how="Save the model anew, in one file."
            )
        if properties.get_nfilters():
            raise LstmvizError(
                "The array is compressed, which files of Keras are not",
                where=place,
                how="Take the compression out: h5repack -f NONE old.h5 new.h5",
            )
        self._bytes += int(np.prod(dataset.shape, dtype=object)) * dataset.dtype.itemsize
        if self._bytes > self._size or max(dataset.shape, default=0) > self._size:
            raise LstmvizError(
                f"An array of shape {list(dataset.shape)} is announced, which is more than the file has",
                where=place,
                how=HARMFUL,
            )
        self._tree.arrays[path] = np.asarray(dataset[()])

    def _attributes(self, path: str, group: Any) -> None:
        for name in _TEXTS:
            if name in group.attrs:
                value = group.attrs[name]
                if isinstance(value, bytes):
                    value = value.decode("utf-8", "replace")
                if isinstance(value, str):
                    self._tree.texts[f"{path}@{name}"] = value
