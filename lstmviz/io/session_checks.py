"""What the types of an experiment do not say, looked at before an experiment from a file is let in."""

from __future__ import annotations

import math
from dataclasses import fields

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Control, Experiment
from lstmviz.core.experiments.objective import Objective
from lstmviz.core.experiments.recipe import NetworkRecipe
from lstmviz.core.experiments.sequence import Sequence, SequenceKind
from lstmviz.core.networks.memory import BYTES_LIMIT, in_words
from lstmviz.core.networks.network import Network
from lstmviz.core.text import count
from lstmviz.io.codec import REMEDY
from lstmviz.io.tables import MAX_STEPS, MAX_VALUES

MOST_LAYERS = 1000


def refuse_impossible(experiment: Experiment) -> None:
    """Raises LstmvizError where parts of ``experiment`` contradict each other.

    Sizes that only a run would show to be wrong are left to ``analyse``, as when somebody types them.
    """
    _refuse_sequence(experiment.sequence)
    _refuse_recipe(experiment.recipe, experiment.sequence.length)
    if experiment.baseline is not None and experiment.baseline.weights is not None:
        refuse_weights(experiment.baseline.weights)
    _refuse_objective(experiment.objective)
    for control in experiment.controls:
        _refuse_control(control)


def _refuse_sequence(sequence: Sequence) -> None:
    values = sequence.values
    _refuse_matrix(values, "sequence")
    if values.dtype != np.float64 or not np.isfinite(values).all():
        raise _wrong("The values of the sequence are not finite float64 numbers", "sequence")
    length, features = values.shape
    if length > MAX_STEPS or values.size > MAX_VALUES:
        raise _wrong(f"The sequence has {count(length, 'step')} of {count(features, 'value')}", "sequence")
    for found, wanted, noun in (
        (sequence.labels, length, "label"),
        (sequence.features, features, "name of a feature"),
        (sequence.vocabulary, features if sequence.vocabulary else 0, "character of the vocabulary"),
        (sequence.numbers, length if sequence.table else 0, "number of a token"),
    ):
        if len(found) != wanted:
            raise _wrong(f"{len(found):,} where {wanted:,} would fit the values: {noun}", "sequence")
    _refuse_table(sequence)


def _refuse_table(sequence: Sequence) -> None:
    """Raises LstmvizError unless the tokens, where there are any, are those whose numbers are in the values."""
    table = sequence.table
    if (sequence.kind is SequenceKind.TOKENS) != (table is not None):
        raise _wrong("There are tokens without their table, or a table without tokens", "sequence")
    if table is None:
        return
    if sequence.vocabulary or table.width != sequence.input_size:
        raise _wrong(f"The table gives {count(table.width, 'value')} for each token", "sequence: table")
    if not all(0 <= number < table.size for number in sequence.numbers):
        raise _wrong(f"The table has {count(table.size, 'token')}, and others are read", "sequence: table")
    if not np.array_equal(table.rows(np.array(sequence.numbers, np.intp)), sequence.values):
        raise _wrong("The values are not those of the tokens", "sequence: table")


def _refuse_recipe(recipe: NetworkRecipe, length: int) -> None:
    if recipe.seed < 0:
        raise _wrong("The seed is negative", "network")
    if recipe.output_size < 0:
        raise _wrong("The number of outputs is negative", "network")
    if recipe.num_layers > MOST_LAYERS:
        raise _wrong(f"There are {recipe.num_layers:,} layers; the limit is {MOST_LAYERS:,}", "network")
    head_bytes = 8 * recipe.output_size * (2 * max(recipe.hidden_size, 0) + length)
    if head_bytes > BYTES_LIMIT:
        raise _wrong(f"{recipe.output_size:,} outputs would take {in_words(head_bytes)}", "network")
    if recipe.weights is not None:
        refuse_weights(recipe.weights)


def refuse_weights(network: Network) -> None:
    """Raises LstmvizError unless the weights make a network by their PyTorch names, too."""
    directions = {len(layer.directions) for layer in network.layers}
    if directions not in ({1}, {2}) or len(network.layers) > MOST_LAYERS:
        raise _wrong("The layers have no direction, more than two, or not the same", "network")
    arrays = network.state_dict()
    if len({array.dtype for array in arrays.values()}) != 1:
        raise _wrong("Some weights are float64, others float32", "network")
    for name, array in arrays.items():
        if array.ndim not in (1, 2) or not array.size:
            raise _wrong(f"The shape {list(array.shape)} is that of no weight", name)
    if len({(layer.nonlinearity, layer.coupled) for layer in network.layers}) > 1:
        raise _wrong("The layers have different nonlinearities or couplings of gates", "network")
    rebuilt = Network.from_state_dict(arrays, coupled=network.layers[0].coupled)
    if [layer.cell for layer in rebuilt.layers] != [layer.cell for layer in network.layers]:
        raise _wrong("The weights have the shape of another kind of cell", "network")


def _refuse_objective(objective: Objective) -> None:
    if objective.target is not None:
        _refuse_matrix(objective.target, "objective")


def _refuse_control(control: Control) -> None:
    numbers = [field.name for field in fields(NetworkRecipe) if "float" in str(field.type)]
    if control.field not in numbers:
        raise _wrong(f"A slider cannot change “{control.field[:60]}”", "controls")
    if not (math.isfinite(control.minimum) and math.isfinite(control.maximum) and control.minimum < control.maximum):
        raise _wrong("A slider has no range", f"controls: {control.field}")


def _refuse_matrix(array: Array, where: str) -> None:
    if array.ndim != 2 or not array.size:
        raise _wrong(f"The shape {list(array.shape)} is not that of rows of numbers", where)


def _wrong(what: str, where: str) -> LstmvizError:
    return LstmvizError(what, where=where, how=REMEDY)
