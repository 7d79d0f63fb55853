"""100,000 steps of 16 features: from the file to the run on the screen, and how alive the window is. See README.md."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
os.environ["QT_QPA_PLATFORM"] = "offscreen"
sys.path.insert(0, str(ROOT))

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from PyQt6.QtCore import QEventLoop, Qt, QTimer
from PyQt6.QtWidgets import QApplication

from lstmviz.core.cursor import Cursor
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.objective import Objective
from lstmviz.core.experiments.recipe import BaselineRecipe, NetworkRecipe
from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.core.progress import drain
from lstmviz.core.run import analyse
from lstmviz.gui.main_window import MainWindow
from lstmviz.gui.panels.sequence_import.import_dialog import SequenceImportDialog
from lstmviz.gui.process.application import create_application
from lstmviz.gui.settings import Settings
from lstmviz.io.experiments import Example
from lstmviz.io.sequence_files.as_typed import as_typed
from lstmviz.io.sequences import parse_sequence

LENGTH, FEATURES = 100_000, 16
HIDDEN_SIZES = (8, 32)
SECONDS_BUDGET = 3.0
GAP_BUDGET = 100.0
TIMER_MILLISECONDS = 5
FEATURE_NAMES = tuple(f"s{feature}" for feature in range(FEATURES))


@dataclass(frozen=True)
class Opened:
    """Seconds until the preview stands, and from the click on Use to the end of the first paint; the largest gap."""

    preview: float
    run: float
    gap: float

    @property
    def total(self) -> float:
        """All the waiting there is; reading the preview is not in it."""
        return self.preview + self.run


def write_files(folder: Path) -> dict[str, tuple[Path, Callable[[], np.ndarray]]]:
    """The same numbers as .csv, .npy and .npz, and how NumPy alone reads each."""
    values = 0.01 * np.random.default_rng(0).standard_normal((LENGTH, FEATURES)).cumsum(0)
    table, array, archive = (folder / f"numbers{suffix}" for suffix in (".csv", ".npy", ".npz"))
    lines = [",".join(FEATURE_NAMES), *(",".join(map(repr, row)) for row in values.tolist())]
    table.write_text("\n".join(lines) + "\n")
    np.save(array, values)
    np.savez_compressed(archive, x=values)
    return {
        ".csv": (table, lambda: np.loadtxt(table, delimiter=",", skiprows=1)),
        ".npy": (array, lambda: np.load(array)),
        ".npz": (archive, lambda: np.load(archive)["x"]),
    }


def short_experiment(hidden_size: int) -> Experiment:
    """What stands in the window before."""
    sequence = parse_sequence("sin(t / 5)", SequenceKind.FORMULA, length=100)
    recipe = NetworkRecipe(hidden_size=hidden_size, seed=1)
    return Experiment("short", "", sequence, recipe, BaselineRecipe(), Objective())


def wait_until(app: QApplication, done: Callable[[], bool]) -> None:
    """Handle events until ``done``."""
    while not done():
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def opened(app: QApplication, path: Path, hidden_size: int) -> Opened:
    """Open a file in a new window as a person does, without the time in which the person looks at the preview."""
    window = MainWindow(Example("short", short_experiment(hidden_size), Cursor(t=50)), Settings())
    window.resize(1440, 900)
    window.show()
    app.processEvents()
    ticks: list[float] = []
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(lambda: ticks.append(time.perf_counter()))
    timer.start(TIMER_MILLISECONDS)
    start = time.perf_counter()
    window.experiment_panel.sequence_section.open_file(path)
    (dialog,) = window.findChildren(SequenceImportDialog)
    wait_until(app, dialog.use_button.isEnabled)
    app.processEvents()
    previewed = time.perf_counter()
    dialog.use_button.click()
    wait_until(app, lambda: window.session.run.length == LENGTH)
    app.processEvents()
    end = time.perf_counter()
    timer.stop()
    gap = 1e3 * float(np.diff([start, *ticks, end]).max())
    window.close()
    window.deleteLater()
    app.processEvents()
    return Opened(previewed - start, end - previewed, gap)


def bare(read: Callable[[], np.ndarray], hidden_size: int) -> float:
    """Seconds that NumPy's reading and ``analyse`` take without a window."""
    start = time.perf_counter()
    sequence = drain(as_typed(read(), FEATURE_NAMES))
    analyse(replace(short_experiment(hidden_size), sequence=sequence))
    return time.perf_counter() - start


def main() -> int:
    """Exit code 0 when every budget is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a third of the rounds")
    rounds = 2 if parser.parse_args().quick else 6
    app = create_application(sys.argv[:1], offscreen=True)
    met = True
    print(f"{LENGTH:,} steps x {FEATURES} features, from the file to the first paint of the run; medians of {rounds}")
    print(
        f"budgets for 8 units: {SECONDS_BUDGET:g} s, no gap of a {TIMER_MILLISECONDS} ms timer over {GAP_BUDGET:g} ms"
    )
    with tempfile.TemporaryDirectory() as folder:
        files = write_files(Path(folder))
        for hidden_size in HIDDEN_SIZES:
            for suffix, (path, read) in files.items():
                contestants = partial(opened, app, path, hidden_size), partial(bare, read, hidden_size)
                times = [tuple(contestant() for contestant in contestants) for _ in range(1 + rounds)][1:]
                windows, bares = zip(*times, strict=True)
                total, reference = (float(np.median(each)) for each in ([w.total for w in windows], bares))
                preview, run = (float(np.median([getattr(w, part) for w in windows])) for part in ("preview", "run"))
                gap = float(np.median([w.gap for w in windows]))
                good = total <= SECONDS_BUDGET and gap <= GAP_BUDGET
                met &= good or hidden_size != HIDDEN_SIZES[0]
                print(
                    f"H {hidden_size:<3} {suffix}   {total:.2f} s (preview {preview:.2f}, run {run:.2f})   "
                    f"NumPy and analyse alone {reference:.2f} s, ratio {total / reference:.2f}   "
                    f"largest gap {gap:.0f} ms   {'met' if good else 'MISSED'}"
                )
    print("\nEvery budget is met." if met else "\nA budget is missed.")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
