"""Two files on their way in: codes for the organisations, imported and still to be undone; and a list of members with a
bit of everything wrong, waiting to be looked at."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime, time
from functools import partial

from communities.imports.receiving import receive_file
from communities.models import Community, ImportBatch, Membership, ProfessionalGroup
from communities.services.imports.preview import preview_import
from communities.services.imports.running import ask_for_import, run_import
from communities.services.people.membership import email_of
from cop_portal.accounts.models import User
from cop_portal.demo.loader.world import World

CODES_WEEKS_AGO = 2
WAITING_FOR = "sepsis"
NEWCOMERS = (("Ines Marlow", "ines.marlow"), ("Tobias Fenn", "tobias.fenn"), ("Priya Lockhart", "priya.lockhart"))
DOMAIN = "newcomers.example.org"
HEADINGS = ("Full name", "Work e-mail", "Trust", "Staff group", "Joined")


def plan_bringing_in(world: World) -> None:
    world.timeline.add(world.weeks_ago(CODES_WEEKS_AGO, time(15, 45)), partial(_give_codes, world))
    world.timeline.add(world.weeks_ago(0, time(9, 5)), partial(_offer_members, world))


def _give_codes(world: World, now: datetime) -> None:
    """As the Organisation Data Service would list them, had it heard of them."""
    names = sorted(organisation.name for organisation in world.organisations.values())
    rows = [(f"ZZ{number}", name) for number, name in enumerate(names, start=1)]
    batch = _previewed(
        ("Organisation Code", "Name"), rows, kind=ImportBatch.Kind.ORGANISATIONS, community=None,
        file_name="organisations.csv", by=world.network_lead, now=now,
    )  # fmt: skip
    ask_for_import(batch=batch, version=batch.version, by=world.network_lead, now=now)
    run_import(batch=batch, now=now)


def _offer_members(world: World, now: datetime) -> None:
    slugs = [text.slug for text in world.content.communities]
    # Where the facilitator behind the demo's door works, if that is part of this demo.
    slug = WAITING_FOR if WAITING_FOR in slugs else slugs[0]
    community, by = world.communities[slug], world.facilitator_of(slug)
    trust = min(organisation.name for organisation in world.organisations.values())
    group = ProfessionalGroup.objects.get(code="03").name
    known = Membership.objects.current().filter(community=community).with_people()[:2]
    rows = [
        *((name, f"{address}@{DOMAIN}", trust, group, now.date().isoformat()) for name, address in NEWCOMERS),
        *((each.person.name, email_of(each.person), "", "", "") for each in known),
        (known[0].person.name, f"another.address@{DOMAIN}", trust, group, ""),
        ("Ines Marlow", f"ines.marlow@{DOMAIN}", trust, group, ""),
        ("Sam Withers", f"sam.withers@{DOMAIN}", "The Cottage Hospital", group, ""),
        ("Nobody in particular", "nobody at all", trust, group, ""),
    ]
    _previewed(
        HEADINGS,
        rows,
        kind=ImportBatch.Kind.MEMBERS,
        community=community,
        file_name="autumn-starters.csv",
        by=by,
        now=now,
    )


def _previewed(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    kind: str,
    community: Community | None,
    file_name: str,
    by: User,
    now: datetime,
) -> ImportBatch:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([headings, *rows])
    batch = receive_file(
        content=text.getvalue().encode(), file_name=file_name, kind=kind, community=community, by=by, now=now
    )
    return preview_import(
        batch=batch,
        version=batch.version,
        has_headings=True,
        mapping=batch.mapping,
        default_group=None,
        default_starts_on=None,
        by=by,
        now=now,
    )
