"""Thousands of random commands, and no fault. ``make monkey`` does 10,000 for each of two seeds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from lstmviz.gui.process.crash import HANDLER
from lstmviz.io.sessions import save_session
from tests.stories.conftest import Open
from tests.stories.monkey import Monkey, Resources, assert_same_bits

pytestmark = pytest.mark.qt_no_exception_capture

COMMANDS = int(os.environ.get("LSTMVIZ_MONKEY", "300"))
SEEDS = tuple(map(int, os.environ.get("LSTMVIZ_MONKEY_SEEDS", "1 2").split()))

PARTS = 5
"""What the process holds is looked at so often; the first two parts warm up."""

MOST_GROWTH = Resources(resident=64 * 2**20, objects=120, windows=12, timers=4, threads=0, runs=10)
"""What may be added after the warm-up: 1,000 experiments to go back to, dialogs that are made once, and the runs that
closed ones show."""


@pytest.fixture
def crash_handler() -> Iterator[None]:
    """In charge, as in the app; it shows no dialog."""
    HANDLER.install()
    yield
    HANDLER.uninstall()


def growth(samples: list[Resources]) -> dict[str, int]:
    """From the most of the warm-up to the least of the last two parts: only a leak grows so long."""
    held = [asdict(sample) for sample in samples]
    return {name: min(each[name] for each in held[-2:]) - max(each[name] for each in held[:2]) for name in held[0]}


def test_a_leak_is_seen_and_a_peak_is_none() -> None:
    empty = Resources(0, 0, 0, 0, 0, 0)
    steady = [replace(empty, resident=part * 40 * 2**20) for part in range(PARTS)]
    peaks = [replace(empty, resident=part % 2 * 90 * 2**20) for part in range(PARTS)]
    assert growth(steady)["resident"] > MOST_GROWTH.resident
    assert growth(peaks)["resident"] <= MOST_GROWTH.resident


@pytest.mark.parametrize("seed", SEEDS)
def test_random_commands(
    open_window: Open, crash_handler: None, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtlog: Any
) -> None:
    person, crashes = open_window(), HANDLER.crash_count
    monkey = Monkey(person, seed, tmp_path, monkeypatch, qtlog)
    samples = []
    for _ in range(PARTS):
        monkey.act(COMMANDS // PARTS)
        saved, run = monkey.replay(), person.window.session.run
        samples.append(monkey.rest())
        print(f"seed {seed}, {monkey.counts.total():,} commands: {samples[-1]}")
    grown = growth(samples)
    assert not {name: grown[name] for name, most in asdict(MOST_GROWTH).items() if grown[name] > most}

    save_session(tmp_path / "end.lstmviz", saved)
    fresh = open_window().window
    assert fresh.files.document.open(tmp_path / "end.lstmviz")
    person.qtbot.waitUntil(lambda: not fresh.session.busy, timeout=20_000)
    assert fresh.session.experiment == saved.experiment
    assert fresh.session.cursor == saved.cursor
    assert_same_bits(fresh.session.run, run)
    for window in (fresh, person.window):
        window.close()
    assert HANDLER.crash_count == crashes
