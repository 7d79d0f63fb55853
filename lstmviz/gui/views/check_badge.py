"""The badge that says whether the gradients on show have been checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QLabel, QWidget

from lstmviz.gui.style import LIGHT, Theme, text_font

if TYPE_CHECKING:
    from lstmviz.core.gradients.gradient_check import GradientCheck

_LARGEST_TABLE = 12


class CheckBadge(QLabel):
    """``checked, 3.1×10⁻⁹``, or what is wrong; told apart by words and a mark as well as by colour."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("check_badge")
        self.setFont(text_font(11, bold=True))
        self._theme: Theme = LIGHT
        self._check: GradientCheck | None = None
        self.show_check(None)

    def show_check(self, check: GradientCheck | None) -> None:
        """Show the outcome of a check; None for a run that has not been checked."""
        self._check = check
        words = "gradients not checked" if check is None else f"gradients {check.in_words()}"
        self.setText(f"{self._mark()} {words}")
        self.setAccessibleName(words)
        self.setToolTip(self._explanation())
        self.set_theme(self._theme)

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        colour = theme.muted if self._check is None else theme.input if self._check.passed else theme.warning
        self.setStyleSheet(f"color: {colour}")

    def _mark(self) -> str:
        if self._check is None:
            return "○"
        return "✓" if self._check.passed else "✗"

    def _explanation(self) -> str:
        if self._check is None:
            return "Small runs are checked a moment after they stand; this one is being checked, or is too large."
        lines = [
            "Backpropagation through time against central differences: every weight and every node is moved a "
            "little, and the loss computed again.",
            f"{self._check.checked:,} gradients compared; the largest relative error of a block counts.",
        ]
        worst = sorted(self._check.blocks, key=lambda block: -block.error)[:_LARGEST_TABLE]
        lines += [f"{'✓' if block.passed else '✗'} {block.name}: {block.error:.1e}" for block in worst]
        return "\n".join(lines)
