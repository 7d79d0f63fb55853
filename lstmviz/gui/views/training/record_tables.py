"""A training as tables: the twins of its charts and maps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from lstmviz.core.analysis.saturation import SIGMOID_GATES
from lstmviz.core.text import percent, significant, superscript_power
from lstmviz.core.training.record import NetworkRecord, TrainingRecord
from lstmviz.gui.views.training.table_twin import Table

Row = tuple[str, ...]


@dataclass(frozen=True)
class LazyRows(Sequence[Row]):
    """Rows that are written when they are shown: a long training costs nothing."""

    length: int
    make: Callable[[int], Row]

    def __len__(self) -> int:
        return self.length

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        if isinstance(index, slice):
            return [self.make(each) for each in range(self.length)[index]]
        return self.make(range(self.length)[index])


def table_titles(record: TrainingRecord) -> tuple[str, ...]:
    """What there are tables of."""
    metric = record.task.metric.value
    titles = [
        f"Updates: loss, {metric}, length of the gradient before and after clipping",
        f"Validations: loss, {metric}",
    ]
    if any(each.gates is not None for each in record.networks):
        titles.append("Saturated gates of the LSTM, probe sequence")
    return (*titles, *(f"{each.name}: log10 ‖dL/dh[t]‖ of the probe" for each in record.networks))


def record_table(record: TrainingRecord, title: str) -> Table:
    """The table of that title."""
    titles = table_titles(record)
    number = titles.index(title)
    if number == 0:
        return _updates(record)
    if number == 1:
        return _validations(record)
    if len(titles) - number > len(record.networks):
        return _gates(next(each for each in record.networks if each.gates is not None))
    return _gradients(record.networks[number - len(titles)])


def _updates(record: TrainingRecord) -> Table:
    columns = ("loss", "metric", "gradient", "clipped")
    header = ("update", *(f"{each.name} {column}" for each in record.networks for column in columns))
    longest = max(record.networks, key=lambda each: len(each.updates))

    def row(index: int) -> Row:
        cells = [f"{int(longest.updates[index])}"]
        for each in record.networks:
            made = index < len(each.updates)  # one that stopped has fewer
            values = (each.loss, each.metric, each.gradient_norm, each.clipped_norm)
            cells += [significant(value[index], 6) if made else "" for value in values]
        return tuple(cells)

    return header, LazyRows(len(longest.updates), row)


def _validations(record: TrainingRecord) -> Table:
    columns = ("loss", "metric")
    header = ("update", *(f"{each.name} {column}" for each in record.networks for column in columns))
    longest = max(record.networks, key=lambda each: len(each.validations))

    def row(index: int) -> Row:
        cells = [f"{int(longest.validations[index, 0])}"]
        for each in record.networks:
            made = index < len(each.validations)
            cells += [significant(value, 6) for value in each.validations[index, 1:]] if made else ["", ""]
        return tuple(cells)

    return header, LazyRows(len(longest.validations), row)


def _gates(network: NetworkRecord) -> Table:
    header = ("update", *(f"{gate} {end}" for gate in SIGMOID_GATES for end in ("below 0.1", "above 0.9")))

    def row(index: int) -> Row:
        assert network.gates is not None
        shares = [percent(float(share)) for gate in network.gates[index] for share in gate]
        return (f"{int(network.probe_updates[index])}", *shares)

    return header, LazyRows(len(network.probe_updates), row)


def _gradients(network: NetworkRecord) -> Table:
    header = ("update", *(f"t = {t + 1}" for t in range(network.log10_dh.shape[1])))

    def row(index: int) -> Row:
        values = (_log10(float(value)) for value in network.log10_dh[index])
        return (f"{int(network.probe_updates[index])}", *values)

    return header, LazyRows(len(network.probe_updates), row)


def _log10(value: float) -> str:
    """A log10, or that there is exactly nothing."""
    if np.isneginf(value):
        return "0 exactly"
    return f"{value:.2f}".replace("-", "−") if np.isfinite(value) else f"over {superscript_power(308)}"
