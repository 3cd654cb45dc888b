"""Nightly counts of answers, for staff: how many, in the words that results would use, and no running total."""

from datetime import datetime

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from evaluations.disclosure import Rules, Turnout
from evaluations.models import Survey


def refresh_counts(*, now: datetime) -> int:
    """Count what has come in for every open survey; returns how many surveys were counted."""
    counted_on = timezone.localdate(now)
    answered_by_now = Count("invitations", filter=Q(invitations__is_answered=True))
    counts = Survey.objects.open().annotate(answered=answered_by_now).values_list("pk", "asked_count", "answered")
    number = 0
    for pk, asked, answered in counts.order_by("pk"):
        words = Rules(settings.MINIMUM_BASE, Turnout(asked, answered, answered)).counted(answered).words
        number += Survey.objects.open().filter(pk=pk).update(answered_words=words, counted_on=counted_on)
    return number
