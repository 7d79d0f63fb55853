"""A run as a table: one row a step, for the window, the terminal and screen readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lstmviz.core.arrays import Array
from lstmviz.core.quantity import QUANTITIES
from lstmviz.core.run import Run
from lstmviz.core.text import number


@dataclass(frozen=True, eq=False)
class Column:
    """One column: its title, what it means, and its T values, numbers or texts."""

    title: str
    meaning: str
    values: Array | Sequence[str] | range
    digits: int = 3

    def text(self, row: int) -> str:
        """The cell in ``row``, from 0."""
        value = self.values[row]
        return value if isinstance(value, str) else str(value) if isinstance(value, int) else self.number(value)

    def number(self, value: float) -> str:
        """A number of this column as it is written."""
        return number(value, digits=self.digits)


def step_columns(run: Run, layer: str, unit: int) -> tuple[Column, ...]:
    """The step, its token, every quantity of ``unit``, the RNN's h, and the magnitudes of the gradients."""
    columns = [
        Column("t", "step of the sequence, from 1", range(1, run.length + 1)),
        Column("x", "what the sequence has at this step", run.sequence.labels),
    ]
    for quantity in QUANTITIES[run.network.cell]:
        values = quantity.of(run.trace[layer])[:, unit]
        columns.append(Column(quantity.symbol, f"{quantity.title}: {quantity.meaning}", values))
    columns.append(_gradient("|dL/dh|", "dL/dh[t] over all units", run.main.log10_dh[layer]))
    if layer in run.main.log10_dc:
        columns.append(_gradient("|dL/dc|", "dL/dc[t] over all units", run.main.log10_dc[layer]))
    if run.baseline:
        if unit < run.baseline.network.hidden_size:
            values = run.baseline.trace[layer].h[:, 0, unit]
            columns.append(Column("RNN h", "hidden state of the same unit of the vanilla RNN", values))
        meaning = "dL/dh[t] over all units of the vanilla RNN"
        columns.append(_gradient("RNN |dL/dh|", meaning, run.baseline.log10_dh[layer]))
    return tuple(columns)


def _gradient(title: str, of: str, log10_magnitudes: Array) -> Column:
    return Column(f"log10 {title}", f"log10 of the length of the gradient {of}", log10_magnitudes, digits=2)


def in_lines(columns: Sequence[Column]) -> str:
    """The whole table as text, every column aligned to the right."""
    rows = len(columns[0].values)
    texts = [[column.title, *(column.text(row) for row in range(rows))] for column in columns]
    widths = [max(map(len, column)) for column in texts]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        for line in zip(*texts, strict=True)
    )
