"""Arguments that several commands take."""

from __future__ import annotations

import argparse

from lstmviz.io.sessions import SUFFIX


def add_example(parser: argparse.ArgumentParser) -> None:
    """What to run: ``example``."""
    parser.add_argument(
        "example",
        metavar="EXAMPLE|SESSION|MODEL",
        help=f"an example's name (see: lstmviz examples), the file of a session, FILE{SUFFIX}, or of a trained model",
    )


def add_layer(parser: argparse.ArgumentParser, words: str) -> None:
    """Which layer and direction: ``layer``."""
    parser.add_argument("--layer", metavar="NAME", default="l0", help=f"{words} (default: l0)")
