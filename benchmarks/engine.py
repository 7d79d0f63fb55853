"""The engine beside PyTorch: times and ratios of forward + BPTT, and bytes kept. See README.md here."""

from __future__ import annotations

from _conditions import conditions  # before all libraries

# isort: split

import argparse
import gc
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

import lstmviz
from lstmviz.core.engine.linear import as_right_operand

try:
    import torch
except ImportError:
    print('This benchmark compares with PyTorch, which is not installed: pip install "lstmviz[benchmark]".')
    raise SystemExit(2) from None

INPUT_SIZE = 3
TURN = 0.1
SETS = 5
"""How often all contestants start anew: how soon PyTorch gives memory back to the system changes with the process."""

CONTESTANTS = ("lstmviz", "loop", "nn.LSTM", "GEMV limit")
MEMORY_BUDGET = 200


@dataclass(frozen=True)
class Case:
    """One shape, how often it is repeated in each set, and how many times faster than each rival lstmviz must be."""

    length: int
    batch: int
    hidden_size: int
    rounds: int
    budgets: dict[str, float]


CASES = (
    Case(1000, 1, 8, 7, {"loop": 15, "nn.LSTM": 2}),
    Case(1000, 1, 32, 7, {"loop": 15, "nn.LSTM": 2}),
    Case(1000, 1, 128, 7, {"loop": 10, "nn.LSTM": 2}),
    Case(1000, 1, 512, 5, {"loop": 6, "nn.LSTM": 2}),
    Case(100, 32, 32, 11, {"nn.LSTM": 1}),
    Case(100, 32, 128, 7, {"nn.LSTM": 1}),
)

WARM_UP = Case(2, 1, 2, 1, {})
"""So small that it starts the libraries and leaves the process's memory as it was."""


class Contest:
    """The same network, input and upstream gradient for every contestant."""

    def __init__(self, case: Case, seed: int) -> None:
        random = np.random.default_rng(seed)
        self.net = lstmviz.Network.create("lstm", INPUT_SIZE, case.hidden_size, seed=seed)
        self.x = random.standard_normal((case.length, case.batch, INPUT_SIZE))
        self.dy = random.standard_normal((case.length, case.batch, case.hidden_size))
        self.module = torch.nn.LSTM(INPUT_SIZE, case.hidden_size, dtype=torch.float64)
        self.module.load_state_dict({name: torch.tensor(array) for name, array in self.net.state_dict().items()})
        self.weights = {
            name: weight.detach().clone().requires_grad_() for name, weight in self.module.state_dict().items()
        }
        recurrent = self.net.state_dict()["weight_hh_l0"]
        self.operands = [as_right_operand(matrix, case.batch) for matrix in (recurrent.T, recurrent)]

    def run(self, name: str) -> None:
        """One forward and backward pass of the contestant ``name``; what it computed is let go."""
        runs: dict[str, Callable[[], Any]] = {
            "lstmviz": self.run_lstmviz,
            "loop": self.run_loop,
            "nn.LSTM": self.run_module,
            "GEMV limit": self.run_products,
        }
        runs[name]()

    def run_lstmviz(self) -> tuple[lstmviz.Trace, lstmviz.Gradients]:
        """Every intermediate and gradient."""
        trace = lstmviz.forward(self.net, self.x)
        return trace, lstmviz.backward(trace, self.dy)

    def run_loop(self) -> list[tuple[Any, ...]]:
        """The equations by hand in PyTorch, every node kept with its gradient."""
        for weight in self.weights.values():
            weight.grad = None
        weight_ih, weight_hh, bias_ih, bias_hh = self.weights.values()
        x = torch.tensor(self.x, requires_grad=True)
        h, c = (torch.zeros(*self.dy.shape[1:], dtype=torch.float64, requires_grad=True) for _ in range(2))
        recorded = []
        for x_t in x.unbind():
            z = x_t @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh
            z_i, z_f, z_g, z_o = z.chunk(4, -1)
            i, f, g, o = torch.sigmoid(z_i), torch.sigmoid(z_f), torch.tanh(z_g), torch.sigmoid(z_o)
            c = f * c + i * g
            tanh_c = torch.tanh(c)
            h = o * tanh_c
            recorded.append((z, i, f, g, o, c, tanh_c, h))
            for node in recorded[-1]:
                node.retain_grad()
        torch.stack([nodes[-1] for nodes in recorded]).backward(torch.tensor(self.dy))
        return recorded

    def run_module(self) -> None:
        """nn.LSTM forward and backward."""
        self.module.zero_grad()
        y, _ = self.module(torch.tensor(self.x, requires_grad=True))
        y.backward(torch.tensor(self.dy))

    def run_products(self) -> None:
        """The products with the recurrent weights alone, of every step forwards and backwards."""
        forwards, backwards = self.operands
        h, z, dh = self.dy[0].copy(), np.empty((self.dy.shape[1], len(backwards))), self.dy[0].copy()
        for _ in range(len(self.x)):
            np.dot(h, forwards, z)
        for _ in range(len(self.x)):
            np.dot(z, backwards, dh)

    def largest_difference(self) -> float:
        """The largest relative difference between our gradients and those of the PyTorch loop."""
        recorded = self.run_loop()
        trace, grads = self.run_lstmviz()
        pairs = [(grads.params[name], weight.grad) for name, weight in self.weights.items()]
        for position, node in enumerate(("z", "i", "f", "g", "o", "c", "tanh_c", "h")):
            tensors = [nodes[position] for nodes in recorded]
            pairs.append((getattr(trace["l0"], node), torch.stack(tensors).detach()))
            pairs.append((getattr(grads["l0"], node), torch.stack([tensor.grad for tensor in tensors])))
        return max(float(np.linalg.norm(ours - theirs.numpy()) / theirs.norm()) for ours, theirs in pairs)


def serve(connection: Connection, case: Case, seed: int, name: str) -> None:
    """The body of one contestant's process: for every message one turn, answered with the seconds a run took.

    The first turn is the first run at this size in the process. Every other one lasts as many runs as fit into
    ``TURN`` seconds, at least one.
    """
    torch.set_num_threads(1)
    Contest(WARM_UP, seed).run(name)
    contest, turn = Contest(case, seed), 0.0
    while connection.recv():
        gc.collect()
        runs, start, elapsed = 0, time.perf_counter(), 0.0
        while not runs or elapsed < turn:
            contest.run(name)
            runs, elapsed = runs + 1, time.perf_counter() - start
        connection.send(elapsed / runs)
        turn = TURN


@contextmanager
def process(case: Case, seed: int, name: str) -> Iterator[Connection]:
    """A contestant in a process of its own, ready for its turns."""
    spawn = get_context("spawn")
    ours, theirs = spawn.Pipe()
    contestant = spawn.Process(target=serve, args=(theirs, case, seed, name), daemon=True)
    contestant.start()
    theirs.close()
    try:
        yield ours
    finally:
        ours.send(False)
        contestant.join()


def measure(case: Case, seed: int, rounds: int) -> dict[str, np.ndarray]:
    """Seconds of a run of every contestant in every round; in a round each has its turn, one after the other."""
    with ExitStack() as stack:
        connections = {name: stack.enter_context(process(case, seed, name)) for name in CONTESTANTS}
        seconds: dict[str, list[float]] = {name: [] for name in CONTESTANTS}
        for _ in range(1 + rounds):
            for name, connection in connections.items():
                connection.send(True)
                seconds[name].append(connection.recv())
    return {name: np.array(values) for name, values in seconds.items()}


def bytes_kept(trace: lstmviz.Trace, grads: lstmviz.Gradients) -> int:
    """Bytes of all arrays of a trace and its gradients but the weights'; views count once, as what they view."""
    owners: dict[int, int] = {}
    for holder in (trace, *trace.layers.values(), grads, *grads.layers.values()):
        for array in vars(holder).values():
            if isinstance(array, np.ndarray):
                while isinstance(array.base, np.ndarray):
                    array = array.base
                owners[id(array)] = array.nbytes
    return sum(owners.values())


def report(case: Case, contest: Contest, sets: list[dict[str, np.ndarray]]) -> bool:
    """Print the rows of one case; whether every budget is met."""
    ours = [seconds["lstmviz"][1:] for seconds in sets]
    shape = f"T {case.length:<5} B {case.batch:<3} H {case.hidden_size:<4}"
    met = True
    for name in CONTESTANTS:
        theirs = [seconds[name][1:] for seconds in sets]
        microseconds = 1e6 * float(np.median(np.concatenate(theirs))) / case.length
        first = 1e6 * float(np.median([seconds[name][0] for seconds in sets])) / case.length
        ratios = [float(np.median(their / our)) for their, our in zip(theirs, ours, strict=True)]
        ratio = float(np.median(ratios))
        verdict = ""
        if name in case.budgets:
            met &= ratio >= case.budgets[name]
            verdict = f"budget {case.budgets[name]:>4g}x  {'met' if ratio >= case.budgets[name] else 'MISSED'}"
        elif name == "GEMV limit":
            verdict = f"lstmviz takes {1 / ratio:.2f} times the limit"
        print(
            f"{shape}  {name:<10} {microseconds:>9.2f} us a step, first {first:>9.2f}  {ratio:>6.2f}x "
            f"({min(ratios):.2f} to {max(ratios):.2f})  {verdict}"
        )
    kept = bytes_kept(*contest.run_lstmviz()) / (case.length * case.batch * case.hidden_size)
    print(
        f"{shape}  memory     {kept:>9.1f} H bytes a step    budget {MEMORY_BUDGET}  "
        f"{'met' if kept <= MEMORY_BUDGET else 'MISSED'}"
    )
    return met and kept <= MEMORY_BUDGET


def main() -> int:
    """Exit code 0 when every budget is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a third of the rounds")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print(f"{conditions()}, a process each.")
    print("First: the first run of a process. All else: medians of the later runs; ratio = time / time of lstmviz,")
    print(f"the median of {SETS} sets of processes, and in brackets the least and the most.")
    met = True
    for case in CASES:
        contest = Contest(case, arguments.seed)
        difference = contest.largest_difference()
        if not difference < 1e-10:
            print(f"lstmviz and the loop differ by {difference:.1e}: the timings mean nothing.")
            return 1
        rounds = max(3, case.rounds // 3) if arguments.quick else case.rounds
        met &= report(case, contest, [measure(case, arguments.seed, rounds) for _ in range(SETS)])
    print("Every budget is met." if met else "A budget is missed.")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
