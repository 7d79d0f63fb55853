"""The values of the watches of an experiment: at a step for the table, and over all steps for the timeline."""

from __future__ import annotations

from dataclasses import dataclass

from lstmviz.core.arrays import Array, BoolArray
from lstmviz.core.debugger.conditions import evaluate_watch, watch_value
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.watches import Watch
from lstmviz.core.run import Run
from lstmviz.core.text import number

MOST_CURVES = 16
"""The most units of a watch that a track draws."""

_SHOWN_OF_VECTOR, _MOST_DETAILS = 4, 64


@dataclass(frozen=True, eq=False)
class WatchedValue:
    """A watch at one step: its values [k], one for every unit; None, and the ``error``, where it does not fit."""

    watch: Watch
    values: Array | BoolArray | None
    error: LstmvizError | None = None

    def in_words(self) -> str:
        """The value, shortened where it is a vector: ``[0.10, 0.20, 0.30, 0.40, … 8]``."""
        if self.values is None:
            return "does not fit"
        return values_in_words(self.values)

    def details(self) -> str:
        """Every value with its unit, a line each; or what is wrong."""
        if self.values is None:
            return str(self.error)
        values = [_in_words(value, 12) for value in self.values[:_MOST_DETAILS].tolist()]
        if len(self.values) == 1:
            return f"{self.watch.expression} = {values[0]}"
        lines = [f"unit {unit}: {value}" for unit, value in enumerate(values)]
        return "\n".join(lines + ["…"] * (len(self.values) > _MOST_DETAILS))


@dataclass(frozen=True, eq=False)
class Track:
    """A watch over all steps, to be drawn on the timeline: its name and values, [T], or [T, k] for a curve a unit."""

    label: str
    values: Array


def watched_value(run: Run, watch: Watch, t: int) -> WatchedValue:
    """``watch`` at step ``t``, from 1; plain names mean layer l0."""
    try:
        return WatchedValue(watch, watch_value(run, watch.expression, t))
    except LstmvizError as error:
        return WatchedValue(watch, None, error.with_traceback(None))


def watched_track(run: Run, watch: Watch) -> Track:
    """``watch`` over all steps. Raises LstmvizError where it does not fit, or has more units than MOST_CURVES."""
    units = len(watch_value(run, watch.expression, 1))
    if units > MOST_CURVES:
        raise LstmvizError(
            f"“{watch.expression}” has {units} units; a track draws {MOST_CURVES} at most",
            how=f"Watch one unit, or max({watch.expression}), or norm({watch.expression}).",
        )
    return Track(watch.expression, evaluate_watch(run, watch.expression))


def watched_tracks(run: Run) -> tuple[Track, ...]:
    """The tracks of the watches that are to be drawn and can be, in the experiment's order."""
    tracks = []
    for watch in run.experiment.watches:
        if watch.track:
            try:
                tracks.append(watched_track(run, watch))
            except LstmvizError:
                continue  # the table of watches says why
    return tuple(tracks)


def values_in_words(values: Array | BoolArray) -> str:
    """One value, or the first few of a vector: ``[0.10, 0.20, 0.30, 0.40, … 8]`` has eight; conditions: yes or no."""
    digits = 3 if len(values) == 1 else 2
    shown = [_in_words(value, digits) for value in values[:_SHOWN_OF_VECTOR].tolist()]
    if len(values) == 1:
        return shown[0]
    rest = f", … {len(values)}" if len(values) > _SHOWN_OF_VECTOR else ""
    return f"[{', '.join(shown)}{rest}]"


def _in_words(value: float | bool, digits: int) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number(value, digits=digits)
