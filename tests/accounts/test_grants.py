"""Who may do what: the table, the backend, the refusal."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db.models import Model

from communities.models import Community, Person, Session
from cop_portal.accounts import grants
from cop_portal.accounts.access import declared, require
from cop_portal.accounts.grants import Role
from cop_portal.accounts.models import User

FIXED = {
    "tests.manage": frozenset({Role.ADMINISTRATOR}),
    "tests.network": frozenset({Role.ADMINISTRATOR, Role.STAFF}),
    "tests.one_answer": frozenset({Role.STAFF, Role.FACILITATOR}),
    "tests.record": frozenset({Role.ADMINISTRATOR, Role.STAFF, Role.FACILITATOR}),
    "tests.see": frozenset(Role),
}
HERE, ELSEWHERE = Community(pk=1), Community(pk=2)


@pytest.fixture(autouse=True)
def tables() -> Iterator[None]:
    """A table of our own, in which user 7 facilitates community 1 and is a member of community 2."""
    saved, saved_roles = dict(grants._table), list(grants._community_roles)
    grants.register(FIXED, sentences={"tests.manage": "Ask an administrator."})
    grants.register_community_roles(lambda user: {1: {Role.FACILITATOR}, 2: {Role.MEMBER}} if user.pk == 7 else {})
    yield
    grants._table.clear()
    grants._table.update(saved)
    grants._community_roles[:] = saved_roles


@pytest.mark.parametrize("permission", sorted(FIXED))
@pytest.mark.parametrize("role", ["", "staff", "administrator"])
def test_platform_roles_hold_everywhere_what_the_table_grants_them_and_no_more(role: str, permission: str) -> None:
    user = User(pk=1, role=role)
    expected = role in FIXED[permission]
    assert [user.has_perm(permission, obj) for obj in (None, HERE, ELSEWHERE)] == [expected] * 3


@pytest.mark.parametrize(
    ("permission", "here", "elsewhere"),
    [
        ("tests.manage", False, False),
        ("tests.network", False, False),
        ("tests.one_answer", True, False),
        ("tests.record", True, False),
        ("tests.see", True, True),
    ],
)
def test_roles_in_a_community_hold_there_only(permission: str, here: bool, elsewhere: bool) -> None:
    user = User(pk=7)
    assert (user.has_perm(permission, HERE), user.has_perm(permission, ELSEWHERE)) == (here, elsewhere)
    assert not user.has_perm(permission), "without a community, a role in one counts for nothing"


@pytest.mark.parametrize("obj", [Session(pk=2, community_id=1)])
def test_something_in_a_community_counts_as_the_community(obj: Model) -> None:
    assert User(pk=7).has_perm("tests.record", obj)


def test_a_thing_in_no_community_is_a_mistake_and_not_a_community_of_that_number() -> None:
    with pytest.raises(TypeError):
        User(pk=7).has_perm("tests.record", Person(pk=1))


def test_roles_in_communities_are_asked_for_once() -> None:
    asked: list[int] = []

    def roles_of(user: User) -> dict[int, set[Role]]:
        asked.append(user.pk)
        return {}

    grants.register_community_roles(roles_of)
    user = User(pk=7)
    for _ in range(3):
        user.has_perm("tests.record", HERE)
    assert asked == [7]


def test_someone_whose_account_is_not_in_use_may_nothing() -> None:
    user = User(pk=7, role="administrator", is_active=False)
    assert not any(user.has_perm(permission, HERE) for permission in FIXED)
    assert not any(AnonymousUser().has_perm(permission) for permission in FIXED)


def test_a_permission_no_table_names_is_a_mistake_in_tests_and_refused_in_earnest(settings) -> None:  # type: ignore[no-untyped-def]
    user = User(pk=1, role="administrator")
    with pytest.raises(grants.UnknownPermissionError):
        user.has_perm("tests.no_such_thing")
    settings.IS_TEST = False
    assert not user.has_perm("tests.no_such_thing")


def test_two_tables_cannot_disagree() -> None:
    with pytest.raises(ImproperlyConfigured):
        grants.register({"tests.manage": frozenset(Role)})


@pytest.mark.parametrize(
    ("permission", "sentence"),
    [
        ("tests.manage", "Ask an administrator."),
        ("tests.network", "Only HIN staff and administrators can do this."),
        ("tests.record", "Only this community’s facilitators, HIN staff and administrators can do this."),
    ],
)
def test_a_refusal_says_who_may(permission: str, sentence: str) -> None:
    with pytest.raises(PermissionDenied, match=sentence):
        require(User(pk=1), permission, HERE)


@pytest.mark.parametrize(
    ("permission", "expected"),
    [
        ("accounts.view_user", True),
        ("accounts.change_user", False),
        ("accounts.add_user", False),
        ("accounts.delete_user", False),
        ("audit.delete_auditentry", False),
    ],
)
def test_administrators_look_at_everything_in_the_admin_and_change_nothing(permission: str, expected: bool) -> None:
    assert User(pk=1, role="administrator").has_perm(permission) is expected
    assert not User(pk=1, role="staff").has_perm(permission)


def test_administrators_change_reference_data_that_an_app_has_named() -> None:
    saved = set(grants._reference_data)
    grants.register_reference_data(Person)
    try:
        assert User(pk=1, role="administrator").has_perm("communities.change_person")
        assert not User(pk=1, role="staff").has_perm("communities.change_person")
    finally:
        grants._reference_data.clear()
        grants._reference_data.update(saved)


def test_a_function_declares_what_it_needs_and_is_guarded(rf) -> None:  # type: ignore[no-untyped-def]
    view = declared(permission="tests.network")(lambda request: request)
    request = rf.get("/")
    request.user = User(pk=1)
    with pytest.raises(PermissionDenied):
        view(request)
    request.user = User(pk=1, role="staff")
    assert view(request) is request
