"""``lstmviz train``: what it says, what it writes, and how it stops."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lstmviz.cli import main
from lstmviz.commands.train import INTERRUPTED
from lstmviz.core.engine.passes import forward
from lstmviz.core.run import analyse
from lstmviz.core.training.process import TrainingProcess, resumption
from lstmviz.core.training.table_task import TablePrediction
from lstmviz.core.training.text_task import NextCharacter
from lstmviz.io.models.reading import load_network
from lstmviz.io.sessions import load_session

TINY = ["--length", "6", "--hidden", "3", "--batch", "4", "--updates", "12", "--validate-every", "5"]


def train(*words: str) -> int:
    return main(["train", *words])


def test_session_has_both_trained_networks_and_the_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "run.lstmviz"
    assert train("adding", *TINY, "--compare", "-o", str(path)) == 0
    out, err = capsys.readouterr()
    assert "After 12 updates the LSTM is at " in out
    assert "All 12 updates done." in out
    assert [line.partition(":")[0] for line in err.splitlines()] == ["update 5 of 12", "update 10 of 12"]
    session = load_session(path)
    record = session.training
    assert record is not None
    assert record.ended
    last = record.moments[-1]
    run = analyse(session.experiment)
    assert run.network == last.states["network"].network
    assert run.baseline is not None
    assert run.baseline.network == last.states["baseline"].network
    assert record.networks[0].updates.tolist() == list(range(1, 13))


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_weights_alone(suffix: str, tmp_path: Path) -> None:
    assert train("adding", *TINY, "--quiet", "-o", str(tmp_path / "run.lstmviz")) == 0
    assert train("adding", *TINY, "--quiet", "-o", str(tmp_path / f"net{suffix}")) == 0
    record = load_session(tmp_path / "run.lstmviz").training
    assert record is not None
    loaded, trained = load_network(tmp_path / f"net{suffix}"), record.moments[-1].states["network"].network
    x = np.random.default_rng(0).random((6, 3, 2))
    assert forward(loaded, x).y.tobytes() == forward(trained, x).y.tobytes()


def test_every_setting_reaches_the_training(tmp_path: Path) -> None:
    words = "--layers 2 --optimizer sgd --lr 0.02 --momentum 0.5 --clip 0.3 --clip-by value --truncate 4 --seed 7"
    path = tmp_path / "run.lstmviz"
    assert train("adding", *TINY, *words.split(), "--patience", "3", "--goal", "1e-9", "--quiet", "-o", str(path)) == 0
    record = load_session(path).training
    assert record is not None
    chosen = record.settings
    assert (chosen.optimizer.value, chosen.lr, chosen.momentum) == ("sgd", 0.02, 0.5)
    assert (chosen.clip, chosen.clip_by.value, chosen.truncate, chosen.seed) == (0.3, "value", 4, 7)
    assert (chosen.batch_size, chosen.updates, chosen.patience, chosen.goal) == (4, 12, 3, 1e-9)
    assert len(record.moments[-1].states["network"].network.layers) == 2
    assert record.recipe.seed == 7


def test_json_is_a_line_a_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert train("adding", *TINY, "--compare", "--json", "--quiet") == 0
    out, err = capsys.readouterr()
    lines = [json.loads(line) for line in out.splitlines()]
    assert err == ""
    assert [line["update"] for line in lines] == [5, 10, 12]
    assert lines[0]["networks"]["RNN"]["validation"]["update"] == 5
    assert lines[-1]["networks"]["LSTM"]["update"] == 12
    assert lines[-1]["end"]["LSTM"] == {"reason": "all updates are made", "words": "All 12 updates done."}


def test_own_text_and_own_table(tmp_path: Path) -> None:
    text, table = tmp_path / "book.txt", tmp_path / "data.csv"
    text.write_text("abc abd. " * 30, "utf-8")
    rows = [f"{day},{np.sin(day):.3f},word" for day in range(80)]
    table.write_text("\n".join(["day,price,note", *rows]), "utf-8")
    small = ["--hidden", "3", "--updates", "3", "--quiet", "--length", "5"]
    assert train("text", "--file", str(text), *small, "-o", str(tmp_path / "a.lstmviz")) == 0
    assert train("table", "--file", str(table), "--target", "price", *small, "-o", str(tmp_path / "b.lstmviz")) == 0
    first, second = (load_session(tmp_path / name).training for name in ("a.lstmviz", "b.lstmviz"))
    assert first is not None
    assert second is not None
    assert isinstance(first.task, NextCharacter)
    assert first.task.text == "abc abd. " * 30
    assert isinstance(second.task, TablePrediction)
    assert second.task.columns == ("day", "price")
    assert second.task.window == 5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sorting"], "There is no task called “sorting”"),
        (["text"], "The task text needs a file"),
        (["adding", "--file", "x"], "The task adding reads no file"),
        (["text", "--file", "/nowhere"], "No such file"),
        (["adding", "--lr", "1e6"], "The learning rate is 1e+06"),
        (["adding", "--seed", "-1"], "The seed is -1"),
        (["adding", "-o", "net.pt"], "The name does not say what to write"),
        (["adding", "-o", "/nowhere/net.npz"], "The folder does not exist"),
    ],
)
def test_mistakes_are_said_before_any_training(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TrainingProcess, "steps", None)
    assert train(*words) == 1
    assert said in capsys.readouterr().err


def test_explosion_says_where_and_keeps_what_was_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "net.npz"
    words = ["sine", "--optimizer", "sgd", "--lr", "10", "--momentum", "0.99", "--clip", "0", "--updates", "500"]
    assert train(*words, "--cell", "rnn", "--hidden", "8", "-o", str(path)) == 1
    err = capsys.readouterr().err
    assert "lstmviz: RNN: At update " in err
    assert "are kept." in err
    assert all(np.isfinite(array).all() for array in load_network(path).state_dict().values())


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, INTERRUPTED), (signal.SIGTERM, 143)])
def test_ctrl_c_stops_after_the_update_and_keeps_all_of_it(number: int, code: int, tmp_path: Path) -> None:
    path = tmp_path / "run.lstmviz"
    command = [sys.executable, "-m", "lstmviz", "train", "adding", "--length", "6", "--hidden", "3", "--compare"]
    process = subprocess.Popen(
        [*command, "--updates", "1000000", "-o", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    process.stderr.readline()  # the first report: it trains
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert "Interrupted after update " in err
    assert "Traceback" not in err
    record = load_session(path).training
    assert record is not None
    assert not record.ended
    assert record.update >= 50
    went_on = TrainingProcess(resumption(record))
    steps = went_on.steps(most=3)
    for _ in steps:
        pass
    assert went_on.update == record.update + 3


def test_a_disk_that_fails_at_the_end_loses_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    original = TrainingProcess.steps

    def steps(self: TrainingProcess) -> object:
        folder.rmdir()
        return original(self)

    monkeypatch.setattr(TrainingProcess, "steps", steps)
    assert train("adding", *TINY, "--quiet", "-o", str(folder / "net.npz")) == 1
    err = capsys.readouterr().err
    kept = Path(err.rstrip().rstrip(".").rpartition(" kept in ")[2])
    assert kept.name == "net.npz"
    assert load_network(kept).hidden_size == 3


def test_help_lists_every_task(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        train("--help")
    out = capsys.readouterr().out
    for words in ("adding ", "noisy-sum ", "text ", "table ", "130 Ctrl+C", "--patience N", "--clip-by"):
        assert words in out


def test_loads_no_qt() -> None:
    code = "import lstmviz.commands.train, sys; sys.exit('PyQt6' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_reader_that_has_seen_enough_costs_nothing_that_is_to_be_written(tmp_path: Path) -> None:
    path = tmp_path / "net.npz"
    command = [sys.executable, "-m", "lstmviz", "train", "adding", *TINY, "--updates", "400", "--json", "-o", str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stderr is not None
    assert json.loads(process.stdout.readline())["update"] == 5
    process.stdout.close()
    err = process.stderr.read()
    assert process.wait() == 0
    process.stderr.close()
    assert "Traceback" not in err
    assert load_network(path).hidden_size == 3
