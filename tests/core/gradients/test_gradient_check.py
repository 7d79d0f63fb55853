"""The gradient check: right for the engine whatever the network, and aware of what it cannot tell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lstmviz
from lstmviz.core.arrays import frozen
from lstmviz.core.experiments.objective import Objective, ObjectiveKind, Where
from lstmviz.core.gradients.differences import at_kinks, central_differences
from lstmviz.core.gradients.gradient_check import gradient_check_steps

NETWORKS = {
    "lstm": {},
    "lstm stacked, both directions, head": {"num_layers": 2, "bidirectional": True, "output_size": 2},
    "rnn tanh stacked": {"cell": "rnn", "num_layers": 2},
    "rnn relu both directions": {"cell": "rnn", "nonlinearity": "relu", "bidirectional": True},
    "rnn identity": {"cell": "rnn", "nonlinearity": "identity", "output_size": 1},
    "lstm exploding": {"recurrent_scale": 20.0},
    "lstm without bias": {"forget_bias": None},
}


def run(length=7, batch=2, seed=3, **options):
    """(trace, dy) with initial states that are not zero."""
    options = {"cell": "lstm", "input_size": 2, "hidden_size": 3, "seed": seed} | options
    network = lstmviz.Network.create(**options)
    random = np.random.default_rng(seed)
    shape = (len(network.layers) * network.num_directions, batch, network.hidden_size)
    h0, c0 = random.standard_normal((2, *shape))
    x = random.standard_normal((length, batch, 2))
    trace = lstmviz.forward(network, x, h0, c0 if options["cell"] == "lstm" else None)
    return trace, random.standard_normal(trace.y.shape)


@pytest.mark.parametrize("kind", NETWORKS)
def test_the_engine_passes(kind):
    options = NETWORKS[kind]
    trace, dy = run(**options)
    check = lstmviz.gradient_check(trace, dy, most=8)
    assert check.passed
    assert check.error < 1e-8
    assert check.kinks == 0
    assert check.unresolved <= check.checked // 20
    assert check.in_words().startswith("checked, ")
    gates = [f" {gate}" for gate in "ifgo"] if trace.network.cell.value == "lstm" else [""]
    nodes = ["h", "z_o", "c", "z_f", "z_i", "z_g"] if len(gates) == 4 else ["h", "z"]
    weights = [
        name + gate for name in trace.network.state_dict() for gate in ([""] if name.startswith("head") else gates)
    ]
    layers = reversed(list(trace.layers))
    assert [block.name for block in check.blocks] == [f"{layer} {node}" for layer in layers for node in nodes] + weights
    assert all(block.checked > 0 for block in check.blocks)


def test_every_entry_is_compared_where_there_are_few():
    trace, dy = run(length=4, batch=1)
    checked = {block.name: block.checked for block in lstmviz.gradient_check(trace, dy, most=1000).blocks}
    assert checked["weight_hh_l0 f"] == 9
    assert checked["weight_ih_l0 g"] == 6
    assert checked["bias_hh_l0 o"] == 3
    assert checked["l0 h"] == checked["l0 c"] == 12


def test_larger_networks_are_sampled():
    trace, dy = run(length=30, hidden_size=10)
    check = lstmviz.gradient_check(trace, dy, most=5)
    assert {block.checked for block in check.blocks} == {5}
    assert check.passed


@pytest.mark.parametrize("name", ["weight_ih_l0", "weight_hh_l1", "bias_hh_l0", "head.weight"])
def test_one_wrong_entry_fails_its_block_alone(name):
    trace, dy = run(num_layers=2, output_size=2)

    def wrong(trace, dy):
        right = lstmviz.backward(trace, dy)
        array = right.params[name].copy()
        array[-1] *= 1.001
        return replace(right, params={**right.params, name: frozen(array)})

    check = lstmviz.gradient_check(trace, dy, backward=wrong, most=1000)
    block = name if name.startswith("head") else f"{name} o"
    assert [each.name for each in check.failed] == [block]
    assert check.in_words() == f"wrong: {block}"
    assert not check.passed
    assert 1e-5 < check.error < 2e-3


def test_a_wrong_state_is_named_with_its_step():
    trace, dy = run(length=6)

    def wrong(trace, dy):
        right = lstmviz.backward(trace, dy)
        c = right["l0"].c.copy()
        c[:4] *= 2
        return replace(right, layers={"l0": replace(right["l0"], c=frozen(c))})

    check = lstmviz.gradient_check(trace, dy, backward=wrong)
    assert check.first_wrong is not None
    assert (check.first_wrong.name, check.first_wrong.wrong_at) == ("l0 c", 4)
    assert [block.name for block in check.failed] == ["l0 c"]
    assert check.in_words() == "wrong: l0 c at step 4"


def test_gradients_too_small_for_differences_are_counted_not_judged():
    """A forget gate at exp(-30) a step: dL/dc[1] is 10^-78, the loss is of the order of one."""
    network = lstmviz.Network.create("lstm", 2, 3, seed=0, forget_bias=-30.0, recurrent_scale=1e-3)
    trace = lstmviz.forward(network, np.random.default_rng(0).standard_normal((7, 2)))
    dy = np.zeros((7, 3))
    dy[-1] = 1
    check = lstmviz.gradient_check(trace, dy)
    assert check.passed
    assert check.unresolved > 0
    blocks = {block.name: block for block in check.blocks}
    assert blocks["l0 c"].unresolved > 0
    assert blocks["l0 h"].checked > 0


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_chaos_is_not_called_a_mistake(cell):
    """Gradients beyond 10^9 of outputs below 1: at early steps no step is small enough for a difference."""
    network = lstmviz.Network.create(cell, 2, 16, recurrent_scale=5.0 if cell == "rnn" else 20.0, output_size=2)
    trace = lstmviz.forward(network, np.random.default_rng(0).standard_normal((200, 2)))
    dy = np.random.default_rng(1).standard_normal(trace.y.shape)
    assert np.abs(lstmviz.backward(trace, dy)["l0"].h).max() > 1e9
    check = lstmviz.gradient_check(trace, dy, most=4)
    assert check.passed
    assert check.unresolved > 0


def test_states_after_the_loss_agree_on_zero():
    trace, dy = run(length=5)
    dy[2:] = 0
    check = lstmviz.gradient_check(trace, dy)
    assert check.passed
    assert check.unresolved == 0


def test_kinks_of_relu_are_left_out_and_counted():
    """Unit 0 has z exactly 0 at every step: to one side the loss changes, to the other it does not."""
    trace, dy = run(cell="rnn", nonlinearity="relu", bidirectional=False)
    zero = {name: array.copy() for name, array in trace.network.state_dict().items()}
    for array in zero.values():
        array[0] = 0
    network = trace.network.with_parameters(zero)
    trace = lstmviz.forward(network, trace.x, trace["l0"].h_states[:1])
    check = lstmviz.gradient_check(trace, dy, most=1000)
    blocks = {block.name: block for block in check.blocks}
    assert blocks["l0 z"].kinks == 7
    assert blocks["bias_ih_l0"].kinks == 1
    assert check.passed


def test_a_loss_is_checked_too():
    trace, _ = run(batch=1, output_size=3)
    target = np.array([[0.0], [1.0], [2.0], [1.0], [0.0], [2.0], [2.0]])
    objective = Objective(ObjectiveKind.CROSS_ENTROPY, Where.EVERY, frozen(target))

    def loss(y):
        return objective.evaluate(y, None)[0]

    dy = objective.evaluate(trace.y, None)[1]
    check = lstmviz.gradient_check(trace, dy, loss=loss)
    assert check.blocks[0].name == "y"
    assert check.passed
    wrong = lstmviz.gradient_check(trace, 2 * dy, loss=loss)
    assert [block.name for block in wrong.failed] == ["y"]


def test_float32_networks_are_checked_in_float64():
    trace, dy = run()
    narrow = lstmviz.forward(trace.network.astype(np.float32), trace.x)
    check = lstmviz.gradient_check(narrow, dy)
    assert check.passed
    assert check.error < 1e-8


def test_a_network_that_overflows_is_not_called_checked():
    network = lstmviz.Network.create("rnn", 1, 2, nonlinearity="identity", recurrent_scale=1e200)
    trace = lstmviz.forward(network, np.ones((9, 1)))
    check = lstmviz.gradient_check(trace, np.ones((9, 2)))
    assert not check.passed
    assert not check.failed
    assert check.in_words().startswith("not checked")


def test_the_same_seed_gives_the_same_and_work_can_be_stopped():
    trace, dy = run(length=20)
    assert lstmviz.gradient_check(trace, dy, most=4) == lstmviz.gradient_check(trace, dy, most=4)
    steps = gradient_check_steps(trace, dy, most=4)
    first, second = next(steps), next(steps)
    assert 0 < first < second < 1
    steps.close()


def test_differences_know_how_exact_they_are():
    def value(w):
        return np.array([np.exp(1 + w[0]), np.sin(30 * w[1]), 1e-20 * w[2]])

    found = central_differences(lambda a, b: value(a) - value(b), np.ones(3), magnitude=1.0)
    assert (np.abs(found.values - [np.e, 30, 1e-20]) <= found.errors).all()
    assert_allclose(found.values[:2], [np.e, 30], rtol=1e-10)
    assert found.errors[2] > 1e-20


def test_a_kink_is_told_from_a_curve():
    def value(w):
        return np.array([abs(w[0]), w[1] ** 2, np.exp(50 * w[2])])

    assert at_kinks(lambda a, b: value(a) - value(b), np.ones(3), 1.0, 1e-6).tolist() == [True, False, False]
