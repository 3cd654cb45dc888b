"""What an export is about: the facts and rules that README, About sheet, codebook and DDI all print."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from evaluations.questionnaire import AskedQuestion, Questionnaire


@dataclass(frozen=True)
class Study:
    """`name` begins every file's name. `at` is the only moment in the files: when the results were released.

    `community` is empty where the rows are of single people who were promised not to be told apart.
    """

    name: str
    title: str
    instrument: str
    version: int
    community: str
    portal: str
    controller: str
    at: datetime
    summary: str
    facts: tuple[tuple[str, str], ...]
    rules: tuple[str, ...]
    questionnaire: Questionnaire
    is_rows: bool = False

    @property
    def heading(self) -> str:
        return f"{self.title}: {self.community}" if self.community else self.title

    @property
    def everything(self) -> tuple[tuple[str, str], ...]:
        """All facts, in order, with whose they are."""
        return (
            ("Questionnaire", f"{self.title} ({self.instrument}, version {self.version})"),
            *((("Community", self.community),) if self.community else ()),
            *self.facts,
            ("Made by", self.portal),
            *((("Responsible for the data", self.controller),) if self.controller else ()),
        )


def asked_of(question: AskedQuestion, questionnaire: Questionnaire) -> str:
    """Who is asked a question, in words: everyone, or those who answered another one in a certain way."""
    rule = question.show_if
    if rule is None:
        return "Everyone"
    other = questionnaire.question(rule.question)
    chosen = [f"“{option.label}”" for option in (other.options if other else ()) if option.code in rule.codes]
    answers = chosen[0] if len(chosen) == 1 else f"{', '.join(chosen[:-1])} or {chosen[-1]}"
    return f"Those who answered {rule.question} with {answers}"
