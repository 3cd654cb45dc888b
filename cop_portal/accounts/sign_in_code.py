"""The code that is mailed to someone who signs in. It is at rest nowhere: not in the session, not in the outbox.

Both keep a random nonce. The code is worked out from nonce and address with a key that is not in the database: once
when the mail is worded, once when the code typed in is compared.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta

from django.conf import settings

# No vowels, so that no word appears, and no letter that looks like a digit (RFC 8628, section 6.1).
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
LENGTH = 8
LIFE = timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT)
MAX_TRIES: int = settings.ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS


def new_nonce() -> str:
    return secrets.token_urlsafe(16)


def code_for(nonce: str, email: str) -> str:
    """The code, as it is shown: two groups of four letters. Case and punctuation do not matter when it is typed in."""
    key = hashlib.sha256(b"cop_portal.accounts.sign_in_code:" + settings.SECRET_KEY.encode()).digest()
    number = int.from_bytes(hmac.digest(key, f"{nonce}:{email.lower()}".encode(), "sha256"), "big")
    letters = []
    for _ in range(LENGTH):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return f"{''.join(letters[:4])}-{''.join(letters[4:])}"


def is_code(typed: str, *, nonce: str, email: str) -> bool:
    """Whether what someone typed is the code, however they wrote it."""
    letters = "".join(letter for letter in typed.upper() if letter in ALPHABET)
    return hmac.compare_digest(letters, code_for(nonce, email).replace("-", ""))
