"""What a community's own records say at a glance: its rhythm, its people, what it does and what is in its way."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from communities.models import Action, Affiliation, Community, Escalation, Membership, Problem, Session, TestOfChange
from cop_portal.accounts.models import User
from cop_portal.design.charts import RhythmMark
from cop_portal.design.dates import days_since

LOOKING_BACK = timedelta(days=2 * 365)
NEW_WITHIN = timedelta(days=183)
HELD_RULE = (
    "Of the sessions that were due in the last two years, those that were recorded as held. Cancelled sessions, and "
    "sessions that nobody has recorded yet, count as due but not as held."
)


@dataclass(frozen=True)
class Rhythm:
    """Sessions of the last two years and those ahead, the oldest first."""

    sessions: list[Session]
    now: datetime

    @property
    def due(self) -> list[Session]:
        return [session for session in self.sessions if session.starts_at <= self.now]

    @property
    def held(self) -> list[Session]:
        return [session for session in self.due if session.state == Session.State.HELD]

    @property
    def unrecorded(self) -> list[Session]:
        return [session for session in self.due if session.state == Session.State.PLANNED]

    @property
    def last(self) -> Session | None:
        return self.held[-1] if self.held else None

    @property
    def next(self) -> Session | None:
        ahead = (s for s in self.sessions if s.starts_at > self.now and s.state == Session.State.PLANNED)
        return next(ahead, None)

    @property
    def marks(self) -> list[RhythmMark]:
        return [RhythmMark(on=session.day, kind=session.state) for session in self.sessions]

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)

    @property
    def rule(self) -> str:
        return HELD_RULE


@dataclass(frozen=True)
class People:
    members: int
    organisations: int
    professions: int
    new: int

    def new_words(self, *, exactly: bool) -> str:
        """“3 joined in the last six months”, for readers who may not see so small a number without it; or nothing."""
        if not self.new:
            return ""
        few = f"fewer than {settings.MINIMUM_BASE}" if self.new < settings.MINIMUM_BASE and not exactly else self.new
        return f"{few} joined in the last six months"


@dataclass(frozen=True)
class Doing:
    """What was promised and what is being tried; how much of that was taken up elsewhere."""

    open: int
    overdue: int
    tests: int
    running: int
    adopted_elsewhere: int


@dataclass(frozen=True)
class InTheWay:
    """Problems out of the community's hands, and the question that has waited longest for an answer."""

    beyond_reach: int
    unsettled: int
    waiting: Escalation | None
    days_waiting: int


@dataclass(frozen=True)
class Overview:
    rhythm: Rhythm
    people: People
    doing: Doing
    in_the_way: InTheWay


def overview_of(community: Community, now: datetime, *, reader: User | None = None) -> Overview:
    """Seven queries, however long the community's history. What is private is counted for a `reader` who may see it."""
    today = timezone.localdate(now)
    return Overview(
        rhythm=_rhythm(community, now),
        people=_people(community, today),
        doing=_doing(community, today, reader),
        in_the_way=_in_the_way(community, now, reader),
    )


def _rhythm(community: Community, now: datetime) -> Rhythm:
    since = now - LOOKING_BACK
    sessions = Session.objects.filter(community=community, starts_at__gte=since).order_by("starts_at", "pk")
    return Rhythm(sessions=list(sessions), now=now)


def _people(community: Community, today: date) -> People:
    members = Membership.objects.on_day(today).filter(community=community)
    counted = members.aggregate(all=Count("pk"), new=Count("pk", filter=Q(starts_on__gt=today - NEW_WITHIN)))
    places = Affiliation.objects.on_day(today).filter(person__in=members.values("person"))
    met = places.aggregate(
        organisations=Count("organisation", distinct=True), professions=Count("professional_group", distinct=True)
    )
    return People(members=counted["all"], new=counted["new"], **met)


def _doing(community: Community, today: date, reader: User | None) -> Doing:
    seen = Action.objects.filter(is_private=False) if reader is None else Action.objects.visible_to(reader)
    actions = seen.open().filter(community=community)
    tests = TestOfChange.objects.filter(community=community)
    return Doing(
        **actions.aggregate(open=Count("pk"), overdue=Count("pk", filter=Q(due_on__lt=today))),
        **tests.aggregate(
            tests=Count("pk"),
            running=Count("pk", filter=Q(outcome=TestOfChange.Outcome.RUNNING)),
            adopted_elsewhere=Count("pk", filter=Q(pk__in=tests.adopted_elsewhere())),
        ),
    )


def _in_the_way(community: Community, now: datetime, reader: User | None) -> InTheWay:
    seen = Problem.objects.filter(is_private=False) if reader is None else Problem.objects.visible_to(reader)
    problems = seen.unsettled().filter(community=community)
    counted = problems.aggregate(
        unsettled=Count("pk"), beyond_reach=Count("pk", filter=Q(state__in=Problem.OUT_OF_OUR_HANDS))
    )
    waiting = (
        Escalation.objects.waiting()
        .filter(problem__in=problems.filter(state=Problem.State.ESCALATED))
        .select_related("lever_holder__organisation")
        .oldest_first()
        .first()
    )
    return InTheWay(**counted, waiting=waiting, days_waiting=days_since(waiting.asked_at, now) if waiting else 0)
