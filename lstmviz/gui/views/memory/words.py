"""What the Memory view says in sentences."""

from __future__ import annotations

import math
from copy import copy

from lstmviz.core.analysis.retention import Contributions, Fate, UnitMemory
from lstmviz.core.experiments.step_labels import only_count
from lstmviz.core.run import Run
from lstmviz.core.text import count, number, percent

EXACT = "Exact for the gate values that occurred; the gates themselves depend on earlier steps."
NO_MEMORY = (
    "A vanilla RNN has no memory cell and no gates. All it keeps is its hidden state h[t], which every step "
    "writes anew. Choose an LSTM to see who wrote its memory."
)
NAMED = 3
"""So many steps are named in the sentence, where each is at least a tenth of the largest."""

MOST_LABEL = 10
"""Longer labels of steps are cut in sentences."""


class StepNames:
    """How steps are called: by number, and by what is read there where that says more."""

    def __init__(self, run: Run) -> None:
        labels = run.sequence.labels
        plain = run.length > 1 and only_count(labels)
        self._labels: tuple[str, ...] = () if plain else labels
        self._length = run.length

    @property
    def has_labels(self) -> bool:
        """Whether steps have more than a number."""
        return bool(self._labels)

    def plain(self) -> StepNames:
        """The same without what is read there, where room is short."""
        names = copy(self)
        names._labels = ()
        return names

    def label(self, t: int) -> str:
        """What is read at step ``t``; empty where that is not worth saying."""
        if not self._labels or not 1 <= t <= self._length:
            return ""
        label = self._labels[t - 1]
        return label if label.strip() or not label else "␣"

    def name(self, t: int) -> str:
        """``step 5 “o”``, or ``the initial state``."""
        if not 1 <= t <= self._length:
            return "the initial state"
        label = self.label(t)
        if len(label) > MOST_LABEL:
            label = label[: MOST_LABEL - 1] + "…"
        return f"step {t:,} “{label}”" if label else f"step {t:,}"


def who_wrote(parts: Contributions, unit: int, names: StepNames, most: int = NAMED) -> str:
    """c[t] and the steps that most of it comes from, ``most`` of them named."""
    if not parts.finite:
        return f"c[{parts.t}] of unit {unit} is {number(parts.c)}: not every number on the way is finite."
    largest = parts.largest(most)
    start = f"c[{parts.t}] of unit {unit} is {number(parts.c)}"
    if not largest:
        return f"{start}: nothing has been written yet."
    least = 0.1 * abs(parts.value(largest[0]))
    told = [f"{names.name(s)} ({number(parts.value(s), signed=True)})" for s in largest if abs(parts.value(s)) >= least]
    if len(told) == sum(parts.counted):
        return f"{start}, from {_listed(told)}."
    return f"{start}. Largest part{'s' if len(told) > 1 else ''}: {_listed(told)}."


def how_recent(parts: Contributions) -> str:
    """How far back most of the memory reaches; empty where that goes without saying."""
    if not parts.finite or parts.earlier < 8:
        return ""
    latest = parts.latest(0.9)
    if latest == 0:
        return ""
    if latest > parts.earlier:
        return "over 10 % of its parts is left of the initial state"
    since = "this step" if latest == 1 else f"the last {count(latest, 'step')}"
    return f"90 % of its parts come from {since}"


def residual_in_words(parts: Contributions) -> str:
    """What the parts add up to, and how far that is from c[t]."""
    if not parts.finite:
        return "not every part is a finite number: they cannot be added up"
    residual = parts.residual
    words = "0" if residual == 0 else number(residual, digits=2)
    if 0 < abs(residual) < 1e-9 * max(abs(parts.c), parts.sums[0] - parts.sums[1]):
        words += ", rounding"
    return f"adds up to {number(parts.total)}, residual {words}"


def what_became(fate: Fate, memory: UnitMemory, names: StepNames, *, short: bool = False) -> str:
    """What the write was, and what is left of it at the end."""
    name = names.name(fate.s)
    began = name[0].upper() + name[1:]
    verb = "is" if fate.s == memory.initial_step else "wrote"
    if not math.isfinite(fate.first) or math.isnan(fate.last):
        return f"{began} {verb} {number(fate.first)}: not every number on the way is finite."
    if fate.first == 0:
        return f"{began} {verb} 0: there is nothing to follow."
    if fate.s == memory.last_step:
        return f"{began} wrote {number(fate.first, signed=True)}. It is the last step: nothing has happened to it yet."
    share = share_in_words(10 ** memory.log10_survival(fate.s, memory.last_step))
    if fate.last == 0:
        share, short = "nothing", True
    if short:
        return f"{began} {verb} {number(fate.first, signed=True)}; {share} of it is left at the end."
    return (
        f"{began} {verb} {number(fate.first, signed=True)}. At step {memory.last_step:,}, the last, "
        f"{number(fate.last, signed=True)} of it is left ({share})."
    )


def half_life_in_words(memory: UnitMemory) -> str:
    """How fast the unit forgets, on average over the sequence."""
    half_life, what = memory.half_life, f"what unit {memory.unit} writes"
    if math.isnan(half_life):
        return f"How fast unit {memory.unit} forgets cannot be said: its forget gate is not always a number."
    if half_life < 0.1:
        return f"Of {what} hardly anything is left after one step, on average."
    if half_life > 1e6:
        return f"Next to nothing of {what} is ever lost."
    steps = f"{half_life:,.0f}" if half_life >= 100 else f"{half_life:.1f}"
    return f"Half of {what} is gone after {steps} {'step' if steps == '1.0' else 'steps'}, on average."


def write_sentence(parts: Contributions, memory: UnitMemory, names: StepNames, s: int) -> str:
    """One part of c[t], for the status line."""
    name = names.name(s)
    began = name[0].upper() + name[1:]
    at = memory.initial_step if not 1 <= s <= memory.length else s
    survival = 10 ** memory.log10_survival(at, parts.t)
    if math.isnan(survival):
        if math.isfinite(memory.written(at)):
            return f"{began} comes after step {parts.t}: it has written nothing into c[{parts.t}]."
        return f"{began} wrote {number(memory.written(at))}."
    wrote = "is" if at == memory.initial_step else "wrote i × g ="
    left = f"{share_in_words(survival)} is left at step {parts.t:,}"
    return (
        f"{began} {wrote} {number(memory.written(at), signed=True)}; of that {left}: "
        f"{number(parts.value(at), signed=True)} of c[{parts.t}] = {number(parts.c)}."
    )


def fate_sentence(fate: Fate, memory: UnitMemory, names: StepNames, t: int) -> str:
    """What is left of a write at step ``t``, for the status line."""
    share = 10 ** memory.log10_survival(fate.s, t)
    if math.isnan(share):
        return f"Step {t:,} comes before {names.name(fate.s)}."
    value, c = float(fate.values[t - 1]), memory.c(t)
    return (
        f"At step {t:,} {number(value, signed=True)} is left of what {names.name(fate.s)} wrote: "
        f"{share_in_words(share)} of it, in c[{t}] = {number(c)}."
    )


def share_in_words(share: float) -> str:
    """A share in percent; what is left of very little is not called nothing."""
    return "less than 0.1 %" if 0 < share < 0.0005 else percent(share)


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
