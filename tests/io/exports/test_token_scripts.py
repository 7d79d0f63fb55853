"""Scripts of a network that reads tokens: the targets are the numbers of the tokens, not columns of the embedding."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lstmviz.core.experiments.token_table import TokenTable
from lstmviz.core.experiments.what_if import SetStep, SwapSteps, WhatIf
from lstmviz.core.run import analyse
from lstmviz.io.exports.formats import export
from tests.io.exports.test_scripts import assert_same_numbers, run_script
from tests.tokens import WORDS, embedding, next_word

DOG = tuple(embedding()[8].astype(float).tolist())


@pytest.mark.parametrize("table", [None, TokenTable(WORDS)], ids=["embedding", "one-hot"])
def test_the_numpy_script_computes_every_number_of_the_run(table: TokenTable | None, tmp_path: Path) -> None:
    run = analyse(next_word(table=table))
    export(run, tmp_path / "run.py")
    got, printed = run_script(tmp_path / "run.py")
    assert_same_numbers(got, run)
    assert float(printed.splitlines()[0].removeprefix("main: L = ")) == pytest.approx(run.main.loss, rel=1e-12)
    assert "# cat" in (tmp_path / "run.py").read_text(encoding="utf-8")


def test_the_targets_follow_the_what_ifs(tmp_path: Path) -> None:
    changes = (WhatIf(SetStep(2, DOG, "dog")), WhatIf(SwapSteps(3, 4)))
    run = analyse(replace(next_word(), what_ifs=changes))
    export(run, tmp_path / "run.py")
    assert_same_numbers(run_script(tmp_path / "run.py")[0], run)
