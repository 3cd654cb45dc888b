"""What someone took part in, for revalidation or appraisal: sessions, hours and what was learned."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Prefetch
from django.utils import timezone

from communities.models import Attendance, LearningPoint, Session
from cop_portal.accounts.models import User

HOURS_RULE = (
    "Hours are from the planned start to the planned end of each session at which you were marked as present, in the "
    "room or online. A session without a mark is not counted."
)


@dataclass(frozen=True)
class PartTaken:
    """One session at which someone was present."""

    session: Session
    how: str

    @property
    def minutes(self) -> int:
        return int((self.session.ends_at - self.session.starts_at).total_seconds() // 60)

    @property
    def hours_words(self) -> str:
        return hours_words(self.minutes)

    @property
    def learning_points(self) -> list[LearningPoint]:
        return list(self.session.learning_points.all())


@dataclass(frozen=True)
class Participation:
    """All of it between two days, both included, the newest first."""

    since: date
    until: date
    parts: list[PartTaken]

    @property
    def minutes(self) -> int:
        return sum(part.minutes for part in self.parts)

    @property
    def hours_words(self) -> str:
        return hours_words(self.minutes)


def hours_words(minutes: int) -> str:
    """“1 hour 30 minutes”."""
    hours, rest = divmod(minutes, 60)
    words = [f"{hours} hour{'' if hours == 1 else 's'}"] if hours else []
    words += [f"{rest} minute{'' if rest == 1 else 's'}"] if rest else []
    return " ".join(words) or "0 hours"


def participation_of(user: User, *, since: date, until: date) -> Participation:
    """What `user` was present at, in whatever community, then or now. Two queries. What facilitators noted as private
    is not in it."""
    # The last day of the calendar has no day after it.
    end = _midnight(min(until, date.max - timedelta(days=1)) + timedelta(days=1))
    points = LearningPoint.objects.filter(is_private=False).order_by("position")
    marks = (
        Attendance.objects.present()
        .filter(
            membership__person__user=user,
            session__state=Session.State.HELD,
            session__starts_at__gte=_midnight(since),
            session__starts_at__lt=end,
        )
        .select_related("session__community")
        .prefetch_related(Prefetch("session__learning_points", queryset=points))
        .order_by("-session__starts_at", "-pk")
    )
    parts = [PartTaken(session=mark.session, how=mark.get_status_display()) for mark in marks]
    return Participation(since=since, until=until, parts=parts)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
