"""What accounts, the outbox and the trail hold about someone, in words."""

from collections.abc import Iterator
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt

from cop_portal.accounts.models import AddressClaim, ApiToken, SignIn, User
from cop_portal.accounts.own_data import Holding, event_words, mail_words, target_words
from cop_portal.audit.models import AuditEntry
from cop_portal.outbox.models import OutboxMessage

COVERS = (
    "account.emailaddress", "mfa.authenticator", "audit.auditentry", "accounts.signin", "accounts.apitoken",
    "accounts.addressclaim",
)  # fmt: skip


def account_of(user: User) -> Iterator[Holding]:
    """The account itself and how it is used."""
    yield Holding(
        key="account",
        heading="Your account",
        why="To know you by name and to let you in.",
        columns=[
            ("name", "Name"), ("role", "Role"), ("joined_at", "Here since"), ("last_login", "Last signed in"),
            ("has_password", "Has a password"), ("only_own_mail", "Only mail about your own actions"),
        ],
        rows=[
            (
                user.name, user.get_role_display(), user.joined_at, user.last_login, user.has_usable_password(),
                user.only_own_mail,
            )
        ],
    )  # fmt: skip
    yield Holding(
        key="addresses",
        heading="Your mail addresses",
        why="To write to you, and to send you the code you sign in with.",
        columns=[("email", "Address"), ("primary", "Mail goes there"), ("verified", "Confirmed")],
        rows=list(_addresses(user).values_list("email", "primary", "verified")),
    )
    yield Holding(
        key="address_claims",
        heading="Addresses you asked to add in the last days",
        why="To send the code that proves that an address is yours. Deleted after a day.",
        columns=[("email", "Address"), ("asked_at", "Asked"), ("is_used", "Confirmed")],
        rows=list(
            AddressClaim.objects.filter(user=user).order_by("asked_at").values_list("email", "asked_at", "is_used")
        ),
    )
    yield from _signing_in(user)
    yield from _left_behind(user)


def _addresses(user: User) -> Any:
    return EmailAddress.objects.filter(user=user).order_by("-primary", "email")


def _signing_in(user: User) -> Iterator[Holding]:
    yield Holding(
        key="sign_ins",
        heading="When you signed in",
        why="To notice when someone else does. Kept for a year, never with where from.",
        columns=[("at", "When"), ("how", "How"), ("with_second_factor", "With the authenticator app")],
        rows=[
            (one.at, one.get_how_display(), one.with_second_factor)
            for one in SignIn.objects.filter(user=user).order_by("-at", "-pk")
        ],
    )
    yield Holding(
        key="failed_sign_ins",
        heading="Wrong passwords typed for your addresses",
        why="To stop people who guess passwords. Never with where from.",
        columns=[("attempt_time", "When"), ("failures", "Tries")],
        rows=list(
            AccessAttempt.objects.filter(username__in=_addresses(user).values("email"))
            .order_by("-attempt_time")
            .values_list("attempt_time", "failures_since_start")
        ),
    )
    yield Holding(
        key="second_factors",
        heading="Your second factor",
        why="To make sure that it is you. Its secret is kept sealed and is shown to nobody.",
        columns=[("type", "Kind"), ("created_at", "Set up"), ("last_used_at", "Last used")],
        rows=[
            (one.get_type_display(), one.created_at, one.last_used_at)
            for one in Authenticator.objects.filter(user=user).order_by("pk")
        ],
    )
    yield Holding(
        key="api_tokens",
        heading="Your tokens for the API",
        why="To let programs of yours in. Only a fingerprint of each is kept.",
        columns=[
            ("name", "For"), ("made_at", "Made"), ("ends_on", "Ends"), ("last_used_on", "Last used"),
            ("revoked_at", "Revoked"),
        ],
        rows=list(
            ApiToken.objects.filter(user=user)
            .order_by("made_at", "pk")
            .values_list("name", "made_at", "ends_on", "last_used_on", "revoked_at")
        ),
    )  # fmt: skip


def _left_behind(user: User) -> Iterator[Holding]:
    mails = OutboxMessage.objects.filter(recipient__in=_addresses(user).values("email")).order_by("-due_at", "pk")
    yield Holding(
        key="mails",
        heading="Mail to you",
        why="To send each mail once, and to know whether it went. Its words are not kept.",
        columns=[("kind", ""), ("about", "About"), ("due_at", "Due"), ("state", "How far it came")],
        rows=[(mail.kind, mail_words(mail.kind), mail.due_at, mail.get_state_display()) for mail in mails],
    )
    yield Holding(
        key="trail",
        heading="What you did here",
        why="To be able to say later who changed what. It cannot be changed, and holds no words of yours.",
        columns=[
            ("at", "When"), ("event", ""), ("what", "What"), ("target_type", ""), ("target", "To what"),
            ("target_id", "Which"),
        ],
        rows=[
            (one.at, one.event, event_words(one.event), one.target_type, target_words(one.target_type), one.target_id)
            for one in AuditEntry.objects.filter(by=user).order_by("-pk")
        ],
    )  # fmt: skip
