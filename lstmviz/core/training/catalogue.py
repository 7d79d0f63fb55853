"""The tasks that need no data of the user, by name."""

from __future__ import annotations

from typing import Any

from lstmviz.core.errors import LstmvizError
from lstmviz.core.training.grammar_tasks import Counting, EmbeddedReber
from lstmviz.core.training.memory_tasks import AddingProblem, CopyMemory, LongLagRecall, Parity
from lstmviz.core.training.tasks import Task
from lstmviz.core.training.wave_tasks import NoisySum, SinePrediction

TASKS: dict[str, type[Task]] = {
    each.name: each
    for each in (
        AddingProblem,
        CopyMemory,
        LongLagRecall,
        Counting,
        EmbeddedReber,
        Parity,
        SinePrediction,
        NoisySum,
    )
}
"""By the name on the command line."""

_LENGTHS = {"copy": "delay", "recall": "lag", "counting": "most"}
"""What ``length`` means where sequences have no length of their own to choose."""


def make_task(name: str, length: int | None = None, **settings: Any) -> Task:
    """The task called ``name``; ``length`` is that of its sequences, its delay, lag or largest n.

    Raises LstmvizError for a name that there is not, a setting that the task does not have, or an impossible one.
    """
    if name not in TASKS:
        raise LstmvizError(f"There is no task called “{name}”", where="task", how=f"There are: {', '.join(TASKS)}.")
    if length is not None:
        settings[_LENGTHS.get(name, "length")] = length
    known = list(getattr(TASKS[name], "__dataclass_fields__", {}))
    for setting in settings:
        if setting not in known:
            there = ", ".join(known) or "no settings"
            raise LstmvizError(f"The task “{name}” has no {setting}", where=setting, how=f"It has: {there}.")
    return TASKS[name](**settings)
