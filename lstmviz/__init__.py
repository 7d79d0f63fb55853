"""See inside an LSTM. The public library: networks, forward and backward with every intermediate. Loads no Qt."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lstmviz.core.analysis.attribution import attribute_memory
    from lstmviz.core.analysis.health import health_scan
    from lstmviz.core.analysis.saturation import saturation
    from lstmviz.core.analysis.writes import last_eraser, last_writer
    from lstmviz.core.comparison.diff import diff
    from lstmviz.core.debugger.conditions import find
    from lstmviz.core.engine.passes import backward
    from lstmviz.core.engine.trace import Gradients, Trace
    from lstmviz.core.errors import LstmvizError
    from lstmviz.core.experiments.intervention import intervene
    from lstmviz.core.experiments.token_table import TokenTable
    from lstmviz.core.explanations.explain import explain
    from lstmviz.core.gradients.connectivity import connectivity, itemised_gradients
    from lstmviz.core.gradients.gradient_check import gradient_check
    from lstmviz.core.gradients.jacobians import jacobian_norms
    from lstmviz.core.gradients.path_split import path_split
    from lstmviz.core.networks.network import Network
    from lstmviz.core.run import Run, analyse
    from lstmviz.core.training.catalogue import make_task
    from lstmviz.core.training.checkpoints import Checkpoints
    from lstmviz.core.training.generation import generate
    from lstmviz.core.training.learning_rate import find_learning_rate
    from lstmviz.core.training.table_task import table_task
    from lstmviz.core.training.text_task import NextCharacter
    from lstmviz.core.training.training import compare, train
    from lstmviz.gui.process.show import show
    from lstmviz.io.live_objects.running import forward
    from lstmviz.io.models.reading import load_network, read_model
    from lstmviz.io.models.readings import token_table
    from lstmviz.io.models.saving import save_network
    from lstmviz.io.models.vocabulary import read_vocabulary
    from lstmviz.io.typed_tokens import parse_tokens

__version__ = "0.1.0"

__all__ = [
    "Checkpoints",
    "Gradients",
    "LstmvizError",
    "Network",
    "NextCharacter",
    "Run",
    "TokenTable",
    "Trace",
    "__version__",
    "analyse",
    "attribute_memory",
    "backward",
    "compare",
    "connectivity",
    "diff",
    "explain",
    "find",
    "find_learning_rate",
    "forward",
    "generate",
    "gradient_check",
    "health_scan",
    "intervene",
    "itemised_gradients",
    "jacobian_norms",
    "last_eraser",
    "last_writer",
    "load_network",
    "make_task",
    "parse_tokens",
    "path_split",
    "read_model",
    "read_vocabulary",
    "saturation",
    "save_network",
    "show",
    "table_task",
    "token_table",
    "train",
]

_HOMES = {
    "Checkpoints": "core.training.checkpoints",
    "Gradients": "core.engine.trace",
    "LstmvizError": "core.errors",
    "Network": "core.networks.network",
    "NextCharacter": "core.training.text_task",
    "Run": "core.run",
    "TokenTable": "core.experiments.token_table",
    "Trace": "core.engine.trace",
    "analyse": "core.run",
    "attribute_memory": "core.analysis.attribution",
    "backward": "core.engine.passes",
    "compare": "core.training.training",
    "connectivity": "core.gradients.connectivity",
    "diff": "core.comparison.diff",
    "explain": "core.explanations.explain",
    "find": "core.debugger.conditions",
    "find_learning_rate": "core.training.learning_rate",
    "forward": "io.live_objects.running",
    "generate": "core.training.generation",
    "gradient_check": "core.gradients.gradient_check",
    "health_scan": "core.analysis.health",
    "intervene": "core.experiments.intervention",
    "itemised_gradients": "core.gradients.connectivity",
    "jacobian_norms": "core.gradients.jacobians",
    "last_eraser": "core.analysis.writes",
    "last_writer": "core.analysis.writes",
    "load_network": "io.models.reading",
    "make_task": "core.training.catalogue",
    "parse_tokens": "io.typed_tokens",
    "path_split": "core.gradients.path_split",
    "read_model": "io.models.reading",
    "read_vocabulary": "io.models.vocabulary",
    "saturation": "core.analysis.saturation",
    "save_network": "io.models.saving",
    "show": "gui.process.show",
    "table_task": "core.training.table_task",
    "token_table": "io.models.readings",
    "train": "core.training.training",
}
"""The module in which each public name stands."""


def __getattr__(name: str) -> Any:
    """A public name, imported when it is first asked for: the window opens without those that it does not need."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"lstmviz.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


if "IPython" in sys.modules:
    from lstmviz.io.notebook import register

    register(sys.modules["IPython"].get_ipython())
