"""The reference vectors that other programs have computed, values and gradients, beside the tests of the core."""

from __future__ import annotations

from pathlib import Path

GOLDEN = Path(__file__).parent / "core" / "golden"
GOLDEN_PROJECTED = Path(__file__).parent / "core" / "golden_projected"
