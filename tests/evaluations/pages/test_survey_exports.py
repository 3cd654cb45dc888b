"""Taking a survey away through the pages: who is offered what, the bar, the file, and why there is none."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from communities.models import Community
from cop_portal.audit.models import AuditEntry
from evaluations.models import PrivacyMode, Survey, SurveyExport
from evaluations.tasks import make_waiting_exports
from tests.evaluations.asking import person_in, staff_user
from tests.evaluations.pages.browsing import words
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW
from tests.factories.evaluations import PULSE, close, community_of, core_answers, give_answers, open_survey_for

pytestmark = pytest.mark.django_db

ANONYMOUS, CONFIDENTIAL, NAMED = PrivacyMode
ROLES = ("administrator", "staff", "facilitator", "sponsor", "member", "stranger")


def closed(mode: PrivacyMode = ANONYMOUS, number: int = 6) -> Survey:
    community = community_of(number + 2, name="Sepsis", slug="sepsis")
    survey = open_survey_for(community, code=PULSE, mode=mode, now=NOW - timedelta(days=40))
    give_answers(survey, answers=[{"P1": "4", "P2": "2"}] * number)
    return close(survey)


def client_of(role: str, community: Community) -> Client:
    if role in ("administrator", "staff"):
        return sign_in(Client(), staff_user(role))
    if role == "stranger":
        return sign_in(Client(), person_in(community_of(1), "facilitator").user)
    return sign_in(Client(), person_in(community, role).user)


def export_page(survey: Survey) -> str:
    return reverse("evaluations:export-survey", args=[survey.community.slug, survey.pk])


def offered(response: Any) -> set[str]:
    return set(re.findall(r'name="what"[^>]*value="(\w+)"', response.content.decode()))


@pytest.mark.parametrize(
    ("mode", "role", "what"),
    [
        *((ANONYMOUS, role, {"figures"}) for role in ROLES[:3]),
        (CONFIDENTIAL, "administrator", {"figures"}),
        (CONFIDENTIAL, "staff", {"figures", "rows"}),
        (CONFIDENTIAL, "facilitator", {"figures"}),
        (NAMED, "administrator", {"figures"}),
        (NAMED, "staff", {"figures", "rows"}),
        (NAMED, "facilitator", {"figures", "rows"}),
    ],
)
def test_each_is_offered_what_they_may_have(mode: PrivacyMode, role: str, what: set[str]) -> None:
    survey = closed(mode)
    client = client_of(role, survey.community)
    response = client.get(export_page(survey))
    assert (response.status_code, offered(response)) == (200, what)
    asked = client.post(export_page(survey), {"what": "rows", "reason": "Because"})
    if "rows" not in what:
        assert asked.status_code == 422
        assert not SurveyExport.objects.exists()


@pytest.mark.parametrize(("role", "status"), [("sponsor", 403), ("member", 403), ("stranger", 404)])
def test_those_who_read_results_on_the_page_are_not_handed_files(role: str, status: int) -> None:
    survey = closed()
    assert client_of(role, survey.community).get(export_page(survey)).status_code == status


def test_from_asking_to_the_file_with_a_bar_between() -> None:
    survey = closed()
    client = client_of("facilitator", survey.community)
    for page in (survey.get_absolute_url(), survey.get_results_url()):
        assert f'href="{export_page(survey)}"' in client.get(page).content.decode()
    asked = client.post(export_page(survey), {"what": "figures"})
    export = SurveyExport.objects.get()
    assert asked["Location"] == export.get_absolute_url()
    waiting = client.get(export.get_absolute_url())
    assert "Waiting for its turn: 0 of 100." in words(waiting)
    progress = reverse("evaluations:export-progress", args=["sepsis", survey.pk, export.pk])
    assert '<progress class="app-progress__bar" max="100" value="0"' in client.get(progress).content.decode()
    assert make_waiting_exports() == 1
    assert client.get(progress)["HX-Refresh"] == "true"
    ready = client.get(export.get_absolute_url())
    export.refresh_from_db()
    assert export.archive_digest in words(ready)
    assert "It is kept for you until 1 December 2026" in words(ready)
    download = reverse("evaluations:download-export", args=["sepsis", survey.pk, export.pk])
    assert f'href="{download}"' in ready.content.decode()
    file = client.get(download)
    assert (file["Content-Disposition"], file["Cache-Control"]) == (
        f'attachment; filename="{export.file_name}"',
        "private, no-store",
    )
    assert "README.txt" in zipfile.ZipFile(io.BytesIO(file.content)).namelist()
    assert "Ready" in words(client.get(export_page(survey)))


def test_looking_and_downloading_change_nothing() -> None:
    survey = closed()
    client = client_of("staff", survey.community)
    client.post(export_page(survey), {"what": "figures"})
    make_waiting_exports()
    export = SurveyExport.objects.get()
    before = (AuditEntry.objects.count(), SurveyExport.objects.values_list().get())
    for page in (
        export_page(survey),
        export.get_absolute_url(),
        reverse("evaluations:download-export", args=["sepsis", survey.pk, export.pk]),
    ):
        assert client.get(page).status_code == 200
    assert (AuditEntry.objects.count(), SurveyExport.objects.values_list().get()) == before


def test_rows_of_a_confidential_survey_need_a_reason_and_thirty_answers() -> None:
    survey = closed(CONFIDENTIAL)
    client = client_of("staff", survey.community)
    without = client.post(export_page(survey), {"what": "rows", "reason": ""})
    assert (without.status_code, "Say what you need the answers for." in words(without)) == (422, True)
    few = client.post(export_page(survey), {"what": "rows", "reason": "The evaluation"})
    assert (few.status_code, "this survey has fewer." in words(few)) == (422, True)
    assert not SurveyExport.objects.exists()


def test_a_survey_that_is_open_is_not_taken_away() -> None:
    survey = open_survey_for(community_of(6, name="Sepsis", slug="sepsis"), now=NOW - timedelta(days=2))
    give_answers(survey, answers=[core_answers()] * 5)
    client = client_of("staff", survey.community)
    assert export_page(survey) not in client.get(survey.get_absolute_url()).content.decode()
    assert "after it has closed" in words(client.get(export_page(survey)))
    assert client.post(export_page(survey), {"what": "figures"}).status_code == 409


def test_an_archive_is_seen_by_whoever_asked_for_it_and_only_as_long_as_they_may() -> None:
    survey = closed(NAMED)
    asker = person_in(survey.community, "facilitator")
    client = sign_in(Client(), asker.user)
    client.post(export_page(survey), {"what": "rows"})
    make_waiting_exports()
    export = SurveyExport.objects.get()
    pages = [
        reverse(f"evaluations:{name}", args=["sepsis", survey.pk, export.pk])
        for name in ("export", "export-progress", "download-export")
    ]
    assert [client.get(page).status_code for page in pages] == [200, 200, 200]
    for other in ("staff", "facilitator", "stranger"):
        someone_else = client_of(other, survey.community)
        assert [someone_else.get(page).status_code for page in pages] == [404, 404, 404]
    asker.role_terms.update(ends_on=NOW.date() - timedelta(days=1))
    assert {client.get(page).status_code for page in pages} <= {403, 404}
    elsewhere = closed_elsewhere()
    assert client_of("staff", survey.community).get(
        reverse("evaluations:export", args=[elsewhere.community.slug, elsewhere.pk, export.pk])
    ).status_code == 404  # fmt: skip


def closed_elsewhere() -> Survey:
    return close(open_survey_for(community_of(3), code=PULSE, now=NOW - timedelta(days=40)))


def test_whoever_asked_for_it_can_delete_it_before_its_time() -> None:
    survey = closed()
    client = client_of("staff", survey.community)
    client.post(export_page(survey), {"what": "figures"})
    make_waiting_exports()
    export = SurveyExport.objects.get()
    delete = reverse("evaluations:delete-export", args=["sepsis", survey.pk, export.pk])
    assert f'href="{delete}"' in client.get(export.get_absolute_url()).content.decode()
    assert "stays where you put it" in words(client.get(delete))
    assert client.post(delete)["Location"] == export.get_absolute_url()
    export.refresh_from_db()
    assert (export.state, export.archive) == ("deleted", None)
    assert "You have deleted this." in words(client.get(export.get_absolute_url()))
    again = client.post(delete)
    assert (again.status_code, "There is no file here any more." in words(again)) == (409, True)
    assert AuditEntry.objects.filter(event="survey.export_deleted", target_id=survey.pk).count() == 1


def test_what_is_kept_no_longer_says_so_with_409_instead_of_a_file(settings: Settings) -> None:
    survey = closed()
    client = client_of("staff", survey.community)
    client.post(export_page(survey), {"what": "figures"})
    make_waiting_exports()
    export = SurveyExport.objects.get()
    download = reverse("evaluations:download-export", args=["sepsis", survey.pk, export.pk])
    SurveyExport.objects.update(kept_until=NOW)
    refused = client.get(download)
    assert (refused.status_code, "This was kept until 24 November 2026. Make it again." in words(refused)) == (
        409,
        True,
    )
    assert download not in client.get(export.get_absolute_url()).content.decode()


@pytest.mark.parametrize("number", [1, 30])
def test_the_page_costs_the_same_with_1_and_with_30_exports(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    survey = closed()
    user = staff_user()
    client = sign_in(Client(), user)
    client.get(export_page(survey))
    for at in range(number):
        SurveyExport.objects.create(
            survey=survey, mode=survey.mode, what="figures", by=user, asked_at=NOW - timedelta(days=at), state="failed"
        )
    with django_assert_num_queries(QUERIES):
        shown = client.get(export_page(survey))
    assert words(shown).count("Could not be made") == min(number, 20)


QUERIES = 5


@pytest.mark.parametrize("number", [6, 40])
def test_the_page_of_an_archive_costs_the_same_however_many_answered(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    survey = closed(NAMED, number)
    client = client_of("staff", survey.community)
    client.post(export_page(survey), {"what": "rows"})
    make_waiting_exports()
    page = SurveyExport.objects.get().get_absolute_url()
    with django_assert_num_queries(QUERIES_OF_AN_ARCHIVE):
        assert "Download the zip file" in words(client.get(page))


# One of them finds the records that were made one, so that a person counts once.
QUERIES_OF_AN_ARCHIVE = 9


def test_the_worker_finds_what_was_asked_for_when_nobody_woke_it() -> None:
    survey = closed()
    client = client_of("staff", survey.community)
    client.post(export_page(survey), {"what": "figures"})
    with time_machine.travel(NOW + timedelta(hours=3), tick=False):
        assert make_waiting_exports() == 1
