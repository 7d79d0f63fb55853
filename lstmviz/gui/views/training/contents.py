"""A training as the contents of charts: loss, metric, gradient norm, gates."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import Qt

from lstmviz.core.analysis.saturation import SIGMOID_GATES
from lstmviz.core.arrays import Array
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.text import significant
from lstmviz.core.training.losses import Loss
from lstmviz.core.training.metrics import Metric
from lstmviz.core.training.record import NetworkRecord, TrainingRecord
from lstmviz.core.training.tasks import Task
from lstmviz.gui.style import Theme
from lstmviz.gui.views.training.chart import ChartContent, Level, Line
from lstmviz.gui.views.training.curves import round_end, smoothed

SMOOTHED = 30
"""So many batches at most a smoothed curve looks back on."""

DASH = Qt.PenStyle.DashLine


def axis_end(record: TrainingRecord) -> int:
    """The last update on the axes: where training stands when it is over, a round number ahead while it goes on."""
    end = max(record.update, 1) if record.ended else round_end(record.update, record.planned)
    return max(end, record.before.update) if record.before else end


def metric_is_loss(task: Task) -> bool:
    """Whether the metric is the loss again, so that one chart tells both."""
    return task.loss is Loss.SQUARED_ERROR and task.metric is Metric.MEAN_SQUARED_ERROR


def network_colour(network: NetworkRecord, theme: Theme) -> str:
    """The hue of a network's curves."""
    return theme.hidden if network.cell is Cell.LSTM else theme.rnn


def loss_content(record: TrainingRecord, theme: Theme) -> ChartContent:
    """The loss of every batch pale, smoothed thick, against what can be had without learning."""
    lines = _before_lines(record, theme, "loss")
    for each in record.networks:
        colour = network_colour(each, theme)
        lines.append(Line(each.updates, each.loss, colour, ghost=True, rough=True))
        lines.append(Line(each.updates, _log_mean(each.loss), colour, each.name, width=2))
    words, before = record.task.baseline.words, "pale dashed: the training branched off; " if record.before else ""
    return ChartContent(
        f"Loss: {record.task.loss.value}",
        tuple(lines),
        axis_end(record),
        level=Level(record.task.baseline.loss, words),
        note=f"thin: each batch; thick: smoothed; {before}baseline: {words}",
    )


def metric_content(record: TrainingRecord, theme: Theme) -> ChartContent:
    """The metric of the batches, and dots for the validations."""
    lines = _before_lines(record, theme, "metric")
    for each in record.networks:
        colour = network_colour(each, theme)
        smooth = _mean if record.task.metric.higher_is_better else _log_mean
        lines.append(Line(each.updates, smooth(each.metric), colour, each.name, width=2))
        if len(each.validations):
            lines.append(Line(each.validations[:, 0], each.validations[:, 2], colour, dots=True))
    metric, baseline = record.task.metric, record.task.baseline
    return ChartContent(
        f"{metric.value[0].upper()}{metric.value[1:]}",
        tuple(lines),
        axis_end(record),
        logarithmic=not metric.higher_is_better,
        shares=metric.higher_is_better,
        level=Level(baseline.metric, baseline.words),
        note="dots: sequences that training never shows",
    )


def gradient_content(record: TrainingRecord, theme: Theme) -> ChartContent:
    """The gradient norm before clipping, and dashed after it."""
    lines: list[Line] = []
    clipping = record.settings.clip is not None
    for each in record.networks:
        colour = network_colour(each, theme)
        lines.append(Line(each.updates, each.gradient_norm, colour, ghost=True, rough=True))
        lines.append(Line(each.updates, _log_mean(each.gradient_norm), colour, each.name, width=2))
        if clipping:
            lines.append(Line(each.updates, _log_mean(each.clipped_norm), colour, style=DASH, width=1.4))
    return ChartContent(
        "Length of the whole gradient",
        tuple(lines),
        axis_end(record),
        note="solid: before clipping; dashed: after" if clipping else "not clipped",
    )


def gates_content(record: TrainingRecord, theme: Theme) -> ChartContent:
    """How often the gates of the first LSTM stand open or closed on the probe sequence."""
    network = next((each for each in record.networks if each.gates is not None), None)
    lines: list[Line] = []
    if network is not None and network.gates is not None:
        names = {"f": ("forget", theme.forget), "i": ("input", theme.input), "o": ("output", theme.output)}
        for number, gate in enumerate(SIGMOID_GATES):
            name, colour = names[gate]
            lines.append(Line(network.probe_updates, network.gates[:, number, 1], colour, f"{name} open", width=1.8))
            lines.append(
                Line(network.probe_updates, network.gates[:, number, 0], colour, f"{name} closed", DASH, width=1.4)
            )
    return ChartContent(
        "Saturated gates of the LSTM, probe sequence" if lines else "A vanilla RNN has no gates",
        tuple(lines),
        axis_end(record),
        logarithmic=False,
        shares=True,
        note="solid: above 0.9; dashed: below 0.1" if lines else "",
    )


def table_of(record: TrainingRecord) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """What the curves show as a table: a row an update, for every network its loss, metric and gradient norms."""
    columns = ("loss", record.task.metric.value, "gradient norm", "after clipping")
    header = ("update", *(f"{each.name} {column}" for each in record.networks for column in columns))
    rows = []
    for index in range(record.update):
        cells = [str(index + 1)]
        for each in record.networks:
            made = index < len(each.updates)  # one that stopped has fewer
            values = (each.loss, each.metric, each.gradient_norm, each.clipped_norm)
            cells += [significant(value[index], 6) if made else "" for value in values]
        rows.append(tuple(cells))
    return header, rows


def _before_lines(record: TrainingRecord, theme: Theme, what: str) -> list[Line]:
    """The curves of the training that this one branched off, pale and dashed."""
    if record.before is None:
        return []
    smooth = _mean if what == "metric" and record.task.metric.higher_is_better else _log_mean
    return [
        Line(each.updates, smooth(getattr(each, what)), network_colour(each, theme), "", DASH, 1.6, ghost=True)
        for each in record.before.networks
    ]


def _width(values: Array) -> int:
    return min(SMOOTHED, max(len(values) // 10, 1))


def _mean(values: Array) -> Array:
    return smoothed(values, _width(values))


def _log_mean(values: Array) -> Array:
    """Smoothed as a logarithmic axis shows it: the plain mean would lag far behind where a curve falls by decades."""
    with np.errstate(all="ignore"):
        logs = np.log10(values)
        return np.asarray(10.0 ** smoothed(logs, _width(values)))
