"""A form that a service refuses comes back with its words, its status, and everything that was typed."""

from typing import Any

import pytest
from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.test import Client
from django.urls import path

from cop_portal.design.refusals import add_refusal
from cop_portal.design.views import ServiceFormView
from cop_portal.refusals import Conflict, Refusal
from cop_portal.urls import handler404  # noqa: F401 - a URLconf needs its handlers
from cop_portal.urls import urlpatterns as portal_addresses

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


class SessionClash(Refusal):
    """Two sessions at the same time."""


class MovedOn(Conflict):
    """Someone else was first."""


class SessionForm(forms.Form):
    place = forms.CharField(label="Place")


class PlanSession(ServiceFormView):
    form_class = SessionForm
    heading = "Plan a session"
    submit_label = "Plan it"
    cancel_url = "/sessions/"
    refusal_fields = {SessionClash: "place"}

    def perform(self, form: SessionForm) -> HttpResponse:
        if form.cleaned_data["place"] == "taken":
            raise SessionClash("Another session is there at that time.", code="session_clash")
        if form.cleaned_data["place"] == "gone":
            raise MovedOn("This session has already been cancelled.", code="moved_on")
        if form.cleaned_data["place"] == "odd":
            raise Refusal({"no_such_field": "Something else is missing.", "place": "Not there."})
        return HttpResponseRedirect("/planned/")


urlpatterns = [path("plan/", login_not_required(PlanSession.as_view())), *portal_addresses]


def plan(client: Client, place: str) -> Any:
    return client.post("/plan/", {"place": place})


def test_what_the_service_accepts_leads_on(client: Client) -> None:
    response = plan(client, "Room 1")
    assert (response.status_code, response.headers["Location"]) == (302, "/planned/")


@pytest.mark.parametrize(
    ("place", "status", "errors"),
    [
        ("", 422, {"place": ["This field is required."]}),
        ("taken", 422, {"place": ["Another session is there at that time."]}),
        ("gone", 409, {"__all__": ["This session has already been cancelled."]}),
        ("odd", 422, {"__all__": ["Something else is missing."], "place": ["Not there."]}),
    ],
)
def test_a_refusal_is_shown_where_it_belongs_with_its_status(
    client: Client, place: str, status: int, errors: dict[str, list[str]]
) -> None:
    response = plan(client, place)
    assert response.status_code == status
    assert response.context["form"].errors == errors


def test_the_page_of_a_refusal_says_so_first_and_keeps_what_was_typed(client: Client) -> None:
    page = plan(client, "taken").content.decode()
    assert "<title>Error: Plan a session – Communities of practice</title>" in page
    assert '<a href="#id_place">' in page
    assert page.count("Another session is there at that time.") == 2
    assert 'name="place" type="text" value="taken"' in page


def test_the_form_before_it_is_sent_accuses_nobody(client: Client) -> None:
    page = client.get("/plan/").content.decode()
    assert "<title>Plan a session – Communities of practice</title>" in page
    assert "There is a problem" not in page
    assert '<a href="/sessions/">Cancel</a>' in page
    assert "Plan it" in page


def test_a_form_that_takes_files_is_sent_as_one_that_does() -> None:
    class Import(ServiceFormView):
        form_class = type("ImportForm", (forms.Form,), {"members": forms.FileField()})

    from django.template.loader import render_to_string

    html = render_to_string("layouts/form.html", {"form": Import.form_class(), "heading": "Import"})
    assert 'enctype="multipart/form-data"' in html


def test_a_view_that_performs_nothing_says_so() -> None:
    with pytest.raises(NotImplementedError, match="ServiceFormView must say what it performs"):
        ServiceFormView().perform(SessionForm())


def test_a_refusal_named_for_a_field_that_the_form_lacks_moves_to_the_top() -> None:
    form = SessionForm({"place": "Room 1"})
    assert form.is_valid()
    add_refusal(form, Refusal("No.", code="no"), field="starts_at")
    assert form.errors == {"__all__": ["No."]}


def test_a_refusal_keeps_its_code() -> None:
    form = SessionForm({"place": "Room 1"})
    assert form.is_valid()
    add_refusal(form, SessionClash([ValidationError("No.", code="session_clash")]), field="place")
    assert form.has_error("place", "session_clash")
