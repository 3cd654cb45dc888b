"""What this installation is: one row, made at the first start and never a second."""

from datetime import timedelta

from django.db import models


class Installation(models.Model):
    """Facts about this database that no environment variable may contradict."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    is_demo = models.BooleanField(default=False)
    clock_offset = models.DurationField(default=timedelta)
    created_at = models.DateTimeField(auto_now_add=True)
    # Empty while the first filling is under way: a demo that was interrupted starts over.
    filled_at = models.DateTimeField(null=True, blank=True)
    # Which framework, instruments and reference lists were loaded last.
    lists_digest = models.CharField(max_length=64, blank=True)

    objects = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="one_installation"),
            models.CheckConstraint(
                condition=models.Q(is_demo=True) | models.Q(clock_offset=timedelta()),
                name="only_a_demo_moves_its_clock",
            ),
        ]

    def __str__(self) -> str:
        return "Demo" if self.is_demo else "Portal"
