"""The rhythm card: how regularly a community meets, who comes, and how soon and how fully that is written down.

Worked out afresh from the records of a stretch of time; nothing of it is stored. Every figure carries its rule and the
records behind it. A community is compared with its own past, never with another.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median

from django.conf import settings
from django.db.models import Count, Exists, F, Min, OuterRef, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from communities.models import Attendance, Community, LearningPoint, Session
from communities.models.community_life import Pause
from communities.models.record import Guest, SessionVersion

TWO_YEARS = timedelta(days=2 * 365)
DAY = timedelta(days=1)
NOTHING = "–"


@dataclass(frozen=True)
class Gap:
    """The days between two sessions held one after the other."""

    earlier: Session
    later: Session
    # Why it was long, in the words of the record; empty where the record says nothing.
    explained: str = ""

    @property
    def days(self) -> int:
        return (self.later.day - self.earlier.day).days


@dataclass(frozen=True)
class Came:
    """Someone who came, how often within the time looked at, and when for the first time ever."""

    name: str
    times: int
    first_on: date


@dataclass(frozen=True)
class Figure:
    """One number of the card, with the records it was made of.

    Where `is_people` it counts people, and readers who may not see names are not told of fewer than five.
    """

    slug: str
    label: str
    words: str
    rule: str
    value: float | None = None
    # How many there were in all, where the number is a part of them.
    base: int | None = None
    is_people: bool = False
    sessions: Sequence[Session] = ()
    gaps: Sequence[Gap] = ()
    people: Sequence[Came] = ()
    names: Sequence[str] = ()
    # What stands beside a session in the list of records: how long it took to be logged, how much was noted.
    notes: Mapping[int, str] = field(default_factory=dict)

    @property
    def has_records(self) -> bool:
        return bool(self.sessions or self.gaps or self.people or self.names)

    def said(self, *, exactly: bool) -> str:
        """The words for a reader who may or may not see how few people came."""
        return self.words if exactly or not self.is_small else f"Hidden: fewer than {settings.MINIMUM_BASE} people"

    @property
    def is_small(self) -> bool:
        """Whether it tells of a few people, or, subtracted from all, of a few others."""
        if not self.is_people or self.value is None or self.base is None:
            return False
        return any(0 < people < settings.MINIMUM_BASE for people in (self.value, self.base - self.value))


@dataclass(frozen=True)
class RhythmCard:
    first: date
    last: date
    figures: tuple[Figure, ...]

    def figure(self, slug: str) -> Figure | None:
        return next((figure for figure in self.figures if figure.slug == slug), None)


def rhythm_card(community: Community, *, first: date, last: date, now: datetime) -> RhythmCard:
    """The card of the days from `first` to `last`, both included. Five queries, however many sessions."""
    due = _due(community, first, last, now)
    held = [session for session in due if session.state == Session.State.HELD]
    gaps = _gaps(held, due, list(Pause.objects.filter(community=community).order_by("starts_on")))
    people = _people(held, community, last)
    return RhythmCard(
        first=first,
        last=last,
        figures=(
            _held(held, due),
            *_gap_figures(gaps),
            _pauses(gaps),
            *_people_figures(people, first, is_first_known=_is_first_known(community, first)),
            *_in_the_room(held),
            _time_to_log(held),
            _learning(held),
        ),
    )


def window(now: datetime, *, first: date | None, last: date | None) -> tuple[date, date]:
    """The days looked at: those asked for, else the last two years."""
    last = last or timezone.localdate(now)
    # The first days of the calendar have no two years before them.
    return first or max(last, date.min + TWO_YEARS) - TWO_YEARS, last


def _due(community: Community, first: date, last: date, now: datetime) -> list[Session]:
    """Sessions that were to have begun, the oldest first; each with its first record and its number of learnings."""
    written = SessionVersion.objects.filter(session=OuterRef("pk")).order_by("number").values("at")[:1]
    learned = LearningPoint.objects.filter(session=OuterRef("pk"))
    found = (
        Session.objects.filter(community=community, starts_at__lte=now)
        .alias(on=TruncDate("starts_at", tzinfo=timezone.get_default_timezone()))
        .filter(on__gte=first, on__lte=last)
        .annotate(first_recorded_at=written, has_learning=Exists(learned))
        .order_by("starts_at", "pk")
    )
    return list(found)


def _gaps(held: Sequence[Session], due: Sequence[Session], pauses: Sequence[Pause]) -> list[Gap]:
    cancelled = [session for session in due if session.state == Session.State.CANCELLED]
    return [
        Gap(earlier, later, explained="; ".join(_explanations(earlier, later, cancelled, pauses)))
        for earlier, later in pairwise(held)
    ]


def _explanations(
    earlier: Session, later: Session, cancelled: Sequence[Session], pauses: Sequence[Pause]
) -> Iterator[str]:
    """What the record says about the time between two sessions: pauses within it, and sessions called off."""
    for pause in pauses:
        if pause.starts_on < later.day and (pause.ends_on is None or pause.ends_on > earlier.day):
            yield pause.because
    for session in cancelled:
        if earlier.starts_at < session.starts_at < later.starts_at:
            yield session.cancelled_because


def _held(held: Sequence[Session], due: Sequence[Session]) -> Figure:
    return Figure(
        slug="held",
        label="Held, of those planned",
        words=f"{len(held)} of {len(due)}" if due else NOTHING,
        value=len(held) if due else None,
        base=len(due),
        rule=(
            "Sessions in this time that were recorded as held, of all that were planned for it. Cancelled ones, and "
            "ones that nobody has recorded yet, count as planned but not as held."
        ),
        sessions=due,
        notes={session.pk: session.cancelled_because for session in due},
    )


def _gap_figures(gaps: Sequence[Gap]) -> tuple[Figure, Figure]:
    by_length = sorted(gaps, key=lambda gap: -gap.days)
    middle = median(gap.days for gap in gaps) if gaps else None
    return (
        Figure(
            slug="gap-median",
            label="Usual gap between sessions",
            words=f"{middle:g} days (median of {len(gaps)})" if middle is not None else NOTHING,
            value=middle,
            rule="Days from one session held to the next; half of the gaps are shorter than the median, half longer.",
            gaps=gaps,
        ),
        Figure(
            slug="gap-longest",
            label="Longest gap",
            words=f"{by_length[0].days} days" if gaps else NOTHING,
            value=by_length[0].days if gaps else None,
            rule="The most days between two sessions held one after the other in this time.",
            gaps=by_length[:1],
        ),
    )


def _pauses(gaps: Sequence[Gap]) -> Figure:
    longest = settings.DRIFTING_AFTER_DAYS
    pauses = [gap for gap in gaps if gap.days > longest]
    explained = sum(1 for gap in pauses if gap.explained)
    return Figure(
        slug="pauses",
        label="Pauses explained",
        words=f"{explained} of {len(pauses)}" if pauses else "No pauses",
        value=explained if pauses else None,
        rule=(
            f"A pause is a gap of more than {longest} days. It is explained where a session within it was cancelled "
            "with a reason, or the community was paused with one."
        ),
        gaps=pauses,
    )


def _people(held: Sequence[Session], community: Community, last: date) -> list[Came]:
    came = (
        Attendance.objects.present()
        .filter(session__community=community, session__state=Session.State.HELD)
        .values("membership__person", "membership__person__user__name")
        .annotate(
            first_at=Min("session__starts_at"),
            times=Count("pk", filter=Q(session__in=[session.pk for session in held])),
        )
        .filter(times__gt=0)
        .order_by("membership__person__user__name", "membership__person")
    )
    return [
        Came(row["membership__person__user__name"], row["times"], timezone.localdate(row["first_at"])) for row in came
    ]


def _is_first_known(community: Community, first: date) -> bool:
    """Whether the records say who had come before: they go back further, or the community does not."""
    began_later = community.launched_on is not None and community.launched_on >= first
    earlier = Session.objects.filter(community=community, state=Session.State.HELD, starts_at__date__lt=first)
    return earlier.exists() or began_later


def _people_figures(people: Sequence[Came], first: date, *, is_first_known: bool) -> tuple[Figure, Figure]:
    new = [person for person in people if person.first_on >= first]
    back = [person for person in people if person.times > 1 or person.first_on < first]
    return (
        Figure(
            slug="returners",
            label="Came back",
            words=f"{len(back)} of {len(people)}" if people else NOTHING,
            value=len(back) if people else None,
            base=len(people),
            is_people=True,
            rule="Of the members who came in this time, those who came more than once, or had come before it.",
            people=back,
        ),
        Figure(
            slug="new-faces",
            label="New faces",
            words=_new_words(new, people, is_first_known=is_first_known),
            value=len(new) if people and is_first_known else None,
            base=len(people) if is_first_known else None,
            is_people=True,
            rule=(
                "Of the members who came in this time, those who had never come to a session before it. Not known "
                "where no session from before it is recorded."
            ),
            people=new if is_first_known else (),
        ),
    )


def _new_words(new: Sequence[Came], people: Sequence[Came], *, is_first_known: bool) -> str:
    if not people:
        return NOTHING
    return f"{len(new)} of {len(people)}" if is_first_known else "Not known: no earlier session is recorded"


def _in_the_room(held: Sequence[Session]) -> tuple[Figure, Figure]:
    """Where those who came worked, and as what, on the day of the session."""
    places = "membership__person__affiliations__"
    found = (
        Attendance.objects.present()
        .filter(session__in=[session.pk for session in held])
        .annotate(on=TruncDate("session__starts_at", tzinfo=timezone.get_default_timezone()))
        .filter(
            Q(**{f"{places}ends_on": None}) | Q(**{f"{places}ends_on__gt": F("on")}),
            **{f"{places}starts_on__lte": F("on")},
        )
        .order_by()
        .values_list(f"{places}organisation__name", f"{places}professional_group__name")
        .distinct()
    )
    pairs = list(found)
    guests = Guest.objects.filter(session__in=[s.pk for s in held]).exclude(organisation="")
    places_from = {organisation for organisation, _ in pairs if organisation} | set(
        guests.order_by().values_list("organisation", flat=True).distinct()
    )
    organisations = sorted(places_from)
    professions = sorted({profession for _, profession in pairs if profession})
    return (
        Figure(
            slug="organisations",
            label="Organisations in the room",
            words=str(len(organisations)) if organisations else NOTHING,
            value=len(organisations) or None,
            rule=(
                "Organisations of the members who came, in the room or online, as they were on the day, and of guests "
                "as they were written down."
            ),
            names=organisations,
        ),
        Figure(
            slug="professions",
            label="Professions in the room",
            words=str(len(professions)) if pairs else NOTHING,
            value=len(professions) if pairs else None,
            rule="Professional groups of the members who came, in the room or online, as they were on the day.",
            names=professions,
        ),
    )


def _time_to_log(held: Sequence[Session]) -> Figure:
    taken = {s.pk: max(timedelta(), s.first_recorded_at - s.ends_at) for s in held if s.first_recorded_at}  # type: ignore[attr-defined]
    middle = median(taken.values()) if taken else None
    return Figure(
        slug="time-to-log",
        label="From session to record",
        words=f"{_time(middle)} (median of {len(taken)})" if middle is not None else NOTHING,
        value=middle.total_seconds() / 3600 if middle is not None else None,
        rule="From the end of a session to the first save of its record; half were quicker than the median.",
        sessions=[session for session in held if session.pk in taken],
        notes={pk: _time(time) for pk, time in taken.items()},
    )


def _time(taken: timedelta) -> str:
    """“40 minutes”, “5 hours”, “3 days”: as precise as anyone would say it."""
    for unit, length in (("day", DAY), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        if taken >= length:
            number = round(taken / length)
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return "at once"


def _learning(held: Sequence[Session]) -> Figure:
    with_learning = [session for session in held if session.has_learning]  # type: ignore[attr-defined]
    return Figure(
        slug="learning",
        label="Sessions with learning noted",
        words=f"{len(with_learning)} of {len(held)}" if held else NOTHING,
        value=len(with_learning) if held else None,
        base=len(held),
        rule="Sessions held whose record has at least one learning point, of all held in this time.",
        sessions=with_learning,
    )
