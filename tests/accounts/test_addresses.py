"""Mail addresses of one's own: proven before they count, moved to, removed."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.test import Client

from cop_portal.accounts.models import AddressClaim, User
from cop_portal.accounts.services import addresses
from cop_portal.accounts.services.users import find_user
from cop_portal.audit.models import AuditEntry
from cop_portal.outbox.kinds import kind_named
from cop_portal.outbox.models import OutboxMessage
from tests.factories.accounts import UserFactory, address_of, sign_in
from tests.factories.communities import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

NEW = "ada@new.example.org"


@pytest.fixture
def me() -> User:
    return UserFactory.create(name="Ada Obi", email="ada@old.example.org")


def mailed_code(address: str = NEW) -> str:
    row = OutboxMessage.objects.filter(recipient=address, kind="accounts.address_code").latest("due_at")
    text = kind_named(row.kind).render(row.params, row.recipient).text
    return next(line.strip() for line in text.splitlines() if line.startswith("    "))


def own(user: User) -> dict[str, bool]:
    return dict(EmailAddress.objects.filter(user=user).values_list("email", "primary"))


def add(user: User, email: str = NEW) -> EmailAddress:
    claim = addresses.claim_address(user=user, email=email, now=NOW)
    added = addresses.confirm_address(claim=claim, code=mailed_code(email), by=user, now=NOW)
    assert added is not None
    return added


def test_an_address_counts_only_once_the_code_mailed_to_it_has_been_typed(me: User) -> None:
    claim = addresses.claim_address(user=me, email=" Ada@New.Example.org ", now=NOW)
    assert own(me) == {"ada@old.example.org": True}
    assert find_user(NEW) is None
    code = mailed_code().lower().replace("-", " ")
    address = addresses.confirm_address(claim=claim, code=code, by=me, now=NOW)
    assert own(me) == {"ada@old.example.org": True, NEW: False}
    assert address is not None
    assert address.verified
    assert find_user(NEW) == me
    assert list(AuditEntry.objects.order_by("pk").values_list("event", flat=True)) == [
        "address.claimed",
        "address.added",
    ]


def test_the_code_is_at_rest_nowhere(me: User) -> None:
    addresses.claim_address(user=me, email=NEW, now=NOW)
    at_rest = str([*AddressClaim.objects.values(), *OutboxMessage.objects.values()])
    assert mailed_code() not in at_rest
    assert mailed_code().replace("-", "") not in at_rest


def test_five_wrong_codes_and_the_right_one_no_longer_counts(me: User) -> None:
    claim = addresses.claim_address(user=me, email=NEW, now=NOW)
    for _ in range(5):
        assert addresses.confirm_address(claim=claim, code="BBBB-BBBB", by=me, now=NOW) is None
    with pytest.raises(addresses.NothingToConfirm):
        addresses.confirm_address(claim=claim, code=mailed_code(), by=me, now=NOW)
    assert own(me) == {"ada@old.example.org": True}


def test_a_code_works_for_ten_minutes_once_and_for_its_owner(me: User) -> None:
    claim = addresses.claim_address(user=me, email=NEW, now=NOW)
    code = mailed_code()
    late = NOW + timedelta(minutes=10)
    with pytest.raises(addresses.NothingToConfirm):
        addresses.confirm_address(claim=claim, code=code, by=me, now=late)
    with pytest.raises(addresses.NothingToConfirm):
        addresses.confirm_address(claim=claim, code=code, by=UserFactory.create(), now=NOW)
    addresses.confirm_address(claim=claim, code=code, by=me, now=NOW)
    with pytest.raises(addresses.NothingToConfirm):
        addresses.confirm_address(claim=claim, code=code, by=me, now=NOW)


def test_whether_someone_else_has_an_address_is_told_to_its_owner_only(me: User) -> None:
    other = UserFactory.create(name="Ada Obi again", email=NEW)
    claim = addresses.claim_address(user=me, email=NEW, now=NOW)
    with pytest.raises(addresses.AddressOfAnotherRecord, match="another record"):
        addresses.confirm_address(claim=claim, code=mailed_code(), by=me, now=NOW)
    assert own(me) == {"ada@old.example.org": True}
    assert find_user(NEW) == other


def test_nobodys_mailbox_is_filled_with_codes(me: User) -> None:
    for number in range(5):
        addresses.claim_address(user=me, email=f"a{number}@example.org", now=NOW)
    with pytest.raises(addresses.TooManyCodes):
        addresses.claim_address(user=me, email="a6@example.org", now=NOW)
    addresses.claim_address(user=me, email="a6@example.org", now=NOW + timedelta(hours=1))
    assert OutboxMessage.objects.count() == 6


def test_addresses_that_nobody_proved_are_forgotten_after_a_day(me: User) -> None:
    addresses.claim_address(user=me, email=NEW, now=NOW)
    assert addresses.forget_claims(now=NOW + timedelta(hours=23)) == 0
    assert addresses.forget_claims(now=NOW + timedelta(hours=25)) == 1


def test_ones_own_address_is_not_added_twice_and_five_are_enough(me: User) -> None:
    with pytest.raises(addresses.AddressAlreadyYours):
        addresses.claim_address(user=me, email="ADA@old.example.org", now=NOW)
    for number in range(4):
        EmailAddress.objects.create(user=me, email=f"more{number}@example.org", verified=True)
    with pytest.raises(addresses.TooManyAddresses):
        addresses.claim_address(user=me, email=NEW, now=NOW)


def test_mail_moves_to_the_new_address_and_the_old_one_is_told_without_learning_which(me: User) -> None:
    before = address_of(me)
    new = add(me)
    addresses.make_primary(address=new, by=me, now=NOW)
    assert own(me) == {before: False, NEW: True}
    told = OutboxMessage.objects.get(kind="accounts.primary_moved")
    text = kind_named(told.kind).render(told.params, told.recipient).text
    assert told.recipient == before
    assert "no longer to this one" in text
    assert NEW not in text


def test_an_address_that_was_never_proven_cannot_become_primary(me: User) -> None:
    unproven = EmailAddress.objects.create(user=me, email=NEW, verified=False)
    with pytest.raises(addresses.AddressNotThere):
        addresses.make_primary(address=unproven, by=me, now=NOW)
    assert own(me) == {"ada@old.example.org": True, NEW: False}


def test_an_address_is_removed_but_never_the_one_mail_goes_to(me: User) -> None:
    new = add(me)
    with pytest.raises(addresses.PrimaryAddressStays):
        addresses.remove_address(address=EmailAddress.objects.get(user=me, primary=True), by=me, now=NOW)
    addresses.remove_address(address=new, by=me, now=NOW)
    assert own(me) == {"ada@old.example.org": True}
    with pytest.raises(addresses.AddressNotThere):
        addresses.remove_address(address=EmailAddress(pk=new.pk or 1), by=me, now=NOW)


def test_the_pages_lead_from_a_new_address_to_mail_going_there(client: Client, me: User) -> None:
    with time_machine.travel(NOW, tick=False):
        sign_in(client, me)
        asked = client.post("/me/addresses/add/", {"email": NEW})
        assert (asked.status_code, asked["Location"]) == (302, "/me/addresses/confirm/")
        assert NEW in client.get("/me/addresses/").content.decode()
        wrong = client.post("/me/addresses/confirm/", {"code": "BBBBBBBB"})
        assert (wrong.status_code, AddressClaim.objects.get().tries) == (422, 1)
        assert "That code is not right" in wrong.content.decode()
        client.post("/me/addresses/confirm/", {"code": mailed_code()})
        new = EmailAddress.objects.get(email=NEW)
        client.post(f"/me/addresses/{new.pk}/main/")
    assert own(me) == {"ada@old.example.org": False, NEW: True}


@pytest.mark.parametrize("email", ["", "not an address", "a\x00b@example.org", "<script>@example.org"])
def test_what_is_no_address_is_refused_and_mails_nobody(client: Client, me: User, email: str) -> None:
    refused = sign_in(client, me).post("/me/addresses/add/", {"email": email})
    assert refused.status_code == 422
    assert not OutboxMessage.objects.exists()


def test_another_persons_address_is_not_there(client: Client, me: User) -> None:
    other = EmailAddress.objects.get(user=UserFactory.create())
    sign_in(client, me)
    assert client.post(f"/me/addresses/{other.pk}/main/").status_code == 404
    assert client.post(f"/me/addresses/{other.pk}/remove/").status_code == 404
    assert EmailAddress.objects.filter(pk=other.pk).exists()


def test_the_page_of_addresses_costs_the_same_with_one_and_with_five(
    client: Client, me: User, django_assert_num_queries: object
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    sign_in(client, me)
    counts = []
    for number in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get("/me/addresses/")
        counts.append(len(queries))
        for more in range(4):
            EmailAddress.objects.create(user=me, email=f"m{number}{more}@example.org", verified=True)
    assert counts == [4, 4]
