"""Who comes to the pages about a community's own life and about joining it: every page, every role, both methods."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from communities.models import (
    Community,
    CommunityChange,
    JoinLink,
    JoinRequest,
    MemberInvitation,
    Membership,
    Pause,
    RoleTerm,
)
from communities.services.joining.invitations import invite_members
from communities.services.joining.join_links import make_join_link
from communities.services.joining.join_requests import ask_to_join
from cop_portal.accounts.models import User
from tests.factories.accounts import sign_in
from tests.factories.communities import NOW, TODAY, PersonFactory, RoleTermFactory, SessionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

PLATFORM = ["administrator", "staff"]
RUNS_IT = [*PLATFORM, "facilitator"]
IN_IT = [*RUNS_IT, "member"]
ROLES = [*IN_IT, "sponsor", "stranger", "anonymous"]

# Page, by name; who gets it; and who of the others is told "not you" (403) and not "nothing here" (404): a sponsor may
# not know that there is a term, and nobody but those who run it that there is an invitation or a request.
PAGES: dict[str, list[str]] = {
    "edit-community": RUNS_IT,
    "pause-community": PLATFORM,
    "look-again-later": PLATFORM,
    "resume-community": PLATFORM,
    "close-community": PLATFORM,
    "reopen-community": PLATFORM,
    "community-history": IN_IT,
    "role-list": IN_IT,
    "appoint": RUNS_IT,
    "end-term": RUNS_IT,
    "invitation-list": RUNS_IT,
    "invite-members": RUNS_IT,
    "withdraw-invitation": RUNS_IT,
    "send-invitation-again": RUNS_IT,
    "join-requests": RUNS_IT,
    "decide-request": RUNS_IT,
    "join-link": RUNS_IT,
    "join-link-code": RUNS_IT,
    "stop-join-link": RUNS_IT,
}
HIDDEN = {
    "end-term": ["sponsor"],
    "withdraw-invitation": ["member", "sponsor"],
    "send-invitation-again": ["member", "sponsor"],
    "decide-request": ["member", "sponsor"],
}
FORMS = [name for name in PAGES if name not in ("community-history", "role-list", "join-link-code")]
FORMS = [name for name in FORMS if not name.endswith("-list") and name != "join-requests"]


@pytest.fixture
def subjects(community: Community, people: dict[str, User]) -> dict[str, int]:
    by = people["staff"]
    session = SessionFactory.create(community=community, starts_at=NOW - timedelta(minutes=30))
    make_join_link(session=session, by=by, now=NOW)
    request = ask_to_join(community=community, by=PersonFactory.create().user, now=NOW)
    (invitation,) = invite_members(community=community, emails=["amara@example.org"], by=by, now=NOW)
    term = RoleTermFactory.create(community=community, role="sponsor")
    return {
        **dict.fromkeys(("join-link", "join-link-code", "stop-join-link"), session.pk),
        **dict.fromkeys(("withdraw-invitation", "send-invitation-again"), invitation.pk),
        "decide-request": request.pk,
        "end-term": term.pk,
    }


def expected(role: str, name: str) -> int:
    if role == "anonymous":
        return 302
    if role == "stranger" or role in HIDDEN.get(name, []):
        return 404
    return 200 if role in PAGES[name] else 403


def address(name: str, community: Community, subjects: dict[str, int]) -> str:
    more = [subjects[name]] if name in subjects else []
    return reverse(f"communities:{name}", args=[community.slug, *more])


def state() -> Any:
    models = (Community, CommunityChange, Pause, RoleTerm, MemberInvitation, JoinRequest, JoinLink, Membership)
    return [sorted(map(str, model.objects.values_list())) for model in models]


@pytest.mark.parametrize("role", ROLES)
def test_pages_open_to_those_whom_the_table_names(
    client: Client, community: Community, people: dict[str, User], subjects: dict[str, int], role: str
) -> None:
    if role != "anonymous":
        sign_in(client, people[role])
    found = {name: client.get(address(name, community, subjects)).status_code for name in PAGES}
    assert found == {name: expected(role, name) for name in PAGES}
    new = client.get(reverse("communities:create-community")).status_code
    assert new == (302 if role == "anonymous" else 200 if role in PLATFORM else 403)
    listed = client.get(reverse("communities:open-communities")).status_code
    assert listed == (302 if role == "anonymous" else 200)


@pytest.mark.parametrize("role", ["member", "sponsor", "stranger", "anonymous"])
def test_a_form_sent_by_someone_whom_the_table_does_not_name_changes_nothing(
    client: Client, community: Community, people: dict[str, User], subjects: dict[str, int], role: str
) -> None:
    valid = {
        "name": "Taken over", "rhythm": "none", "version": "1", "because": "Why", "closing_note": "Done.",
        "look_again_on": str(TODAY + timedelta(days=9)), "role": "facilitator", "starts_on": str(TODAY),
        "ends_on": str(TODAY), "email": "x@example.org", "addresses": "x@example.org", "answer": "yes",
    }  # fmt: skip
    if role != "anonymous":
        sign_in(client, people[role])
    before = state()
    found = {name: client.post(address(name, community, subjects), valid).status_code for name in FORMS}
    assert found == {name: expected(role, name) for name in FORMS}
    refused = client.post(reverse("communities:create-community"), valid).status_code
    assert refused == (302 if role == "anonymous" else 403)
    assert state() == before
