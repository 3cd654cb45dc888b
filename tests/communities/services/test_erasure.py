"""Erasure: what goes is gone, what stays has no name, and every count is what it was."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.db.models import CharField, JSONField, TextField
from django.db.models.functions import Cast

from communities.models import (
    Affiliation,
    Community,
    ErasureRequest,
    ImportBatch,
    ImportRow,
    LegalHold,
    Membership,
    Person,
    RoleTerm,
    Session,
)
from communities.models.joining import JoinRequest, MemberInvitation
from communities.overview import overview_of
from communities.services.imports.about import erased_words
from communities.services.imports.hindrances import hindrances
from communities.services.imports.preview import decide_rows
from communities.services.imports.running import ask_for_import, run_import
from communities.services.people import erasure
from communities.services.people.merging import merge_people
from communities.services.people.remains import FORMER_MEMBER, mentions_of, preview_erasure
from communities.services.sessions.recording import record_session
from cop_portal import outbox
from cop_portal.accounts.models import SignIn, User
from cop_portal.accounts.own_data import held_about
from cop_portal.accounts.services.tokens import make_token
from cop_portal.accounts.services.users import find_user
from cop_portal.audit.models import AuditEntry
from cop_portal.outbox.kinds import kind_named
from cop_portal.outbox.models import OutboxCount, OutboxMessage
from tests.factories.communities import (
    NOW,
    TODAY,
    ActionFactory,
    CommunityFactory,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    ProfessionalGroupFactory,
    RoleTermFactory,
    SessionFactory,
    facilitator_of,
    staff,
)
from tests.factories.imports import as_csv, imported, kinds, previewed, received, undone

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

NAME, ADDRESS = "Zephyrine Quill", "zephyrine.quill@example.org"


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis", slug="sepsis")


@pytest.fixture
def person(community: Community) -> Person:
    """A member who was present today, promised something, facilitated, and was written to."""
    person: Person = PersonFactory.create(name=NAME, email=ADDRESS)
    membership = MembershipFactory.create(community=community, person=person)
    RoleTermFactory.create(community=community, person=person)
    session = SessionFactory.create(community=community, starts_at=NOW - timedelta(hours=2), led_by=person)
    others = MembershipFactory.create_batch(5, community=community)
    record_session(
        session=session, version=1, focus="Screening", learning_points=["It helps"], actions=[],
        attendance={membership.pk: "room", **{other.pk: "online" for other in others}},
        by=facilitator_of(community), now=NOW,
    )  # fmt: skip
    ActionFactory.create(community=community, owner=person)
    make_token(user=person.user, name="spreadsheet", now=NOW)
    SignIn.objects.create(user=person.user, at=NOW, how="code")
    outbox.enqueue(
        outbox.Mail(
            dedupe_key="test:1", kind="accounts.primary_moved", to=ADDRESS, params={"user": person.user_id}, due_at=NOW
        )
    )
    return person


def files_about(person: Person, community: Community, other: str = "ann@example.org") -> list[ImportBatch]:
    """Files in every state that say something about them, or of someone with their name; and about another."""
    by, nurses = staff(), ProfessionalGroupFactory.create(name="Nursing")
    trust = OrganisationFactory.create(name="Riverside Trust")
    neighbour = ("Ann Other", other, "", "Nursing", "")
    already = (NAME, ADDRESS.upper(), "", "", "")
    namesake = (NAME, "quill@elsewhere.example.org", "", "Nursing", "")
    rows = as_csv(already, neighbour, namesake, namesake)
    called_otherwise = as_csv(("Zed", ADDRESS, "", "Nursing", ""), neighbour)
    changed = as_csv((NAME, ADDRESS, trust.name, nurses.name, ""), ("Kim Stays", "kim@example.org", "", "Nursing", ""))
    files = [
        received(as_csv(already, neighbour), community=community, by=by),
        previewed(called_otherwise, community=community, by=by),
        previewed(rows, community=community, by=by),
        previewed(rows, community=community, by=by),
        imported(changed, community=community, by=by),
    ]
    decided = files[3]
    decide_rows(batch=decided, version=decided.version, decisions={"row:4": f"user:{person.user_id}"}, by=by, now=NOW)
    return files


def asked(person: Person) -> ErasureRequest:
    return erasure.ask_for_erasure(person=person, by=person.user, now=NOW)


def carry_out(request: ErasureRequest) -> ErasureRequest:
    return erasure.carry_out_erasure(request=request, by=staff(), now=NOW)


def everything_written(words: str, *, but: set[str]) -> dict[str, int]:
    """Every table, of any room, in which `words` stand anywhere."""
    found = {}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, (CharField, TextField, JSONField)):
                rows = model._default_manager.annotate(written=Cast(field.name, TextField()))
                if number := rows.filter(written__icontains=words).count():
                    found[f"{model._meta.label_lower}.{field.name}"] = number
    return {name: number for name, number in found.items() if name not in but}


def counts(community: Community) -> Any:
    overview = overview_of(community, NOW)
    sessions = list(Session.objects.order_by("pk").values_list("member_count", "present_count"))
    return sessions, Membership.objects.on_day(TODAY).count(), overview.people, len(overview.rhythm.held)


def test_asking_is_noted_and_acknowledged_and_nothing_goes_yet(person: Person) -> None:
    request = asked(person)
    assert request.state == "asked"
    mail = OutboxMessage.objects.get(kind="communities.erasure_asked")
    text = kind_named(mail.kind).render(mail.params, mail.recipient).text
    assert f"Hello {NAME}" in text
    assert "within a month" in text
    assert find_user(ADDRESS) == person.user
    with pytest.raises(erasure.ErasureAlreadyAsked):
        asked(person)


def test_the_preview_names_what_goes_what_becomes_a_former_members_and_what_stays(person: Person) -> None:
    preview = preview_erasure(person)
    assert preview.goes[0] == f"The name {NAME}, and the mail addresses: {ADDRESS}."
    assert "Sepsis: the membership, which ends, with 1 entry of attendance." in preview.becomes
    assert "1 role in communities, which ends today." in preview.becomes
    assert "1 action, of which 1 open. A facilitator can hand those over." in preview.becomes
    assert any("other people wrote" in words for words in preview.stays)
    assert find_user(ADDRESS) == person.user


def test_afterwards_neither_name_nor_address_stands_in_any_table(person: Person, community: Community) -> None:
    MemberInvitation.objects.create(
        community=community, email=ADDRESS, invited_by=staff(), invited_at=NOW, expires_on=TODAY
    )
    JoinRequest.objects.create(
        community=CommunityFactory.create(), user=person.user, name=NAME, email=ADDRESS, asked_at=NOW
    )
    files_about(person, community)
    assert len(everything_written(ADDRESS, but=set())) >= 4
    assert everything_written(NAME, but=set()).keys() >= {
        "communities.importrow.cells", "communities.importrow.facts", "communities.importrow.reason",
        "communities.importbatch.table",
    }  # fmt: skip
    carry_out(asked(person))
    # The last mail, to say that it is done; its row is forgotten later.
    assert everything_written(ADDRESS, but={"outbox.outboxmessage.recipient"}) == {}
    assert everything_written(NAME, but=set()) == {}
    # Somebody else in one of the files was welcomed.
    mails = OutboxMessage.objects.exclude(recipient="kim@example.org")
    assert list(mails.values_list("kind", flat=True)) == ["communities.erasure_done"]
    assert OutboxCount.objects.get(kind="accounts.primary_moved").count == 1


def test_requests_to_join_that_wait_are_said_and_taken_back(person: Person, community: Community) -> None:
    def ask(where: str, **who: Any) -> JoinRequest:
        asked_in = CommunityFactory.create(name=where)
        return JoinRequest.objects.create(community=asked_in, words="May I?", asked_at=NOW, **who)

    twin: Person = PersonFactory.create(name="Z. Quill", email="quill@example.org")
    merged_before = ask("Maternity", user=twin.user)
    merge_people(kept=person, merged=twin, by=staff(), now=NOW)
    # As it was before requests moved with a merge.
    JoinRequest.objects.filter(pk=merged_before.pk).update(user=twin.user)
    requests = [merged_before, ask("Delirium", user=person.user), ask("Falls", name=NAME, email="quill@example.org")]
    other = ask("Frailty", user=PersonFactory.create().user)
    assert [words for words in preview_erasure(person).goes if "request to join" in words] == [
        f"{name}: the request to join, which waits, is taken back." for name in ("Maternity", "Delirium", "Falls")
    ]
    carry_out(asked(person))
    for request in requests:
        request.refresh_from_db()
        assert (request.state, request.words, request.decided_at) == ("withdrawn", "", NOW)
    assert list(JoinRequest.objects.waiting()) == [other]
    assert AuditEntry.objects.filter(event="joining.withdrawn").count() == 3


def test_files_keep_what_they_say_of_others_and_undoing_leaves_the_erased_out(
    person: Person, community: Community
) -> None:
    # An address that holds theirs is another.
    files = files_about(person, community, other=f"x.{ADDRESS}")
    done = files[-1]
    assert [row[2].split(", ")[0] for row in keys_held(person, "imports")] == ["Zed", *[NAME] * 5]
    carry_out(asked(person))
    for file in files[:-1]:
        file.refresh_from_db()
        names = [cells[0] for _, cells in file.table]
        assert names == ["Name", "Ann Other"]
        assert {row.cells[0] for row in ImportRow.objects.filter(batch=file)} <= {"Ann Other"}
    assert kinds(done) == ["left_out", "new"]
    assert erased_words(done).startswith("One person in it has been erased since. Undoing leaves them out")
    assert hindrances(done) == []
    remains = Membership.objects.get(person=person, community=community)
    undone(done, by=staff())
    assert done.state == "undone"
    assert Membership.objects.get(person=person, community=community).ends_on == remains.ends_on
    assert not User.objects.filter(name="Kim Stays").exists()


def test_a_file_that_waits_to_be_imported_brings_in_the_others_only(person: Person, community: Community) -> None:
    by = staff()
    ProfessionalGroupFactory.create(name="Nursing")
    rows = as_csv((NAME, ADDRESS, "", "", ""), ("Kim Stays", "kim@example.org", "", "Nursing", ""))
    batch = previewed(rows, community=community, by=by)
    ask_for_import(batch=batch, version=batch.version, by=by, now=NOW)
    carry_out(asked(person))
    assert run_import(batch=batch, now=NOW) is True
    assert kinds(batch) == ["new"]
    assert User.objects.filter(name="Kim Stays").exists()


def keys_held(person: Person, key: str) -> list[Any]:
    return next((list(held.rows) for held in held_about(person.user) if held.key == key), [])


def test_the_last_mail_is_forgotten_after_a_week(person: Person) -> None:
    carry_out(asked(person))
    mail = OutboxMessage.objects.get()
    assert kind_named(mail.kind).is_still_due(mail.params)
    assert "Former member" in kind_named(mail.kind).render(mail.params, mail.recipient).text
    assert erasure.forget_last_mails(now=NOW + timedelta(days=6)) == 0
    assert erasure.forget_last_mails(now=NOW + timedelta(days=7)) == 1
    assert everything_written(ADDRESS, but=set()) == {}


def test_what_is_left_is_a_former_member_who_cannot_sign_in(person: Person) -> None:
    carry_out(asked(person))
    person.refresh_from_db()
    user = User.objects.get(pk=person.user_id)
    assert (person.name, person.erased_on, user.is_active, user.role) == (FORMER_MEMBER, TODAY, False, "")
    assert not user.has_usable_password()
    assert not EmailAddress.objects.filter(user=user).exists()
    assert not user.sign_ins.exists()
    assert not user.api_tokens.exists()
    assert not RoleTerm.objects.current().filter(person=person).exists()
    assert not Affiliation.objects.current().filter(person=person).exists()


def test_every_count_is_what_it_was(person: Person, community: Community) -> None:
    before = counts(community)
    carry_out(asked(person))
    assert counts(community) == before
    held = Session.objects.get()
    recount = Session.objects.with_recount().get(pk=held.pk)
    assert (held.member_count, held.present_count) == (recount.recounted_members, recount.recounted_present) == (7, 6)


def test_erasing_works_in_a_closed_community_too(person: Person) -> None:
    Community.objects.update(state="closed")
    carry_out(asked(person))
    assert not Membership.objects.current().filter(person=person).exists()


def test_a_legal_hold_makes_it_wait(person: Person) -> None:
    hold = erasure.place_hold(person=person, reason="An inquiry", by=staff(), now=NOW)
    request = asked(person)
    assert ErasureRequest.objects.with_hold().get().is_held
    with pytest.raises(erasure.OnLegalHold):
        carry_out(request)
    assert find_user(ADDRESS) == person.user
    with pytest.raises(erasure.AlreadyOnHold):
        erasure.place_hold(person=person, reason="Another", by=staff(), now=NOW)
    erasure.lift_hold(hold=hold, by=staff(), now=NOW)
    with pytest.raises(erasure.HoldAlreadyLifted):
        erasure.lift_hold(hold=hold, by=staff(), now=NOW)
    carry_out(request)
    assert find_user(ADDRESS) is None


def test_a_hold_says_why(person: Person) -> None:
    with pytest.raises(erasure.NoReasonSaid):
        erasure.place_hold(person=person, reason=" ", by=staff(), now=NOW)
    assert not LegalHold.objects.exists()


def test_a_request_is_decided_once(person: Person) -> None:
    request = asked(person)
    erasure.withdraw_erasure(request=request, by=person.user, now=NOW)
    with pytest.raises(erasure.RequestAlreadyDecided, match="withdrawn"):
        carry_out(request)
    assert find_user(ADDRESS) == person.user
    again = asked(person)
    carry_out(again)
    with pytest.raises(erasure.RequestAlreadyDecided):
        carry_out(again)


def test_declining_says_why_and_where_to_complain(person: Person) -> None:
    request = asked(person)
    with pytest.raises(erasure.NoReasonSaid):
        erasure.decline_erasure(request=request, because="  ", by=staff(), now=NOW)
    erasure.decline_erasure(request=request, because="A claim is open.", by=staff(), now=NOW)
    mail = OutboxMessage.objects.get(kind="communities.erasure_answered")
    text = kind_named(mail.kind).render(mail.params, mail.recipient).text
    assert "A claim is open." in text
    assert "/complaints/" in text
    asked_mail = OutboxMessage.objects.get(kind="communities.erasure_asked")
    assert kind_named(asked_mail.kind).is_still_due(asked_mail.params) is False


def test_someone_who_runs_the_portal_gives_that_up_first() -> None:
    member = staff(name=NAME)
    with pytest.raises(erasure.RoleStillHeld):
        carry_out(asked(member.person))
    assert User.objects.get(pk=member.pk).name == NAME


def test_a_name_in_other_peoples_words_is_pointed_out_and_left(person: Person, community: Community) -> None:
    ActionFactory.create(community=community, text=f"Ask {NAME} for the form")
    assert mentions_of(person) == [("Actions", 1)]
    carry_out(asked(person))
    assert list(everything_written(NAME, but=set())) == ["communities.action.text"]
