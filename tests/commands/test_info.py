"""``lstmviz info``: what is in a model's file, and whether it gives the output that is expected."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstmviz.commands import info
from lstmviz.core.engine.passes import forward
from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.network import Network

NETWORK = Network.create("lstm", 3, 4, output_size=2)
X = np.random.default_rng(0).standard_normal((6, 5, 3))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A file of NumPy with an LSTM and its head."""
    path = tmp_path / "model.npz"
    arrays = NETWORK.state_dict()
    np.savez(path, **{name.replace("head", "out"): array for name, array in arrays.items()})
    return path


def run(*words: object) -> int:
    """The command alone."""
    parser = argparse.ArgumentParser()
    info.add_arguments(parser)
    return info.run(parser.parse_args(list(map(str, words))))


def compared(model: Path, x: Any, expected: Any, *options: str) -> int:
    """The exit code of the self-test."""
    files = {"--input": model.with_name("x.npy"), "--expected": model.with_name("y.npy")}
    for path, array in zip(files.values(), (x, expected), strict=True):
        np.save(path, array)
    return run(model, *(word for pair in files.items() for word in pair), *options)


def test_says_what_was_found_and_why(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(model) == 0
    printed = capsys.readouterr().out
    for words in ("LSTM", "3 inputs", "4 units", "i, f, g, o", "PyTorch", "forget 1.00", "“out”"):
        assert words in printed


def test_the_same_for_programs(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(model, "--json") == 0
    [network] = json.loads(capsys.readouterr().out)["networks"]
    assert (network["kind"], network["input_size"], network["hidden_size"]) == ("LSTM", 3, 4)
    assert network["mean_biases"]["f"] == pytest.approx(1)
    assert network["head"] == "out"


@pytest.mark.parametrize(
    ("sequences", "part"),
    [
        (5, lambda y: y),
        (5, lambda y: y[-1]),
        (1, lambda y: y[:, 0]),
        (1, lambda y: y[-1, 0]),
    ],
    ids=["every step", "the last step", "one sequence", "its last step"],
)
def test_the_largest_error_for_every_way_to_write_the_output(
    model: Path, sequences: int, part: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    x = X[:, :sequences]
    expected = part(forward(NETWORK, x).y)
    assert compared(model, x, expected, "--json") == 0
    assert json.loads(capsys.readouterr().out)["self_test"]["largest_error"] < 1e-15
    wrong = expected.copy()
    wrong.flat[0] += 0.25
    assert compared(model, x, wrong, "--json") == 1
    tested = json.loads(capsys.readouterr().out)["self_test"]
    assert tested["largest_error"] == pytest.approx(0.25)
    assert (tested["passed"], tested["output"]) == (False, 0)
    assert compared(model, x, wrong, "--tolerance", "0.3") == 0


def test_the_batch_may_come_first_and_h_stand_for_y(model: Path) -> None:
    trace = forward(NETWORK, X)
    assert compared(model, X.swapaxes(0, 1), trace["l0"].h.swapaxes(0, 1), "--batch-first") == 0


def test_shapes_that_do_not_fit_are_named(model: Path) -> None:
    with pytest.raises(LstmvizError, match=r"\[6, 5, 2\] or \[5, 2\] or \[6, 5, 4\] or \[5, 4\]"):
        compared(model, X, np.zeros((6, 5, 3)))
    for options, says in (
        (("--input", "x.npy"), "The input alone tests nothing"),
        (("--expected", "y.npy"), "need --input"),
        (("--column", "y"), "need --input"),
    ):
        with pytest.raises(LstmvizError, match=says):
            run(model, *options)


def test_says_where_the_error_is_and_what_is_allowed(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    x = X[:, :1]
    wrong = forward(NETWORK, x).y.copy()
    assert compared(model, x, wrong) == 0
    assert "The output is the expected one." in capsys.readouterr().out
    wrong[3, 0, 1] -= 0.25
    assert compared(model, x, wrong) == 1
    printed = capsys.readouterr().out
    for line in ("Compared: the output y, every step", "Largest error: 0.250, at step 4, output 1"):
        assert line in printed.splitlines()
    assert "The output is not the expected one." in printed


def test_columns_of_a_table_are_the_expected_output_and_the_others_the_input(model: Path, tmp_path: Path) -> None:
    y = forward(NETWORK, X[:, :1]).y[:, 0]
    table = tmp_path / "data.csv"
    np.savetxt(table, np.c_[X[:, 0], y], delimiter=",", header="a,b,c,first,second", comments="", fmt="%.17g")
    columns = "--column", "first", "--column", "second"
    for expected in ((), ("--expected", table)):
        assert run(model, "--input", table, *expected, *columns) == 0
    assert run(model, "--input", table, "--column", "second", "--column", "first") == 1


def test_the_network_that_is_meant(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = {"a": Network.create("lstm", 3, 4), "b": Network.create("lstm", 3, 5)}
    arrays = {f"{part}.{name}": array for part, each in parts.items() for name, array in each.state_dict().items()}
    np.savez(tmp_path / "two.npz", **arrays)
    assert run(tmp_path / "two.npz", "--name", "b", "--json") == 0
    assert [each["hidden_size"] for each in json.loads(capsys.readouterr().out)["networks"]] == [5]
    with pytest.raises(LstmvizError, match="There are: a, b"):
        run(tmp_path / "two.npz", "--name", "c")


@pytest.mark.parametrize(("name", "says"), [("x.csv", "a sequence of numbers"), ("x.lstmviz", "a session of lstmviz")])
def test_what_is_no_model_is_named(tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / name).write_text("1,2\n", encoding="utf-8")
    with pytest.raises(LstmvizError, match=says):
        run(tmp_path / name)


def test_an_expected_output_with_nan_is_refused(model: Path) -> None:
    with pytest.raises(LstmvizError, match="not finite"):
        compared(model, X, np.full((6, 5, 2), np.nan))
