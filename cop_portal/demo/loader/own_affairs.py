"""What people did with their own records: moved to another employer, were known twice, asked to be erased."""

from __future__ import annotations

from datetime import datetime, time
from functools import partial

from communities.emails.erasure import done_key
from communities.models import Person
from communities.services.people.affiliations import move_person
from communities.services.people.erasure import ask_for_erasure, carry_out_erasure
from communities.services.people.membership import add_member
from communities.services.people.merging import merge_people
from cop_portal import outbox
from cop_portal.accounts.models import User
from cop_portal.demo.loader.world import World

TWICE_WEEKS_AGO, MERGED_WEEKS_AGO = 4, 2
ERASED_WEEKS_AGO, ASKED_WEEKS_AGO = 9, 2
SECOND_DOMAIN = "mail.example.org"


def plan_own_affairs(world: World) -> None:
    """One mover in each community; one person entered twice and merged; one leaver erased, and one who has asked."""
    for slug in world.content.facilitators:
        weeks = world.dice("mover", slug).randrange(20, 80)
        world.timeline.add(world.weeks_ago(weeks, time(9, 15)), partial(_move, world, slug))
    twin = Twin(world)
    world.timeline.add(world.weeks_ago(TWICE_WEEKS_AGO, time(15, 40)), twin.enter)
    world.timeline.add(world.weeks_ago(MERGED_WEEKS_AGO, time(15, 40)), twin.merge)
    world.timeline.add(world.weeks_ago(ERASED_WEEKS_AGO, time(14, 5)), partial(_erase, world))
    world.timeline.add(world.weeks_ago(ASKED_WEEKS_AGO, time(8, 50)), partial(_ask, world))


def _someone(world: World, slug: str, *of: str) -> Person:
    """A member whom nobody comes to see by a door."""
    doors = set(world.content.doors.values())
    names = sorted(set(world.memberships[slug]) - doors)
    return world.memberships[slug][world.dice(slug, *of).choice(names)].person


def _move(world: World, slug: str, now: datetime) -> None:
    person = Person.objects.select_related("user").get(pk=_someone(world, slug, "mover").pk)
    present = person.affiliations.current().get()
    others = [one for _, one in sorted(world.organisations.items()) if one != present.organisation]
    move_person(
        person=person,
        organisation=world.dice("moved to", slug).choice(others),
        professional_group=present.professional_group,
        starts_on=now.date(),
        version=person.user.version,
        by=world.facilitator_of(slug),
        now=now,
    )


class Twin:
    """Someone entered a second time, by another address, until HIN staff noticed."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.slug = world.dice("twin").choice(sorted(world.content.facilitators))
        self.first: Person | None = None
        self.second: Person | None = None

    def enter(self, now: datetime) -> None:
        first = self.first = _someone(self.world, self.slug, "twin")
        present = first.affiliations.current().get()
        entered = add_member(
            community=self.world.communities[self.slug],
            name=first.name,
            email=f"{first.name.split()[0].lower()}@{SECOND_DOMAIN}",
            organisation=present.organisation,
            professional_group=present.professional_group,
            starts_on=now.date(),
            by=self.world.facilitator_of(self.slug),
            now=now,
        )
        self.second = entered.person

    def merge(self, now: datetime) -> None:
        if self.first is not None and self.second is not None:
            merge_people(kept=self.first, merged=self.second, by=self.world.network_lead, now=now)


def _leavers(world: World) -> list[Person]:
    """People who are in no community any more, those who left first first."""
    gone = (
        Person.objects.known()
        .exclude(memberships=None)
        .exclude(memberships__ends_on=None)
        .exclude(role_terms__isnull=False)
    )
    return list(gone.exclude(user__role__gt="").select_related("user").order_by("memberships__ends_on", "user__name"))


def _erase(world: World, now: datetime) -> None:
    for person in _leavers(world)[:1]:
        request = ask_for_erasure(person=person, by=person.user, now=now)
        carry_out_erasure(request=request, by=_administrator(world), now=now)
        # As the nights since would have done.
        outbox.forget(done_key(person.pk))


def _ask(world: World, now: datetime) -> None:
    for person in _leavers(world)[:1]:
        ask_for_erasure(person=person, by=person.user, now=now)


def _administrator(world: World) -> User:
    return User.objects.filter(role=User.Role.ADMINISTRATOR).order_by("pk")[0]
