"""What the tests of check-in share: a session that goes on, its code, and a phone that holds a pass."""

import re
from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from communities.models import CheckIn, Community, Session
from communities.services.sessions.check_ins import code_of, minute_of, open_check_in
from cop_portal.accounts.models import User
from cop_portal.installation import clock
from tests.factories.communities import NOW, SessionFactory

FIND, HERE, GUEST = (reverse(f"communities:{name}") for name in ("find-name", "claim-presence", "check-in-as-guest"))


def going_on(community: Community) -> Session:
    return SessionFactory.create(community=community, starts_at=NOW - timedelta(minutes=10))


def opened(session: Session, by: User) -> CheckIn:
    return open_check_in(session=session, by=by, now=NOW)


def code_now(check_in: CheckIn) -> str:
    return code_of(check_in, minute_of(clock.now()))


def html_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def scan(phone: Client, check_in: CheckIn) -> Any:
    return phone.get(reverse("communities:check-in-code", args=[code_now(check_in)]))


def hidden(response: Any) -> dict[str, str]:
    """The hidden boxes of the form on a page, by name."""
    inputs = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', response.content.decode())
    return dict(inputs)


def marks(response: Any) -> dict[str, str]:
    """By name on the page, the value that chooses it."""
    html = response.content.decode()
    found = re.findall(r'name="who"[^>]*value="([0-9a-f]+)".*?This is me: ([^<]+)</label>', html, re.DOTALL)
    return {" ".join(name.split()): mark for mark, name in found}


def look(phone: Client, name: str) -> Any:
    return phone.post(FIND, {**hidden(phone.get(FIND)), "name": name})


def say_here(phone: Client, name: str, *, typed: str = "", how: str = "room") -> Any:
    found = look(phone, typed or name)
    return phone.post(HERE, {**hidden(found), "who": marks(found)[name], "how": how})
