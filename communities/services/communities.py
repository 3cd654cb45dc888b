"""Setting up and changing a community, and the rule that a closed one is only read."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from communities.models import Community, CommunityChange, Programme
from communities.models.community_facts import LABELS, CommunityFacts, fact_words, facts_of
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal, Stale

MOST_PROGRAMMES = 5
# Addresses of pages that stand beside those of the communities.
TAKEN_ADDRESSES = {"new", "join"}
EARLIEST_LAUNCH = date(1948, 7, 5)
LATEST_LAUNCH = timedelta(days=366)


class CommunityNameTaken(Conflict):
    """Two communities never share a name or an address."""


class CommunityNameMissing(Refusal):
    """A community is found by its name."""


class CommunityClosed(Refusal):
    """What a closed community did stays as it is."""


class LaunchOutOfRange(Refusal):
    """A community is launched in the life of the health service, and not years from now."""


class ProgrammesOutOfOrder(Refusal):
    """A community names a few programmes, each once."""


@dataclass(frozen=True)
class Clash:
    """One fact that two people changed differently."""

    fact: str
    label: str
    theirs: str
    yours: str


class CommunityChangedMeanwhile(Stale):
    """Nobody overwrites what they have not read. `clashes` are the facts that were changed differently."""

    clashes: tuple[Clash, ...] = ()


def locked(community: Community) -> Community:
    """The community as it is now, held until the transaction ends. Refuses when it is closed."""
    current = Community.objects.select_for_update().get(pk=community.pk)
    if current.state == Community.State.CLOSED:
        raise CommunityClosed(
            f"{current.name} is closed. Its records can be read, but nothing can be added or changed.",
            code="community_closed",
        )
    return current


@transaction.atomic
def create_community(*, facts: CommunityFacts, by: User | None, now: datetime) -> Community:
    """Sets up an active community. Its address is made from its name, and stays."""
    facts = _in_order(facts, now)
    slug = slugify(facts.name)[:50].strip("-") or "community"
    community = Community(slug=f"{slug}-community" if slug in TAKEN_ADDRESSES else slug)
    _write(community, facts)
    note_change(community, CommunityChange.What.CREATED, by=by, now=now)
    return community


@transaction.atomic
def edit_community(
    *,
    community: Community,
    facts: CommunityFacts,
    version: int,
    merges: bool = False,
    by: User | None,
    now: datetime,
) -> Community:
    """Changes what is said about a community. `version` is the one that the facts were made from.

    Made from an older one it is refused; with `merges`, only where the same fact has been changed differently since.
    """
    community = locked(community)
    before = facts_of(community)
    facts = _in_order(facts, now)
    if version != community.version:
        facts = _merged(community, version, before, facts, merges=merges)
    was, becomes = before.as_json(), facts.as_json()
    changed = {name: [was[name], becomes[name]] for name in LABELS if was[name] != becomes[name]}
    if changed:
        community.version += 1
        _write(community, facts)
        note_change(community, CommunityChange.What.EDITED, facts=changed, by=by, now=now)
    return community


def note_change(
    community: Community,
    what: CommunityChange.What,
    *,
    facts: Mapping[str, Any] | None = None,
    note: str = "",
    by: User | None,
    now: datetime,
) -> None:
    """Leaves a line in the community's history and in the trail. Its version is that of the changed community."""
    CommunityChange.objects.create(
        community=community, what=what, at=now, by=by, version=community.version, facts=dict(facts or {}), note=note
    )
    audit.record(event=f"community.{what}", by=by, target=community, at=now)


def _write(community: Community, facts: CommunityFacts) -> None:
    """Stores the facts. Within the caller's transaction."""
    for name in ("name", "purpose", "domain", "host", "launched_on", "is_open_to_ask"):
        setattr(community, name, getattr(facts, name))
    rhythm = facts.rhythm
    community.rhythm_weeks, community.rhythm_nth, community.rhythm_weekday = rhythm.weeks, rhythm.nth, rhythm.weekday
    try:
        with transaction.atomic():
            community.save()
    except IntegrityError:
        raise CommunityNameTaken(
            f"There is already a community called “{facts.name}”, or one whose name is too like it.",
            code="community_name_taken",
        ) from None
    Programme.objects.filter(community=community).delete()
    Programme.objects.bulk_create(
        Programme(community=community, name=programme.name, url=programme.url, position=position)
        for position, programme in enumerate(facts.programmes)
    )


def _in_order(facts: CommunityFacts, now: datetime) -> CommunityFacts:
    """The facts without blanks around them. Refuses those that no community can have."""
    facts = replace(
        facts,
        **{name: getattr(facts, name).strip() for name in ("name", "purpose", "domain", "host")},
        programmes=tuple(replace(programme, name=programme.name.strip()) for programme in facts.programmes),
    )
    if not facts.name:
        raise CommunityNameMissing("Enter the name of the community.", code="community_name_missing")
    latest = timezone.localdate(now) + LATEST_LAUNCH
    if facts.launched_on is not None and not EARLIEST_LAUNCH <= facts.launched_on <= latest:
        raise LaunchOutOfRange(
            "Choose a launch date between July 1948 and a year from today.", code="launch_out_of_range"
        )
    names = [programme.name for programme in facts.programmes]
    if len(names) > MOST_PROGRAMMES or len(set(names)) < len(names) or "" in names:
        raise ProgrammesOutOfOrder(
            f"Name up to {MOST_PROGRAMMES} improvement programmes, each of them once.", code="programmes_out_of_order"
        )
    return facts


def _merged(
    community: Community, version: int, theirs: CommunityFacts, mine: CommunityFacts, *, merges: bool
) -> CommunityFacts:
    """What both changed, together; refuses where they changed the same fact differently."""
    base: dict[str, Any] = {}
    for change in CommunityChange.objects.filter(community=community).since(version):
        for name, (before, _) in change.facts.items():
            base.setdefault(name, before)
    kept, wanted = theirs.as_json(), mine.as_json()
    moved = [name for name in LABELS if name in base and kept[name] != base[name]]
    differ = [name for name in moved if wanted[name] not in (base[name], kept[name])]
    if differ or not merges:
        refusal = CommunityChangedMeanwhile(
            f"Someone else has changed {community.name} since you opened this page, so nothing of yours was saved yet.",
            code="community_changed_meanwhile",
        )
        refusal.clashes = tuple(
            Clash(name, LABELS[name], fact_words(name, kept[name]), fact_words(name, wanted[name])) for name in differ
        )
        raise refusal
    touched_by_them = {name: kept[name] for name in moved if wanted[name] == base[name]}
    return CommunityFacts.from_json(wanted | touched_by_them)
