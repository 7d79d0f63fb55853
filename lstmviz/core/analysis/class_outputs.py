"""What comes out of a network that chooses among tokens or classes: softmax(y[t]), the likeliest first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lstmviz.core.analysis.class_names import class_name
from lstmviz.core.arrays import Array
from lstmviz.core.engine.activations import log_softmax
from lstmviz.core.experiments.objective import ObjectiveKind
from lstmviz.core.experiments.token_table import NO_TOKEN
from lstmviz.core.run import Run


@dataclass(frozen=True)
class ClassOutput:
    """One token or class.

    number       which output, from 0;  name  the token, or the number where nobody knows more
    y            the output itself, of which softmax makes the probability
    probability  p = e^y / sum of e^y of all outputs
    before       what p was before the what-ifs; None without any, or where steps do not match
    """

    number: int
    name: str
    y: float
    probability: float
    before: float | None = None


@dataclass(frozen=True)
class StepOutput:
    """The choice of one step.

    likeliest  the largest probabilities, largest first; empty where an output is not finite
    target     what the objective wants here; None where it looks at no class
    rank       the place of the target among all outputs, from 1;  loss  -log p of it, in nats
    outputs    O, how many there are to choose from
    """

    t: int
    likeliest: tuple[ClassOutput, ...]
    target: ClassOutput | None
    rank: int
    loss: float
    outputs: int


def step_output(run: Run, t: int, most: int = 5) -> StepOutput:
    """What step ``t`` (from 1) chooses, at most ``most`` of it and the target. See ``class_names.has_classes``."""
    y = run.trace.y[t - 1, 0]
    size = len(y)
    if not np.isfinite(y).all():
        return StepOutput(t, (), None, 0, np.nan, size)
    log_p = log_softmax(np.asarray(y, np.float64))
    before = _log_p_before(run, t, size)

    def of(number: int) -> ClassOutput:
        old = None if before is None else float(np.exp(before[number]))
        return ClassOutput(number, class_name(run, number), float(y[number]), float(np.exp(log_p[number])), old)

    target = target_class(run, t)
    rank = 0 if target is None else int((log_p > log_p[target]).sum()) + 1
    return StepOutput(
        t,
        tuple(of(int(number)) for number in _largest(log_p, most)),
        None if target is None else of(target),
        rank,
        np.nan if target is None else float(-log_p[target]),
        size,
    )


def target_class(run: Run, t: int) -> int | None:
    """The class that cross-entropy wants at step ``t``; None where it does not look, and for other objectives."""
    objective = run.objective
    if objective.kind is not ObjectiveKind.CROSS_ENTROPY or t not in objective.steps(run.length):
        return None
    if objective.next_input:
        found = run.sequence.class_at(t + 1)
    elif objective.target is not None:
        found = int(objective.target[t - 1 if len(objective.target) > 1 else 0, 0])
    else:
        return None
    return found if NO_TOKEN < found < run.network.output_size else None


def _largest(values: Array, most: int) -> list[int]:
    """The places of the ``most`` largest values, the largest first, of equal ones the first."""
    if len(values) > most:
        places = np.flatnonzero(values >= np.partition(values, -most)[-most])
    else:
        places = np.arange(len(values))
    return [int(place) for place in places[np.argsort(-values[places], kind="stable")][:most]]


def _log_p_before(run: Run, t: int, size: int) -> Array | None:
    """log p of the same step before the what-ifs."""
    before = run.before
    if before is None or before.length != run.length or before.network.output_size != size:
        return None
    y = np.asarray(before.trace.y[t - 1, 0], np.float64)
    return log_softmax(y) if np.isfinite(y).all() else None
