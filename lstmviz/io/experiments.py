"""Experiments as plain JSON: the examples that ship with the app."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from lstmviz.core.arrays import frozen
from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiment import Control, Experiment
from lstmviz.core.experiments.objective import Objective, ObjectiveKind, Where
from lstmviz.core.experiments.recipe import BaselineRecipe, BaselineSize, NetworkRecipe
from lstmviz.core.experiments.sequence import Sequence, SequenceKind
from lstmviz.core.networks.initialisation import Initialisation
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import Cell, Nonlinearity
from lstmviz.io.resources import resource, resource_names
from lstmviz.io.sequences import parse_sequence

if TYPE_CHECKING:
    from lstmviz.core.training.record import TrainingRecord

DEFAULT_EXAMPLE = "company-b"
"""What the window opens with."""

_FOLDER = "examples"
Choice = TypeVar("Choice", bound=Enum)


@dataclass(frozen=True)
class Example:
    """An experiment that ships with the app or is in a file, and a cursor worth opening it at.

    training  what stood in the tab Training when it was saved; None for none
    """

    name: str
    experiment: Experiment
    cursor: Cursor
    training: TrainingRecord | None = None


@cache
def example_names() -> tuple[str, ...]:
    """The names of all examples, in the order in which they are offered."""
    order: list[str] = json.loads(resource(f"{_FOLDER}/order.json").read_text(encoding="utf-8"))
    present = {name.rpartition("/")[2].removesuffix(".json") for name in resource_names(_FOLDER, ".json")}
    return tuple(name for name in order if name in present)


@cache
def example_titles() -> tuple[tuple[str, str], ...]:
    """(name, title) of all examples, in the order in which they are offered; quicker than loading them."""
    return tuple((name, _fields_of(name)["title"]) for name in example_names())


@cache
def load_example(name: str) -> Example:
    """The example called ``name``. Raises LstmvizError listing the names there are."""
    names = example_names()
    if name not in names:
        raise LstmvizError(f"There is no example called {name}", how=f"There are: {', '.join(names)}.")
    fields = _fields_of(name)
    at = fields.get("cursor", {})
    cursor = Cursor(
        t=at.get("t", 1),
        layer=at.get("layer", "l0"),
        stage=Stage(at.get("stage", "hidden")),
        unit=at.get("unit", 0),
    )
    return Example(name, experiment_from_json(fields), cursor)


def is_changed_example(experiment: Experiment) -> bool:
    """Whether ``experiment`` has the title of an example, but other numbers; its sliders and what-ifs do not count."""
    name = next((name for name, title in example_titles() if title == experiment.title), None)
    if name is None:
        return False
    original = load_example(name).experiment
    moved = {control.field: getattr(experiment.recipe, control.field) for control in original.controls}
    original = replace(original, recipe=replace(original.recipe, **moved))
    return not experiment.without_what_ifs().has_numbers_of(original)


def _fields_of(name: str) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(resource(f"{_FOLDER}/{name}.json").read_text(encoding="utf-8"))
    return fields


def experiment_from_json(fields: dict[str, Any]) -> Experiment:
    """An experiment from its JSON fields; what is left out has the defaults of the dataclasses."""
    baseline = fields.get("baseline")
    return Experiment(
        title=fields["title"],
        look_for=fields["look_for"],
        sequence=_sequence(fields["sequence"]),
        recipe=_recipe(fields["network"]),
        baseline=None if baseline is None else _baseline(baseline),
        objective=_objective(fields["objective"]),
        controls=tuple(Control(**control) for control in fields.get("controls", ())),
    )


def _sequence(fields: dict[str, Any]) -> Sequence:
    kind = SequenceKind(fields["kind"])
    return parse_sequence(fields["text"], kind, length=fields.get("length", 0), vocabulary=fields.get("vocabulary", ()))


def _recipe(fields: dict[str, Any]) -> NetworkRecipe:
    options = dict(fields)
    _choose(options, "cell", Cell)
    _choose(options, "nonlinearity", Nonlinearity)
    _choose(options, "initialisation", Initialisation)
    if "weights" in options:
        nonlinearity = options.get("nonlinearity", Nonlinearity.TANH)
        options["weights"] = Network.from_state_dict(options["weights"], nonlinearity=nonlinearity)
    return NetworkRecipe(**options)


def _baseline(fields: dict[str, Any]) -> BaselineRecipe:
    options = dict(fields)
    _choose(options, "nonlinearity", Nonlinearity)
    _choose(options, "size", BaselineSize)
    if "weights" in options:
        nonlinearity = options.get("nonlinearity", Nonlinearity.TANH)
        options["weights"] = Network.from_state_dict(options["weights"], nonlinearity=nonlinearity)
    return BaselineRecipe(**options)


def _objective(fields: dict[str, Any]) -> Objective:
    options = dict(fields)
    _choose(options, "kind", ObjectiveKind)
    _choose(options, "where", Where)
    if "target" in options:
        options["target"] = frozen(options["target"], float)
    return Objective(**options)


def _choose(options: dict[str, Any], name: str, choices: type[Choice]) -> None:
    """Turn the word in ``options[name]``, where there is one, into its member of ``choices``."""
    if name in options:
        options[name] = choices(options[name])
