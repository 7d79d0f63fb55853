"""What every view is: a widget that draws (run, cursor) and asks for moves through signals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QWidget

from lstmviz.core.cursor import Cursor
from lstmviz.core.run import Run
from lstmviz.gui.style import LIGHT, Theme

if TYPE_CHECKING:
    from lstmviz.core.gradients.gradient_check import GradientCheck


@dataclass(frozen=True)
class Hovered:
    """What the mouse is over, for the other views: a step from 1, and a unit from 0 where there is one."""

    t: int
    unit: int | None = None


class View(QWidget):
    """Base of all views.

    ``show_run`` comes first, ``show_cursor`` for every move; both must be cheap to call again with equal values.
    """

    cursor_requested = pyqtSignal(object)
    """The user asks to look elsewhere; carries a Cursor."""

    time_range_requested = pyqtSignal(float, float)
    """The user zooms or pans time; carries its edges: 0.5 is left of the first step, T + 0.5 right of the last."""

    hovered = pyqtSignal(str)
    """A sentence about the value under the mouse; empty when there is none."""

    value_asked = pyqtSignal(object)
    """The user asks why a value is what it is; carries a ValueReference. The inspector answers."""

    place_hovered = pyqtSignal(object)
    """The Hovered step and unit under the mouse, or None; the other views highlight it."""

    comparison_dismissed = pyqtSignal()
    """The user does not want to compare with the other run any more."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.run: Run | None = None
        self.cursor_at: Cursor | None = None

    def show_run(self, run: Run, cursor: Cursor) -> None:
        """Draw another run, with the cursor at ``cursor``. What was hovered in the run before is not in this one."""
        if run is not self.run:
            self.show_hovered(None)
        self.run, self.cursor_at = run, cursor
        self.update()

    def show_cursor(self, cursor: Cursor) -> None:
        """Draw the same run with the cursor elsewhere."""
        self.cursor_at = cursor
        self.update()

    def show_time_range(self, first: float, last: float) -> None:
        """Show the time between two edges, where the view has a time axis; (0.5, T + 0.5) is everything."""

    def show_hovered(self, place: Hovered | None) -> None:
        """Highlight what the mouse is over in another view; None for nothing."""

    def show_check(self, check: GradientCheck | None) -> None:
        """Tell how the gradient check of the run went, where the view draws gradients; None while there is none."""

    @property
    def busy(self) -> bool:
        """Whether something is still being worked out that the view will show."""
        return False

    def stop(self) -> None:
        """End all work in the background: the window is closing."""

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self.theme = theme
        self.update()

    def summary(self) -> str:
        """A sentence that says what the view shows now, for screen readers and the status line."""
        return ""
