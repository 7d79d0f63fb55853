"""Session files that many tests look at."""

from __future__ import annotations

from dataclasses import replace
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from lstmviz.core.arrays import frozen
from lstmviz.core.cursor import Cursor, Stage
from lstmviz.core.engine.backward_step import BackwardStage
from lstmviz.core.engine.bug_museum import Bug
from lstmviz.core.experiment import Control
from lstmviz.core.experiments.breakpoints import Breakpoint
from lstmviz.core.experiments.recipe import NetworkRecipe
from lstmviz.core.experiments.watches import Watch
from lstmviz.core.experiments.what_if import CHANGES, Change, Clamp, WhatIf
from lstmviz.io.sessions import SessionFile
from tests.experiments import letters, random_lstm, squared_error


def rich(hidden_size: int = 3) -> SessionFile:
    """A session in which every part of an experiment is there."""
    plain = random_lstm(5, hidden_size, 2, output_size=1, bidirectional=True, num_layers=2)
    return SessionFile(
        replace(
            plain,
            title="Ünïcode — “quoted”, with \\ and\nlines\0",
            notes="notes\twith 🙂",
            recipe=replace(
                NetworkRecipe.given(plain.build_network()), forget_bias=-0.0, recurrent_scale=1.1, seed=2**40
            ),
            objective=squared_error([[0.1, 1 / 3]]),
            controls=(Control("forget_bias", "forget gate", -2.0, 8.0),),
            bug=Bug.DH_NOT_CARRIED,
            what_ifs=(
                WhatIf(Clamp("f", "l0", None, 1, 3, 1e-308)),
                WhatIf(Clamp("c", "l1_reverse", 2, 4, 4, -7.25), enabled=False),
            ),
            breakpoints=(Breakpoint("f[2] < 0.1", logs=True),),
            watches=(Watch("norm(c)", track=True),),
        ),
        Cursor(3, "l1_reverse", BackwardStage.CARRY, 2),
        origin="/somewhere/else.lstmviz",
    )


def spelled() -> SessionFile:
    """A session over letters, with a vocabulary."""
    return SessionFile(letters(), Cursor(2, stage=Stage.FORGET))


FLOATS = st.floats(allow_nan=False)


@st.composite
def sessions(draw: st.DrawFn) -> SessionFile:
    """Sessions of all kinds of small parts; not all of them can be run."""
    session = draw(st.sampled_from([rich(), spelled()]))
    experiment = replace(
        session.experiment,
        title=draw(st.text()),
        what_ifs=tuple(draw(st.lists(st.builds(WhatIf, changes(), st.booleans()), max_size=4))),
        breakpoints=tuple(draw(st.lists(st.builds(Breakpoint, st.text(), st.booleans(), st.booleans()), max_size=3))),
        objective=replace(
            session.experiment.objective,
            target=draw(st.none() | st.lists(FLOATS, min_size=1).map(lambda row: frozen([row], float))),
        ),
        recipe=replace(session.experiment.recipe, recurrent_scale=draw(FLOATS), seed=draw(st.integers(0, 2**63 - 1))),
    )
    return replace(session, experiment=experiment, cursor=draw(cursors()))


def changes() -> st.SearchStrategy[Change]:
    """Every kind of change, with whatever its types allow."""
    return st.one_of([changes_of(kind) for kind in CHANGES])


def changes_of(kind: type[Change]) -> st.SearchStrategy[Change]:
    """One kind of change."""
    return st.builds(kind, **{name: _whatever(hint) for name, hint in get_type_hints(kind).items()})


def _whatever(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a type, no number too large for a file."""
    if get_origin(hint) in (Union, UnionType):
        return st.one_of([_whatever(part) for part in get_args(hint)])
    if get_origin(hint) is tuple:
        return st.lists(_whatever(get_args(hint)[0]), max_size=4).map(tuple)
    numbers = {float: FLOATS, int: st.integers(-(2**63), 2**63 - 1)}
    return numbers[hint] if hint in numbers else st.from_type(hint)


def cursors() -> st.SearchStrategy[Cursor]:
    """Every kind of cursor."""
    small = st.integers(0, 2**62)
    return st.builds(Cursor, small, st.text(), st.sampled_from(Stage) | st.sampled_from(BackwardStage), small)
