"""Runs of all kinds, for what is exported and computed again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lstmviz.core.arrays import frozen
from lstmviz.core.engine.bug_museum import Bug
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.objective import Objective, ObjectiveKind, Where
from lstmviz.core.experiments.recipe import BaselineRecipe, BaselineSize, NetworkRecipe
from lstmviz.core.experiments.what_if import (
    Change,
    Clamp,
    DeleteStep,
    InsertStep,
    MemoryBlocks,
    Peepholes,
    ScaleWeight,
    SetInput,
    SetWeight,
    Silence,
    UseVariant,
    Variant,
    WhatIf,
)
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import Cell, Nonlinearity
from lstmviz.io.experiments import load_example
from tests import own_parts
from tests.experiments import company_b, letters, linear_loop, random_lstm, squared_error

CLASSES = frozen([[k % 3] for k in range(11)], float)


def every_step(targets: int = 1) -> Objective:
    """Squared error at every step of 11, each with a target of its own."""
    return squared_error(np.linspace(-1, 1, 11 * targets).reshape(11, targets).tolist(), Where.EVERY)


def stacked_both_ways() -> Experiment:
    """Two layers, both directions, a head, a class as target at every step."""
    experiment = random_lstm(num_layers=2, bidirectional=True, output_size=4, hidden_size=5)
    return replace(experiment, objective=Objective(ObjectiveKind.CROSS_ENTROPY, Where.EVERY, CLASSES))


def relu_rnn() -> Experiment:
    """A vanilla RNN with relu beside one with tanh, both ways, one target for all outputs at every step."""
    experiment = random_lstm(cell=Cell.RNN, nonlinearity=Nonlinearity.RELU, bidirectional=True)
    return replace(experiment, objective=every_step())


def without_bias() -> Experiment:
    """Two layers, one of them without a bias; no baseline; the loss is about the next input."""
    network = Network.create("lstm", 3, 4, num_layers=2, output_size=3, seed=9)
    weights = {name: array for name, array in network.state_dict().items() if not name.startswith("bias")}
    recipe = NetworkRecipe.given(Network.from_state_dict(weights))
    objective = Objective(ObjectiveKind.SQUARED_ERROR, Where.LAST, next_input=True)
    return replace(random_lstm(), recipe=recipe, objective=objective, baseline=None)


def what_if(*changes: Change, **options: object) -> Experiment:
    """A network with these changes made, and a switched-off one."""
    off = WhatIf(Clamp("c", "l0", None, 1, 11, 100.0), enabled=False)
    return replace(
        random_lstm(**options),
        what_ifs=(*map(WhatIf, changes), off),
        objective=every_step(),  # type: ignore[arg-type]
    )


def clamped() -> Experiment:
    """Every node held somewhere, in two layers and both directions, weights and inputs changed too."""
    holds = [Clamp(node, "l0", k % 3, k + 1, k + 3, 0.1 * k) for k, node in enumerate(("i", "f", "g", "o", "c", "h"))]
    return what_if(
        *holds,
        Clamp("f", "l1_reverse", None, 2, 9, 1.0),
        Clamp("f", "l1_reverse", 1, 4, 5, -0.5),
        Silence("l1", 2),
        SetInput(2, 1, 3.0),
        DeleteStep(7),
        InsertStep(3, (1.0, -1.0, 0.5)),
        SetWeight("weight_hh_l0", (3, 1), 2.0),
        ScaleWeight("weight_ih_l1", 1.5, "f"),
        num_layers=2,
        bidirectional=True,
        output_size=1,
    )


def variants() -> Experiment:
    """Peepholes, coupled gates and linear parts, each in another layer, with held gates among them."""
    return what_if(
        Peepholes(0.5, tuple(np.linspace(-1, 1, 4).tolist()), -0.7, "l1"),
        UseVariant(Variant.COUPLED_GATES, "l0"),
        UseVariant(Variant.COUPLED_GATES, "l1"),
        UseVariant(Variant.NO_INPUT_ACTIVATION, "l1"),
        UseVariant(Variant.NO_OUTPUT_ACTIVATION, "l0"),
        UseVariant(Variant.NO_OUTPUT_GATE, "l1"),
        Clamp("i", "l0", 2, 3, 6, 0.25),
        Clamp("f", "l0", 1, 3, 6, 0.25),
        Clamp("c", "l1", 0, 5, 5, -2.0),
        num_layers=2,
        hidden_size=4,
    )


def coupled_alone() -> Experiment:
    """One variant, nothing held, the loss at one unit in the middle."""
    experiment = what_if(UseVariant(Variant.COUPLED_GATES), hidden_size=4)
    return replace(experiment, objective=Objective(ObjectiveKind.ONE_UNIT, unit=2, t=6))


def peepholes_alone() -> Experiment:
    """Peepholes in all layers and directions, nothing held."""
    return what_if(Peepholes(0.5, -0.2, 0.7), hidden_size=4, bidirectional=True)


def blocks() -> Experiment:
    """Memory blocks of two cells, and one output activation less."""
    return what_if(MemoryBlocks(2), UseVariant(Variant.NO_OUTPUT_ACTIVATION), hidden_size=4)


def silenced_rnn() -> Experiment:
    """A vanilla RNN of which h is held."""
    return what_if(Clamp("h", "l0", 1, 2, 4, 0.5), Silence("l0", 3), cell=Cell.RNN)


def same_parameters() -> Experiment:
    """A baseline with more units than the network, and enough numbers that they are not in the script."""
    experiment = random_lstm(hidden_size=24, output_size=2)
    objective = Objective(ObjectiveKind.CROSS_ENTROPY, Where.LAST, frozen([[1]], float))
    return replace(experiment, objective=objective, baseline=BaselineRecipe(size=BaselineSize.SAME_PARAMETERS))


def with_bug(bug: Bug) -> Experiment:
    """A network whose backward pass has a mistake."""
    return replace(random_lstm(), bug=bug)


HELD = ("projection, stacked, both directions", "everything", "f = 1 - i", "i = 1 - f", "sizes")


def held_own_parts(name: str) -> Experiment:
    """A network with parts of its own, and nodes held besides; peepholes replaced in the first layer."""
    changes = (
        Clamp("h", "l0", 1, 2, 4, 0.5),
        Clamp("i", "l0", 0, 3, 5, 0.25),
        Clamp("f", "l0", 1, 3, 6, 0.25),
        Clamp("c", "l1", 0, 5, 5, -2.0),
        Peepholes(0.5, -0.2, 0.7, "l0"),
    )
    return replace(own_parts.experiment(name), what_ifs=tuple(map(WhatIf, changes)), bug=None)


RUNS: dict[str, Callable[[], Experiment]] = {
    "company-b": company_b,
    "letters": letters,
    "long-lag": lambda: load_example("long-lag").experiment,
    "exploding": lambda: linear_loop(1e100, 8),
    "feedback-loop": lambda: load_example("feedback-loop").experiment,
    "stacked both ways": stacked_both_ways,
    "relu RNN": relu_rnn,
    "without bias": without_bias,
    "clamped": clamped,
    "variants": variants,
    "coupled alone": coupled_alone,
    "peepholes alone": peepholes_alone,
    "memory blocks": blocks,
    "silenced RNN": silenced_rnn,
    "same parameters": same_parameters,
    **{name: lambda name=name: own_parts.experiment(name) for name in own_parts.NETWORKS},  # type: ignore[misc]
    **{f"{name}, held": lambda name=name: held_own_parts(name) for name in HELD},  # type: ignore[misc]
    **{f"bug: {bug.name}": lambda bug=bug: with_bug(bug) for bug in Bug},  # type: ignore[misc]
}
"""Experiments of all kinds; between them they need every line of the scripts."""
