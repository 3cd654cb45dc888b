"""Writing the plan of requests: at opening, and when a survey is extended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max

from communities.models import Person
from evaluations.models import Invitation, PlannedRequest, Survey
from evaluations.models.survey import PlannedRequestQuerySet
from evaluations.services.surveys import request_plan
from evaluations.services.surveys.request_plan import Slot

# Far enough back to see every request that could still be too close.
LOOK_BACK = timedelta(days=30)
EXTENSION_REMINDER_DAY = 4


def other_requests(people: Iterable[Person], *, now: datetime, but: Survey | None = None) -> dict[int, list[Slot]]:
    """What other surveys ask of these people, by person: one query."""
    requests = PlannedRequest.objects.filter(invitation__person__in=people, due_at__gte=now - LOOK_BACK).select_related(
        "invitation__survey"
    )
    if but is not None:
        requests = requests.exclude(invitation__survey=but)
    found: dict[int, list[Slot]] = defaultdict(list)
    for request in requests.order_by("due_at", "pk"):
        if request.is_handled or request.invitation.survey.state == Survey.State.OPEN:
            found[request.invitation.person_id].append(slot_of(request))
    return found


def slot_of(request: PlannedRequest) -> Slot:
    survey = request.invitation.survey
    is_fixed = request.is_handled or request.kind == PlannedRequest.Kind.INVITATION
    return Slot(survey.pk, request.number, request.due_at, survey.closes_at, is_fixed)


def plan_opening(survey: Survey, invitations: Iterable[Invitation], *, now: datetime) -> None:
    """Invitation and reminders for everyone asked; reminders of other surveys make room."""
    invitations = list(invitations)
    others = other_requests([invitation.person for invitation in invitations], now=now, but=survey)
    new: list[PlannedRequest] = []
    for invitation in invitations:
        theirs = others.get(invitation.person_id, [])
        kept, dropped = request_plan.settle([*theirs, *_own(survey, theirs, now)], cap=settings.CAP_WORKING_DAYS)
        new += [_request(invitation, slot) for slot in kept if slot.survey_id == survey.pk]
        _move(invitation.person, before=theirs, after=kept)
        _drop(invitation.person, [slot for slot in dropped if slot.survey_id != survey.pk])
    PlannedRequest.objects.bulk_create(new)


def _own(survey: Survey, theirs: Iterable[Slot], now: datetime) -> list[Slot]:
    """What this survey would ask of someone, if its reminders met no other's."""
    first = first_for(theirs, closes_at=survey.closes_at, now=now)
    # A pulse is short: its days are working days.
    after = request_plan.reminders_after_working_days if survey.session_id else request_plan.reminders
    moments = [first, *after(first, survey.reminder_days)]
    return [
        Slot(survey.pk, number, due_at, survey.closes_at, is_fixed=number == 0) for number, due_at in enumerate(moments)
    ]


def first_for(theirs: Iterable[Slot], *, closes_at: datetime, now: datetime) -> datetime:
    return request_plan.first_request(now, closes_at=closes_at, others=theirs, cap=settings.CAP_WORKING_DAYS)


def would_be(place: int, first: datetime, closes_at: datetime) -> Slot:
    """The first request of a survey that is not stored yet, the `place`th of several that would be opened together."""
    return Slot(-1 - place, 0, first, closes_at, is_fixed=True)


def _request(invitation: Invitation, slot: Slot) -> PlannedRequest:
    kind = PlannedRequest.Kind.REMINDER if slot.number else PlannedRequest.Kind.INVITATION
    return PlannedRequest(invitation=invitation, number=slot.number, kind=kind, due_at=slot.due_at)


def _move(person: Person, *, before: Iterable[Slot], after: Iterable[Slot]) -> None:
    was_due = {(slot.survey_id, slot.number): slot.due_at for slot in before}
    for slot in after:
        if was_due.get((slot.survey_id, slot.number), slot.due_at) != slot.due_at:
            _waiting(person, slot).update(due_at=slot.due_at)


def _drop(person: Person, slots: Iterable[Slot]) -> None:
    for slot in slots:
        _waiting(person, slot).delete()


def _waiting(person: Person, slot: Slot) -> PlannedRequestQuerySet:
    return PlannedRequest.objects.waiting().filter(
        invitation__survey=slot.survey_id, invitation__person=person, number=slot.number
    )


def plan_more_time(survey: Survey, *, kind: PlannedRequest.Kind, reminder_days: Sequence[int], now: datetime) -> None:
    """The new plan of a survey that closes later than it said: a notice, and reminders so many days after it.

    For everyone asked alike, whether they have answered or not; mail is for some. The cap holds as it does at opening.
    """
    PlannedRequest.objects.waiting().filter(invitation__survey=survey).exclude(
        kind=PlannedRequest.Kind.INVITATION
    ).delete()
    invitations = list(survey.invitations.select_related("person").annotate(last=Max("requests__number")))
    others = other_requests([invitation.person for invitation in invitations], now=now, but=survey)
    new: list[PlannedRequest] = []
    for invitation in invitations:
        theirs = others.get(invitation.person_id, [])
        own = _more(survey, invitation, theirs, reminder_days, now)
        kept, dropped = request_plan.settle([*theirs, *own], cap=settings.CAP_WORKING_DAYS)
        new += [
            PlannedRequest(
                invitation=invitation,
                number=slot.number,
                kind=kind if slot.number == own[0].number else PlannedRequest.Kind.REMINDER,
                due_at=slot.due_at,
            )
            for slot in kept
            if slot.survey_id == survey.pk
        ]
        _move(invitation.person, before=theirs, after=kept)
        _drop(invitation.person, [slot for slot in dropped if slot.survey_id != survey.pk])
    PlannedRequest.objects.bulk_create(new)


def _more(
    survey: Survey, invitation: Invitation, theirs: Iterable[Slot], reminder_days: Sequence[int], now: datetime
) -> list[Slot]:
    """The notice and the reminders after it, if they met no other survey's. The numbers go on from what there was."""
    number = (invitation.last or 0) + 1  # type: ignore[attr-defined]  # annotated by the caller
    notice = first_for(theirs, closes_at=survey.closes_at, now=now)
    moments = [notice, *request_plan.reminders(notice, reminder_days)]
    return [
        Slot(survey.pk, number + step, due_at, survey.closes_at, is_fixed=step == 0)
        for step, due_at in enumerate(moments)
    ]


def plan_extension(survey: Survey, *, now: datetime) -> None:
    """The new plan of a survey that was extended because too few had answered: a notice and one reminder."""
    plan_more_time(survey, kind=PlannedRequest.Kind.EXTENSION, reminder_days=[EXTENSION_REMINDER_DAY], now=now)
