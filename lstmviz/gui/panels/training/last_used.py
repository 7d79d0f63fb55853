"""The settings of a training as a text that is kept until the next start."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.recipe import BaselineRecipe, BaselineSize, NetworkRecipe
from lstmviz.core.networks.initialisation import Initialisation
from lstmviz.core.networks.parameters import Cell, Nonlinearity
from lstmviz.core.training.catalogue import TASKS, make_task
from lstmviz.core.training.presets import PRESETS, TrainingPreset
from lstmviz.core.training.settings import TrainingSettings
from lstmviz.core.training.tasks import Task
from lstmviz.core.training.text_task import NextCharacter

LONGEST_TEXT = 20_000
"""Characters of a text to learn from that are kept; of a longer one the beginning."""

_RECIPE_FIELDS = ("hidden_size", "num_layers", "seed", "forget_bias", "recurrent_scale")
_ENUMS = {"cell": Cell, "nonlinearity": Nonlinearity, "initialisation": Initialisation, "size": BaselineSize}


def text_of(plan: TrainingPreset) -> str:
    """The plan as text. The data of a table are not kept: then it is the task of the first preset."""
    recipe = {name: getattr(plan.recipe, name) for name in _RECIPE_FIELDS}
    recipe |= {name: _plain(getattr(plan.recipe, name)) for name in ("cell", "nonlinearity", "initialisation")}
    baseline = plan.baseline
    return json.dumps(
        {
            "task": _task_as_values(plan.task),
            "recipe": recipe,
            "baseline": baseline and {name: _plain(getattr(baseline, name)) for name in ("nonlinearity", "size")},
            "settings": {field.name: _plain(getattr(plan.settings, field.name)) for field in fields(TrainingSettings)},
        }
    )


def plan_of(text: str) -> TrainingPreset | None:
    """The plan in a text; None where there is none that makes sense."""
    try:
        values = json.loads(text)
        recipe, baseline = _read(values["recipe"]), values["baseline"]
        plan = replace(
            PRESETS[0],
            title="",
            look_for="",
            task=_task_of(values["task"]),
            recipe=NetworkRecipe(**recipe),
            baseline=BaselineRecipe(**_read(baseline)) if baseline else None,
            settings=TrainingSettings.of(values["settings"]),
        )
        plan.build()
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, LstmvizError):
        return None
    same = (preset for preset in PRESETS if _says(preset) == _says(plan))
    return next(same, replace(plan, title=plan.task.title))


def _says(plan: TrainingPreset) -> tuple[object, ...]:
    return plan.task, plan.recipe, plan.baseline, plan.settings


def _task_as_values(task: Task) -> dict[str, Any]:
    if isinstance(task, NextCharacter):
        return {"name": task.name, "text": task.text[:LONGEST_TEXT], "length": task.length}
    if task.name not in TASKS or not is_dataclass(task):
        return _task_as_values(PRESETS[0].task)
    return {"name": task.name} | {field.name: getattr(task, field.name) for field in fields(task)}


def _task_of(values: dict[str, Any]) -> Task:
    given = dict(values)
    name = given.pop("name")
    return NextCharacter(**given) if name == NextCharacter.name else make_task(name, **given)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _read(values: dict[str, Any]) -> dict[str, Any]:
    """Words of choices as the choices."""
    return {name: _ENUMS[name](value) if name in _ENUMS else value for name, value in values.items()}
