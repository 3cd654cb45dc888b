"""Whether members mean to come to a session. Meaning to come is not having come: attendance is noted apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Count, Q

from communities.models.community import Community
from communities.models.membership import Membership
from communities.models.session import Session

if TYPE_CHECKING:
    from cop_portal.accounts.models import User


class ReplyQuerySet(models.QuerySet["Reply"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(session__community__in=Community.objects.visible_to(user))

    def of_user(self, user: User) -> Self:
        return self.filter(membership__person__user=user)

    def said(self) -> Self:
        """Those who have said something."""
        return self.exclude(answer="")

    def numbers(self) -> Mapping[str, int]:
        """How many said what. One query."""
        return dict(self.said().order_by().values_list("answer").annotate(number=Count("pk")))


class Reply(models.Model):
    """What one member says about coming to one session, and how the portal has told them of it.

    There is a row as soon as a member has been written to or has answered. `link_hash` finds it by the link in their
    mail; the link itself is derived when it is needed and never kept.
    """

    class Answer(models.TextChoices):
        COMING = "coming", "I’m coming"
        NOT_COMING = "not_coming", "Sorry, no"
        UNSURE = "unsure", "I don’t know yet"

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="replies")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="replies")
    # Null only until the row has its key, from which the link is made: within one transaction.
    link_hash = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001
    answer = models.CharField(max_length=10, choices=Answer.choices, blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)
    # When the mail that tells of the session was due: whoever was never told of it is not told of a change either.
    told_at = models.DateTimeField(null=True, blank=True)

    objects = ReplyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "replies"
        constraints = [
            models.UniqueConstraint(fields=["session", "membership"], name="one_reply_per_member"),
            models.CheckConstraint(
                condition=Q(answer__in=["", "coming", "not_coming", "unsure"]), name="reply_answer_is_known"
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="reply_was_given_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership_id} {self.answer or 'has not said'}"

    @property
    def community_id(self) -> int:
        """Whose permissions decide about it."""
        return self.session.community_id
