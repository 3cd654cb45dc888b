"""What every API view shares: signing in, refusals as problems, pages of lists, throttles."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.test import Client, override_settings
from django.urls import include, path
from django.utils import timezone
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cop_portal.accounts.models import SignIn
from cop_portal.accounts.services.tokens import make_token, revoke_token
from cop_portal.api.throttling import UserThrottle
from cop_portal.installation import clock
from cop_portal.refusals import Conflict, Refusal
from tests.factories.accounts import UserFactory, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.embedded, pytest.mark.urls(__name__)]


class NoteSerializer(serializers.Serializer[Any]):
    class LineSerializer(serializers.Serializer[Any]):
        due_on = serializers.DateField()

    text = serializers.CharField()
    lines = LineSerializer(many=True, required=False)


class TooEarly(Refusal):
    """A rule of the tests."""


class SomeoneElse(Conflict):
    """Another."""


RAISED = {
    "refusal": TooEarly("That is too early.", code="too_early"),
    "conflict": SomeoneElse("Someone was here before you.", code="someone_else"),
    "field": TooEarly({"starts_at": ValidationError("Choose a later time.", code="too_early")}),
    "denied": PermissionDenied("Only facilitators can do this."),
    "missing": Http404("No Community matches the given query."),
    "bug": ZeroDivisionError("secret detail"),
}


class Notes(APIView):
    signed_in = True

    def get(self, request: Request) -> Response:
        return Response({"name": str(request.user)})

    def post(self, request: Request) -> Response:
        given = NoteSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(given.data, status=201)


class Raising(APIView):
    signed_in = True

    def post(self, request: Request, what: str) -> Response:
        raise RAISED[what]


class Silent(APIView):
    def get(self, request: Request) -> Response:
        return Response({})


class SignInSerializer(serializers.ModelSerializer[SignIn]):
    class Meta:
        model = SignIn
        fields = ("id", "at")


class SignIns(generics.ListAPIView[SignIn]):
    signed_in = True
    ordering = ("-at",)
    serializer_class = SignInSerializer
    queryset = SignIn.objects.all()


urlpatterns = [
    path("api/v1/notes/", Notes.as_view()),
    path("api/v1/raising/<str:what>/", Raising.as_view()),
    path("api/v1/silent/", Silent.as_view()),
    path("api/v1/sign-ins/", SignIns.as_view()),
    path("", include("cop_portal.urls")),
]


@pytest.fixture
def member(client: Client) -> Client:
    return sign_in(client, UserFactory.create(name="Ada Obi"))


def problem(response: Any) -> dict[str, Any]:
    """The problem in an answer, which must be one."""
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(response.content)
    assert set(body) - {"errors"} == {"type", "title", "status", "detail", "code"}
    assert body["status"] == response.status_code
    return body


def test_nobody_gets_in_without_signing_in(client: Client) -> None:
    response = client.get("/api/v1/notes/")
    assert (response.status_code, problem(response)["code"]) == (401, "not_signed_in")
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'


def test_a_view_that_declares_nothing_lets_nobody_in(client: Client) -> None:
    sign_in(client, UserFactory.create(role="administrator"))
    assert problem(client.get("/api/v1/silent/"))["status"] == 403


def test_a_session_reads_and_a_token_reads(member: Client) -> None:
    _, key = make_token(user=UserFactory.create(name="Ben Li"), name="script", now=clock.now())
    assert member.get("/api/v1/notes/").json() == {"name": "Ada Obi"}
    assert Client().get("/api/v1/notes/", headers={"Authorization": f"Bearer {key}"}).json() == {"name": "Ben Li"}


@pytest.mark.parametrize("why", ["revoked", "ended", "mistyped", "owner not in use"])
def test_a_token_that_does_not_hold_is_a_401_with_a_sentence(why: str) -> None:
    user = UserFactory.create()
    token, key = make_token(user=user, name="script", now=clock.now())
    if why == "revoked":
        revoke_token(token=token, by=user, now=clock.now())
    if why == "owner not in use":
        user.is_active = False
        user.save()
    key = key[:-1] if why == "mistyped" else key
    later = timezone.now() + (timedelta(days=366) if why == "ended" else timedelta())
    with time_machine.travel(later, tick=False):
        response = Client().get("/api/v1/notes/", headers={"Authorization": f"Bearer {key}"})
    assert (response.status_code, problem(response)["code"]) == (401, "token_not_known")
    assert "Make a new one on your details page" in problem(response)["detail"]


def test_a_write_with_a_session_needs_the_csrf_token_and_one_with_a_token_does_not() -> None:
    user = UserFactory.create()
    browser = sign_in(Client(enforce_csrf_checks=True), user)
    refused = browser.post("/api/v1/notes/", {"text": "x"}, content_type="application/json")
    assert (refused.status_code, problem(refused)["code"]) == (403, "csrf_failed")
    _, key = make_token(user=user, name="script", now=clock.now())
    script = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {key}"})
    assert script.post("/api/v1/notes/", {"text": "x"}, content_type="application/json").status_code == 201


def test_a_body_that_is_not_json_is_a_400_with_a_sentence(member: Client) -> None:
    response = member.post("/api/v1/notes/", "{not json", content_type="application/json")
    assert problem(response) == {
        "type": "/api/v1/docs/#problem-malformed",
        "title": "The request is not well formed",
        "status": 400,
        "detail": "The body of this request is not JSON.",
        "code": "not_json",
    }


def test_fields_at_fault_are_listed_by_name_also_inside_lists(member: Client) -> None:
    body = {"text": "", "lines": [{"due_on": "2026-11-24"}, {"due_on": "soon"}]}
    response = member.post("/api/v1/notes/", body, content_type="application/json")
    assert response.status_code == 400
    assert [(error["field"], error["code"]) for error in problem(response)["errors"]] == [
        ("text", "blank"),
        ("lines.1.due_on", "invalid"),
    ]


def test_a_body_of_the_wrong_kind_altogether_is_malformed_and_no_error(member: Client) -> None:
    for body in ("[]", "3", '"text"', "null"):
        response = member.post("/api/v1/notes/", body, content_type="application/json")
        assert problem(response)["status"] == 400


@pytest.mark.parametrize(
    ("what", "status", "code", "detail"),
    [
        ("refusal", 422, "too_early", "That is too early."),
        ("conflict", 409, "someone_else", "Someone was here before you."),
        ("field", 422, "too_early", "Choose a later time."),
        ("denied", 403, "permission_denied", "Only facilitators can do this."),
        ("missing", 404, "not_found", "Nothing was found at this address, or you may not see it."),
    ],
)
def test_a_refusal_keeps_its_words_and_its_status(
    member: Client, what: str, status: int, code: str, detail: str
) -> None:
    found = problem(member.post(f"/api/v1/raising/{what}/"))
    assert (found["status"], found["code"], found["detail"]) == (status, code, detail)


def test_a_refusal_about_a_field_names_it(member: Client) -> None:
    found = problem(member.post("/api/v1/raising/field/"))
    assert found["errors"] == [{"field": "starts_at", "detail": "Choose a later time.", "code": "too_early"}]


def test_an_error_of_ours_is_a_problem_that_gives_nothing_away(client: Client) -> None:
    client.raise_request_exception = False
    sign_in(client, UserFactory.create())
    response = client.post("/api/v1/raising/bug/")
    assert problem(response)["status"] == 500
    assert "secret" not in response.content.decode()


def test_methods_types_and_addresses_that_do_not_exist_are_problems(member: Client) -> None:
    statuses = [
        problem(response)["status"]
        for response in (
            member.delete("/api/v1/notes/"),
            member.get("/api/v1/notes/", headers={"Accept": "text/html"}),
            member.post("/api/v1/notes/", "text=x", content_type="application/x-www-form-urlencoded"),
            member.get("/api/v1/no-such-thing/"),
            member.post("/api/v1/no-such-thing/"),
        )
    ]
    assert statuses == [405, 406, 415, 404, 404]


def test_a_list_comes_fifty_at_a_time_and_no_row_is_lost_or_doubled_when_times_are_equal(member: Client) -> None:
    user, now = UserFactory.create(), timezone.now()
    SignIn.objects.bulk_create(SignIn(user=user, at=now, how="code") for _ in range(120))
    seen, sizes, address = [], [], "/api/v1/sign-ins/"
    while address:
        page = member.get(address).json()
        seen += [row["id"] for row in page["results"]]
        sizes.append(len(page["results"]))
        address = page["next"]
    assert sizes == [50, 50, 20]
    assert seen == sorted(SignIn.objects.values_list("pk", flat=True))


def test_a_cursor_that_was_tampered_with_is_refused(member: Client) -> None:
    response = member.get("/api/v1/sign-ins/?cursor=nonsense")
    assert "Start again without" in problem(response)["detail"]


def test_too_many_requests_are_a_429_that_says_when_to_come_back(member: Client) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(UserThrottle, "THROTTLE_RATES", {"user": "2/min"})
        answers = [member.get("/api/v1/notes/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert problem(answers[2])["code"] == "throttled"
    assert 0 < int(answers[2]["Retry-After"]) <= 61


@override_settings(DEBUG=False)
def test_problem_addresses_lead_to_the_reference(client: Client) -> None:
    address, _, anchor = problem(client.get("/api/v1/notes/"))["type"].partition("#")
    assert f'id="{anchor}"' in client.get(address).content.decode()
