"""Closing the window while something is still being worked out."""

from __future__ import annotations

import time
from collections.abc import Generator
from pathlib import Path

import pytest
from PyQt6.QtCore import QThread

from lstmviz.core.cursor import Cursor
from lstmviz.gui import comparison
from lstmviz.gui.files import recovery
from lstmviz.gui.panels.debugger import health_panel
from lstmviz.gui.views.diff import diff_view
from lstmviz.io.sessions import SessionFile, save_session
from tests.stories.person import Person


def endless(*_: object) -> Generator[None, None, None]:
    """Work that ends when it is cancelled."""
    while True:
        yield
        time.sleep(0.002)


def slow_save(path: Path, session: SessionFile) -> None:
    time.sleep(0.2)
    save_session(path, session)


def threads(person: Person) -> list[QThread]:
    return [thread for thread in person.window.findChildren(QThread) if thread.isRunning()]


@pytest.mark.parametrize("work", ["health", "diff", "comparison", "autosave", "all"])
def test_the_window_closes_and_no_thread_is_left(
    person: Person, tmp_path: Path, work: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = person.window
    person.write_sequence("1, 2, 3")
    person.leave_field()
    monkeypatch.setattr(health_panel, "health_scanning", endless)
    monkeypatch.setattr(diff_view, "diffing", endless)
    monkeypatch.setattr(comparison, "analysing", endless)
    monkeypatch.setattr(recovery, "save_session", slow_save)
    if work in ("diff", "all"):
        window.comparison.keep_action.trigger()
        window.tabs.setCurrentWidget(window.tabs.view("diff"))
        assert person.reads("diff_message") == "Comparing …"
    if work in ("health", "all"):
        person.open_fold("health")
        assert person.reads("health_summary") == "Looking …"
    if work in ("comparison", "all"):
        path = tmp_path / "other.lstmviz"
        save_session(path, SessionFile(window.session.experiment, Cursor(1)))
        window.comparison._choose = lambda *_: str(path)
        window.comparison.open_action.trigger()
    if work in ("autosave", "all"):
        window.files.recovery._write()
    assert threads(person)
    window.close()
    assert not window.isVisible()
    assert not threads(person)
    assert not window.files.recovery.path.exists()
