"""The ways out. EMAIL_URL names one: smtp://…, smtps://… or, in a demo and in tests, file://<folder>."""

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from cop_portal.outbox.transports.base import Fence, Outcome, Result, Transport
from cop_portal.outbox.transports.files import FilesTransport
from cop_portal.outbox.transports.smtp import Relay, SmtpTransport

__all__ = ["Fence", "FilesTransport", "Outcome", "Relay", "Result", "SmtpTransport", "Transport", "open_transport"]

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def open_transport(url: str) -> Transport:
    """The transport that a URL names; nothing is connected yet. `ImproperlyConfigured` says what is wrong with it."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        if settings.MODE == "production":
            raise ImproperlyConfigured(
                "EMAIL_URL names a folder. A folder of letters keeps working links at rest, so that is for a demo only."
            )
        return FilesTransport(Path(unquote(parts.path)))
    if parts.scheme in ("smtp", "smtps"):
        return SmtpTransport(_relay(url))
    raise ImproperlyConfigured("EMAIL_URL must begin with smtps:// or smtp:// (or, in a demo, file://).")


def _relay(url: str) -> Relay:
    parts = urlsplit(url)
    if not parts.hostname:
        raise ImproperlyConfigured(
            "EMAIL_URL names no host. It looks like smtps://user:password@relay.example.org:465."
        )
    is_implicit = parts.scheme == "smtps"
    asked = parse_qs(parts.query).get("starttls", ["no" if parts.hostname in LOOPBACK else "yes"])[0]
    if asked not in ("yes", "no"):
        raise ImproperlyConfigured("In EMAIL_URL, starttls is yes or no.")
    return Relay(
        host=parts.hostname,
        port=parts.port or (465 if is_implicit else 587),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        security="tls" if is_implicit else "starttls" if asked == "yes" else "none",
        reply_seconds=settings.OUTBOX_REPLY_SECONDS,
        dot_seconds=min(settings.OUTBOX_DOT_SECONDS, settings.OUTBOX_GRACE_SECONDS),
    )
