"""The loop over updates: it agrees with PyTorch, repeats itself, learns, clips, truncates, stops and goes on."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import Nonlinearity
from lstmviz.core.training.batches import make_batch
from lstmviz.core.training.bptt import loss_and_gradient
from lstmviz.core.training.catalogue import make_task
from lstmviz.core.training.learning_rate import find_learning_rate
from lstmviz.core.training.losses import Loss
from lstmviz.core.training.metrics import Metric
from lstmviz.core.training.optimisers import Optimiser
from lstmviz.core.training.presets import PRESETS
from lstmviz.core.training.probe import Probe
from lstmviz.core.training.settings import ClipBy, TrainingSettings
from lstmviz.core.training.tasks import Baseline, Task
from lstmviz.core.training.trainer import StopReason, Trainer
from lstmviz.core.training.training import compare, train

SINE = make_task("sine", 12)
TORCH = dict(np.load(Path(__file__).parent / "torch_updates.npz"))


def a_network(cell="lstm", task=SINE, hidden=6, **options):
    return Network.create(cell, task.input_size, hidden, output_size=task.output_size, **options)


def last(iterator):
    for each in iterator:
        found = each
    return found


def same_weights(a, b):
    return all(np.array_equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


def weights_of(prefix):
    return {name.removeprefix(prefix): array for name, array in TORCH.items() if name.startswith(prefix)}


class OneBatch(Task):
    """The same batch at every update."""

    loss = Loss.SQUARED_ERROR
    name = title = "one batch"
    metric = Metric.MEAN_SQUARED_ERROR
    features = ("x", "y", "z")
    answers = ("a", "b")
    baseline = Baseline(0.0, 0.0, "")

    def __init__(self, loss, given):
        self.loss, self.given = loss, given
        self.metric = Metric.ACCURACY if loss is Loss.CROSS_ENTROPY else Metric.MEAN_SQUARED_ERROR

    def batch(self, random, size):
        """The batch given, whatever is asked for."""
        return self.given


@pytest.mark.parametrize("case", sorted({name.rpartition("/losses")[0] for name in TORCH if name.endswith("/losses")}))
def test_losses_and_weights_of_twenty_updates_are_those_of_pytorch(case):
    _, loss, optimiser = case.split("/")
    loss = Loss(loss)
    target = TORCH["numbers"] if loss is Loss.SQUARED_ERROR else TORCH["classes"]
    task = OneBatch(loss, make_batch(TORCH["x"], target, TORCH["mask"]))
    before, after = (weights_of(f"{case}/{when}/") for when in ("before", "after"))
    settings = {"lr": 0.05} if optimiser == "adam" else {"lr": 0.2, "momentum": 0.9}
    trainer = Trainer(
        Network.from_state_dict(before),
        task,
        TrainingSettings(Optimiser(optimiser), clip=0.1, clip_by=ClipBy.VALUE, **settings),
    )
    steps = [trainer.advance(task.given, None) for _ in TORCH[f"{case}/losses"]]
    assert_allclose([step.loss for step in steps], TORCH[f"{case}/losses"], rtol=1e-9)
    for name, array in steps[-1].network.state_dict().items():
        assert_allclose(array, after[name], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("cell", ["lstm", "rnn"])
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_the_same_arguments_give_the_same_bits(cell, optimizer):
    runs = [list(train(a_network(cell), SINE, optimizer=optimizer, updates=5, seed=4, clip=0.1)) for _ in range(2)]
    assert [p.loss for p in runs[0]] == [p.loss for p in runs[1]]
    assert same_weights(runs[0][-1].network, runs[1][-1].network)
    other = last(train(a_network(cell), SINE, optimizer=optimizer, updates=5, seed=5, clip=0.1))
    assert not same_weights(runs[0][-1].network, other.network)


def test_networks_that_are_compared_train_as_if_they_were_alone():
    networks = {"lstm": a_network(), "rnn": a_network("rnn")}
    together = last(compare(networks, SINE, updates=6))
    for name, network in networks.items():
        assert same_weights(together[name].network, last(train(network, SINE, updates=6)).network)


def test_training_goes_on_from_a_state_as_if_it_had_never_stopped():
    whole = list(train(a_network(), SINE, updates=8, lr=0.01))
    rest = list(train(whole[4].state, SINE, updates=3, lr=0.01))
    assert [p.update for p in rest] == [6, 7, 8]
    assert same_weights(rest[-1].network, whole[-1].network)
    branch = last(train(whole[4].state, SINE, updates=3, lr=0.001, optimizer="sgd"))
    assert not same_weights(branch.network, whole[-1].network)


@pytest.mark.parametrize(
    ("cell", "task", "updates", "options"),
    [
        ("lstm", make_task("adding", 6), 300, {"lr": 0.02}),
        ("lstm", make_task("recall", 5, keys=2), 60, {"lr": 0.05}),
        ("rnn", make_task("recall", 3, keys=2), 60, {"lr": 0.05}),
        ("lstm", make_task("sine", 15), 100, {"lr": 0.05}),
        ("lstm", make_task("sine", 15), 100, {"lr": 0.2, "optimizer": "sgd", "clip": 1.0}),
        ("lstm", make_task("counting", 3), 120, {"lr": 0.05}),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_tiny_tasks_are_learned_far_below_their_baseline(cell, task, updates, options):
    *_, before = (progress.loss for progress in islice(train(a_network(cell, task, 8), task, **options), 1))
    end = last(train(a_network(cell, task, 8), task, updates=updates, validate_every=updates, **options))
    assert before > 0.9 * task.baseline.loss
    assert end.validation.loss < 0.5 * task.baseline.loss
    assert task.metric.better(end.validation.metric, task.baseline.metric)


def test_gradient_norms_before_and_after_clipping():
    by_norm = next(train(a_network(), SINE, clip=0.01))
    free = next(train(a_network(), SINE))
    assert by_norm.gradient_norm == free.gradient_norm == free.clipped_norm > 0.01
    assert by_norm.clipped_norm == pytest.approx(0.01)
    batch = SINE.batch(np.random.default_rng((0, 0, 1)), 32)
    gradient = loss_and_gradient(a_network(), SINE.loss, batch).gradient
    assert free.gradient_norm == pytest.approx(np.linalg.norm(gradient))
    by_value = next(train(a_network(), SINE, clip=0.01, clip_by="value"))
    assert by_value.clipped_norm == pytest.approx(np.linalg.norm(gradient.clip(-0.01, 0.01)))


@pytest.mark.parametrize("cell", ["lstm", "rnn"])
@pytest.mark.parametrize("window", [12, 100])
def test_a_window_over_everything_is_full_bptt(cell, window):
    plain = last(train(a_network(cell, num_layers=2), SINE, updates=3))
    assert same_weights(
        last(train(a_network(cell, num_layers=2), SINE, updates=3, truncate=window)).network, plain.network
    )


@pytest.mark.parametrize("cell", ["lstm", "rnn"])
def test_truncation_keeps_the_loss_and_cuts_the_gradient_between_windows(cell):
    network = a_network(cell, num_layers=2)
    batch = SINE.batch(np.random.default_rng(0), 3)
    full, cut = (loss_and_gradient(network, SINE.loss, batch, window) for window in (None, 5))
    assert cut.loss == pytest.approx(full.loss, rel=1e-12)
    assert_allclose(cut.y, full.y, rtol=1e-12)
    assert not np.allclose(cut.gradient, full.gradient)
    # what does not flow through time is the same: the head reads every step's own h
    head = network.output_size * (network.hidden_size + 1)
    assert_allclose(cut.gradient[-head:], full.gradient[-head:], rtol=1e-10)


def exploding(task=SINE, **options):
    return Network.create(
        "rnn", task.input_size, 4, output_size=1, nonlinearity=Nonlinearity.IDENTITY,
        initialisation="orthogonal", **options,
    )  # fmt: skip


def test_a_number_that_is_not_finite_stops_training_and_the_last_good_network_is_kept():
    steps = list(train(exploding(recurrent_scale=1.5), SINE, optimizer="sgd", lr=10.0, updates=50))
    end = steps[-1]
    assert end.stop.reason is StopReason.NONFINITE
    assert end.update == len(steps) < 50
    assert end.stop.place.t >= 1
    assert f"update {end.update:,}" in end.stop.words
    assert str(end.stop.place) in end.stop.words
    # the pass that failed was that of the state before; the one kept has a finite loss and gradient
    assert end.state is steps[-3].state
    batch = SINE.batch(np.random.default_rng((0, 0, end.state.update + 1)), 32)
    assert loss_and_gradient(end.network, SINE.loss, batch).finite
    assert not loss_and_gradient(
        steps[-2].network, SINE.loss, SINE.batch(np.random.default_rng((0, 0, end.update)), 32)
    ).finite


def test_a_place_in_a_later_window_counts_from_the_beginning():
    network = exploding(recurrent_scale=1e60)
    sine = SINE.batch(np.random.default_rng(0), 1)
    batch = make_batch(sine.x, np.zeros((12, 1), int), np.ones((12, 1), bool))
    whole, cut = (loss_and_gradient(network, Loss.CROSS_ENTROPY, batch, window) for window in (None, 4))
    assert whole.fault.t > 4
    assert str(cut.fault) == str(whole.fault)


def test_a_loss_that_overflows_by_itself_names_the_output_that_made_it():
    network = exploding(recurrent_scale=1e30)
    end = next(train(network, make_task("sine", 7)))
    assert end.stop.reason is StopReason.NONFINITE
    assert (end.stop.place.node, end.stop.place.t) == ("y", 7)
    assert np.isfinite(end.stop.place.value)
    assert "the loss is inf" in end.stop.words


def test_one_network_breaking_down_does_not_stop_the_other():
    networks = {"good": a_network("rnn"), "bad": exploding(recurrent_scale=1e60)}
    end = last(compare(networks, SINE, updates=4))
    assert end["bad"].stop.reason is StopReason.NONFINITE
    assert end["bad"].update == 1
    assert same_weights(end["bad"].network, networks["bad"])
    assert (end["good"].update, end["good"].stop.reason) == (4, StopReason.UPDATES)


def test_early_stopping_gives_the_best_weights():
    steps = list(train(a_network(), SINE, optimizer="sgd", lr=5.0, updates=200, validate_every=2, patience=3))
    end = steps[-1]
    assert end.stop.reason is StopReason.PATIENCE
    validated = [step for step in steps if step.validation]
    best = min(validated, key=lambda step: step.validation.metric)
    assert end.state.update == best.state.update == end.update - 6


def test_a_state_carries_what_early_stopping_remembers():
    settings = {"optimizer": "sgd", "lr": 5.0, "validate_every": 2, "patience": 3}
    whole = list(train(a_network(), SINE, updates=200, **settings))
    part = list(train(a_network(), SINE, updates=len(whole) - 3, **settings))
    rest = list(train(part[-1].state, SINE, updates=203 - len(whole), **settings))
    assert [step.loss for step in rest] == [step.loss for step in whole[-3:]]
    assert rest[-1].stop == whole[-1].stop
    assert same_weights(rest[-1].network, whole[-1].network)


def test_a_goal_stops_training():
    end = last(train(a_network(), SINE, lr=0.02, updates=200, validate_every=5, goal=0.5))
    assert end.stop.reason is StopReason.GOAL
    assert end.validation.metric <= 0.5


def test_the_learning_rate_finder_suggests_a_rate_that_learns():
    search = find_learning_rate(a_network(), SINE, updates=60, highest=10.0)
    assert all(a.rate < b.rate for a, b in zip(search.points, search.points[1:], strict=False))
    assert search.points[0].rate < search.suggestion < search.points[-1].rate
    end = last(train(a_network(), SINE, lr=search.suggestion, updates=60, validate_every=60))
    assert end.validation.loss < 0.5 * search.points[0].loss


def test_a_probe_is_one_sequence_whose_gradient_is_looked_at():
    probe = Probe(SINE, seed=1)
    network = a_network()
    probed, again = probe.look(network), Probe(SINE, seed=1).look(network)
    assert probed.trace.y.shape == (12, 1, 1)
    assert_array_equal(probed.log10_dh, again.log10_dh)
    assert_allclose(10**probed.log10_dh, np.linalg.norm(probed.gradients["l0"].h[:, 0], axis=-1))
    assert probed.loss == pytest.approx(float(((probed.trace.y - probe.batch.target) ** 2).mean()))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"lr": 1e6}, "learning rate is 1e"),
        ({"lr": float("nan")}, "learning rate"),
        ({"optimizer": "magic"}, "adam"),
        ({"batch_size": 0}, "batch_size"),
        ({"clip": 0.0}, "threshold"),
        ({"truncate": 0}, "truncate"),
        ({"momentum": 1.0}, "momentum"),
        ({"tempo": 3}, "optimizer"),
        ({"patience": 3, "validate_every": 0}, "validations"),
    ],
)
def test_impossible_settings_are_refused_before_the_first_update(settings, words):
    with pytest.raises(LstmvizError, match=words):
        train(a_network(), SINE, **settings)


def test_float32_networks_train_in_float32():
    steps = list(train(a_network(dtype=np.float32), SINE, lr=0.02, updates=30, clip=1.0))
    assert steps[-1].network.dtype == np.float32
    assert steps[-1].loss < 0.5 * steps[0].loss


def test_networks_that_do_not_fit_are_refused():
    with pytest.raises(LstmvizError, match="GiB"):
        train(a_network(hidden=300), SINE, batch_size=20_000)
    with pytest.raises(LstmvizError, match="needs 2"):
        train(a_network(), make_task("adding", 5))
    with pytest.raises(LstmvizError, match="reads from the end"):
        train(a_network(bidirectional=True), SINE, truncate=4)
    with pytest.raises(LstmvizError, match="different numbers of updates"):
        compare({"a": next(train(a_network(), SINE)).state, "b": a_network()}, SINE)


def test_over_a_long_lag_the_lstm_learns_what_the_rnn_cannot():
    preset = next(preset for preset in PRESETS if preset.name == "long-lag")
    settings = {"lr": preset.settings.lr, "clip": preset.settings.clip, "updates": 60, "validate_every": 60}
    end = last(compare(preset.build(), preset.task, **settings))
    assert end["network"].validation.metric > 0.95
    assert end["baseline"].validation.metric < 0.65


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_presets_do_what_they_say_from_the_start(preset):
    networks = preset.build()
    trainers = {name: Trainer(network, preset.task, preset.settings) for name, network in networks.items()}
    batches = (preset.task.batch(np.random.default_rng((0, 0, update)), 32) for update in range(1, 41))
    losses, norms = [], []
    for batch in islice(batches, 40 if len(networks) == 1 else 2):
        done = {name: trainer.advance(batch, None) for name, trainer in trainers.items()}
        losses.append(done["network"].loss)
        norms.append(done["network"].gradient_norm)
        if done["network"].stop:
            break
    if preset.name == "explosion":
        assert done["network"].stop.reason is StopReason.NONFINITE
        assert len(losses) < 10
    else:
        assert done["network"].stop is None
    if preset.name == "clipped":
        assert norms[0] > 1000
        assert losses[-1] < preset.task.baseline.loss
