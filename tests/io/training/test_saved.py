"""Trainings in session files: what is read back goes on to the very same bits, and a bad file is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.core.cursor import Cursor
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.recipe import BaselineRecipe
from lstmviz.core.networks.network import Network
from lstmviz.core.training.catalogue import TASKS, make_task
from lstmviz.core.training.optimisers import Optimiser
from lstmviz.core.training.presets import TrainingPreset, plan_of
from lstmviz.core.training.process import TrainingProcess, beginning, resumption
from lstmviz.core.training.record import TrainingRecord
from lstmviz.core.training.table_task import table_task
from lstmviz.core.training.tasks import Task
from lstmviz.io import archive
from lstmviz.io.npy import npy_bytes
from lstmviz.io.session_format import session_bytes, session_of
from lstmviz.io.sessions import SessionFile
from lstmviz.io.training.saved import saved_alike
from tests.experiments import random_lstm
from tests.gui.training.plans import driven, finished, text_plan, tiny_plan


def _file(record: TrainingRecord) -> bytes:
    return session_bytes(SessionFile(random_lstm(4, 2, 1), Cursor(2), training=record))


def _again(record: TrainingRecord) -> TrainingRecord:
    loaded = session_of(_file(record)).training
    assert loaded is not None
    return loaded


def _assert_same(one: TrainingRecord, other: TrainingRecord) -> None:
    for a, b in zip(one.networks, other.networks, strict=True):
        for name in ("updates", "loss", "metric", "gradient_norm", "clipped_norm", "validations", "log10_dh", "gates"):
            x, y = getattr(a, name), getattr(b, name)
            assert (x is None and y is None) or (x.shape == y.shape and x.tobytes() == y.tobytes()), name
        assert a.stop == b.stop
    for key, state in one.moments[-1].states.items():
        again = other.moments[-1].states[key]
        assert again.update == state.update
        assert again.network == state.network


def _patient() -> TrainingPreset:
    plan = tiny_plan(updates=400)
    settings = replace(plan.settings, optimizer=Optimiser.SGD, lr=0.3, patience=4, validate_every=3)
    return replace(plan, settings=settings)


@pytest.mark.parametrize("plan", [tiny_plan(), tiny_plan(beside=False), text_plan(12), _patient()])
@pytest.mark.parametrize("interrupted_after", [1, 8])
def test_a_training_that_is_saved_and_opened_goes_on_to_the_same_bits(
    plan: TrainingPreset, interrupted_after: int
) -> None:
    record = _again(driven(TrainingProcess(beginning(plan)), interrupted_after))
    assert record.update == interrupted_after
    resumed = driven(TrainingProcess(resumption(record)))
    assert resumed.ended
    _assert_same(resumed, finished(plan))


def test_everything_of_a_record_comes_back() -> None:
    whole = finished(tiny_plan(updates=30))
    branched = finished(tiny_plan(updates=10), whole, whole.moments[8])
    record = _again(branched)
    _assert_same(record, branched)
    assert (record.title, record.settings, record.planned) == (branched.title, branched.settings, branched.planned)
    assert record.task == branched.task
    assert [moment.update for moment in record.moments] == [moment.update for moment in branched.moments]
    assert record.before is not None
    assert record.before.networks[1].loss.tobytes() == whole.networks[1].loss.tobytes()
    assert _file(record) == _file(branched)


def test_what_is_saved_alike_is_known_again_and_the_least_difference_seen() -> None:
    record = finished(tiny_plan(updates=5))
    assert saved_alike(record, _again(record))
    last = record.moments[-1]
    key, state = next(iter(last.states.items()))
    assert state.moments is not None
    moved = replace(state, moments=replace(state.moments, first=np.nextafter(state.moments.first, 1)))
    moments = (*record.moments[:-1], replace(last, states={**last.states, key: moved}))
    for other in (
        replace(record, moments=moments),
        replace(record, moments=record.moments[1:]),
        replace(record, settings=replace(record.settings, seed=99)),
        finished(tiny_plan(updates=6)),
    ):
        assert not saved_alike(record, other)


def test_started_anew_a_loaded_training_gives_the_same_numbers() -> None:
    record = finished(tiny_plan())
    assert finished(plan_of(_again(record))).networks[0].loss.tobytes() == record.networks[0].loss.tobytes()


COLUMNS = {"day": [*range(40)], "kind": ["ab"[day % 2] for day in range(40)]}


@pytest.mark.parametrize("task", [*map(make_task, TASKS), table_task(COLUMNS, "kind", window=3)])
def test_every_task_can_be_saved(task: Task) -> None:
    record = finished(tiny_plan(task, updates=1, beside=False))
    again = _again(record).task
    assert type(again) is type(task)
    x, y = (each.batch(np.random.default_rng(0), 3) for each in (task, again))
    assert x.x.tobytes() == y.x.tobytes()
    assert x.target.tobytes() == y.target.tobytes()


def test_checkpoints_have_a_bound_and_the_important_ones_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    record = finished(tiny_plan(updates=60))
    size = sum(state.nbytes for state in record.moments[-1].states.values())
    monkeypatch.setattr("lstmviz.io.training.saved.MOST_BYTES", 10 * size)
    kept = [moment.update for moment in _again(record).moments]
    assert 8 <= len(kept) <= 10
    assert (kept[0], kept[-1]) == (0, 60)
    assert max(np.diff(kept)) < 15


def test_files_without_a_training_have_none() -> None:
    data = session_bytes(SessionFile(random_lstm(4, 2, 1), Cursor(2)))
    assert b"training" not in archive.unpacked(data)["session.json"]
    assert session_of(data).training is None


# Files that somebody changed


@cache
def _files() -> dict[str, bytes]:
    plan = tiny_plan(updates=12)
    patient = replace(plan, settings=replace(plan.settings, patience=2, validate_every=2))
    record = driven(TrainingProcess(beginning(patient)), 5)
    return archive.unpacked(_file(record))


def _header() -> dict[str, Any]:
    header: dict[str, Any] = json.loads(_files()["session.json"])
    return header


def _refusal(change: Any) -> LstmvizError:
    header = _header()
    change(header["training"])
    with pytest.raises(LstmvizError) as caught:
        session_of(archive.packed(_files() | {"session.json": json.dumps(header).encode()}))
    return caught.value


WRONG = {
    "a moment twice": lambda t: t["moments"].append(t["moments"][-1]),
    "no moments": lambda t: t.update(moments=[]),
    "a state that is not there": lambda t: t["moments"][1].update(states=[99, 0]),
    "a network less": lambda t: t["moments"][1].update(states=[-1, 0]),
    "a huge batch": lambda t: t["settings"].update(batch_size=10**9),
    "an endless task": lambda t: t["task"].update(length=10**9),
    "another task": lambda t: t.update(task={"type": "Parity", "length": 5, "every_step": True}),
    "a huge seed": lambda t: t["settings"].update(seed=2**40),
    "a learning rate": lambda t: t["settings"].update(lr=1e6),
    "an optimiser without memory": lambda t: t["states"][0].update(second=None),
    "a best that is not there": lambda t: t["states"][0]["rows"][-1]["best"].update(state=77),
    "a network twice": lambda t: t["states"][1].update(key="network"),
    "the cell": lambda t: t["networks"][0].update(cell="RNN"),
}


@pytest.mark.parametrize("name", WRONG)
def test_contradictions_are_refused(name: str) -> None:
    assert _refusal(WRONG[name]).what


@pytest.mark.parametrize("name", [name for name in _files() if name.startswith("arrays/training")])
def test_arrays_of_another_shape_are_refused(name: str) -> None:
    with pytest.raises(LstmvizError):
        session_of(archive.packed(_files() | {name: npy_bytes(np.zeros((7, 9, 2)))}))


PLACES: list[tuple[str | int, ...]] = []


def _collect(value: Any, place: tuple[str | int, ...]) -> None:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        PLACES.append((*place, key))
        _collect(each, (*place, key))


_collect(_header()["training"], ())
ANYTHING = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5) | st.just([])


@given(st.sampled_from(PLACES), ANYTHING)
def test_any_value_at_any_place_is_read_or_refused(place: tuple[Any, ...], value: object) -> None:
    header = _header()
    target = header["training"]
    for key in place[:-1]:
        target = target[key]
    target[place[-1]] = value
    try:
        session = session_of(archive.packed(_files() | {"session.json": json.dumps(header).encode()}))
    except LstmvizError:
        return
    assert session.training is not None
    assert session_bytes(session)


# Files from before there were trainings


def test_a_file_of_version_1_opens() -> None:
    files = archive.unpacked(session_bytes(SessionFile(random_lstm(4, 2, 1), Cursor(2))))
    header = json.loads(files["session.json"])
    header["version"] = 1
    del header["experiment"]["baseline"]["weights"]
    session = session_of(archive.packed(files | {"session.json": json.dumps(header).encode()}))
    assert session.experiment == random_lstm(4, 2, 1)
    assert session.training is None


def test_given_weights_of_the_rnn_are_in_the_file_and_looked_at() -> None:
    rnn = Network.create("rnn", 1, 4, seed=3, nonlinearity="relu")
    experiment = replace(random_lstm(4, 2, 1), baseline=BaselineRecipe.given(rnn))
    data = session_bytes(SessionFile(experiment, Cursor(2)))
    assert session_of(data).experiment == experiment
    name = next(name for name in archive.unpacked(data) if "baseline" in name and "weight_hh" in name)
    with pytest.raises(LstmvizError):
        session_of(archive.packed(archive.unpacked(data) | {name: npy_bytes(np.zeros((3, 3, 3)))}))


def test_of_a_large_network_the_last_checkpoint_stays() -> None:
    record = finished(tiny_plan(updates=5))
    size = sum(state.nbytes for state in record.moments[-1].states.values())
    assert [moment.update for moment in record.thinned(1).moments] == [5]
    assert [moment.update for moment in record.thinned(2 * size).moments] == [0, 5]
    assert record.thinned(100 * size) is record
