"""What is being written: the next version of the pulse, by HIN staff, and a copy that a facilitator has offered."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from typing import Any

from cop_portal.accounts.models import User
from cop_portal.demo.loader.world import World
from evaluations.models import EvaluationQuestion, InstrumentVersion, Question, Section
from evaluations.services.instruments.content import QuestionContent
from evaluations.services.instruments.drafts import begin_next_version, copy_questionnaire, offer_draft
from evaluations.services.instruments.publishing import content_from
from evaluations.services.instruments.questions import add_question, ask_only, edit_question

PULSE = "session-pulse"
COMMUNITY = "sepsis"
WEEKS_AGO = 2
P1_REWORDED = "I got something out of this session that I can use."


def plan_questionnaires(world: World) -> None:
    world.timeline.add(world.weeks_ago(WEEKS_AGO, time(10, 15)), lambda now: _draft_next_pulse(world.network_lead, now))
    if COMMUNITY in {text.slug for text in world.content.communities}:
        moment = world.weeks_ago(WEEKS_AGO, time(16, 0))
        world.timeline.add(moment, lambda now: _offer_copy(world.facilitator_of(COMMUNITY), now))


def _published_pulse() -> InstrumentVersion:
    return InstrumentVersion.objects.published().get(instrument__code=PULSE)


def _draft_next_pulse(staff: User, now: datetime) -> None:
    """One question reworded, three new ones: a 0 to 10, a number asked of some by it, and a date."""
    actor: dict[str, Any] = {"by": staff, "now": now}
    draft = begin_next_version(version=_published_pulse(), **actor)
    asked = Question.objects.select_related("item", "section__version", "evaluation_question")
    first = asked.get(section__version=draft, item__code="P1")
    reworded = replace(content_from(first), text=P1_REWORDED, change="reworded")
    edit_question(question=first, revision=draft.revision, content=reworded, **actor)
    section = Section.objects.filter(version=draft).order_by("position").last()
    assert section is not None  # noqa: S101  # a published questionnaire has sections
    for content in new_questions():
        add_question(section=section, content=content, **actor)
    hours = asked.get(section__version=draft, item__code="P6")
    ask_only(question=hours, revision=hours.revision, of="P5", codes=["0", "1", "2", "3"], **actor)


def new_questions() -> list[QuestionContent]:
    of = EvaluationQuestion.objects.get
    return [
        QuestionContent(
            code="P5",
            kind=Question.Kind.ZERO_TO_TEN,
            text="How likely are you to come to the next session?",
            hint="0 is not at all likely, 10 is certain.",
            evaluation_question=of(code="3a"),
            value_cycle="immediate",
        ),
        QuestionContent(
            code="P6",
            kind=Question.Kind.NUMBER,
            text="How many hours a month could you give to this community?",
            hint="A rough guess will do.",
            minimum=0,
            maximum=40,
            evaluation_question=of(code="1d"),
            value_cycle="enabling",
        ),
        QuestionContent(
            code="P7",
            kind=Question.Kind.DATE,
            text="When did you first come to a session?",
            hint="Leave it empty if you do not remember.",
            minimum=2015,
            maximum=2030,
            evaluation_question=of(code="3a"),
            value_cycle="immediate",
        ),
    ]


def _offer_copy(facilitator: User, now: datetime) -> None:
    actor: dict[str, Any] = {"by": facilitator, "now": now}
    draft = copy_questionnaire(
        version=_published_pulse(), code="after-a-visit", title="After a visit to another ward", **actor
    )
    offer_draft(version=draft, is_offered=True, **actor)
