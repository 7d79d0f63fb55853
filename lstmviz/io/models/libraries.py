"""Libraries that one format needs: a broken one costs its format alone, with a message that says how to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lstmviz.core.errors import LstmvizError


@contextmanager
def needed(library: str) -> Iterator[None]:
    """Around the import of ``library``. Raises LstmvizError where it fails."""
    try:
        yield
    except (ImportError, OSError) as error:
        raise LstmvizError(
            f"The library {library} cannot be used: {error}",
            how=f"Install it anew: pip install --force-reinstall {library}",
        ) from error
