"""``lstmviz examples``"""

from __future__ import annotations

import argparse

from lstmviz.commands.arguments import add_json, describe
from lstmviz.commands.streams import print_json
from lstmviz.io.experiments import example_titles


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How to print them."""
    describe(
        parser, "List the examples, a line each: the name, which every other command takes, and the title.",
        "lstmviz examples", "lstmviz examples --json",
    )  # fmt: skip
    add_json(parser, 'a list of {"name", "title"}')


def run(arguments: argparse.Namespace) -> int:
    """List the examples, a line each, the name first."""
    examples = example_titles()
    if arguments.json:
        print_json([{"name": name, "title": title} for name, title in examples])
        return 0
    width = max(len(name) for name, _ in examples)
    for name, title in examples:
        print(f"{name:<{width}}  {title}")
    return 0
