"""Keeping gradients in bounds: clipping, the forget bias, and recurrent weights that neither grow nor shrink."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lstmviz.core.arrays import Array, frozen
from lstmviz.core.errors import LstmvizError
from lstmviz.core.magnitudes import log10_norms
from lstmviz.core.networks.initialisation import Initialisation, draw_layer
from lstmviz.core.networks.network import Network


@dataclass(frozen=True, eq=False)
class ClippedGradients:
    """Parameter gradients after clipping.

    params       dL/d of every weight, by PyTorch name
    log10_norm   log10 of the norm over all of them before
    log10_scale  log10 of the factor that clipping by norm put on all; 0 where it changed nothing
    changed      whether anything was clipped
    """

    params: Mapping[str, Array]
    log10_norm: float
    log10_scale: float
    changed: bool


def clip_by_norm(params: Mapping[str, Array], threshold: float) -> ClippedGradients:
    """All gradients times threshold / ||all of them||_2 where that norm is above ``threshold``.

    The direction stays (Pascanu, Mikolov and Bengio 2013). Norms beyond the range of float64 are clipped too.

    Raises LstmvizError for a threshold that is not positive, and for gradients that are not finite: they have no
    direction.
    """
    _refuse_threshold(threshold)
    for name, array in params.items():
        if not np.isfinite(array).all():
            raise LstmvizError(
                "A gradient that is infinite or not a number cannot be clipped",
                where=name,
                how="Make the weights smaller or the sequence shorter.",
            )
    log10_norm = _log10_norm(params)
    log10_scale = min(float(np.log10(threshold)) - log10_norm, 0.0)
    if log10_scale == 0:
        return ClippedGradients(dict(params), log10_norm, 0.0, changed=False)
    # in two factors: each is within the range of float64, their product need not be
    half = 10 ** (log10_scale / 2)
    clipped = {name: frozen(array * half * half, array.dtype) for name, array in params.items()}
    return ClippedGradients(clipped, log10_norm, log10_scale, changed=True)


def clip_by_value(params: Mapping[str, Array], threshold: float) -> ClippedGradients:
    """Every single gradient brought to between -threshold and threshold: this can change the direction.

    Infinite gradients are clipped, nan stays nan. Raises LstmvizError for a threshold that is not positive.
    """
    _refuse_threshold(threshold)
    clipped = {name: frozen(np.clip(array, -threshold, threshold), array.dtype) for name, array in params.items()}
    changed = any((np.abs(array) > threshold).any() for array in params.values())
    return ClippedGradients(clipped, _log10_norm(params), 0.0, changed)


def clipped_curve(log10_magnitudes: Array, threshold: float) -> Array:
    """log10 of gradient magnitudes [T] if every step's gradient is clipped by norm on its own: min(curve, threshold).

    The steps do not see each other's clipping: it is done after the backward pass, not on the way.
    """
    _refuse_threshold(threshold)
    return np.minimum(log10_magnitudes, np.log10(threshold))


def log10_forget_bias_decay(forget_bias: float, steps: int) -> Array:
    """log10 of sigmoid(b)^k for k = 0 ... steps, [steps + 1]: dc[T]/dc[T-k] where W = U = 0, so that f = sigmoid(b).

    The closed form of the forget product, after Gers, Schmidhuber and Cummins 2000 and Jozefowicz and others 2015.
    """
    return np.asarray(np.arange(steps + 1) * (-np.logaddexp(0, -forget_bias) / np.log(10)))


def forget_bias_half_life(forget_bias: float) -> float:
    """After how many steps sigmoid(b)^k is 1/2; inf where the gate never closes in floating point."""
    decay = float(np.logaddexp(0, -forget_bias))
    return float(np.log(2) / decay) if decay else np.inf


def with_orthogonal_recurrence(network: Network, rho: float, seed: int = 0) -> Network:
    """``network`` with every U_k replaced by rho times a random orthogonal matrix, the same for the same seed.

    In a vanilla RNN at x = b = h = 0, ||dh[T]/dh[t]|| then changes by exactly log10(rho) a step back (Saxe and
    others 2014): below 1 it vanishes, above 1 it explodes. Raises LstmvizError where a projection makes U_k a matrix
    that is not square.
    """
    for name, _, parameters in network.directions():
        if parameters.h_size != parameters.hidden_size:
            raise LstmvizError(
                f"With a projection U is {parameters.hidden_size} × {parameters.h_size}, so it cannot be orthogonal",
                where=name,
                how="Choose a network without a projection.",
            )
    random = np.random.default_rng(seed)
    changes = {
        f"weight_hh_{name}": frozen(
            rho * draw_layer(random, layer.cell, 1, layer.hidden_size, Initialisation.ORTHOGONAL).weight_hh,
            network.dtype,
        )
        for name, layer, _ in network.directions()
    }
    return network.with_parameters(changes)


def _log10_norm(params: Mapping[str, Array]) -> float:
    everything = np.concatenate([np.asarray(array, np.float64).ravel() for array in params.values()])
    return float(log10_norms(everything[None])[0])


def _refuse_threshold(threshold: float) -> None:
    if not threshold > 0:
        raise LstmvizError(f"The threshold is {threshold}", where="clipping", how="It must be above 0.")
