"""Ways into a community besides being added: an invitation by mail, asking, and a join link shown at a session."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from communities.models.community import Community, Organisation, ProfessionalGroup
from communities.models.membership import Membership, RoleTerm
from communities.models.session import Session

if TYPE_CHECKING:
    from cop_portal.accounts.models import User

# Whoever scanned the code during a session may fill in the form on the way home.
OPEN_AFTERWARDS = timedelta(hours=24)


def unknown_link() -> str:
    """The hash of a link that nobody has: what a row keeps until its key is known, and its own link with it."""
    return secrets.token_hex(32)


def _run_by(user: User) -> models.QuerySet[Any, Any]:
    return RoleTerm.objects.current().facilitators().filter(person__user=user).values("community")


class MemberInvitationQuerySet(models.QuerySet["MemberInvitation"]):
    def visible_to(self, user: User) -> Self:
        """Whom a community has invited is for those who run it: nobody invited has agreed to be known yet."""
        return self if user.is_hin_staff else self.filter(community__in=_run_by(user))

    def waiting(self) -> Self:
        return self.filter(state=MemberInvitation.State.WAITING)


class MemberInvitation(models.Model):
    """Someone was invited by mail to become a member. The address goes when the answer is yes, or the time is over."""

    class State(models.TextChoices):
        WAITING = "waiting", "No answer yet"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Said no"
        WITHDRAWN = "withdrawn", "Taken back"

    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="member_invitations")
    email = models.EmailField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()
    # The last day on which the link opens.
    expires_on = models.DateField()
    answered_at = models.DateTimeField(null=True, blank=True)
    generation = models.PositiveSmallIntegerField(default=1)
    # SHA-256 of the link's token, which is derived from the row's key.
    link_hash = models.CharField(max_length=64, unique=True, default=unknown_link)
    membership = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = MemberInvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["community", "email"], condition=Q(state="waiting"), name="one_open_invitation_per_address"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "accepted", "declined", "withdrawn"]),
                name="member_invitation_state_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="waiting") | (~Q(email="") & Q(answered_at=None)),
                name="open_invitation_has_an_address_and_no_answer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} to {self.community_id}"

    def is_open(self, today: date) -> bool:
        return self.state == self.State.WAITING and self.expires_on >= today


class JoinLinkQuerySet(models.QuerySet["JoinLink"]):
    def visible_to(self, user: User) -> Self:
        return self if user.is_hin_staff else self.filter(community__in=_run_by(user))

    def open(self, now: datetime) -> Self:
        sessions = Session.objects.exclude(state=Session.State.CANCELLED).filter(ends_at__gt=now - OPEN_AFTERWARDS)
        return self.filter(stopped_at=None, session__in=sessions)


class JoinLink(models.Model):
    """An address shown at a session, by which whoever is there can ask to join. It lets nobody in by itself."""

    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="join_links")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="join_links")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True)
    link_hash = models.CharField(max_length=64, unique=True, default=unknown_link)

    objects = JoinLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session"], condition=Q(stopped_at=None), name="one_join_link_per_session")
        ]

    def __str__(self) -> str:
        return f"{self.pk} at {self.session_id}"

    @property
    def closes_at(self) -> datetime:
        """Needs the session loaded: when that is moved, this moves too."""
        return self.session.ends_at + OPEN_AFTERWARDS

    def is_open(self, now: datetime) -> bool:
        """Needs the session loaded."""
        is_on = self.session.state != Session.State.CANCELLED
        return is_on and self.stopped_at is None and now < self.closes_at


class JoinRequestQuerySet(models.QuerySet["JoinRequest"]):
    def visible_to(self, user: User) -> Self:
        """Those who run the community see who asks; everyone sees what they asked themselves."""
        return self if user.is_hin_staff else self.filter(Q(community__in=_run_by(user)) | Q(user=user))

    def waiting(self) -> Self:
        return self.filter(state=JoinRequest.State.WAITING)

    def oldest_first(self) -> Self:
        return self.order_by("asked_at", "pk")

    def to_decide(self, user: User) -> Self:
        """Those that wait for this person: in communities they facilitate, and for staff where nobody facilitates."""
        mine = Q(community__in=_run_by(user))
        if user.is_hin_staff:
            run = RoleTerm.objects.current().facilitators().values("community")
            mine |= ~Q(community__in=run)
        return self.waiting().exclude(community__state=Community.State.CLOSED).filter(mine)


class JoinRequest(models.Model):
    """Someone asks to become a member. Signed in, they are `user`; by a join link, they are who they say they are.

    What they typed is kept while the request waits: the address goes with the decision, the rest of someone turned down
    soon after.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Taken back"

    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="join_requests")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField(max_length=150, blank=True)
    email = models.EmailField(blank=True)
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    professional_group = models.ForeignKey(
        ProfessionalGroup, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    words = models.CharField("why they would like to join", max_length=300, blank=True)
    came_by = models.CharField(max_length=10, choices=Membership.CameBy.choices, default=Membership.CameBy.ASKED)
    brought_by = models.ForeignKey(
        Session, null=True, blank=True, on_delete=models.SET_NULL, related_name="join_requests"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    because = models.CharField("why not", max_length=300, blank=True)
    membership = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = JoinRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["community", "user"], condition=Q(state="waiting"), name="one_open_request_per_user"
            ),
            models.UniqueConstraint(
                fields=["community", "email"],
                condition=Q(state="waiting") & ~Q(email=""),
                name="one_open_request_per_address",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "accepted", "declined", "withdrawn"]),
                name="join_request_state_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="waiting") | Q(user__isnull=False) | (~Q(email="") & ~Q(name="")),
                name="open_request_says_who_asks",
            ),
        ]
        indexes = [models.Index(fields=["community", "state", "asked_at"], name="join_request_by_community")]

    def __str__(self) -> str:
        return f"{self.pk} for {self.community_id}"

    @property
    def asked_by(self) -> str:
        """The name of whoever asks. Needs `user` loaded."""
        return self.user.name if self.user else self.name
