"""A run as a table: one row a step, for the window, the terminal and screen readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from lstmviz.core.arrays import Array, BoolArray
from lstmviz.core.quantity import QUANTITIES
from lstmviz.core.run import NetworkRun, Run
from lstmviz.core.text import number
from lstmviz.core.value_reference import ValueReference


@dataclass(frozen=True, eq=False)
class Column:
    """One column: its title, what it means, and its T values, numbers or texts.

    before  the T values without the what-ifs; None where there are none to compare with
    asks    the number of the first step; None where the values are of no single number of the run
    """

    title: str
    meaning: str
    values: Array | Sequence[str] | range
    digits: int = 3
    before: Array | Sequence[str] | None = None
    asks: ValueReference | None = None

    def text(self, row: int) -> str:
        """The cell in ``row``, from 0."""
        return self._text_of(self.values[row])

    def text_before(self, row: int) -> str:
        """The cell in ``row`` without the what-ifs; empty where it is the same, or reads the same."""
        if self.before is None or not self._differs[row]:
            return ""
        text = self._text_of(self.before[row])
        return "" if text == self.text(row) else text

    def reference(self, row: int) -> ValueReference | None:
        """The number of the run in ``row``; None where it is not a single one."""
        return None if self.asks is None else replace(self.asks, t=row + 1)

    def number(self, value: float) -> str:
        """A number of this column as it is written."""
        return number(value, digits=self.digits)

    def _text_of(self, value: Any) -> str:
        return value if isinstance(value, str) else str(value) if isinstance(value, int) else self.number(value)

    @cached_property
    def _differs(self) -> BoolArray:
        """[T], true where the values differ from those before."""
        differs: BoolArray = np.asarray(self.values) != np.asarray(self.before)
        return differs


def step_columns(run: Run, layer: str, unit: int, before: Run | None = None) -> tuple[Column, ...]:
    """The step, its token, every quantity of ``unit``, the RNN's h, and the magnitudes of the gradients.

    before  the run without what-ifs, with as many steps and units; None for nothing to compare with
    """
    single = run.sequence.input_size == 1 and layer.startswith("l0")
    columns = [
        Column("t", "step of the sequence, from 1", range(1, run.length + 1)),
        Column(
            "x",
            "what the sequence has at this step",
            run.sequence.labels,
            before=before.sequence.labels if before and before.sequence is not run.sequence else None,
            asks=ValueReference("x", 1, layer, 0) if single else None,
        ),
    ]
    for quantity in QUANTITIES[run.network.cell]:
        if unit >= quantity.of(run.trace[layer]).shape[1]:
            continue  # with a projection there are fewer h than units
        columns.append(
            Column(
                quantity.symbol,
                f"{quantity.title}: {quantity.meaning}",
                quantity.of(run.trace[layer])[:, unit],
                before=quantity.of(before.trace[layer])[:, unit] if before else None,
                asks=ValueReference(quantity.symbol, 1, layer, unit),
            )
        )
    then = before.main if before else None
    for symbol in ("h", "c") if layer in run.main.log10_dc else ("h",):
        columns.append(_gradient(symbol, layer, run.main, then))
    if run.baseline and layer in run.baseline.trace.layers:
        columns.extend(_baseline_columns(run.baseline, layer, unit, before.baseline if before else None))
    return tuple(columns)


def _baseline_columns(rnn: NetworkRun, layer: str, unit: int, before: NetworkRun | None) -> list[Column]:
    columns = []
    if unit < rnn.trace[layer].h.shape[2]:
        columns.append(
            Column(
                "RNN h",
                "hidden state of the same unit of the vanilla RNN",
                rnn.trace[layer].h[:, 0, unit],
                before=before.trace[layer].h[:, 0, unit] if before else None,
                asks=ValueReference("h", 1, layer, unit, baseline=True),
            )
        )
    return [*columns, _gradient("h", layer, rnn, before, rnn=True)]


def _gradient(symbol: str, layer: str, run: NetworkRun, before: NetworkRun | None, *, rnn: bool = False) -> Column:
    """log10 ||dL/dh[t]|| or log10 ||dL/dc[t]||; of one unit it is the size of a single number."""
    now, then = (None if each is None else getattr(each, f"log10_d{symbol}")[layer] for each in (run, before))
    assert now is not None
    whose, title = (" of the vanilla RNN", "RNN ") if rnn else ("", "")
    meaning = f"log10 of the length of the gradient dL/d{symbol}[t] over all units{whose}"
    width = getattr(run.trace[layer], symbol).shape[2]
    asks = ValueReference(f"d{symbol}", 1, layer, 0, rnn) if width == 1 else None
    return Column(f"log10 {title}|dL/d{symbol}|", meaning, now, 2, then, asks)


def in_lines(columns: Sequence[Column]) -> str:
    """The whole table as text, every column aligned to the right."""
    rows = len(columns[0].values)
    texts = [[column.title, *(column.text(row) for row in range(rows))] for column in columns]
    widths = [max(map(len, column)) for column in texts]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        for line in zip(*texts, strict=True)
    )
