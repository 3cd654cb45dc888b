"""A form that is sent twice is done once; one that was changed in between is shown again and not lost."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse, HttpResponseRedirect
from django.template import engines
from django.test import Client
from django.urls import path

from communities.models import Organisation
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.keeping.models import Submission
from cop_portal.keeping.services.submissions import KEPT_FOR, forget_old
from cop_portal.refusals import Refusal
from cop_portal.urls import handler404  # noqa: F401 - a URLconf needs its handlers
from cop_portal.urls import urlpatterns as portal_addresses
from tests.factories.accounts import UserFactory, sign_in

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db, pytest.mark.embedded]

AGAIN = "This was saved the first time it was sent. Sending it again has changed nothing."


class NotThisOne(Refusal):
    """A rule of the tests."""


class NameForm(forms.Form):
    name = forms.CharField(label="Name")
    letter = forms.FileField(label="Letter", required=False)


class AddOrganisation(ServiceFormView):
    """Its effect is a row, so that doing it twice would show."""

    signed_in = True
    form_class = NameForm
    heading = "Add an organisation"

    def perform(self, form: NameForm) -> HttpResponse:
        name = form.cleaned_data["name"]
        made = Organisation.objects.create(name=f"{name}|{Organisation.objects.count()}")
        if name == "Not this one":
            raise NotThisOne("Not this one.", code="not_this_one")
        if name == "Shown once":
            secret = engines["django"].from_string("The token is 12345.")
            return HttpResponse(secret.render())
        if name == "A preview":
            made.delete()
            return self.render_to_response(self.get_context_data(form=form))
        return HttpResponseRedirect(f"/organisations/{made.pk}/")


urlpatterns = [path("add/", AddOrganisation.as_view()), *portal_addresses]


@pytest.fixture
def member(client: Client) -> Client:
    return sign_in(client, UserFactory.create())


def key_on(page: Any) -> str:
    found = re.search(r'name="idempotency_key" value="([\w-]{22})"', page.content.decode())
    assert found, "the form carries no key"
    return found[1]


def send(client: Client, key: str, name: str = "St Elsewhere", **more: Any) -> Any:
    return client.post("/add/", {"idempotency_key": key, "name": name, **more})


def names() -> list[str]:
    """Of the organisations there are; what stands behind the bar only makes each name one of its kind."""
    return sorted(name.partition("|")[0] for name in Organisation.objects.values_list("name", flat=True))


def test_a_form_sent_twice_is_done_once_and_leads_to_the_same_place(member: Client) -> None:
    key = key_on(member.get("/add/"))
    first, second = send(member, key), send(member, key)
    assert names() == ["St Elsewhere"]
    assert (first.status_code, second.status_code) == (302, 302)
    assert first.url == second.url
    assert AGAIN in member.get("/me/").content.decode()


def test_every_page_of_the_form_carries_a_key_of_its_own(member: Client) -> None:
    assert key_on(member.get("/add/")) != key_on(member.get("/add/"))
    assert send(member, key_on(member.get("/add/"))).url != send(member, key_on(member.get("/add/"))).url
    assert names() == ["St Elsewhere", "St Elsewhere"]


def test_a_form_changed_after_it_was_saved_is_shown_again_with_what_was_typed(member: Client) -> None:
    key = key_on(member.get("/add/"))
    send(member, key)
    changed = send(member, key, name="St Elsewhere’s")
    assert changed.status_code == 422
    page = changed.content.decode()
    assert "This was sent and saved once already, with other content." in page
    assert 'value="St Elsewhere’s"' in page
    assert names() == ["St Elsewhere"]
    send(member, key_on(changed), name="St Elsewhere’s")
    assert names() == ["St Elsewhere", "St Elsewhere’s"]


def test_another_file_under_the_same_name_is_another_content(member: Client) -> None:
    key = key_on(member.get("/add/"))
    answers = [send(member, key, letter=SimpleUploadedFile("a.txt", body)) for body in (b"one", b"one", b"two")]
    assert [answer.status_code for answer in answers] == [302, 302, 422]
    assert names() == ["St Elsewhere"]


def test_what_was_refused_leaves_neither_an_effect_nor_a_used_key(member: Client) -> None:
    key = key_on(member.get("/add/"))
    refused = send(member, key, name="Not this one")
    assert (refused.status_code, names(), Submission.objects.count()) == (422, [], 0)
    assert send(member, key).status_code == 302
    assert names() == ["St Elsewhere"]


def test_a_page_that_shows_a_secret_once_is_not_kept_and_not_made_twice(member: Client) -> None:
    key = key_on(member.get("/add/"))
    assert "12345" in send(member, key, name="Shown once").content.decode()
    again = send(member, key, name="Shown once")
    assert (again.status_code, again.url, names()) == (302, "/add/", ["Shown once"])
    assert b"12345" not in bytes(Submission.objects.get().sealed_answer)


def test_a_preview_is_no_end_of_the_form(member: Client) -> None:
    key = key_on(member.get("/add/"))
    for _ in range(2):
        assert 'value="A preview"' in send(member, key, name="A preview").content.decode()
    assert Submission.objects.count() == 0


def test_one_persons_key_says_nothing_to_another(member: Client) -> None:
    key = key_on(member.get("/add/"))
    send(member, key)
    send(sign_in(Client(), UserFactory.create()), key)
    assert names() == ["St Elsewhere", "St Elsewhere"]


@pytest.mark.parametrize("key", ["", "x" * 101])
def test_a_form_without_a_key_of_ours_is_done_each_time_as_it_always_was(member: Client, key: str) -> None:
    for _ in range(2):
        send(member, key)
    assert names() == ["St Elsewhere", "St Elsewhere"]
    assert Submission.objects.count() == 0


def test_a_key_with_a_nul_in_it_is_nothing_to_worry_about(member: Client) -> None:
    for _ in range(2):
        assert send(member, "a\x00b").status_code == 302
    assert names() == ["St Elsewhere"]


def test_what_is_stored_of_a_submission_names_nobody_and_nothing(member: Client) -> None:
    key = key_on(member.get("/add/"))
    send(member, key)
    stored = " ".join(
        str(bytes(v) if isinstance(v, memoryview) else v) for v in Submission.objects.values().get().values()
    )
    for secret in (key, "St Elsewhere", "/add/", "organisations"):
        assert secret not in stored


def test_submissions_are_forgotten_after_a_week_and_no_sooner(member: Client) -> None:
    send(member, key_on(member.get("/add/")))
    submission = Submission.objects.get()
    assert forget_old(now=submission.at + KEPT_FOR) == 0
    assert forget_old(now=submission.at + KEPT_FOR + timedelta(seconds=1)) == 1
    assert Submission.objects.count() == 0


def test_a_changed_secret_key_forgets_the_answer_but_not_that_it_was_done(member: Client) -> None:
    key = key_on(member.get("/add/"))
    send(member, key)
    Submission.objects.update(sealed_answer=b"sealed under another key")
    again = send(member, key)
    assert (again.status_code, again.url, names()) == (302, "/add/", ["St Elsewhere"])
    assert clock.now() - Submission.objects.get().at < timedelta(minutes=5)
