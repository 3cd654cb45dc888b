"""How many were asked and answered, of one survey or of several whose answers are shown together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from django.db.models import Count, Sum

from communities.models import Attendance
from evaluations.disclosure import Turnout
from evaluations.models import Invitation, PulseRoom, RoomPlace, Survey
from evaluations.models.survey import SurveyQuerySet
from evaluations.services.surveys.opening import is_established


def turnout_of(survey_ids: Sequence[int]) -> Turnout:
    """Answers of these surveys together. Someone who answered twice counts once towards the minimum.

    Who took a place in a room nobody knows. So places count towards the minimum only as far as members of long
    standing are recorded as having been in that room, and only beyond those who may have answered by a link too.
    """
    invitations = Invitation.objects.filter(survey__in=survey_ids)
    answered = invitations.filter(is_answered=True)
    places = RoomPlace.objects.filter(survey__in=survey_ids, is_answered=True)
    heads = PulseRoom.objects.filter(survey__in=survey_ids).aggregate(heads=Sum("heads"))["heads"] or 0
    by_link = set(answered.filter(is_established=True).values_list("person", flat=True))
    return Turnout(
        asked=invitations.count() + heads,
        answered=answered.count() + places.count(),
        established=people_at_least(by_link, _rooms(survey_ids)),
    )


def people_at_least(by_link: AbstractSet[int], rooms: Iterable[tuple[int, AbstractSet[int]]]) -> int:
    """How many different people answered at the least: those known by their links, and those who must be others.

    `rooms` are places answered and who was in the room. People who were in two rooms may have answered in both.
    """
    others = (min(answered, len(people)) - len(people & by_link) for answered, people in rooms)
    return len(by_link) + max([0, *others])


def _rooms(survey_ids: Sequence[int]) -> list[tuple[int, set[int]]]:
    pulses = Survey.objects.filter(pk__in=survey_ids).exclude(room=None).order_by("pk")
    return [(pulse.places.filter(is_answered=True).count(), established_in_room(pulse)) for pulse in pulses]


def established_in_room(pulse: Survey) -> set[int]:
    """Members of long standing who are recorded as having been in the room of this pulse, by person."""
    in_room = Attendance.objects.filter(session=pulse.session_id, status=Attendance.Status.ROOM)
    marks = in_room.select_related("membership")
    return {mark.membership.person_id for mark in marks if is_established(mark.membership, pulse.opened_at)}


def answers_to(surveys: SurveyQuerySet) -> dict[int, int]:
    """How many have answered each of these surveys, by link or in the room: two queries."""
    counts: dict[int, int] = {}
    for kind in (Invitation, RoomPlace):
        answered = kind._default_manager.filter(survey__in=surveys, is_answered=True).order_by()
        for survey_id, number in answered.values_list("survey").annotate(Count("pk")):
            counts[survey_id] = counts.get(survey_id, 0) + number
    return counts
