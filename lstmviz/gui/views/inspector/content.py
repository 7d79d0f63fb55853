"""What the inspector's page says, without how it looks."""

from __future__ import annotations

from dataclasses import dataclass

from lstmviz.core.explanations.explanation import Explanation


@dataclass(frozen=True)
class Card:
    """One value explained.

    before    what it was before the what-ifs, in words; empty without what-ifs
    pinnable  whether its heading is a link that keeps the value in sight
    """

    explanation: Explanation
    before: str = ""
    pinnable: bool = False

    @property
    def heading(self) -> str:
        """``WHY IS f[3] = 0.975 ?``."""
        return f"WHY IS {self.explanation.name} = {self.explanation.written(self.explanation.value)} ?"

    @property
    def formula(self) -> str:
        """``f[3] = sigmoid(z_f[3])``."""
        return f"{self.explanation.name} = {self.explanation.formula}"

    @property
    def numbers(self) -> str:
        """``= sigmoid(3.679)``, empty where nothing is put in."""
        return f"= {self.explanation.substituted}" if self.explanation.substituted else ""

    @property
    def result(self) -> str:
        """``= 0.975378``."""
        return f"= {self.explanation.result}"

    @property
    def total(self) -> str:
        """``sum z_f[3] = +3.679``; empty where nothing is added."""
        found = self.explanation
        if not found.is_sum and found.total_reference is None:
            return ""
        return f"{'sum ' if found.is_sum else ''}{found.total_name} = {found.written(found.total, signed=True)}"

    def as_text(self) -> str:
        """Everything, to be copied."""
        found = self.explanation
        terms = [f"  {found.written(term.value, signed=True)}  {term.label}" for term in found.terms]
        lines = [self.heading, self.formula, self.numbers, self.result, self.before, *terms, self.total]
        return "\n".join(line for line in lines if line)


@dataclass(frozen=True)
class Content:
    """The whole page.

    trail     what was asked on the way here, in words, or that it is gone; mostly empty while the page follows the step
    title     what the page is about;  sentence  what that is, with its numbers
    note      what the symbols mean
    """

    trail: str = ""
    title: str = ""
    sentence: str = ""
    cards: tuple[Card, ...] = ()
    note: str = ""

    def as_text(self) -> str:
        """Everything, to be copied."""
        parts = [self.title, self.sentence, *(card.as_text() for card in self.cards), self.note]
        return "\n\n".join(part for part in parts if part)
