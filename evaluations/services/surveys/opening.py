"""Opening a survey: who is asked is settled that day, the keys are safe before anyone is asked, the mode is fixed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from communities.models import Community, Membership, Person
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal
from evaluations import keys, links
from evaluations.breakdowns import Declared
from evaluations.models import InstrumentVersion, Invitation, PrivacyMode, Survey, Wave
from evaluations.questionnaire import Questionnaire, questionnaire_of
from evaluations.services.keys.fresh_keys import fresh_keys
from evaluations.services.keys.pseudonyms import store_key
from evaluations.services.surveys import grouping, planning

OFFERED_MODES = frozenset(PrivacyMode)
NO_ADDRESS = "No address that mail can be sent to"
CANNOT_SIGN_IN = "Their account has been closed"
WANTS_NO_MAIL = "They want no mail but about their own actions"
MOST_REMINDERS = 5
# Longer than any questionnaire's window can be is a slip of the keyboard.
LONGEST_WINDOW = timedelta(days=365)


class SurveyAlreadyOpen(Conflict):
    """A questionnaire is open in a community once at a time."""


class NobodyToAsk(Refusal):
    """A survey needs someone to ask."""


class VersionNotPublished(Refusal):
    """Only a version that can no longer change is put to people."""


class CommunityNotActive(Refusal):
    """Only an active community is asked."""


class ModeNotOffered(Refusal):
    """A survey is anonymous, confidential or named, and nothing else."""


class ClosesTooSoon(Refusal):
    """A survey closes after it has opened, with time to answer."""


class ClosesTooLate(Refusal):
    """No survey is open for longer than a year."""


class RemindersNotPossible(Refusal):
    """A plan of reminders that nobody would call a nuisance."""


@dataclass(frozen=True)
class Asked:
    """Someone who would be asked, and when the first mail would go. `is_established` counts towards the minimum."""

    person: Person
    first_mail_at: datetime
    is_established: bool


@dataclass(frozen=True)
class NotAsked:
    person: Person
    why: str


@dataclass(frozen=True)
class OpeningPreview:
    """Who would be asked and when, and who would not and why, if it were opened now. In order of their names."""

    asked: list[Asked] = field(default_factory=list)
    not_asked: list[NotAsked] = field(default_factory=list)

    @property
    def people(self) -> list[Person]:
        return [one.person for one in self.asked]

    @property
    def warning(self) -> str:
        """What to know before opening when so few count towards the minimum that nothing could be shown; else empty."""
        established = sum(one.is_established for one in self.asked)
        if established >= settings.MINIMUM_BASE:
            return ""
        return (
            f"Of these, {established} had been entered as members {settings.ESTABLISHED_MEMBER_DAYS} days ago or "
            f"longer. Results are shown only if at least {settings.MINIMUM_BASE} such members answer, so that nobody "
            "can be added to bring an answer to light. It may be better to wait."
        )


def preview_opening(
    *, community: Community, version: InstrumentVersion, now: datetime, closes_at: datetime | None = None
) -> OpeningPreview:
    """What opening would do. Stores nothing."""
    closes_at = closes_at or now + timedelta(days=version.opens_for_days)
    return preview_openings(communities=[community], closes_at=closes_at, now=now)[community.pk]


def preview_openings(
    *, communities: Sequence[Community], closes_at: datetime, now: datetime
) -> dict[int, OpeningPreview]:
    """What opening in each of these communities, one after the other, would do, by community. Stores nothing.

    Someone in two of them is asked in the second only as long after the first as the cap says. A fixed number of
    queries, however many communities there are.
    """
    memberships = list(
        Membership.objects.on_day(timezone.localdate(now))
        .filter(community__in=communities)
        .select_related("person__user")
        .order_by("person__user__name", "person")
    )
    people = {membership.person_id: membership.person for membership in memberships}
    found = EmailAddress.objects.filter(user__person__in=people, primary=True)
    reachable = set(found.values_list("user_id", flat=True))
    others = defaultdict(list, planning.other_requests(people.values(), now=now))
    previews = {community.pk: OpeningPreview() for community in communities}
    place = {community.pk: number for number, community in enumerate(communities)}
    for membership in sorted(memberships, key=lambda one: place[one.community_id]):
        person, preview = membership.person, previews[membership.community_id]
        if why := why_not(person, reachable):
            preview.not_asked.append(NotAsked(person, why))
            continue
        first = planning.first_for(others[person.pk], closes_at=closes_at, now=now)
        others[person.pk].append(planning.would_be(place[membership.community_id], first, closes_at))
        preview.asked.append(Asked(person, first, is_established(membership, now)))
    return previews


def why_not(person: Person, reachable: set[int]) -> str:
    """Why this person cannot be asked, in words; empty where they can."""
    if not person.user.is_active:
        return CANNOT_SIGN_IN
    if person.user.only_own_mail:
        return WANTS_NO_MAIL
    return "" if person.user_id in reachable else NO_ADDRESS


def is_established(membership: Membership, now: datetime) -> bool:
    """A member for so long that they cannot have been added to make up the minimum base.

    Counted from the day they were entered as well: a membership can be dated back, and would count at once.
    """
    since = max(membership.starts_on, membership.added_on)
    return since <= timezone.localdate(now) - timedelta(days=settings.ESTABLISHED_MEMBER_DAYS)


def preview_survey(
    *,
    community: Community,
    version: InstrumentVersion,
    mode: str,
    closes_at: datetime,
    reminder_days: Iterable[int],
    breakdown: str,
    now: datetime,
) -> tuple[OpeningPreview, Declared | None]:
    """Who would be asked, and by which groups results would be shown. Raises what `open_survey` refuses.

    Two refusals can still come: someone opens the questionnaire in the meantime, or its keys would not be safe.
    """
    check_opening(community=community, version=version, mode=mode, closes_at=closes_at, now=now)
    check_not_open(community=community, version=version)
    check_reminders(reminder_days)
    preview = preview_opening(community=community, version=version, now=now, closes_at=closes_at)
    roster = grouping.roster_of(breakdown, preview.people, timezone.localdate(now))
    return preview, check_asking(
        preview=preview, breakdown=breakdown, questionnaire=questionnaire_of(version), roster=roster
    )


def open_survey(
    *,
    community: Community,
    version: InstrumentVersion,
    mode: str,
    closes_at: datetime,
    reminder_days: Sequence[int],
    by: User,
    now: datetime,
    wave: Wave | None = None,
    breakdown: str = grouping.NONE,
    shared_with: str = Survey.SharedWith.MEMBERS,
) -> Survey:
    """Opens a survey for everyone who is a member today and has an address. Mail follows as planned.

    `breakdown` is one of `grouping.choices()`. Raises SurveyAlreadyOpen, NobodyToAsk, KeysNotSafe,
    VersionNotPublished, CommunityNotActive, ModeNotOffered, ClosesTooSoon, ClosesTooLate,
    RemindersNotPossible, BreakdownNotPossible; then nothing is stored, neither here nor in the key directory.
    """
    preview, declared = preview_survey(
        community=community,
        version=version,
        mode=mode,
        closes_at=closes_at,
        reminder_days=reminder_days,
        breakdown=breakdown,
        now=now,
    )
    survey = Survey(
        community=community,
        version=version,
        wave=wave,
        mode=mode,
        opened_at=now,
        opened_by=by,
        closes_at=closes_at,
        reminder_days=sorted(set(reminder_days)),
        breakdown=declared.written() if declared else None,
        shared_with=shared_with,
    )
    # The keys come after all that can be refused, and the box is as large as the breakdown needs.
    with fresh_keys(survey):
        return _open(survey, preview.asked, by=by, now=now)


def check_asking(
    *, preview: OpeningPreview, breakdown: str, questionnaire: Questionnaire, roster: grouping.Roster
) -> Declared | None:
    """The breakdown that these people would be asked with. Raises NobodyToAsk, BreakdownNotPossible."""
    if not preview.asked:
        raise NobodyToAsk(
            "There is nobody to ask: no member of this community has an address that mail can be sent to.",
            code="nobody_to_ask",
        )
    return grouping.declare(breakdown, questionnaire=questionnaire, people=preview.people, roster=roster)


def check_reminders(days: Iterable[int]) -> None:
    """Refuses a plan of reminders that nobody should get. Raises RemindersNotPossible."""
    days = list(days)
    if len(days) > MOST_REMINDERS:
        raise RemindersNotPossible(f"Send at most {MOST_REMINDERS} reminders.", code="too_many_reminders")
    if any(day < 1 for day in days):
        raise RemindersNotPossible(
            "Reminders go so many days after the first mail: 1 or more.", code="reminders_not_possible"
        )


def check_opening(
    *, community: Community, version: InstrumentVersion, mode: str, closes_at: datetime, now: datetime
) -> None:
    """Refuses what could not be opened whoever is asked, before anyone is shown whom it would go to.

    Raises ModeNotOffered, VersionNotPublished, CommunityNotActive, ClosesTooSoon, ClosesTooLate.
    """
    if community.state != Community.State.ACTIVE:
        raise CommunityNotActive(
            f"{community.name} is {community.get_state_display().lower()}. Only an active community can be asked.",
            code="community_not_active",
        )
    check_version(version=version, mode=mode, closes_at=closes_at, now=now)


def check_version(*, version: InstrumentVersion, mode: str, closes_at: datetime, now: datetime) -> None:
    """Refuses what could be opened nowhere.

    Raises ModeNotOffered, VersionNotPublished, ClosesTooSoon, ClosesTooLate.
    """
    if mode not in OFFERED_MODES:
        raise ModeNotOffered("Choose anonymous, confidential or named.", code="mode_not_offered")
    if version.published_at is None:
        raise VersionNotPublished(
            "This questionnaire is still a draft. Publish it before you put it to people.", code="version_not_published"
        )
    if closes_at < now + timedelta(days=1):
        raise ClosesTooSoon("Choose a last day that leaves people at least a day to answer.", code="closes_too_soon")
    if timezone.localdate(closes_at) > timezone.localdate(now) + LONGEST_WINDOW:
        raise ClosesTooLate("A survey is open for a year at most. Choose an earlier last day.", code="closes_too_late")


def check_not_open(*, community: Community, version: InstrumentVersion) -> None:
    """Refuses a questionnaire that is open in this community. Raises SurveyAlreadyOpen."""
    if community.surveys.filter(version=version).taking_their_questionnaire().exists():
        raise already_open(version, community)


@transaction.atomic
def _open(survey: Survey, asked: Sequence[Asked], *, by: User, now: datetime) -> Survey:
    survey.asked_count = len(asked)
    try:
        with transaction.atomic():
            store_key(survey)
            survey.save(force_insert=True)
    except IntegrityError:
        raise already_open(survey.version, survey.community) from None
    invitations = Invitation.objects.bulk_create(invitations_for(survey, asked))
    planning.plan_opening(survey, invitations, now=now)
    audit.record(event="survey.opened", by=by, target=survey, at=now)
    return survey


def already_open(version: InstrumentVersion, community: Community) -> SurveyAlreadyOpen:
    return SurveyAlreadyOpen(
        f"“{version.title}” is already open in {community.name}. Close it before you open it again.",
        code="survey_already_open",
    )


def invitations_for(survey: Survey, asked: Sequence[Asked]) -> list[Invitation]:
    """One for each, with the hash of its link; not stored yet."""
    link_key = keys.link_key(survey.key_id)
    invitations = [Invitation(survey=survey, person=one.person, is_established=one.is_established) for one in asked]
    for invitation in invitations:
        token = links.derive(
            link_key, purpose=links.ANSWER, invitation_id=invitation.pk, generation=invitation.generation
        )
        invitation.token_hash = links.hash_of(token)
    return invitations
