"""What the README says is true."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from lstmviz.gui.shortcuts import keyboard_table

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_keyboard_table_is_the_app_s_own() -> None:
    table = README.partition("<!-- keys: begin -->\n")[2].partition("<!-- keys: end -->")[0]
    assert table == keyboard_table()


def test_the_library_example_runs() -> None:
    names: dict[str, object] = {}
    for code in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        exec(code, names)
    grads = names["grads"]
    assert np.isfinite(grads["l0"].c).all()  # type: ignore[index]


def test_every_file_it_points_to_is_there() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_every_module_it_names_is_there() -> None:
    for name in re.findall(r"`((?:core|io|gui)/\w+\.py)`", README):
        assert (ROOT / "lstmviz" / name).exists(), name
