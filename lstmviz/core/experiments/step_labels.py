"""What the labels of a sequence's steps say."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=4)
def only_count(labels: tuple[str, ...]) -> bool:
    """Whether the labels are 1, 2, 3 ...; several views ask that of the same long sequence."""
    return labels == tuple(map(str, range(1, len(labels) + 1)))
