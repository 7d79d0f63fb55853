"""Where the data of the app lies: beside the package in the source tree, inside it in the wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lstmviz.core.errors import LstmvizError

APP_ICON = "icons/lstmviz.svg"
"""Always there; by it the folder is known to be ours and not another package's ``resources``."""

_PACKAGE = Path(__file__).resolve().parent.parent


def resource(name: str) -> Path:
    """The file ``name``, such as ``"icons/lstmviz.svg"``.

    Raises LstmvizError if there is no such file, or the installation is broken.
    """
    folder = _resource_folder(_PACKAGE)
    path = (folder / name).resolve()
    if not path.is_relative_to(folder) or not path.is_file():
        raise LstmvizError(f"lstmviz has no resource called {name!r}", how="If an update broke it, install it again.")
    return path


def resource_names(folder: str, suffix: str) -> tuple[str, ...]:
    """The names of all files of one folder that end with ``suffix``, sorted; each is one for ``resource``.

    Empty for a folder that does not exist. Raises LstmvizError if the installation is broken.
    """
    root = _resource_folder(_PACKAGE)
    return tuple(sorted(path.relative_to(root).as_posix() for path in (root / folder).glob(f"*{suffix}")))


@cache
def _resource_folder(package: Path) -> Path:
    for folder in (package / "resources", package.parent / "resources"):
        if (folder / APP_ICON).is_file():
            return folder
    raise LstmvizError(
        "The examples and icons of lstmviz are missing", where=str(package), how="Please install lstmviz again."
    )
