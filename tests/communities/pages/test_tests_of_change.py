"""The pages of tests of change: a line is enough, a run chart shows what moved, a lineage where it went."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from communities.models import Adoption, Community, TestOfChange
from cop_portal.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.communities import TODAY, CommunityFactory, OrganisationFactory
from tests.factories.doing import AdoptionFactory, ChangeFactory, MeasureFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]
DAY = timedelta(days=1)


def page(name: str, test: TestOfChange, *more: int) -> str:
    return reverse(f"communities:{name}", args=[test.community.slug, test.pk, *more])


def log(community: Community, after: TestOfChange | None = None) -> str:
    address = reverse("communities:log-test-of-change", args=[community.slug])
    return f"{address}?after={after.pk}" if after else address


@pytest.fixture
def change(community: Community, people: dict[str, User]) -> TestOfChange:
    return ChangeFactory.create(
        community=community, title="A nine-box form", by=people["member"], measure="Median time", unit="minutes",
        aim_value=Decimal(3), better="lower",
    )  # fmt: skip


def test_a_member_logs_one_line_and_an_outcome(client: Client, community: Community, people: dict[str, User]) -> None:
    sign_in(client, people["member"])
    assert client.get(log(community)).context["form"]["outcome"].value() is None
    typed = {"title": "A sticker on the chart", "outcome": "abandoned", "started_on": "2026-11-01"}
    response = client.post(log(community), typed, follow=True)
    test = TestOfChange.objects.get()
    assert (test.title, test.outcome, test.ended_on, test.by) == (
        "A sticker on the chart",
        "abandoned",
        TODAY,
        people["member"],
    )
    assert "Abandoned, 24 November 2026" in " ".join(response.content.decode().split())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": ""}, "Answer “What do you try, or have you tried?”"),
        ({"outcome": ""}, "Answer “What became of it?”"),
        ({"outcome": "adopted", "ended_on": "2026-10-31"}, "has an outcome on that day or later"),
        ({"aim_value": "NaN"}, "The aim as a number must be a number"),
        ({"aim_value": "1e30"}, "The aim as a number"),
        ({"started_on": "30 02 2026"}, "must be a real date"),
    ],
)
def test_a_test_that_makes_no_sense_comes_back_as_it_was_typed(
    signed_in: Client, community: Community, changes: dict[str, str], words: str
) -> None:
    typed = {"title": "A sticker", "outcome": "running", "started_on": "2026-11-01", "scale": "One ward", **changes}
    response = signed_in.post(log(community), typed)
    html = response.content.decode()
    assert response.status_code == 422
    assert words in html
    assert "One ward" in html
    # What was filled in stands open, so that it is seen.
    assert re.search(r'<details class="nhsuk-details" open>', html)
    assert not TestOfChange.objects.exists()


def test_the_next_cycle_begins_from_the_aim_of_the_one_before(
    signed_in: Client, community: Community, change: TestOfChange
) -> None:
    form = signed_in.get(log(community, after=change)).context["form"]
    assert (form.initial["title"], form.initial["aim_value"], form.initial["started_on"]) == (
        "A nine-box form",
        Decimal(3),
        TODAY,
    )
    signed_in.post(log(community, after=change), {"title": "Two wards", "outcome": "running", "started_on": TODAY})
    second = TestOfChange.objects.get(title="Two wards")
    assert second.cycle_before == change
    assert "Two wards" in signed_in.get(page("test-of-change", change)).content.decode()
    assert "A nine-box form" in signed_in.get(page("test-of-change", second)).content.decode()


@pytest.mark.parametrize("after", ["0", "x", "99999999999999999999999", "²"])
def test_the_next_cycle_of_nothing_is_not_found(signed_in: Client, community: Community, after: str) -> None:
    address = reverse("communities:log-test-of-change", args=[community.slug])
    assert signed_in.get(address, {"after": after}).status_code == 404


def test_the_next_cycle_of_anothers_test_is_not_found(signed_in: Client, community: Community) -> None:
    assert signed_in.get(log(community, after=ChangeFactory.create())).status_code == 404


def test_a_member_changes_what_they_logged_and_nothing_else(
    client: Client, community: Community, change: TestOfChange, people: dict[str, User]
) -> None:
    other = ChangeFactory.create(community=community, by=people["facilitator"])
    sign_in(client, people["member"])
    typed = {"title": "A form", "outcome": "adopted", "started_on": "2026-10-25", "version": "1"}
    assert client.post(page("edit-test-of-change", change), typed).status_code == 302
    for name in ("edit-test-of-change", "note-measures", "note-adoption"):
        refused = client.post(page(name, other), typed)
        assert refused.status_code == 403
        assert "You can change the tests of change that you logged yourself." in refused.content.decode()
    change.refresh_from_db()
    other.refresh_from_db()
    assert (change.title, change.outcome, other.version) == ("A form", "adopted", 1)
    stale = client.post(page("edit-test-of-change", change), {**typed, "title": "Mine"})
    assert (stale.status_code, "Mine" in stale.content.decode()) == (409, True)


def measure_rows(*rows: tuple[str, str]) -> dict[str, str]:
    typed = {"measure-TOTAL_FORMS": "5", "measure-INITIAL_FORMS": "0"}
    for number, (on, value) in enumerate(rows):
        typed |= {f"measure-{number}-on": on, f"measure-{number}-value": value}
    return typed


def test_what_was_measured_is_added_drawn_and_removed(signed_in: Client, change: TestOfChange) -> None:
    rows = measure_rows(("2026-10-20", "11"), ("2026-11-10", "3.5"))
    assert signed_in.post(page("note-measures", change), rows).status_code == 302
    html = " ".join(signed_in.get(page("test-of-change", change)).content.decode().split())
    assert html.count("<circle") == 2
    assert "11 minutes" in html
    assert "3.5 minutes" in html
    assert "(before the change)" in html
    assert "There is no median yet: it needs 8 values." in html
    wrong = change.measures.get(value=11)
    remove = page("remove-measure", change, wrong.pk)
    assert "20 October 2026: 11 minutes" in signed_in.get(remove).content.decode()
    assert change.measures.count() == 2
    signed_in.post(remove)
    assert list(change.measures.values_list("value", flat=True)) == [Decimal("3.5")]


@pytest.mark.parametrize(
    ("rows", "status", "words"),
    [
        ([], 422, "Enter a day and what was measured on it."),
        ([("2026-11-20", "")], 422, "Value 1: enter what was measured"),
        ([("", "3")], 422, "Value 1: enter the day"),
        ([("2026-11-25", "3")], 422, "25 November 2026 has not come yet."),
        ([("2026-11-20", "3"), ("2026-11-20", "4")], 409, "There are two values for 20 November 2026."),
        ([("2026-11-20", "lots")], 422, "must be a number"),
        ([("2026-11-20", "Infinity")], 422, "must be a number"),
    ],
)
def test_values_that_make_no_sense_are_not_added(
    signed_in: Client, change: TestOfChange, rows: list[tuple[str, str]], status: int, words: str
) -> None:
    response = signed_in.post(page("note-measures", change), measure_rows(*rows))
    assert (response.status_code, words in response.content.decode()) == (status, True)
    assert not change.measures.exists()


def test_eight_values_before_and_six_after_show_a_median_and_a_shift(signed_in: Client, change: TestOfChange) -> None:
    for number in range(8):
        MeasureFactory.create(test=change, on=change.started_on - (number + 1) * DAY, value=Decimal(11))
    for number in range(6):
        MeasureFactory.create(test=change, on=change.started_on + number * DAY, value=Decimal(4))
    html = " ".join(signed_in.get(page("test-of-change", change)).content.decode().split())
    assert "The median is that of the 8 values from before the change began. Lower is better." in html
    assert "6 values in a row lie below the median." in html
    assert "Median: 11 minutes" in html
    assert "Aim: 3 minutes" in html


def test_where_it_was_adopted_stands_as_a_tree(signed_in: Client, change: TestOfChange) -> None:
    trust = OrganisationFactory.create(name="Riverside Trust")
    first = {"organisation": trust.pk, "adopted_on": "2026-11-01", "note": "All wards"}
    assert signed_in.post(page("note-adoption", change), first).status_code == 302
    there = Adoption.objects.get()
    second = {"place": "Ward 3", "adopted_on": "2026-11-20", "came_from": there.pk}
    signed_in.post(page("note-adoption", change), second)
    html = " ".join(signed_in.get(page("test-of-change", change)).content.decode().split())
    inner = re.search(r"Riverside Trust, 1 November 2026: All wards.*?<ul class=\"app-lineage\">(.*?)</ul>", html)
    assert inner is not None
    assert "Ward 3, 20 November 2026" in inner[1]
    listed = signed_in.get(reverse("communities:test-of-change-list", args=[change.community.slug]))
    assert "In 2 places" in listed.content.decode()
    refused = signed_in.post(page("remove-adoption", change, there.pk), follow=True)
    assert refused.status_code == 409
    signed_in.post(page("remove-adoption", change, Adoption.objects.get(place="Ward 3").pk))
    signed_in.post(page("remove-adoption", change, there.pk))
    assert not Adoption.objects.exists()


def test_a_member_names_no_community_that_they_do_not_see(
    client: Client, change: TestOfChange, people: dict[str, User]
) -> None:
    hidden = CommunityFactory.create(name="Hidden from members")
    sign_in(client, people["member"])
    assert "Hidden from members" not in client.get(page("note-adoption", change)).content.decode()
    typed = {"community": hidden.pk, "adopted_on": "2026-11-20"}
    assert client.post(page("note-adoption", change), typed).status_code == 422
    assert not Adoption.objects.exists()


def test_measures_and_adoptions_of_another_test_are_not_found(signed_in: Client, change: TestOfChange) -> None:
    measure, adoption = MeasureFactory.create(), AdoptionFactory.create()
    assert signed_in.post(page("remove-measure", change, measure.pk)).status_code == 404
    assert signed_in.post(page("remove-adoption", change, adoption.pk)).status_code == 404


def test_a_sponsor_reads_it_without_a_name_and_changes_nothing(
    client: Client, change: TestOfChange, people: dict[str, User]
) -> None:
    sign_in(client, people["sponsor"])
    html = client.get(page("test-of-change", change)).content.decode()
    assert "A nine-box form" in html
    assert "Mina Member" not in html
    assert "Log the next cycle" not in html
    assert client.get(log(change.community)).status_code == 403


@pytest.mark.parametrize("number", [1, 30])
def test_one_test_takes_the_same_queries_however_much_there_is_of_it(
    signed_in: Client, change: TestOfChange, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    for count in range(number):
        MeasureFactory.create(test=change, on=TODAY - count * DAY)
        AdoptionFactory.create(test=change)
        ChangeFactory.create(community=change.community, cycle_before=change)
    with django_assert_num_queries(9):
        signed_in.get(page("test-of-change", change))
