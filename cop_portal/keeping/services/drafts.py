"""Keeping what a person is typing: one draft for each form of theirs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core import signing
from django.db import transaction

from cop_portal.keeping.models import Draft
from cop_portal.keeping.services.submissions import hash_of_key, is_done
from cop_portal.refusals import Conflict, Refusal

if TYPE_CHECKING:
    from cop_portal.accounts.models import User

SALT = "cop_portal.keeping.draft"
KEPT_FOR = timedelta(days=60)
# A record of a session with everything filled in is some 20,000 characters.
MOST_CHARACTERS = 200_000

Pairs = list[tuple[str, str]]


class NotAFormOfOurs(Refusal):
    """A draft belongs to a form that this portal showed to this person."""


class DraftTooLong(Refusal):
    """A draft is what one person types into one form."""


class AlreadySent(Conflict):
    """What has been saved in earnest needs no draft."""


@dataclass(frozen=True)
class FormMark:
    """Which form it is: its address, and what it is called where drafts are listed."""

    address: str
    title: str


def mark_of(form: FormMark, *, user: "User") -> str:
    """The form's mark as the page carries it: signed, so that only forms the portal showed can have drafts."""
    return signing.dumps([user.pk, form.address, form.title], salt=SALT)


def form_of(mark: str, *, user: "User") -> FormMark:
    """The form that a mark stands for. Refuses a mark that is none, or another person's."""
    try:
        who, address, title = signing.loads(mark, salt=SALT)
    except (signing.BadSignature, ValueError):
        who, address, title = None, "", ""
    if who != user.pk:
        raise NotAFormOfOurs("This is not a form of yours. Load the page again.", code="not_a_form_of_ours")
    return FormMark(address, title)


@transaction.atomic
def save_draft(*, mark: str, fields: Pairs, texts: Pairs, key: str, by: "User", now: datetime) -> Draft:
    """Keeps what stands in a form now, in place of what was kept before. `key` is the idempotency key of its page.

    Raises AlreadySent when the form itself has been saved meanwhile.
    """
    form = form_of(mark, user=by)
    if sum(len(name) + len(value) for name, value in [*fields, *texts]) > MOST_CHARACTERS:
        raise DraftTooLong(
            "This is more than a draft can hold. Save the page, or shorten what you typed.", code="draft_too_long"
        )
    if is_done(who=str(by.pk), key=key):
        raise AlreadySent("This has been saved already.", code="already_sent")
    kept, _ = Draft.objects.update_or_create(
        user=by,
        address=form.address,
        defaults={
            "title": form.title[:300],
            "fields": [list(pair) for pair in fields],
            "texts": [list(pair) for pair in texts],
            "key_hash": hash_of_key(who=str(by.pk), key=key) if key else "",
            "saved_at": now,
        },
    )
    return kept


@transaction.atomic
def throw_away_draft(*, draft: Draft, by: "User") -> None:
    """Forgets a draft of one's own. There is no way back: it was never sent."""
    Draft.objects.visible_to(by).filter(pk=draft.pk).delete()


def forget_draft_of(address: str, *, by: "User") -> None:
    """Forgets the draft of a form that has been saved, in the transaction that saved it."""
    Draft.objects.visible_to(by).filter(address=address).delete()


@transaction.atomic
def forget_old_drafts(*, now: datetime) -> int:
    """Forgets drafts that nobody has touched for KEPT_FOR. Returns how many."""
    return Draft.objects.filter(saved_at__lt=now - KEPT_FOR).delete()[0]
