"""A new sequence under the weights of a moment, as an experiment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.objective import Objective
from lstmviz.core.training.batches import Batch, last_step, make_batch
from lstmviz.core.training.record import Moment, NetworkRecord, TrainingRecord
from lstmviz.io.training.moments import moment_experiment

_WHICH = "A new sequence"


def answers_experiment(
    record: TrainingRecord, moment: Moment, shown: NetworkRecord, x: Array, batch: Batch | None
) -> Experiment:
    """What the debugger opens for the inputs x [T, I]; ``batch`` says what is right, None: nobody knows."""
    if batch is not None:
        return moment_experiment(record, moment, shown, batch, _WHICH)
    nothing = make_batch(x[:, None], np.zeros((len(x), 1), np.int64), last_step(len(x), 1))
    experiment = moment_experiment(record, moment, shown, nothing, _WHICH)
    return replace(
        experiment,
        look_for=f"{_WHICH}, under the weights of the {shown.name}. What would be right is not known; the gradient is "
        "that of the sum of the last outputs.",
        objective=Objective(),
    )
