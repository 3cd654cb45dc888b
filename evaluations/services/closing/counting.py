"""Nightly counts of answers, for staff: how many, in the words that results would use, and no running total."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from evaluations.disclosure import Rules, Turnout
from evaluations.models import Survey
from evaluations.services.closing.settling import hidden_before
from evaluations.services.results.turnouts import answers_to


def refresh_counts(*, now: datetime) -> int:
    """Count what has come in for every open survey; returns how many surveys were counted."""
    counted_on = timezone.localdate(now)
    answered = answers_to(Survey.objects.open())
    number = 0
    for survey in Survey.objects.open().select_related("session").order_by("pk"):
        words = _words(survey, answered.get(survey.pk, 0))
        number += Survey.objects.open().filter(pk=survey.pk).update(answered_words=words, counted_on=counted_on)
    return number


def _words(survey: Survey, answered: int) -> str:
    rules = Rules(settings.MINIMUM_BASE, Turnout(survey.asked_count, answered, answered))
    # Earlier answers, too few to show, are released together with these: a number here, taken from the number there,
    # would leave how many those were.
    if answered >= rules.figures_from and hidden_before(survey):
        return f"{rules.figures_from} or more"
    return rules.counted(answered).words
