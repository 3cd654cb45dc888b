"""What members would like to talk about, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from communities.models.community import Community
from communities.models.membership import Membership, RoleTerm
from communities.models.person import Person
from communities.models.session import Session

if TYPE_CHECKING:
    from cop_portal.accounts.models import User


class AgendaItemQuerySet(models.QuerySet["AgendaItem"]):
    def visible_to(self, user: User) -> Self:
        """Proposals are seen by those who may see names; sponsors see the agenda of a session, not what waits."""
        if user.is_hin_staff:
            return self
        mine = Membership.objects.current().filter(person__user=user).values("community")
        run = RoleTerm.objects.current().facilitators().filter(person__user=user).values("community")
        return self.filter(Q(community__in=mine) | Q(community__in=run))

    def backlog(self, now: datetime) -> Self:
        """What waits for a session: proposed, or on the agenda of one that was cancelled or has gone by without it."""
        gone_by = Q(session__ends_at__lte=now) | Q(session__state=Session.State.CANCELLED)
        return self.filter(Q(state=AgendaItem.State.PROPOSED) | Q(gone_by, state=AgendaItem.State.ON_AGENDA))

    def on_agenda_of(self, session: Session) -> Self:
        """What was put on a session's agenda and not taken off it again, in its order."""
        shown = [AgendaItem.State.ON_AGENDA, AgendaItem.State.COVERED]
        return self.filter(session=session, state__in=shown).order_by("position", "pk")

    def settled(self) -> Self:
        """Covered, declined or taken back, the newest first."""
        done = [AgendaItem.State.COVERED, AgendaItem.State.DECLINED, AgendaItem.State.WITHDRAWN]
        return self.filter(state__in=done).order_by("-settled_on", "-pk")

    def oldest_first(self) -> Self:
        return self.order_by("proposed_on", "pk")


class AgendaItem(models.Model):
    """Something a member would like a session to be about. Without a name no trace of the person is kept."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "Waiting"
        ON_AGENDA = "on_agenda", "On the agenda"
        COVERED = "covered", "Covered"
        DECLINED = "declined", "Not taken up"
        WITHDRAWN = "withdrawn", "Taken back"

    OPEN = (State.PROPOSED, State.ON_AGENDA)

    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="agenda_items")
    session = models.ForeignKey(Session, null=True, blank=True, on_delete=models.PROTECT, related_name="agenda_items")
    text = models.CharField("what to talk about", max_length=200)
    detail = models.TextField("why", max_length=1000, blank=True)
    # Empty where it was proposed without a name.
    proposed_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="agenda_items"
    )
    # The day and not the minute: the minute could be laid beside what else happened in it.
    proposed_on = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    position = models.PositiveSmallIntegerField(default=0)
    declined_because = models.CharField(max_length=300, blank=True)
    settled_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="agenda_item_says_something"),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "on_agenda", "covered", "declined", "withdrawn"]),
                name="agenda_item_state_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["on_agenda", "covered"]) | Q(session__isnull=False),
                name="agenda_item_is_on_an_agenda",
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(declined_because=""), name="declined_agenda_item_says_why"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "on_agenda"], settled_on=None)
                | Q(state__in=["covered", "declined", "withdrawn"], settled_on__isnull=False),
                name="settled_agenda_item_says_when",
            ),
        ]
        indexes = [models.Index(fields=["community", "state", "proposed_on"], name="agenda_by_community")]

    def __str__(self) -> str:
        return self.text
