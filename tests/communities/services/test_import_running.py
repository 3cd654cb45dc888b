"""Importing as a whole, the same file twice, and undoing as a whole."""

from datetime import date, timedelta
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
    Session,
)
from communities.services.imports import running
from communities.services.imports.batches import ImportMovedOn, discard_import, forget_imports
from communities.services.imports.progress import progress_of
from communities.services.imports.running import NothingToImport, ask_for_import, nothing_to_import, run_import
from communities.services.imports.undoing import ImportBuiltOn, TooLateToUndo, hindrances, undo_import
from communities.services.people import add_member, end_membership
from communities.services.recording import record_session
from cop_portal.accounts.models import SignIn, User
from cop_portal.audit.models import AuditEntry
from cop_portal.outbox.models import OutboxMessage
from tests.factories.communities import (
    NOW,
    TODAY,
    CommunityFactory,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    ProfessionalGroupFactory,
    SessionFactory,
    facilitator_of,
    staff,
)
from tests.factories.imports import as_csv, do_import, imported, kinds, previewed

pytestmark = pytest.mark.django_db

AMARA = ("Amara Okafor", "amara@example.org", "Riverside Trust", "Nursing", "6/8/2024")
RITA = ("Rita Returns", "rita@example.org", "", "", "24/11/2026")
CLEO = ("Cleo Changes", "cleo@example.org", "Riverside Trust", "", "")
FILE = as_csv(AMARA, RITA, CLEO, ("", "nobody@example.org", "", "Nursing", ""))


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis", slug="sepsis")


@pytest.fixture
def facilitator(community: Community) -> User:
    return facilitator_of(community, name="Fadia Haddad")


@pytest.fixture(autouse=True)
def known(community: Community, facilitator: User) -> dict[str, Any]:
    """A trust and a group to name; Rita, who left; Cleo, who works elsewhere."""
    rita = MembershipFactory.create(person=PersonFactory.create(name="Rita Returns", email="rita@example.org"),
                                    community=community)  # fmt: skip
    end_membership(membership=rita, ends_on=TODAY - timedelta(days=30), by=facilitator, now=NOW)
    cleo = MembershipFactory.create(person=PersonFactory.create(name="Cleo Changes", email="cleo@example.org"),
                                    community=community)  # fmt: skip
    return {
        "trust": OrganisationFactory.create(name="Riverside Trust"),
        "nurses": ProfessionalGroupFactory.create(name="Nursing"),
        "rita": rita.person,
        "cleo": cleo.person,
    }


def everything() -> dict[str, set[tuple[Any, ...]]]:
    """What an import could write, apart from what it notes about itself."""
    return {
        "users": set(User.objects.values_list("pk", "name")),
        "addresses": set(EmailAddress.objects.values_list("user", "email")),
        "people": set(Person.objects.values_list("pk", "user")),
        "affiliations": set(Affiliation.objects.values_list("pk", "person", "organisation", "starts_on", "ends_on")),
        "memberships": set(Membership.objects.values_list("pk", "person", "starts_on", "ends_on")),
        "counts": set(Session.objects.values_list("pk", "member_count", "present_count")),
        "organisations": set(Organisation.objects.values_list("pk", "name", "ods_code")),
    }


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
        patch.setattr(running.audit, "record", power_cut)
        found = []
        for _ in range(2):
            run_import(batch=batch, now=NOW)
            batch.refresh_from_db()
            found.append((batch.state, batch.attempts, everything() == before))
    assert found == [("waiting", 1, True), ("waiting", 2, True)]
    assert run_import(batch=batch, now=NOW) is True


def test_progress_is_told_while_the_transaction_is_open(
    community: Community, facilitator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = previewed(FILE, community=community, by=facilitator)
    seen: list[tuple[int, str]] = []
    count = running.audit.record

    def look(*args: Any, **kwargs: Any) -> Any:
        progress = progress_of(batch.pk)
        seen.append((progress.percent, progress.words))
        return count(*args, **kwargs)

    monkeypatch.setattr(running.audit, "record", look)
    do_import(batch, by=facilitator)
    assert seen[-1] == (90, "Noting what was done")


# Undoing


def test_undoing_restores_everything_as_it_was(community: Community, facilitator: User) -> None:
    before = everything()
    batch = imported(FILE, community=community, by=facilitator)
    undo_import(batch=batch, version=batch.version, by=facilitator, now=NOW + timedelta(days=29))
    assert everything() == before
    assert (batch.state, batch.undone_at) == (ImportBatch.State.UNDONE, NOW + timedelta(days=29))


def test_an_undone_file_can_be_imported_again(community: Community, facilitator: User) -> None:
    batch = imported(FILE, community=community, by=facilitator)
    undo_import(batch=batch, version=batch.version, by=facilitator, now=NOW)
    assert imported(FILE, community=community, by=facilitator).state == ImportBatch.State.IMPORTED


def test_a_mail_not_yet_sent_is_not_due_any_more(community: Community, facilitator: User) -> None:
    from cop_portal.outbox.kinds import kind_named

    batch = imported(FILE, community=community, by=facilitator)
    mail = OutboxMessage.objects.get(recipient="amara@example.org")
    assert kind_named(mail.kind).is_still_due(mail.params) is True
    undo_import(batch=batch, version=batch.version, by=facilitator, now=NOW)
    assert kind_named(mail.kind).is_still_due(mail.params) is False


def test_an_import_stays_after_30_days_and_once_undone(community: Community, facilitator: User) -> None:
    batch = imported(FILE, community=community, by=facilitator)
    with pytest.raises(TooLateToUndo) as late:
        undo_import(batch=batch, version=batch.version, by=facilitator, now=NOW + timedelta(days=30))
    assert late.value.messages == ["This import could be undone until 24 December 2026. What it brought stays."]
    undo_import(batch=batch, version=batch.version, by=facilitator, now=NOW)
    with pytest.raises(TooLateToUndo):
        undo_import(batch=batch, version=batch.version, by=facilitator, now=NOW)


def test_an_import_on_which_a_record_stands_is_not_undone_at_all(community: Community, facilitator: User) -> None:
    batch = imported(FILE, community=community, by=facilitator)
    amara = Membership.objects.get(person__user__name="Amara Okafor")
    session = SessionFactory.create(community=community)
    mark = Attendance.objects.create(session=session, membership=amara, status="room")
    before = everything()
    with pytest.raises(ImportBuiltOn) as refused:
        undo_import(batch=batch, version=batch.version, by=facilitator, now=NOW)
    assert "Amara Okafor is part of what has been recorded since." in refused.value.messages[0]
    assert everything() == before
    batch.refresh_from_db()
    # A roster on which nobody said anything about her is no record, nor is a question that she has not answered.
    Attendance.objects.filter(pk=mark.pk).update(status="unknown")
    reply = Reply.objects.create(session=session, membership=amara, answer="coming", answered_at=NOW)
    assert hindrances(batch) == ["Amara Okafor is part of what has been recorded since."]
    Reply.objects.filter(pk=reply.pk).update(answer="", answered_at=None)
    assert hindrances(batch) == []
    undo_import(batch=batch, version=batch.version, by=facilitator, now=NOW)
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
    undo_import(batch=batch, version=batch.version, by=facilitator, now=NOW)
    assert Person.objects.filter(pk=person.pk).exists()
    assert Affiliation.objects.filter(person=person).count() == 1
    assert not Membership.objects.filter(person=person, community=community).exists()


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


# What it costs


# Sorting, importing. Mail goes into the outbox 500 at a time, for two queries each.
COSTS = {10: (29, 48), 600: (29, 50)}


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
    undo_import(batch=batch, version=batch.version, by=by, now=NOW)
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
