"""What someone may do who has opened the code on the screen: find their name, and say that they are there.

They have no account here. A pass lasts ten minutes and gives twenty look-ups; a claim waits for a facilitator.
"""

import hashlib
import hmac
import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from communities.models import CheckIn, CheckInClaim, CheckInPass, Membership
from communities.services.communities import locked
from communities.services.imports.fields import TITLES, plain
from cop_portal.refusals import Refusal

LASTS = timedelta(minutes=10)
MOST_LOOK_UPS = 20
LEAST_LETTERS = 3
MOST_SHOWN = 5
# A room has fewer people; whoever needs more is not in one.
MOST_PASSES = 300
MOST_GUESTS = 100


class PassOver(Refusal):
    """A pass lasts ten minutes, and no longer than its check-in."""


class TooManyLookUps(Refusal):
    """A pass finds one's own name, and does not list everyone's."""

    status = 429


class TooFewLetters(Refusal):
    """A name is looked up by some of its letters."""


class TooManyFit(Refusal):
    """Few names are ever shown."""


class SaidAlready(Refusal):
    """One pass is one person."""

    status = 409


class NameNotFoundHere(Refusal):
    """Only a name that this pass has found can be chosen."""


class GuestUnnamed(Refusal):
    """A guest has a name."""


class TooManyClaims(Refusal):
    """More people than a room holds."""

    status = 429


@dataclass(frozen=True)
class Pass:
    """What a browser holds: which check-in, a number of its own, and until when."""

    check_in: int
    number: str
    until: datetime

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.number.encode()).hexdigest()

    def mark(self, *what: object) -> str:
        """What only this pass is given: it says nothing about a member, and nobody else can use it."""
        key = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=b"check-in-marks").digest()
        return hmac.digest(key, repr((self.number, *what)).encode(), "sha256").hex()[:32]


@dataclass(frozen=True)
class Found:
    """A name that fits, and the mark by which this pass can choose it."""

    mark: str
    name: str
    membership: int


def new_pass(check_in: CheckIn, now: datetime) -> Pass:
    """Stores nothing: a pass is counted from its first look-up."""
    return Pass(check_in.pk, secrets.token_urlsafe(16), min(now + LASTS, check_in.ends_at))


def check_in_of(held: Pass, now: datetime) -> CheckIn:
    """The check-in that a pass is for. Refuses when either is over."""
    found = CheckIn.objects.select_related("session__community").filter(pk=held.check_in).first()
    if found is None or now >= held.until or not found.is_open(now) or found.session.community.is_closed:
        raise PassOver(
            "A code opens for ten minutes, and these are over or the check-in has ended. Scan the code on the screen "
            "again, or tell a facilitator that you are here.",
            code="pass_over",
        )
    return found


@transaction.atomic
def look_up(*, held: Pass, typed: str, now: datetime) -> list[Found]:
    """The members of that day whose name fits. Counted, whatever it finds."""
    check_in = check_in_of(held, now)
    _refuse_few(typed)
    row = _row(held, check_in)
    if not CheckInPass.objects.filter(pk=row.pk, look_ups__lt=MOST_LOOK_UPS).update(look_ups=F("look_ups") + 1):
        raise TooManyLookUps(
            "You have looked up 20 names, and that is all a code allows. Tell a facilitator that you are here.",
            code="too_many_look_ups",
        )
    return fitting(held, check_in, typed)


def fitting(held: Pass, check_in: CheckIn, typed: str) -> list[Found]:
    """The names that fit, at most a few. Every word typed begins a word of the name."""
    words = _words(typed)
    members = Membership.objects.on_day(check_in.session.day).filter(community=check_in.session.community_id)
    named = members.values_list("pk", "person__user__name").order_by("person__user__name", "pk")
    fits = [(pk, name) for pk, name in named if _fits(words, plain(name).split())]
    how_often = Counter(name for _, name in fits)
    seen: Counter[str] = Counter()
    found = []
    for pk, name in fits:
        seen[name] += 1
        several = f" ({seen[name]} of {how_often[name]} people of this name)" if how_often[name] > 1 else ""
        found.append(Found(held.mark("member", pk), f"{name}{several}", pk))
    return found


def refuse_many(found: list[Found]) -> None:
    """Apart from `look_up`, because a look-up that finds too many still counts."""
    if len(found) > MOST_SHOWN:
        raise TooManyFit("Many names fit. Type more of yours.", code="too_many_fit")


@transaction.atomic
def claim_presence(*, held: Pass, mark: str, typed: str, how: str, now: datetime) -> CheckInClaim:
    """Notes that a member says they are there. It changes nothing until a facilitator confirms it."""
    check_in = check_in_of(held, now)
    locked(check_in.session.community)
    chosen = [one for one in fitting(held, check_in, typed) if hmac.compare_digest(one.mark, mark)]
    if not chosen:
        raise NameNotFoundHere("Find your name again, then choose it.", code="name_not_found")
    key: dict[str, Any] = {
        "session": check_in.session,
        "membership_id": chosen[0].membership,
        "state": CheckInClaim.State.WAITING,
    }
    return _claim(held, check_in, key, how)


@transaction.atomic
def claim_as_guest(*, held: Pass, name: str, organisation: str, how: str, now: datetime) -> CheckInClaim:
    """Notes that someone who is not on the list says they are there."""
    check_in = check_in_of(held, now)
    locked(check_in.session.community)
    if not name.strip():
        raise GuestUnnamed("Enter your name.", code="guest_unnamed")
    key: dict[str, Any] = {
        "session": check_in.session,
        "membership": None,
        "name": name.strip(),
        "organisation": organisation.strip(),
        "state": CheckInClaim.State.WAITING,
    }
    guests = CheckInClaim.objects.waiting().filter(session=check_in.session, membership=None)
    if guests.count() >= MOST_GUESTS:
        raise TooManyClaims("Too many people are checking in. Speak to a facilitator.", code="too_many_claims")
    return _claim(held, check_in, key, how)


def _claim(held: Pass, check_in: CheckIn, key: dict[str, Any], how: str) -> CheckInClaim:
    row = _row(held, check_in)
    claim, is_new = CheckInClaim.objects.get_or_create(**key, defaults={"how": how})
    if row.claim_id not in (None, claim.pk):
        raise SaidAlready(
            "Somebody has checked in with this browser already. To check in another person, scan the code on the "
            "screen again. If that was you by a wrong name, tell a facilitator.",
            code="said_already",
        )
    if not is_new:
        # The same person again, who has put right how they are there; or another one, which a facilitator looks at.
        more = 0 if row.claim_id == claim.pk else 1
        CheckInClaim.objects.filter(pk=claim.pk).update(how=how, times=F("times") + more)
        claim.refresh_from_db()
    CheckInPass.objects.filter(pk=row.pk).update(claim=claim)
    return claim


def _row(held: Pass, check_in: CheckIn) -> CheckInPass:
    existing = CheckInPass.objects.filter(pass_hash=held.hash).first()
    if existing is not None:
        return existing
    if CheckInPass.objects.filter(check_in=check_in).count() >= MOST_PASSES:
        raise TooManyClaims("Too many people are checking in. Speak to a facilitator.", code="too_many_claims")
    row, _ = CheckInPass.objects.get_or_create(
        pass_hash=held.hash, defaults={"check_in": check_in, "ends_at": held.until}
    )
    return row


def _words(typed: str) -> list[str]:
    return [word for word in plain(typed).split() if word not in TITLES]


def _refuse_few(typed: str) -> None:
    if sum(map(len, _words(typed))) < LEAST_LETTERS:
        raise TooFewLetters("Type at least 3 letters of your name.", code="too_few_letters")


def _fits(words: list[str], name: list[str]) -> bool:
    return bool(words) and all(any(part.startswith(word) for part in name) for word in words)
