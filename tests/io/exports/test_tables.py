from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from lstmviz.core.analysis.step_table import step_columns
from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.core.progress import drain
from lstmviz.core.run import Run, analyse
from lstmviz.io.exports.arrays import layer_nodes, networks_of
from lstmviz.io.exports.step_tsv import table_text, writing_tsv
from lstmviz.io.exports.tidy import COLUMNS, writing_csv
from lstmviz.io.sequences import parse_sequence
from tests.experiments import company_b, letters, linear_loop
from tests.io.exports.runs import stacked_both_ways


def tidy(run: Run, folder: Path) -> list[dict[str, str]]:
    drain(writing_csv(run, folder / "run.csv"))
    with (folder / "run.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_number_comes_back_from_the_tidy_table_bit_for_bit(tmp_path: Path) -> None:
    run = analyse(stacked_both_ways())
    values = {tuple(row[key] for key in COLUMNS[:-1]): float(row["value"]) for row in tidy(run, tmp_path)}
    for network, ran in networks_of(run).items():
        for name, layer in ran.trace.layers.items():
            place = name[:2], "reverse" if layer.reverse else "forward"
            for quantity, array in layer_nodes(layer, ran.gradients[name]):
                for (row, unit), value in np.ndenumerate(array):
                    assert values.pop((network, str(row + 1), *place, str(unit), quantity)) == value
        for quantity, array in (("y", ran.trace.y), ("dy", ran.dy)):
            for (row, _, output), value in np.ndenumerate(array):
                assert values.pop((network, str(row + 1), "", "", str(output), quantity)) == value
        losses = [values.pop((network, str(t), "", "", "0", "loss")) for t in range(1, run.length + 1)]
        assert sum(losses) == pytest.approx(ran.loss, rel=1e-12)
    assert not values


def test_the_tidy_table_names_what_the_textbook_names(tmp_path: Path) -> None:
    rows = tidy(analyse(company_b()), tmp_path)
    c = [row["value"] for row in rows if row["network"] == "main" and row["quantity"] == "c"]
    np.testing.assert_allclose(np.array(c, float), [0.499521, 0.913569, 1.480604, 2.409093], atol=1e-6)
    assert Counter(row["network"] for row in rows if row["quantity"] == "h") == {"main": 4, "baseline": 4}


def test_infinite_numbers_come_back_from_the_tidy_table(tmp_path: Path) -> None:
    run = analyse(linear_loop(1e100, 8))
    h = [float(row["value"]) for row in tidy(run, tmp_path) if row["quantity"] == "h"]
    assert np.isinf(h[-1])
    assert h == run.trace["l0"].h[:, 0, 0].tolist()


def test_the_tsv_has_the_columns_of_the_table_view_with_all_digits(tmp_path: Path) -> None:
    run = analyse(letters())
    drain(writing_tsv(run, tmp_path / "run.tsv", "l0", 3))
    with (tmp_path / "run.tsv").open(newline="", encoding="utf-8") as file:
        titles, *rows = csv.reader(file, delimiter="\t")
    columns = step_columns(run, "l0", 3)
    assert titles == [column.title for column in columns]
    assert [row[0] for row in rows] == [str(t) for t in range(1, run.length + 1)]
    assert [row[1] for row in rows] == list(run.sequence.labels)
    for number, column in enumerate(columns[2:], 2):
        assert [float(row[number]) for row in rows] == list(column.values)


def test_a_token_that_would_tear_the_table_is_quoted() -> None:
    sequence = parse_sequence('a"b', SequenceKind.TEXT)
    (column,) = [column for column in step_columns(analyse(letters('a"b')), "l0", 0) if column.title == "x"]
    lines = table_text([column]).splitlines()
    assert list(csv.reader(lines, delimiter="\t")) == [["x"], *([label] for label in sequence.labels)]
