"""A run as a tidy CSV file: one row a number, written piece by piece, so that long runs take no memory.

Columns: ``network`` (main, baseline), ``step`` from 1, ``layer`` (l0, l1 ..., empty for outputs and loss),
``direction`` (forward, reverse), ``unit`` from 0 (of x a feature, of y an output), ``quantity``, ``value``. A quantity
with a ``d`` in front is the gradient: ``df`` is dL/df. ``loss`` is what a step adds to L.
Numbers are written with as many digits as float64 needs to come back the same; others are nan, inf and -inf.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from lstmviz.core.arrays import Array
from lstmviz.core.progress import Steps
from lstmviz.core.run import NetworkRun, Run
from lstmviz.io.atomic import replacing
from lstmviz.io.exports.arrays import layer_nodes, networks_of

COLUMNS = ("network", "step", "layer", "direction", "unit", "quantity", "value")

_NUMBERS_AT_ONCE = 50_000
"""Written between two yields: some tens of milliseconds."""


def writing_csv(run: Run, path: str | Path) -> Steps[None]:
    """Write the run as a tidy CSV file. Yields the fraction done.

    Raises LstmvizError if it cannot be written; then what was there before is untouched.
    """
    tables = [(name, table) for name, network in networks_of(run).items() for table in _tables(run, network)]
    total, done = sum(table.size for _, table in tables), 0
    with replacing(path) as file:
        file.write((",".join(COLUMNS) + "\n").encode())
        for name, table in tables:
            for numbers in table.write(name, file):
                done += numbers
                yield done / total


class _Table:
    """What has the same layer and direction: quantities [T, n], whose rows of the file go step by step."""

    def __init__(self, layer: str, direction: str, quantities: list[tuple[str, Array]]) -> None:
        self._arrays = [array for _, array in quantities]
        self._tails = [
            f",{layer},{direction},{unit},{name}," for name, array in quantities for unit in range(array.shape[1])
        ]
        self._length = len(self._arrays[0])
        self.size = self._length * len(self._tails)

    def write(self, network: str, file: BinaryIO) -> Iterator[int]:
        """Write all rows; yields how many were written since the last time."""
        steps = max(1, _NUMBERS_AT_ONCE // len(self._tails))
        for start in range(0, self._length, steps):
            rows = np.concatenate([array[start : start + steps] for array in self._arrays], axis=1).tolist()
            for step, row in enumerate(rows, start + 1):
                head = f"{network},{step}"
                text = "".join([f"{head}{tail}{value!r}\n" for tail, value in zip(self._tails, row, strict=True)])
                file.write(text.encode())
            yield len(rows) * len(self._tails)


def _tables(run: Run, network: NetworkRun) -> Iterator[_Table]:
    trace, gradients = network.trace, network.gradients
    for name, layer in trace.layers.items():
        direction = "reverse" if layer.reverse else "forward"
        yield _Table(name.removesuffix("_reverse"), direction, list(layer_nodes(layer, gradients[name])))
    losses = run.objective.losses(trace.y, run.sequence)
    yield _Table("", "", [("y", trace.y[:, 0]), ("dy", network.dy[:, 0]), ("loss", losses[:, None])])
