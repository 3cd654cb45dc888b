"""From words to bytes. The same mail always becomes the same bytes: id, date and boundaries are fixed, not drawn."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from hashlib import sha256

from django.conf import settings
from django.utils.crypto import salted_hmac

from cop_portal.outbox.kinds import CalendarPart, Rendered

# Headers that a kind of mail may set for itself. Whom a mail goes to and comes from is not for its words to say.
PASSED_THROUGH = frozenset({"List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Reply-To"})
# Bytes for any relay: CRLF, seven bits, and a header with a line break in it is an error, not a second header.
WIRE = policy.SMTP.clone(cte_type="7bit", raise_on_defect=True)


@dataclass(frozen=True)
class Letter:
    """A mail ready to hand over: the envelope and the bytes. It lives in memory only."""

    message_id: str
    sender: str
    recipient: str
    content: bytes

    @property
    def mark(self) -> str:
        """A keyed hash of the bytes: it can tell that a resend is the same, and nothing else."""
        return salted_hmac("cop_portal.outbox.content", self.content, algorithm="sha256").hexdigest()


def message_id_for(dedupe_key: str) -> str:
    """The Message-ID of an occasion: always the same, and telling a stranger nothing about it."""
    domain = ascii_address(parseaddr(settings.DEFAULT_FROM_EMAIL)[1]).rpartition("@")[2]
    return f"<{salted_hmac('cop_portal.outbox.message_id', dedupe_key, algorithm='sha256').hexdigest()[:40]}@{domain}>"


def ascii_address(address: str) -> str:
    """An address that every relay understands: the domain in its ASCII form."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode('ascii')}"


def write_letter(rendered: Rendered, *, to: str, message_id: str, date: datetime) -> Letter:
    """The letter of these words. `ValueError` if they would break out of a header or set one they may not."""
    sender_name, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    sender, recipient = ascii_address(sender), ascii_address(to)
    message = EmailMessage(policy=WIRE)
    message["From"] = Address(display_name=sender_name, addr_spec=sender)
    message["To"] = Address(addr_spec=recipient)
    message["Subject"] = rendered.subject
    message["Date"] = format_datetime(date.astimezone(UTC).replace(microsecond=0))
    message["Message-ID"] = message_id
    # No out-of-office reply is wanted, and well-behaved ones stay away from this (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    for name, value in sorted(rendered.headers.items()):
        if name not in PASSED_THROUGH:
            raise ValueError(f"A kind of mail may not set the header {name!r}.")
        message[name] = value
    message.set_content(rendered.text, cte="quoted-printable")
    if rendered.html is not None:
        message.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
        message.set_boundary(_boundary(message_id))
    if rendered.calendar is not None:
        _add_calendar(message, rendered.calendar, message_id)
    return Letter(message_id=message_id, sender=sender, recipient=recipient, content=message.as_bytes())


def _add_calendar(message: EmailMessage, part: CalendarPart, message_id: str) -> None:
    """The entry twice: beside the words, where calendar programs look for it, and as a file that a person can open."""
    text = part.content.decode()
    params = {"method": part.method}
    message.add_alternative(text, subtype="calendar", cte="base64", params=params)
    message.set_boundary(_boundary(message_id))
    message.add_attachment(text, subtype="calendar", cte="base64", params=params, filename="session.ics")
    message.set_boundary(_boundary(f"{message_id} with its file"))


def _boundary(seed: str) -> str:
    return f"={sha256(seed.encode()).hexdigest()[:40]}="
