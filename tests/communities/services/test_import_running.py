"""Importing as a whole or not at all, and the same file twice."""

from datetime import date, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext

from communities.models import (
    Affiliation,
    Community,
    ImportBatch,
    Membership,
)
from communities.services.imports import running
from communities.services.imports.batches import ImportMovedOn
from communities.services.imports.progress import progress_of
from communities.services.imports.running import NothingToImport, ask_for_import, nothing_to_import, run_import
from communities.services.people.membership import add_member
from communities.services.sessions.recording import record_session
from cop_portal import audit
from cop_portal.accounts.models import User
from cop_portal.audit.models import AuditEntry
from cop_portal.outbox.models import OutboxMessage
from tests.communities.services.import_world import AMARA, CLEO, FILE, RITA, everything, known_people
from tests.factories.communities import (
    NOW,
    TODAY,
    CommunityFactory,
    SessionFactory,
    facilitator_of,
)
from tests.factories.imports import as_csv, do_import, imported, kinds, previewed

pytestmark = pytest.mark.django_db


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis", slug="sepsis")


@pytest.fixture
def facilitator(community: Community) -> User:
    return facilitator_of(community, name="Fadia Haddad")


@pytest.fixture(autouse=True)
def known(community: Community, facilitator: User) -> dict[str, Any]:
    return known_people(community, facilitator)


def test_an_import_writes_what_the_preview_said_and_nothing_else(
    community: Community, facilitator: User, known: dict[str, Any]
) -> None:
    batch = previewed(FILE, community=community, by=facilitator)
    before = everything()
    do_import(batch, by=facilitator)
    assert batch.state == ImportBatch.State.IMPORTED
    amara = Membership.objects.get(person__user__name="Amara Okafor")
    assert (amara.starts_on, amara.added_on, amara.came_by) == (date(2024, 8, 6), TODAY, "import")
    assert amara.person.user.has_usable_password() is False
    address = EmailAddress.objects.get(user=amara.person.user)
    assert (address.email, address.primary, address.verified) == ("amara@example.org", True, True)
    works = Affiliation.objects.get(person=amara.person)
    assert (works.organisation, works.professional_group) == (known["trust"], known["nurses"])
    assert list(
        Membership.objects.filter(person=known["rita"]).order_by("starts_on").values_list("ends_on", flat=True)
    ) == [
        TODAY - timedelta(days=30),
        None,
    ]
    assert [
        (row.organisation, row.starts_on, row.ends_on)
        for row in Affiliation.objects.filter(person=known["cleo"]).order_by("pk")
    ][1:] == [(known["trust"], TODAY, None)]
    assert {name: len(rows) - len(before[name]) for name, rows in everything().items()} == {
        "users": 1, "addresses": 1, "people": 1, "affiliations": 2, "memberships": 2, "counts": 0, "organisations": 0,
    }  # fmt: skip


def test_everyone_added_is_written_to_and_those_who_were_here_already_are_not(
    community: Community, facilitator: User
) -> None:
    imported(FILE, community=community, by=facilitator)
    assert set(OutboxMessage.objects.filter(kind="communities.welcome").values_list("recipient", flat=True)) == {
        "amara@example.org",
        "rita@example.org",
    }


def test_the_trail_says_who_imported_what_once(community: Community, facilitator: User) -> None:
    batch = imported(FILE, community=community, by=facilitator)
    trail = AuditEntry.objects.filter(target_type="communities.importbatch", target_id=str(batch.pk)).order_by("pk")
    assert list(trail.values_list("event", "by_id")) == [
        ("import.uploaded", facilitator.pk),
        ("import.previewed", facilitator.pk),
        ("import.asked", facilitator.pk),
        ("members.imported", facilitator.pk),
    ]


def test_whoever_was_a_member_on_the_day_is_in_the_count_of_a_session_held_since(
    community: Community, facilitator: User
) -> None:
    session = SessionFactory.create(community=community, starts_at=NOW - timedelta(days=9))
    record_session(
        session=session, version=1, focus="", attendance={}, learning_points=[], actions=[], by=facilitator, now=NOW
    )
    session.refresh_from_db()
    before = session.member_count
    imported(FILE, community=community, by=facilitator)
    session.refresh_from_db()
    assert session.member_count == before + 1


def test_the_same_file_twice_changes_nothing_and_says_so(community: Community, facilitator: User) -> None:
    file = as_csv(AMARA, RITA, CLEO)
    imported(file, community=community, by=facilitator)
    before, mails = everything(), OutboxMessage.objects.count()
    again = previewed(file, community=community, by=facilitator)
    assert kinds(again) == ["already", "already", "already"]
    with pytest.raises(NothingToImport) as refused:
        ask_for_import(batch=again, version=again.version, by=facilitator, now=NOW)
    assert refused.value.messages == [
        "This is the file you imported before, and everything in it is here already. There is nothing to import."
    ]
    assert (everything(), OutboxMessage.objects.count()) == (before, mails)


def test_a_file_that_would_change_nothing_for_other_reasons_says_that(community: Community, facilitator: User) -> None:
    batch = previewed(as_csv(("", "nobody@example.org", "", "Nursing", "")), community=community, by=facilitator)
    assert nothing_to_import(batch) == "None of these rows would change anything, so there is nothing to import."


def test_a_second_worker_finds_nothing_waiting(community: Community, facilitator: User) -> None:
    batch = previewed(FILE, community=community, by=facilitator)
    ask_for_import(batch=batch, version=batch.version, by=facilitator, now=NOW)
    assert [run_import(batch=batch, now=NOW), run_import(batch=batch, now=NOW)] == [True, False]
    assert Membership.objects.filter(person__user__name="Amara Okafor").count() == 1


def test_pressing_import_twice_asks_once(community: Community, facilitator: User) -> None:
    batch = previewed(FILE, community=community, by=facilitator)
    seen = batch.version
    ask_for_import(batch=batch, version=seen, by=facilitator, now=NOW)
    with pytest.raises(ImportMovedOn):
        ask_for_import(batch=batch, version=seen, by=facilitator, now=NOW)


def test_what_has_changed_since_the_preview_is_shown_again_and_not_imported(
    community: Community, facilitator: User, known: dict[str, Any]
) -> None:
    batch = previewed(FILE, community=community, by=facilitator)
    add_member(community=community, name="Amara Okafor", email="amara@example.org", organisation=None,
               professional_group=known["nurses"], starts_on=TODAY, by=facilitator, now=NOW)  # fmt: skip
    before = everything()
    do_import(batch, by=facilitator)
    assert (batch.state, everything()) == (ImportBatch.State.PREVIEWED, before)
    assert batch.message == running.OUTDATED
    assert kinds(batch)[0] == "changes"
    do_import(batch, by=facilitator)
    assert batch.state == ImportBatch.State.IMPORTED


def test_a_community_closed_meanwhile_takes_nobody_in(community: Community, facilitator: User) -> None:
    batch = previewed(FILE, community=community, by=facilitator)
    ask_for_import(batch=batch, version=batch.version, by=facilitator, now=NOW)
    Community.objects.filter(pk=community.pk).update(state=Community.State.CLOSED)
    before = everything()
    assert run_import(batch=batch, now=NOW) is False
    batch.refresh_from_db()
    assert (batch.state, everything()) == (ImportBatch.State.PREVIEWED, before)
    assert batch.message.startswith("Sepsis is closed.")


def test_a_failure_half_way_leaves_nothing_behind_and_is_tried_three_times(
    community: Community, facilitator: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    batch = previewed(FILE, community=community, by=facilitator)
    ask_for_import(batch=batch, version=batch.version, by=facilitator, now=NOW)
    before = everything()

    def power_cut(*args: Any, **kwargs: Any) -> None:
        raise OSError("the disk is gone")

    with monkeypatch.context() as patch:
        # The last thing that is done inside the transaction.
        patch.setattr(audit, "record", power_cut)
        found = []
        for _ in range(2):
            run_import(batch=batch, now=NOW)
            batch.refresh_from_db()
            found.append((batch.state, batch.attempts, everything() == before))
    assert found == [("waiting", 1, True), ("waiting", 2, True)]
    assert run_import(batch=batch, now=NOW) is True


def test_a_row_that_ends_the_worker_three_times_is_not_tried_a_fourth(
    community: Community, facilitator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = previewed(FILE, community=community, by=facilitator)
    ask_for_import(batch=batch, version=batch.version, by=facilitator, now=NOW)
    before = everything()

    def killed(*args: Any, **kwargs: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(running, "write_members", killed)
        for attempt in range(1, 4):
            with pytest.raises(SystemExit):
                run_import(batch=ImportBatch.objects.get(pk=batch.pk), now=NOW)
            batch.refresh_from_db()
            assert (batch.state, batch.attempts, everything() == before) == ("waiting", attempt, True)
        assert run_import(batch=batch, now=NOW) is False
    batch.refresh_from_db()
    assert (batch.state, batch.message) == ("previewed", running.IMPORTING.stopped)
    assert "upload it in smaller parts" in batch.message
    assert AuditEntry.objects.filter(event="import.handed_back").count() == 1
    # Whoever asks again, asks for three more.
    assert do_import(batch, by=facilitator).state == ImportBatch.State.IMPORTED


def test_two_workers_that_begin_at_once_count_as_one(community: Community, facilitator: User) -> None:
    batch = previewed(FILE, community=community, by=facilitator)
    ask_for_import(batch=batch, version=batch.version, by=facilitator, now=NOW)
    # What a second worker has read before the first began.
    seen = ImportBatch.objects.get(pk=batch.pk)
    ImportBatch.objects.filter(pk=batch.pk).update(attempts=1)
    assert run_import(batch=seen, now=NOW) is False
    batch.refresh_from_db()
    assert (batch.state, batch.attempts) == ("waiting", 1)


def test_progress_is_told_while_the_transaction_is_open(
    community: Community, facilitator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = previewed(FILE, community=community, by=facilitator)
    seen: list[tuple[int, str]] = []
    count = audit.record

    def look(*args: Any, **kwargs: Any) -> Any:
        progress = progress_of(batch.pk)
        seen.append((progress.percent, progress.words))
        return count(*args, **kwargs)

    monkeypatch.setattr(audit, "record", look)
    do_import(batch, by=facilitator)
    assert seen[-1] == (90, "Noting what was done")


# What it costs


# Sorting, importing. Mail goes into the outbox 500 at a time, for two queries each. One query counts the attempt.
COSTS = {10: (29, 49), 600: (29, 51)}


@pytest.mark.parametrize("number", COSTS)
def test_sorting_and_importing_cost_no_query_for_a_row(community: Community, facilitator: User, number: int) -> None:
    rows = [(f"Person {at}", f"p{at}@example.org", "Riverside Trust", "Nursing", "") for at in range(number)]
    file = as_csv(*rows)
    with CaptureQueriesContext(connection) as sorting:
        batch = previewed(file, community=community, by=facilitator)
    with CaptureQueriesContext(connection) as importing:
        do_import(batch, by=facilitator)
    assert Membership.objects.filter(community=community, came_by="import").count() == number
    # SQLite has savepoints and locks of its own.
    if connection.vendor == "postgresql":
        assert (len(sorting), len(importing)) == COSTS[number]
