from __future__ import annotations

import ast
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lstmviz.core.experiments.recipe import NetworkRecipe
from lstmviz.core.run import analyse
from lstmviz.io.exports import numpy_template, torch_template
from lstmviz.io.exports.arrays import run_arrays
from lstmviz.io.exports.formats import export
from lstmviz.io.exports.script_facts import features_of
from lstmviz.io.exports.scripts import numpy_script, torch_script
from tests.experiments import company_b, letters
from tests.io.exports.runs import RUNS


def run_script(script: Path, python: str = sys.executable) -> tuple[dict[str, np.ndarray], str]:
    """The arrays that a script saves and what it prints, run where nothing but Python and NumPy is known."""
    saved = script.with_name("saved.npz")
    command = [python, "-I", "-W", "error", str(script), str(saved)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    with np.load(saved) as arrays:
        return dict(arrays), done.stdout


def assert_same_numbers(got: dict[str, np.ndarray], run) -> None:
    expected = run_arrays(run)
    del expected["tokens"]
    assert not set(expected) - set(got)
    for name, array in expected.items():
        np.testing.assert_allclose(got[name], array, rtol=1e-12, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("name", RUNS)
def test_the_numpy_script_computes_every_number_of_the_run(name: str, tmp_path: Path) -> None:
    run = analyse(RUNS[name]())
    export(run, tmp_path / "run.py")
    got, printed = run_script(tmp_path / "run.py")
    assert_same_numbers(got, run)
    first = printed.splitlines()[0].removeprefix("main: L = ")
    assert float(first) == pytest.approx(run.main.loss, rel=1e-12, abs=1e-12)


def test_every_condition_of_the_templates_is_one_that_some_run_fulfils() -> None:
    known = {"beside", "float32"}.union(*(features_of(analyse(make())) for make in RUNS.values()))
    for module in (numpy_template, torch_template):
        text = Path(module.__file__).read_text(encoding="utf-8")
        asked = {word.removeprefix("!") for condition in re.findall("  #\\? (.*)", text) for word in condition.split()}
        assert asked
        assert asked <= known


@pytest.mark.parametrize("script", [numpy_script, torch_script])
def test_a_title_cannot_become_code(script, tmp_path: Path) -> None:
    hostile = 'x\nimport os; os._exit(3)\r"""\\\f\x1b$data\u2028\ud800\0#'
    experiment = replace(letters(), title=hostile)
    text = script(analyse(experiment), '"""\\\nimport this.py')
    statements = ast.parse(text.encode()).body
    imports = [alias.name for node in statements if isinstance(node, ast.Import) for alias in node.names]
    assert imports == ["sys", "numpy"] + ["torch"] * (script is torch_script)
    assert "os._exit" in "".join(line for line in text.splitlines() if line.startswith("# "))


def test_few_numbers_stand_in_the_script_and_many_beside_it(tmp_path: Path) -> None:
    export(analyse(company_b()), tmp_path / "small.py")
    assert [path.name for path in tmp_path.iterdir()] == ["small.py"]
    export(analyse(RUNS["same parameters"]()), tmp_path / "large.py")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["large.py", "large_data.npz", "small.py"]
    assert (tmp_path / "large.py").stat().st_size < 12_000


def test_a_run_in_float32_is_near_and_the_script_says_so(tmp_path: Path) -> None:
    experiment = letters()
    recipe = NetworkRecipe.given(experiment.build_network().astype(np.float32))
    run = analyse(replace(experiment, recipe=recipe, baseline=None))
    assert run.trace.y.dtype == np.float32
    export(run, tmp_path / "run.py")
    got, _ = run_script(tmp_path / "run.py")
    assert "float32" in (tmp_path / "run.py").read_text(encoding="utf-8")
    np.testing.assert_allclose(got["main/l0/dh"], run.gradients["l0"].h[:, 0], atol=1e-5)


def test_tiny_gradients_keep_their_digits(tmp_path: Path) -> None:
    run = analyse(RUNS["long-lag"]())
    export(run, tmp_path / "run.py")
    got, _ = run_script(tmp_path / "run.py")
    smallest = np.abs(run.baseline.gradients["l0"].h[0]).max()
    assert 0 < smallest < 1e-15
    np.testing.assert_allclose(got["baseline/l0/dh"][0], run.baseline.gradients["l0"].h[0, 0], rtol=1e-9)
