from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lstmviz.core.run import Run, analyse
from lstmviz.io.exports.arrays import run_arrays
from lstmviz.io.exports.formats import export
from tests.experiments import company_b, letters, linear_loop
from tests.io.exports.runs import stacked_both_ways, variants

SOME = [letters, stacked_both_ways, variants]


@pytest.fixture(params=SOME, ids=lambda make: make.__name__)
def run(request: pytest.FixtureRequest) -> Run:
    return analyse(request.param())


def test_the_npz_file_has_every_array_bit_for_bit(run: Run, tmp_path: Path) -> None:
    export(run, tmp_path / "run.npz")
    expected = run_arrays(run)
    with np.load(tmp_path / "run.npz", allow_pickle=False) as arrays:
        assert set(arrays) == set(expected)
        for name, array in expected.items():
            assert arrays[name].dtype == array.dtype
            np.testing.assert_array_equal(arrays[name], array)


def test_equal_runs_give_equal_files(tmp_path: Path) -> None:
    for name in ("a.npz", "b.npz"):
        export(analyse(letters()), tmp_path / name)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_the_json_file_has_every_array_bit_for_bit(run: Run, tmp_path: Path) -> None:
    export(run, tmp_path / "run.json")
    tree = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert (tree["format"], tree["version"], tree["title"]) == ("lstmviz run", 1, run.experiment.title)
    for name, array in run_arrays(run).items():
        place = tree
        for key in name.split("/"):
            place = place[key]
        assert place == array.tolist()


def test_json_spells_what_is_no_number_there_and_stays_json(tmp_path: Path) -> None:
    run = analyse(linear_loop(-1e100, 8))
    export(run, tmp_path / "run.json")

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    tree = json.loads((tmp_path / "run.json").read_text(), parse_constant=refuse)
    h = [float(value) for (value,) in tree["main"]["l0"]["h"]]
    assert np.isinf(h[-1])
    assert h == run.trace["l0"].h[:, 0, 0].tolist()


def test_names_stand_for_the_numbers_of_the_textbook() -> None:
    arrays = run_arrays(analyse(company_b()))
    np.testing.assert_allclose(arrays["main/l0/h"][:, 0], [0.276438, 0.611733, 0.867005, 0.969393], atol=1e-6)
    np.testing.assert_allclose(arrays["main/l0/dh"][-1], [-6.121308e-2], atol=1e-8)
    np.testing.assert_allclose(arrays["main/l0/dc"][0], [-6.231331e-3], atol=1e-9)
    assert arrays["main/dparams/weight_hh_l0"].shape == (4, 1)
    assert "baseline/l0/dz" in arrays
