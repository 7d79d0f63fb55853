"""The one exception for what a user can mend."""

from __future__ import annotations


class LstmvizError(Exception):
    """Something the user can mend: what is wrong, where, and how to mend it.

    ``span`` marks the place in a typed text as (start, end) character offsets, where there is one.
    """

    def __init__(self, what: str, *, where: str = "", how: str = "", span: tuple[int, int] | None = None) -> None:
        self.what = what
        self.where = where
        self.how = how
        self.span = span
        super().__init__(str(self))

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        remedy = f" {self.how}" if self.how else ""
        return f"{self.what}{place}.{remedy}"
