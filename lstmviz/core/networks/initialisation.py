"""Random weights: PyTorch's uniform, Xavier, orthogonal."""

from __future__ import annotations

from enum import Enum

import numpy as np

from lstmviz.core.arrays import Array, frozen
from lstmviz.core.networks.parameters import Cell, CellParameters, Head


class Initialisation(Enum):
    """How the first weights are drawn."""

    UNIFORM = "uniform"
    XAVIER = "xavier"
    ORTHOGONAL = "orthogonal"


def draw_layer(
    random: np.random.Generator, cell: Cell, input_size: int, hidden_size: int, initialisation: Initialisation
) -> CellParameters:
    """The weights of one direction, float64.

    UNIFORM     everything in U(-1/sqrt(H), 1/sqrt(H)), as torch.nn.LSTM does
    XAVIER      every gate's matrix in U(-a, a), a = sqrt(6 / (rows + columns)) (Glorot and Bengio 2010); biases 0
    ORTHOGONAL  weight_ih as XAVIER, every gate's U_k orthogonal (Saxe, McClelland and Ganguli 2014); biases 0
    """
    rows = cell.blocks * hidden_size
    if initialisation is Initialisation.UNIFORM:
        bound = 1 / np.sqrt(hidden_size)
        shapes = ((rows, input_size), (rows, hidden_size), (rows,), (rows,))
        return CellParameters(*(frozen(random.uniform(-bound, bound, shape)) for shape in shapes))
    draw_recurrent = _orthogonal if initialisation is Initialisation.ORTHOGONAL else _xavier
    weight_ih = [_xavier(random, hidden_size, input_size) for _ in range(cell.blocks)]
    weight_hh = [draw_recurrent(random, hidden_size, hidden_size) for _ in range(cell.blocks)]
    zeros = frozen(np.zeros(rows))
    return CellParameters(frozen(np.concatenate(weight_ih)), frozen(np.concatenate(weight_hh)), zeros, zeros)


def draw_head(random: np.random.Generator, input_size: int, output_size: int) -> Head:
    """A linear read-out as torch.nn.Linear draws it: everything in U(-1/sqrt(inputs), 1/sqrt(inputs))."""
    bound = 1 / np.sqrt(input_size)
    return Head(
        frozen(random.uniform(-bound, bound, (output_size, input_size))),
        frozen(random.uniform(-bound, bound, output_size)),
    )


def _xavier(random: np.random.Generator, rows: int, columns: int) -> Array:
    bound = np.sqrt(6 / (rows + columns))
    return random.uniform(-bound, bound, (rows, columns))


def _orthogonal(random: np.random.Generator, rows: int, columns: int) -> Array:
    """A random orthogonal matrix, Haar distributed: QR with the signs of R's diagonal taken out (Mezzadri 2007)."""
    q, r = np.linalg.qr(random.standard_normal((rows, columns)))
    return np.asarray(q * np.sign(np.diag(r)))
