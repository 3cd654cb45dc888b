"""Everything that is held about someone: each room registers what it holds, and nothing can be forgotten.

What no room words is found all the same: every row that points to the person, by the models themselves (`rest_of`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import ForeignObjectRel, Model
from django.utils import timezone
from django.utils.formats import date_format

from cop_portal.accounts.models import User

Value: TypeAlias = str | int | float | bool | date | datetime | None
Provider: TypeAlias = Callable[[User], Iterable["Holding"]]

# Of no meaning to a reader, or a key to something.
NOT_SHOWN = ("hash", "token", "secret", "nonce", "key", "password", "journal", "lease", "fingerprint")
SHOWN_FIELDS = (
    models.CharField, models.TextField, models.BooleanField, models.IntegerField, models.DateField, models.DecimalField,
    models.FloatField,
)  # fmt: skip
NOT_HERE = [
    "Answers to anonymous surveys: nothing stored says which are yours, so nobody can find them, we included.",
    "Answers to confidential surveys that are still open: they are sealed, and nobody can open them before the close.",
    "Answers to confidential surveys from before two records were made one: only who answered may read them.",
    "Answers that you have begun and not sent: they are encrypted under your link, and only it opens them.",
    "What facilitators have marked as private.",
    "What stands about you in other people’s own words, such as minutes.",
]
POINTING = (models.ForeignKey, models.OneToOneField)


@dataclass(frozen=True)
class Holding:
    """One kind of thing held about someone: what it is called, why it is held, and all of it.

    `columns` are names for programs with words for people; each row has as many values. A column without words is a
    code: beside its words it is of use to programs only, and stands in the download.
    """

    key: str
    heading: str
    why: str
    columns: Sequence[tuple[str, str]]
    rows: Sequence[Sequence[Value]]

    @property
    def labels(self) -> list[str]:
        return [label for _, label in self.columns if label]

    def as_records(self) -> list[dict[str, Any]]:
        names = [name for name, _ in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]

    def in_words(self, most: int) -> list[list[tuple[str, str]]]:
        """The first rows, every value in words beside its label."""
        labels = [label for _, label in self.columns]
        return [
            [(label, in_words(value)) for label, value in zip(labels, row, strict=True) if label]
            for row in self.rows[:most]
        ]


def in_words(value: Value) -> str:
    """As a person reads it: “6 August 2026, 12:30”, “Yes”, “–”."""
    match value:
        case None | "":
            return "–"
        case bool():
            return "Yes" if value else "No"
        case datetime():
            local = timezone.localtime(value)
            return f"{date_format(local)}, {date_format(local, 'TIME_FORMAT')}"
        case date():
            return date_format(value)
        case _:
            return str(value)


_events: dict[str, str] = {}
_mails: dict[str, str] = {}


def name(*, events: Mapping[str, str], mails: Mapping[str, str]) -> None:
    """Adds what a room writes into the trail and the mail it sends, by code. "*.exported" names all events of that end.

    Called in `AppConfig.ready()`.
    """
    _events.update(events)
    _mails.update(mails)


def event_words(event: str) -> str:
    """What someone did, in words. The trail cannot be changed, so that it may hold codes that nothing uses any more."""
    return _events.get(event) or _events.get(f"*.{event.rpartition('.')[2]}") or _bare(event)


def mail_words(kind: str) -> str:
    """What a mail is about."""
    return _mails.get(kind) or _bare(kind.partition(".")[2] or kind)


def target_words(target_type: str) -> str:
    """What kind of thing was changed: “survey” for evaluations.survey."""
    try:
        return str(apps.get_model(target_type)._meta.verbose_name)
    except (LookupError, ValueError):
        return _bare(target_type.rpartition(".")[2])


def _bare(code: str) -> str:
    return code.replace(".", " ").replace("_", " ").capitalize()


_providers: list[Provider] = []
_last: list[Provider] = []
_covered: set[str] = set()


def register(provider: Provider, *, covers: Iterable[str] = ()) -> None:
    """Adds what a room holds. `covers` names the models it words ("communities.membership"), which `rest_of` then
    leaves to it. Called in `AppConfig.ready()`."""
    if provider not in _providers:
        _providers.append(provider)
    _covered.update(name.lower() for name in covers)


def register_last(provider: Provider) -> None:
    """Adds what is asked when every other room has said what it words."""
    if provider not in _last:
        _last.append(provider)


def held_about(user: User) -> list[Holding]:
    """All that is held about `user`, kinds of which there is nothing left out."""
    found = [holding for provider in [*_providers, *_last] for holding in provider(user)]
    return [holding for holding in found if holding.rows]


def own_data_of(user: User, *, now: datetime) -> dict[str, Any]:
    """The same for programs, as plain JSON: every row whole."""
    return {
        "portal": settings.PORTAL_NAME,
        "controller": settings.CONTROLLER_NAME,
        "made_at": now,
        "name": user.name,
        "held": [
            {"key": one.key, "heading": one.heading, "why": one.why, "rows": one.as_records()}
            for one in held_about(user)
        ],
        "not_here": NOT_HERE,
    }


def rest_of(subject: Model) -> Iterator[Holding]:
    """What points to `subject` (a user, or a person) and is worded by no room: one query for each such model.

    Rows of which someone is the subject come with their plain fields. Of rows that they only wrote or decided, and
    that are about others, only when.
    """
    # Not `type`: the user of a request is a wrapper around one.
    for field in pointing_to(subject._meta.model):
        model = field.model
        if model._meta.label_lower not in _covered:
            yield _holding_of(model, field, subject)


def pointing_to(model: type[Model]) -> list[Any]:
    """The fields of other models that point to `model`, in the order of their tables."""
    relations = (each for each in model._meta.get_fields(include_hidden=True) if isinstance(each, ForeignObjectRel))
    found = [relation.field for relation in relations if isinstance(relation.field, POINTING)]
    return sorted(found, key=lambda field: (field.model._meta.label_lower, field.name))


def _holding_of(model: type[Model], field: Any, subject: Model) -> Holding:
    is_subject = not isinstance(subject, User) or field.name in ("user", "person", "owner")
    fields = [each for each in model._meta.concrete_fields if _is_shown(each, in_full=is_subject)]
    rows = model._default_manager.filter(**{field.name: subject})
    if any(each.name == "is_private" for each in model._meta.concrete_fields):
        rows = rows.filter(is_private=False)
    return Holding(
        key=f"{model._meta.label_lower}.{field.name}",
        heading=f"{str(model._meta.verbose_name_plural).capitalize()} ({field.verbose_name})",
        why="Part of the record of what you, or your communities, did.",
        columns=[("id", "Number"), *((each.name, str(each.verbose_name).capitalize()) for each in fields)],
        rows=list(rows.order_by("pk").values_list("pk", *(each.name for each in fields))),
    )


def _is_shown(field: Any, *, in_full: bool) -> bool:
    if field.primary_key or any(word in field.name for word in NOT_SHOWN) or isinstance(field, POINTING):
        return False
    return isinstance(field, SHOWN_FIELDS if in_full else models.DateField)
