"""Reading an HDF5 file in a process of its own: a file on which the HDF5 library crashes or hangs costs that process.

The library is written in C, and a single wrong byte in a file is enough to make it fail. What comes back are plain
arrays and texts, read as carefully as a stranger's.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from typing import Any

import numpy as np

from lstmviz.core.errors import LstmvizError
from lstmviz.io.json_text import json_value
from lstmviz.io.models.hdf5_reading import Hdf5Tree, tree_of_hdf5
from lstmviz.io.models.limits import DAMAGED
from lstmviz.io.models.numpy_files import npy_array
from lstmviz.io.models.zip_reading import ZipReader

MAGIC = b"\x89HDF\r\n\x1a\n"
"""How an HDF5 file begins."""

_SECONDS = 60
_MEMORY = 2**30
"""Address space of the process beside what the file needs; the libraries take half of it."""

_COPIES = 6
"""How often the file may be in memory there, on its way in and out."""

_FACTS = "facts.json"


def read_hdf5(data: bytes, where: str) -> Hdf5Tree:
    """Everything in the file that can be weights or says what they are.

    Raises LstmvizError for a damaged file, for links to other files, and for arrays that are larger than the file.
    """
    paths = os.pathsep.join(filter(None, sys.path))
    environment = os.environ | {"PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", __name__, where],
            input=data,
            capture_output=True,
            env=environment,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise LstmvizError(f"The file was not read within {_SECONDS} seconds", where=where, how=DAMAGED) from error
    except OSError as error:
        raise LstmvizError(f"No process could be started to read it: {error.strerror}", where=where) from error
    if done.returncode:
        raise LstmvizError("The HDF5 library failed on the file", where=where, how=DAMAGED)
    return _received(ZipReader(done.stdout, where), where)


def _received(archive: ZipReader, where: str) -> Hdf5Tree:
    facts = json_value(archive.read(_FACTS), where)
    if "error" in facts:
        error = facts["error"]
        raise LstmvizError(error["what"], where=error["where"], how=error["how"])
    arrays = {path: npy_array(archive.view(f"{number}.npy"), where) for number, path in enumerate(facts["arrays"])}
    return Hdf5Tree(arrays, facts["texts"], facts["ignored"])


def main() -> None:
    """In the process: the file from standard input, what is in it to standard output."""
    data = sys.stdin.buffer.read()
    _bound_memory(_MEMORY + _COPIES * len(data))
    arrays: dict[str, Any] = {}
    try:
        tree = tree_of_hdf5(data, sys.argv[1])
        facts: dict[str, Any] = {"arrays": list(tree.arrays), "texts": tree.texts, "ignored": tree.ignored}
        arrays = {str(number): array for number, array in enumerate(tree.arrays.values())}
    except LstmvizError as error:
        facts = {"error": {"what": error.what, "where": error.where, "how": error.how}}
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(_FACTS, json.dumps(facts).encode("ascii"))
    sys.stdout.buffer.write(file.getvalue())


def _bound_memory(size: int) -> None:
    """Keep the process from taking more than ``size`` bytes of address space, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


if __name__ == "__main__":
    main()
