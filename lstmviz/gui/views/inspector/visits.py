"""What was asked in the inspector, one after the other, to go back and forward like in a browser."""

from __future__ import annotations

from lstmviz.core.value_reference import ValueReference

Visit = ValueReference | None
"""A value that was asked about; None follows the step."""


class Visits:
    """A list of visits with a place in it. It begins with following the step."""

    def __init__(self, most: int = 200) -> None:
        self._visits: list[Visit] = [None]
        self._at = 0
        self._most = most

    @property
    def current(self) -> Visit:
        """What is looked at."""
        return self._visits[self._at]

    @property
    def can_go_back(self) -> bool:
        """Whether something was looked at before."""
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        """Whether one has gone back."""
        return self._at + 1 < len(self._visits)

    @property
    def trail(self) -> tuple[Visit, ...]:
        """What was looked at up to now, the oldest first."""
        return tuple(self._visits[: self._at + 1])

    def visit(self, visit: Visit) -> None:
        """Look at something else; what one has gone back from is forgotten, and so is the oldest of too many."""
        if visit == self.current:
            return
        self._visits[self._at + 1 :] = [visit]
        del self._visits[: -self._most]
        self._at = len(self._visits) - 1

    def replace(self, visit: Visit) -> None:
        """Look at something else in the place of the current visit."""
        self._visits[self._at] = visit

    def move(self, steps: int) -> None:
        """Go back (−1) or forward (1), as far as there is something."""
        self._at = min(max(self._at + steps, 0), len(self._visits) - 1)

    def forget(self) -> None:
        """Begin anew."""
        self._visits, self._at = [None], 0
