"""The kinds of mail there are, and what each app tells the outbox about its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.core.exceptions import ImproperlyConfigured

JSON = str | int | float | bool | None | Sequence["JSON"] | Mapping[str, "JSON"]


@dataclass(frozen=True)
class Mail:
    """One mail to one person on one occasion. `params` must not hold a working link, a code or an answer."""

    dedupe_key: str
    kind: str
    to: str
    params: Mapping[str, JSON]
    due_at: datetime
    not_after: datetime | None = None


@dataclass(frozen=True)
class CalendarPart:
    """An iCalendar object that a mail carries: its METHOD, which the MIME type repeats, and its bytes."""

    method: Literal["REQUEST", "CANCEL"]
    content: bytes


@dataclass(frozen=True)
class Rendered:
    """The words of a mail, in memory only. `headers` may name those in `message.PASSED_THROUGH` and no other."""

    subject: str
    text: str
    html: str | None = None
    calendar: CalendarPart | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class MailKind:
    """What the outbox must know of a kind of mail.

    `render(params, to)` words it just before sending. `is_still_due(params)` is asked at the last moment, inside the
    transaction of the fence. `in_doubt` says what happens when nobody can tell whether a relay took it: "resend_once"
    sends the same bytes once more, "hold" leaves it for staff to decide. `ignores_pauses` is for sign-in mail.
    `can_be_declined`: someone who wants only mail about what is theirs to do is not sent it.
    """

    name: str
    render: Callable[[dict[str, Any], str], Rendered]
    is_still_due: Callable[[dict[str, Any]], bool]
    in_doubt: Literal["resend_once", "hold"]
    ignores_pauses: bool = False
    can_be_declined: bool = False


_kinds: dict[str, MailKind] = {}
_declines: list[Callable[[str], bool]] = []


def register(kind: MailKind) -> None:
    """Make a kind of mail known. Called in `AppConfig.ready()`; two kinds cannot share a name."""
    known = _kinds.get(kind.name)
    if known is not None and known != kind:
        raise ImproperlyConfigured(f"Two kinds of mail are called {kind.name!r}.")
    _kinds[kind.name] = kind


def kind_named(name: str) -> MailKind:
    """The kind of this name; `LookupError` if no app has registered it."""
    try:
        return _kinds[name]
    except KeyError:
        raise LookupError(
            f"No kind of mail is called {name!r}. The app that owns it registers it in AppConfig.ready()."
        ) from None


def known_kinds() -> list[MailKind]:
    """Every registered kind. Rows of any other kind wait: a deployment may be about to bring it back."""
    return list(_kinds.values())


def ask_who_declines(declines: Callable[[str], bool]) -> None:
    """Register who knows whether the owner of an address wants no mail that can be declined."""
    if declines not in _declines:
        _declines.append(declines)


def is_declined(kind: MailKind, address: str) -> bool:
    """Whether whoever this address belongs to has said that they want no such mail."""
    return kind.can_be_declined and any(declines(address) for declines in _declines)
