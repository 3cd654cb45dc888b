"""What exists in a demo only: the code that an authenticator app would show, since nobody has the demo's telephones."""

import time

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.core.cache import cache

from cop_portal.accounts.models import User


def code_for_secret(secret: str) -> str:
    """The code of this moment for a key, or nothing outside a demo."""
    return _code(secret, ahead=0) if settings.IS_DEMO else ""


def code_to_use(user: User) -> str:
    """A code that will be taken for `user`, or nothing outside a demo. A code works once, so the next one is shown
    after that."""
    if not settings.IS_DEMO:
        return ""
    app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if app is None:
        return ""
    secret = decrypt(app.data["secret"])
    codes = [_code(secret, ahead=ahead) for ahead in range(app_settings.TOTP_TOLERANCE + 1)]
    used = TOTP(app)._get_used_cache_key  # noqa: SLF001 - allauth offers no other way to ask
    return next((code for code in codes if cache.get(used(code)) is None), codes[0])


def _code(secret: str, *, ahead: int) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // app_settings.TOTP_PERIOD + ahead)))
