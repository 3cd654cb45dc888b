"""An administrator goes through the single answers that are due: the pages at three widths, and the choice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse

from cop_portal.installation import clock
from evaluations.models import Survey
from tests.evaluations.retaining import administrator, closed
from tests.journeys.conftest import PHONE, Screen, Visitor
from tests.journeys.test_communities import arrive
from tests.journeys.test_pages_of_a_community import look_at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_administrator_looks_at_what_is_due_and_destroys_it(visitor_at: Callable[[Screen], Visitor]) -> None:
    survey, _ = [closed(now=clock.now() - timedelta(days=420)) for _ in range(2)]
    visitor = visitor_at(PHONE)
    arrive(visitor, administrator())
    dry_run = reverse("evaluations:destroy-answers", args=[survey.pk])
    look_at(visitor, [reverse("evaluations:retention"), reverse("evaluations:destroy-all-answers"), dry_run])

    visitor.page.get_by_role("button", name="Continue").click()
    assert "Choose whether they are destroyed or kept" in visitor.page.get_by_role("alert").inner_text()
    visitor.page.get_by_label("Destroy them for good").check()
    visitor.page.get_by_role("button", name="Continue").click()

    visitor.page.wait_for_url("**" + reverse("evaluations:retention"))
    assert "were destroyed on" in visitor.page.get_by_role("main").inner_text()
    assert Survey.objects.get(pk=survey.pk).answers_destroyed_at is not None
    look_at(visitor, [dry_run])
