"""Each classic mistake is found and named; without one the museum agrees with the engine."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from numpy.testing import assert_allclose

import lstmviz
from lstmviz.core.engine.bug_museum import Bug, buggy_backward
from lstmviz.core.errors import LstmvizError

KINDS = {
    "lstm": {"cell": "lstm"},
    "lstm stacked, both directions, head": {
        "cell": "lstm",
        "num_layers": 2,
        "bidirectional": True,
        "output_size": 2,
    },
    "rnn tanh": {"cell": "rnn"},
    "rnn relu, both directions": {"cell": "rnn", "nonlinearity": "relu", "bidirectional": True, "num_layers": 2},
}

NAMED = {
    Bug.NO_FORGET_SLOPE: ("l0 z_f", 6),
    Bug.DC_NOT_CARRIED: ("l0 c", 5),
    Bug.INPUT_BIAS_IS_FORGETS: ("bias_ih_l0 i", None),
    Bug.DH_NOT_CARRIED: ("l0 h", 5),
}


def run(seed=2, **options):
    """(trace, dy), the loss at the last step."""
    network = lstmviz.Network.create(**{"input_size": 2, "hidden_size": 3, "seed": seed} | options)
    random = np.random.default_rng(seed)
    trace = lstmviz.forward(network, random.standard_normal((6, 2, 2)))
    dy = np.zeros_like(trace.y)
    dy[-1] = random.standard_normal(dy[-1].shape)
    return trace, dy


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_mistake_it_is_the_engine(kind):
    trace, dy = run(**KINDS[kind])
    ours, engine = buggy_backward(trace, dy, None), lstmviz.backward(trace, dy)
    for name, expected in engine.params.items():
        assert_allclose(ours.params[name], expected, rtol=1e-12, atol=1e-14)
    assert list(ours.params) == list(engine.params)
    assert list(ours.layers) == list(engine.layers)
    for name, grads in engine.layers.items():
        for node in (*grads.NODES, *grads.INITIAL_STATES, "x"):
            assert_allclose(getattr(ours[name], node), getattr(grads, node), rtol=1e-12, atol=1e-14)
    assert_allclose(ours.x, engine.x, rtol=1e-12, atol=1e-14)
    assert_allclose(ours.h0, engine.h0, rtol=1e-12, atol=1e-14)
    assert (ours.c0 is None) == (engine.c0 is None)


@pytest.mark.parametrize("bug", Bug)
def test_every_mistake_is_found_and_named(bug):
    trace, dy = run(cell="lstm")
    assert lstmviz.gradient_check(trace, dy).error < 1e-8
    check = lstmviz.gradient_check(trace, dy, backward=partial(buggy_backward, bug=bug))
    assert not check.passed
    assert check.error > 0.1
    assert check.first_wrong is not None
    assert (check.first_wrong.name, check.first_wrong.wrong_at) == NAMED[bug]


def test_the_wrong_bias_spoils_nothing_else():
    trace, dy = run(cell="lstm")
    check = lstmviz.gradient_check(trace, dy, backward=partial(buggy_backward, bug=Bug.INPUT_BIAS_IS_FORGETS))
    assert [block.name for block in check.failed] == ["bias_ih_l0 i", "bias_hh_l0 i"]


def test_a_slope_left_out_shows_in_the_weights_of_the_forget_gate():
    trace, dy = run(cell="lstm")
    check = lstmviz.gradient_check(trace, dy, backward=partial(buggy_backward, bug=Bug.NO_FORGET_SLOPE))
    assert {"weight_ih_l0 f", "weight_hh_l0 f", "bias_ih_l0 f"} <= {block.name for block in check.failed}


@pytest.mark.parametrize("bug", Bug)
def test_the_mistake_of_a_stack_is_found_in_its_top_layer(bug):
    trace, dy = run(cell="lstm", num_layers=2)
    check = lstmviz.gradient_check(trace, dy, backward=partial(buggy_backward, bug=bug))
    assert check.first_wrong is not None
    name, step = NAMED[bug]
    top = name.replace("l0", "l1") if step else name
    assert (check.first_wrong.name, check.first_wrong.wrong_at) == (top, step)


def test_a_vanilla_rnn_has_place_for_one_mistake():
    trace, dy = run(cell="rnn")
    check = lstmviz.gradient_check(trace, dy, backward=partial(buggy_backward, bug=Bug.DH_NOT_CARRIED))
    assert check.in_words() == "wrong: l0 h at step 5"
    for bug in Bug:
        if bug is not Bug.DH_NOT_CARRIED:
            with pytest.raises(LstmvizError, match="vanilla RNN"):
                buggy_backward(trace, dy, bug)


def test_every_mistake_is_explained():
    for words in ([bug.wrong for bug in Bug], [bug.effect for bug in Bug]):
        assert len(set(words)) == len(Bug) == 4
        assert all(text.endswith(".") for text in words)
