"""People who checked in at the session that still waits to be recorded, and links that a community shares."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import partial

from communities.models import CheckInClaim, Session
from communities.services.resources.files import checked
from communities.services.resources.keeping import add_file, add_link
from communities.services.sessions.check_in_passes import claim_as_guest, claim_presence, fitting, new_pass
from communities.services.sessions.check_ins import open_check_in
from communities.working_days import at_wall_time
from cop_portal.demo.loader.world import World
from cop_portal.demo.mornings import last_working_day

AS_CHECKED_IN = (CheckInClaim.How.ROOM, CheckInClaim.How.ROOM, CheckInClaim.How.ONLINE)
GUEST = ("Peregrine Ashdown-Lisle", "Riverside Hospice")
LINK = ("How we screen: the one-page guide", "https://guides.example.org/screening")
FILE_NAME = "audit-form.csv"
FILE = "What to look at,Yes,No\nScreened within the hour,,\nSenior review asked for,,\n"


def plan_check_in(world: World) -> None:
    """In the community that the facilitator's door leads to, so that there is somebody to confirm."""
    slug = world.content.behind("facilitator").community
    last_day = last_working_day(world.today - timedelta(days=1))
    during = at_wall_time(last_day, world.community_text(slug).starts) + timedelta(minutes=5)
    world.timeline.add(during, partial(_check_in, world, slug))
    world.timeline.add(world.weeks_ago(5, time(14, 10)), partial(_share, world, slug))


def _check_in(world: World, slug: str, now: datetime) -> None:
    going_on = Session.objects.planned().filter(community__slug=slug, starts_at__lte=now, ends_at__gt=now)
    session = going_on.select_related("community").order_by("pk").first()
    if session is None:
        return
    check_in = open_check_in(session=session, by=world.facilitator_of(slug), now=now)
    names = sorted(world.memberships[slug])[: len(AS_CHECKED_IN)]
    for name, how in zip(names, AS_CHECKED_IN, strict=False):
        held = new_pass(check_in, now)
        for found in fitting(held, check_in, name)[:1]:
            claim_presence(held=held, mark=found.mark, typed=name, how=how, now=now)
    name, organisation = GUEST
    held = new_pass(check_in, now)
    claim_as_guest(held=held, name=name, organisation=organisation, how=CheckInClaim.How.ROOM, now=now)


def _share(world: World, slug: str, now: datetime) -> None:
    community, by = world.communities[slug], world.facilitator_of(slug)
    add_link(community=community, title=LINK[0], url=LINK[1], by=by, now=now)
    file = checked(FILE.encode(), file_name=FILE_NAME)
    add_file(community=community, title="The audit form, as a table", file=file, by=by, now=now)
