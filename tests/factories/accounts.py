"""Accounts for tests, and ways to be signed in without going through the pages each time."""

import time
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest
from django.test import Client
from factory.declarations import Sequence
from factory.django import DjangoModelFactory

from cop_portal.accounts.models import User
from cop_portal.outbox.kinds import kind_named
from cop_portal.outbox.models import OutboxMessage

PASSWORD = "three-random-words"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class UserFactory(DjangoModelFactory[User]):
    """Someone with an address; `password="…"` and `role="staff"` as wanted."""

    class Meta:
        model = User

    name = Sequence(lambda n: f"Somebody {n}")
    role = ""

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        email = kwargs.pop("email", None) or f"{kwargs['name'].lower().replace(' ', '.')}@example.org"
        password = kwargs.pop("password", None)
        is_active = kwargs.pop("is_active", True)
        user = User.objects.create_user(**kwargs)
        if password or not is_active:
            user.set_password(password)
            user.is_active = is_active
            user.save()
        EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)
        return user


def address_of(user: User) -> str:
    return EmailAddress.objects.get(user=user, primary=True).email  # type: ignore[no-any-return]


def give_authenticator_app(user: User) -> None:
    """Sets up an authenticator app with recovery codes for `user`."""
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)


def code_of_app(user: User) -> str:
    """What the user's authenticator app shows now."""
    app = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    return format_hotp_value(hotp_value(decrypt(app.data["secret"]), int(time.time()) // 30))  # type: ignore[no-any-return]


def sign_in(client: Client, user: User, *, second_factor: bool = True) -> Client:
    """Signs `user` in, with the second factor given unless said otherwise. Returns the client."""
    client.force_login(user, backend=BACKEND)
    if second_factor:
        request = HttpRequest()
        request.session = client.session
        record_authentication(request, user, "mfa", type="totp")
        request.session.save()
    return client


def mailed_code(address: str) -> str:
    """The code in the newest sign-in mail to `address`, worded as it would be sent."""
    row = OutboxMessage.objects.filter(recipient=address, kind="accounts.sign_in_code").latest("due_at")
    text = kind_named(row.kind).render(row.params, row.recipient).text
    return next(line.strip() for line in text.splitlines() if line.startswith("    "))


def is_signed_in(client: Client) -> bool:
    session = client.session
    return all(key in session for key in (SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY))
