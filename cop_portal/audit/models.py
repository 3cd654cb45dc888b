"""The trail: what was done, by whom, to what. Identifiers only, append-only, hash-chained."""

from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """One thing that was done. Never holds names, texts or answers."""

    at = models.DateTimeField()
    event = models.CharField(max_length=100)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    target_type = models.CharField(max_length=100)
    target_id = models.CharField(max_length=64)
    # Unique, so that the chain cannot fork: no two entries follow the same one.
    previous_hash = models.CharField(max_length=64, unique=True)
    entry_hash = models.CharField(max_length=64, unique=True)

    objects = models.Manager()

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["target_type", "target_id", "at"], name="audit_by_target")]

    def __str__(self) -> str:
        return f"{self.event} {self.target_type} {self.target_id}"
