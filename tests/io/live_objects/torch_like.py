"""Objects with the outside of PyTorch's modules and tensors, computed by a plain loop of NumPy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np


class Tensor:
    """What is asked of a tensor; it refuses to become an array before it is detached and on the CPU, as they do."""

    def __init__(self, values: Any, *, ready: bool = False) -> None:
        self.values = np.asarray(values)
        self.dtype, self.shape, self.ndim = self.values.dtype, self.values.shape, self.values.ndim
        self._ready = ready

    def detach(self) -> Tensor:
        return self

    def cpu(self) -> Tensor:
        return Tensor(self.values, ready=True)

    def numpy(self) -> Any:
        if not self._ready:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad")
        return self.values

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("not an array")


class Module:
    """Parts in attributes, hooks with keywords, and a training flag."""

    def __init__(self) -> None:
        self.training = True
        self.hooks: list[Callable[..., None]] = []

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        yield prefix, self
        for name, part in vars(self).items():
            if isinstance(part, Module):
                yield from part.named_modules(f"{prefix}.{name}".strip("."))

    def state_dict(self) -> dict[str, Tensor]:
        return {
            f"{prefix}.{name}".strip("."): value
            for prefix, part in self.named_modules()
            for name, value in vars(part).items()
            if isinstance(value, Tensor)
        }

    def eval(self) -> None:
        for _, part in self.named_modules():
            part.training = False

    def register_forward_hook(self, hook: Callable[..., None], *, with_kwargs: bool = False) -> Any:
        assert with_kwargs
        self.hooks.append(hook)
        owner = self

        class Handle:
            def remove(self) -> None:
                owner.hooks.remove(hook)

        return Handle()

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        output = self.forward(*arguments, **named)
        for hook in self.hooks:
            assert hook(self, arguments, named, output) is None
        return output

    def forward(self, *arguments: Any, **named: Any) -> Any:
        raise NotImplementedError


class LSTMCell(Module):
    """One step of an LSTM."""

    def __init__(self, inputs: int, units: int, dtype: Any = np.float64) -> None:
        super().__init__()
        random = np.random.default_rng(units)
        shapes = {"weight_ih": (4 * units, inputs), "weight_hh": (4 * units, units)}
        shapes |= {"bias_ih": (4 * units,), "bias_hh": (4 * units,)}
        for name, shape in shapes.items():
            setattr(self, name, Tensor((0.5 * random.standard_normal(shape)).astype(dtype)))

    def forward(self, x: Any, hx: Any = None) -> tuple[Tensor, Tensor]:
        zeros = np.zeros((len(x.values), self.weight_hh.shape[1]))  # type: ignore[attr-defined]
        h, c = (zeros, zeros) if hx is None else (each.values for each in hx)
        weights = [getattr(self, name).values for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
        h, c = lstm_step(x.values, h, c, *weights)
        return Tensor(h), Tensor(c)


class LSTM(Module):
    """One layer, one direction; ``rows`` other than 4 give the shapes of another cell."""

    def __init__(self, inputs: int, units: int, *, batch_first: bool = False, rows: int = 4) -> None:
        super().__init__()
        self.num_layers, self.batch_first, self.dropout = 1, batch_first, 0.0
        cell = LSTMCell(inputs, units)
        self.weights = [getattr(cell, name).values[: rows * units] for name in vars(cell) if "_" in name]
        for name, values in zip(("weight_ih", "weight_hh", "bias_ih", "bias_hh"), self.weights, strict=True):
            setattr(self, f"{name}_l0", Tensor(values))

    def forward(self, x: Any, hx: Any = None) -> Any:
        values = x.values.swapaxes(0, 1) if self.batch_first else x.values
        zeros = np.zeros((values.shape[1], self.weights[1].shape[1]))
        h, c = (zeros, zeros) if hx is None else (each.values[0] for each in hx)
        rows = []
        for step in values:
            h, c = lstm_step(step, h, c, *self.weights)
            rows.append(h)
        y = np.stack(rows, 1 if self.batch_first else 0)
        return Tensor(y), (Tensor(h[None]), Tensor(c[None]))


def lstm_step(x: Any, h: Any, c: Any, weight_ih: Any, weight_hh: Any, bias_ih: Any, bias_hh: Any) -> tuple[Any, Any]:
    """The equations of one step, gates in the order i, f, g, o."""
    i, f, g, o = np.split(x @ weight_ih.T + h @ weight_hh.T + bias_ih + bias_hh, 4, axis=1)
    i, f, o = (1 / (1 + np.exp(-z)) for z in (i, f, o))
    c = f * c + i * np.tanh(g)
    return o * np.tanh(c), c
