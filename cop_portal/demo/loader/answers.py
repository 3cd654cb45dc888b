"""How an invented member answers: by the mood of their community, their own temper, and the question."""

from __future__ import annotations

from random import Random

from evaluations.questionnaire import LIKERT, MULTIPLE, SINGLE, Answers, AskedQuestion, Questionnaire

SKIPS = 0.04
EXCLUDED = 0.06
WRITES = 0.45
# Where the content has a lot to say, most people write something.
MUCH_TO_SAY, MOST_WRITE = 10, 0.75
# Some things are harder than others in every community (having a say, time, hearing back), and some are easier.
HARDER = {"M4": 0.16, "M7": 0.14, "M8": 0.2, "V7": 0.1, "V8": 0.08, "R4": 0.04}
EASIER = {"V1": 0.14, "R2": 0.08, "C1": 0.12, "C2": 0.1}
# What holds changes back: senior leadership, staffing, time and IT more than the rest.
HOLDS_BACK = {"3": 5, "7": 6, "10": 7, "8": 4, "6": 3, "2": 3, "4": 2, "5": 2, "1": 1, "9": 1, "11": 1}
NOTHING_HOLDS_BACK = 0.06


class Respondent:
    """One person's answers to one survey. `texts` are what people wrote; each is used once. `writes`: how likely."""

    def __init__(self, dice: Random, mood: float, texts: list[str], *, writes: float = WRITES) -> None:
        self.dice = dice
        self.mood = min(0.97, max(0.03, dice.gauss(mood, 0.13)))
        self.texts = texts
        self.writes = writes

    def answer(self, questionnaire: Questionnaire) -> Answers:
        """Answers to what this person is shown; which may depend on what they answered before."""
        answers: Answers = {}
        for question in questionnaire.questions:
            if question in questionnaire.shown(answers) and (given := self._one(question)):
                answers[question.code] = given
        return answers or {questionnaire.questions[0].code: questionnaire.questions[0].options[2].code}

    def _one(self, question: AskedQuestion) -> str | list[str] | None:
        if question.is_text:
            return self.texts.pop() if self.texts and self.dice.random() < self.writes else None
        if self.dice.random() < SKIPS:
            return None
        if question.kind == MULTIPLE:
            return self._several(question)
        return self._choice(question) if question.kind in (SINGLE, LIKERT) else None

    def _choice(self, question: AskedQuestion) -> str:
        excluded = [option.code for option in question.options if option.is_excluded]
        if excluded and self.dice.random() < EXCLUDED:
            return self.dice.choice(excluded)
        options = question.counted_options
        mood = 0.5 if question.is_two_sided else self.mood - HARDER.get(question.code, 0) + EASIER.get(question.code, 0)
        place = self.dice.gauss(mood, 0.16 if question.kind == LIKERT else 0.24)
        return options[min(len(options) - 1, max(0, round(place * (len(options) - 1))))].code

    def _several(self, question: AskedQuestion) -> list[str]:
        alone = [option.code for option in question.options if option.is_exclusive]
        if alone and self.dice.random() < NOTHING_HOLDS_BACK:
            return [self.dice.choice(alone)]
        codes = [option.code for option in question.options if not option.is_exclusive]
        weights = [HOLDS_BACK.get(code, 1) for code in codes]
        return sorted(set(self.dice.choices(codes, weights, k=self.dice.randint(1, 4))), key=codes.index)
