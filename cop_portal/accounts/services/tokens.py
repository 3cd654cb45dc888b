"""API tokens: made, used and revoked."""

import hashlib
import secrets
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from cop_portal import audit
from cop_portal.accounts.models import ApiToken, User
from cop_portal.refusals import Conflict

PREFIX = "cop_"
LIFE = timedelta(days=365)


class TokenAlreadyRevoked(Conflict):
    """A token is revoked once."""


def _hash_of(key: str) -> str:
    # The key has 256 random bits, so that a plain hash cannot be guessed back.
    return hashlib.sha256(key.encode()).hexdigest()


@transaction.atomic
def make_token(*, user: User, name: str, now: datetime) -> tuple[ApiToken, str]:
    """Makes a token for `user`. Returns it with the key, which is kept nowhere and cannot be shown again."""
    key = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user, name=name, token_hash=_hash_of(key), made_at=now, ends_on=timezone.localdate(now + LIFE)
    )
    audit.record(event="api_token.made", by=user, target=token, at=now)
    return token, key


@transaction.atomic
def revoke_token(*, token: ApiToken, by: User, now: datetime) -> None:
    """Ends a token at once."""
    if not ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
        raise TokenAlreadyRevoked("This token has already been revoked.", code="token_already_revoked")
    audit.record(event="api_token.revoked", by=by, target=token, at=now)


def owner_of(key: str, *, today: date) -> ApiToken | None:
    """The live token that `key` opens, with its user, if that user is active. Notes the day it was used."""
    token = ApiToken.objects.live(today).select_related("user").filter(token_hash=_hash_of(key)).first()
    if token is None or not token.user.is_active:
        return None
    if token.last_used_on != today:
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=today)
    return token
