"""The health scan finds what was put there, and says where; a healthy run is called so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lstmviz.core.analysis.health import Finding, Limits, Place, Severity, health_scan, health_scanning
from lstmviz.core.experiment import Experiment
from lstmviz.core.experiments.objective import Where
from lstmviz.core.experiments.recipe import NetworkRecipe
from lstmviz.core.experiments.sequence import SequenceKind
from lstmviz.core.networks.network import Network
from lstmviz.core.run import Run, analyse
from lstmviz.io.sequences import parse_sequence
from tests.experiments import company_b, letters, linear_loop, random_lstm


def of(run: Run, quantity: str, severity: Severity | None = None, *, baseline: bool = False) -> list[Finding]:
    found = health_scan(run)
    return [
        each
        for each in found
        if each.quantity == quantity and each.baseline == baseline and severity in (None, each.severity)
    ]


def one_unit(length: int, **biases: float) -> Experiment:
    """An LSTM of one unit that ignores its input: gates are their biases alone, but for a weight of 0.5 in g."""
    order = "ifgo"
    weights = {
        "weight_ih_l0": [[0.5 if gate == "g" else 0.1] for gate in order],
        "weight_hh_l0": [[0.0]] * 4,
        "bias_ih_l0": [biases.get(gate, 0.0) for gate in order],
        "bias_hh_l0": [0.0] * 4,
    }
    text = ", ".join(str(value) for value in np.sin(np.arange(length)).round(3) + 1)
    return replace(
        company_b(),
        sequence=parse_sequence(text, SequenceKind.NUMBERS),
        recipe=NetworkRecipe.given(Network.from_state_dict(weights)),
        baseline=None,
    )


def test_a_healthy_run_says_so() -> None:
    for experiment in (letters("hello hello hello"), random_lstm(12, hidden_size=4)):
        found = health_scan(analyse(experiment))
        assert [each.severity for each in found] == [Severity.HEALTHY] * 2
        assert "Every number is finite, no unit is dead or saturated" in found[0].sentence
        assert [each.baseline for each in found] == [False, True]
        assert found[0].sentence.startswith("LSTM: ")
        assert found[1].sentence.startswith("Vanilla RNN: ")
        assert found[0].place is None


def test_a_short_run_says_what_was_not_looked_for() -> None:
    found = health_scan(analyse(company_b()))
    assert {each.severity for each in found} == {Severity.HEALTHY}
    assert "With fewer than 10 steps, dead and saturated units are not looked for." in found[0].sentence


def test_the_first_infinity_of_both_passes() -> None:
    run = analyse(linear_loop(1e100, 12))
    forward, backward = (each for each in health_scan(run) if each.severity is Severity.BROKEN)
    first, back = run.trace.first_nonfinite, run.gradients.first_nonfinite
    assert first is not None
    assert back is not None
    assert forward.place == Place(first.t, "l0", 0)
    assert forward.quantity == first.node == "z"
    assert str(first) in forward.sentence
    assert backward.place == Place(back.t, "l0", 0, backward=True)
    assert backward.quantity == f"d{back.node}"
    assert forward == health_scan(run)[0]  # the worst first


def test_a_loss_that_is_not_finite() -> None:
    run = analyse(letters())
    broken = replace(run, main=replace(run.main, loss=float("inf")))
    assert health_scan(broken)[0].sentence == "LSTM: The loss is ∞, though every output is finite."


def test_a_large_cell_state() -> None:
    run = analyse(one_unit(40, f=50.0, i=50.0, g=50.0))
    c = run.trace["l0"].c[:, 0, 0]
    (found,) = of(run, "c")
    assert found.severity is Severity.WARNING
    assert found.place == Place(int(np.argmax(np.abs(c))) + 1, "l0", 0)
    assert "reaches 40.0" in found.sentence
    assert not [each for each in health_scan(run, Limits(cell_state=41.0)) if each.quantity == "c"]


def test_units_that_never_move() -> None:
    experiment = one_unit(12)
    assert not any("never changes" in each.sentence for each in health_scan(analyse(experiment)))
    zeros = Network.from_state_dict(
        {name: np.zeros_like(value) for name, value in analyse(experiment).network.state_dict().items()}
    )
    run = analyse(replace(experiment, recipe=NetworkRecipe.given(zeros)))
    found = health_scan(run)
    assert {each.quantity for each in found if "never changes" in each.sentence} == {"f", "i", "g", "o", "h"}
    (gate,) = of(run, "f")
    assert gate.sentence == "The forget gate f of the only unit never changes: it is 0.500 at every step."
    assert gate.place == Place(1, "l0", 0)


def test_units_that_no_gradient_reaches() -> None:
    experiment = replace(letters("hello hello hello"), baseline=None)
    network = analyse(experiment).network
    silenced = dict(network.state_dict())
    head = silenced["head.weight"].copy()
    head[:, [2, 5]] = 0.0
    recurrent = silenced["weight_hh_l0"].copy()
    recurrent[:, [2, 5]] = 0.0
    weights = silenced | {"head.weight": head, "weight_hh_l0": recurrent}
    run = analyse(replace(experiment, recipe=NetworkRecipe.given(Network.from_state_dict(weights))))
    assert not run.gradients["l0"].h[:, 0, [2, 5]].any()
    (found,) = of(run, "dh", Severity.WARNING)
    assert found.sentence == "No gradient reaches 2 of 8 units (2, 5): dL/dh is exactly 0 at every step."
    assert found.place == Place(run.length, "l0", 2, backward=True)


@pytest.mark.parametrize(
    ("biases", "quantity", "severity", "words"),
    [
        ({"f": 5.0}, "f", Severity.NOTE, "nearly open"),
        ({"i": -5.0}, "i", Severity.WARNING, "nearly closed"),
        ({"o": -5.0}, "o", Severity.WARNING, "nearly closed"),
    ],
)
def test_saturated_gates(biases: dict[str, float], quantity: str, severity: Severity, words: str) -> None:
    (found,) = of(analyse(one_unit(30, **biases)), quantity)
    assert found.severity is severity
    assert words in found.sentence
    assert found.place == Place(1, "l0", 0)
    assert not of(analyse(one_unit(30)), quantity)


def test_a_gate_saturated_at_most_steps_only_is_not_named() -> None:
    run = analyse(one_unit(40, o=2.1))
    o = run.trace["l0"].o[:, 0, 0]
    share = float((o > 0.9).mean())
    assert 0.1 < share < 0.9
    named = [health_scan(run, Limits(share=limit)) for limit in (share, share + 0.01)]
    assert [any(each.quantity == "o" for each in found) for found in named] == [True, False]


def test_a_saturated_vanilla_rnn() -> None:
    run = analyse(replace(random_lstm(20, hidden_size=3), baseline=None))
    rnn = replace(run.experiment, recipe=replace(run.experiment.recipe, cell=linear_loop(1, 2).recipe.cell))
    assert not of(analyse(rnn), "h")
    weights = {name: value * 0 + 9 for name, value in analyse(rnn).network.state_dict().items()}
    noisy = weights | {"weight_ih_l0": weights["weight_ih_l0"] / 90}
    (found,) = of(analyse(replace(rnn, recipe=NetworkRecipe.given(Network.from_state_dict(noisy)))), "h")
    assert "beyond ±0.9" in found.sentence


def test_an_exploding_and_a_vanishing_gradient() -> None:
    (explodes,) = of(analyse(linear_loop(1.5, 30)), "dh")
    assert "grows by a factor of 1.50 each step back, from step 30 to 1" in explodes.sentence
    assert explodes.place == Place(1, "l0", 0, backward=True)
    run = analyse(linear_loop(0.5, 60))
    (vanishes,) = of(run, "dh")
    below = np.flatnonzero(run.main.log10_dh["l0"] <= -6)
    assert vanishes.place == Place(int(below[-1]) + 1, "l0", 0, backward=True)
    assert f"below 10⁻⁶ from step {below[-1] + 1} back" in vanishes.sentence
    assert not of(analyse(linear_loop(1.05, 30)), "dh")  # a slow growth is none


def test_a_little_growth_over_few_steps_is_no_explosion() -> None:
    assert not of(analyse(linear_loop(1.2, 12)), "dh")
    (found,) = [each for each in health_scan(analyse(linear_loop(1.2, 12)), Limits()) if not each.quantity]
    assert found.severity is Severity.HEALTHY


def test_a_reverse_layer_vanishes_towards_the_end() -> None:
    experiment = random_lstm(80, hidden_size=3, bidirectional=True)
    experiment = replace(experiment, objective=replace(experiment.objective, where=Where.LAST))
    run = analyse(experiment)
    for each in of(run, "dh"):
        assert each.place is not None
        curve = run.main.log10_dh[each.place.layer]
        beyond = curve[each.place.t - 1 :] if each.place.layer.endswith("reverse") else curve[: each.place.t]
        assert (beyond <= -6).all()


def test_it_works_in_pieces_and_layers_are_named() -> None:
    run = analyse(random_lstm(12, hidden_size=2, num_layers=2))
    fractions = list(health_scanning(run))
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    deep = analyse(random_lstm(80, hidden_size=2, num_layers=2))
    assert any("‖dL/dh[t]‖ is below" in each.sentence for each in of(deep, "dh"))
