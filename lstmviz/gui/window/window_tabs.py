"""Which views stand in the tabs of the main window. Each is imported when it is made: some bring pyqtgraph along."""

from __future__ import annotations

from lstmviz.gui.process.application import load_pyqtgraph
from lstmviz.gui.views.view import View
from lstmviz.gui.window.view_tabs import Tab


def _cell() -> View:
    from lstmviz.gui.views.cell.cell_view import CellView

    return CellView()


def _unrolled() -> View:
    from lstmviz.gui.views.unrolled.unrolled_view import UnrolledView

    return UnrolledView()


def _gradients() -> View:
    load_pyqtgraph()
    from lstmviz.gui.views.gradients.gradients_view import GradientsView

    return GradientsView()


def _paths() -> View:
    load_pyqtgraph()
    from lstmviz.gui.views.paths.paths_view import PathsView

    return PathsView()


def _memory() -> View:
    from lstmviz.gui.views.memory.memory_view import MemoryView

    return MemoryView()


def _training() -> View:
    from lstmviz.gui.training.training_tab import TrainingTab

    return TrainingTab()


def _diff() -> View:
    from lstmviz.gui.views.diff.diff_view import DiffView

    return DiffView()


def _table() -> View:
    from lstmviz.gui.views.table import TableView

    return TableView()


WINDOW_TABS = (
    Tab("cell", "Cell", "The cell at this step: gates, memory, and what adds up to it", _cell),
    Tab("unrolled", "Unrolled", "Both networks over time, and the gradient that flows back through them", _unrolled),
    Tab("gradients", "Gradients", "How large the gradient is that arrives at each step", _gradients),
    Tab("paths", "Paths", "Along which path the gradient comes, and how each step depends on every other", _paths),
    Tab("memory", "Memory", "Who wrote the memory, what became of it, how saturated the gates are", _memory),
    Tab("training", "Training", "Learn a task live beside a vanilla RNN, and scrub through training time", _training),
    Tab("diff", "Diff", "What differs from the run without what-ifs, or from another run", _diff),
    Tab("table", "Table", "Every step in numbers", _table),
)
"""In their order."""
