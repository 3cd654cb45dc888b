"""Platform roles: given and taken by administrators, never the last one's."""

import pytest
from django.test import Client

from cop_portal.accounts.models import User
from cop_portal.accounts.services import roles
from cop_portal.audit.models import AuditEntry
from tests.factories.accounts import UserFactory, address_of, sign_in
from tests.factories.communities import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


@pytest.fixture
def administrator() -> User:
    return UserFactory.create(name="Ada Admin", role="administrator")


def test_a_role_is_given_noted_and_ends_the_sessions_under_the_old_one(administrator: User) -> None:
    user = UserFactory.create()
    given = roles.set_platform_role(user=user, role="staff", by=administrator, now=NOW)
    assert (given.role, given.session_generation) == ("staff", user.session_generation + 1)
    entry = AuditEntry.objects.get()
    assert (entry.event, entry.by, entry.target_id) == ("role.staff_given", administrator, str(user.pk))


def test_the_last_administrator_stays_one(administrator: User) -> None:
    UserFactory.create(role="administrator", is_active=False)
    for role in ("", "staff"):
        with pytest.raises(roles.LastAdministrator):
            roles.set_platform_role(user=administrator, role=role, by=administrator, now=NOW)
    second = UserFactory.create(role="administrator")
    roles.set_platform_role(user=administrator, role="", by=second, now=NOW)
    with pytest.raises(roles.LastAdministrator):
        roles.set_platform_role(user=second, role="", by=second, now=NOW)
    assert User.objects.get(pk=second.pk).role == "administrator"


def test_a_role_goes_to_someone_known_whose_account_is_in_use(administrator: User) -> None:
    with pytest.raises(roles.NobodyOfThatAddress):
        roles.set_platform_role(user=None, role="staff", by=administrator, now=NOW)
    with pytest.raises(roles.AccountNotInUse):
        roles.set_platform_role(user=UserFactory.create(is_active=False), role="staff", by=administrator, now=NOW)
    with pytest.raises(roles.NoSuchRole):
        roles.set_platform_role(user=UserFactory.create(), role="superuser", by=administrator, now=NOW)
    with pytest.raises(roles.RoleAlreadyHeld):
        roles.set_platform_role(user=administrator, role="administrator", by=administrator, now=NOW)
    assert not AuditEntry.objects.exists()


def test_an_administrator_gives_and_takes_a_role_on_the_pages(client: Client, administrator: User) -> None:
    user = UserFactory.create(name="Stef Staff")
    sign_in(client, administrator)
    client.post("/network/roles/give/", {"email": address_of(user).upper(), "role": "staff"})
    assert "Stef Staff" in client.get("/network/roles/").content.decode()
    client.post(f"/network/roles/{user.public_id}/take/")
    user.refresh_from_db()
    assert user.role == ""
    refused = client.post(f"/network/roles/{administrator.public_id}/take/")
    assert refused.status_code == 409
    assert "is the only administrator" in refused.content.decode()


def test_the_form_has_no_default_and_says_what_is_wrong(client: Client, administrator: User) -> None:
    sign_in(client, administrator)
    assert "checked" not in client.get("/network/roles/give/").content.decode()
    for sent in ({"email": "nobody@example.org"}, {"email": "nobody@example.org", "role": "staff"}):
        assert client.post("/network/roles/give/", sent).status_code == 422


@pytest.mark.parametrize("role", ["", "staff"])
@pytest.mark.parametrize("page", ["/network/roles/", "/network/roles/give/"])
def test_nobody_but_administrators_comes_near_roles(client: Client, role: str, page: str) -> None:
    sign_in(client, UserFactory.create(role=role))
    assert client.get(page).status_code == 403
    assert client.post("/network/roles/give/", {"email": "x@example.org", "role": "staff"}).status_code == 403


@pytest.mark.parametrize("number", [1, 30])
def test_the_list_of_roles_costs_the_same_with_1_and_with_30(
    client: Client, administrator: User, number: int, django_assert_num_queries: object
) -> None:
    UserFactory.create_batch(number, role="staff")
    sign_in(client, administrator)
    with django_assert_num_queries(4):  # type: ignore[operator]
        assert client.get("/network/roles/").status_code == 200
