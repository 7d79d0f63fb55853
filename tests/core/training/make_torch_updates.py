"""Writes torch_updates.npz: losses and weights of 20 updates by PyTorch. Run by hand where PyTorch is installed.

The file holds values only; ``test_training.py`` repeats the updates from the same weights on the same batch.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).parent
STEPS, BATCH, INPUTS, HIDDEN, OUTPUTS, UPDATES = 7, 4, 3, 5, 2, 20


def main() -> None:
    """Every combination of cell, loss and optimiser that the test repeats."""
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    arrays = {
        "x": random.standard_normal((STEPS, BATCH, INPUTS)),
        "numbers": random.standard_normal((STEPS, BATCH, OUTPUTS)),
        "classes": random.integers(0, OUTPUTS, (STEPS, BATCH)),
        "mask": random.random((STEPS, BATCH)) < 0.6,
    }
    for cell, loss, optimiser in (
        ("lstm", "squared error", "adam"),
        ("lstm", "cross-entropy", "sgd"),
        ("rnn", "squared error", "sgd"),
        ("rnn", "cross-entropy", "adam"),
    ):
        case = f"{cell}/{loss}/{optimiser}"
        arrays |= {f"{case}/{name}": array for name, array in trained(arrays, cell, loss, optimiser).items()}
    np.savez_compressed(HERE / "torch_updates.npz", **arrays)


def trained(arrays: dict[str, np.ndarray], cell: str, loss: str, optimiser: str) -> dict[str, np.ndarray]:
    """``before/...`` and ``after/...``, the weights, and ``losses``, one an update."""
    layer = {"lstm": torch.nn.LSTM, "rnn": torch.nn.RNN}[cell](INPUTS, HIDDEN, dtype=torch.float64)
    head = torch.nn.Linear(HIDDEN, OUTPUTS, dtype=torch.float64)
    weights = [*layer.parameters(), *head.parameters()]
    choose = {
        "adam": lambda: torch.optim.Adam(weights, lr=0.05),
        "sgd": lambda: torch.optim.SGD(weights, lr=0.2, momentum=0.9),
    }
    steps, mask = choose[optimiser](), torch.tensor(arrays["mask"])
    found = named(layer, head, "before")
    losses = []
    for _ in range(UPDATES):
        steps.zero_grad()
        y = head(layer(torch.tensor(arrays["x"]))[0])[mask]
        if loss == "squared error":
            value = torch.nn.functional.mse_loss(y, torch.tensor(arrays["numbers"])[mask])
        else:
            value = torch.nn.functional.cross_entropy(y, torch.tensor(arrays["classes"])[mask])
        value.backward()
        torch.nn.utils.clip_grad_value_(weights, 0.1)
        steps.step()
        losses.append(value.item())
    return found | named(layer, head, "after") | {"losses": np.array(losses)}


def named(layer: torch.nn.Module, head: torch.nn.Module, when: str) -> dict[str, np.ndarray]:
    """Copies of all weights by name."""
    weights = dict(layer.state_dict()) | {f"head.{name}": tensor for name, tensor in head.state_dict().items()}
    return {f"{when}/{name}": tensor.numpy().copy() for name, tensor in weights.items()}


if __name__ == "__main__":
    sys.exit(main())
