"""What the unrolled view says in words: the headline, what flows into a step, what dried up, zeros and overflows."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import numpy as np

from lstmviz.core.arrays import Array, BoolArray
from lstmviz.core.magnitudes import EXPLODED, VANISHED, magnitude, superscript_power
from lstmviz.core.text import LONG_EXPONENT
from lstmviz.gui.views.unrolled.rows import NetworkRow, River, Unrolled

_RAISED = str.maketrans("0123456789−.", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻·")


def headline(shown: Unrolled) -> str:
    """What the step farthest from the loss receives, in every network."""
    if shown.length == 1:
        return "There is one step only: no gradient flows between steps."
    if all((river.log10 == -np.inf).all() for row in shown.rows for river in row.rivers):
        return "No gradient flows between the steps: it is exactly 0 everywhere."
    main, *others = shown.rows
    end = shown.farthest
    still = "still " if _lasts(shown) else ""
    said = f"At step {end:,} the {main.network} {still}receives {_amounts(shown, main, end)}"
    return said + "".join(f"; the {row.network} {_amounts(shown, row, end)}" for row in others) + "."


def dried_in_words(shown: Unrolled) -> str:
    """From which step on all that flows in a network is below the scale, or has exploded; else empty."""
    low = shown.scale.low
    dry, exploded = superscript_power(round(low)), superscript_power(round(EXPLODED))
    sentences = []
    for row in shown.rows:
        flows = np.max([river.log10 for river in row.rivers], axis=0)
        river = "river" if len(row.rivers) == 1 else "rivers"
        small = _from_step(shown, flows < low)
        if small is not None and (flows > -np.inf).any():
            verb = "dries" if river == "river" else "dry"
            sentences.append(f"The {row.network}’s {river} {verb} up, below {dry}, from step {small:,} back.")
        large = _from_step(shown, flows > EXPLODED)
        if large is not None and (flows < np.inf).any():
            verb = "swells" if river == "river" else "swell"
            sentences.append(f"The {row.network}’s {river} {verb}, above {exploded}, from step {large:,} back.")
    return " ".join(sentences)


def zeros_in_words(shown: Unrolled) -> str:
    """Where exactly nothing flows; else empty."""
    found = _places(shown, lambda log10: log10 == -np.inf)
    return f"Exactly 0, a dotted line: {found}." if found else ""


def overflow_in_words(shown: Unrolled) -> str:
    """Where a flow is infinite or not a number; else empty."""
    found = _places(shown, lambda log10: np.isnan(log10) | (log10 == np.inf))
    return f"Infinite or not a number (numbers beyond 1.8×10³⁰⁸ overflow), hatched: {found}." if found else ""


def step_sentence(shown: Unrolled, t: int) -> str:
    """What flows into step t in all networks, in exact numbers, and what enters there."""
    sender = shown.sender(t)
    if sender is None:
        said = f"Step {t:,} is the last that the layer reads: no step sends gradient to it."
    else:
        paths = "; ".join(_exact_paths(shown.received, row, t) for row in shown.rows)
        said = f"Into step {t:,} flow from step {sender:,}: {paths}."
        ghosts = [row for row in shown.rows if any(river.before is not None for river in row.rivers)]
        if ghosts:
            said += f" Before: {'; '.join(_exact_paths(shown.received_before, row, t) for row in ghosts)}."
    entering = [(row, float(row.entering[t - 1])) for row in shown.rows]
    if all(value == -np.inf for _, value in entering):
        return said
    amounts = ", ".join(f"{row.network} {_exact(value)}" for row, value in entering)
    return f"{said} From the {shown.source}: {amounts}."


def river_name(row: NetworkRow, river: River) -> str:
    """Which river, such as ``LSTM through c``."""
    return f"{row.network} through {river.symbol}"


def table(shown: Unrolled) -> tuple[tuple[str, ...], list[tuple[float, ...]]]:
    """Headers, and for each step its number, what flows into it on every path, and what enters; 0 for nothing."""
    headers, columns = ["step"], []
    for row in shown.rows:
        for river in row.rivers:
            headers.append(river_name(row, river))
            ends = ([-np.inf], river.log10) if shown.reverse else (river.log10, [-np.inf])
            columns.append(np.concatenate(ends))
        headers.append(f"{row.network} from the {shown.source}")
        columns.append(row.entering)
    with np.errstate(over="ignore"):
        values = [10.0**column for column in columns]
    return tuple(headers), [(t, *(float(column[t - 1]) for column in values)) for t in range(1, shown.length + 1)]


def raised(text: str) -> str:
    """Plain text with its powers of ten raised: ``10^−5.2`` as ``10⁻⁵·²``."""
    return re.sub(r"10\^(−?[\d.]*\d)", lambda found: "10" + found[1].translate(_RAISED), text)


def _lasts(shown: Unrolled) -> bool:
    """Whether the first network still receives a useful gradient at the far end, and more than the others."""
    main, *others = (max(shown.received(river, shown.farthest) for river in row.rivers) for row in shown.rows)
    return bool(VANISHED < main < EXPLODED and all(other < main - 1 for other in others))


def _amounts(shown: Unrolled, row: NetworkRow, t: int) -> str:
    values = [shown.received(river, t) for river in row.rivers]
    if len(values) == 1:
        return _amount(values[0])
    return ", ".join(
        f"{_amount(value)} through {river.symbol}" for value, river in zip(values, row.rivers, strict=True)
    )


def _amount(log10_value: float) -> str:
    return "exactly 0" if log10_value == -math.inf else magnitude(log10_value)


def _exact_paths(received: Callable[[River, int], float], row: NetworkRow, t: int) -> str:
    paths = " and ".join(f"{_exact(received(river, t))} through {river.symbol}" for river in row.rivers)
    return f"{row.network} {paths}"


def _exact(log10_value: float) -> str:
    """The magnitude with six digits."""
    if not abs(log10_value) < LONG_EXPONENT:
        return _amount(log10_value)
    exponent = math.floor(log10_value)
    if -5 <= exponent < 5:
        return f"{10**log10_value:,.{5 - exponent}f}"
    return f"{10 ** (log10_value - exponent):.5f}×{superscript_power(exponent)}"


def _from_step(shown: Unrolled, mask: BoolArray) -> int | None:
    """The step from which on the flow into every step down to the far end is in ``mask`` [T-1]; None if it is not."""
    way = mask[::-1] if not shown.reverse else mask
    outside = np.flatnonzero(~way)
    start = int(outside[-1]) + 1 if len(outside) else 0
    if start == len(way):
        return None
    return start + 2 if shown.reverse else len(way) - start


def _places(shown: Unrolled, holds: Callable[[Array], BoolArray]) -> str:
    """The rivers and the steps into which a flow ``holds``, such as ``RNN through h from step 34 back``."""
    names: dict[bytes, list[str]] = {}
    for row in shown.rows:
        for river in row.rivers:
            mask = holds(river.log10)
            if mask.any():
                names.setdefault(mask.tobytes(), []).append(river_name(row, river))
    rivers = sum(len(row.rivers) for row in shown.rows)
    found = []
    for key, who in names.items():
        listed = "every river" if len(who) == rivers > 1 else ", ".join(who)
        found.append(f"{listed} {_where(shown, np.frombuffer(key, np.bool_))}")
    return "; ".join(found)


def _where(shown: Unrolled, mask: BoolArray) -> str:
    steps = np.flatnonzero(mask) + (2 if shown.reverse else 1)
    back = _from_step(shown, mask)
    if len(steps) == len(mask):
        return "into every step"
    if len(steps) == 1:
        return f"into step {int(steps[0]):,}"
    if back is not None and len(steps) == abs(back - shown.farthest) + 1:
        return f"from step {back:,} back"
    if len(steps) == steps[-1] - steps[0] + 1:
        return f"into steps {int(steps[0]):,} to {int(steps[-1]):,}"
    return f"into {len(steps):,} of {len(mask):,} steps"
