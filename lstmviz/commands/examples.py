"""``lstmviz examples``"""

from __future__ import annotations

import argparse

from lstmviz.io.experiments import example_titles


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(arguments: argparse.Namespace) -> int:
    """List the examples, a line each, the name first."""
    examples = example_titles()
    width = max(len(name) for name, _ in examples)
    for name, title in examples:
        print(f"{name:<{width}}  {title}")
    return 0
