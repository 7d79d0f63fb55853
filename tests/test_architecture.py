"""Who may import whom. The README's architecture section says the same."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "lstmviz"
CORE_AND_IO = sorted([*PACKAGE.glob("core/**/*.py"), *PACKAGE.glob("io/**/*.py")])
VIEWS = sorted(PACKAGE.glob("gui/views/**/*.py"))
PANELS = sorted(PACKAGE.glob("gui/panels/**/*.py"))
CORE = [path for path in CORE_AND_IO if "core" in path.relative_to(PACKAGE).parts]

WORDS_AND_NUMBERS = {"arrays", "caret", "errors", "magnitudes", "numerals", "progress", "text"}
OVER_A_RUN = {"analysis", "comparison", "cursor", "debugger", "explanations", "gradients", "training"}
CORE_ORDER = {
    **dict.fromkeys(WORDS_AND_NUMBERS, 0),
    "networks": 1,
    "engine": 2,
    "quantity": 3,
    "experiments": 3,
    "experiment": 4,
    "run": 5,
    "value_reference": 6,
    **dict.fromkeys(OVER_A_RUN, 7),
}
"""What of core may import what: only of an earlier number. Over a run, see ``AMONG_EQUALS``."""

AMONG_EQUALS = {
    "analysis": {"gradients"},
    "debugger": {"cursor"},
    "explanations": {"cursor"},
    "training": {"gradients", "analysis"},
}


def _module(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


def _imports(path: Path) -> set[str]:
    """Every module that a file imports, wherever in the file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_core_and_io_load_no_qt() -> None:
    modules = [_module(path) for path in CORE_AND_IO] + ["lstmviz", "lstmviz.cli"]
    assert len(modules) > 20
    program = (
        f"import importlib, sys\nfor name in {modules!r}: importlib.import_module(name)\n"
        "print(sorted(name for name in sys.modules if name.partition('.')[0] in ('PyQt6', 'pyqtgraph')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("path", CORE_AND_IO, ids=_module)
def test_core_imports_no_io_and_io_no_gui(path: Path) -> None:
    forbidden = ("lstmviz.gui", "lstmviz.cli") + (("lstmviz.io",) if "core" in path.relative_to(PACKAGE).parts else ())
    assert not [name for name in _imports(path) if name.startswith(forbidden)]


def _part_of_core(module: str) -> str:
    """``engine`` of ``lstmviz.core.engine.lstm``; empty for what is not in core, and for core itself."""
    package, _, rest = module.partition("lstmviz.core.")
    return "" if package else rest.partition(".")[0]


@pytest.mark.parametrize("path", CORE, ids=_module)
def test_the_parts_of_core_build_on_each_other_in_one_order(path: Path) -> None:
    part = _part_of_core(_module(path))
    used = {_part_of_core(name) for name in _imports(path)} - {"", part}
    early = {name for name in used if CORE_ORDER[name] < CORE_ORDER[part]} if part else set()
    within_words = used & WORDS_AND_NUMBERS if part in WORDS_AND_NUMBERS else set()
    assert used <= early | within_words | AMONG_EQUALS.get(part, set())


@pytest.mark.parametrize("path", VIEWS, ids=_module)
def test_views_know_core_types_the_style_the_worker_and_their_own_parts(path: Path) -> None:
    leaves = ("lstmviz.gui.style", "lstmviz.gui.shortcuts", "lstmviz.gui.worker", "lstmviz.gui.job")
    allowed = ("lstmviz.core", "lstmviz.gui.views", *leaves)
    ours = [name for name in _imports(path) if name.startswith("lstmviz.")]
    assert not [name for name in ours if not name.startswith(allowed)]


@pytest.mark.parametrize("path", PANELS, ids=_module)
def test_panels_do_not_know_views_or_the_window(path: Path) -> None:
    forbidden = ("lstmviz.gui.views", "lstmviz.gui.main_window", "lstmviz.cli")
    assert not [name for name in _imports(path) if name.startswith(forbidden)]


def test_only_the_launcher_and_the_renderer_know_the_window() -> None:
    knowing = {
        path.name
        for path in PACKAGE.rglob("*.py")
        if any(name.startswith("lstmviz.gui.main_window") for name in _imports(path))
    }
    assert knowing == {"render.py", "window_opening.py"}
