"""The network section: what the network is made of, and the vanilla RNN beside it."""

from __future__ import annotations

from functools import partial
from typing import Any

from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QFormLayout, QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.recipe import BaselineSize
from lstmviz.core.networks.initialisation import Initialisation
from lstmviz.core.networks.parameters import Cell, Nonlinearity
from lstmviz.core.run import Run
from lstmviz.core.text import count
from lstmviz.gui.panels.edits import (
    OUTPUTS_LIMIT,
    forget_bias_of,
    weights_as_counted,
    with_baseline,
    with_drawn_weights,
    with_other_baseline,
    with_recipe,
)
from lstmviz.gui.panels.fields import ChoiceBox, LabelledSlider, NoteLine, WholeBox, buddy_label
from lstmviz.gui.panels.section import Section

CELL_WORDS = {Cell.LSTM: "LSTM", Cell.RNN: "vanilla RNN"}
NONLINEARITY_WORDS = {Nonlinearity.TANH: "tanh", Nonlinearity.RELU: "relu", Nonlinearity.IDENTITY: "identity (linear)"}
BASELINE_SIZE_WORDS = {
    BaselineSize.SAME_HIDDEN_SIZE: "as many units",
    BaselineSize.SAME_PARAMETERS: "as many weights",
}
INITIALISATION_WORDS = {
    Initialisation.UNIFORM: "uniform, as PyTorch",
    Initialisation.XAVIER: "Xavier",
    Initialisation.ORTHOGONAL: "orthogonal",
}

HIDDEN_SIZE_TYPEABLE = 1_000_000
"""Far beyond what fits, so that a size is refused with the memory it would take and not by a deaf field."""

MOST_LAYERS = 8


class NetworkSection(Section):
    """Sizes and weights of the network. The frequent fields are in sight, the others behind a button."""

    weights_requested = pyqtSignal()
    """The user wants to see every weight."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Network", "network", parent)
        self.summary = QLabel()
        self.summary.setObjectName("network_summary")
        self.summary.setWordWrap(True)
        self.baseline_line = NoteLine("baseline_summary")
        self.baseline_line.setContentsMargins(22, 0, 0, 0)
        self.given_line = NoteLine("weights_given")
        self._sender: QWidget | None = None
        self._build_fields()
        self._build_weights_buttons()
        self.body.addWidget(self.summary)
        self.body.addLayout(self._sizes())
        self.body.addWidget(self.error_line)
        self.body.addWidget(self.forget_bias)
        self.body.addWidget(self.baseline_on)
        self.body.addWidget(self.baseline_line)
        self.body.addWidget(self.given_line)
        self.body.addLayout(self._weights_buttons)
        self.body.addWidget(self._more_button())
        self.body.addWidget(self._more_fields())
        self.body.addWidget(self.note_line)

    def show_run(self, run: Run) -> None:
        """Show the recipe, and what came of it."""
        super().show_run(run)
        self.show_error(None)
        recipe, baseline = run.experiment.recipe, run.experiment.baseline
        self._show_summary(run)
        self.cell.show_choice(recipe.cell)
        self.hidden_size.show_value(recipe.hidden_size)
        self.num_layers.show_value(recipe.num_layers)
        self.seed.show_value(recipe.seed)
        self.initialisation.show_choice(recipe.initialisation)
        self.output_size.show_value(recipe.output_size)
        self.nonlinearity.show_choice(recipe.nonlinearity)
        self.recurrent_scale.show_value(recipe.recurrent_scale)
        self._show_checked(self.bidirectional, recipe.bidirectional)
        self._show_forget_bias(run)
        self._show_checked(self.baseline_on, baseline is not None)
        if baseline is not None:
            self.baseline_nonlinearity.show_choice(baseline.nonlinearity)
            self.baseline_size.show_choice(baseline.size)
        self._more_form.setRowVisible(self.nonlinearity, recipe.cell is Cell.RNN)
        self._more_form.setRowVisible(self.baseline_nonlinearity, baseline is not None)
        self._more_form.setRowVisible(self.baseline_size, baseline is not None)
        given_beside = baseline is not None and baseline.weights is not None
        self.given_line.setText(_given_in_words(recipe.weights is not None, given_beside))
        self.draw_button.setVisible(bool(self.given_line.text()))

    def show_error(self, error: LstmvizError | None) -> None:
        """Show why the change cannot be made, at the field that asked for it."""
        super().show_error(error)
        for field in (self.hidden_size, self.num_layers, self.output_size, self.seed):
            wrong = error is not None and field is self._sender
            if bool(field.property("wrong")) != wrong:
                field.setProperty("wrong", wrong)
                style = field.style()
                if style is not None:
                    style.polish(field)

    def _show_summary(self, run: Run) -> None:
        network = run.network
        parts = [CELL_WORDS[network.cell]]
        if network.cell is Cell.RNN:
            parts[0] += f", {network.layers[0].nonlinearity.value}"
        parts.append(count(len(network.layers), "layer"))
        if len({layer.hidden_size for layer in network.layers}) == 1:
            parts.append(count(network.hidden_size, "unit"))
        if network.bidirectional:
            parts.append("both directions")
        parts += network.own_parts_in_words()
        parts.append(count(weights_as_counted(network), "weight"))
        self.summary.setText(" · ".join(parts))
        if run.baseline is None:
            self.baseline_line.setText("")
            return
        other = run.baseline.network
        size = count(other.hidden_size, "unit")
        weights = count(weights_as_counted(other), "weight")
        given = run.experiment.baseline is not None and run.experiment.baseline.weights is not None
        words = f"{other.layers[0].nonlinearity.value} · {size} · {weights}"
        self.baseline_line.setText(f"{words} · given" if given else words)

    def _show_forget_bias(self, run: Run) -> None:
        recipe = run.experiment.recipe
        is_lstm = recipe.cell is Cell.LSTM
        self.forget_bias.setVisible(is_lstm)
        self.forget_bias_as_drawn.setText("as drawn" if recipe.weights is None else "as given")
        self._show_checked(self.forget_bias_as_drawn, recipe.forget_bias is None)
        if recipe.forget_bias is None:
            self.forget_bias.show_value(round(forget_bias_of(run.network), 6))
        else:
            self.forget_bias.show_value(recipe.forget_bias)

    @staticmethod
    def _show_checked(box: QCheckBox, checked: bool) -> None:
        with QSignalBlocker(box):
            box.setChecked(checked)

    # Asking

    def _change(self, name: str, *, merge_key: str = "", **changes: Any) -> None:
        sender = self.sender()
        self._sender = sender if isinstance(sender, QWidget) else None
        self._ask(name, partial(with_recipe, **changes), merge_key)

    def _cell_chosen(self) -> None:
        self._change("choose the cell", cell=self.cell.choice)

    def _hidden_size_changed(self, size: int) -> None:
        self._change("change the hidden size", hidden_size=size, merge_key="hidden_size")

    def _num_layers_changed(self, layers: int) -> None:
        self._change("change the number of layers", num_layers=layers, merge_key="num_layers")

    def _seed_changed(self, seed: int) -> None:
        self._change("change the seed", seed=seed, merge_key="seed")

    def _initialisation_chosen(self) -> None:
        self._change("choose the initialisation", initialisation=self.initialisation.choice)

    def _nonlinearity_chosen(self) -> None:
        self._change("choose the nonlinearity", nonlinearity=self.nonlinearity.choice)

    def _bidirectional_toggled(self, checked: bool) -> None:
        self._change("read in both directions" if checked else "read in one direction", bidirectional=checked)

    def _output_size_changed(self, size: int) -> None:
        self._change("change the read-out", output_size=size, merge_key="output_size")

    def _recurrent_scale_changed(self, scale: float) -> None:
        self._change("scale the recurrent weights", recurrent_scale=scale, merge_key="recurrent_scale")

    def _forget_bias_changed(self, bias: float) -> None:
        self._change("change the forget-gate bias", forget_bias=bias, merge_key="forget_bias")

    def _forget_bias_as_drawn_toggled(self, checked: bool) -> None:
        bias = None if checked else self.forget_bias.value
        self._change("leave the forget-gate bias" if checked else "set the forget-gate bias", forget_bias=bias)

    def _baseline_toggled(self, wanted: bool) -> None:
        self._sender = None
        if wanted:
            self._change_baseline(nonlinearity=self.baseline_nonlinearity.choice, size=self.baseline_size.choice)
        else:
            self._ask("take the vanilla RNN away", partial(with_baseline, baseline=None))

    def _change_baseline(self, **changes: Any) -> None:
        self._sender = None
        self._ask("change the vanilla RNN beside it", partial(with_other_baseline, **changes))

    def _draw_weights(self) -> None:
        self._sender = None
        self._ask("draw new weights", with_drawn_weights)

    # Building

    def _build_fields(self) -> None:
        self.cell = ChoiceBox("cell", CELL_WORDS, "The recurrent cell: an LSTM with its gates, or a vanilla RNN.")
        self.cell.activated.connect(self._cell_chosen)
        self.hidden_size = WholeBox(
            "hidden_size", 0, HIDDEN_SIZE_TYPEABLE, "H, the number of units in each layer and direction."
        )
        self.hidden_size.setMinimumWidth(78)
        self.hidden_size.valueChanged.connect(self._hidden_size_changed)
        self.num_layers = WholeBox("num_layers", 1, MOST_LAYERS, "Layers on top of each other, 1 to 8.")
        self.num_layers.valueChanged.connect(self._num_layers_changed)
        self.forget_bias = LabelledSlider(
            "forget_bias", "forget-gate bias b_f", -5, 6,
            "What is added inside every forget gate. High: the gate stands open and the memory is kept.",
        )  # fmt: skip
        self.forget_bias.value_changed.connect(self._forget_bias_changed)
        self.forget_bias_as_drawn = QCheckBox("as drawn")
        self.forget_bias_as_drawn.setObjectName("forget_bias_as_drawn")
        self.forget_bias_as_drawn.setAccessibleName("leave the forget-gate bias as it is in the weights")
        self.forget_bias_as_drawn.setToolTip("Leave the forget-gate bias as it is in the weights.")
        self.forget_bias.add_beside_label(self.forget_bias_as_drawn)
        self.forget_bias_as_drawn.toggled.connect(self._forget_bias_as_drawn_toggled)
        self.baseline_on = QCheckBox("vanilla RNN beside it")
        self.baseline_on.setObjectName("baseline_on")
        self.baseline_on.setToolTip("Run a vanilla RNN on the same sequence and objective, for comparison.")
        self.baseline_on.toggled.connect(self._baseline_toggled)

    def _sizes(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        fields: tuple[tuple[str, QWidget], ...] = (
            ("cell", self.cell),
            ("units", self.hidden_size),
            ("layers", self.num_layers),
        )
        for column, (text, field) in enumerate(fields):
            grid.addWidget(buddy_label(text, field), 0, column)
            grid.addWidget(field, 1, column)
            grid.setColumnStretch(column, 1)
        grid.setVerticalSpacing(2)
        grid.setHorizontalSpacing(4)
        return grid

    def _build_weights_buttons(self) -> None:
        self.weights_button = QPushButton("weights…")
        self.weights_button.setObjectName("weights_button")
        self.weights_button.setToolTip("See and edit every weight of the network.")
        self.weights_button.clicked.connect(self.weights_requested)
        self.draw_button = QPushButton("draw new weights")
        self.draw_button.setObjectName("draw_weights")
        self.draw_button.setToolTip("Replace given weights by random ones from the seed, in both networks.")
        self.draw_button.clicked.connect(self._draw_weights)
        self._weights_buttons = QHBoxLayout()
        self._weights_buttons.addWidget(self.weights_button)
        self._weights_buttons.addWidget(self.draw_button)

    def _more_button(self) -> QPushButton:
        self.more_button = QPushButton()
        self.more_button.setObjectName("network_more")
        self.more_button.setProperty("role", "link")
        self.more_button.setToolTip("Seed, initialisation, recurrent weight scale, read-out, both directions.")
        self.more_button.clicked.connect(self._toggle_more)
        return self.more_button

    def _toggle_more(self) -> None:
        self._show_more(self._more.isHidden())

    def _show_more(self, shown: bool) -> None:
        self._more.setVisible(shown)
        self.more_button.setText("▾ fewer settings" if shown else "▸ more settings")

    def _more_fields(self) -> QWidget:
        self._build_more_fields()
        self._more = QWidget()
        form = QFormLayout(self._more)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(6)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        for text, field in (
            ("seed", self.seed),
            ("initialisation", self.initialisation),
            ("nonlinearity", self.nonlinearity),
            ("read-out", self.output_size),
        ):
            form.addRow(buddy_label(text, field), field)
        form.addRow(self.bidirectional)
        form.addRow(self.recurrent_scale)
        form.addRow(buddy_label("RNN beside it", self.baseline_nonlinearity), self.baseline_nonlinearity)
        form.addRow(buddy_label("its size", self.baseline_size), self.baseline_size)
        self._more_form = form
        self._show_more(False)
        return self._more

    def _build_more_fields(self) -> None:
        self.seed = WholeBox("seed", 0, 2**31 - 1, "The same seed draws the same weights.")
        self.seed.valueChanged.connect(self._seed_changed)
        self.initialisation = ChoiceBox("initialisation", INITIALISATION_WORDS, "How the random weights are drawn.")
        self.initialisation.activated.connect(self._initialisation_chosen)
        self.nonlinearity = ChoiceBox("nonlinearity", NONLINEARITY_WORDS, "phi in h[t] = phi(W x[t] + U h[t−1] + b).")
        self.nonlinearity.activated.connect(self._nonlinearity_chosen)
        self.output_size = WholeBox(
            "output_size",
            0,
            OUTPUTS_LIMIT,
            "Outputs of a linear read-out of h[t]. None: the output y[t] is h[t] itself.",
        )
        self.output_size.setSpecialValueText("none: y = h")
        self.output_size.setSuffix(" outputs")
        self.output_size.valueChanged.connect(self._output_size_changed)
        self.bidirectional = QCheckBox("read in both directions")
        self.bidirectional.setObjectName("bidirectional")
        self.bidirectional.setToolTip("Every layer also reads the sequence from its end to its beginning.")
        self.bidirectional.toggled.connect(self._bidirectional_toggled)
        self.recurrent_scale = LabelledSlider(
            "recurrent_scale", "recurrent weight scale", 0, 3,
            "A factor on every weight that reads h[t−1]. Below 1 the past fades faster.",
        )  # fmt: skip
        self.recurrent_scale.value_changed.connect(self._recurrent_scale_changed)
        self.baseline_nonlinearity = ChoiceBox(
            "baseline_nonlinearity", NONLINEARITY_WORDS, "The nonlinearity of the vanilla RNN beside the network."
        )
        self.baseline_nonlinearity.activated.connect(
            lambda: self._change_baseline(nonlinearity=self.baseline_nonlinearity.choice)
        )
        self.baseline_size = ChoiceBox(
            "baseline_size",
            BASELINE_SIZE_WORDS,
            "As many units as the network, or as many weights; then its number of units follows.",
        )
        self.baseline_size.activated.connect(lambda: self._change_baseline(size=self.baseline_size.choice))


def _given_in_words(network: bool, beside: bool) -> str:
    """Which weights were given, by hand, by a file or by training, and not drawn from the seed."""
    if network and beside:
        return "Given weights, in both networks."
    if network:
        return "Given weights."
    return "The RNN beside it has given weights." if beside else ""
