"""The portal's clock. In earnest it is the real one; a demo may be moved on to the next working morning."""

from datetime import date, datetime

from django.conf import settings
from django.utils import timezone

from cop_portal.installation.models import Installation


def now() -> datetime:
    """The current moment, aware. In a demo the stored offset is added (one query); otherwise no query is made."""
    if not settings.IS_DEMO:
        return timezone.now()
    offset = Installation.objects.values_list("clock_offset", flat=True).first()
    return timezone.now() + offset if offset else timezone.now()


def today() -> date:
    """Today's date on the wall in Europe/London."""
    return timezone.localdate(now())
