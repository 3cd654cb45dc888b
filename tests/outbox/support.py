"""For any test that cares about mail: send what is due, and read what arrived."""

from contextlib import closing
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings

from cop_portal.outbox.models import OutboxMessage
from cop_portal.outbox.sender import deliver
from cop_portal.outbox.transports import FilesTransport


def deliver_all(now: datetime) -> None:
    """Send everything that is due at `now`, as the worker would, into the folder that EMAIL_URL names."""
    with closing(_folder()) as transport:
        while not deliver(now=now, transport=transport):
            pass


def delivered(kind: str | None = None) -> list[EmailMessage]:
    """The mails that have arrived (of one kind, if named), the first one first, without those of other tests."""
    sent = OutboxMessage.objects.filter(state=OutboxMessage.State.SENT, **({"kind": kind} if kind else {}))
    letters = [path_of(message).read_bytes() for message in sent.order_by("sent_at", "dedupe_key")]
    return [BytesParser(EmailMessage, policy=policy.default).parsebytes(letter) for letter in letters]


def path_of(message: OutboxMessage) -> Path:
    """Where a mail is, or would be, once it has arrived."""
    return _folder().path_of(message.message_id)


def _folder() -> FilesTransport:
    return FilesTransport(Path(unquote(urlsplit(settings.EMAIL_URL).path)))
