"""Undoing an import as a whole, throwing a file away, forgetting; and organisations, there and back."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext

from communities.models import (
    Affiliation,
    Attendance,
    Community,
    ImportBatch,
    ImportRow,
    Membership,
    Organisation,
    Person,
    Reply,
)
from communities.services.imports import undoing
from communities.services.imports.batches import ImportMovedOn, discard_import, forget_imports
from communities.services.imports.hindrances import hindrances
from communities.services.imports.progress import Progress, progress_of
from communities.services.imports.undoing import ImportBuiltOn, TooLateToUndo, ask_for_undo, run_undo
from communities.tasks import run_waiting_imports
from cop_portal import audit
from cop_portal.accounts.models import SignIn, User
from cop_portal.audit.models import AuditEntry
from cop_portal.outbox.models import OutboxMessage
from tests.communities.services.import_world import AMARA, FILE, everything, known_people
from tests.factories.communities import (
    NOW,
    TODAY,
    CommunityFactory,
    MembershipFactory,
    OrganisationFactory,
    SessionFactory,
    facilitator_of,
    staff,
)
from tests.factories.imports import as_csv, do_import, imported, kinds, previewed, undone

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


def test_undoing_restores_everything_as_it_was(community: Community, facilitator: User) -> None:
    before = everything()
    batch = imported(FILE, community=community, by=facilitator)
    undone(batch, by=facilitator, now=NOW + timedelta(days=29))
    assert everything() == before
    assert (batch.state, batch.undone_at) == (ImportBatch.State.UNDONE, NOW + timedelta(days=29))


def test_an_undone_file_can_be_imported_again(community: Community, facilitator: User) -> None:
    batch = imported(FILE, community=community, by=facilitator)
    undone(batch, by=facilitator)
    assert imported(FILE, community=community, by=facilitator).state == ImportBatch.State.IMPORTED


def test_a_mail_not_yet_sent_is_not_due_any_more(community: Community, facilitator: User) -> None:
    from cop_portal.outbox.kinds import kind_named

    batch = imported(FILE, community=community, by=facilitator)
    mail = OutboxMessage.objects.get(recipient="amara@example.org")
    assert kind_named(mail.kind).is_still_due(mail.params) is True
    undone(batch, by=facilitator)
    assert kind_named(mail.kind).is_still_due(mail.params) is False


def test_an_import_stays_after_30_days_and_once_undone(community: Community, facilitator: User) -> None:
    batch = imported(FILE, community=community, by=facilitator)
    with pytest.raises(TooLateToUndo) as late:
        undone(batch, by=facilitator, now=NOW + timedelta(days=30))
    assert late.value.messages == ["This import could be undone until 24 December 2026. What it brought stays."]
    undone(batch, by=facilitator)
    with pytest.raises(TooLateToUndo):
        undone(batch, by=facilitator)


def test_an_import_on_which_a_record_stands_is_not_undone_at_all(community: Community, facilitator: User) -> None:
    batch = imported(FILE, community=community, by=facilitator)
    amara = Membership.objects.get(person__user__name="Amara Okafor")
    session = SessionFactory.create(community=community)
    mark = Attendance.objects.create(session=session, membership=amara, status="room")
    before = everything()
    with pytest.raises(ImportBuiltOn) as refused:
        undone(batch, by=facilitator)
    assert "Amara Okafor is part of what has been recorded since." in refused.value.messages[0]
    assert everything() == before
    batch.refresh_from_db()
    # A roster on which nobody said anything about her is no record, nor is a question that she has not answered.
    Attendance.objects.filter(pk=mark.pk).update(status="unknown")
    reply = Reply.objects.create(session=session, membership=amara, answer="coming", answered_at=NOW)
    assert hindrances(batch) == ["Amara Okafor is part of what has been recorded since."]
    Reply.objects.filter(pk=reply.pk).update(answer="", answered_at=None)
    assert hindrances(batch) == []
    undone(batch, by=facilitator)
    assert not Membership.objects.filter(pk=amara.pk).exists()


def test_whoever_has_changed_their_workplace_since_keeps_it(
    community: Community, facilitator: User, known: dict[str, Any]
) -> None:
    batch = imported(FILE, community=community, by=facilitator)
    Affiliation.objects.current().filter(person=known["cleo"]).update(ends_on=TODAY)
    assert hindrances(batch) == ["Cleo Changes has changed where they work since."]


@pytest.mark.parametrize("how", ["signed in", "is in another community", "has a second address", "facilitates"])
def test_whoever_has_become_more_than_the_import_made_them_stays_known(
    community: Community, facilitator: User, known: dict[str, Any], how: str
) -> None:
    batch = imported(as_csv(AMARA), community=community, by=facilitator)
    person = Person.objects.get(user__name="Amara Okafor")
    if how == "signed in":
        SignIn.objects.create(user=person.user, at=NOW, how="code")
    elif how == "is in another community":
        MembershipFactory.create(person=person)
    elif how == "has a second address":
        EmailAddress.objects.create(user=person.user, email="amara@home.example.org")
    else:
        from communities.models import RoleTerm

        RoleTerm.objects.create(person=person, community=community, role="facilitator", starts_on=TODAY)
    undone(batch, by=facilitator)
    assert Person.objects.filter(pk=person.pk).exists()
    assert Affiliation.objects.filter(person=person).count() == 1
    assert not Membership.objects.filter(person=person, community=community).exists()


# Asked for, and done by the worker


def test_undoing_waits_for_the_worker_who_does_it_once(community: Community, facilitator: User) -> None:
    before = everything()
    batch = imported(FILE, community=community, by=facilitator)
    after = everything()
    ask_for_undo(batch=batch, version=batch.version, by=facilitator, now=NOW)
    assert (batch.state, batch.is_with_worker, everything() == after) == (ImportBatch.State.UNDOING, True, True)
    assert progress_of(batch.pk) == Progress(0, "Waiting for its turn")
    assert [run_undo(batch=batch, now=NOW), run_undo(batch=batch, now=NOW)] == [True, False]
    assert everything() == before
    events = AuditEntry.objects.filter(target_type="communities.importbatch", target_id=str(batch.pk))
    assert list(events.order_by("pk").values_list("event", "by_id"))[-2:] == [
        ("import.undo_asked", facilitator.pk), ("import.undone", facilitator.pk),
    ]  # fmt: skip


def test_two_people_who_undo_the_same_import_undo_it_once(community: Community, facilitator: User) -> None:
    batch = imported(FILE, community=community, by=facilitator)
    same = ImportBatch.objects.get(pk=batch.pk)
    ask_for_undo(batch=batch, version=batch.version, by=facilitator, now=NOW)
    with pytest.raises(ImportMovedOn, match="being undone"):
        ask_for_undo(batch=same, version=same.version, by=staff(), now=NOW)
    with pytest.raises(TooLateToUndo, match="being undone already"):
        ask_for_undo(batch=batch, version=batch.version, by=facilitator, now=NOW)


def test_asked_for_on_the_last_day_is_in_time_though_the_worker_is_late(
    community: Community, facilitator: User
) -> None:
    batch = imported(FILE, community=community, by=facilitator)
    ask_for_undo(batch=batch, version=batch.version, by=facilitator, now=NOW + timedelta(days=29))
    forget_imports(now=NOW + timedelta(days=31))
    assert run_undo(batch=batch, now=NOW + timedelta(days=31)) is True
    assert not Membership.objects.filter(person__user__name="Amara Okafor").exists()


def test_what_is_recorded_while_it_waits_keeps_the_import(community: Community, facilitator: User) -> None:
    batch = imported(FILE, community=community, by=facilitator)
    ask_for_undo(batch=batch, version=batch.version, by=facilitator, now=NOW)
    amara = Membership.objects.get(person__user__name="Amara Okafor")
    Attendance.objects.create(session=SessionFactory.create(community=community), membership=amara, status="room")
    before = everything()
    assert run_undo(batch=batch, now=NOW) is False
    batch.refresh_from_db()
    assert (batch.state, everything()) == (ImportBatch.State.IMPORTED, before)
    assert batch.message == undoing.BUILT_ON_MEANWHILE
    assert hindrances(batch) == ["Amara Okafor is part of what has been recorded since."]


def test_a_worker_killed_half_way_has_changed_nothing_and_the_sweep_does_it(
    community: Community, facilitator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything()
    batch = imported(FILE, community=community, by=facilitator)
    after = everything()
    ask_for_undo(batch=batch, version=batch.version, by=facilitator, now=NOW)

    def killed(*args: Any, **kwargs: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        # The last thing that is done inside the transaction.
        patch.setattr(audit, "record", killed)
        with pytest.raises(SystemExit):
            run_undo(batch=batch, now=NOW)
    batch.refresh_from_db()
    assert (batch.state, everything()) == (ImportBatch.State.UNDOING, after)
    assert [run_waiting_imports(), run_waiting_imports()] == [1, 0]
    assert everything() == before


def test_what_fails_is_tried_three_times_and_then_handed_back(
    community: Community, facilitator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = imported(FILE, community=community, by=facilitator)
    ask_for_undo(batch=batch, version=batch.version, by=facilitator, now=NOW)

    def power_cut(*args: Any, **kwargs: Any) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(undoing, "take_members_back", power_cut)
    found = []
    for _ in range(3):
        run_undo(batch=batch, now=NOW)
        batch.refresh_from_db()
        found.append((batch.state, batch.attempts))
    assert found == [("undoing", 1), ("undoing", 2), ("imported", 3)]
    assert batch.message == undoing.UNDOING.our_fault


# Asking and undoing. Rows go thousands at a time. One query counts the attempt, one asks for organisations it added.
COSTS = {10: 105, 600: 105}


@pytest.mark.parametrize("number", COSTS)
def test_undoing_costs_no_query_for_a_row(community: Community, facilitator: User, number: int) -> None:
    rows = [(f"Person {at}", f"p{at}@example.org", "Riverside Trust", "Nursing", "") for at in range(number)]
    batch = imported(as_csv(*rows), community=community, by=facilitator)
    with CaptureQueriesContext(connection) as queries:
        undone(batch, by=facilitator)
    assert not Membership.objects.filter(community=community, came_by="import").exists()
    # SQLite has savepoints and locks of its own.
    if connection.vendor == "postgresql":
        assert len(queries) == COSTS[number]


# Throwing away and forgetting


def test_a_file_thrown_away_leaves_nothing_of_its_rows(community: Community, facilitator: User) -> None:
    batch = previewed(FILE, community=community, by=facilitator)
    discard_import(batch=batch, version=batch.version, by=facilitator, now=NOW)
    batch.refresh_from_db()
    assert (batch.state, batch.table, ImportRow.objects.filter(batch=batch).count()) == ("discarded", [], 0)
    with pytest.raises(ImportMovedOn):
        discard_import(batch=batch, version=batch.version, by=facilitator, now=NOW)


def test_files_are_forgotten_a_week_unused_or_when_they_can_no_longer_be_undone(
    community: Community, facilitator: User
) -> None:
    done = imported(as_csv(AMARA), community=community, by=facilitator)
    unused = previewed(FILE, community=community, by=facilitator)
    found = []
    for days in (6, 7, 29, 30):
        forget_imports(now=NOW + timedelta(days=days))
        found.append([ImportRow.objects.filter(batch=batch).count() for batch in (done, unused)])
    assert found == [[1, 4], [1, 0], [1, 0], [0, 0]]
    assert Membership.objects.filter(person__user__name="Amara Okafor").exists()


# Organisations


def test_organisations_from_the_official_file_are_imported_and_undone(known: dict[str, Any]) -> None:
    by = staff()
    coded = OrganisationFactory.create(name="Kings College Hospital", ods_code="RJZ")
    row = ["", "Y56", "QKK", "", "", "", "", "", "SE1 7EH", "19930401"]

    def official(code: str, name: str, closed: str = "") -> list[str]:
        return [code, name, *row[1:], closed, *[""] * 15]

    file = as_csv(
        official("RJZ", "KING'S COLLEGE HOSPITAL NHS FOUNDATION TRUST"),
        official("RX1", "GUY'S AND ST THOMAS' NHS FOUNDATION TRUST"),
        official("RX2", "RIVERSIDE TRUST"),
        official("RX3", "GONE NHS TRUST", "20200331"),
        official("?", "ODD NHS TRUST"),
        headings=official("RX1", "SAME CODE"),
    )
    before = everything()
    batch = previewed(file, community=None, by=by, kind=ImportBatch.Kind.ORGANISATIONS)
    assert kinds(batch) == ["new", "changes", "duplicate", "changes", "left_out", "malformed"]
    do_import(batch, by=by)
    assert set(Organisation.objects.values_list("name", "ods_code")) >= {
        ("Same Code", "RX1"),
        ("King's College Hospital NHS Foundation Trust", "RJZ"),
        ("Riverside Trust", "RX2"),
    }
    coded.refresh_from_db()
    assert (coded.name, coded.version) == ("King's College Hospital NHS Foundation Trust", 2)
    undone(batch, by=by)
    assert everything() == before


def test_an_organisation_in_use_is_not_taken_away(known: dict[str, Any]) -> None:
    by = staff()
    batch = imported(as_csv(("New Trust", "RX9"), headings=("Name", "ODS code")), community=None, by=by,
                     kind=ImportBatch.Kind.ORGANISATIONS)  # fmt: skip
    Affiliation.objects.filter(person=known["cleo"]).update(organisation=Organisation.objects.get(name="New Trust"))
    assert hindrances(batch) == ["New Trust is in use."]


def test_a_known_name_with_another_code_waits_for_a_decision(known: dict[str, Any]) -> None:
    from communities.services.imports.preview import decide_rows

    by, trust = staff(), known["trust"]
    Organisation.objects.filter(pk=trust.pk).update(ods_code="RR1")
    batch = previewed(as_csv(("Riverside Trust", "RR2"), headings=("Name", "Code")), community=None, by=by,
                      kind=ImportBatch.Kind.ORGANISATIONS)  # fmt: skip
    assert kinds(batch) == ["undecided"]
    decide_rows(batch=batch, version=batch.version, decisions={"row:2": f"organisation:{trust.pk}"}, by=by, now=NOW)
    assert kinds(batch) == ["changes"]
