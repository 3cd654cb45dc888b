"""Pages on which questionnaires are written cost the same however long a questionnaire or a list is."""

from __future__ import annotations

from typing import Any

import pytest

from evaluations.models import Instrument, InstrumentVersion, Question, Scale, Section
from tests.evaluations.asking import questionnaire, staff_user
from tests.evaluations.drafting import blank
from tests.evaluations.pages.test_writing_questionnaires import page, staff

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("questions", [1, 30])
def test_a_draft_takes_as_many_queries_whatever_its_length(questions: int, django_assert_num_queries: Any) -> None:
    draft = blank(*(f"Q{number}" for number in range(questions)))
    client = staff()
    client.get(draft.get_draft_url())
    with django_assert_num_queries(5):
        client.get(draft.get_draft_url())


@pytest.mark.parametrize("questions", [1, 30])
def test_what_stands_in_the_way_of_publishing_is_found_in_as_many_queries(
    questions: int, django_assert_num_queries: Any
) -> None:
    draft = blank(*(f"Q{number}" for number in range(questions)))
    client = staff()
    client.get(page("publish-draft", draft.pk))
    with django_assert_num_queries(8):
        client.get(page("publish-draft", draft.pk))


@pytest.mark.parametrize("number", [1, 30])
def test_the_lists_take_as_many_queries_whatever_their_length(number: int, django_assert_num_queries: Any) -> None:
    questionnaire()
    for one in range(number):
        Scale.objects.create(code=f"s{one}", title=f"Scale {one}", options=[])
        draft = InstrumentVersion.objects.create(
            instrument=Instrument.objects.create(code=f"i{one}"),
            number=1,
            title=f"Draft {one}",
            drafted_by=staff_user(),
        )
        Section.objects.create(version=draft, title="Questions", position=0)
    client = staff()
    client.get(page("scale-list"))
    with django_assert_num_queries(3):
        client.get(page("scale-list"))
    with django_assert_num_queries(4):
        client.get(page("instrument-list"))
    assert Question.objects.filter(section__version__published_at=None).count() == 0
