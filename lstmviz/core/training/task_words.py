"""What the tasks are, for people: a sentence each, and what their length is."""

from __future__ import annotations

from lstmviz.core.training.table_task import TablePrediction
from lstmviz.core.training.text_task import NextCharacter

TEXT, TABLE = NextCharacter.name, TablePrediction.name
"""The tasks that need a text, and a file."""

SENTENCES = {
    "adding": "Every step reads a number and a mark; two numbers are marked. After the last step: what is their sum?",
    "copy": "Read ten symbols, wait, then name them in order.",
    "recall": "Which symbol came first? Asked after many symbols without meaning.",
    "counting": "After n times a and an X: say b just as often, then stop.",
    "reber": "Words of a small grammar. Which symbols may come next? The end repeats the beginning.",
    "parity": "Is the number of ones so far even or odd? Every single bit matters.",
    "sine": "Go on with a wave: which value comes next?",
    "noisy-sum": "A sum of waves, read with noise: what is the next value without noise?",
    TEXT: "Which character comes next? As above the keyboard of a phone, learned from your text.",
    TABLE: "Read some rows of your own table: what stands in one of its columns a little later?",
}

LENGTH_NAMES = {"copy": "delay, steps", "recall": "lag, steps", "counting": "largest n", TEXT: "window, steps"}
"""What the length is called where it is not that of the sequences."""

LENGTHS = {"adding": 50, "copy": 30, "recall": 60, "counting": 10, "parity": 20, "sine": 50, "noisy-sum": 50, TEXT: 40}
"""What it is at first; a task that is missing here has none."""

LENGTH_FIELDS = {"copy": "delay", "recall": "lag", "counting": "most"}
"""The field of the task that it stands in, where that is not ``length``."""

SAMPLE_TEXT = (
    "the gate is open and the sea comes in. the gate is shut and the sea stays out. a small boat waits at the gate. "
    "when the gate opens the boat goes in with the sea, and when the gate shuts the boat stays in the bay. "
    "the old man at the gate has seen a hundred boats. he opens the gate in the morning and shuts the gate at night. "
    "some boats come in with the tide and go out with the tide. some boats come in and stay. "
    "a boat that stays is kept in mind; a boat that goes is soon forgotten. so the old man writes it down: "
    "which boat came in, which boat went out, and what the bay holds now. in the morning he reads what he wrote at "
    "night, he adds what has come in, he takes away what has gone out, and he knows what the bay holds. "
    "the sea has no memory, but the man at the gate has one, and the bay is what he remembers. "
)
"""A text to begin with: a minute's training, and its last tenth is not in the part that is learned."""
