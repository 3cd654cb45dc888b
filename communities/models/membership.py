"""Who is in a community, and who runs it, on which days."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Prefetch, Q

from communities.models.community import Community
from communities.models.person import Affiliation, Person

if TYPE_CHECKING:
    from cop_portal.accounts.models import User


class MembershipQuerySet(models.QuerySet["Membership"]):
    def visible_to(self, user: User) -> Self:
        """Who is a member is seen by staff, by members and by facilitators; sponsors see numbers."""
        if user.is_hin_staff:
            return self
        mine = Membership.objects.current().filter(person__user=user).values("community")
        run = RoleTerm.objects.current().facilitators().filter(person__user=user).values("community")
        return self.filter(Q(community__in=mine) | Q(community__in=run))

    def on_day(self, day: date) -> Self:
        """Members on that day: the denominator of every rate."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=day), starts_on__lte=day)

    def current(self) -> Self:
        return self.filter(ends_on=None)

    def with_people(self) -> Self:
        """With each person's name and present affiliation, sorted by name: two queries, however many."""
        return (
            self.select_related("person__user")
            .prefetch_related(
                Prefetch(
                    "person__affiliations",
                    queryset=Affiliation.objects.current().select_related("organisation", "professional_group"),
                    to_attr="current_affiliations",
                )
            )
            .order_by("person__user__name", "pk")
        )


class Membership(models.Model):
    """One dated episode of a person in a community. The day it ends is the first day it no longer holds."""

    class CameBy(models.TextChoices):
        ADDED = "added", "Added by a facilitator or HIN staff"
        INVITED = "invited", "Invited by mail"
        ASKED = "asked", "Asked to join"
        JOIN_LINK = "join_link", "Asked by a join link"
        IMPORT = "import", "Imported"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="memberships")
    starts_on = models.DateField()
    # When it was entered here. `starts_on` may be years earlier: it is what whoever entered it says.
    added_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    came_by = models.CharField(max_length=10, choices=CameBy.choices, default=CameBy.ADDED)
    # The session at which they found the join link.
    brought_by = models.ForeignKey(
        "communities.Session", null=True, blank=True, on_delete=models.SET_NULL, related_name="brought"
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "community"], condition=Q(ends_on=None), name="one_open_membership"
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="membership_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(came_by__in=["added", "invited", "asked", "join_link", "import"]),
                name="membership_came_by_is_known",
            ),
        ]
        indexes = [models.Index(fields=["community", "starts_on", "ends_on"], name="membership_by_day")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.community_id} from {self.starts_on}"


class RoleTermQuerySet(models.QuerySet["RoleTerm"]):
    def visible_to(self, user: User) -> Self:
        """Who runs and who sponsors a community is seen by those who see who is in it."""
        if user.is_hin_staff:
            return self
        mine = Membership.objects.current().filter(person__user=user).values("community")
        run = RoleTerm.objects.current().facilitators().filter(person__user=user).values("community")
        return self.filter(Q(community__in=mine) | Q(community__in=run))

    def current(self) -> Self:
        return self.filter(ends_on=None)

    def facilitators(self) -> Self:
        return self.filter(role=RoleTerm.Role.FACILITATOR)

    def sponsors(self) -> Self:
        return self.filter(role=RoleTerm.Role.SPONSOR)


class RoleTerm(models.Model):
    """A time in which a person facilitates or sponsors a community."""

    class Role(models.TextChoices):
        FACILITATOR = "facilitator", "Facilitator"
        SPONSOR = "sponsor", "Sponsor"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="role_terms")
    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="role_terms")
    role = models.CharField(max_length=20, choices=Role.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = RoleTermQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "community", "role"], condition=Q(ends_on=None), name="one_open_term_per_role"
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="role_term_ends_after_start"
            ),
            models.CheckConstraint(condition=Q(role__in=["facilitator", "sponsor"]), name="role_term_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.role} of {self.community_id}"
