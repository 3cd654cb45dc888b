"""Encrypts small secrets before they are stored, with a key that is not in the database."""

import base64
import hashlib

from django.conf import settings
from nacl.secret import SecretBox


def _box() -> SecretBox:
    return SecretBox(hashlib.sha256(b"cop_portal.accounts.secrets_at_rest:" + settings.SECRET_KEY.encode()).digest())


def encrypt(text: str) -> str:
    return base64.b64encode(_box().encrypt(text.encode())).decode()


def decrypt(sealed: str) -> str:
    """The text that was encrypted. Raises nacl.exceptions.CryptoError when SECRET_KEY is another one by now."""
    return _box().decrypt(base64.b64decode(sealed)).decode()
