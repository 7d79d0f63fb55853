"""Conditions that people look for, ready to be set as breakpoints."""

from __future__ import annotations

from dataclasses import dataclass

from lstmviz.core.debugger.conditions import check_condition
from lstmviz.core.errors import LstmvizError
from lstmviz.core.run import Run


@dataclass(frozen=True)
class ReadyMade:
    """A condition, its name for people, and a sentence that says what it means."""

    title: str
    condition: str
    meaning: str


READY_MADE = (
    ReadyMade(
        "Forget gate nearly closed", "any(f < 0.1)", "Some unit drops more than nine tenths of what it remembers."
    ),
    ReadyMade("Nothing is written", "all(i < 0.1)", "Every input gate is nearly closed: the memory takes nothing in."),
    ReadyMade("Memory changes sign", "any(c * prev(c) < 0)", "The cell state of some unit crosses zero at this step."),
    ReadyMade("Memory is large", "any(abs(c) > 3)", "Beyond 3 the tanh is flat: what the cell shows hardly changes."),
    ReadyMade("Output saturated", "any(abs(h) > 0.95)", "Some hidden state stands at an end of its range, −1 to 1."),
    ReadyMade("Gradient vanished", "norm(dh) < 1e-6", "dL/dh is so small that this step hardly teaches anything."),
    ReadyMade("Gradient exploded", "norm(dh) > 1e3", "dL/dh is so large that one update throws the weights away."),
    ReadyMade("Vanilla RNN's gradient vanished", "norm(rnn.dh) < 1e-6", "dL/dh of the vanilla RNN that runs beside."),
    ReadyMade("Not finite, memory", "not finite(c)", "The cell state of some unit is infinite or not a number."),
    ReadyMade("Not finite, anything", "not (finite(h) and finite(y) and finite(dh))", "Infinite, or not a number."),
)
"""The menu, in its order."""


def ready_made_for(run: Run) -> tuple[ReadyMade, ...]:
    """Those that name only what this run has."""
    return tuple(each for each in READY_MADE if _fits(run, each.condition))


def _fits(run: Run, condition: str) -> bool:
    try:
        check_condition(run, condition)
    except LstmvizError:
        return False
    return True
