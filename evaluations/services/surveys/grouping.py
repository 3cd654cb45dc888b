"""The declared breakdown of a survey: what may be chosen, what is declared at the opening, who is in which group.

From the roster a person's group is read as it was on the day of the opening, and is kept with their answers only: it is
sealed with them, counted at the close and then forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.utils import timezone

from communities.models import Affiliation, Person
from cop_portal.refusals import Refusal
from evaluations import breakdowns
from evaluations.breakdowns import ITEM, NOT_SAID, ORGANISATION, PROFESSION, Breakdown, Declared, Group
from evaluations.disclosure import Rules, Tallied
from evaluations.models import Survey
from evaluations.questionnaire import Answers, Questionnaire
from evaluations.services.answers.boxes import Record
from evaluations.services.closing.tallying import tallied

NONE = ""
ROSTER = {PROFESSION: "Profession", ORGANISATION: "Organisation"}
FEWEST_GROUPS = 2
Roster = Mapping[int, Affiliation]


class BreakdownNotPossible(Refusal):
    """Results are broken down only where the groups are large enough from the start."""


def choices(questionnaire: Questionnaire) -> list[tuple[str, str]]:
    """What results may be broken down by: how it is chosen, and its label. No breakdown comes first."""
    items = [(f"{ITEM}:{question.code}", question.text) for question in breakdowns.items_of(questionnaire)]
    return [(NONE, "No breakdown"), *ROSTER.items(), *items]


def not_in_the_list() -> BreakdownNotPossible:
    return BreakdownNotPossible("Choose one of the breakdowns in the list.", code="breakdown_not_known")


def roster_of(choice: str, people: Iterable[Person], on: date) -> Roster:
    """Where these people worked that day, and as what; nobody where the breakdown does not ask. One query, or none."""
    if choice not in ROSTER:
        return {}
    found = Affiliation.objects.on_day(on).filter(person__in=list(people))
    return {one.person_id: one for one in found.select_related("professional_group", "organisation")}


def declare(choice: str, *, questionnaire: Questionnaire, people: Sequence[Person], roster: Roster) -> Declared | None:
    """The breakdown that these people would be asked with. Raises BreakdownNotPossible."""
    if choice == NONE:
        return None
    if choice not in dict(choices(questionnaire)):
        raise not_in_the_list()
    if len(people) < breakdowns.ASKED_FROM:
        raise BreakdownNotPossible(
            f"Results are broken down from {breakdowns.ASKED_FROM} people asked on, so that nobody stands alone in a "
            f"group. Here {len(people)} would be asked.",
            code="breakdown_of_too_few",
        )
    if choice not in ROSTER:
        question = questionnaire.question(choice.removeprefix(f"{ITEM}:"))
        return breakdowns.by_question(question) if question else None
    groups = _groups_of(choice, [roster[person.pk] for person in people if person.pk in roster])
    if len(groups) < FEWEST_GROUPS:
        raise BreakdownNotPossible(
            f"Everyone who would be asked has the same {ROSTER[choice].lower()}, or none that is known.",
            code="breakdown_of_one_group",
        )
    return Declared(choice, ROSTER[choice], tuple(groups))


def declared_of(survey: Survey) -> Declared | None:
    return breakdowns.declared(survey.breakdown)


def group_of(survey: Survey, person_id: int | None) -> str:
    """The group that goes into the box with this person's answers; empty where the survey has none from the roster."""
    declared = declared_of(survey)
    if declared is None or not declared.is_from_roster or person_id is None:
        return NOT_SAID
    on = timezone.localdate(survey.opened_at)
    affiliation = Affiliation.objects.on_day(on).filter(person=person_id).select_related("professional_group").first()
    return declared.known(_code(declared.kind, affiliation))


def counted_by_group(declared: Declared | None, people: Sequence[Person], roster: Roster) -> list[tuple[str, int]]:
    """How many of these people are in each group of the roster, for whoever opens the survey; empty without one."""
    if declared is None or not declared.is_from_roster:
        return []
    found = [declared.known(_code(declared.kind, roster.get(person.pk))) for person in people]
    counted = [(declared.label_of(code), found.count(code)) for code in [*declared.codes, NOT_SAID]]
    return [(label, number) for label, number in counted if number]


def broken_down(
    survey: Survey,
    questionnaire: Questionnaire,
    records: Iterable[Record],
    *,
    rules: Rules,
    whole: Sequence[Tallied],
    is_pooled: bool,
) -> Breakdown | None:
    """What may be shown by group of these records, once the survey has closed. None without a declared breakdown."""
    declared = declared_of(survey)
    if declared is None:
        return None
    if is_pooled:
        return Breakdown(declared.label, breakdowns.POOLED)
    by_group: dict[str, list[Answers]] = {code: [] for code in [*declared.codes, NOT_SAID]}
    for record in records:
        by_group[declared.group_of(record.answers, record.group)].append(record.answers)
    groups = [
        Group(code, declared.label_of(code), len(answers), _by_code(tallied(questionnaire, answers)))
        for code, answers in by_group.items()
        # An answer that nobody gave makes no group, as the whole says already; nor do those who did not say, if none.
        if answers or (declared.is_from_roster and code != NOT_SAID)
    ]
    return breakdowns.show(rules=rules, label=declared.label, groups=groups, whole=whole, item=declared.item)


def _by_code(tallies: Iterable[Tallied]) -> Mapping[str, Tallied]:
    return {tally.question.code: tally for tally in tallies}


def _groups_of(kind: str, affiliations: Iterable[Affiliation]) -> list[tuple[str, str]]:
    """The groups in which these people are, in the order of the roster's own lists."""
    found = {}
    for affiliation in affiliations:
        if kind == PROFESSION:
            group = affiliation.professional_group
            found[group.code] = (group.position, group.name)
        elif affiliation.organisation is not None:
            found[str(affiliation.organisation_id)] = (0, affiliation.organisation.name)
    return [(code, name) for code, (_, name) in sorted(found.items(), key=lambda one: one[1])]


def _code(kind: str, affiliation: Affiliation | None) -> str:
    if affiliation is None:
        return NOT_SAID
    if kind == PROFESSION:
        return affiliation.professional_group.code
    return str(affiliation.organisation_id) if affiliation.organisation_id else NOT_SAID
