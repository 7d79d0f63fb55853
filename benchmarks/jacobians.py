"""Norms of Jacobians between steps beside PyTorch's batched autograd: times and ratios. See README.md here."""

from __future__ import annotations

from _conditions import conditions  # before all libraries

# isort: split

import argparse
import gc
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import lstmviz

try:
    import torch
except ImportError:
    print('This benchmark compares with PyTorch, which is not installed: pip install "lstmviz[benchmark]".')
    raise SystemExit(2) from None

INPUT_SIZE = 3
LENGTH = 200


@dataclass(frozen=True)
class Case:
    """A hidden size, how many times faster than PyTorch the last row must be, and milliseconds it may take."""

    hidden_size: int
    rounds: int
    ratio: float
    row_budget: float
    map_budget: float


CASES = (
    Case(8, 15, 5, np.inf, np.inf),
    Case(32, 15, 5, 10, 300),
    Case(128, 7, 2, np.inf, np.inf),
)


class Contest:
    """d h[T] / d h[t] for all t of the same network and input."""

    def __init__(self, case: Case, seed: int) -> None:
        self.net = lstmviz.Network.create("lstm", INPUT_SIZE, case.hidden_size, seed=seed)
        x = np.random.default_rng(seed).standard_normal((LENGTH, INPUT_SIZE))
        self.trace = lstmviz.forward(self.net, x)
        self.identity = torch.eye(case.hidden_size, dtype=torch.float64)
        self.states = self.torch_states(x)

    def torch_states(self, x: np.ndarray) -> list[Any]:
        """h[t] of the equations by hand in PyTorch, with their graph."""
        weight_ih, weight_hh, bias_ih, bias_hh = (torch.tensor(array) for array in self.net.state_dict().values())
        inputs = torch.tensor(x) @ weight_ih.T + bias_ih + bias_hh
        h = torch.zeros(self.net.hidden_size, dtype=torch.float64, requires_grad=True)
        c = torch.zeros(self.net.hidden_size, dtype=torch.float64)
        states = []
        for z in inputs.unbind():
            # written as ``weight_hh @ h`` it would take up to nine times as long backwards
            z_i, z_f, z_g, z_o = (z + h @ weight_hh.T).chunk(4)
            c = torch.sigmoid(z_f) * c + torch.sigmoid(z_i) * torch.tanh(z_g)
            h = torch.sigmoid(z_o) * torch.tanh(c)
            states.append(h)
        return states

    def torch_row(self) -> np.ndarray:
        """All rows of every Jacobian in one batched backward pass through the graph that is there already."""
        jacobians = torch.autograd.grad(
            self.states[-1], self.states, self.identity, is_grads_batched=True, retain_graph=True
        )
        return np.asarray(torch.linalg.matrix_norm(torch.stack(jacobians)))

    def lstmviz_row(self) -> np.ndarray:
        """The same from the trace."""
        return lstmviz.jacobian_norms(self.trace)


def milliseconds(run: Callable[[], Any]) -> float:
    """One turn: as many runs as fit into a tenth of a second, at least one."""
    gc.collect()
    runs, start, elapsed = 0, time.perf_counter(), 0.0
    while elapsed < 0.1:
        run()
        runs, elapsed = runs + 1, time.perf_counter() - start
    return 1e3 * elapsed / runs


def verdict(met: bool, budget: str) -> str:
    """A budget and whether it is met."""
    return f"budget {budget}  {'met' if met else 'MISSED'}"


def report(case: Case, seed: int, rounds: int) -> bool:
    """Print the rows of one case; whether every budget is met."""
    contest = Contest(case, seed)
    ours, theirs = contest.lstmviz_row(), contest.torch_row()
    difference = float(np.max(np.abs(ours - theirs) / theirs))
    name = f"T {LENGTH}  H {case.hidden_size:<4}"
    if not difference < 1e-8:
        print(f"{name} lstmviz and PyTorch differ by {difference:.1e}: the timings mean nothing.")
        return False
    turns = np.array([[milliseconds(contest.lstmviz_row), milliseconds(contest.torch_row)] for _ in range(rounds)])
    row, rival = np.median(turns, 0)
    ratio = float(np.median(turns[:, 1] / turns[:, 0]))
    trace, norms = contest.trace, lstmviz.jacobian_norms
    spectral = milliseconds(lambda: norms(trace, norm="spectral"))
    print(f"{name} last row, Frobenius  {row:>9.2f} ms  PyTorch {rival:>9.2f} ms  {ratio:>6.2f}x  ", end="")
    print(verdict(ratio >= case.ratio, f"{case.ratio:g}x"), f"  largest difference {difference:.0e}")
    print(f"{name} last row, spectral   {spectral:>9.2f} ms")
    met = ratio >= case.ratio and row <= case.row_budget
    if np.isfinite(case.map_budget):
        whole = min(milliseconds(lambda: norms(trace, step="all")) for _ in range(3))
        wide = min(milliseconds(lambda: norms(trace, norm="spectral", step="all")) for _ in range(3))
        print(
            f"{name} last row             {row:>9.2f} ms  {verdict(row <= case.row_budget, f'{case.row_budget:g} ms')}"
        )
        print(f"{name} T x T, Frobenius     {whole:>9.2f} ms  ", end="")
        print(verdict(whole <= case.map_budget, f"{case.map_budget:g} ms"))
        print(f"{name} T x T, spectral      {wide:>9.2f} ms  ", end="")
        print(verdict(wide <= case.map_budget, f"{case.map_budget:g} ms"))
        met &= max(whole, wide) <= case.map_budget
    return met


def main() -> int:
    """Exit code 0 when every budget is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a third of the rounds")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print(f"{conditions()}.")
    met = True
    for case in CASES:
        rounds = max(3, case.rounds // 3) if arguments.quick else case.rounds
        met &= report(case, arguments.seed, rounds)
    print("Every budget is met." if met else "A budget is missed.")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
