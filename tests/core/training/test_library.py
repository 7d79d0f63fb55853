"""Training as a library: what the README shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import lstmviz


def test_train_gives_loss_and_network_at_every_update(tmp_path: Path) -> None:
    task = lstmviz.make_task("adding", length=8)
    net = lstmviz.Network.create("lstm", task.input_size, 4, output_size=task.output_size)
    seen = []
    for p in lstmviz.train(net, task, optimizer="adam", lr=0.01, clip=1.0, updates=6, seed=0):
        seen.append((p.update, p.loss, p.network))
    assert [update for update, _, _ in seen] == [1, 2, 3, 4, 5, 6]
    assert all(np.isfinite(loss) for _, loss, _ in seen)
    trained = seen[-1][2]
    assert trained != net
    lstmviz.save_network(trained, tmp_path / "adder.safetensors")
    x = np.random.default_rng(0).random((8, 1, 2))
    again = lstmviz.load_network(tmp_path / "adder.safetensors")
    assert lstmviz.forward(again, x).y.tobytes() == lstmviz.forward(trained, x).y.tobytes()
