"""Projections (``proj_size``) agree with torch.nn.LSTM and autograd, values and gradients, recorded once in float64."""

from __future__ import annotations

import numpy as np
import pytest

import lstmviz
from tests.golden_files import GOLDEN_PROJECTED

FILES = sorted(GOLDEN_PROJECTED.glob("*.npz"))


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_torchs_projection_has_the_same_values_and_gradients(file):
    with np.load(file) as content:
        theirs = dict(content)
    weights = {key.removeprefix("param/"): array for key, array in theirs.items() if key.startswith("param/")}
    trace = lstmviz.forward(lstmviz.Network.from_state_dict(weights), theirs["x"], theirs["h0"], theirs["c0"])
    grads = lstmviz.backward(trace, theirs["dy"])
    last = [0 if name.endswith("_reverse") else -1 for name in trace.layers]
    ours = {"y": trace.y, "dx": grads.x, "dh0": grads.h0, "dc0": grads.c0}
    ours["h_n"] = np.stack([layer.h[row] for layer, row in zip(trace.layers.values(), last, strict=True)])
    ours["c_n"] = np.stack([layer.c[row] for layer, row in zip(trace.layers.values(), last, strict=True)])
    ours |= {f"grad/{name}": array for name, array in grads.params.items()}
    assert set(ours) == {key for key in theirs if not key.startswith("param/")} - {"x", "h0", "c0", "dy"}
    for name, array in ours.items():
        assert array.shape == theirs[name].shape, name
        assert np.linalg.norm(array - theirs[name]) <= 1e-10 * np.linalg.norm(theirs[name]), name


def test_there_are_two_files():
    assert len(FILES) == 2
