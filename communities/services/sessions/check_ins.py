"""Opening and closing the check-in of a session, and the code on its screen, which changes every minute."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from communities import links
from communities.models import CheckIn, Community, Session
from communities.services.communities import locked
from communities.services.joining.join_links import ALPHABET, as_meant
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal

PURPOSE = "check-in"
CODE_LENGTH = 8
MINUTE = 60
# A code that was on the screen a moment ago still opens: typing takes time.
ALSO_BEFORE = 1


class CheckInNotNow(Refusal):
    """People check in while they come together, not weeks before or days after."""


class CheckInClosed(Conflict):
    """A check-in is closed once, and opens to nobody afterwards."""


class CodeNotKnown(Refusal):
    """A code that is on no screen at this moment."""


@dataclass(frozen=True)
class OnScreen:
    """What the screen shows, and for how many more seconds."""

    code: str
    changes_in: int


def minute_of(now: datetime) -> int:
    return int(now.timestamp()) // MINUTE


def code_of(check_in: CheckIn, minute: int) -> str:
    """The code of one minute: 40 bits that only this installation's SECRET_KEY makes."""
    token = links.token_for(PURPOSE, check_in.pk, minute)
    number = int.from_bytes(hashlib.sha256(token.encode()).digest())
    return "".join(ALPHABET[number >> (5 * place) & 31] for place in range(CODE_LENGTH))


def in_groups(code: str) -> str:
    """“K7QP-2M9X”: as a person reads it off a screen."""
    return f"{code[:4]}-{code[4:]}"


def on_screen(check_in: CheckIn, now: datetime) -> OnScreen:
    return OnScreen(code_of(check_in, minute_of(now)), MINUTE - int(now.timestamp()) % MINUTE)


def open_one(session: Session, now: datetime) -> CheckIn | None:
    """The session's check-in, while it is open."""
    found = CheckIn.objects.open(now).filter(session=session).first()
    if found is not None:
        found.session = session
    return found


@transaction.atomic
def open_check_in(*, session: Session, by: User, now: datetime) -> CheckIn:
    """Opens the check-in of a session: the one there is, or a new one."""
    locked(session.community)
    session.refresh_from_db(fields=["state", "starts_at", "ends_at"])
    check_in = CheckIn(session=session, opened_by=by, opened_at=now)
    if session.state == Session.State.CANCELLED:
        raise CheckInNotNow("This session has been cancelled, so nobody will be there.", code="session_cancelled")
    if not check_in.is_open(now):
        start, end = (date_format(timezone.localtime(at), "j F Y, H:i") for at in (check_in.opens_at, check_in.ends_at))
        raise CheckInNotNow(f"Check-in can be open from {start} to {end}.", code="check_in_not_now")
    existing = CheckIn.objects.filter(session=session, closed_at=None).first()
    if existing is not None:
        return existing
    check_in.save()
    audit.record(event="check_in.opened", by=by, target=check_in, at=now)
    return check_in


@transaction.atomic
def close_check_in(*, check_in: CheckIn, by: User, now: datetime) -> CheckIn:
    """Closes it before its time. Who has checked in stays checked in."""
    locked(check_in.session.community)
    if not CheckIn.objects.filter(pk=check_in.pk, closed_at=None).update(closed_at=now):
        raise CheckInClosed("This check-in has been closed already.", code="check_in_closed")
    check_in.refresh_from_db()
    audit.record(event="check_in.closed", by=by, target=check_in, at=now)
    return check_in


def check_in_behind(typed: str, now: datetime) -> CheckIn:
    """The check-in whose screen shows this code, or showed it a minute ago."""
    meant = as_meant(typed).encode("utf-8", "surrogatepass")
    minutes = range(minute_of(now) - ALSO_BEFORE, minute_of(now) + 1)
    going_on = CheckIn.objects.open(now).select_related("session__community").order_by("pk")
    for check_in in going_on.exclude(session__community__state=Community.State.CLOSED):
        if any(hmac.compare_digest(code_of(check_in, minute).encode(), meant) for minute in minutes):
            return check_in
    raise CodeNotKnown(
        "No screen shows this code now. Codes change every minute: look at the screen again.", code="code_not_known"
    )
