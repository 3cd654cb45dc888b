"""The network's people: who works where, who joined which community when, and who has left."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from functools import partial

from communities.imports.documents import read_file
from communities.imports.reference import REFERENCE_FILE, REFERENCE_SCHEMA, load_reference
from communities.models import Affiliation, LeverHolder, Organisation, Person, ProfessionalGroup, RoleTerm
from communities.services.people.membership import add_member, end_membership
from communities.services.people.roles import appoint
from cop_portal.accounts.models import User
from cop_portal.accounts.services.users import create_user
from cop_portal.demo import signins
from cop_portal.demo.content import InventedPerson
from cop_portal.demo.loader.joining import describe, pause
from cop_portal.demo.loader.world import WEEKS_OF_MEMBERS, World

FOUNDERS = 0.78
LEAVERS = 0.07
LEVER_HOLDERS_DOMAIN = "leaders.example.org"


def plan_people(world: World) -> None:
    """Everyone who is ever in the network, each on the day they come or go."""
    start = world.weeks_ago(WEEKS_OF_MEMBERS)
    world.timeline.add(start, partial(_found_network, world))
    for slug, names in world.content.facilitators.items():
        for name in names:
            world.timeline.add(start, partial(_join, world, name, slug))
            world.timeline.add(start, partial(_appoint, world, name, slug))
    for person in world.content.members:
        for slug in (person.community, *world.content.also.get(person.name, ())):
            if person.name not in world.content.facilitators[slug]:
                _plan_membership(world, person, slug)
    for sponsor in world.content.sponsors:
        world.timeline.add(start, partial(_appoint_sponsor, world, sponsor))
    for text in world.content.communities:
        if text.paused_weeks_ago is not None:
            world.timeline.add(world.weeks_ago(text.paused_weeks_ago), partial(pause, world, text))


def _found_network(world: World, now: datetime) -> None:
    document = read_file(REFERENCE_FILE, schema=REFERENCE_SCHEMA)
    # Invented organisations in the place of the real ones, which are for real use.
    invented = [{"name": organisation.name} for organisation in world.content.organisations]
    load_reference(replace(document, data={**document.data, "organisations": invented}))
    for organisation in world.content.organisations:
        world.organisations[organisation.key] = Organisation.objects.get(name=organisation.name)
    for person in world.content.staff:
        world.users[person.name] = _user(person, now)
    for holder in world.content.lever_holders:
        LeverHolder.objects.create(
            name=holder.name,
            post=holder.post,
            organisation=world.organisations[holder.organisation] if holder.organisation else None,
            email=InventedPerson(holder.name, LEVER_HOLDERS_DOMAIN).address,
        )
    for text in world.content.communities:
        world.communities[text.slug] = describe(world, text, now)


def _user(person: InventedPerson, now: datetime) -> User:
    user = create_user(name=person.name, email=person.address, role=person.role, by=None, now=now)
    User.objects.filter(pk=user.pk).update(joined_at=now)
    if person.role and person.door:
        signins.prepare(user)
    return user


def _plan_membership(world: World, person: InventedPerson, slug: str) -> None:
    """Most were there from the start, some came later, and a few have left again."""
    dice = world.dice("membership", slug, person.name)
    is_behind_a_door = bool(person.door)
    weeks = WEEKS_OF_MEMBERS if is_behind_a_door or dice.random() < FOUNDERS else dice.randrange(4, 90)
    world.timeline.add(world.weeks_ago(weeks, time(11, 0)), partial(_join, world, person.name, slug))
    if not is_behind_a_door and weeks > WEEKS_OF_MEMBERS // 2 and dice.random() < LEAVERS:
        left = world.weeks_ago(dice.randrange(3, weeks - 30), time(17, 0))
        world.timeline.add(left, partial(_leave, world, person.name, slug))


def _join(world: World, name: str, slug: str, now: datetime) -> None:
    person = next(invented for invented in world.content.members if invented.name == name)
    facilitator = world.users.get(world.content.facilitators[slug][0])
    membership = add_member(
        community=world.communities[slug],
        name=name,
        email=person.address,
        organisation=world.organisations[person.organisation] if person.organisation else None,
        professional_group=ProfessionalGroup.objects.get(code=person.group),
        starts_on=now.date(),
        by=facilitator or world.network_lead,
        now=now,
    )
    world.memberships.setdefault(slug, {})[name] = membership
    if name not in world.people:
        world.people[name], world.users[name] = membership.person, membership.person.user
        User.objects.filter(pk=membership.person.user_id).update(joined_at=now)


def _leave(world: World, name: str, slug: str, now: datetime) -> None:
    membership = world.memberships[slug].pop(name)
    end_membership(membership=membership, ends_on=now.date(), by=world.facilitator_of(slug), now=now)


def _appoint(world: World, name: str, slug: str, now: datetime) -> None:
    appoint(
        person=world.people[name],
        community=world.communities[slug],
        role=RoleTerm.Role.FACILITATOR,
        starts_on=now.date(),
        by=world.network_lead,
        now=now,
    )


def _appoint_sponsor(world: World, sponsor: InventedPerson, now: datetime) -> None:
    """A sponsor is not a member, so nobody adds them to a community: they become known by being appointed."""
    user = world.users[sponsor.name] = _user(sponsor, now)
    person = world.people[sponsor.name] = Person.objects.create(user=user)
    Affiliation.objects.create(
        person=person,
        organisation=world.organisations[sponsor.organisation] if sponsor.organisation else None,
        professional_group=ProfessionalGroup.objects.get(code=sponsor.group),
        starts_on=now.date(),
    )
    appoint(
        person=person,
        community=world.communities[sponsor.community],
        role=RoleTerm.Role.SPONSOR,
        starts_on=now.date(),
        by=world.network_lead,
        now=now,
    )
