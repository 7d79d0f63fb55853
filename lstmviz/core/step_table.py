"""A run as a table: one row a step, for the terminal and for screen readers."""

from __future__ import annotations

from lstmviz.core.quantity import QUANTITIES
from lstmviz.core.run import Run
from lstmviz.core.text import number


def step_table(run: Run, layer: str, unit: int) -> tuple[list[str], list[list[str]]]:
    """(headers, rows): the step, its token, every quantity of ``unit``, the RNN's h, and gradient magnitudes."""
    columns: dict[str, list[str]] = {
        "t": [str(t) for t in range(1, run.length + 1)],
        "x": list(run.experiment.sequence.labels),
    }
    for quantity in QUANTITIES[run.network.cell]:
        columns[quantity.symbol] = [number(value) for value in quantity.of(run.trace[layer])[:, unit]]
    columns["log10 |dL/dh|"] = [number(value, digits=2) for value in run.main.log10_dh[layer]]
    if run.baseline:
        rnn = run.baseline.trace[layer]
        if unit < run.baseline.network.hidden_size:
            columns["RNN h"] = [number(value) for value in rnn.h[:, 0, unit]]
        columns["RNN log10 |dL/dh|"] = [number(value, digits=2) for value in run.baseline.log10_dh[layer]]
    return list(columns), [list(row) for row in zip(*columns.values(), strict=True)]


def in_columns(headers: list[str], rows: list[list[str]]) -> str:
    """A table as text with right-aligned columns."""
    widths = [max(map(len, column)) for column in zip(headers, *rows, strict=True)]
    lines = ("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in (headers, *rows))
    return "\n".join(lines)
