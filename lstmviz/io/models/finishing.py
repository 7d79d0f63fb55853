"""From the weights that were found to a network that runs, or to the reason why the engine does not have it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from lstmviz.core.arrays import Array, frozen
from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import Coupling, Nonlinearity
from lstmviz.io.models.model_file import Candidate, Embedding, Kind
from lstmviz.io.models.wiring import Dense


def finished(candidate: Candidate, embedding: Embedding | None = None, dense: Dense | None = None) -> Candidate:
    """The candidate with its network, or with the reason why there is none."""
    candidate = replace(candidate, embedding=embedding, head_name=dense.name if dense else "")
    refusal = _refusal(candidate)
    if not refusal:
        try:
            network = Network.from_state_dict(
                _state_dict(candidate, dense),
                nonlinearity=candidate.nonlinearity,
                coupled=Coupling.FORGET if candidate.coupled else None,
            )
            return replace(candidate, network=network)
        except LstmvizError as error:
            refusal = str(error)
    return replace(candidate, refusal=refusal)


def with_nonlinearity(candidate: Candidate, nonlinearity: str | Nonlinearity) -> Network:
    """The network of a vanilla RNN with another phi than assumed. Raises LstmvizError where the file says which."""
    wanted = Nonlinearity(nonlinearity)
    if candidate.network is None:
        raise LstmvizError(candidate.refusal, where=candidate.name)
    if wanted is candidate.nonlinearity:
        return candidate.network
    if candidate.kind is not Kind.RNN or candidate.nonlinearity_known:
        raise LstmvizError(
            f"The file says that its function is {candidate.nonlinearity.value}",
            where=candidate.name,
            how="Leave the nonlinearity out.",
        )
    return Network.from_state_dict(candidate.network.state_dict(), nonlinearity=wanted)


def _refusal(candidate: Candidate) -> str:
    """Why the engine cannot run it; empty where it can."""
    if candidate.kind is Kind.GRU:
        return "This is a GRU (3H rows: reset, update, new). LSTMs and vanilla RNNs can be run."
    if not candidate.unusual:
        return ""
    return f"This {candidate.kind.value} has what the engine does not run: {'; '.join(candidate.unusual)}."


def _state_dict(candidate: Candidate, dense: Dense | None) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    for number, layer in enumerate(candidate.layers):
        for weights, suffix in zip(layer, ("", "_reverse"), strict=False):
            named = weights.named()
            arrays |= {f"{name}_l{number}{suffix}": array for name, array in _both_biases(named).items()}
    if dense:
        arrays["head.weight"] = dense.weight
        if dense.bias is not None:
            arrays["head.bias"] = dense.bias
    return arrays


def _both_biases(named: Mapping[str, Array]) -> dict[str, Array]:
    """A second bias of zeros beside a single one: the engine has two or none, as PyTorch does."""
    present = [name for name in ("bias_ih", "bias_hh") if name in named]
    if len(present) != 1:
        return dict(named)
    zeros = frozen(np.zeros_like(named[present[0]]))
    return {"bias_ih": zeros, "bias_hh": zeros} | dict(named)
