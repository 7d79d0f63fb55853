"""All commands of the monkey with their weights, and those on files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent
from PyQt6.QtWidgets import (
    QApplication,
)

from lstmviz.gui.panels.debugger.notes_panel import NotesPanel
from lstmviz.io.experiments import example_names
from tests.stories.monkey_debugging import Debugging
from tests.stories.monkey_editing import Editing
from tests.stories.monkey_looking import Looking
from tests.stories.person import NO_MODIFIER


class Commands(Looking, Editing, Debugging):
    """Everything that the monkey can do."""

    def open_example(self) -> str:
        name = self.random.choice(example_names())
        self.window.open_example(name)
        return name

    def save(self) -> str:
        action, document = (
            self.action("save_session" if self.likely(0.6) else "save_session_as"),
            self.window.files.document,
        )
        could_save = action.isEnabled()
        action.trigger()
        notes = self.window.debugger.panel.content("notes")
        if could_save and isinstance(notes, NotesPanel) and not document.unsaved:
            assert notes.text.toPlainText() == self.window.session.wanted.notes, "saved without what was typed last"
        return f"{action.objectName()} {document.path}"

    def open_file(self) -> str:
        if self.likely(0.3) and (recent := self.window.files.actions.recent_menu.actions()):
            words = (action := self.random.choice(recent)).text()  # the menu is made anew when it is used
            action.trigger()
            return f"recent {words}"
        if self.likely(0.3):
            self.action("revert_session").trigger()
            return "revert"
        self.action("open_session").trigger()
        return str(self.window.files.document.path)

    def drop_file(self) -> str:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path := self.some_file()))])
        event = QDropEvent(
            QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, NO_MODIFIER
        )  # fmt: skip
        QApplication.sendEvent(self.window, event)
        return path.name

    def some_file(self) -> Path:
        """A session, or something else: cut short, foreign, not there."""
        files = sorted(self.folder.glob("*.lstmviz"))
        if files and self.likely(0.7):
            return self.random.choice(files)
        wrong = self.folder / self.random.choice(("cut.lstmviz", "foreign.lstmviz", "missing.lstmviz", "."))
        if wrong.name == "cut.lstmviz" and files:
            content = files[0].read_bytes()
            wrong.write_bytes(content[: self.whole(0, len(content))])
        elif wrong.name == "foreign.lstmviz":
            wrong.write_bytes(self.random.randbytes(40))
        return wrong

    def compare(self) -> str:
        action = self.random.choice(self.window.comparison.actions)
        action.trigger()
        return action.objectName()


COMMANDS: tuple[tuple[int, Callable[[Commands], str]], ...] = (
    (10, Commands.move),
    (6, Commands.trigger_transport),
    (6, Commands.seek),
    (2, Commands.type_step),
    (2, Commands.choose_layer_or_speed),
    (3, Commands.play),
    (5, Commands.keys),
    (1, Commands.wait),
    (6, Commands.write_sequence),
    (1, Commands.sequence_settings),
    (7, Commands.network),
    (3, Commands.objective),
    (1, Commands.controls),
    (2, Commands.weights),
    (6, Commands.what_if),
    (4, Commands.wild_what_if),
    (7, Commands.edit_what_ifs),
    (4, Commands.breakpoint),
    (2, Commands.run_to_breakpoint),
    (3, Commands.watch),
    (2, Commands.note),
    (1, Commands.health),
    (1, Commands.fold),
    (1, Commands.bug),
    (2, Commands.open_example),
    (2, Commands.save),
    (2, Commands.open_file),
    (1, Commands.drop_file),
    (1, Commands.compare),
    (4, Commands.tab),
    (2, Commands.zoom),
    (1, Commands.resize),
    (1, Commands.arrange),
    (1, Commands.dress),
    (10, Commands.mouse),
    (4, Commands.ask_why),
    (1, Commands.help),
    (3, Commands.undo_burst),
    (6, Commands.undo),
    (1, Commands.slow_machine),
    (1, Commands.cancel),
)
"""Every command with its weight."""
