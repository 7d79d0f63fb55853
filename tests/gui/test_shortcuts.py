"""The table of keys."""

from __future__ import annotations

import pytest
from PyQt6.QtGui import QKeySequence

from lstmviz.gui.shortcuts import SHORTCUTS, keyboard_table, keys_in_words, shortcut, tooltip


def test_ids_and_keys_are_used_once() -> None:
    ids = [each.id for each in SHORTCUTS]
    keys = [QKeySequence(key).toString() for each in SHORTCUTS for key in each.keys]
    assert len(set(ids)) == len(ids)
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("key", [key for each in SHORTCUTS for key in each.keys])
def test_every_key_is_one_that_qt_knows(key: str) -> None:
    assert QKeySequence(key).toString() == key


@pytest.mark.parametrize(
    ("shortcut_id", "words"),
    [
        ("stage_on", "→"),
        ("step_back", "Shift+←"),
        ("faster", "+ or ="),
        ("slower", "−"),
        ("go_to_step", "0 … 9"),
        ("redo", "Ctrl+Shift+Z or Ctrl+Y"),
        ("steps_on", "Page Down"),
    ],
)
def test_keys_are_written_as_on_a_keyboard(shortcut_id: str, words: str) -> None:
    assert keys_in_words(shortcut(shortcut_id)) == words


def test_a_tooltip_says_what_it_does_and_its_key() -> None:
    assert tooltip("stage_on") == "One stage on (→)"


def test_the_readme_table_has_every_key() -> None:
    lines = keyboard_table().splitlines()
    assert len(lines) == len(SHORTCUTS) + 2
    assert "| Space | play or pause |" in lines
