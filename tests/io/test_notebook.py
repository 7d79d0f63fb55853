"""What a notebook shows of runs and traces."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import lstmviz
from lstmviz.core.engine.trace import Trace
from lstmviz.core.run import Run, analyse
from lstmviz.io import notebook
from lstmviz.io.experiments import load_example
from tests.experiments import company_b, random_lstm

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables alone, as where Qt is missing."""

    def run(*_: Any, **__: Any) -> Any:
        raise subprocess.CalledProcessError(1, "lstmviz")

    monkeypatch.setattr(notebook.subprocess, "run", run)


def cells(html: str) -> list[list[str]]:
    """The body of the table."""
    rows = re.findall(r"<tr>(<td>.*?)</tr>", html)
    return [re.findall(r"<td>(.*?)</td>", row) for row in rows]


@pytest.mark.usefixtures("undrawn")
def test_a_run_is_the_table_of_its_first_steps() -> None:
    run = analyse(random_lstm(length=23))
    rows = cells(notebook.html(run))
    assert [row[0] for row in rows] == [str(t) for t in range(1, notebook.ROWS + 1)]
    assert rows[3][2] == f"{run.trace['l0'].f[3, 0, 0]:.3f}"
    assert notebook.png(run) is None


@pytest.mark.usefixtures("undrawn")
def test_a_trace_is_the_table_of_its_first_sequence() -> None:
    net = lstmviz.Network.create("lstm", 3, 4)
    trace = lstmviz.forward(net, np.random.default_rng(0).standard_normal((6, 2, 3)))
    rows = cells(notebook.html(trace))
    assert len(rows) == 6
    assert rows[5][1] == f"{trace['l0'].f[5, 0, 0]:.3f}"


@pytest.mark.usefixtures("undrawn")
def test_titles_are_text_not_html() -> None:
    run = analyse(replace(company_b(), title="<script>alert(1)</script>"))
    assert "<script" not in notebook.html(run)


def test_the_picture_is_drawn_by_another_process_and_once() -> None:
    run = analyse(load_example("company-b").experiment)
    picture = notebook.png(run)
    assert picture is not None
    assert picture.startswith(PNG)
    assert notebook.png(run) is picture
    assert "data:image/png;base64," in notebook.html(run)


def test_a_trace_that_no_experiment_has_is_a_table_alone() -> None:
    net = lstmviz.Network.create("lstm", 3, 4)
    assert notebook.png(lstmviz.forward(net, np.ones((5, 3)), h0=np.ones(4))) is None


def test_a_shell_learns_to_show_both_before_their_classes_are_loaded() -> None:
    learnt: dict[tuple[str, str, str], Any] = {}

    def formatter(kind: str) -> Any:
        def for_type_by_name(module: str, name: str, drawn: Any) -> None:
            learnt[kind, module, name] = drawn

        return SimpleNamespace(for_type_by_name=for_type_by_name)

    kinds = ("text/html", "image/png", "text/plain")
    notebook.register(SimpleNamespace(display_formatter=SimpleNamespace(formatters={k: formatter(k) for k in kinds})))
    assert set(learnt) == {(kind, each.__module__, each.__qualname__) for kind in kinds for each in (Run, Trace)}
    said: list[str] = []
    learnt["text/plain", Run.__module__, "Run"](analyse(company_b()), SimpleNamespace(text=said.append), False)
    assert said == [f"{company_b().title}: 4 steps."]


def test_without_ipython_nothing_happens() -> None:
    notebook.register(None)
    assert "IPython" not in sys.modules
