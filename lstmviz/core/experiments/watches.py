"""Watches: expressions whose value at the cursor stays in view, in the language of ``core/debugger/conditions.py``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Watch:
    """An expression such as ``norm(c)``; with ``track`` it is also drawn over all steps, on the timeline."""

    expression: str
    track: bool = False
