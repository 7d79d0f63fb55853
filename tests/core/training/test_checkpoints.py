"""Checkpoints: bounded, denser where the loss moves, first and last kept, and each can be gone on from."""

from __future__ import annotations

import numpy as np
import pytest

from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.network import Network
from lstmviz.core.training.catalogue import make_task
from lstmviz.core.training.checkpoints import Checkpoints
from lstmviz.core.training.trainer import TrainingProgress, TrainingState
from lstmviz.core.training.training import train

SINE = make_task("sine", 8)
NETWORK = Network.create("lstm", 1, 3, output_size=1)


def kept_of(losses, **limits):
    checkpoints = Checkpoints(**limits)
    checkpoints.start(TrainingState(0, NETWORK))
    for update, loss in enumerate(losses, 1):
        checkpoints.add(TrainingProgress(update, loss, loss, 1.0, 1.0, TrainingState(update, NETWORK)))
    return checkpoints


def test_there_are_never_more_than_asked_for_and_the_first_and_last_stay():
    checkpoints = kept_of(np.ones(100), most=10)
    assert len(checkpoints) == 10
    assert (checkpoints.updates[0], checkpoints.updates[-1]) == (0, 100)
    assert checkpoints.updates == sorted(checkpoints.updates)


def test_memory_is_bounded():
    size = TrainingState(0, NETWORK).nbytes
    checkpoints = kept_of(np.ones(50), most_bytes=7 * size)
    assert checkpoints.nbytes == 7 * size
    assert len(checkpoints) == 7


def test_a_loss_that_stands_still_is_kept_evenly():
    gaps = np.diff(kept_of(np.ones(400), most=20).updates)
    assert gaps.max() < 4 * 400 / 19


def test_more_are_kept_where_the_loss_moves():
    losses = np.concatenate([np.ones(300), np.geomspace(1, 1e-3, 100), np.full(400, 1e-3)])
    losses *= np.exp(0.3 * np.random.default_rng(0).standard_normal(len(losses)))  # batches differ
    updates = np.array(kept_of(losses, most=60).updates)
    moving = (updates > 300) & (updates <= 450)
    assert moving.sum() / 150 > 2.5 * (~moving).sum() / 650


def test_the_moment_asked_for_is_the_last_one_before_it():
    checkpoints = kept_of(np.ones(3))
    assert checkpoints.at(2).update == 2
    assert checkpoints.at(99).update == 3
    assert checkpoints.at(-1).update == 0
    with pytest.raises(LstmvizError, match="Train first"):
        Checkpoints().at(1)


def test_a_checkpoint_can_be_branched():
    checkpoints = Checkpoints()
    steps = list(train(NETWORK, SINE, updates=6))
    for progress in steps:
        checkpoints.add(progress)
    again = list(train(checkpoints.at(3).state, SINE, updates=3))
    assert [p.loss for p in again] == [p.loss for p in steps[3:]]
    branch = list(train(checkpoints.at(3).state, SINE, updates=3, lr=0.1))
    assert branch[0].loss == steps[3].loss
    assert branch[2].loss != steps[5].loss


def test_a_breakdown_adds_no_checkpoint_of_the_past():
    checkpoints = kept_of(np.ones(5))
    checkpoints.add(TrainingProgress(6, np.nan, np.nan, np.nan, np.nan, TrainingState(4, NETWORK)))
    assert checkpoints.updates == [0, 1, 2, 3, 4, 5]
