from __future__ import annotations

from pathlib import Path

import pytest

from lstmviz.core.errors import LstmvizError
from lstmviz.core.run import Run, analyse
from lstmviz.io.exports.formats import EXPORTS, Export, export, export_for, exporting
from tests.experiments import company_b


@pytest.fixture(scope="module")
def run() -> Run:
    return analyse(company_b())


@pytest.mark.parametrize("each", EXPORTS, ids=lambda each: each.name)
def test_every_export_writes_its_file_and_counts_up_to_the_end(each: Export, run: Run, tmp_path: Path) -> None:
    path = tmp_path / f"run{each.suffix}"
    fractions = list(exporting(run, path, each.name))
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1)
    assert path.stat().st_size > 100
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("each", EXPORTS, ids=lambda each: each.name)
def test_an_export_that_is_stopped_leaves_what_was_there(each: Export, run: Run, tmp_path: Path) -> None:
    path = tmp_path / f"run{each.suffix}"
    path.write_text("old")
    steps = exporting(run, path, each.name)
    next(steps)
    steps.close()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_suffix_tells_the_kind(run: Run, tmp_path: Path) -> None:
    assert [export_for(f"a.b/run{each.suffix.upper()}").suffix for each in EXPORTS] == [e.suffix for e in EXPORTS]
    assert export_for("run.py").name == "numpy"
    assert export_for("run.py", "torch").name == "torch"


@pytest.mark.parametrize(
    ("path", "name", "message"),
    [
        ("run.xlsx", None, r"cannot be exported as \.xlsx.*\.csv, \.tsv, \.npz, \.json, \.py"),
        ("run", None, r"does not say which kind"),
        ("run.py", "keras", r"no export called keras.*numpy, torch"),
    ],
)
def test_an_unknown_kind_is_refused_with_what_there_is(run: Run, path: str, name: str | None, message: str) -> None:
    with pytest.raises(LstmvizError, match=message):
        export(run, path, name)
