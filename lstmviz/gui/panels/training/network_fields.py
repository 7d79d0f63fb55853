"""Which networks are trained, and what they are made of."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QWidget

from lstmviz.core.experiments.recipe import BaselineRecipe, BaselineSize, NetworkRecipe
from lstmviz.core.networks.initialisation import Initialisation
from lstmviz.core.networks.parameters import Cell, Nonlinearity
from lstmviz.core.training.presets import TrainingPreset
from lstmviz.gui.panels.fields import ChoiceBox, NumberBox, WholeBox
from lstmviz.gui.panels.network_form import BASELINE_SIZE_WORDS, MOST_LAYERS, NONLINEARITY_WORDS
from lstmviz.gui.panels.training.rows import Rows, show_number

MOST_UNITS = 512


class Networks(Enum):
    """Which networks are trained."""

    BOTH = "LSTM beside RNN"
    LSTM = "LSTM alone"
    RNN = "RNN alone"


class NetworkFields(QWidget):
    """Fields of a NetworkRecipe and of the vanilla RNN beside it; ``more`` are those that are seldom needed."""

    edited = pyqtSignal()
    """The user changed something."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("trained_network_fields")
        self._build()
        rows = Rows()
        rows.add("networks", self.networks)
        rows.add("units a layer", self.hidden_size, "hidden_size")
        self.rows, self.more = rows, Rows()
        self.setLayout(rows)
        for words, field in (
            ("layers", self.num_layers),
            ("forget bias", self.forget_bias),
            ("size of the RNN", self.baseline_size),
            ("RNN function", self.nonlinearity),
            ("first weights", self.initialisation),
            ("recurrent ×", self.recurrent_scale),
        ):
            self.more.add(words, field)
        for choice in (self.networks, self.baseline_size, self.nonlinearity, self.initialisation):
            choice.activated.connect(self.edited)
        for box in (self.hidden_size, self.num_layers):
            box.valueChanged.connect(self.edited)
        for number_box in (self.forget_bias, self.recurrent_scale):
            number_box.valueChanged.connect(self.edited)
        self.networks.activated.connect(self._show_rows)

    def recipe(self, base: NetworkRecipe, seed: int) -> NetworkRecipe:
        """The network; what has no field is that of ``base``."""
        has_lstm = self.networks.choice is not Networks.RNN
        return replace(
            base,
            cell=Cell.LSTM if has_lstm else Cell.RNN,
            hidden_size=self.hidden_size.value(),
            num_layers=self.num_layers.value(),
            nonlinearity=Nonlinearity.TANH if has_lstm else self.nonlinearity.choice,
            initialisation=self.initialisation.choice,
            recurrent_scale=self.recurrent_scale.value(),
            forget_bias=self.forget_bias.value() if has_lstm else None,
            seed=seed,
        )

    def baseline(self) -> BaselineRecipe | None:
        """The vanilla RNN beside the network; None for none."""
        if self.networks.choice is not Networks.BOTH:
            return None
        return BaselineRecipe(self.nonlinearity.choice, self.baseline_size.choice)

    def show_plan(self, plan: TrainingPreset) -> None:
        """Show the networks of a plan; nothing is reported."""
        recipe, baseline = plan.recipe, plan.baseline
        self.networks.show_choice(_networks_of(plan))
        self.hidden_size.show_value(recipe.hidden_size)
        self.num_layers.show_value(recipe.num_layers)
        show_number(self.forget_bias, 1.0 if recipe.forget_bias is None else recipe.forget_bias)
        show_number(self.recurrent_scale, recipe.recurrent_scale)
        self.initialisation.show_choice(recipe.initialisation)
        self.nonlinearity.show_choice(baseline.nonlinearity if baseline else recipe.nonlinearity)
        self.baseline_size.show_choice(baseline.size if baseline else BaselineSize.SAME_HIDDEN_SIZE)
        self._show_rows()

    def _show_rows(self) -> None:
        chosen = self.networks.choice
        self.more.setRowVisible(self.forget_bias, chosen is not Networks.RNN)
        self.more.setRowVisible(self.baseline_size, chosen is Networks.BOTH)
        self.more.setRowVisible(self.nonlinearity, chosen is not Networks.LSTM)

    def _build(self) -> None:
        self.networks = ChoiceBox(
            "trained_networks", {each: each.value for each in Networks}, "Both see the very same sequences."
        )
        self.hidden_size = WholeBox("trained_units", 1, MOST_UNITS, "Hidden size H: the units of every layer")
        self.num_layers = WholeBox("trained_layers", 1, MOST_LAYERS, "Layers, each reading what the one below says")
        self.forget_bias = NumberBox("trained_forget_bias", "b_f at the start: above 0 the forget gates begin open.")
        self.forget_bias.setRange(-20, 20)
        self.baseline_size = ChoiceBox(
            "trained_rnn_size",
            BASELINE_SIZE_WORDS,
            "An LSTM has four times as many weights as an RNN of its size: is the comparison fair by units or by "
            "weights?",
        )
        self.nonlinearity = ChoiceBox(
            "trained_rnn_function", NONLINEARITY_WORDS, "What the vanilla RNN puts its sums through"
        )
        self.initialisation = ChoiceBox(
            "trained_initialisation",
            {each: each.value for each in Initialisation},
            "How the weights are drawn before the first update; uniform is what PyTorch does",
        )
        self.recurrent_scale = NumberBox(
            "trained_recurrent_scale",
            "Factor on the first recurrent weights of the network: above 1 gradients tend to explode.",
        )
        self.recurrent_scale.setRange(0, 100)
        self.recurrent_scale.setSingleStep(0.1)


def _networks_of(plan: TrainingPreset) -> Networks:
    if plan.recipe.cell is Cell.RNN:
        return Networks.RNN
    return Networks.BOTH if plan.baseline else Networks.LSTM
