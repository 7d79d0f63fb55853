"""The experiment: one frozen value that holds everything the user made."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lstmviz.core.arrays import ValueEquality
from lstmviz.core.engine.bug_museum import Bug
from lstmviz.core.experiments.breakpoints import Breakpoint
from lstmviz.core.experiments.objective import Objective
from lstmviz.core.experiments.recipe import BaselineRecipe, NetworkRecipe
from lstmviz.core.experiments.sequence import Sequence
from lstmviz.core.experiments.watches import Watch
from lstmviz.core.experiments.what_if import Change, WhatIf
from lstmviz.core.networks.network import Network


@dataclass(frozen=True)
class Control:
    """A slider that an example puts on top: a field of the recipe, its name for people, its range."""

    field: str
    label: str
    minimum: float
    maximum: float


@dataclass(frozen=True, eq=False)
class Experiment(ValueEquality):
    """The whole document. Undo keeps the old one, a change is ``dataclasses.replace``.

    baseline  the vanilla RNN that runs beside the network on the same sequence and objective; None for none
    look_for  two sentences: what to look at
    bug       a mistake from the bug museum, made on purpose in every backward pass; None: the gradients are right
    what_ifs  changes that the user tries out, in the order in which they are made
    breakpoints, watches, notes   annotations: they change no number
    """

    title: str
    look_for: str
    sequence: Sequence
    recipe: NetworkRecipe
    baseline: BaselineRecipe | None
    objective: Objective
    controls: tuple[Control, ...] = ()
    bug: Bug | None = None
    what_ifs: tuple[WhatIf, ...] = ()
    breakpoints: tuple[Breakpoint, ...] = ()
    watches: tuple[Watch, ...] = ()
    notes: str = ""

    def build_network(self) -> Network:
        """The network. Raises LstmvizError for impossible sizes or weights that do not fit the sequence."""
        return self.recipe.build(self.sequence.input_size)

    @property
    def changes(self) -> tuple[Change, ...]:
        """What the enabled what-ifs change, in the order in which they are made."""
        return tuple(what_if.change for what_if in self.what_ifs if what_if.enabled)

    def without_what_ifs(self) -> Experiment:
        """The same experiment before anybody asked what if."""
        return replace(self, what_ifs=())

    def has_numbers_of(self, other: Experiment) -> bool:
        """Whether both give the same run: they differ in annotations, words and disabled what-ifs at most."""
        return self._numbers() == other._numbers()

    def without_annotations(self) -> Experiment:
        """The same document without breakpoints, watches and notes."""
        return replace(self, breakpoints=(), watches=(), notes="")

    def with_annotations_of(self, other: Experiment) -> Experiment:
        """The same document with the breakpoints, watches and notes of another one."""
        return replace(self, breakpoints=other.breakpoints, watches=other.watches, notes=other.notes)

    def is_but_for_annotations(self, other: Experiment) -> bool:
        """Whether both are the same document, whatever breakpoints, watches and notes they have."""
        return self.with_annotations_of(other) == other

    def _numbers(self) -> Experiment:
        enabled = tuple(map(WhatIf, self.changes))
        return replace(self.without_annotations(), title="", look_for="", controls=(), what_ifs=enabled)
