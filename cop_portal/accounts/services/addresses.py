"""Mail addresses of one's own: claimed, proven by a code, made primary, removed.

Only proven addresses stand in allauth's EmailAddress: mail, codes to sign in and additions to a community find people
by what stands there, and an address that someone merely typed must not be taken for its owner's.
"""

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import F

from cop_portal import audit, outbox
from cop_portal.accounts import emails, sign_in_code
from cop_portal.accounts.models import AddressClaim, User
from cop_portal.refusals import Conflict, Refusal

MOST_ADDRESSES = 5
MOST_CODES_AN_HOUR = 5
HOUR = timedelta(hours=1)
KEPT_FOR = timedelta(days=1)


class AddressAlreadyYours(Conflict):
    """An address stands once with a person."""


class AddressOfAnotherRecord(Conflict):
    """An address belongs to one record only."""


class TooManyAddresses(Refusal):
    """A person needs a handful of addresses at most."""


class TooManyCodes(Refusal):
    """Nobody's mailbox is filled with codes from here."""


class NothingToConfirm(Conflict):
    """A code is good for ten minutes, five tries and one use."""


class AddressNotThere(Conflict):
    """What is changed or removed must still be there."""


class PrimaryAddressStays(Refusal):
    """Someone without a primary address could not be written to, nor sign in."""


@transaction.atomic
def claim_address(*, user: User, email: str, now: datetime) -> AddressClaim:
    """Sends a code to an address that `user` says is theirs. Nothing else changes, and nothing is told of others.

    Whoever else may have the address is found out only after the code has been typed in, by its owner.
    """
    User.objects.select_for_update().get(pk=user.pk)
    email = email.strip().lower()
    _refuse_needless(user, email)
    if AddressClaim.objects.filter(user=user).asked_since(now - HOUR).count() >= MOST_CODES_AN_HOUR:
        raise TooManyCodes(
            "You have asked for several codes within the hour. Look for the newest mail, or try again later.",
            code="too_many_codes",
        )
    claim = AddressClaim.objects.create(
        user=user, email=email, nonce=sign_in_code.new_nonce(), asked_at=now, ends_at=now + sign_in_code.LIFE
    )
    audit.record(event="address.claimed", by=user, target=claim, at=now)
    outbox.enqueue(emails.address_code_mail(claim, now=now))
    return claim


def _refuse_needless(user: User, email: str) -> None:
    own = set(EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True))
    if email in own:
        raise AddressAlreadyYours("This is one of your addresses already.", code="address_already_yours")
    if len(own) >= MOST_ADDRESSES:
        raise TooManyAddresses(
            f"You can have {MOST_ADDRESSES} addresses. Remove one that you no longer use first.",
            code="too_many_addresses",
        )


def forget_claims(*, now: datetime) -> int:
    """Forgets addresses that were claimed more than a day ago, proven or not. Returns how many."""
    return AddressClaim.objects.filter(asked_at__lt=now - KEPT_FOR).delete()[0]


def newest_claim(user: User, *, now: datetime) -> AddressClaim | None:
    """The claim whose code can be typed in now, if there is one."""
    return AddressClaim.objects.filter(user=user).live(now).order_by("-asked_at", "-pk").first()


@transaction.atomic
def confirm_address(*, claim: AddressClaim, code: str, by: User, now: datetime) -> EmailAddress | None:
    """Adds the claimed address, now proven, to those of its owner.

    None for a wrong code: the try has been counted, and a refusal would undo that with the rest of the transaction.
    """
    counted = AddressClaim.objects.live(now).filter(pk=claim.pk, user=by, tries__lt=sign_in_code.MAX_TRIES)
    if not counted.update(tries=F("tries") + 1):
        raise NothingToConfirm("This code can no longer be used. Ask for a new one.", code="nothing_to_confirm")
    if not sign_in_code.is_code(code, nonce=claim.nonce, email=claim.email):
        return None
    return _add_proven(claim, by=by, now=now)


def _add_proven(claim: AddressClaim, *, by: User, now: datetime) -> EmailAddress:
    AddressClaim.objects.filter(pk=claim.pk).update(is_used=True)
    taken = AddressOfAnotherRecord(
        "This address already belongs to another record, perhaps an older one of yours. "
        "HIN staff can merge the two: ask them to.",
        code="address_of_another_record",
    )
    if EmailAddress.objects.filter(email__iexact=claim.email).exclude(user=by).exists():
        raise taken
    try:
        with transaction.atomic():
            address, _ = EmailAddress.objects.update_or_create(user=by, email=claim.email, defaults={"verified": True})
    except IntegrityError:
        raise taken from None
    _raise_version(by)
    audit.record(event="address.added", by=by, target=address, at=now)
    return address


@transaction.atomic
def make_primary(*, address: EmailAddress, by: User, now: datetime) -> EmailAddress:
    """Mail goes to this address from now on. The address it went to before is told so, once."""
    User.objects.select_for_update().get(pk=by.pk)
    addresses = EmailAddress.objects.filter(user=by)
    if not addresses.filter(pk=address.pk, verified=True).exists():
        raise AddressNotThere("Confirm this address first, with the code that we send to it.", code="address_not_there")
    before = addresses.filter(primary=True).exclude(pk=address.pk).first()
    addresses.filter(primary=True).update(primary=False)
    addresses.filter(pk=address.pk).update(primary=True)
    _raise_version(by)
    address.refresh_from_db()
    if before is not None:
        audit.record(event="address.made_primary", by=by, target=address, at=now)
        outbox.enqueue(emails.primary_moved_mail(by, before=before, now=now))
    return address


@transaction.atomic
def remove_address(*, address: EmailAddress, by: User, now: datetime) -> None:
    """Takes an address away. The primary one stays: mail goes there."""
    User.objects.select_for_update().get(pk=by.pk)
    here = EmailAddress.objects.filter(pk=address.pk, user=by)
    if here.filter(primary=True).exists():
        raise PrimaryAddressStays(
            "Mail goes to this address. Make another one your main address first.", code="primary_address_stays"
        )
    audit.record(event="address.removed", by=by, target=address, at=now)
    if not here.filter(primary=False).delete()[0]:
        raise AddressNotThere("This address has already been removed.", code="address_not_there")
    _raise_version(by)


def _raise_version(user: User) -> None:
    User.objects.filter(pk=user.pk).update(version=F("version") + 1)
