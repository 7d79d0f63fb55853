"""Trainings worth watching: network, task and settings that show something, each in a minute or two."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lstmviz.core.experiments.recipe import BaselineRecipe, NetworkRecipe
from lstmviz.core.networks.initialisation import Initialisation
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import Cell, Nonlinearity
from lstmviz.core.training.memory_tasks import AddingProblem, LongLagRecall
from lstmviz.core.training.optimisers import Optimiser
from lstmviz.core.training.record import TrainingRecord
from lstmviz.core.training.settings import TrainingSettings
from lstmviz.core.training.tasks import Task
from lstmviz.core.training.wave_tasks import SinePrediction


@dataclass(frozen=True, eq=False)
class TrainingPreset:
    """A training, ready to start.

    look_for  two sentences: what to look at
    recipe    of the network; its output_size is left to the task
    baseline  of the vanilla RNN that trains beside it; None for none
    """

    name: str
    title: str
    look_for: str
    task: Task
    recipe: NetworkRecipe
    baseline: BaselineRecipe | None
    settings: TrainingSettings

    def build(self) -> dict[str, Network]:
        """The networks, ready for ``compare``: ``network``, and ``baseline`` where there is one."""
        recipe = replace(self.recipe, output_size=self.task.output_size)
        network = recipe.build(self.task.input_size)
        return {"network": network} | ({"baseline": self.baseline.build(recipe, network)} if self.baseline else {})


def plan_of(record: TrainingRecord) -> TrainingPreset:
    """What a training was started with: started anew it gives the same numbers."""
    return TrainingPreset("own", record.title, "", record.task, record.recipe, record.baseline, record.settings)


_RUNAWAY = NetworkRecipe(
    cell=Cell.RNN,
    hidden_size=32,
    nonlinearity=Nonlinearity.IDENTITY,
    initialisation=Initialisation.ORTHOGONAL,
    recurrent_scale=1.1,
)
"""Every step makes what is remembered a tenth larger, and the gradient on its way back too."""

_RUNAWAY_SETTINGS = TrainingSettings(optimizer=Optimiser.SGD, lr=0.01, updates=400)

PRESETS: tuple[TrainingPreset, ...] = (
    TrainingPreset(
        "adding",
        "Adding: LSTM learns, RNN does not",
        "For some hundred updates both answer 1, whatever they read. Then the LSTM sees the markers, and its loss "
        "falls; the vanilla RNN's gradient never reaches them.",
        AddingProblem(50),
        NetworkRecipe(hidden_size=32, forget_bias=1.0),
        BaselineRecipe(),
        TrainingSettings(lr=0.01, clip=1.0, updates=2000),
    ),
    TrainingPreset(
        "long-lag",
        "Long lag: which symbol was first?",
        "With its forget gates open the LSTM often remembers within a few dozen updates. The vanilla RNN guesses on: "
        "its gradient dies on the way back to the first step.",
        LongLagRecall(60, keys=2),
        NetworkRecipe(hidden_size=16, forget_bias=4.0),
        BaselineRecipe(),
        TrainingSettings(lr=0.01, clip=1.0, updates=300),
    ),
    TrainingPreset(
        "explosion",
        "Exploding: RNN without clipping",
        "Every step multiplies the gradient by 1.1, over 50 steps by 117. One update throws the weights away, the next "
        "ones overflow; the message says where.",
        SinePrediction(50),
        _RUNAWAY,
        None,
        _RUNAWAY_SETTINGS,
    ),
    TrainingPreset(
        "clipped",
        "The same RNN, with clipping",
        "The gradient before clipping starts in the thousands, after it it is 1. The same network with the same "
        "learning rate now learns to predict the wave.",
        SinePrediction(50),
        _RUNAWAY,
        None,
        replace(_RUNAWAY_SETTINGS, clip=1.0),
    ),
)
