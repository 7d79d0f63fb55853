"""The objective of a run as a function of a script: the loss, and in the NumPy script its gradient too."""

from __future__ import annotations

from lstmviz.core.experiments.objective import ObjectiveKind
from lstmviz.core.run import Run

_NUMPY = {
    ObjectiveKind.SUM_OF_LAST: """
    dy = np.zeros_like(y)
    dy[-1] = 1
    return y[-1].sum(), dy
""",
    ObjectiveKind.ONE_UNIT: """
    dy = np.zeros_like(y)
    dy[{row}, {unit}] = 1
    return y[{row}, {unit}], dy
""",
    ObjectiveKind.SQUARED_ERROR: """
    dy = np.zeros_like(y)
    error = y[{first}:{last}] - {target}
    dy[{first}:{last}] = 2 * error
    return (error**2).sum(), dy
""",
    ObjectiveKind.CROSS_ENTROPY: """
    logits = y[{first}:{last}]
    shifted = logits - logits.max(1, keepdims=True)  # so that exp cannot overflow
    log_softmax = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    right = np.arange(len(logits)), {classes}
    dlogits = np.exp(log_softmax)
    dlogits[right] -= 1
    dy = np.zeros_like(y)
    dy[{first}:{last}] = dlogits
    return -log_softmax[right].sum(), dy
""",
}

_TORCH = {
    ObjectiveKind.SUM_OF_LAST: """
    return y[-1].sum()
""",
    ObjectiveKind.ONE_UNIT: """
    return y[{row}, {unit}]
""",
    ObjectiveKind.SQUARED_ERROR: """
    return ((y[{first}:{last}] - {target}) ** 2).sum()
""",
    ObjectiveKind.CROSS_ENTROPY: """
    return torch.nn.functional.cross_entropy(y[{first}:{last}], {classes}, reduction="sum")
""",
}


def objective_source(run: Run, torch: bool) -> str:
    """The function ``objective``: of y [T, O] to L, in NumPy to L and dL/dy [T, O]."""
    objective = run.objective
    steps = objective.steps(run.length)
    first, last = steps.start - 1, steps.stop - 1
    next_rows = f"x[{first + 1}:{last + 1}]"
    whole_numbers = "classes.long()" if torch else "classes.astype(int)"
    body = (_TORCH if torch else _NUMPY)[objective.kind].format(
        first=first,
        last=last,
        row=first,
        unit=objective.unit,
        target=next_rows if objective.next_input else "target",
        classes=f"{next_rows}.argmax(1)" if objective.next_input and not run.sequence.table else whole_numbers,
    )
    words = objective.in_words().replace("−", "-").replace("²", "^2")
    returns = "Returns L." if torch else "Returns L and dL/dy."
    return f'\n\ndef objective(y):\n    """{words}. {returns}"""{body}'
