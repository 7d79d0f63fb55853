"""How the networks of an experiment are made: chosen sizes and a seed, or given weights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from lstmviz.core.arrays import ValueEquality, frozen
from lstmviz.core.errors import LstmvizError
from lstmviz.core.networks.initialisation import Initialisation
from lstmviz.core.networks.network import Network
from lstmviz.core.networks.parameters import Cell, Nonlinearity
from lstmviz.core.text import count


@dataclass(frozen=True, eq=False)
class NetworkRecipe(ValueEquality):
    """Everything that determines the weights of a network, but for the width of its input.

    output_size      width of the linear head; 0: no head, y[t] is h[t] of the top layer
    forget_bias      b_f of every forget gate; None leaves it as drawn or given
    recurrent_scale  factor on every weight_hh
    weights          given weights; then the sizes, the initialisation and the seed describe them only
    """

    cell: Cell = Cell.LSTM
    hidden_size: int = 8
    num_layers: int = 1
    bidirectional: bool = False
    output_size: int = 0
    nonlinearity: Nonlinearity = Nonlinearity.TANH
    initialisation: Initialisation = Initialisation.UNIFORM
    seed: int = 0
    forget_bias: float | None = None
    recurrent_scale: float = 1.0
    weights: Network | None = None

    def build(self, input_size: int) -> Network:
        """The network, the same for the same recipe. Raises LstmvizError for impossible sizes."""
        if self.weights is None:
            return Network.create(
                self.cell,
                input_size,
                self.hidden_size,
                num_layers=self.num_layers,
                bidirectional=self.bidirectional,
                output_size=self.output_size,
                nonlinearity=self.nonlinearity,
                initialisation=self.initialisation,
                seed=self.seed,
                forget_bias=self.forget_bias,
                recurrent_scale=self.recurrent_scale,
            )
        if self.weights.input_size != input_size:
            raise LstmvizError(
                f"The given weights read {self.weights.input_size} features a step, the sequence has {input_size}",
                where="network",
                how="Give a sequence of that width, or draw new weights.",
            )
        return self.weights.adjusted(self.forget_bias, self.recurrent_scale)

    @staticmethod
    def given(weights: Network) -> NetworkRecipe:
        """The recipe that hands out ``weights`` as they are."""
        return NetworkRecipe(
            cell=weights.cell,
            hidden_size=weights.hidden_size,
            num_layers=len(weights.layers),
            bidirectional=weights.bidirectional,
            output_size=weights.output_size if weights.head else 0,
            nonlinearity=weights.layers[0].nonlinearity,
            weights=weights,
        )

    def with_weight(self, input_size: int, name: str, index: tuple[int, ...], value: float) -> NetworkRecipe:
        """The recipe with one weight of the built network set by hand; the others stay as they are now."""
        network = self.build(input_size)
        if name not in network.state_dict():
            raise LstmvizError(f"There is no weight called {name}", where="network")
        array = network.state_dict()[name].copy()
        if len(index) != array.ndim or not all(0 <= k < size for k, size in zip(index, array.shape, strict=True)):
            raise LstmvizError(f"{name} has no entry {list(index)}", how=f"Its shape is {list(array.shape)}.")
        array[index] = value
        changed = network.with_parameters({name: frozen(array)})
        return replace(self, weights=changed, forget_bias=None, recurrent_scale=1.0)


class BaselineSize(Enum):
    """What the vanilla RNN has in common with the network that it stands beside."""

    SAME_HIDDEN_SIZE = "same hidden size"
    SAME_PARAMETERS = "same number of parameters"


@dataclass(frozen=True, eq=False)
class BaselineRecipe(ValueEquality):
    """The vanilla RNN beside the LSTM: the same inputs, layers, directions, seed, initialisation and head.

    weights  a given one, such as one that was trained; its layers, directions and outputs are those of the network
             that it stands beside, then nonlinearity and size only describe it
    """

    nonlinearity: Nonlinearity = Nonlinearity.TANH
    size: BaselineSize = BaselineSize.SAME_HIDDEN_SIZE
    weights: Network | None = None

    @staticmethod
    def given(weights: Network) -> BaselineRecipe:
        """The recipe that hands out ``weights`` as they are."""
        return BaselineRecipe(nonlinearity=weights.layers[0].nonlinearity, weights=weights)

    def build(self, recipe: NetworkRecipe, network: Network) -> Network:
        """The baseline of ``network``, which ``recipe`` built. Raises LstmvizError where given weights do not fit."""
        if self.weights is not None:
            _refuse_other_shape(self.weights, network)
            return self.weights
        options = replace(
            recipe, cell=Cell.RNN, nonlinearity=self.nonlinearity, forget_bias=None, weights=None, recurrent_scale=1.0
        )
        if self.size is BaselineSize.SAME_PARAMETERS:
            options = replace(options, hidden_size=_hidden_size_with(options, network))
        return options.build(network.input_size)


def _refuse_other_shape(baseline: Network, network: Network) -> None:
    """Raises LstmvizError unless both read, stack and answer alike; only so can they be drawn side by side."""
    if baseline.cell is not Cell.RNN:
        raise LstmvizError(
            "The given weights beside the network are those of an LSTM",
            where="RNN beside it",
            how="Give those of a vanilla RNN.",
        )
    for noun, has, needs in (
        ("input", baseline.input_size, network.input_size),
        ("layer", len(baseline.layers), len(network.layers)),
        ("direction", baseline.num_directions, network.num_directions),
        ("output", baseline.output_size if baseline.head else 0, network.output_size if network.head else 0),
    ):
        if has != needs:
            raise LstmvizError(
                f"The given vanilla RNN has {count(has, noun)}, the network beside it {needs:,}",
                where="RNN beside it",
                how="Draw a new vanilla RNN, or give weights that fit.",
            )


def _hidden_size_with(options: NetworkRecipe, network: Network) -> int:
    """The hidden size at which the RNN's number of parameters comes nearest to that of ``network``."""

    def distance(hidden_size: int) -> int:
        return abs(rnn_parameters(options, network.input_size, hidden_size) - network.num_parameters)

    largest = 1
    while rnn_parameters(options, network.input_size, largest) < network.num_parameters:
        largest *= 2
    below, above = largest // 2, largest
    while above - below > 1:
        middle = (below + above) // 2
        if rnn_parameters(options, network.input_size, middle) < network.num_parameters:
            below = middle
        else:
            above = middle
    return min((max(below, 1), above), key=distance)


def rnn_parameters(options: NetworkRecipe, input_size: int, hidden_size: int) -> int:
    """How many weights a vanilla RNN of these options and this hidden size has."""
    directions = 2 if options.bidirectional else 1
    width, total = input_size, 0
    for _ in range(options.num_layers):
        total += directions * hidden_size * (width + hidden_size + 2)
        width = directions * hidden_size
    return total + options.output_size * (width + 1)
