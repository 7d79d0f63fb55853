"""Every number of a run under a clear name, and those arrays as an NPZ file.

    x, tokens                     the sequence: [T, I] numbers, and T short texts
    main/loss, y, dy, dx          of the network under study: L, its outputs [T, O], dL/dy, and dL/dx [T, I]
    main/params/weight_hh_l0      every weight under its PyTorch name
    main/dparams/weight_hh_l0     dL/d of it
    main/l0/f                     every node of every layer and direction, [T, H]; main/l0/x is what the layer reads
    main/l0/df                    dL/d of it: the total gradient; main/l0/dh0 and dc0 [H] are of the initial states
    baseline/...                  the same of the vanilla RNN beside it, where there is one

Row 0 is step 1. The initial states themselves are 0. A layer with peepholes also has ``peepholes`` and ``dpeepholes``
[3, H], rows p_i, p_f, p_o. In a layer with a projection h is [T, P], and m = o tanh(c) [T, H] is what it projects.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.arrays import Array
from lstmviz.core.engine.trace import LayerGradients, LayerTrace, LSTMGradients, LSTMTrace, peephole_gradients
from lstmviz.core.progress import Steps
from lstmviz.core.run import NetworkRun, Run
from lstmviz.io.atomic import replacing

NamedArrays = dict[str, NDArray[Any]]


def networks_of(run: Run) -> dict[str, NetworkRun]:
    """The network under study as ``main``, and the vanilla RNN beside it, if there is one, as ``baseline``."""
    return {"main": run.main} | ({"baseline": run.baseline} if run.baseline else {})


def run_arrays(run: Run) -> NamedArrays:
    """Every number of the run, by the names above; most are views, so that this takes no time and no memory."""
    arrays: NamedArrays = {"x": run.sequence.values, "tokens": np.array(run.sequence.labels)}
    for name, network in networks_of(run).items():
        arrays |= {f"{name}/{key}": array for key, array in _network_arrays(network)}
    return arrays


def writing_npz(run: Run, path: str | Path) -> Steps[None]:
    """Write ``run_arrays`` as an NPZ file, which ``numpy.load`` reads. Yields the fraction done.

    Raises LstmvizError if it cannot be written; then what was there before is untouched.
    """
    arrays = run_arrays(run)
    total, done = sum(array.nbytes for array in arrays.values()), 0
    with replacing(path) as file:
        for array in write_npz(file, arrays):
            done += array.nbytes
            yield done / total


def write_npz(file: IO[bytes], arrays: Mapping[str, NDArray[Any]]) -> Iterator[NDArray[Any]]:
    """``numpy.savez`` array by array: yields each one that is written. Equal arrays give equal bytes."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            member = zipfile.ZipInfo(f"{name}.npy")  # dated 1980
            with archive.open(member, "w", force_zip64=True) as stream:
                np.lib.format.write_array(stream, array, allow_pickle=False)
            yield array


def layer_nodes(layer: LayerTrace, gradients: LayerGradients) -> Iterator[tuple[str, Array]]:
    """(name, [T, n]) of everything that one layer and direction has at every step, values first, then gradients."""
    for owner, prefix in ((layer, ""), (gradients, "d")):
        for name in (*layer.nodes, "x"):
            yield f"{prefix}{name}", getattr(owner, name)[:, 0]


def _network_arrays(network: NetworkRun) -> Iterator[tuple[str, NDArray[Any]]]:
    trace, gradients = network.trace, network.gradients
    yield "loss", np.array(network.loss)
    yield from (("y", trace.y[:, 0]), ("dy", network.dy[:, 0]), ("dx", gradients.x[:, 0]))
    for name, array in network.network.state_dict().items():
        yield f"params/{name}", array
    for name, array in gradients.params.items():
        yield f"dparams/{name}", array
    for name, layer in trace.layers.items():
        for node, array in _layer_arrays(layer, gradients[name]):
            yield f"{name}/{node}", array


def _layer_arrays(layer: LayerTrace, gradients: LayerGradients) -> Iterator[tuple[str, Array]]:
    yield from layer_nodes(layer, gradients)
    for state in gradients.INITIAL_STATES:
        yield f"d{state}", getattr(gradients, state)[0]
    if isinstance(layer, LSTMTrace) and isinstance(gradients, LSTMGradients):
        dpeepholes = peephole_gradients(layer, gradients)
        if dpeepholes is not None and layer.alteration is not None and layer.alteration.peepholes is not None:
            yield from (("peepholes", layer.alteration.peepholes), ("dpeepholes", dpeepholes))
