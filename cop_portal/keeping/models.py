"""What has been sent, so that it is done once; and what is being typed, so that it is not lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.urls import reverse

if TYPE_CHECKING:
    from cop_portal.accounts.models import User


class Submission(models.Model):
    """A write that has been done, stored in the transaction of its effect. Sent again, it is answered and not done.

    It holds no name and nothing readable: who sent it and what is hashed under a key that is not in the database, and
    the answer is sealed under the sender's own key, which is not kept at all.
    """

    key_hash = models.CharField(max_length=64, unique=True)
    fingerprint = models.CharField("of what was sent, and where", max_length=64)
    sealed_answer = models.BinaryField(blank=True, default=bytes)
    at = models.DateTimeField(db_index=True)

    objects = models.Manager()

    def __str__(self) -> str:
        return f"Sent {self.at:%Y-%m-%d %H:%M}"


class DraftQuerySet(models.QuerySet["Draft"]):
    def visible_to(self, user: User) -> Self:
        """A person's own. Nobody else reads them: they have not been sent."""
        return self.filter(user=user.pk)

    def unsent(self) -> Self:
        """Without those whose form has been sent after all: a save of the draft can arrive after the form itself."""
        return self.exclude(Exists(Submission.objects.filter(key_hash=OuterRef("key_hash"))))

    def newest_first(self) -> Self:
        return self.order_by("-saved_at", "-pk")


class Draft(models.Model):
    """What a person has typed into one form and not sent yet. One for each form, found by its address."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    address = models.CharField(max_length=300)
    title = models.CharField(max_length=300)
    # Every box of the form by name, as [name, value]; and what a person can read of it, as [label, text].
    fields = models.JSONField(default=list)
    texts = models.JSONField(default=list)
    # Of the idempotency key of the page on which it was typed.
    key_hash = models.CharField(max_length=64, blank=True)
    saved_at = models.DateTimeField()

    objects = DraftQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "address"], name="one_draft_per_form")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("accounts:draft", args=[self.pk])
