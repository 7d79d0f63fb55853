"""Tasks: what is asked follows from what is read, batches depend on the seed alone, baselines are what they say."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from lstmviz.core.errors import LstmvizError
from lstmviz.core.training.batches import Stream, random_for
from lstmviz.core.training.catalogue import TASKS, make_task
from lstmviz.core.training.grammar_tasks import SYMBOLS, Counting, EmbeddedReber, draw_word
from lstmviz.core.training.memory_tasks import AddingProblem, CopyMemory, LongLagRecall, Parity
from lstmviz.core.training.table_task import table_task
from lstmviz.core.training.text_task import NextCharacter
from lstmviz.core.training.wave_tasks import NoisySum, SinePrediction

TEXT = "the cat sat on the mat and the dog sat on the log. " * 8


def a_table():
    t = np.arange(60.0)
    return {"a": np.sin(t / 3), "b": np.cos(t / 5), "flat": np.full(60, 2.0)}


ALL = [
    *(make_task(name) for name in TASKS),
    NextCharacter(TEXT, 20),
    table_task(a_table(), "b", window=5),
    table_task(a_table() | {"mood": ["up", "down", "up"] * 20}, "mood", window=5, ahead=0),
]


def batch_of(task, size=8, number=1, seed=0):
    return task.batch(random_for(seed, Stream.TRAINING, number), size)


@pytest.mark.parametrize("task", ALL, ids=lambda task: task.name)
def test_batches_fit_their_task_and_depend_on_seed_and_number_alone(task):
    batch, again = batch_of(task), batch_of(task)
    assert batch.x.shape == (batch.length, 8, task.input_size)
    assert batch.mask.shape == batch.asked.shape == batch.target.shape[:2] == (batch.length, 8)
    assert batch.mask.any(0).all()
    assert np.isfinite(batch.x).all()
    assert not batch.x.flags.writeable
    if batch.target.ndim == 2:
        assert 0 <= batch.target.min() <= batch.target.max() < task.output_size
    else:
        assert batch.target.shape[2] == task.output_size
    assert_array_equal(batch.x, again.x)
    assert_array_equal(batch.target, again.target)
    for other in (batch_of(task, number=2), batch_of(task, seed=1)):
        assert other.x.shape != batch.x.shape or (other.x != batch.x).any()


def test_adding():
    task = AddingProblem(9)
    batch = batch_of(task, 4000)
    values, markers = batch.x[..., 0], batch.x[..., 1]
    assert_array_equal(markers.sum(0), 2)
    assert_allclose(batch.target[-1, :, 0], (values * markers).sum(0))
    assert_array_equal(batch.mask.sum(0), 1)
    assert ((batch.target[-1] - 1) ** 2).mean() == pytest.approx(1 / 6, rel=0.05)
    assert task.baseline.loss == 1 / 6


def test_copy_memory():
    task = CopyMemory(delay=7)
    batch = batch_of(task)
    read = batch.x.argmax(-1)
    assert len(read) == 27
    assert_array_equal(batch.target[-10:], read[:10])
    assert (batch.target[:-10] == 8).all()
    assert_array_equal(np.flatnonzero(read[:, 0] == 9), [16])
    assert task.baseline.loss == pytest.approx(10 * np.log(8) / 27)


def test_recall_asks_for_the_first_symbol_after_the_lag():
    batch = batch_of(LongLagRecall(lag=5, keys=3))
    read = batch.x.argmax(-1)
    assert len(read) == 6
    assert_array_equal(batch.target[-1], read[0])
    assert (read[1:-1] >= 3).all()
    assert (read[-1] == 5).all()


@pytest.mark.parametrize("every_step", [True, False])
def test_parity(every_step):
    batch = batch_of(Parity(6, every_step))
    assert_array_equal(batch.target[3], batch.x[:4, :, 0].sum(0) % 2)
    assert_array_equal(batch.mask.sum(0), 6 if every_step else 1)


def test_counting_words_are_a_n_x_b_n():
    batch = batch_of(Counting(4), 50)
    for sequence in range(50):
        steps = np.flatnonzero(batch.x[:, sequence].any(-1))
        word = "".join("aXb"[k] for k in batch.x[steps, sequence].argmax(-1))
        n = word.index("X")
        assert word == "a" * n + "X" + "b" * n
        assert_array_equal(np.flatnonzero(batch.mask[:, sequence]), np.arange(n, 2 * n + 1))
        assert_array_equal(batch.target[n : 2 * n + 1, sequence], [2] * n + [3])


def test_counting_baseline_is_that_of_the_best_answers_to_the_current_symbol():
    task = Counting(6)
    batch = batch_of(task, 20_000)
    at_b = batch.mask & (batch.x[..., 2] == 1)
    last = (batch.target[at_b] == 3).mean()
    entropy = -(last * np.log(last) + (1 - last) * np.log(1 - last))
    assert task.baseline.loss == pytest.approx(entropy * at_b.sum() / batch.mask.sum(), rel=0.02)


def test_reber_words_are_legal_and_the_outer_symbols_match():
    random = np.random.default_rng(0)
    words = {draw_word(random)[0] for _ in range(2000)}
    assert "BTBPVPSETE" in words
    assert all(word[1] == word[-2] and word[:1] + word[-1:] == "BE" for word in words)
    for _ in range(20):
        word, allowed = draw_word(random)
        assert all(row[SYMBOLS.index(symbol)] for row, symbol in zip(allowed, word[1:], strict=True))


def test_reber_baseline_is_that_of_the_legal_symbols_without_the_outer_one():
    task = EmbeddedReber()
    batch = batch_of(task, 6000)
    chances = batch.legal.astype(float)
    word_ends = batch.mask.sum(0) - 2  # where the outer symbol is asked for
    columns = np.arange(batch.size)
    chances[word_ends, columns] = np.isin(list(SYMBOLS), ["T", "P"])
    y = np.log(np.maximum(chances, 1e-12))
    assert task.loss.evaluate(y, batch)[0] == pytest.approx(task.baseline.loss, rel=0.01)
    chances[word_ends, columns, SYMBOLS.index("T")] += 0.5
    assert task.metric.measure(chances, batch) == pytest.approx(task.baseline.metric, rel=0.01)


@pytest.mark.parametrize("task", [SinePrediction(), NoisySum(noise=0.3)], ids=lambda task: task.name)
def test_waves_ask_for_the_next_value_and_repeating_the_last_is_the_baseline(task):
    batch = batch_of(task, 4000)
    assert ((batch.x - batch.target) ** 2).mean() == pytest.approx(task.baseline.loss, rel=0.03)
    if task.noise == 0:
        assert_array_equal(batch.x[1:], batch.target[:-1])


def test_text_windows_come_from_their_own_part():
    task = NextCharacter("ab" * 50 + "cd" * 50, 10, held_out=0.5)
    batch, held_out = batch_of(task), task.validation(np.random.default_rng(0), 8)
    assert_array_equal(batch.x.argmax(-1)[1:], batch.target[:-1])
    assert set(np.unique(batch.target)) <= {0, 1}
    assert set(np.unique(held_out.target)) <= {2, 3}
    assert task.baseline.loss == pytest.approx(np.log(2))
    assert task.vocabulary == ("a", "b", "c", "d")


def test_table_windows_never_look_into_the_part_held_out():
    columns = {"x": np.arange(50.0), "y": np.arange(50.0) * 2}
    task = table_task(columns, "y", window=4, ahead=2, held_out=0.4)
    batch = batch_of(task, 200)
    rows = np.round(batch.x[..., 0] * columns["x"][:30].std() + columns["x"][:30].mean()).astype(int)
    assert_array_equal(np.diff(rows, axis=0), 1)
    target = batch.target[-1, :, 0] * task.target_deviation + task.target_mean
    assert_allclose(target, 2 * (rows[-1] + 2))
    assert target.max() <= 2 * 29
    assert task.validation(np.random.default_rng(0), 100).size == 20 - 3 - 2


@pytest.mark.parametrize(
    ("columns", "options", "words"),
    [
        ({}, {}, "no column"),
        ({"y": []}, {}, "empty"),
        ({"y": [1.0, 2.0] * 20, "x": ["a"] * 40}, {}, "column “x”, row 1"),
        ({"y": [1.0, 2.0] * 20, "x": [0.0] * 39 + [np.nan]}, {}, "column “x”, row 40"),
        ({"y": ["a"] * 40, "x": np.arange(40.0)}, {}, "class “a”"),
        ({"y": [3.0] * 40, "x": np.arange(40.0)}, {}, "only the value 3"),
        ({"y": np.arange(40.0)}, {"window": 60}, "too few"),
        ({"y": np.arange(40.0)}, {"ahead": 0, "window": 3}, "No column"),
        ({"y": np.arange(40.0), "x": np.arange(39.0)}, {}, "39 rows"),
    ],
)
def test_a_table_that_cannot_be_learned_from_is_refused_in_words(columns, options, words):
    with pytest.raises(LstmvizError, match=words):
        table_task(columns, "y", **({"window": 5} | options))


@pytest.mark.parametrize(("text", "words"), [("", "no text"), ("aaaaaa", "one character"), ("abcab", "too short")])
def test_a_text_that_cannot_be_learned_from_is_refused_in_words(text, words):
    with pytest.raises(LstmvizError, match=words):
        NextCharacter(text, 20)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: make_task("nothing"), "adding"),
        (lambda: make_task("adding", 1), "length"),
        (lambda: make_task("adding", tempo=3), "tempo"),
        (lambda: NoisySum(noise=-1.0), "noise"),
    ],
)
def test_impossible_tasks_are_refused(make, words):
    with pytest.raises(LstmvizError, match=words):
        make()


def test_length_means_what_a_task_has_of_it():
    assert make_task("copy", 12) == CopyMemory(delay=12)
    assert make_task("recall", 12) == LongLagRecall(lag=12)
    assert make_task("counting", 5) == Counting(5)


def test_columns_of_a_table_are_chosen_and_scaled_or_not():
    columns = {"x": np.arange(40.0), "unread": np.arange(40.0), "y": np.arange(40.0) * 2}
    task = table_task(columns, "y", features=("x",), window=3, standardise=False)
    assert task.features == ("x",)
    assert_array_equal(task.values[:, 0], columns["x"])
    assert_array_equal(task.target, columns["y"])
    assert (task.target_mean, task.target_deviation) == (0, 1)
    plain, scaled = task.baseline, table_task(columns, "y", features=("x",), window=3).baseline
    assert plain.words == scaled.words
    assert plain.loss == pytest.approx(scaled.loss * columns["y"][:32].var())


def test_numbers_can_be_classes():
    columns = {"x": np.arange(40.0), "y": [2.0, 10.0] * 20}
    task = table_task(columns, "y", classify=True, window=3)
    assert task.answers == ("2", "10")
    assert task.loss.value == "cross-entropy"
    assert_array_equal(task.target[:2], [0, 1])


@pytest.mark.parametrize(
    ("columns", "options", "words"),
    [
        ({"y": ["a", "b"] * 20, "x": np.arange(40.0)}, {"classify": False}, "column “y”, row 1"),
        ({"y": ["a", "b"] * 19 + ["a", ""], "x": np.arange(40.0)}, {}, "row 40.*Every row needs a class"),
        ({"y": np.arange(200.0)}, {"classify": True}, "200 different values"),
        ({"y": ["a", "b"] * 20, "x": np.arange(40.0)}, {"features": ("y",)}, "read and predicted"),
        ({"y": np.arange(40.0)}, {"features": ()}, "Tick one"),
        ({"y": np.arange(40.0)}, {"features": ("z",)}, "no column called “z”"),
    ],
)
def test_a_choice_of_columns_that_cannot_be_is_refused_in_words(columns, options, words):
    with pytest.raises(LstmvizError, match=words):
        table_task(columns, "y", **({"window": 5} | options))
