"""How many were asked and answered, of one survey or of several whose answers are shown together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from django.db.models import Count, QuerySet, Sum

from communities.models import Attendance
from evaluations.disclosure import Turnout
from evaluations.models import Invitation, PrivacyMode, PulseRoom, RoomPlace, Survey
from evaluations.models.survey import SurveyQuerySet
from evaluations.services.answers import one_person
from evaluations.services.surveys.opening import is_established


class Asked(NamedTuple):
    """One invitation: of which survey, shown with which, whose (by the record that holds everything of theirs now)."""

    showing: int
    survey: int
    mode: str
    person: int
    is_answered: bool
    is_established: bool


def asked_of(invitations: QuerySet[Invitation], *, showing: str = "survey") -> list[Asked]:
    """These invitations. One query; one more where somebody was asked under a record that was merged since."""
    found = invitations.order_by().values_list(
        showing, "survey", "survey__mode", "person", "is_answered", "is_established", "person__merged_into"
    )
    rows = list(found)
    into = one_person.kept_records() if any(row[-1] for row in rows) else {}
    return [
        Asked(showing, survey, mode, into.get(person, person), is_answered, is_established)
        for showing, survey, mode, person, is_answered, is_established, _ in rows
    ]


def number_of(asked: Collection[Asked]) -> int:
    """How many people: someone asked twice in one survey, under two records, counts once.

    But in an anonymous one: there nobody can tell which two answers are theirs, so all of them are counted.
    """
    alike = {(one.survey, one.person) for one in asked if one.mode != PrivacyMode.ANONYMOUS}
    return len(alike) + sum(one.mode == PrivacyMode.ANONYMOUS for one in asked)


def established_among(asked: Iterable[Asked]) -> set[int]:
    """The different people of these who count towards the minimum."""
    return {one.person for one in asked if one.is_established}


def turnout_of(survey_ids: Sequence[int]) -> Turnout:
    """Answers of these surveys together. Someone who answered twice counts once towards the minimum.

    Who took a place in a room nobody knows. So places count towards the minimum only as far as members of long
    standing are recorded as having been in that room, and only beyond those who may have answered by a link too.
    """
    asked = asked_of(Invitation.objects.filter(survey__in=survey_ids))
    answered = [one for one in asked if one.is_answered]
    places = RoomPlace.objects.filter(survey__in=survey_ids, is_answered=True)
    heads = PulseRoom.objects.filter(survey__in=survey_ids).aggregate(heads=Sum("heads"))["heads"] or 0
    return Turnout(
        asked=number_of(asked) + heads,
        answered=number_of(answered) + places.count(),
        established=people_at_least(established_among(answered), _rooms(survey_ids)),
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
