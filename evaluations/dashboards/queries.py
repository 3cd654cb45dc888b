"""What Home and the network page read: a fixed number of queries, and one subquery per figure."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from communities.models import (
    Action,
    CheckIn,
    Commitment,
    Community,
    Escalation,
    JoinRequest,
    Membership,
    Pause,
    Problem,
    Reply,
    RoleTerm,
    Session,
)
from communities.models.community import drifting_since
from evaluations.models import Heard, Invitation, Survey

if TYPE_CHECKING:
    from cop_portal.accounts.models import User

# So long after its close Home asks a facilitator to share a survey's results.
TO_SHARE_FOR = timedelta(days=60)
# So long after a session Home asks for its record; what is older stands on the page of the community.
TO_RECORD_FOR = timedelta(days=60)


def open_invitations(user: "User", now: datetime) -> QuerySet[Invitation]:
    """What this person is asked to answer and has not, the first to close on top."""
    return (
        Invitation.objects.unanswered()
        .not_in_the_room()
        .filter(person__user=user, survey__state=Survey.State.OPEN, survey__closes_at__gt=now)
        .select_related("survey__version", "survey__community", "survey__session")
        .order_by("survey__closes_at", "survey")
    )


def open_actions(user: "User") -> QuerySet[Action]:
    """What this person said they would do and has not yet answered for, the first to fall due on top.

    Not what they have said is not theirs: that waits for someone else.
    """
    mine = Action.objects.visible_to(user).open().owned_by(user).filter(disowned_at=None)
    return mine.select_related("community").soonest_first()


def due_commitments(user: "User", now: datetime) -> QuerySet[Commitment]:
    """What this person said they would try, open still though its day has come, the oldest first."""
    mine = Commitment.objects.visible_to(user).due(now).made_by(user)
    return mine.exclude(community__state=Community.State.CLOSED).select_related("community").oldest_first()


def open_check_ins(user: "User", now: datetime) -> QuerySet[CheckIn]:
    """Sessions going on at which this person has not checked in, the first to begin on top."""
    mine = CheckIn.objects.of_member(user, now).not_said_by(user)
    return mine.select_related("session__community").order_by("session__starts_at", "pk")


def asking_to_join(user: "User") -> list[dict[str, Any]]:
    """Communities in which people wait for this person to decide: how many, and since when; the oldest on top."""
    waiting = JoinRequest.objects.to_decide(user).order_by().values("community__name", "community__slug")
    counted = waiting.annotate(number=Count("pk"), since=Min("asked_at")).order_by("since", "community__name")
    return [dict(row) for row in counted]


def pauses_to_look_at(today: date) -> QuerySet[Pause]:
    """Paused communities that HIN staff wanted to look at again by now."""
    return Pause.objects.to_look_at(today).select_related("community")


def _communities_of(user: "User") -> QuerySet[Community]:
    """Those this person belongs to or holds a role in; not the others that staff can see."""
    return Community.objects.belonging_to(user)


def next_sessions(user: "User", now: datetime) -> QuerySet[Session]:
    """The next sessions of this person's communities: whether they are asked to come, and what they have said."""
    member_of = Membership.objects.current().filter(community=OuterRef("community"), person__user=user)
    said = Reply.objects.of_user(user).filter(session=OuterRef("pk"), membership__ends_on=None)
    sessions = Session.objects.upcoming(now).filter(community__in=_communities_of(user)).select_related("community")
    return sessions.annotate(is_asked=Exists(member_of), my_answer=Subquery(said.values("answer")[:1]))


def came_of_it(user: "User") -> QuerySet[Problem]:
    """Problems of this person's communities that were solved or changed, and what came of them, newest first."""
    return (
        Problem.objects.visible_to(user)
        .filter(community__in=_communities_of(user), state__in=[Problem.State.SOLVED, Problem.State.CHANGED])
        .exclude(came_of_it="")
        .select_related("community")
        .order_by("-state_since", "-pk")
    )


def to_record(user: "User", now: datetime) -> QuerySet[Session]:
    """Sessions over lately, in communities that this person facilitates, of which there is no record; oldest first."""
    run = RoleTerm.objects.current().facilitators().filter(person__user=user).values("community")
    over = Session.objects.planned().filter(community__in=run, ends_at__lte=now, ends_at__gt=now - TO_RECORD_FOR)
    over = over.exclude(community__state=Community.State.CLOSED)
    return over.select_related("community").order_by("starts_at", "pk")


def told(user: "User") -> QuerySet[Heard]:
    """What came of surveys in which this person was asked, once their results are shared, newest first."""
    asked = Invitation.objects.filter(survey=OuterRef("survey"), person__user=user)
    heard = Heard.objects.visible_to(user).told().filter(Exists(asked))
    return heard.select_related("survey__community", "survey__version").newest_first()


def to_share(user: "User", now: datetime) -> QuerySet[Survey]:
    """Closed lately in communities that this person facilitates, and not shared with members though that was said."""
    run = RoleTerm.objects.current().facilitators().filter(person__user=user).values("community")
    closed = Survey.objects.closed().filter(
        community__in=run, closed_at__gte=now - TO_SHARE_FOR, released_with=None, session=None
    )
    waiting = closed.filter(shared_with=Survey.SharedWith.MEMBERS, is_shared_with_members=False)
    waiting = waiting.exclude(community__state=Community.State.CLOSED)
    return waiting.select_related("community", "version").order_by("closed_at", "pk")


def network(today: date, now: datetime) -> QuerySet[Community]:
    """Every community by name, with the figures of the network page."""
    beyond = Problem.objects.filter(community=OuterRef("pk")).beyond_reach().order_by()
    # A pulse is about one session: the page of that session shows it.
    closed = Survey.objects.closed().filter(community=OuterRef("pk"), session=None).order_by("-closed_at", "-pk")
    counted = beyond.values("community").annotate(n=Count("pk")).values("n")
    return (
        Community.objects.with_member_count(today)
        .with_last_and_next_session(now)
        .annotate(
            beyond_reach_count=Coalesce(Subquery(counted), 0),
            beyond_reach_since=Subquery(beyond.order_by("state_since").values("state_since")[:1]),
            last_closed_survey=Subquery(closed.values("pk")[:1]),
        )
        .order_by("name")
    )


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def to_call(today: date, now: datetime) -> QuerySet[Community]:
    """Active communities that drift, or that have waited too long for an answer from the person who can act."""
    unanswered = Escalation.objects.waiting().filter(problem__community=OuterRef("pk")).order_by("asked_at")
    found = Community.objects.filter(state=Community.State.ACTIVE).with_last_and_next_session(now)
    found = found.annotate(
        unanswered_since=Subquery(unanswered.values("asked_at")[:1]),
        unanswered_lever=Subquery(unanswered.values("problem__lever")[:1]),
    )
    held_long_ago = Q(last_session_at=None) | Q(last_session_at__lt=_start_of(drifting_since(today)))
    asked_long_ago = Q(unanswered_since__lt=_start_of(today - timedelta(days=settings.UNANSWERED_AFTER_DAYS - 1)))
    return found.filter((Q(next_session_at=None) & held_long_ago) | asked_long_ago).order_by("name")


def last_closed(communities: Iterable[Community]) -> dict[int, Survey]:
    """The survey each community closed last, with its release, by community."""
    wanted = [pk for c in communities if (pk := c.last_closed_survey) is not None]  # type: ignore[attr-defined]
    surveys = Survey.objects.filter(pk__in=wanted).with_turnout()
    return {survey.community_id: survey for survey in surveys}


def open_surveys(communities: Iterable[Community]) -> dict[int, list[Survey]]:
    """The surveys now open, by community, the oldest first."""
    found: dict[int, list[Survey]] = {}
    surveys = Survey.objects.open().filter(community__in=[c.pk for c in communities]).select_related("version")
    for survey in surveys.order_by("opened_at", "pk"):
        found.setdefault(survey.community_id, []).append(survey)
    return found
