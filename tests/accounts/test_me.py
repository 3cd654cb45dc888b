"""/me/: one's own details and tokens."""

import pytest
from django.test import Client

from cop_portal.accounts.models import ApiToken, User
from cop_portal.accounts.services.tokens import make_token
from cop_portal.audit.models import AuditEntry
from cop_portal.installation import clock
from tests.factories.accounts import UserFactory, address_of, sign_in
from tests.factories.communities import PersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


def test_my_details_show_my_name_and_address_and_nobody_elses(client: Client) -> None:
    me, other = UserFactory.create(name="Ada Obi"), UserFactory.create(name="Ben Li")
    page = sign_in(client, me).get("/me/").content.decode()
    assert "Ada Obi" in page
    assert address_of(me) in page
    assert address_of(other) not in page


def test_my_details_show_where_i_work(client: Client) -> None:
    person = PersonFactory.create()
    affiliation = person.affiliations.get()
    page = sign_in(client, person.user).get("/me/").content.decode()
    assert affiliation.organisation is not None
    assert affiliation.organisation.name in page
    assert affiliation.professional_group.name in page


def test_the_page_takes_the_same_queries_with_one_token_and_with_thirty(client: Client) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    me = UserFactory.create()
    sign_in(client, me)
    counts = []
    for tokens in (1, 29):
        for number in range(tokens):
            make_token(user=me, name=f"token {number}", now=clock.now())
        with CaptureQueriesContext(connection) as queries:
            client.get("/me/")
        counts.append(len(queries))
    assert counts == [7, 7]


def test_a_name_is_corrected_and_an_empty_one_refused(client: Client) -> None:
    me = UserFactory.create(name="Old Name")
    sign_in(client, me)
    refused = client.post("/me/name/", {"name": " "})
    assert (refused.status_code, User.objects.get().name) == (422, "Old Name")
    client.post("/me/name/", {"name": "New  Name", "version": "1"})
    assert (User.objects.get().name, User.objects.get().version) == ("New Name", 2)
    assert AuditEntry.objects.get(event="user.renamed").by == me


def test_a_name_changed_meanwhile_is_not_overwritten_unseen(client: Client) -> None:
    me = UserFactory.create(name="Old Name")
    sign_in(client, me)
    client.post("/me/name/", {"name": "Theirs", "version": "1"})
    stale = client.post("/me/name/", {"name": "Mine", "version": "1"})
    page = stale.content.decode()
    assert (stale.status_code, User.objects.get().name) == (409, "Theirs")
    assert "have been changed since you opened this page" in page
    assert 'value="Mine"' in page
    client.post("/me/name/", {"name": "Mine", "version": stale.context["form"]["version"].value()})
    assert User.objects.get().name == "Mine"


def test_a_token_is_shown_once_and_only_its_hash_is_kept(client: Client) -> None:
    me = UserFactory.create()
    sign_in(client, me)
    shown = client.post("/me/tokens/make/", {"name": "Monthly figures"})
    key = shown.context["key"]
    token = ApiToken.objects.get()
    assert key in shown.content.decode()
    assert key not in str(ApiToken.objects.values())
    assert len(token.token_hash) == 64
    assert key not in client.get("/me/").content.decode()
    assert "no-store" in shown["Cache-Control"]


def test_a_token_is_revoked_by_its_owner_and_once(client: Client) -> None:
    me = UserFactory.create()
    token, _ = make_token(user=me, name="script", now=clock.now())
    sign_in(client, me)
    client.post(f"/me/tokens/{token.pk}/revoke/")
    token.refresh_from_db()
    assert token.revoked_at is not None
    again = client.post(f"/me/tokens/{token.pk}/revoke/")
    assert again.status_code == 409
    assert "already been revoked" in again.content.decode()


def test_another_persons_token_is_not_there(client: Client) -> None:
    token, _ = make_token(user=UserFactory.create(), name="script", now=clock.now())
    sign_in(client, UserFactory.create(role="administrator"))
    assert client.post(f"/me/tokens/{token.pk}/revoke/").status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None


@pytest.mark.parametrize(
    "address",
    ["/me/", "/me/name/", "/me/password/set/", "/me/password/change/", "/me/tokens/make/", "/me/second-factor/set-up/"],
)
def test_my_pages_ask_strangers_to_sign_in(client: Client, address: str) -> None:
    response = client.get(address)
    assert (response.status_code, response["Location"]) == (302, f"/sign-in/?next={address}")
