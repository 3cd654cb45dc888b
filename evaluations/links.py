"""Personal links. A token is derived and never stored: rows hold its SHA-256, and only the link key makes it again."""

import base64
import hashlib
import hmac

from django.conf import settings

from evaluations import keys
from evaluations.models import Invitation

ANSWER = "answer"
TOKEN_LENGTH = 43


def derive(link_key: bytes, *, purpose: str, invitation_id: object, generation: int) -> str:
    """256 bits that only the link key can make: HMAC-SHA256 over purpose, invitation and generation."""
    message = f"{purpose}|{invitation_id}|{generation}".encode()
    return base64.urlsafe_b64encode(hmac.digest(link_key, message, "sha256")).rstrip(b"=").decode()


def token_for(invitation: Invitation) -> str:
    """The token of an invitation's link. Raises keys.KeyMissing once the keys are gone. Never store or log it."""
    link_key = keys.link_key(invitation.survey.key_id)
    return derive(link_key, purpose=ANSWER, invitation_id=invitation.pk, generation=invitation.generation)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def link_for(invitation: Invitation) -> str:
    """The address to answer at, complete. In memory only."""
    return f"{settings.BASE_URL.rstrip('/')}/a/{token_for(invitation)}/"


def room_address(code: str) -> str:
    """The address that the QR code on a screen leads to; without a code, where one is typed."""
    return f"{settings.BASE_URL.rstrip('/')}/a/room/{code}{'/' if code else ''}"
