"""The window, off-screen: a step, a frame, the start, and how alive it stays during an analysis. See README.md here."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
os.environ["QT_QPA_PLATFORM"] = "offscreen"
sys.path.insert(0, str(ROOT))

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle

import numpy as np
from PyQt6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer
from PyQt6.QtWidgets import QApplication, QWidget

from lstmviz.core.cursor import Cursor
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.objective import Objective
from lstmviz.core.experiments.recipe import BaselineRecipe, NetworkRecipe
from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.gui.main_window import MainWindow
from lstmviz.gui.process.application import create_application
from lstmviz.gui.settings import Settings
from lstmviz.io.experiments import Example
from lstmviz.io.sequences import parse_sequence

SHAPES = ((100, 8, 1), (5_000, 256, 1), (100_000, 8, 16), (100_000, 32, 16))
"""(T, H, I): steps, units, features."""

MEDIAN_BUDGET = 8.0
P95_BUDGET = 16.0
START_BUDGET = 1.3
GAP_BUDGET = 20.0
TIMER_MILLISECONDS = 16

BARE_WINDOW = """
import json, sys, time
import pyqtgraph
imported = time.time()
app = pyqtgraph.mkQApp()
created = time.time()
plot = pyqtgraph.PlotWidget()
plot.resize(1440, 900)
plot.plot([1, 3, 2])
built = time.time()
plot.show()
app.processEvents()
print(json.dumps({"import": imported, "application": created, "build": built, "paint": time.time()}))
"""

APP_WINDOW = """
import gc, json, sys, time
gc.disable()  # as lstmviz.cli does before it opens a window
import lstmviz.cli
from lstmviz.gui.process.system_libraries import require_libraries
require_libraries("offscreen")
from lstmviz.gui.process.application import create_application, delete_now
from lstmviz.gui.main_window import MainWindow
from lstmviz.gui.settings import SettingsStore
from lstmviz.io.experiments import DEFAULT_EXAMPLE, load_example
imported = time.time()
app = create_application(sys.argv)
created = time.time()
store = SettingsStore()
window = MainWindow(load_example(DEFAULT_EXAMPLE), store.begin_start(), store)
built = time.time()
window.show()
app.processEvents()
print(json.dumps({"import": imported, "application": created, "build": built, "paint": time.time()}))
sys.stdout.flush()
window.close()
delete_now(window)
"""
"""What the command line does, with a clock between its parts."""


def example(length: int, hidden_size: int, features: int = 1) -> Example:
    """A random LSTM over waves, with its vanilla RNN, seen from the middle."""
    waves = "\n".join(f"sin(t / {5 + feature}) + 0.3 * sin(t / 1.7)" for feature in range(features))
    experiment = Experiment(
        title=f"T = {length:,}, H = {hidden_size}",
        look_for="",
        sequence=parse_sequence(waves, SequenceKind.FORMULA, length=length),
        recipe=NetworkRecipe(hidden_size=hidden_size, seed=1),
        baseline=BaselineRecipe(),
        objective=Objective(),
    )
    return Example("benchmark", experiment, Cursor(t=length // 2))


class Paints(QObject):
    """Counts the paint events of a widget and everything inside it."""

    def __init__(self, app: QApplication, widget: QWidget) -> None:
        super().__init__()
        self._app, self._widget, self.count = app, widget, 0
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() == QEvent.Type.Paint and isinstance(watched, QWidget):
            self.count += watched is self._widget or self._widget.isAncestorOf(watched)
        return False

    def stop(self) -> int:
        """Stop counting; how many there were."""
        self._app.removeEventFilter(self)
        return self.count


def paints(app: QApplication, window: MainWindow, change: Callable[[], None]) -> bool:
    """Whether ``change`` and the events after it paint the open tab: otherwise the timing would mean nothing."""
    tab = window.tabs.currentWidget()
    assert tab is not None
    counter = Paints(app, tab)
    change()
    app.processEvents()
    return counter.stop() > 0


def milliseconds(app: QApplication, change: Callable[[], None], rounds: int) -> np.ndarray:
    """How long ``change`` and the painting after it take, ``rounds`` times."""
    times = []
    for _ in range(rounds):
        app.processEvents()
        start = time.perf_counter()
        change()
        app.processEvents()
        times.append(1e3 * (time.perf_counter() - start))
    return np.array(times)


def verdict(met: bool) -> str:
    """A word for a table."""
    return "met" if met else "MISSED"


def report_times(what: str, times: np.ndarray) -> bool:
    """Print median and 95th percentile beside their budgets; whether both are met."""
    median, p95 = float(np.median(times)), float(np.percentile(times, 95))
    met = median <= MEDIAN_BUDGET and p95 <= P95_BUDGET
    print(
        f"{what:<46} median {median:>6.2f} ms ({median / MEDIAN_BUDGET:.2f} of the budget)   "
        f"p95 {p95:>6.2f} ms ({p95 / P95_BUDGET:.2f})   {verdict(met)}"
    )
    return met


def measure_steps(app: QApplication, rounds: int, lengths: list[int], tabs: list[str]) -> bool:
    """Steps of the whole window and frames of the cell's animation, for every shape and tab, or those asked for."""
    print(f"A step of the whole window, 1440 x 900; budgets: median {MEDIAN_BUDGET:g} ms, p95 {P95_BUDGET:g} ms")
    met = True
    for length, hidden_size, features in SHAPES:
        if lengths and length not in lengths:
            continue
        window = MainWindow(example(length, hidden_size, features), Settings())
        window.resize(1440, 900)
        window.show()
        app.processEvents()
        window.comparison.keep()  # the tab Diff shows nothing otherwise
        painted: set[str] = set()
        timed = {name: change for name, change in changes(window).items() if not tabs or name.partition(",")[0] in tabs}
        for name, change in timed.items():
            tab, _, _ = name.partition(",")
            window.tabs.setCurrentIndex([window.tabs.tabText(index) for index in range(window.tabs.count())].index(tab))
            window.session.seek(Cursor(t=1))
            settle(app, window)
            if paints(app, window, change):
                painted.add(tab)
            met &= report_times(f"T {length:<7,} H {hidden_size:<4} {name}", milliseconds(app, change, rounds))
        if idle := {name.partition(",")[0] for name in timed} - painted:
            raise SystemExit(f"These do not paint, there is nothing to measure: {', '.join(idle)}.")
        window.close()
        window.deleteLater()
        app.processEvents()
    return met


def settle(app: QApplication, window: MainWindow) -> None:
    """Wait until the open tab shows everything."""
    app.processEvents()
    while window.tabs.current and window.tabs.current.busy:
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def changes(window: MainWindow) -> dict[str, Callable[[], None]]:
    """What is timed: the tab to do it in, a comma, and its name; each goes on from the start when it is at the end."""
    session = window.session
    fractions = cycle(np.linspace(0.02, 0.98, 49).tolist())

    def step(forward: Callable[[int], None]) -> None:
        before = session.cursor
        forward(1)
        if session.cursor == before:
            session.seek(replace(before, t=1))

    steps = np.random.default_rng(0)

    def seek() -> None:
        session.seek(Cursor(t=int(steps.integers(1, session.run.length, endpoint=True))))

    def frame() -> None:
        fraction = next(fractions)
        if fraction < 0.03:
            step(session.step_stage)
        window.player.frame.emit(fraction)

    named: dict[str, Callable[[], None]] = {}
    for index in range(window.tabs.count()):
        tab = window.tabs.tabText(index)
        named[f"{tab}, one stage"] = partial(step, session.step_stage)
        named[f"{tab}, one time step"] = partial(step, session.step)
        named[f"{tab}, to any time step"] = seek
    named["Cell, one frame"] = frame
    return named


@dataclass(frozen=True)
class Start:
    """Seconds of the parts of one start, from the start of the process on."""

    parts: dict[str, float]

    @property
    def total(self) -> float:
        """From the start of the process to the end of the first paint."""
        return sum(self.parts.values())


def start(program: str, environment: dict[str, str]) -> Start:
    """Start a program in a fresh process, and see when it came how far."""
    before = time.time()
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment, cwd=ROOT
    )
    moments: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    times = [before, *moments.values()]
    return Start(dict(zip(moments, np.diff(times).tolist(), strict=True)))


def measure_start(rounds: int) -> bool:
    """Start to first paint, beside a bare pyqtgraph window: fresh processes, one of each in turn."""
    print(f"\nStart to first paint, medians; budget: {START_BUDGET:g} times a bare pyqtgraph window")
    starts: dict[str, list[Start]] = {BARE_WINDOW: [], APP_WINDOW: []}
    with tempfile.TemporaryDirectory() as folder:
        # both start from compiled modules, as installed programs do, whatever the environment says
        environment = os.environ | {"XDG_CONFIG_HOME": folder, "HOME": folder, "PYTHONPYCACHEPREFIX": f"{folder}/pyc"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for number in range(1 + rounds):
            for program, list_of_starts in starts.items():
                started = start(program, environment)
                if number:  # the first ones fill the disk's cache
                    list_of_starts.append(started)
    medians = {}
    for name, program in (("bare pyqtgraph window", BARE_WINDOW), ("lstmviz", APP_WINDOW)):
        medians[name] = float(np.median([started.total for started in starts[program]]))
        parts = {
            part: 1e3 * float(np.median([started.parts[part] for started in starts[program]]))
            for part in starts[program][0].parts
        }
        print(f"{name:<24} {1e3 * medians[name]:>6.0f} ms   " + "   ".join(f"{p} {ms:.0f}" for p, ms in parts.items()))
    ratio = medians["lstmviz"] / medians["bare pyqtgraph window"]
    print(f"ratio {ratio:.2f}   {verdict(ratio <= START_BUDGET)}")
    return ratio <= START_BUDGET


def gaps(app: QApplication, until: Callable[[], bool]) -> np.ndarray:
    """Milliseconds between the ticks of a timer of TIMER_MILLISECONDS, while events are handled until ``until``."""
    ticks: list[float] = []
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(lambda: ticks.append(time.perf_counter()))
    timer.start(TIMER_MILLISECONDS)
    while not until():
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    timer.stop()
    return 1e3 * np.diff(ticks)


def measure_gaps(app: QApplication, repeats: int) -> bool:
    """The gaps of a timer on the GUI's thread while an analysis runs on another."""
    print(f"\nGaps of a {TIMER_MILLISECONDS} ms timer of the window; budget: p95 {GAP_BUDGET:g} ms during an analysis")
    small = example(100, 8)
    window = MainWindow(small, Settings())
    window.show()
    session = window.session
    end = time.perf_counter() + 2
    idle = gaps(app, lambda: time.perf_counter() > end)
    busy = []
    for number in range(repeats):
        experiment = example(5_000, 256).experiment
        session.apply("a long analysis", replace(experiment, recipe=replace(experiment.recipe, seed=number)))
        if not session.busy:
            raise SystemExit("The analysis does not run on a thread of its own: nothing to measure.")
        busy.append(gaps(app, lambda: not session.busy)[:-1])  # the last one has the drawing of the new run in it
        session.apply("back", small.experiment)
    window.close()
    window.deleteLater()
    during = np.concatenate(busy)
    for what, values in (("idle", idle), ("during an analysis", during)):
        median, p95, largest = (float(np.percentile(values, share)) for share in (50, 95, 100))
        print(f"{what:<20} {len(values):>5} gaps   median {median:.1f}   p95 {p95:.1f}   largest {largest:.1f} ms")
    met = float(np.percentile(during, 95)) <= GAP_BUDGET
    print(verdict(met))
    return met


def main() -> int:
    """Exit code 0 when every budget is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a third of the rounds")
    parser.add_argument("--only", choices=("steps", "start", "gaps"), help="one of the measurements")
    parser.add_argument("--length", type=int, action="append", default=[], help="steps: sequences of this length alone")
    parser.add_argument("--tab", action="append", default=[], help="steps: the tab of this title alone")
    arguments = parser.parse_args()
    share = 3 if arguments.quick else 1
    app = create_application(sys.argv[:1], offscreen=True)
    measurements: dict[str, Callable[[], bool]] = {
        "steps": lambda: measure_steps(app, 300 // share, arguments.length, arguments.tab),
        "start": lambda: measure_start(15 // share),
        "gaps": lambda: measure_gaps(app, 6 // share),
    }
    chosen = [arguments.only] if arguments.only else list(measurements)
    results = [measurements[name]() for name in chosen]
    met = all(results)
    print("\nEvery budget is met." if met else "\nA budget is missed.")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
