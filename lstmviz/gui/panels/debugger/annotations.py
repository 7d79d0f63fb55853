"""Changes of an experiment's breakpoints and watches: pure functions, with the change's name for undo."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.breakpoints import Breakpoint
from lstmviz.core.experiments.watches import Watch
from lstmviz.core.numerals import shortened

Row = TypeVar("Row")

MOST = 50
"""Breakpoints, and watches, that one can add: each is worked out for every run."""


@dataclass(frozen=True)
class Edit:
    """An experiment after a change, and the change's name."""

    name: str
    experiment: Experiment


def add_breakpoint(experiment: Experiment, condition: str) -> Edit:
    """A new breakpoint, at the end; one that is there already is enabled. Raises LstmvizError for too many."""
    condition = _one_line(condition)
    for row, each in enumerate(experiment.breakpoints):
        if each.condition == condition:
            return enable_breakpoint(experiment, row, True)
    _refuse_more(len(experiment.breakpoints), "breakpoints")
    breakpoints = (*experiment.breakpoints, Breakpoint(condition))
    return Edit(f"add breakpoint {shortened(condition)}", replace(experiment, breakpoints=breakpoints))


def change_condition(experiment: Experiment, row: int, condition: str) -> Edit:
    """The breakpoint in ``row`` with another condition, enabled and logging as before.

    Raises LstmvizError where another breakpoint has that condition.
    """
    each, condition = experiment.breakpoints[row], _one_line(condition)
    _refuse_twin([other.condition for other in _without(experiment.breakpoints, row)], condition, "breakpoint")
    breakpoints = _with(experiment.breakpoints, row, replace(each, condition=condition))
    return Edit(f"change breakpoint {shortened(each.condition)}", replace(experiment, breakpoints=breakpoints))


def delete_breakpoint(experiment: Experiment, row: int) -> Edit:
    """Without the breakpoint in ``row``."""
    gone, breakpoints = experiment.breakpoints[row], _without(experiment.breakpoints, row)
    return Edit(f"delete breakpoint {shortened(gone.condition)}", replace(experiment, breakpoints=breakpoints))


def enable_breakpoint(experiment: Experiment, row: int, enabled: bool) -> Edit:
    """The breakpoint in ``row`` switched on or off."""
    each = experiment.breakpoints[row]
    breakpoints = _with(experiment.breakpoints, row, replace(each, enabled=enabled))
    name = f"{'enable' if enabled else 'disable'} breakpoint {shortened(each.condition)}"
    return Edit(name, replace(experiment, breakpoints=breakpoints))


def make_log_point(experiment: Experiment, row: int, logs: bool) -> Edit:
    """The breakpoint in ``row`` writes a row into the log instead of stopping, or stops again."""
    each = experiment.breakpoints[row]
    breakpoints = _with(experiment.breakpoints, row, replace(each, logs=logs))
    written = shortened(each.condition)
    name = f"make {written} a log point" if logs else f"make {written} a breakpoint again"
    return Edit(name, replace(experiment, breakpoints=breakpoints))


def add_watch(experiment: Experiment, expression: str) -> Edit:
    """A new watch, at the end, unless it is there already. Raises LstmvizError for too many."""
    expression = _one_line(expression)
    name = f"add watch {shortened(expression)}"
    if any(each.expression == expression for each in experiment.watches):
        return Edit(name, experiment)
    _refuse_more(len(experiment.watches), "watches")
    return Edit(name, replace(experiment, watches=(*experiment.watches, Watch(expression))))


def change_expression(experiment: Experiment, row: int, expression: str) -> Edit:
    """The watch in ``row`` with another expression, drawn as before.

    Raises LstmvizError where another watch has that expression.
    """
    each, expression = experiment.watches[row], _one_line(expression)
    _refuse_twin([other.expression for other in _without(experiment.watches, row)], expression, "watch")
    watches = _with(experiment.watches, row, replace(each, expression=expression))
    return Edit(f"change watch {shortened(each.expression)}", replace(experiment, watches=watches))


def delete_watch(experiment: Experiment, row: int) -> Edit:
    """Without the watch in ``row``."""
    gone, watches = experiment.watches[row], _without(experiment.watches, row)
    return Edit(f"delete watch {shortened(gone.expression)}", replace(experiment, watches=watches))


def draw_watch(experiment: Experiment, row: int, track: bool) -> Edit:
    """The watch in ``row`` drawn on the timeline, or not."""
    each = experiment.watches[row]
    watches = _with(experiment.watches, row, replace(each, track=track))
    written = shortened(each.expression)
    name = f"draw {written} on the timeline" if track else f"take {written} off the timeline"
    return Edit(name, replace(experiment, watches=watches))


def _one_line(text: str) -> str:
    return text.replace("\n", " ").strip()


def _refuse_more(number: int, what: str) -> None:
    if number >= MOST:
        raise LstmvizError(f"There are {number} {what}, no more can be added", how="Delete one first.")


def _refuse_twin(others: list[str], typed: str, what: str) -> None:
    if typed in others:
        raise LstmvizError(f"There is a {what} “{shortened(typed)}” already", how="Delete one of the two instead.")


def _without(rows: tuple[Row, ...], row: int) -> tuple[Row, ...]:
    return (*rows[:row], *rows[row + 1 :])


def _with(rows: tuple[Row, ...], row: int, new: Row) -> tuple[Row, ...]:
    return (*rows[:row], new, *rows[row + 1 :])
