"""What ``lstmviz train`` says while it trains: a bar in a terminal, lines elsewhere, JSON for programs."""

from __future__ import annotations

import os
import shutil
import sys
import time
from typing import Any

from lstmviz.commands.streams import print_json
from lstmviz.core.text import significant
from lstmviz.core.training.process import TrainingProcess
from lstmviz.core.training.progress_words import headline, metric_words, stops_in_words
from lstmviz.core.training.record import NetworkRecord, TrainingRecord, recent_mean
from lstmviz.core.training.trainer import StopReason

EVERY = 50
"""Updates between two reports of a training without validations."""

DRAWN_EVERY_SECONDS = 0.1
_BAR = 24


class Reports:
    """Looks at a training between its updates. ``writes``: there is a file to write when it is over."""

    def __init__(self, process: TrainingProcess, *, quiet: bool, json: bool, writes: bool) -> None:
        self._process, self._quiet, self._json, self._writes = process, quiet, json, writes
        record = process.snapshot()
        self._every = record.settings.validate_every or EVERY
        self._terminal = sys.stderr.isatty() and not quiet
        self._began = self._drawn = time.monotonic()
        self._reported = 0

    def show(self) -> None:
        """Report, if it is time to."""
        update = self._process.update
        if self._terminal and time.monotonic() - self._drawn >= DRAWN_EVERY_SECONDS:
            self._draw(self._process.snapshot())
        if update % self._every or update == self._reported:
            return
        self._reported = update
        record = self._process.snapshot()
        if self._json:
            self._print(_as_json(record))
        if not (self._terminal or self._quiet):
            print(_line(record), file=sys.stderr, flush=True)

    def end(self, record: TrainingRecord, *, interrupted: bool) -> None:
        """The last report, and why it is the last."""
        if self._terminal:
            self._draw(record)
            print(file=sys.stderr)
        if self._json:
            self._print(_as_json(record) | {"end": _ends(record, interrupted)})
        elif not self._quiet:
            print(headline(record))
        broken = [each for each in record.networks if each.stop and each.stop.reason is StopReason.NONFINITE]
        for each in broken:
            assert each.stop is not None
            print(f"lstmviz: {each.name}: {each.stop.words}", file=sys.stderr)
        if interrupted and not self._quiet:
            print(f"Interrupted after update {record.update:,}.", file=sys.stderr)
        elif not (broken or self._quiet or self._json):
            print(stops_in_words(record))

    def _print(self, report: dict[str, Any]) -> None:
        """A line of JSON, at once; where its reader has seen enough, training goes on for what it is to write."""
        try:
            print_json(report)
            sys.stdout.flush()
        except BrokenPipeError:
            if not self._writes:
                raise
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            self._json, self._quiet = False, True

    def _draw(self, record: TrainingRecord) -> None:
        self._drawn = time.monotonic()
        done = record.update / max(record.planned, 1)
        left = (self._drawn - self._began) * (1 / done - 1) if done else 0.0
        blocks = round(done * _BAR)
        bar = "█" * blocks + "░" * (_BAR - blocks)
        line = f"{bar} {record.update:,}/{record.planned:,}  {_values(record)}  {_duration(left)} left"
        width = shutil.get_terminal_size().columns - 1
        print(f"\r{line[:width]:<{width}}", end="", file=sys.stderr, flush=True)


def _line(record: TrainingRecord) -> str:
    return f"update {record.update:,} of {record.planned:,}: {_values(record)}"


def _values(record: TrainingRecord) -> str:
    """The metric of every network against what can be had without learning."""
    metric, baseline = record.task.metric, record.task.baseline
    parts = [f"{each.name} {metric_words(metric, _metric(each))}" for each in record.networks]
    return f"{', '.join(parts)} (baseline {metric_words(metric, baseline.metric)})"


def _metric(network: NetworkRecord) -> float:
    return float(network.validations[-1, 2]) if len(network.validations) else recent_mean(network.metric)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{round(seconds)} s"
    return f"{significant(seconds / 60, 2)} min" if seconds < 5400 else f"{significant(seconds / 3600, 2)} h"


def _as_json(record: TrainingRecord) -> dict[str, Any]:
    baseline = record.task.baseline
    return {
        "update": record.update,
        "planned": record.planned,
        "metric": record.task.metric.value,
        "baseline": {"loss": baseline.loss, "metric": baseline.metric, "words": baseline.words},
        "networks": {each.name: _network_as_json(each) for each in record.networks},
    }


def _network_as_json(network: NetworkRecord) -> dict[str, Any]:
    """The last update, and the last validation if there was one."""
    names = ("update", "loss", "metric", "gradient_norm", "clipped_norm")
    columns = (network.updates, network.loss, network.metric, network.gradient_norm, network.clipped_norm)
    values: dict[str, Any] = {
        name: float(column[-1]) for name, column in zip(names, columns, strict=True) if len(column)
    }
    if "update" in values:
        values |= {"update": int(values["update"])}
    if len(network.validations):
        update, loss, metric = network.validations[-1].tolist()
        values["validation"] = {"update": int(update), "loss": loss, "metric": metric}
    return values


def _ends(record: TrainingRecord, interrupted: bool) -> dict[str, Any]:
    """Why each network stopped, by its name."""
    why = "interrupted" if interrupted else "held"
    return {
        each.name: {"reason": each.stop.reason.value, "words": each.stop.words} if each.stop else {"reason": why}
        for each in record.networks
    }
