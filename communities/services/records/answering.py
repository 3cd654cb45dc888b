"""How earlier promises went, as it is said when a session opens with what was said last time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from communities.models import Action, Commitment, Community, Decision
from communities.services.promises.actions import answer_action
from communities.services.promises.commitments import answer_commitment
from communities.services.promises.decisions import judge_decision
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal


class NotAnActionHere(Refusal):
    """What is answered at a session was promised in its community."""


def note_answers(
    community: Community,
    *,
    answers: Mapping[int, str],
    tried: Mapping[int, str],
    verdicts: Mapping[int, str],
    by: User,
    now: datetime,
) -> None:
    """Answers actions, commitments and decisions (by id). To say again what has been said already changes nothing."""

    def answer(action: Action, state: str) -> None:
        if action.state != state:
            answer_action(action=action, state=state, by=by, now=now)

    def say_tried(commitment: Commitment, state: str) -> None:
        if commitment.state != state:
            answer_commitment(commitment=commitment, state=state, by=by, now=now)

    def judge(decision: Decision, verdict: str) -> None:
        if decision.verdict != verdict:
            judge_decision(decision=decision, verdict=verdict, by=by, now=now)

    _each(Action, community, answers, answer)
    _each(Commitment, community, tried, say_tried)
    _each(Decision, community, verdicts, judge)


def _each(model: type[Any], community: Community, said: Mapping[int, str], do: Callable[[Any, str], None]) -> None:
    found = model.objects.filter(community=community).select_related("community").in_bulk(list(said)) if said else {}
    if len(found) < len(said):
        raise NotAnActionHere(
            f"Something you answered is not one of {community.name}. Leave it out.", code="not_an_action_here"
        )
    for pk, answer in sorted(said.items()):
        try:
            do(found[pk], answer)
        except Conflict as refusal:
            # With its words: the page may hold ten of them.
            code = refusal.error_list[0].code
            raise type(refusal)(f"“{found[pk]}”: {refusal.messages[0]}", code=code) from None
