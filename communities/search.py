"""Search over what communities have written down, within what the reader may see.

PostgreSQL searches by the English stems of the words and puts what fits best first. SQLite has no such search: there
every word has to be found as it was typed, and the newest comes first.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_, or_
from typing import Any

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank, SearchVector
from django.db import connection, models
from django.db.models import DateField, F, FloatField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat, TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from communities.models import Community, Decision, LearningPoint, Problem, Resource, Session
from communities.models.minutes import Minutes
from cop_portal.accounts.models import User

CONFIG = "english"
LONGEST = 200
# Around what was found, until the text is escaped; neither can be typed.
START, STOP = "\x02", "\x03"


@dataclass(frozen=True)
class Source:
    """A kind of record that can be found: its rows, the texts searched, its day, and the way to its community."""

    kind: str
    label: str
    model: type[models.Model]
    texts: tuple[str, ...]
    on: Any
    community: str = "community"

    def visible_to(self, user: User) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model._default_manager.visible_to(user)  # type: ignore[attr-defined]
        return rows

    @property
    def text(self) -> Any:
        """What is shown of a row: its texts, one after the other."""
        if len(self.texts) == 1:
            return F(self.texts[0])
        spaced = [part for text in self.texts for part in (Value(" "), F(text))][1:]
        return Concat(*spaced, output_field=models.TextField())

    @property
    def vector(self) -> SearchVector:
        return SearchVector(*self.texts, config=CONFIG)


def _local_day(moment: str) -> TruncDate:
    return TruncDate(moment, tzinfo=timezone.get_default_timezone())


SOURCES = (
    Source(
        "learning_point",
        "Learning point",
        LearningPoint,
        ("text",),
        _local_day("session__starts_at"),
        "session__community",
    ),
    Source("decision", "Decision", Decision, ("text", "verdict_note"), F("decided_on")),
    Source("problem", "Problem", Problem, ("title", "detail", "came_of_it"), F("since_on")),
    Source("resource", "Resource", Resource, ("title", "file_name"), _local_day("added_at")),
    Source(
        "minutes",
        "Minutes",
        Minutes,
        ("summary", "session__notes"),
        _local_day("session__starts_at"),
        "session__community",
    ),
    Source("session", "Session", Session, ("focus",), _local_day("starts_at")),
)
BY_KIND = {source.kind: source for source in SOURCES}


@dataclass(frozen=True)
class Hit:
    """A record that was found."""

    kind: str
    label: str
    record: Any
    community: Community
    on: date
    text: SafeString

    @property
    def is_private(self) -> bool:
        return bool(getattr(self.record, "is_private", False))

    @property
    def address(self) -> str:
        """Where it can be read: its own page, else that of its session, else that of its community."""
        if hasattr(self.record, "get_absolute_url"):
            return str(self.record.get_absolute_url())
        if self.record.session_id:
            return reverse("communities:session", args=[self.community.slug, self.record.session_id])
        if self.kind == "resource":
            return reverse("communities:resource-list", args=[self.community.slug])
        return self.community.get_absolute_url()


def found(user: User, words: str) -> QuerySet[Any, dict[str, Any]]:
    """Kind, id, fit and day of all that fits `words`, the best fit first, then the newest. One query."""
    parts = [_matching(source, user, words) for source in SOURCES]
    # Unions are ordered by the columns' names; kind and id make the order whole.
    return parts[0].union(*parts[1:], all=True).order_by("-fit", "-found_on", "record_kind", "pk")


def _matching(source: Source, user: User, words: str) -> QuerySet[Any, dict[str, Any]]:
    rows = source.visible_to(user).order_by()
    if connection.vendor == "postgresql":
        query = as_typed(words)
        rows = rows.annotate(vector=source.vector).filter(vector=query)
        rank: Any = SearchRank(source.vector, query)
    else:
        rows = rows.filter(_every_word(source.texts, words))
        rank = Value(0.0, output_field=FloatField())
    columns: QuerySet[Any, dict[str, Any]] = rows.annotate(
        record_kind=Value(source.kind), fit=Cast(rank, FloatField()), found_on=Cast(source.on, DateField())
    ).values("record_kind", "pk", "fit", "found_on")
    return columns


def as_typed(words: str) -> SearchQuery:
    """As people type in a search box: words, "a phrase", or, -not."""
    return SearchQuery(words, config=CONFIG, search_type="websearch")


def _every_word(texts: Sequence[str], words: str) -> Q:
    return reduce(and_, (reduce(or_, (Q(**{f"{t}__icontains": word}) for t in texts)) for word in words.split()), Q())


def hits(rows: Iterable[dict[str, Any]], words: str) -> list[Hit]:
    """The records behind a page of `found()`, in its order, with what fits marked. One query for each kind."""
    rows = list(rows)
    records = {
        (source.kind, record.pk): record
        for source in SOURCES
        for record in _records(source, [row["pk"] for row in rows if row["record_kind"] == source.kind], words)
    }
    return [
        _hit(BY_KIND[row["record_kind"]], records[row["record_kind"], row["pk"]], row["found_on"], words)
        for row in rows
    ]


def _records(source: Source, ids: Sequence[int], words: str) -> Iterable[Any]:
    if not ids:
        return []
    text: Any = source.text
    if connection.vendor == "postgresql":
        text = SearchHeadline(
            text,
            as_typed(words),
            config=CONFIG,
            start_sel=START,
            stop_sel=STOP,
            max_words=60,
            min_words=20,
            max_fragments=2,
            fragment_delimiter=" … ",
        )
    # What may be seen was decided when these were found, in the same request.
    rows = source.model._default_manager.filter(pk__in=ids)
    shown: QuerySet[Any] = rows.select_related(source.community).annotate(shown=text)
    return shown


def _hit(source: Source, record: Any, on: date, words: str) -> Hit:
    community = record.session.community if source.community.startswith("session") else record.community
    marked = record.shown if connection.vendor == "postgresql" else _mark_words(record.shown, words)
    return Hit(source.kind, source.label, record, community, on, highlighted(marked))


def _mark_words(text: str, words: str) -> str:
    pattern = "|".join(re.escape(word) for word in sorted(words.split(), key=len, reverse=True))
    return re.sub(f"({pattern})", rf"{START}\1{STOP}", text, flags=re.IGNORECASE)


def highlighted(text: str) -> SafeString:
    """Escaped, with what was found in <mark>."""
    escaped = escape(text)
    return mark_safe(escaped.replace(START, "<mark>").replace(STOP, "</mark>"))  # noqa: S308 - escaped above
