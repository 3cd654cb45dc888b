"""A second reader reads what people wrote: each text is released, redacted or withheld, then they are shown together.

The reader is staff who are not in the community and were not asked. Where too few texts were written for any to be
shown, nobody reads them. Every decision can be taken back until the texts are shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from communities.models import Person
from communities.working_days import add_working_days
from cop_portal import audit
from cop_portal.accounts.grants import community_roles
from cop_portal.accounts.models import User
from cop_portal.refusals import Conflict, Refusal
from evaluations.models import Invitation, Survey
from evaluations.models.response import FreeText
from evaluations.permissions import Permission
from evaluations.services.results.texts import codes_shown, needed, newcomers_in, texts_of
from evaluations.services.retention.dates import due_at
from evaluations.text_flags import Flag, flags_in, only_leaves_out, without_notes

WAITING, RELEASED, WITHHELD = FreeText.State.WAITING, FreeText.State.RELEASED, FreeText.State.WITHHELD
LATE_AFTER_WORKING_DAYS = 5


class NotASecondReader(PermissionDenied):
    """Nobody reads the texts of their own community before they are released."""


class TextReadMeanwhile(Conflict):
    """A text is decided on once; to decide anew, the decision is taken back first."""


class RedactionAdds(Refusal):
    """A second reader takes words out and puts none in anybody's mouth."""


class RedactionEmpty(Refusal):
    """A text of which nothing is left is withheld."""


class TextsStillWait(Conflict):
    """Texts are shown together, once all have been read."""


class NothingToShow(Conflict):
    """Only released texts that are not shown yet can be shown."""


@dataclass(frozen=True)
class Pile:
    """The texts of one survey that a second reader may read: how many wait, and how many are read and not yet shown."""

    survey: Survey
    waiting: int
    unshown: int

    @property
    def late_from(self) -> date:
        """The day from which texts unread stand on the staff's Home."""
        closed_on = timezone.localdate(self.survey.closed_at)
        return add_working_days(closed_on, LATE_AFTER_WORKING_DAYS)

    @property
    def originals_go_on(self) -> date:
        return originals_go_on(self.survey)


@dataclass(frozen=True)
class ReadText:
    """One text before its second reader. `number` tells it from the others of its survey, and says nothing else."""

    pk: UUID
    number: int
    item_code: str
    text: str
    redacted: str
    state: str
    is_shown: bool
    flags: Sequence[Flag]


def originals_go_on(survey: Survey) -> date:
    """The day from which what was written, and is not shown as written, is due to be destroyed, with all other single
    answers. Needs the pseudonym key loaded."""
    return timezone.localdate(due_at(survey))


def may_read_texts(by: User, survey: Survey) -> bool:
    """Staff who are not in the community, hold no role there, and were not asked themselves."""
    is_staff = by.has_perm(Permission.REVIEW_TEXTS)
    is_outside = not community_roles(by).get(survey.community_id)
    asked = Invitation.objects.filter(_shown_in(survey.pk), person__user=by)
    return is_staff and is_outside and not asked.exists()


def _shown_in(survey: object) -> Q:
    """Invitations to a survey, and to those whose texts are among its texts: too few answers alone."""
    return Q(survey=survey) | Q(survey__released_with=survey)


def _require_second_reader(by: User, survey: Survey) -> None:
    if not may_read_texts(by, survey):
        raise NotASecondReader(
            "Someone who is not in this community, and was not asked, reads these texts before they are shown."
        )


def piles(*, by: User) -> list[Pile]:
    """The surveys of which texts wait to be read or shown, by someone like `by`; the longest closed on top."""
    counted: dict[int, dict[str, tuple[int, int, int]]] = {}
    for showing, code, *numbers in (
        FreeText.objects.filter(survey__state=Survey.State.CLOSED)
        .annotate(showing=Coalesce("survey__released_with", "survey"))
        .order_by()
        .values_list("showing", "item_code")
        .annotate(
            texts=Count("pk", filter=~Q(state=WITHHELD)),
            waiting=Count("pk", filter=Q(state=WAITING)),
            unshown=Count("pk", filter=Q(state=RELEASED, is_shown=False)),
        )
    ):
        counted.setdefault(showing, {})[code] = (numbers[0], numbers[1], numbers[2])
    surveys = list(_surveys_for(by).filter(pk__in=[pk for pk, codes in counted.items() if _is_work(codes)]))
    newcomers = newcomers_in(surveys)
    found = []
    for survey in surveys:
        enough = survey.release.minimum_base + newcomers[survey.pk]
        codes = [counted[survey.pk].get(code, (0, 0, 0)) for code in codes_shown(survey)]
        waiting = sum(waiting for texts, waiting, _ in codes if texts >= enough)
        unshown = sum(unshown for texts, _, unshown in codes if texts >= enough)
        found += [Pile(survey, waiting, unshown)] if waiting or unshown else []
    return found


def _is_work(codes: Mapping[str, tuple[int, int, int]]) -> bool:
    return any(waiting or unshown for _, waiting, unshown in codes.values())


def _surveys_for(by: User) -> QuerySet[Survey]:
    """Closed surveys of communities that `by` is not in, in which they were not asked; the longest closed on top."""
    if not by.has_perm(Permission.REVIEW_TEXTS):
        return Survey.objects.none()
    own = [community for community, roles in community_roles(by).items() if roles]
    found = Survey.objects.closed().exclude(community__in=own)
    found = found.exclude(Exists(Invitation.objects.filter(_shown_in(OuterRef("pk")), person__user=by)))
    return found.select_related("community", "version", "release", "pseudonym_key").order_by("closed_at", "pk")


def late_piles(*, by: User, today: date) -> list[Pile]:
    """Piles in which texts have waited unread for five working days."""
    return [pile for pile in piles(by=by) if pile.waiting and pile.late_from <= today]


def texts_to_read(*, survey: Survey, by: User) -> list[ReadText]:
    """Every text of a survey that can come to be shown, by question, with what to look at in it."""
    _require_second_reader(by, survey)
    rows = _readable(survey)
    names = names_around(survey) if rows else []
    return [
        ReadText(
            pk=row.pk,
            number=number,
            item_code=row.item_code,
            text=row.text,
            redacted=row.redacted,
            state=row.state,
            is_shown=row.is_shown,
            flags=flags_in(row.text, names=names),
        )
        for number, row in enumerate(rows, start=1)
    ]


def _readable(survey: Survey) -> list[FreeText]:
    """By question, and within one in the order of their random keys."""
    codes = codes_shown(survey)
    rows = sorted(texts_of(survey).filter(item_code__in=codes), key=lambda row: (codes.index(row.item_code), row.pk))
    written = Counter(row.item_code for row in rows if row.state != WITHHELD)
    enough = needed(survey) if rows else 0
    # Where too few are left for any to be shown, those not read yet need no reader.
    return [row for row in rows if written[row.item_code] >= enough or row.state != WAITING]


def names_around(survey: Survey) -> list[str]:
    """Everyone who was ever a member of the community or held a role in it, or was asked."""
    around = (
        Q(memberships__community=survey.community_id)
        | Q(role_terms__community=survey.community_id)
        | Q(pk__in=survey.invitations.values("person"))
    )
    found = Person.objects.filter(around, erased_on=None).order_by().values_list("user__name", flat=True)
    return sorted(set(found))


@transaction.atomic
def release_text(*, survey: Survey, text: UUID, redacted: str = "", by: User, now: datetime) -> None:
    """This text may be shown: as it was written, or as `redacted`, in which words are only left out."""
    found = _text(survey, text, by)
    redacted = redacted.replace("\r\n", "\n").strip()
    if redacted and not only_leaves_out(redacted, found.text):
        raise RedactionAdds(
            "Only take words out. A note in square brackets, such as [name], may stand where they were; "
            "nothing else may be added or changed.",
            code="redaction_adds",
        )
    if redacted and not any(character.isalnum() for character in without_notes(redacted)):
        raise RedactionEmpty("Nothing of the text is left. Withhold it instead.", code="redaction_empty")
    kept = "" if redacted == found.text else redacted
    _decide(found, by, now, state=RELEASED, redacted=kept)


@transaction.atomic
def withhold_text(*, survey: Survey, text: UUID, by: User, now: datetime) -> None:
    """This text is not shown to anybody."""
    _decide(_text(survey, text, by), by, now, state=WITHHELD)


def _decide(found: FreeText, by: User, now: datetime, *, state: str, redacted: str = "") -> None:
    if not FreeText.objects.filter(pk=found.pk, state=WAITING).update(state=state, redacted=redacted):
        raise TextReadMeanwhile(
            "This text has been decided on already. To decide anew, take that decision back first.",
            code="text_read_meanwhile",
        )
    audit.record(event=f"text.{state}", by=by, target=found, at=now)


@transaction.atomic
def take_decision_back(*, survey: Survey, text: UUID, by: User, now: datetime) -> None:
    """The text waits again, as if nobody had read it; only before it is shown."""
    found = _text(survey, text, by)
    undone = FreeText.objects.exclude(state=WAITING).filter(pk=found.pk, is_shown=False).exclude(text="")
    if not undone.update(state=WAITING, redacted=""):
        raise TextReadMeanwhile(
            "There is no decision to take back: the text still waits, or it is shown already.",
            code="no_decision_to_take_back",
        )
    audit.record(event="text.decision_taken_back", by=by, target=found, at=now)


@transaction.atomic
def show_texts(*, survey: Survey, by: User, now: datetime) -> int:
    """Shows what was released, once all has been read; returns how many. Questions with too few stay hidden."""
    _require_second_reader(by, survey)
    Survey.objects.select_for_update().get(pk=survey.pk)
    rows = _readable(survey)
    if any(row.state == WAITING for row in rows):
        raise TextsStillWait("Some texts have not been read yet. They are shown together.", code="texts_still_wait")
    released = Counter(row.item_code for row in rows if row.state == RELEASED)
    enough = needed(survey)
    ready = [row.pk for row in rows if released[row.item_code] >= enough]
    shown = FreeText.objects.filter(pk__in=ready, state=RELEASED, is_shown=False).update(is_shown=True)
    if not shown:
        raise NothingToShow(
            f"There is nothing to show: no question has {enough} released texts that are not shown yet.",
            code="nothing_to_show",
        )
    audit.record(event="texts.shown", by=by, target=survey, at=now)
    return shown


@transaction.atomic
def withdraw_text(*, survey: Survey, text: UUID, by: User, now: datetime) -> None:
    """A text that is shown is shown no longer: something in it was overlooked. This cannot be undone."""
    found = _text(survey, text, by)
    shown = FreeText.objects.filter(pk=found.pk, is_shown=True)
    if not shown.update(state=WITHHELD, is_shown=False, redacted=""):
        raise TextReadMeanwhile("This text is not shown any more.", code="text_not_shown")
    # Where single answers have been destroyed, only that it was shown had kept it.
    if FreeText.objects.filter(pk=found.pk, survey__answers_destroyed_at__isnull=False).delete()[0]:
        Survey.objects.filter(pk=found.survey_id).update(is_wiped=False)
    audit.record(event="text.withdrawn", by=by, target=found, at=now)


def _text(survey: Survey, text: UUID, by: User) -> FreeText:
    """One of the texts that `by` may read. Raises FreeText.DoesNotExist."""
    _require_second_reader(by, survey)
    return texts_of(survey).get(pk=text, item_code__in=codes_shown(survey))
