"""What communities say of themselves, a pause, and the ways in: someone invited, some who ask, a code in the room."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial

from communities.models import Community, ProfessionalGroup, Session
from communities.models.community_facts import CommunityFacts, ProgrammeFact, facts_of
from communities.models.rhythm import PlannedRhythm
from communities.services.communities import edit_community
from communities.services.community_states import pause_community
from communities.services.joining.invitations import invite_members
from communities.services.joining.join_links import ask_by_link, code_of, make_join_link
from communities.services.joining.join_requests import accept_request, ask_to_join
from communities.working_days import at_wall_time
from cop_portal.demo.content import CommunityText, InventedPerson
from cop_portal.demo.loader.world import World
from cop_portal.demo.mornings import last_working_day

HOST = "The health innovation network of this demo"
DOMAINS = {
    "acute-deterioration": "Adults who become worse in hospital",
    "delirium": "Older people in hospital and in care homes",
    "duty-of-candour": "Patients and families after something has gone wrong",
    "maternity": "Women, babies and families around birth",
    "medicines-optimisation": "People who take several medicines",
    "medicines-safety": "Medicines with a high risk",
    "sepsis": "People with an infection that may turn to sepsis",
}
PROGRAMMES = {
    "acute-deterioration": ("Managing deterioration", "https://programmes.example.org/deterioration"),
    "maternity": ("Maternity and neonatal safety", "https://programmes.example.org/maternity"),
    "medicines-safety": ("Medicines safety improvement", "https://programmes.example.org/medicines"),
    "sepsis": ("Managing deterioration", "https://programmes.example.org/deterioration"),
}
LAUNCHED = date(2015, 4, 1)
PAUSED_BECAUSE = "Its facilitator is away until the spring, and nobody could take over at once."
LOOK_AGAIN_AFTER = timedelta(weeks=4)
INVITED = ("Rowan Achterberg", "Idris Falconbridge")
IN_THE_ROOM = InventedPerson("Marguerite Okonjo-Vale", "riverside.example.org", group="03")
WHY = "We begin with the same pathway next month, and would rather learn from you than alone."


def describe(world: World, text: CommunityText, now: datetime) -> Community:
    """What a community says of itself, as HIN staff enter it when the network is founded."""
    community = Community.objects.get(slug=text.slug)
    programmes = (ProgrammeFact(*PROGRAMMES[text.slug]),) if text.slug in PROGRAMMES else ()
    facts: CommunityFacts = replace(
        facts_of(community),
        purpose=text.purpose,
        domain=DOMAINS.get(text.slug, ""),
        host=HOST,
        launched_on=LAUNCHED,
        rhythm=PlannedRhythm(weeks=text.rhythm_weeks),
        programmes=programmes,
    )
    return edit_community(community=community, facts=facts, version=1, by=world.network_lead, now=now)


def pause(world: World, text: CommunityText, now: datetime) -> None:
    """Long enough ago that staff find it on their Home: the day to look at it again has come."""
    pause_community(
        community=world.communities[text.slug],
        because=PAUSED_BECAUSE,
        look_again_on=now.date() + LOOK_AGAIN_AFTER,
        by=world.network_lead,
        now=now,
    )


def plan_joining(world: World) -> None:
    """In the community that the facilitator's door leads to: all that can be decided is there to be decided."""
    slug = world.content.behind("facilitator").community
    world.timeline.add(world.weeks_ago(2, time(11, 30)), partial(_invite, world, slug))
    elsewhere = [
        person
        for person in world.content.members
        if person.community != slug and slug not in world.content.also.get(person.name, ()) and not person.door
    ]
    world.dice("asking", slug).shuffle(elsewhere)
    asking = zip(elsewhere, ((9, time(16, 0), True), (0, time(9, 15), False)), strict=False)
    for person, (weeks, at, accepts) in asking:
        world.timeline.add(world.weeks_ago(weeks, at), partial(_ask, world, slug, person, accepts=accepts))
    # While the session that still waits to be recorded is going on (see calendar.py).
    last_day = last_working_day(world.today - timedelta(days=1))
    during = at_wall_time(last_day, world.community_text(slug).starts) + timedelta(minutes=20)
    world.timeline.add(during, partial(_ask_in_the_room, world, slug))


def _invite(world: World, slug: str, now: datetime) -> None:
    addresses = [InventedPerson(name, "riverside.example.org").address for name in INVITED]
    invite_members(community=world.communities[slug], emails=addresses, by=world.facilitator_of(slug), now=now)


def _ask(world: World, slug: str, person: InventedPerson, now: datetime, *, accepts: bool) -> None:
    user = world.users.get(person.name)
    if user is None:
        return
    request = ask_to_join(community=world.communities[slug], words=WHY, by=user, now=now)
    if accepts:
        member = accept_request(request=request, by=world.facilitator_of(slug), now=now)
        world.memberships[slug][person.name] = member


def _ask_in_the_room(world: World, slug: str, now: datetime) -> None:
    """A code on the screen, and someone who scanned it; if there is a session at that moment."""
    going_on = Session.objects.planned().filter(community__slug=slug, starts_at__lte=now, ends_at__gt=now)
    session = going_on.select_related("community").order_by("pk").first()
    if session is None:
        return
    link = make_join_link(session=session, by=world.facilitator_of(slug), now=now)
    ask_by_link(
        code=code_of(link),
        name=IN_THE_ROOM.name,
        email=IN_THE_ROOM.address,
        organisation=None,
        professional_group=ProfessionalGroup.objects.get(code=IN_THE_ROOM.group),
        words="I came with a colleague today.",
        now=now,
    )
