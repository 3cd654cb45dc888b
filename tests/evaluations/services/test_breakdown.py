"""A survey with a declared breakdown: opened, answered, closed, and what its release says by group."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from communities.models import Community, Person
from evaluations import breakdowns, results
from evaluations.links import token_for
from evaluations.models import Invitation, Survey
from evaluations.models.inbox import InboxBox
from evaluations.models.response import Response
from evaluations.questionnaire import questionnaire_of
from evaluations.services.answers.answering import door, record_preview, submit_answers
from evaluations.services.closing.closing import close_survey
from evaluations.services.surveys import grouping
from evaluations.services.surveys.grouping import BreakdownNotPossible
from evaluations.services.surveys.opening import open_survey
from tests.factories.communities import NOW, MembershipFactory, OrganisationFactory, ProfessionalGroupFactory, staff
from tests.factories.evaluations import core_answers, published

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

FROM_FORTY = "Results are broken down from 40 people asked on, so that nobody stands alone in a group."
SIZES = {"Nursing": 20, "Medical": 14, "Pharmacy": 6}


def community_of_professions(sizes: dict[str, int]) -> Community:
    community = MembershipFactory.create().community
    community.memberships.all().delete()
    for position, (name, number) in enumerate(sizes.items()):
        group = ProfessionalGroupFactory.create(name=name, code=name.lower(), position=position)
        for membership in MembershipFactory.create_batch(number, community=community):
            membership.person.affiliations.update(professional_group=group)
    return community


def open_by(choice: str, community: Community, **changes: Any) -> Survey:
    about: dict[str, Any] = {
        "version": published(),
        "mode": "anonymous",
        "closes_at": NOW + timedelta(days=21),
        "reminder_days": [],
        "by": staff(),
        "now": NOW,
    }
    return open_survey(community=community, breakdown=choice, **about | changes)


def tokens_by_profession(survey: Survey) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for invitation in Invitation.objects.filter(survey=survey).select_related("survey"):
        affiliation = invitation.person.affiliations.get()
        found.setdefault(affiliation.professional_group.name, []).append(token_for(invitation))
    return found


def answer(survey: Survey, by_profession: dict[str, int], *, agreeing: dict[str, int]) -> None:
    """So many of each profession answer, and so many of those agree with everything."""
    tokens = tokens_by_profession(survey)
    for name, number in by_profession.items():
        for place, token in enumerate(tokens[name][:number]):
            given = core_answers("4" if place < agreeing[name] else "2", V3=str(1 + place % 3), V4=str(1 + place % 3))
            submit_answers(token=token, answers=given, now=NOW + timedelta(days=1))


def closed(survey: Survey) -> results.BreakdownResult:
    close_survey(survey=survey, now=survey.closes_at)
    found = results.of(Survey.objects.get(pk=survey.pk)).breakdown
    assert found is not None
    return found


def test_the_release_says_by_profession_what_each_group_answered_and_hides_the_small_ones() -> None:
    survey = open_by("profession", community_of_professions({**SIZES, "Other": 1}))
    answer(
        survey,
        {"Nursing": 14, "Medical": 12, "Pharmacy": 4, "Other": 1},
        agreeing={"Nursing": 6, "Medical": 9, "Pharmacy": 2, "Other": 1},
    )

    found = closed(survey)

    assert (found.label, found.why) == ("Profession", "")
    assert [(group.label, group.base.words, bool(group.hidden)) for group in found.groups] == [
        ("Nursing", "14", False),
        ("Medical", "12", False),
        ("Pharmacy", "hidden", True),
        ("Other", "hidden", True),
    ]
    # Those hidden are five together: fewer than ten are never known to the number, so the smaller group is a band.
    said = [
        question.headline.words for group in found.groups[:2] if (question := group.question("M1")) if question.headline
    ]
    assert said == ["43% (6 of 14; 95% interval 21% to 67%)", "over two thirds"]


def test_the_group_is_sealed_with_the_answers_and_is_gone_after_the_close() -> None:
    survey = open_by("profession", community_of_professions(SIZES))
    token = tokens_by_profession(survey)["Medical"][0]
    shown = record_preview(door(token, NOW), questionnaire_of(survey.version), {"M1": "4"})
    assert shown == {"answers": {"M1": "4"}, "group": "medical"}

    answer(survey, {"Nursing": 10, "Medical": 10}, agreeing={"Nursing": 4, "Medical": 6})
    boxes = list(InboxBox.objects.values_list("format", "body"))
    assert {(number, len(bytes(body))) for number, body in boxes} == {(2, len(bytes(boxes[0][1])))}
    assert not any(b"medical" in bytes(body) for _, body in boxes)
    closed(survey)

    assert "medical" not in json.dumps([response.answers for response in Response.objects.all()])


def test_a_group_is_the_one_of_the_day_of_the_opening() -> None:
    """Moving on during the survey does not move anyone's answers, and makes nobody a group of their own."""
    survey = open_by("profession", community_of_professions(SIZES))
    person = Person.objects.filter(affiliations__professional_group__code="medical").order_by("pk")[0]
    person.affiliations.update(ends_on=NOW.date() + timedelta(days=2))
    person.affiliations.create(
        organisation=OrganisationFactory.create(),
        professional_group=ProfessionalGroupFactory.create(code="dental"),
        starts_on=NOW.date() + timedelta(days=2),
    )
    assert grouping.group_of(survey, person.pk) == "medical"


def test_someone_of_whom_the_roster_says_nothing_counts_as_not_known() -> None:
    community = community_of_professions({**SIZES, "Gone": 1})
    survey = open_by("profession", community)
    person = Person.objects.get(affiliations__professional_group__code="gone")
    person.affiliations.all().delete()
    assert grouping.group_of(survey, person.pk) == breakdowns.NOT_SAID


def test_an_answer_that_makes_the_groups_is_sealed_once_only() -> None:
    survey = open_by("item:V3", community_of_professions(SIZES))
    plain = open_by("", community_of_professions({"Midwifery": 5}))
    assert survey.box_size == plain.box_size
    answer(survey, {"Nursing": 18, "Medical": 12}, agreeing={"Nursing": 9, "Medical": 5})
    assert set(InboxBox.objects.values_list("format", flat=True)) == {1}

    found = closed(survey)

    assert [group.base.words for group in found.groups if not group.hidden] == ["10", "10", "10"]
    assert all(group.question("V3") is None for group in found.groups)


def test_answers_released_together_with_an_earlier_surveys_are_not_shown_by_group() -> None:
    """The whole would hold the four of before, the groups would not: the difference would be those four."""
    community = community_of_professions(SIZES)
    first = open_by("profession", community)
    answer(first, {"Nursing": 4}, agreeing={"Nursing": 2})
    Survey.objects.filter(pk=first.pk).update(was_extended=True)
    first.refresh_from_db()
    close_survey(survey=first, now=first.closes_at)
    second = open_by("profession", community, now=NOW + timedelta(days=60), closes_at=NOW + timedelta(days=80))
    answer(second, {"Nursing": 12, "Medical": 12}, agreeing={"Nursing": 6, "Medical": 6})

    found = closed(second)

    assert (found.why, found.groups) == (breakdowns.POOLED, ())


def test_a_survey_without_a_breakdown_has_none_in_its_release() -> None:
    survey = open_by("", community_of_professions({"Nursing": 12}))
    answer(survey, {"Nursing": 11}, agreeing={"Nursing": 4})
    close_survey(survey=survey, now=survey.closes_at)
    assert results.of(Survey.objects.get(pk=survey.pk)).breakdown is None


@pytest.mark.parametrize(
    ("choice", "sizes", "sentence"),
    [
        (
            "profession",
            {"Nursing": 30, "Medical": 9},
            f"{FROM_FORTY} Here 39 would be asked.",
        ),
        ("profession", {"Nursing": 40}, "Everyone who would be asked has the same profession, or none that is known."),
        ("shoe-size", {"Nursing": 40}, "Choose one of the breakdowns in the list."),
        ("item:M1", {"Nursing": 40}, "Choose one of the breakdowns in the list."),
    ],
)
def test_a_breakdown_of_too_few_is_refused_and_leaves_nothing(
    choice: str, sizes: dict[str, int], sentence: str, key_dir: Any
) -> None:
    with pytest.raises(BreakdownNotPossible) as refused:
        open_by(choice, community_of_professions(sizes))
    assert refused.value.messages == [sentence]
    assert not Survey.objects.exists()
    assert list(key_dir.iterdir()) == []
