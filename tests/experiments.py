"""Experiments that many tests look at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lstmviz.core.arrays import frozen
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.objective import Objective, ObjectiveKind, Where
from lstmviz.core.experiments.recipe import BaselineRecipe, NetworkRecipe
from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.core.networks.initialisation import Initialisation
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import Cell, Nonlinearity
from lstmviz.io.experiments import load_example
from lstmviz.io.sequences import parse_sequence


def company_b() -> Experiment:
    """One unit, one input, four steps, with numbers that are known from a textbook."""
    return load_example("company-b").experiment


def letters(text: str = "hello hello") -> Experiment:
    """Eight units over one-hot letters, with a linear head and a loss at every step."""
    experiment = load_example("letters").experiment
    sequence = parse_sequence(text, SequenceKind.TEXT)
    return replace(experiment, sequence=sequence, recipe=replace(experiment.recipe, output_size=sequence.input_size))


def random_lstm(length: int = 11, hidden_size: int = 8, features: int = 3, **options: object) -> Experiment:
    """An LSTM with random weights over random numbers; the options are NetworkRecipe's."""
    values = np.random.default_rng(5).standard_normal((length, features))
    rows = "\n".join(", ".join(map(repr, row)) for row in values.tolist())
    return Experiment(
        title="random",
        look_for="",
        sequence=parse_sequence(rows, SequenceKind.NUMBERS),
        recipe=NetworkRecipe(hidden_size=hidden_size, seed=3, **options),  # type: ignore[arg-type]
        baseline=BaselineRecipe(),
        objective=Objective(),
    )


def linear_loop(weight: float, length: int) -> Experiment:
    """One linear unit whose weight is ``weight``: the gradient is a power of it."""
    one, none = [[1.0]], [0.0]
    weights = {"weight_ih_l0": one, "weight_hh_l0": one, "bias_ih_l0": none, "bias_hh_l0": none}
    return Experiment(
        title="loop",
        look_for="",
        sequence=parse_sequence(", ".join(["1"] + ["0"] * (length - 1)), SequenceKind.NUMBERS),
        recipe=NetworkRecipe(
            cell=Cell.RNN,
            hidden_size=1,
            nonlinearity=Nonlinearity.IDENTITY,
            recurrent_scale=weight,
            weights=Network.from_state_dict(weights, nonlinearity=Nonlinearity.IDENTITY),
        ),
        baseline=None,
        objective=Objective(),
    )


def squared_error(target: list[list[float]], where: Where = Where.LAST) -> Objective:
    """Squared error against ``target``."""
    return Objective(ObjectiveKind.SQUARED_ERROR, where, frozen(target, float))


def orthogonal_rnn(rho: float, length: int = 40, phi: Nonlinearity = Nonlinearity.IDENTITY) -> Experiment:
    """A vanilla RNN with U = rho x orthogonal."""
    recipe = NetworkRecipe(Cell.RNN, hidden_size=8, nonlinearity=phi, recurrent_scale=rho, seed=4)
    return replace(linear_loop(1.0, length), recipe=replace(recipe, initialisation=Initialisation.ORTHOGONAL))
