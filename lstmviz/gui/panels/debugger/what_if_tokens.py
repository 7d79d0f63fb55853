"""The what-ifs of a sequence of tokens: a token is typed where numbers would be asked for."""

from __future__ import annotations

from dataclasses import replace

from lstmviz.core.errors import LstmvizError
from lstmviz.core.experiments.token_table import NO_TOKEN, token_label
from lstmviz.core.experiments.what_if import InsertStep, SetStep
from lstmviz.core.run import Run
from lstmviz.gui.panels.debugger.what_if_kinds import (
    CHANGE_AN_INPUT,
    INSERT_A_STEP,
    WHICH_NEW_STEP,
    WHICH_STEP,
    Answers,
    Kind,
    Place,
    Question,
    Word,
    kinds_of,
)
from lstmviz.io.typed_tokens import can_be_typed, parse_tokens, typed_tokens


def kinds_here(run: Run) -> tuple[Kind, ...]:
    """The kinds that can be made to the network of ``run``, as they are asked for with its sequence."""
    kinds = kinds_of(run)
    return tuple(_OF_TOKENS.get(kind.words, kind) for kind in kinds) if run.sequence.table else kinds


def _present(place: Place) -> Word:
    """The token at the step, as it is typed."""
    sequence = place.run.sequence
    number = sequence.numbers[min(place.answers["t"], place.run.length) - 1]
    table = sequence.table
    writable = table is not None and number != NO_TOKEN and can_be_typed(number, table)
    return Word(typed_tokens((number,), table) if table is not None and writable else "")


def _token(answers: Answers) -> tuple[tuple[float, ...], str]:
    """What the typed token is read as, and the token. Raises LstmvizError for what is not one token."""
    found = parse_tokens(answers["token"], answers["table"])
    if found.length != 1:
        raise LstmvizError(f"“{answers['token'][:40]}” are {found.length:,} tokens", how="A step reads one: type one.")
    return tuple(found.values[0].tolist()), token_label(answers["table"], found.numbers[0])


def _step_set(answers: Answers) -> SetStep:
    return SetStep(answers["t"], *_token(answers))


def _step_inserted(answers: Answers) -> InsertStep:
    return InsertStep(answers["t"], *_token(answers))


_TOKEN = Question("token", "token", "What the step reads, one of the tokens that the network knows.", _present)

_OF_TOKENS = {
    CHANGE_AN_INPUT.words: replace(
        CHANGE_AN_INPUT, explains="The step reads another token.", questions=(WHICH_STEP, _TOKEN), make=_step_set
    ),
    INSERT_A_STEP.words: replace(
        INSERT_A_STEP,
        explains="A new token becomes step t; the steps from there on come one later.",
        questions=(WHICH_NEW_STEP, _TOKEN),
        make=_step_inserted,
    ),
}
"""By the words of the kind that is asked for numbers."""
