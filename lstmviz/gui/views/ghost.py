"""The ghost: what a run was before its what-ifs, for the views that lay it under what it is now."""

from __future__ import annotations

from lstmviz.core.run import Run


def ghost_of(run: Run, layer: str) -> Run | None:
    """The run without what-ifs, where steps and units of ``layer`` are the same as in ``run``; else None."""
    before = run.before
    if before is None or before.length != run.length or layer not in before.trace.layers:
        return None
    then, now = before.trace[layer], run.trace[layer]
    alike = type(then) is type(now) and then.h.shape == now.h.shape and then.z.shape == now.z.shape
    return before if alike else None


def before_in_words(before: str, now: str) -> str:
    """`` Before: 0.310, now 0.950.``, to stand after a sentence; empty where both read the same."""
    return "" if before == now else f" Before: {before}, now {now}."
