"""The minutes of a session: made from its record each time they are read, with a few words on top; shared or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from communities.models.community import Community
from communities.models.membership import RoleTerm
from communities.models.session import Session

if TYPE_CHECKING:
    from cop_portal.accounts.models import User


class MinutesQuerySet(models.QuerySet["Minutes"]):
    def visible_to(self, user: User) -> Self:
        """Shared ones to whoever sees the community; before that only to those who may record its sessions."""
        in_sight = self.filter(session__community__in=Community.objects.visible_to(user))
        if user.is_hin_staff:
            return in_sight
        run = RoleTerm.objects.current().facilitators().filter(person__user=user).values("community")
        return in_sight.filter(Q(shared_at__isnull=False) | Q(session__community__in=run))

    def shared(self) -> Self:
        return self.filter(shared_at__isnull=False)

    def newest_first(self) -> Self:
        return self.order_by("-session__starts_at", "-pk")


class Minutes(models.Model):
    """What is said on top of a session's record, and since when members may read it.

    The record itself is not copied: minutes that are put right are put right where the session was recorded.
    """

    session = models.OneToOneField(Session, on_delete=models.PROTECT, related_name="minutes")
    summary = models.TextField("in a few words", max_length=5000, blank=True)
    shared_at = models.DateTimeField(null=True, blank=True)
    shared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)

    objects = MinutesQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Minutes of session {self.session_id}"

    def get_absolute_url(self) -> str:
        return reverse("communities:minutes", args=[self.session.community.slug, self.session_id])

    @property
    def is_shared(self) -> bool:
        return self.shared_at is not None
