"""What may be shown of a closed survey, made once and never changed."""

from django.db import models

from evaluations.models.survey import Survey


class Release(models.Model):
    """The published figures of a closed survey. `content` holds only what may be shown; see disclosure.py."""

    survey = models.OneToOneField(Survey, on_delete=models.PROTECT, related_name="release")
    made_at = models.DateTimeField()
    rule_version = models.PositiveSmallIntegerField()
    minimum_base = models.PositiveSmallIntegerField()
    content = models.JSONField()

    objects = models.Manager()

    def __str__(self) -> str:
        return f"release of survey {self.survey_id}"


class WaveSummary(models.Model):
    """One published share per survey and item, so that pages read a row and never a response."""

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="+")
    item_code = models.CharField(max_length=20)
    base = models.PositiveIntegerField()
    share = models.DecimalField(max_digits=5, decimal_places=4)

    objects = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["survey", "item_code"], name="one_summary_per_item")]

    def __str__(self) -> str:
        return f"{self.item_code}"
