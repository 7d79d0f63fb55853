"""Training beside PyTorch: time of an update, and of the adding problem until it is learned. See README.md here."""

from __future__ import annotations

from _conditions import conditions  # before all libraries

# isort: split

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection

import numpy as np

from lstmviz.core.networks.network import Network
from lstmviz.core.training.memory_tasks import AddingProblem
from lstmviz.core.training.presets import PRESETS
from lstmviz.core.training.settings import TrainingSettings
from lstmviz.core.training.trainer import Trainer, training_batch
from lstmviz.core.training.training import compare

try:
    import torch
except ImportError:
    print('This benchmark compares with PyTorch, which is not installed: pip install "lstmviz[benchmark]".')
    raise SystemExit(2) from None

TURN = 0.2
CONTESTANTS = ("lstmviz", "nn.LSTM")
GOAL, SECONDS_ALLOWED, NEAR_BASELINE = 0.02, 120, 0.75


@dataclass(frozen=True)
class Case:
    """One shape of training; the budget is to be not slower than nn.LSTM."""

    length: int
    hidden_size: int
    batch: int = 32
    rounds: int = 15

    @property
    def task(self) -> AddingProblem:
        """What is trained."""
        return AddingProblem(self.length)

    def network(self) -> Network:
        """What both contestants start from."""
        return Network.create("lstm", 2, self.hidden_size, output_size=1)

    @property
    def settings(self) -> TrainingSettings:
        """Adam, clipped by norm."""
        return TrainingSettings(lr=1e-3, clip=1.0, batch_size=self.batch, updates=10**9)


CASES = (Case(50, 8), Case(50, 32), Case(100, 32), Case(50, 128), Case(100, 128))


def our_update(case: Case) -> Callable[[int], float]:
    """One update by lstmviz: draw a batch, forward, loss, backward, clip, Adam. Called with its number."""
    trainer = Trainer(case.network(), case.task, case.settings)
    return lambda number: trainer.advance(training_batch(case.task, case.settings, number), None).loss


def torch_update(case: Case) -> Callable[[int], float]:
    """The same by PyTorch, from the same weights and with the same batches."""
    network = case.network()
    layer = torch.nn.LSTM(2, case.hidden_size, dtype=torch.float64)
    head = torch.nn.Linear(case.hidden_size, 1, dtype=torch.float64)
    weights = {name: torch.tensor(array) for name, array in network.state_dict().items()}
    layer.load_state_dict({name: weight for name, weight in weights.items() if not name.startswith("head.")})
    head.load_state_dict({name: weights[f"head.{name}"] for name in ("weight", "bias")})
    parameters = [*layer.parameters(), *head.parameters()]
    optimiser = torch.optim.Adam(parameters, lr=case.settings.lr)

    def update(number: int) -> float:
        batch = training_batch(case.task, case.settings, number)
        optimiser.zero_grad()
        y = head(layer(torch.tensor(batch.x))[0][-1])
        loss = torch.nn.functional.mse_loss(y, torch.tensor(batch.target[-1]))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, case.settings.clip)
        optimiser.step()
        return loss.item()

    return update


def serve(connection: Connection, case: Case, name: str) -> None:
    """The body of a contestant's process: for every message one turn, answered with the seconds of an update."""
    torch.set_num_threads(1)
    update = (our_update if name == "lstmviz" else torch_update)(case)
    number = 0
    while connection.recv():
        first, start = number, time.perf_counter()
        while time.perf_counter() - start < TURN:
            number += 1
            update(number)
        connection.send((time.perf_counter() - start) / (number - first))


@contextmanager
def process(case: Case, name: str) -> Iterator[Connection]:
    """A contestant in a process of its own, ready for its turns."""
    spawn = get_context("spawn")
    ours, theirs = spawn.Pipe()
    contestant = spawn.Process(target=serve, args=(theirs, case, name), daemon=True)
    contestant.start()
    theirs.close()
    try:
        yield ours
    finally:
        ours.send(False)
        contestant.join()


def measure(case: Case, rounds: int) -> dict[str, np.ndarray]:
    """Seconds of an update of both contestants in every round but the first, which warms up."""
    with ExitStack() as stack:
        connections = {name: stack.enter_context(process(case, name)) for name in CONTESTANTS}
        seconds: dict[str, list[float]] = {name: [] for name in CONTESTANTS}
        for _ in range(1 + rounds):
            for name, connection in connections.items():
                connection.send(True)
                seconds[name].append(connection.recv())
    return {name: np.array(values[1:]) for name, values in seconds.items()}


def throughput(rounds: int | None) -> bool:
    """Print a row a case; whether lstmviz is never the slower one."""
    met = True
    for case in CASES:
        ours, theirs = our_update(case), torch_update(case)
        losses = np.array([(ours(number), theirs(number)) for number in range(1, 6)])
        if not np.allclose(losses[:, 0], losses[:, 1], rtol=1e-6):
            print("lstmviz and PyTorch do not compute the same losses: the timings mean nothing.")
            return False
        seconds = measure(case, rounds or case.rounds)
        ratio = float(np.median(seconds["nn.LSTM"] / seconds["lstmviz"]))
        met &= ratio >= 1
        times = "  ".join(f"{name} {1e3 * float(np.median(each)):7.2f} ms" for name, each in seconds.items())
        print(
            f"T {case.length:<4} B {case.batch:<3} H {case.hidden_size:<4} {times} an update  {ratio:5.2f}x  "
            f"budget 1x  {'met' if ratio >= 1 else 'MISSED'}"
        )
    return met


def adding() -> bool:
    """Train the preset of the adding problem, LSTM beside RNN; whether the LSTM learns it in time and the RNN not."""
    preset = next(preset for preset in PRESETS if preset.name == "adding")
    settings = preset.settings
    start, learned = time.perf_counter(), None
    options = {"lr": settings.lr, "clip": settings.clip, "updates": settings.updates, "validate_every": 50}
    for progress in compare(preset.build(), preset.task, **options):
        scores = {name: each.validation for name, each in progress.items()}
        score = scores["network"]
        if learned is None and score and score.metric < GOAL:
            learned = (progress["network"].update, time.perf_counter() - start)
    elapsed = time.perf_counter() - start
    lstm, rnn = (scores[name].metric if scores[name] else float("nan") for name in ("network", "baseline"))
    print(f"Adding problem, T {preset.task.length}, H {preset.recipe.hidden_size}: both networks, validated MSE")
    if learned:
        print(f"  LSTM below {GOAL} after {learned[0]} updates and {learned[1]:.1f} s, training both networks")
    met = learned is not None and learned[1] < SECONDS_ALLOWED and rnn > NEAR_BASELINE * preset.task.baseline.metric
    print(
        f"  after {settings.updates} updates and {elapsed:.1f} s: LSTM {lstm:.4f}, RNN {rnn:.4f}, "
        f"always answering 1 has {preset.task.baseline.metric:.4f}  {'met' if met else 'MISSED'}"
    )
    return met


def main() -> int:
    """Exit code 0 when every budget is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a third of the rounds")
    parser.add_argument("--only", choices=("throughput", "adding"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print(f"{conditions()}, a process each.")
    met = arguments.only == "adding" or throughput(5 if arguments.quick else None)
    if arguments.only != "throughput":
        met &= adding()
    print("Every budget is met." if met else "A budget is missed.")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
