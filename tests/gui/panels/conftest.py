"""Experiments and a panel on a real session."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from lstmviz.core.arrays import frozen
from lstmviz.core.experiment import Control, Experiment
from lstmviz.core.experiments.objective import Objective, ObjectiveKind, Where
from lstmviz.core.experiments.recipe import BaselineRecipe, NetworkRecipe
from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import Cell, Nonlinearity
from lstmviz.gui.panels.experiment_panel import ExperimentPanel
from lstmviz.gui.session import Session
from lstmviz.io.sequences import parse_sequence


def worked_example() -> Experiment:
    """One LSTM unit with given weights on four numbers."""
    scalars = [(1.65, 2.00, 0.62), (1.63, 2.70, 1.62), (0.94, 1.41, -0.32), (-0.19, 4.38, 0.59)]
    weights = Network.from_state_dict(
        {
            "weight_ih_l0": [[row[0]] for row in scalars],
            "weight_hh_l0": [[row[1]] for row in scalars],
            "bias_ih_l0": [row[2] for row in scalars],
            "bias_hh_l0": [0] * 4,
        }
    )
    return Experiment(
        "Worked example",
        "Look at the memory. It holds.",
        parse_sequence("1, 0.5, 0.25, 1", SequenceKind.NUMBERS),
        NetworkRecipe.given(weights),
        BaselineRecipe(),
        Objective(ObjectiveKind.SQUARED_ERROR, target=frozen([[1.0]])),
    )


def letters() -> Experiment:
    """Eight units that predict the next letter."""
    sequence = parse_sequence("hello hello", SequenceKind.TEXT)
    return Experiment(
        "Letters",
        "Look at the space.",
        sequence,
        NetworkRecipe(hidden_size=8, seed=3, forget_bias=1.0, output_size=sequence.input_size),
        BaselineRecipe(),
        Objective(ObjectiveKind.CROSS_ENTROPY, Where.EVERY, next_input=True),
    )


def feedback() -> Experiment:
    """One linear unit whose recurrent weight is a slider."""
    return Experiment(
        "Feedback",
        "Move the slider.",
        parse_sequence("step(1.5-t)", SequenceKind.FORMULA, length=20),
        NetworkRecipe(cell=Cell.RNN, hidden_size=1, nonlinearity=Nonlinearity.IDENTITY),
        None,
        Objective(),
        (Control("recurrent_scale", "recurrent weight w", 0.5, 1.5),),
    )


EXAMPLES = (("worked", worked_example()), ("letters", letters()), ("feedback", feedback()))


@pytest.fixture
def make_panel(qtbot) -> Iterator[Callable[[Experiment], ExperimentPanel]]:
    """Builds a panel on a session of its own, ``panel.session``."""
    panels = []

    def make(experiment: Experiment) -> ExperimentPanel:
        session = Session(experiment)
        panel = ExperimentPanel(session, tuple((name, each.title) for name, each in EXAMPLES))
        panels.append(panel)
        panel.session = session
        qtbot.addWidget(panel)
        panel.resize(300, 700)
        panel.show()
        return panel

    yield make
    for panel in panels:
        panel.session.close()


@pytest.fixture
def panel(make_panel) -> ExperimentPanel:
    """A panel on the worked example."""
    return make_panel(worked_example())


@pytest.fixture
def examples() -> dict[str, Experiment]:
    """The experiments by name."""
    return dict(EXAMPLES)
