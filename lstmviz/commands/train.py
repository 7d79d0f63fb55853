"""``lstmviz train``: train without a window, and keep all of it in a session or the weights alone."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from lstmviz.commands.arguments import EXIT_CODES, INTERRUPTED, SIGNALLED, add_json, describe, refuse_usage
from lstmviz.commands.training_reports import Reports
from lstmviz.core.cursor import Cursor
from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.recipe import BaselineRecipe, NetworkRecipe
from lstmviz.core.networks.parameters import Cell
from lstmviz.core.training.catalogue import TASKS, make_task
from lstmviz.core.training.presets import TrainingPreset
from lstmviz.core.training.process import TrainingProcess, beginning
from lstmviz.core.training.record import TrainingRecord
from lstmviz.core.training.settings import ClipBy, TrainingSettings
from lstmviz.core.training.table_task import table_task
from lstmviz.core.training.task_words import LENGTHS, SENTENCES, TABLE, TEXT
from lstmviz.core.training.tasks import Task
from lstmviz.core.training.text_task import NextCharacter
from lstmviz.core.training.trainer import StopReason
from lstmviz.io.models.suffixes import WEIGHT_FORMATS
from lstmviz.io.sessions import SUFFIX, SessionFile, save_session

LARGEST_TEXT = 2_000_000
"""Bytes of a text file that is read, as in the window."""

LARGEST_SEED = 2**31 - 1

_WINDOW = 20
"""Rows that are read of a table, where nothing is said."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The task, the networks, the settings, and where to."""
    tasks = "\n".join(f"  {name:<11} {SENTENCES.get(name, '')}" for name in (*TASKS, TEXT, TABLE))
    describe(
        parser,
        "Train an LSTM on a task, with --compare beside a vanilla RNN that sees the very same sequences. The same\n"
        f"command gives the same numbers, bit for bit.\n\ntasks:\n{tasks}",
        "lstmviz train adding --length 50 --hidden 32 --compare -o run.lstmviz",
        "lstmviz train text --file book.txt --hidden 64 -o book.safetensors",
        "lstmviz train table --file data.csv --target price --ahead 1 -o price.npz",
        exit_codes=(
            EXIT_CODES[0],
            "1 a mistake, or a number that was not finite: what was good before is written",
            EXIT_CODES[2],
            f"{INTERRUPTED} Ctrl+C: training stops after the update under way, and what there is is written; "
            f"{SIGNALLED + signal.SIGTERM} the same after kill",
        ),
    )
    parser.add_argument("task", metavar="TASK", help="one of the tasks above")
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help=f"{SUFFIX}: all of it, to be looked at and gone on with in the window; {' or '.join(WEIGHT_FORMATS)}: the "
        "weights of the network (not of the RNN beside it) under PyTorch's names",
    )
    _add_task(parser.add_argument_group("the task"))
    _add_networks(parser.add_argument_group("the networks"))
    _add_settings(parser.add_argument_group("the training"))
    parser.add_argument("--quiet", action="store_true", help="say nothing but mistakes")
    add_json(parser, "a line of JSON for every report on standard output, the last one with why it ended,")


def _add_task(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--length", type=int, metavar="T", help="of the sequences; the delay, lag, largest n or window of some tasks"
    )
    group.add_argument("--file", metavar="FILE", help="the text of the task text, the CSV of the task table")
    group.add_argument("--target", metavar="COLUMN", help="table: what to predict")
    group.add_argument("--columns", metavar="A,B", help="table: what to read (default: every column of numbers)")
    group.add_argument("--ahead", type=int, default=1, metavar="N", help="table: rows until the target (default: 1)")
    group.add_argument("--held-out", type=float, metavar="SHARE", help="text, table: from the end, for validation only")


def _add_networks(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--hidden", type=int, default=32, metavar="H", help="units a layer (default: 32)")
    group.add_argument("--layers", type=int, default=1, metavar="N", help="layers (default: 1)")
    group.add_argument("--cell", choices=[each.value for each in Cell], default="lstm", help="(default: lstm)")
    group.add_argument("--forget-bias", type=float, default=1.0, metavar="B", help="b_f at the start (default: 1)")
    group.add_argument("--compare", action="store_true", help="train a vanilla RNN of as many units beside the LSTM")


def _add_settings(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--optimizer", choices=("adam", "sgd"), default="adam", help="(default: adam)")
    group.add_argument("--lr", type=float, default=0.01, metavar="RATE", help="learning rate (default: 0.01)")
    group.add_argument("--momentum", type=float, default=0.9, metavar="M", help="of sgd (default: 0.9)")
    group.add_argument("--clip", type=float, default=1.0, metavar="X", help="gradients; 0: not at all (default: 1)")
    group.add_argument(
        "--clip-by", choices=[each.value for each in ClipBy], default="norm", help="the norm, or each (default: norm)"
    )
    group.add_argument("--batch", type=int, default=32, metavar="B", help="sequences an update (default: 32)")
    group.add_argument("--updates", type=int, default=2000, metavar="N", help="at most (default: 2000)")
    group.add_argument("--truncate", type=int, metavar="STEPS", help="a gradient flows back so far at most")
    group.add_argument("--seed", type=int, default=0, metavar="S", help="of weights and sequences (default: 0)")
    group.add_argument("--validate-every", type=int, default=50, metavar="N", help="updates; 0: never (default: 50)")
    group.add_argument("--patience", type=int, metavar="N", help="stop after so many validations without a better one")
    group.add_argument("--goal", type=float, metavar="X", help="stop when the metric of a validation is as good as X")


def run(arguments: argparse.Namespace) -> int:
    """Train, report, and write what there is."""
    if arguments.output is not None:
        _refuse_unwritable(Path(arguments.output))
    process = TrainingProcess(beginning(_plan(arguments)))
    writes = arguments.output is not None
    reports = Reports(process, quiet=arguments.quiet, json=arguments.json, writes=writes)
    with _interruptible(process) as interrupted:
        record = _trained(process, reports)
        reports.end(record, interrupted=bool(interrupted))
        if writes:
            _write(record, Path(arguments.output))
    if any(each.stop and each.stop.reason is StopReason.NONFINITE for each in record.networks):
        return 1
    return SIGNALLED + interrupted[0] if interrupted else 0


def _trained(process: TrainingProcess, reports: Reports) -> TrainingRecord:
    steps = process.steps()
    while True:
        try:
            next(steps)
        except StopIteration as end:
            record: TrainingRecord = end.value
            return record
        reports.show()


@contextmanager
def _interruptible(process: TrainingProcess) -> Iterator[list[int]]:
    """Ctrl+C, or being asked to end by ``kill``, lets the training end after the update under way; a second one ends
    at once, as ever. Filled with the number of the signal.
    """
    noted: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        if noted:
            raise KeyboardInterrupt
        noted.append(number)
        process.hold()

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield noted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _plan(arguments: argparse.Namespace) -> TrainingPreset:
    """What is to be trained. Raises LstmvizError for what cannot be."""
    cell = Cell(arguments.cell)
    if arguments.compare and cell is Cell.RNN:
        refuse_usage(LstmvizError("--compare trains an RNN beside an LSTM", how="Leave --cell rnn out, or --compare."))
    if not 0 <= arguments.seed <= LARGEST_SEED:
        raise LstmvizError(f"The seed is {arguments.seed}", where="--seed", how=f"Give one from 0 to {LARGEST_SEED}.")
    settings = TrainingSettings.of(
        {
            "optimizer": arguments.optimizer,
            "lr": arguments.lr,
            "momentum": arguments.momentum,
            "batch_size": arguments.batch,
            "updates": arguments.updates,
            "clip": arguments.clip or None,
            "clip_by": arguments.clip_by,
            "truncate": arguments.truncate,
            "seed": arguments.seed,
            "validate_every": arguments.validate_every,
            "patience": arguments.patience,
            "goal": arguments.goal,
        }
    )
    task = _task(arguments)
    recipe = NetworkRecipe(
        cell=cell,
        hidden_size=arguments.hidden,
        num_layers=arguments.layers,
        seed=arguments.seed,
        forget_bias=arguments.forget_bias if cell is Cell.LSTM else None,
    )
    return TrainingPreset(
        task.name, task.title, "", task, recipe, BaselineRecipe() if arguments.compare else None, settings
    )


def _task(arguments: argparse.Namespace) -> Task:
    """The task that is asked for. Raises LstmvizError."""
    name, length = arguments.task, arguments.length
    reads_file = name in (TEXT, TABLE)
    if reads_file and arguments.file is None:
        raise LstmvizError(f"The task {name} needs a file", where="--file", how=f"For example: --file my.{_ENDS[name]}")
    if arguments.file is not None and not reads_file:
        raise LstmvizError(f"The task {name} reads no file", where="--file", how=f"The tasks {TEXT} and {TABLE} do.")
    if name == TABLE:
        return _table(arguments)
    if name == TEXT:
        held_out = 0.1 if arguments.held_out is None else arguments.held_out
        return NextCharacter(_text(arguments.file), length or LENGTHS[TEXT], held_out)
    if name not in TASKS:
        there = ", ".join((*TASKS, TEXT, TABLE))
        raise LstmvizError(f"There is no task called “{name}”", where="task", how=f"There are: {there}.")
    return make_task(name, LENGTHS.get(name) if length is None else length)


_ENDS = {TEXT: "txt", TABLE: "csv --target COLUMN"}


def _table(arguments: argparse.Namespace) -> Task:
    from lstmviz.io.training_tables import read_training_table

    table, target = read_training_table(arguments.file), arguments.target
    if target is None:
        there = ", ".join(table.columns)
        raise LstmvizError("Nothing says what to predict", where="--target", how=f"The columns are: {there}.")
    if arguments.columns is not None:
        features = [name.strip() for name in arguments.columns.split(",")]
    else:
        features = [name for name in table.numeric if name != target or arguments.ahead > 0]
        left_out = [name for name in table.columns if name in table.texts and name != target]
        if left_out and not arguments.quiet:
            print(f"Not read, because there are texts in them: {', '.join(left_out)}.", file=sys.stderr)
    window = arguments.length or _WINDOW
    held_out = 0.2 if arguments.held_out is None else arguments.held_out
    return table_task(table.columns, target, features=features, window=window, ahead=arguments.ahead, held_out=held_out)


def _text(path: str) -> str:
    """The text of a file in UTF-8. Raises LstmvizError."""
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST_TEXT + 1)
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LstmvizError("The file is no text in UTF-8", where=path, how="Save it as UTF-8.") from error
    except OSError as error:
        raise LstmvizError(f"The file cannot be read: {error.strerror}", where=path, how="Name another.") from error
    if len(data) > LARGEST_TEXT:
        raise LstmvizError("The text is larger than 2 MB", where=path, how="Take a part of it.")
    return text.replace("\r\n", "\n")


def _refuse_unwritable(path: Path) -> None:
    """Raises LstmvizError before hours of training for a file that could not be written after them."""
    suffixes = (SUFFIX, *WEIGHT_FORMATS)
    if path.suffix.lower() not in suffixes:
        raise LstmvizError(
            "The name does not say what to write", where=str(path), how=f"Let it end in {', '.join(suffixes)}."
        )
    if path.is_dir():
        raise LstmvizError("This is a folder", where=str(path), how="Name a file.")
    if not path.parent.is_dir():
        raise LstmvizError("The folder does not exist", where=str(path), how="Make it first, or choose another.")
    if not os.access(path.parent, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise LstmvizError("Writing is not allowed there", where=str(path), how="Choose a folder of your own.")


def _write(record: TrainingRecord, path: Path) -> None:
    """Write the session or the weights; into the folder for temporary files where the disk fails after all."""
    try:
        _write_as(record, path)
    except LstmvizError as error:
        rescue = Path(tempfile.mkdtemp(prefix="lstmviz-")) / path.name
        try:
            _write_as(record, rescue)
        except LstmvizError:
            raise error from None
        raise LstmvizError(error.what, where=error.where, how=f"What was trained is kept in {rescue}.") from error


def _write_as(record: TrainingRecord, path: Path) -> None:
    if path.suffix.lower() in WEIGHT_FORMATS:
        from lstmviz.io.models.saving import save_network

        save_network(record.result.states[record.networks[0].key].network, path)
        return
    from lstmviz.io.training.moments import moment_experiment

    experiment = moment_experiment(record, record.result, record.networks[0])
    save_session(path, SessionFile(experiment, Cursor(experiment.sequence.length), training=record))
