"""A training that can be held, gone on with and branched is the training of the core."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lstmviz.core.errors import LstmvizError
from lstmviz.core.training.presets import TrainingPreset
from lstmviz.core.training.process import TrainingProcess, beginning, resumption
from lstmviz.core.training.record import TrainingRecord, best_update
from lstmviz.core.training.settings import TrainingSettings
from lstmviz.core.training.trainer import StopReason
from lstmviz.core.training.training import compare
from tests.gui.training.plans import driven, explosion, finished, text_plan, tiny_plan


def _weights(record: TrainingRecord, index: int = -1) -> list[np.ndarray]:
    states = record.moments[index].states.values()
    return [array for state in states for array in state.network.state_dict().values()]


def test_record_has_the_numbers_of_the_core() -> None:
    plan = tiny_plan()
    settings = {name: getattr(plan.settings, name) for name in TrainingSettings.__dataclass_fields__}
    expected = list(compare(plan.build(), plan.task, **settings))
    record = finished(plan)
    assert record.ended
    assert [network.name for network in record.networks] == ["LSTM", "RNN"]
    for network in record.networks:
        assert network.loss.tolist() == [each[network.key].loss for each in expected]
        assert network.gradient_norm.tolist() == [each[network.key].gradient_norm for each in expected]
        assert network.validations[:, 0].tolist() == [10, 20]
        assert network.stop is not None


def test_held_and_gone_on_with_it_is_the_same_to_the_last_bit() -> None:
    process = TrainingProcess(beginning(tiny_plan()))
    assert driven(process, most=7).update == 7
    interrupted, whole = driven(process), finished(tiny_plan())
    for one, other in zip(interrupted.networks, whole.networks, strict=True):
        assert np.array_equal(one.loss, other.loss)
        assert np.array_equal(one.log10_dh, other.log10_dh)
    assert all(map(np.array_equal, _weights(interrupted), _weights(whole)))


def test_hold_ends_the_steps_after_the_update_under_way() -> None:
    process = TrainingProcess(beginning(tiny_plan()))
    steps = process.steps()
    next(steps)
    next(steps)
    process.hold()
    assert list(steps) == []
    assert process.snapshot().update == 1


def test_hold_before_the_thread_begins_counts() -> None:
    process = TrainingProcess(beginning(tiny_plan()))
    steps = process.steps()
    process.hold()
    assert len(list(steps)) == 1
    assert process.snapshot().update == 0
    assert driven(process).update == 20


def test_a_branch_with_the_same_settings_ends_where_the_training_ended() -> None:
    whole = finished(tiny_plan())
    moment = whole.moments[whole.moment_at(8)]
    assert moment.update == 8
    branch = finished(tiny_plan(updates=12), whole, moment)
    assert branch.before is not None
    assert branch.planned == 20
    assert branch.networks[0].updates.tolist() == list(range(1, 21))
    assert np.array_equal(branch.networks[1].loss, whole.networks[1].loss)
    assert all(map(np.array_equal, _weights(branch), _weights(whole)))
    assert [each.update for each in branch.moments] == list(range(21))


def test_a_branch_with_another_rate_shares_the_past_alone() -> None:
    whole = finished(tiny_plan())
    plan = tiny_plan(updates=12)
    changed = replace(plan, settings=replace(plan.settings, lr=0.1))
    branch = finished(changed, whole, whole.moments[8])
    same = branch.networks[0].loss == whole.networks[0].loss
    assert same[:9].all()  # the loss of update 9 is that before its step
    assert not same[9:].any()


def test_probe_is_looked_at_before_the_first_update_and_after_the_last() -> None:
    record = finished(tiny_plan(updates=30))
    for network in record.networks:
        assert network.probe_updates[0] == 0
        assert network.probe_updates[-1] == 30
        assert network.log10_dh.shape == (31, 6)
    gates = record.networks[0].gates
    assert gates is not None
    assert gates.shape == (31, 3, 2)
    assert record.networks[1].gates is None


def test_snapshots_do_not_change_when_training_goes_on() -> None:
    process = TrainingProcess(beginning(tiny_plan(updates=80)))
    early = driven(process, most=40)
    kept = early.networks[0].loss.copy()
    driven(process)
    assert np.array_equal(early.networks[0].loss, kept)
    assert len(early.moments) == 41
    assert not early.networks[0].loss.flags.writeable


def test_breakdown_keeps_the_last_good_moment() -> None:
    record = finished(explosion())
    stop = record.networks[0].stop
    assert stop is not None
    assert stop.reason is StopReason.NONFINITE
    assert stop.words.startswith("At update 3, ")
    assert record.moments[-1].update == 1
    assert all(np.isfinite(array).all() for array in _weights(record))


def test_a_network_that_breaks_down_leaves_the_other_its_moments() -> None:
    plan = _lstm_beside_a_runaway()
    record = finished(plan)
    lstm, rnn = record.networks
    assert rnn.stop is not None
    assert rnn.stop.reason is StopReason.NONFINITE
    assert lstm.updates[-1] == plan.settings.updates
    last = record.moments[-1]
    assert last.update == plan.settings.updates
    assert all(np.isfinite(array).all() for array in last.states[rnn.key].network.state_dict().values())


def test_a_branch_leaves_out_what_had_broken_down() -> None:
    plan = _lstm_beside_a_runaway()
    record = finished(plan)
    branch = finished(plan, record, record.moments[-1])
    assert [network.key for network in branch.networks] == ["network"]
    assert branch.update == 2 * plan.settings.updates


def _lstm_beside_a_runaway() -> TrainingPreset:
    runaway = explosion()
    plan = replace(tiny_plan(runaway.task, updates=6), settings=replace(runaway.settings, updates=6))

    class Both(TrainingPreset):
        def build(self) -> dict:  # type: ignore[type-arg]
            return {"network": plan.build()["network"], "baseline": runaway.build()["network"]}

    return Both(**{name: getattr(plan, name) for name in TrainingPreset.__dataclass_fields__})


def test_text_training_is_asked_at_every_step() -> None:
    assert not finished(text_plan()).asked_at_end
    assert finished(tiny_plan(updates=1)).asked_at_end


def test_resumed_from_a_record_it_goes_on_as_if_never_interrupted() -> None:
    record = driven(TrainingProcess(beginning(tiny_plan(updates=300))), most=70)
    resumed, whole = driven(TrainingProcess(resumption(record))), finished(tiny_plan(updates=300))
    for one, other in zip(resumed.networks, whole.networks, strict=True):
        assert np.array_equal(one.loss, other.loss)
        assert np.array_equal(one.validations, other.validations)
        assert np.array_equal(one.probe_updates, other.probe_updates)
        assert np.array_equal(one.log10_dh, other.log10_dh)
        assert one.stop == other.stop
    assert all(map(np.array_equal, _weights(resumed), _weights(whole)))
    assert resumed.planned == whole.planned == 300


def test_resumed_beside_a_network_that_has_broken_down() -> None:
    plan = _lstm_beside_a_runaway()
    record = driven(TrainingProcess(beginning(plan)), most=4)
    assert record.networks[1].stop is not None
    resumed = driven(TrainingProcess(resumption(record)))
    assert [each.stop.reason for each in resumed.networks if each.stop] == [StopReason.UPDATES, StopReason.NONFINITE]
    assert np.array_equal(resumed.networks[0].loss, finished(plan).networks[0].loss)


def test_a_training_that_is_over_cannot_be_resumed() -> None:
    with pytest.raises(LstmvizError, match="is over"):
        resumption(finished(tiny_plan()))


def test_patience_gives_the_best_moment_and_a_branch_waits_anew() -> None:
    plan = tiny_plan(updates=2000)
    restless = replace(plan.settings, lr=0.5, patience=5, validate_every=2)
    record = finished(replace(plan, settings=restless))
    stop = record.networks[0].stop
    assert stop is not None
    assert stop.reason is StopReason.PATIENCE
    validations = record.networks[0].validations
    assert record.result.update == validations[validations[:, 2].argmin(), 0]
    assert f"update {record.result.update:,}." in stop.words
    again = finished(replace(plan, settings=restless), record, record.moments[-1])
    assert again.update >= record.moments[-1].update + 2 * 5
    assert again.networks[0].stop is not None
    assert again.networks[0].stop.reason is StopReason.PATIENCE
    assert f"update {again.result.update:,}." in again.networks[0].stop.words


def test_the_best_moment_stays_however_many_others_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lstmviz.core.training.recorder.MOST_MOMENTS", 4)
    plan = tiny_plan(updates=120)
    record = finished(replace(plan, settings=replace(plan.settings, lr=0.2, validate_every=3)))
    best = best_update(record.networks[0], plan.task.metric, 0)
    assert best is not None
    assert best[0] in [moment.update for moment in record.moments]
    assert len(record.moments) <= 5
