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
    surveys = Survey.objects.open().annotate(
        answered=Count("invitations", filter=Q(invitations__is_answered=True)),
        established=Count("invitations", filter=Q(invitations__is_answered=True, invitations__is_established=True)),
    )
    number = 0
    for survey in surveys.order_by("pk"):
        turnout = Turnout(survey.asked_count, survey.answered, survey.established)
        words = Rules(settings.MINIMUM_BASE, turnout).counted(survey.answered).words
        number += Survey.objects.open().filter(pk=survey.pk).update(answered_words=words, counted_on=counted_on)
    return number
