"""What must be so before any mail is sent, asked at start."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

from cop_portal.outbox.transports import open_transport

BACKEND = "cop_portal.outbox.backend.OutboxOnlyBackend"


@register()
def email_url_names_a_transport(**_: Any) -> list[CheckMessage]:
    """EMAIL_URL can be used, and in production is not a folder."""
    try:
        open_transport(settings.EMAIL_URL).close()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="outbox.E001")]
    return []


@register(Tags.security, deploy=True)
def nothing_leaves_by_another_way(**_: Any) -> list[CheckMessage]:
    """Django's own mail functions lead nowhere."""
    if settings.EMAIL_BACKEND == BACKEND:
        return []
    return [Error(f"EMAIL_BACKEND must be {BACKEND}: mail leaves through the outbox only.", id="outbox.E002")]
