"""Tiny trainings for tests."""

from __future__ import annotations

from dataclasses import replace

from lstmviz.core.experiments.recipe import BaselineRecipe, NetworkRecipe
from lstmviz.core.training.memory_tasks import AddingProblem
from lstmviz.core.training.presets import PRESETS, TrainingPreset
from lstmviz.core.training.process import TrainingProcess, beginning, branch
from lstmviz.core.training.record import Moment, TrainingRecord
from lstmviz.core.training.settings import TrainingSettings
from lstmviz.core.training.tasks import Task
from lstmviz.core.training.text_task import NextCharacter

SETTINGS = TrainingSettings(lr=0.01, clip=1.0, updates=20, batch_size=4, validate_every=10, validation_size=8)


def tiny_plan(task: Task | None = None, *, updates: int = 20, beside: bool = True) -> TrainingPreset:
    """Three units, four sequences a batch."""
    return TrainingPreset(
        "tiny",
        "A tiny training",
        "Nothing in particular.",
        task or AddingProblem(6),
        NetworkRecipe(hidden_size=3, forget_bias=1.0),
        BaselineRecipe() if beside else None,
        replace(SETTINGS, updates=updates),
    )


def text_plan(updates: int = 5) -> TrainingPreset:
    """Next characters of a small text."""
    return tiny_plan(NextCharacter("abc abd. " * 20, 8), updates=updates)


EXPLODED = r"At update 3, z\[3\] of unit 0 in layer l0 is (-inf|nan)\. The weights after update 1 are kept\."
"""How ``explosion`` ends: whether a sum of huge numbers overflows or cancels is up to the order in which BLAS adds."""


def explosion() -> TrainingPreset:
    """The preset whose loss overflows at its third update."""
    return next(preset for preset in PRESETS if preset.name == "explosion")


def finished(
    plan: TrainingPreset, record: TrainingRecord | None = None, moment: Moment | None = None, most: int | None = None
) -> TrainingRecord:
    """The record of a training that was driven here, without a thread."""
    course = beginning(plan) if record is None or moment is None else branch(plan, record, moment)
    return driven(TrainingProcess(course), most)


def driven(process: TrainingProcess, most: int | None = None) -> TrainingRecord:
    """Drive a process to its end, or for ``most`` updates."""
    steps = process.steps(most)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            record: TrainingRecord = end.value
            return record
