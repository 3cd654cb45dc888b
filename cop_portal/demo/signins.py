"""Who can sign in to the demo, and how. Everything here is printed, because nobody behind it exists."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.urls import reverse

from cop_portal.accounts.demo import code_to_use
from cop_portal.accounts.models import User
from cop_portal.accounts.services.users import find_user
from cop_portal.demo import content

# Known to everyone who reads this line: it opens a demo, which holds nobody and answers on its own machine only.
PASSWORD = "fictional people only"  # noqa: S105


@dataclass(frozen=True)
class Door:
    """One of the five ways in. `landing` is the name of the first page to see, and `slug` the community it is about."""

    key: str
    title: str
    finds: str
    landing: str
    slug: str = ""

    @property
    def landing_url(self) -> str:
        return reverse(self.landing, args=[self.slug] if self.slug else [])

    @property
    def person(self) -> content.InventedPerson:
        return content.load().behind(self.key)

    @property
    def needs_password(self) -> bool:
        return self.key in ("staff", "administrator")


DOORS = (
    Door("member", "Member", "has ten questions to answer and an action to finish", "home"),
    Door(
        "facilitator",
        "Facilitator",
        "has a session to record and questions out to members",
        "communities:community",
        "sepsis",
    ),
    Door(
        "sponsor",
        "Sponsor",
        "sees how one community does, in numbers and without names",
        "communities:community",
        "sepsis",
    ),
    Door("staff", "HIN staff", "sees all seven communities, and which ones need a call", "network"),
    Door("administrator", "Administrator", "keeps the portal running", "admin:index"),
)


@dataclass(frozen=True)
class SignIn:
    """How one of the five signs in without a door. `code` is what their authenticator app would show now."""

    door: Door
    password: str
    code: str


def door(key: str) -> Door | None:
    return next((door for door in DOORS if door.key == key), None)


def sign_ins() -> list[SignIn]:
    found = []
    for one in DOORS:
        user = find_user(one.person.address) if one.needs_password else None
        found.append(SignIn(one, PASSWORD if user else "", code_to_use(user) if user else ""))
    return found


def prepare(user: User) -> None:
    """Gives a member of staff the known password, and an authenticator app whose codes /demo/ shows."""
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    TOTP.activate(user, generate_totp_secret())


def lines(url: str) -> list[str]:
    """What a start prints under the portal's address."""
    return [
        "",
        f"The demo's five doors are on its front page. Without them, sign in at {url}{reverse('account_login')} as",
        *(f"  {one.title:<14} {one.person.address:<48} {_way(one)}" for one in DOORS),
        f"Authenticator codes are shown at {url}{reverse('demo:home')}",
        f"Mail is read at {url}{reverse('demo:mail-list')}",
        "Everything in it is fictional.",
        "",
    ]


def _way(one: Door) -> str:
    return f"password: {PASSWORD}, then an authenticator code" if one.needs_password else "a code by mail"
