"""The Help menu; its dialogs are made when they are asked for."""

from __future__ import annotations

from PyQt6.QtWidgets import QMenu, QWidget

from lstmviz.gui.shortcuts import create_action


class HelpMenu(QMenu):
    """The keys, and what this program is."""

    def __init__(self, window: QWidget) -> None:
        super().__init__("&Help", window)
        self._window = window
        self.keys_action = create_action("keys", self, self._show_keys)
        self.addAction(self.keys_action)
        about = self.addAction("&About lstmviz")
        assert about is not None
        about.triggered.connect(self._show_about)

    def _show_keys(self) -> None:
        from lstmviz.gui.window.help_dialogs import show_keys

        show_keys(self._window)

    def _show_about(self) -> None:
        from lstmviz.gui.window.help_dialogs import show_about

        show_about(self._window)
