"""What a session leaves behind can be marked private: it is then for those who may record the community's sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from django.db import models
from django.db.models import Q

from communities.models.community import Community
from communities.models.membership import RoleTerm

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from cop_portal.accounts.models import User


def seen_by(user: User | AnonymousUser, *, community: str = "community") -> Q:
    """What lies in a community this reader sees; what is private only where they may record its sessions.

    `community` is the way from the row to its community. The roles are those of `Permission.RECORD_SESSION`.
    """
    in_sight = Q(**{f"{community}__in": Community.objects.visible_to(user)})
    if not user.is_authenticated or user.is_hin_staff:
        return in_sight
    run = RoleTerm.objects.current().facilitators().filter(person__user=user).values("community")
    return in_sight & (Q(is_private=False) | Q(**{f"{community}__in": run}))


class Keyed(models.Model):
    """A row of the record that keeps its identity from one version to the next, and while two people edit at once."""

    key = models.UUIDField(default=uuid4, unique=True, editable=False)

    class Meta:
        abstract = True
