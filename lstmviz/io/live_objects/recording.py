"""What a part of a PyTorch model really reads: recorded by a forward hook while the model runs on the user's input."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmviz.core.errors import LstmvizError
from lstmviz.io.live_objects.foreign_arrays import as_numpy
from lstmviz.io.live_objects.torch_modules import is_cell

Numbers = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Recording:
    """What one module has read and written, over as many calls as belong together.

    x        [T, B, I]
    y        [T, B, H * directions]
    states   (h0,) or (h0, c0), each [layers * directions, B, H]; None where the module started from zeros
    calls    how many calls these are;  all_calls  how often the model has called the module
    """

    x: Numbers
    y: Numbers
    states: tuple[Numbers, ...] | None
    calls: int
    all_calls: int


def record(model: Any, module: Any, name: str, x: Any) -> Recording:
    """Run ``model`` on ``x`` once, in eval mode and without gradients, and record what ``module`` reads.

    x  what the model takes: one array or tensor, a tuple of arguments, or a dict of arguments by name

    An LSTMCell, or an LSTM that is called step by step, is called often: calls that hand their state on are one
    sequence. Raises LstmvizError where the model does not call the module; an error of the model's own goes through.
    """
    recorder = _Recorder(is_cell(module), bool(getattr(module, "batch_first", False)))
    arguments, named = _arguments(model, x)
    handle = module.register_forward_hook(recorder.hook, with_kwargs=True)
    try:
        with _eval_mode(model), _without_gradients():
            model(*arguments, **named)
    finally:
        handle.remove()
    if not recorder.calls:
        raise LstmvizError("The model does not call this module", where=name, how="Choose one that it runs on x.")
    return _joined(recorder.calls)


@dataclass(frozen=True, eq=False)
class _Call:
    """One call: x [T, B, I], y [T, B, O], states before and after."""

    x: Numbers
    y: Numbers
    before: tuple[Numbers, ...] | None
    after: tuple[Numbers, ...]


@dataclass
class _Recorder:
    """The forward hook."""

    cell: bool
    batch_first: bool
    calls: list[_Call] = field(default_factory=list)

    def hook(self, module: Any, arguments: tuple[Any, ...], named: Mapping[str, Any], output: Any) -> None:
        """The signature of PyTorch's forward hooks ``with_kwargs``; returns nothing, so that nothing is changed."""
        given = arguments[0] if arguments else named["input"]
        before = arguments[1] if len(arguments) > 1 else named.get("hx")
        states = None if before is None else before if isinstance(before, tuple) else (before,)
        if self.cell:
            after = output if isinstance(output, tuple) else (output,)
            y = after[0]
        else:
            y, last = output
            after = last if isinstance(last, tuple) else (last,)
        batched = hasattr(given, "batch_sizes") or given.ndim == (2 if self.cell else 3)
        self.calls.append(
            _Call(
                self._sequences(given, batched),
                self._sequences(y, batched),
                None if states is None else tuple(self._state(state, batched) for state in states),
                tuple(self._state(state, batched) for state in after),
            )
        )

    def _sequences(self, values: Any, batched: bool) -> Numbers:
        """[T, B, I]; of a PackedSequence the first sequence alone."""
        if hasattr(values, "batch_sizes"):
            return _first_of_packed(values)
        array = _copied(values)
        if not batched:
            array = array[None, :] if self.cell else array[:, None, :]
        if self.cell:
            return array.reshape(1, -1, array.shape[-1])
        return array.swapaxes(0, 1) if self.batch_first and batched else array

    def _state(self, values: Any, batched: bool) -> Numbers:
        """[layers * directions, B, H]."""
        array = _copied(values)
        if self.cell:
            return array.reshape(1, -1, array.shape[-1])
        return array if batched else array[:, None, :]


def _joined(calls: list[_Call]) -> Recording:
    """The first calls that hand their state on, as one sequence."""
    together = 1
    for earlier, later in pairwise(calls):
        if later.before is None or not all(map(np.array_equal, later.before, earlier.after)):
            break
        together += 1
    first = calls[:together]
    batch = first[0].x.shape[1]
    before = first[0].before
    return Recording(
        np.concatenate([call.x for call in first]),
        np.concatenate([call.y for call in first]),
        None if before is None else tuple(state[:, :batch] for state in before),
        together,
        len(calls),
    )


def _first_of_packed(packed: Any) -> Numbers:
    """The first sequence of a PackedSequence as [T, 1, I]. Its data hold step after step, longer sequences first."""
    sizes = as_numpy(packed.batch_sizes, "batch_sizes").astype(int)
    order = getattr(packed, "unsorted_indices", None)
    place = 0 if order is None else int(as_numpy(order, "unsorted_indices")[0])
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    rows: Numbers = _copied(packed.data)[(starts + place)[sizes > place]]
    return rows[:, None, :]


def _copied(values: Any) -> Numbers:
    """A copy: the model may write into the same memory later."""
    return as_numpy(values, "the recorded numbers").copy()


def _arguments(model: Any, x: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    if isinstance(x, Mapping):
        return (), {str(name): _for_model(model, value) for name, value in x.items()}
    if isinstance(x, tuple) and not hasattr(x, "batch_sizes"):
        return tuple(_for_model(model, value) for value in x), {}
    return (_for_model(model, x),), {}


def _for_model(model: Any, value: Any) -> Any:
    """An array of NumPy as a tensor on the model's device, and of its type where it has a point; others as they are."""
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(value, np.ndarray):
        return value
    like = next((each for each in model.parameters() if each.is_floating_point()), None)
    tensor = torch.as_tensor(np.ascontiguousarray(value))
    if like is None:
        return tensor
    return tensor.to(like.device, like.dtype if tensor.is_floating_point() else tensor.dtype)


@contextmanager
def _eval_mode(model: Any) -> Iterator[None]:
    """No dropout, and no statistics of a batch normalisation changed, while the model runs."""
    before = [(module, module.training) for _, module in model.named_modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in before:
            module.training = training


def _without_gradients() -> AbstractContextManager[Any]:
    torch = sys.modules.get("torch")
    return nullcontext() if torch is None else torch.no_grad()
