"""Personal links of a community's life: to an action, a problem, a session, an invitation.

A token is derived and never stored: rows hold its SHA-256, and only this installation's SECRET_KEY makes it again. So a
dump of the database holds no working link, and mail makes its links in memory just before it leaves.
"""

import base64
import hashlib
import hmac

from django.conf import settings

ACTION = "x"
ESCALATION = "e"
REPLY = "r"
INVITE = "j"


def token_for(purpose: str, pk: int, generation: int = 1) -> str:
    """256 bits for one purpose and one record; another `generation` makes the link before it useless."""
    key = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=b"community-links").digest()
    message = f"{purpose}|{pk}|{generation}".encode()
    return base64.urlsafe_b64encode(hmac.digest(key, message, "sha256")).rstrip(b"=").decode()


def hash_of(token: str) -> str:
    """What a row keeps of its token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def address(purpose: str, token: str) -> str:
    """The complete address behind which the one thing stands. In memory only."""
    return f"{settings.BASE_URL.rstrip('/')}/{purpose}/{token}/"
