"""A run with what-ifs goes on from the run without: what comes before a change is copied, not computed again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import lstmviz
from lstmviz.core.arrays import frozen
from lstmviz.core.engine.passes import forward_steps
from lstmviz.core.engine.trace import LSTMTrace, Trace
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.intervention import alterations_of, changed_network
from lstmviz.core.experiments.objective import Objective, ObjectiveKind, Where
from lstmviz.core.experiments.sequence_changes import changed_values
from lstmviz.core.experiments.what_if import (
    Clamp,
    DeleteStep,
    InsertStep,
    MemoryBlocks,
    Peepholes,
    ScaleWeight,
    SetInput,
    SetWeight,
    Silence,
    SwapSteps,
    UseVariant,
    Variant,
    WhatIf,
)
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.progress import drain
from lstmviz.core.run import analyse, analysing, expected_seconds
from tests.experiments import random_lstm, squared_error

LENGTH = 11
FROM_STEP_6 = {
    "clamp f": Clamp("f", "l0", 2, 6, 8, 1.0),
    "set c": Clamp("c", "l0", 1, 6, 6, 2.0),
    "set h": Clamp("h", "l0", None, 6, 6, 0.5),
    "set input": SetInput(6, 1, 4.0),
    "swap": SwapSteps(9, 6),
    "insert": InsertStep(6, (1.0, -1.0, 0.0)),
    "delete": DeleteStep(6),
}
FROM_THE_START = {
    "silence": Silence("l0", 1),
    "weight": SetWeight("weight_hh_l0", (4, 1), 1.5),
    "scale": ScaleWeight("bias_ih_l0", 3.0, "f"),
    "peepholes": Peepholes(0.5, 0.5, 0.5),
    "blocks": MemoryBlocks(2),
    "coupled": UseVariant(Variant.COUPLED_GATES),
}
AT_THE_END = {"append": InsertStep(LENGTH + 1, (1.0, 2.0, 3.0)), "delete last": DeleteStep(LENGTH)}


def asked(change, **options):
    options = {"num_layers": 2, "output_size": 2} | options
    return replace(random_lstm(length=LENGTH, **options), what_ifs=(WhatIf(change),))


def spoilt(trace: Trace) -> Trace:
    """The same trace with other pre-activations, which nothing that is copied looks at."""
    layers = {name: replace(layer, z=frozen(np.full_like(layer.z, 1e6))) for name, layer in trace.layers.items()}
    return replace(trace, layers=layers)


def arrays(layer):
    names = ("z", "h_states", "gates", "tanh_c", "c_states") if isinstance(layer, LSTMTrace) else ("z", "h_states")
    return {name: getattr(layer, name) for name in names}


@pytest.mark.parametrize("name", FROM_STEP_6)
def test_steps_before_the_change_are_the_same_bits_and_not_computed_again(name):
    run = analyse(asked(FROM_STEP_6[name]))
    assert run.before is not None
    runs = [(run.trace, run.before.trace)]
    if not isinstance(FROM_STEP_6[name], Clamp):
        assert run.baseline is not run.before.baseline
        runs.append((run.baseline.trace, run.before.baseline.trace))
    for trace, before in runs:
        for layer, changed in trace.layers.items():
            for node in changed.NODES:
                assert_array_equal(getattr(changed, node)[:5], getattr(before[layer], node)[:5])
        assert_array_equal(trace.y[:5], before.y[:5])
        assert (trace.y[5] != before.y[5]).any()
    known = spoilt(run.before.trace)
    again = going_on(known, [FROM_STEP_6[name]])
    for layer in again.layers.values():
        assert (layer.z[:5] == 1e6).all()
        assert (layer.z[5:] != 1e6).all()


def going_on(known, changes):
    net = changed_network(known.network, changes)
    x = changed_values(known.x, changes)
    return drain(forward_steps(net, x, alterations=alterations_of(net, len(x), changes), known=known))


@pytest.mark.parametrize("options", [{}, {"num_layers": 2, "bidirectional": True}, {"cell": Cell.RNN}])
@pytest.mark.parametrize("name", [*FROM_STEP_6, *FROM_THE_START, *AT_THE_END])
def test_going_on_gives_what_computing_all_gives(name, options):
    change = (FROM_STEP_6 | FROM_THE_START | AT_THE_END)[name]
    only_lstm = name in ("clamp f", "set c", "peepholes", "blocks", "coupled", "scale")
    if options.get("cell") is Cell.RNN and only_lstm:
        change = Clamp("h", "l0", 0, 4, 5, 0.25)
    experiment = asked(change, **options)
    run = analyse(experiment)
    net = changed_network(run.before.network, [change])
    x = run.sequence.values
    fresh = drain(forward_steps(net, x, alterations=alterations_of(net, len(x), [change])))
    assert list(fresh.layers) == list(run.trace.layers)
    for name_, layer in fresh.layers.items():
        got = run.trace[name_]
        assert_array_equal(got.x.shape, layer.x.shape)
        for node, array in arrays(layer).items():
            assert_allclose(getattr(got, node), array, rtol=1e-12, atol=1e-12)
            assert not getattr(got, node).flags.writeable
    assert_allclose(run.trace.y, fresh.y, rtol=1e-12, atol=1e-12)
    gradients = lstmviz.backward(fresh, run.main.dy)
    for name_, array in gradients.params.items():
        assert_allclose(run.gradients.params[name_], array, rtol=1e-10, atol=1e-12)


def test_a_direction_that_reads_from_the_end_is_affected_from_the_other_end():
    for change in (SetInput(6, 0, 3.0), InsertStep(6, (1.0, 2.0, 3.0)), Clamp("o", "l0_reverse", 1, 4, 6, 0.9)):
        known = analyse(random_lstm(length=LENGTH, bidirectional=True)).trace
        again = going_on(spoilt(known), [change])
        after = 5 if isinstance(change, SetInput | Clamp) else 6
        assert_array_equal(again["l0_reverse"].h[-after:], known["l0_reverse"].h[-after:])
        assert (again["l0_reverse"].z[-after:] == 1e6).all()
        assert (again["l0_reverse"].z[:-after] != 1e6).all()
        if isinstance(change, Clamp):
            assert again["l0"] is not known["l0"]
            assert (again["l0"].z == 1e6).all()


def test_layers_below_the_change_are_the_very_same():
    run = analyse(asked(Clamp("f", "l1", 2, 3, 4, 0.5)))
    assert run.trace["l0"] is run.before.trace["l0"]
    assert run.trace["l1"].h[1].tobytes() == run.before.trace["l1"].h[1].tobytes()
    assert run.baseline is run.before.baseline


def test_initial_states_that_differ_are_not_gone_on_from():
    net = lstmviz.Network.create("lstm", 2, 3)
    x = np.ones((4, 2))
    known = spoilt(lstmviz.forward(net, x))
    again = drain(forward_steps(net, x, np.full((1, 1, 3), 0.5), known=known))
    assert (again["l0"].z != 1e6).all()


def test_the_run_before_stands_beside_the_run_after():
    plain = random_lstm()
    assert analyse(plain).before is None
    experiment = replace(plain, what_ifs=(WhatIf(Silence("l0", 1)), WhatIf(DeleteStep(99), enabled=False)))
    run = analyse(experiment)
    assert run.experiment == experiment
    assert run.before.experiment == plain
    assert_array_equal(run.before.trace.y, analyse(plain).trace.y)
    assert run.before.main.loss == analyse(plain).main.loss != run.main.loss
    assert analyse(replace(plain, what_ifs=(WhatIf(Silence("l0", 1), enabled=False),))).before is None


def test_a_known_run_is_used_again():
    plain = random_lstm()
    known = analyse(plain)
    clamped = replace(plain, notes="what if?", what_ifs=(WhatIf(Clamp("f", "l0", 2, 3, 8, 1.0)),))
    run = analyse(clamped, known)
    assert run.before.main is known.main
    other = analyse(replace(plain, what_ifs=(WhatIf(Silence("l0", 1)),)), run)
    assert other.before.main is known.main
    back = analyse(plain, other)
    assert back.main is known.main
    assert back.before is None
    longer = replace(random_lstm(length=12), what_ifs=clamped.what_ifs)
    assert analyse(longer, run).before.main is not known.main


def test_the_sequence_and_its_targets_of_a_run_are_the_changed_ones():
    plain = random_lstm(output_size=1)
    targets = np.arange(11.0)[:, None]
    plain = replace(plain, objective=squared_error(targets.tolist(), Where.EVERY))
    run = analyse(replace(plain, what_ifs=(WhatIf(DeleteStep(3)), WhatIf(Clamp("f", "l0", 0, 2, 40, 0.5)))))
    assert run.length == run.sequence.length == 10
    assert run.before.length == 11
    assert_array_equal(run.objective.target, np.delete(targets, 2, axis=0))
    assert run.main.dy.shape == (10, 1, 1)
    assert run.baseline.trace.length == 10
    assert (run.trace["l0"].f[1:, 0, 0] == 0.5).all()


def test_a_what_if_that_no_longer_fits_is_named():
    experiment = replace(random_lstm(length=4), what_ifs=(WhatIf(Clamp("f", "l0", 2, 5, 8, 1.0)),))
    with pytest.raises(LstmvizError, match=r"“clamp f\[2\] = 1, steps 5-8” does not fit.*no step 5.*switch this"):
        analyse(experiment)


def test_an_objective_beyond_the_end_is_refused_in_words():
    objective = Objective(ObjectiveKind.ONE_UNIT, t=11)
    experiment = replace(random_lstm(), objective=objective, what_ifs=(WhatIf(DeleteStep(3)),))
    with pytest.raises(LstmvizError, match="no step 11"):
        analyse(experiment)


def test_progress_of_both_runs_grows_from_start_to_end():
    experiment = replace(
        random_lstm(length=3000, hidden_size=2),
        what_ifs=(WhatIf(Clamp("f", "l0", 0, 2, 9, 1.0)), WhatIf(DeleteStep(1))),
    )
    fractions = [progress.fraction for progress in analysing(experiment)]
    assert fractions == sorted(fractions)
    assert fractions[0] < 0.2
    assert fractions[-1] == 1
    assert expected_seconds(experiment) > 2 * expected_seconds(experiment.without_what_ifs())
