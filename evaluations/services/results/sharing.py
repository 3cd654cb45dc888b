"""Sharing the results of a survey with the members, and telling them what came of it: you said, we heard, we did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from communities.models import Action, Escalation, Membership
from communities.services.communities import locked
from cop_portal import audit, outbox
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal, Stale
from evaluations.emails import heard as heard_mail
from evaluations.models import Heard, Survey
from evaluations.services.surveys.mailing import addresses_of

# As many as are offered to choose from, the latest first.
OFFERED = 50
MEANWHILE = (
    "Someone else has written about this survey while you were writing. Nothing of theirs has been overwritten, "
    "and what you typed is still here. Compare the two, then save again."
)


class NothingToShareYet(Conflict):
    """Results exist after a survey has closed."""


class SharedAlready(Conflict):
    """Results are shared once."""


class NotSharedNow(Conflict):
    """Only what is shared is taken back."""


class SharedWithLeadersOnly(Refusal):
    """Those asked were told who would see the results; nobody else does."""


class HeardSaysNothing(Refusal):
    """What came of a survey begins with what members said."""


class NotOfThisSurvey(Refusal):
    """What followed from a survey is of its community, can be read by its members, and came after it was opened."""


class HeardWrittenAlready(Conflict):
    """What came of a survey is written once, and changed from then on."""


class HeardChangedMeanwhile(Stale):
    """Two people writing at once never overwrite each other."""


@dataclass(frozen=True)
class HeardWords:
    """What is told to members, in up to three parts, and the records that followed."""

    you_said: str
    we_heard: str = ""
    we_did: str = ""
    actions: Sequence[Action] = ()
    escalations: Sequence[Escalation] = ()


@transaction.atomic
def share_results(*, survey: Survey, by: User, now: datetime) -> Survey:
    """Members of the community can read the results from now on; those who were asked are told by mail, once."""
    locked(survey.community)
    if survey.shared_with != Survey.SharedWith.MEMBERS:
        raise SharedWithLeadersOnly(
            "When this survey was opened, members were told that its results stay with those who lead the community.",
            code="shared_with_leaders_only",
        )
    if (
        not Survey.objects.closed()
        .filter(pk=survey.pk, is_shared_with_members=False)
        .update(is_shared_with_members=True)
    ):
        raise _why_not_shared(survey)
    survey.refresh_from_db()
    audit.record(event="survey.shared", by=by, target=survey, at=now)
    to = _told(survey)
    outbox.enqueue(*(heard_mail.shared(survey, user_id=pk, to=address, now=now) for pk, address in to.items()))
    return survey


def _why_not_shared(survey: Survey) -> Conflict:
    survey.refresh_from_db()
    if survey.state != Survey.State.CLOSED:
        return NothingToShareYet("Results exist, and can be shared, after the survey has closed.", code="not_closed")
    return SharedAlready("The results have been shared with members already.", code="shared_already")


@transaction.atomic
def stop_sharing(*, survey: Survey, by: User, now: datetime) -> Survey:
    """Members can read the results no longer, and mail about them that has not left stays here."""
    locked(survey.community)
    if not Survey.objects.filter(pk=survey.pk, is_shared_with_members=True).update(is_shared_with_members=False):
        raise NotSharedNow("The results are not shared with members.", code="not_shared")
    survey.refresh_from_db()
    audit.record(event="survey.sharing_stopped", by=by, target=survey, at=now)
    return survey


@transaction.atomic
def write_heard(*, survey: Survey, version: int, words: HeardWords, by: User, now: datetime) -> Heard:
    """Writes, or changes, what came of a closed survey; `version` is the one that was read, 0 before there is one.

    Members see it with the results. Where those are shared already, everyone asked is told by mail, the first time.
    """
    locked(survey.community)
    survey = Survey.objects.get(pk=survey.pk)
    _check(survey, words)
    said = {name: getattr(words, name).strip() for name in ("you_said", "we_heard", "we_did")}
    about = {"survey": survey, "by": by, "written_at": now}
    heard = _first(version, about | said) if version == 0 else _changed(survey, version, said | {"by": by}, now)
    heard.actions.set(words.actions)
    heard.escalations.set(words.escalations)
    audit.record(event="heard.written", by=by, target=heard, at=now)
    if survey.is_shared_with_members and version == 0:
        to = _told(survey)
        outbox.enqueue(*(heard_mail.heard(survey, user_id=pk, to=address, now=now) for pk, address in to.items()))
    return heard


def _first(version: int, facts: dict[str, object]) -> Heard:
    try:
        with transaction.atomic():
            return Heard.objects.create(version=version + 1, **facts)
    except IntegrityError:
        raise HeardWrittenAlready(MEANWHILE, code="heard_written_already") from None


def _changed(survey: Survey, version: int, facts: dict[str, object], now: datetime) -> Heard:
    found = Heard.objects.filter(survey=survey, version=version)
    if not found.update(version=F("version") + 1, written_at=now, **facts):
        raise HeardChangedMeanwhile(MEANWHILE, code="heard_changed_meanwhile")
    return Heard.objects.get(survey=survey)


def _check(survey: Survey, words: HeardWords) -> None:
    if survey.state != Survey.State.CLOSED:
        raise NothingToShareYet("What came of a survey is written after it has closed.", code="not_closed")
    if not words.you_said.strip():
        raise HeardSaysNothing("Say in a sentence what members said.", code="heard_says_nothing")
    actions, escalations = _followed(survey)
    chosen = {action.pk for action in words.actions}, {escalation.pk for escalation in words.escalations}
    if actions.filter(pk__in=chosen[0]).count() < len(chosen[0]) or escalations.filter(pk__in=chosen[1]).count() < len(
        chosen[1]
    ):
        raise NotOfThisSurvey(
            "Choose actions and escalations of this community that its members can read, from after the survey opened.",
            code="not_of_this_survey",
        )


def _followed(survey: Survey) -> tuple[QuerySet[Action], QuerySet[Escalation]]:
    community, opened_on = survey.community_id, timezone.localdate(survey.opened_at)
    actions = Action.objects.filter(community=community, is_private=False, agreed_on__gte=opened_on)
    escalations = Escalation.objects.filter(
        problem__community=community, problem__is_private=False, asked_at__gte=survey.opened_at
    )
    return actions, escalations


def offered_actions(survey: Survey) -> QuerySet[Action]:
    """The actions of the community that may have come of a survey, the latest first."""
    return _followed(survey)[0].order_by("-agreed_on", "-pk")[:OFFERED]


def offered_escalations(survey: Survey) -> QuerySet[Escalation]:
    """The escalations of the community that may have come of a survey, the latest first."""
    found = _followed(survey)[1].select_related("problem", "lever_holder__organisation")
    return found.order_by("-asked_at", "-pk")[:OFFERED]


def _told(survey: Survey) -> dict[int, str]:
    """Who was asked, is still in the community and wants such mail; whether they answered makes no difference."""
    asked = survey.invitations.filter(
        person__user__is_active=True,
        person__user__only_own_mail=False,
        person__in=Membership.objects.current().filter(community=survey.community_id).values("person"),
    )
    return addresses_of(asked.order_by().values_list("person__user", flat=True))
