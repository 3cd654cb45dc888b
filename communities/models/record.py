"""What else belongs to the record of a session: guests, resources, and every version of the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q

from communities.models.community import Community
from communities.models.private import Keyed, seen_by
from communities.models.session import Session

if TYPE_CHECKING:
    from cop_portal.accounts.models import User


class Guest(Keyed):
    """Someone who came and is not a member. Not a person of the portal: a name, and where they are from."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="guests")
    name = models.CharField(max_length=150)
    organisation = models.CharField(max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    objects = models.Manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="guest_has_a_name")]

    def __str__(self) -> str:
        return f"{self.name}, {self.organisation}" if self.organisation else self.name


def random_name(resource: Resource, filename: str) -> str:
    """Files are kept under a name that says nothing and cannot be guessed; the name they came with is a column."""
    return f"resources/{uuid4().hex}"


class ResourceQuerySet(models.QuerySet["Resource"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(seen_by(user))

    def newest_first(self) -> Self:
        return self.order_by("-added_at", "-pk")


class Resource(Keyed):
    """Something to read or use: a link, or a file that is only ever served as a download."""

    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="resources")
    session = models.ForeignKey(Session, null=True, blank=True, on_delete=models.PROTECT, related_name="resources")
    title = models.CharField(max_length=200)
    url = models.URLField("link", max_length=500, blank=True)
    file = models.FileField(upload_to=random_name, max_length=100, blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    file_type = models.CharField(max_length=100, blank=True)
    file_size = models.PositiveIntegerField("bytes", null=True, blank=True)
    is_private = models.BooleanField(default=False)
    added_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects = ResourceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="resource_has_a_title"),
            models.CheckConstraint(
                condition=(~Q(url="") & Q(file="")) | (Q(url="") & ~Q(file="") & ~Q(file_name="")),
                name="resource_is_a_link_or_a_file",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class SessionVersionQuerySet(models.QuerySet["SessionVersion"]):
    def newest_first(self) -> Self:
        return self.order_by("-number")


class SessionVersion(models.Model):
    """The record of a session as it stood after one save. Written once, never changed, readable by who may record.

    `content` is what `communities.services.records.content` writes and reads; `number` is the session's version then.
    """

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    restored_from = models.PositiveIntegerField(null=True, blank=True)
    content = models.JSONField[Any]()

    objects = SessionVersionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "number"], name="one_record_per_version")]

    def __str__(self) -> str:
        return f"{self.session_id} version {self.number}"
