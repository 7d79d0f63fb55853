"""A network and what it reads as a whole experiment, for the window."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Experiment
from lstmviz.core.network import Network
from lstmviz.core.objective import Objective
from lstmviz.core.parameters import Cell
from lstmviz.core.recipe import BaselineRecipe, NetworkRecipe
from lstmviz.core.sequence import SequenceKind
from lstmviz.io.live_objects.live import Live
from lstmviz.io.sequences import parse_sequence
from lstmviz.io.tables import format_rows


def experiment_of(live: Live) -> Experiment:
    """The first sequence of the batch as an experiment; what was found and assumed is what to look at.

    Raises LstmvizError for values that are not finite, and for more of them than a sequence may have.
    """
    notes = list(live.notes)
    batch = live.x.shape[1]
    if batch > 1:
        notes.append(f"x has {batch:,} sequences; this is the first.")
    if not live.starts_from_zeros:
        notes.append("The model starts from a state that is not zero; here it starts from zeros, so numbers differ.")
    return network_experiment(live.network, live.x[:, 0], live.title, " ".join(notes))


def network_experiment(network: Network, x: NDArray[Any], title: str, look_for: str = "") -> Experiment:
    """An experiment of given weights on x [T, I]: L = sum of y[T]; an LSTM gets a vanilla RNN beside it.

    Raises LstmvizError for values that are not finite, and for more of them than a sequence may have.
    """
    values = np.asarray(x, np.float64)
    _refuse_non_finite(values)
    return Experiment(
        title=title,
        look_for=look_for,
        sequence=parse_sequence(format_rows(values), SequenceKind.NUMBERS),
        recipe=NetworkRecipe.given(network),
        baseline=BaselineRecipe() if network.cell is Cell.LSTM else None,
        objective=Objective(),
    )


def _refuse_non_finite(values: NDArray[np.float64]) -> None:
    finite = np.isfinite(values)
    if not finite.all():
        step, feature = np.argwhere(~finite)[0].tolist()
        raise LstmvizError(
            f"The input of step {step + 1} has the value {values[step, feature]}",
            where=f"x, feature {feature}",
            how="Give finite numbers.",
        )
