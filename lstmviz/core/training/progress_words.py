"""What one sees of a training, in sentences."""

from __future__ import annotations

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.text import count, percent, significant, superscript_power
from lstmviz.core.training.metrics import Metric
from lstmviz.core.training.record import NetworkRecord, TrainingRecord, recent_mean

CAVEAT = "That is one run: another seed or other settings can turn out differently."


def metric_words(metric: Metric, value: float) -> str:
    """A value of a metric: shares as percentages, errors with three digits that count."""
    if not np.isfinite(value):
        return "no number"
    return percent(value) if metric.higher_is_better else significant(value, 3)


def headline(record: TrainingRecord) -> str:
    """Where the networks are, and what can be had without learning."""
    if not record.update:
        return f"{record.title}: no update yet."
    metric, baseline = record.task.metric, record.task.baseline
    values = [metric_words(metric, _now(each)) for each in record.networks]
    parts = [f"the {each.name} at {value}" for each, value in zip(record.networks, values, strict=True)]
    parts[0] = f"the {record.networks[0].name} is at {values[0]}"
    validated = any(len(each.validations) for each in record.networks)
    on = f"on {count(record.settings.validation_size, 'sequence')} that training never shows"
    measured = on if validated else "mean of the last batches"
    return (
        f"After {count(record.update, 'update')} {', '.join(parts)}; {baseline.words} has "
        f"{metric_words(metric, baseline.metric)}. ({metric.value[0].upper()}{metric.value[1:]}, {measured}.)"
    )


def gradient_in_words(record: TrainingRecord) -> str:
    """How much of the gradient of the probe is left at its first step, from its largest on.

    Empty where the loss looks at other steps than the last, too: there a gradient has not come from the end.
    """
    if not record.asked_at_end:
        return ""
    parts = [f"{each.name} {_shrunk(each.log10_dh[-1])}" for each in record.networks if len(each.log10_dh)]
    return f"Of the probe’s gradient there is left at step 1, against its largest: {', '.join(parts)}." if parts else ""


def stops_in_words(record: TrainingRecord) -> str:
    """Why networks stopped, once where all say the same; empty while all go on."""
    words = [each.stop.words if each.stop else "" for each in record.networks]
    if len(set(words)) == 1:
        return words[0]
    return " ".join(f"{each.name}: {each.stop.words}" for each in record.networks if each.stop)


def summary_of(record: TrainingRecord) -> str:
    """Everything above, for screen readers."""
    return " ".join(filter(None, (headline(record), gradient_in_words(record), stops_in_words(record), CAVEAT)))


def _now(network: NetworkRecord) -> float:
    """The metric of the last validation, before it the mean of the last batches."""
    return float(network.validations[-1, 2]) if len(network.validations) else recent_mean(network.metric)


def _shrunk(log10_dh: Array) -> str:
    first, most = float(log10_dh[0]), float(log10_dh.max())
    if not np.isfinite(most):
        return "nothing finite"
    if np.isneginf(first):
        return "exactly nothing"
    power = first - most
    if power > -2:
        return percent(10**power)
    return f"about {superscript_power(round(power))}"
