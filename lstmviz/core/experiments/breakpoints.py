"""Breakpoints: conditions over a run, in the language of ``core/debugger/conditions.py``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Breakpoint:
    """A condition such as ``f[2] < 0.1``; it is hit at every step at which it holds.

    enabled  whether running stops there
    logs     a log point: running there writes a row instead of stopping
    """

    condition: str
    enabled: bool = True
    logs: bool = False
