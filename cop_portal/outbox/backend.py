"""Django's own mail functions lead nowhere: nothing leaves the portal but through the outbox."""

from collections.abc import Sequence
from typing import NoReturn

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class MailOutsideTheOutboxError(RuntimeError):
    """Something called Django's `send_mail`: it would be sent twice on a retry, and never after a crash."""


class OutboxOnlyBackend(BaseEmailBackend):
    """Refuses, whatever `fail_silently` says: a mail handed over here would need its words kept at rest."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> NoReturn:
        raise MailOutsideTheOutboxError(
            "Mail leaves the portal through cop_portal.outbox only: register a kind of mail and call outbox.enqueue()."
        )
