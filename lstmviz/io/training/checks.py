"""What the types of a saved training do not say, looked at before one from a file is let in."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.errors import LstmvizError
from lstmviz.core.training.optimisers import Optimiser
from lstmviz.core.training.record import NetworkRecord
from lstmviz.core.training.settings import refuse_misfit
from lstmviz.core.training.table_task import TablePrediction
from lstmviz.io.codec import REMEDY
from lstmviz.io.session_checks import MOST_LAYERS, refuse_weights
from lstmviz.io.training.saved import SavedMoment, SavedStates, SavedTask, SavedTraining

_LARGEST = 2**31 - 1
"""The largest whole number that a field of the window takes."""

_LONGEST = 100_000
"""Of a sequence."""

_MOST_STEPS = 20_000_000
"""Of all sequences of a batch together."""

_WHERE = "training"


def refuse_impossible_training(saved: SavedTraining) -> None:
    """Raises LstmvizError where parts of ``saved`` contradict each other."""
    _refuse_large_numbers(saved)
    _refuse_task(saved.task)
    keys = [states.key for states in saved.states]
    if len(set(keys)) != len(keys) or not saved.moments or not saved.networks:
        raise _wrong("There are no networks, no checkpoints, or a network twice")
    for states in saved.states:
        _refuse_states(states)
        refuse_misfit(states.shape, saved.task, saved.settings)
    for network in saved.networks:
        if network.key not in keys or network.cell is not saved.states[keys.index(network.key)].shape.cell:
            raise _wrong(f"The network “{network.key[:40]}” has no checkpoints of its kind")
    known = {network.key for network in saved.networks}
    needed = [number for number, key in enumerate(keys) if key in known]
    _refuse_moments(saved.moments, [len(states.rows) for states in saved.states], needed)
    for network in (*saved.networks, *(saved.before.networks if saved.before else ())):
        _refuse_curves(network)


def _refuse_large_numbers(saved: SavedTraining) -> None:
    recipe, settings = saved.recipe, saved.settings
    values = [getattr(each, field.name) for each in (settings, saved.task, recipe) for field in fields(each)]
    values += [saved.planned, saved.before.planned if saved.before else 0]
    whole = [value for value in values if isinstance(value, int)]
    if min(whole, default=0) < 0 or max(whole, default=0) > _LARGEST:
        raise _wrong("A number is below zero, or beyond 2 billions")
    if any(isinstance(value, float) and not math.isfinite(value) for value in values):
        raise _wrong("A setting is not a finite number")
    lengths = [getattr(saved.task, field.name) for field in fields(saved.task)]
    longest = max((value for value in lengths if isinstance(value, int)), default=1)
    most = max(settings.batch_size, settings.validation_size)
    if longest > _LONGEST or longest * most > _MOST_STEPS or recipe.num_layers > MOST_LAYERS:
        raise _wrong("The sequences are too long or too many, or the layers are too many")
    if recipe.weights is not None:
        refuse_weights(recipe.weights)
    if saved.baseline is not None and saved.baseline.weights is not None:
        refuse_weights(saved.baseline.weights)


def _refuse_task(task: SavedTask) -> None:
    if not isinstance(task, TablePrediction):
        return  # every other task looks at its settings itself
    rows = len(task.target) if task.target.ndim == 1 else 0
    held = round(task.held_out * rows) if 0 < task.held_out < 1 else 0
    fits = (
        task.values.shape == (rows, len(task.columns))
        and task.columns
        and task.window >= 1
        and min(held, rows - held) >= task.window + task.ahead
    )
    if not fits or not all(array.dtype == np.float64 and np.isfinite(array).all() for array in _arrays_of(task)):
        raise _wrong("The table has another size than its columns and windows say, or is not of finite numbers")
    if task.classes and not (
        (task.target == np.floor(task.target)).all() and 0 <= task.target.min() <= task.target.max() < len(task.classes)
    ):
        raise _wrong("The table has a class that is not listed")


def _arrays_of(task: TablePrediction) -> tuple[Array, Array]:
    return task.values, task.target


def _refuse_states(states: SavedStates) -> None:
    refuse_weights(states.shape)
    shape = (len(states.rows), states.shape.num_parameters)
    if not states.rows:
        raise _wrong("A network has no weights")
    for array in (states.weights, states.first, states.second):
        if array is not None and (array.shape != shape or array.dtype != states.shape.dtype):
            raise _wrong("The weights of the checkpoints have another shape than the network")
    for row in states.rows:
        if row.optimiser is not None and (states.first is None or not 0 < row.count <= _LARGEST):
            raise _wrong("What the optimiser remembers is missing")
        if row.optimiser is Optimiser.ADAM and states.second is None:
            raise _wrong("What Adam remembers is missing")
        best = row.best
        if best is not None and not (0 <= best.state < len(states.rows) and 0 <= best.waited <= _LARGEST):
            raise _wrong("The best weights are missing")
        if not 0 <= row.update <= _LARGEST:
            raise _wrong("A number of updates is impossible")


def _refuse_moments(moments: tuple[SavedMoment, ...], rows: list[int], needed: list[int]) -> None:
    updates = [moment.update for moment in moments]
    if updates != sorted(set(updates)) or not 0 <= updates[0] <= updates[-1] <= _LARGEST:
        raise _wrong("The checkpoints are not in order")
    for moment in moments:
        if len(moment.states) != len(rows):
            raise _wrong("A checkpoint has not a state for every network")
        if not all(-1 <= number < size for number, size in zip(moment.states, rows, strict=True)):
            raise _wrong("A checkpoint has a state that is not there")
        if any(moment.states[number] < 0 for number in needed):
            raise _wrong("A checkpoint lacks a network")


def _refuse_curves(network: NetworkRecord) -> None:
    n, p = len(network.updates), len(network.probe_updates)
    shapes: list[tuple[Array | None, tuple[Any, ...]]] = [
        *((each, (n,)) for each in (network.loss, network.metric, network.gradient_norm, network.clipped_norm)),
        (network.updates, (n,)),
        (network.probe_updates, (p,)),
        (network.gates, (p, 3, 2)),
    ]
    right = all(array is None or array.shape == shape for array, shape in shapes)
    right = right and network.validations.ndim == network.log10_dh.ndim == 2
    right = right and network.validations.shape[1] == 3 and len(network.log10_dh) == p and network.log10_dh.size > 0
    if not right or not np.array_equal(network.updates, np.arange(1, n + 1)):
        raise _wrong("The curves have not a number for every update")
    for column in (network.probe_updates, network.validations[:, 0]):
        if not ((column >= 0) & (column <= _LARGEST)).all() or (np.diff(column) < 0).any():
            raise _wrong("The points of a curve are not in order")


def _wrong(what: str) -> LstmvizError:
    return LstmvizError(what, where=_WHERE, how=REMEDY)
