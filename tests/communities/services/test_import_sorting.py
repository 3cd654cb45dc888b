"""Each row of a file of members in its class, and why."""

from datetime import date, timedelta

import pytest
from allauth.account.models import EmailAddress

from communities.models import Affiliation, Community, ImportRow, Membership, Organisation, ProfessionalGroup
from communities.services.imports.batches import ColumnsMissing, ColumnsShared, ImportMovedOn, NoSuchColumn
from communities.services.imports.preview import StartsInTheFuture, counts_of, decide_rows, forget_decisions
from communities.services.imports.questions import NotADecision, open_questions
from communities.services.people.membership import end_membership
from cop_portal.accounts.models import User
from tests.factories.communities import (
    NOW,
    TODAY,
    CommunityFactory,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    ProfessionalGroupFactory,
    facilitator_of,
    staff,
)
from tests.factories.imports import as_csv, kinds, previewed, reasons, received

pytestmark = pytest.mark.django_db


@pytest.fixture
def community() -> Community:
    return CommunityFactory.create(name="Sepsis", slug="sepsis")


@pytest.fixture
def facilitator(community: Community) -> User:
    return facilitator_of(community, name="Fadia Haddad")


@pytest.fixture
def trust() -> Organisation:
    return OrganisationFactory.create(name="St George’s Hospital", ods_code="RJ7")


@pytest.fixture
def nurses() -> ProfessionalGroup:
    return ProfessionalGroupFactory.create(name="Nursing", code="03")


def member(community: Community, name: str, email: str, trust: Organisation, nurses: ProfessionalGroup) -> Membership:
    person = PersonFactory.create(name=name, email=email)
    Affiliation.objects.filter(person=person).update(organisation=trust, professional_group=nurses)
    return MembershipFactory.create(person=person, community=community)


def test_every_row_is_in_one_class_and_nothing_is_written(
    community: Community, facilitator: User, trust: Organisation, nurses: ProfessionalGroup
) -> None:
    member(community, "Ben Already", "ben@example.org", trust, nurses)
    member(community, "Cleo Changes", "cleo@example.org", trust, nurses)
    left = member(community, "Rita Returns", "rita@example.org", trust, nurses)
    end_membership(membership=left, ends_on=TODAY - timedelta(days=30), by=facilitator, now=NOW)
    member(community, "Nia Namesake", "nia@example.org", trust, nurses)
    other = OrganisationFactory.create(name="Riverside Trust")
    before = (Membership.objects.count(), User.objects.count(), Affiliation.objects.count())
    batch = previewed(
        as_csv(
            ("Amara Okafor", "amara@example.org", "RJ7", "Nursing", "6/8/2024"),
            ("Ben Already", "BEN@example.org", "ST GEORGES HOSPITAL", "03", ""),
            ("Cleo Changes", "cleo@example.org", other.name, "", ""),
            ("Rita Returns", "rita@example.org", "", "", "24/11/2026"),
            ("Amara Okafor", "amara@example.org", "", "Nursing", ""),
            ("Nia Namesake", "another.nia@example.org", "", "Nursing", ""),
            ("Otto Odd", "otto@", "", "Nursing", ""),
            ("Uma Unknown", "uma@example.org", "Nowhere Trust", "Nursing", ""),
        ),
        community=community,
        by=facilitator,
    )
    assert kinds(batch) == [
        "new",
        "already",
        "changes",
        "returns",
        "duplicate",
        "undecided",
        "malformed",
        "undecided",
    ]
    assert counts_of(batch) == {
        "new": 1,
        "already": 1,
        "changes": 1,
        "returns": 1,
        "duplicate": 1,
        "undecided": 2,
        "malformed": 1,
        "left_out": 0,
    }
    assert reasons(batch) == {
        2: "St George’s Hospital (Nursing), member since 6 August 2024.",
        3: "",
        4: "St George’s Hospital (Nursing) becomes Riverside Trust (Nursing).",
        5: "Was a member until 25 October 2026.",
        6: "The same address stands in row 2 already.",
        7: "Someone of this name is known here by another address. Are they the same person?",
        8: "“otto@” is not a mail address in full, like name@example.org.",
        9: "“Nowhere Trust” is not among the organisations known here.",
    }
    assert (Membership.objects.count(), User.objects.count(), Affiliation.objects.count()) == before


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("", "a@example.org", "", "Nursing", ""), "The name is missing."),
        (("Amara", "", "", "Nursing", ""), "The mail address is missing."),
        (("=HYPERLINK(1)", "a@example.org", "", "Nursing", ""), "A name cannot begin with =, +, - or @"),
        (("x" * 151, "a@example.org", "", "Nursing", ""), "The name is longer than 150 characters."),
        (("A\x00b", "a@example.org", "", "Nursing", ""), "It contains a character that cannot be stored."),
        (("Amara", "a@example.org", "", "Nursing", "25/11/2026"), "25 November 2026 lies ahead."),
        (("Amara", "a@example.org", "", "Nursing", "31/2/2026"), "“31/2/2026” is not a date that can be read."),
        (("Amara", "a@example.org", "", "", ""), "The professional group is missing."),
    ],
)
def test_a_row_that_cannot_be_taken_says_why(
    community: Community, facilitator: User, nurses: ProfessionalGroup, row: tuple[str, ...], words: str
) -> None:
    others = [(f"Person {at}", f"p{at}@example.org", "", "Nursing", "") for at in range(30)]
    batch = previewed(as_csv(row, *others), community=community, by=facilitator)
    assert kinds(batch) == ["malformed"] + ["new"] * 30
    assert reasons(batch)[2].startswith(words)


def test_a_script_in_a_name_is_a_name(community: Community, facilitator: User, nurses: ProfessionalGroup) -> None:
    batch = previewed(
        as_csv(("<script>alert(1)</script>", "a@example.org", "", "Nursing", "")), community=community, by=facilitator
    )
    assert kinds(batch) == ["new"]


def test_a_malformed_row_stands_in_nobodys_way(
    community: Community, facilitator: User, nurses: ProfessionalGroup
) -> None:
    batch = previewed(
        as_csv(("", "a@example.org", "", "Nursing", ""), ("Amara", "a@example.org", "", "Nursing", "")),
        community=community,
        by=facilitator,
    )
    assert kinds(batch) == ["malformed", "new"]


def test_rows_that_say_nothing_take_the_group_and_the_day_given_for_all(
    community: Community, facilitator: User, nurses: ProfessionalGroup
) -> None:
    batch = previewed(
        as_csv(("Okafor, Amara", "mailto:Amara@Example.org"), headings=("Name", "Email")),
        community=community,
        by=facilitator,
        default_group=nurses,
        default_starts_on=date(2026, 1, 5),
    )
    facts = ImportRow.objects.get(batch=batch).facts
    assert (facts["name"], facts["email"], facts["group"], facts["starts_on"]) == (
        "Amara Okafor",
        "amara@example.org",
        nurses.pk,
        "2026-01-05",
    )


def test_someone_known_elsewhere_joins_with_the_name_and_workplace_they_have(
    community: Community, facilitator: User, trust: Organisation, nurses: ProfessionalGroup
) -> None:
    member(CommunityFactory.create(), "Amara Okafor", "amara@example.org", trust, nurses)
    batch = previewed(as_csv(("Amara Okafor", "amara@example.org", "", "", "")), community=community, by=facilitator)
    assert kinds(batch) == ["new"]
    assert "keeps the organisation and professional group" in reasons(batch)[2]


def test_whoever_was_a_member_returns_not_before_they_had_left(
    community: Community, facilitator: User, trust: Organisation, nurses: ProfessionalGroup
) -> None:
    left = member(community, "Rita Returns", "rita@example.org", trust, nurses)
    end_membership(membership=left, ends_on=TODAY - timedelta(days=30), by=facilitator, now=NOW)
    batch = previewed(
        as_csv(("Rita Returns", "rita@example.org", "", "", "1/10/2026")), community=community, by=facilitator
    )
    assert reasons(batch) == {2: "Rita Returns was a member until 25 October 2026. Give that date or a later one."}


def test_two_rows_that_change_the_same_person_differently_are_not_guessed_between(
    trust: Organisation, nurses: ProfessionalGroup
) -> None:
    first, second = CommunityFactory.create(name="Sepsis"), CommunityFactory.create(name="Delirium")
    both = member(first, "Cleo", "cleo@example.org", trust, nurses).person
    MembershipFactory.create(person=both, community=second)
    for name in ("Riverside", "Hillside"):
        OrganisationFactory.create(name=name)
    headings = ("Community", "Name", "Email", "Organisation")
    same = [("Sepsis", "Cleo", "cleo@example.org", "Riverside"), ("Delirium", "Cleo", "cleo@example.org", "Riverside")]
    assert kinds(previewed(as_csv(*same, headings=headings), community=None, by=staff())) == ["changes", "already"]
    differing = [same[0], ("Delirium", "Cleo", "cleo@example.org", "Hillside")]
    assert kinds(previewed(as_csv(*differing, headings=headings), community=None, by=staff())) == [
        "changes",
        "malformed",
    ]


def test_a_file_for_several_communities_names_one_in_each_row(nurses: ProfessionalGroup) -> None:
    CommunityFactory.create(name="Sepsis", slug="sepsis")
    CommunityFactory.create(name="Duty of candour", slug="candour")
    CommunityFactory.create(name="Delirium", slug="delirium", state=Community.State.CLOSED)
    rows = [(named, f"Person {at}", f"p{at}@example.org", "Nursing") for at, named in enumerate(
        ("Sepsis", "candour", "DUTY OF CANDOUR", "Delirium", "Nowhere", "")
    )]  # fmt: skip
    batch = previewed(
        as_csv(*rows, headings=("Community", "Name", "Email", "Professional group")), community=None, by=staff()
    )
    assert kinds(batch) == ["new", "new", "new", "malformed", "malformed", "malformed"]
    assert list(reasons(batch).values())[3:] == [
        "Delirium is closed, so nobody can be added to it.",
        "There is no community called “Nowhere” here.",
        "The community is missing.",
    ]


# Decisions


def test_a_namesake_is_never_taken_for_the_same_person_and_never_for_another_without_a_decision(
    community: Community, facilitator: User, trust: Organisation, nurses: ProfessionalGroup
) -> None:
    known = member(community, "Nia Evans", "nia@example.org", trust, nurses).person
    batch = previewed(
        as_csv(("Evans, Nia", "n.evans@example.org", "", "Nursing", "")), community=community, by=facilitator
    )
    (question,) = open_questions(batch)
    assert question.answers == (
        (f"user:{known.user_id}", "Nia Evans, St George’s Hospital"),
        ("new", "Someone else of the same name: add them"),
        ("leave", "Leave it out"),
    )
    decided = {}
    for answer, _ in question.answers:
        decide_rows(batch=batch, version=batch.version, decisions={"row:2": answer}, by=facilitator, now=NOW)
        decided[answer] = kinds(batch)
        forget_decisions(batch=batch, version=batch.version, by=facilitator, now=NOW)
        assert kinds(batch) == ["undecided"]
    assert decided == {f"user:{known.user_id}": ["already"], "new": ["new"], "leave": ["left_out"]}
    assert not EmailAddress.objects.filter(email="n.evans@example.org").exists()


def test_a_facilitator_learns_nothing_of_people_elsewhere_by_importing_their_names(
    community: Community, facilitator: User, trust: Organisation, nurses: ProfessionalGroup
) -> None:
    member(CommunityFactory.create(), "Nia Evans", "nia@example.org", trust, nurses)
    file = as_csv(("Nia Evans", "n.evans@example.org", "", "Nursing", ""))
    assert kinds(previewed(file, community=community, by=facilitator)) == ["new"]
    assert kinds(previewed(file, community=community, by=staff())) == ["undecided"]


def test_an_address_known_under_another_name_waits_for_a_decision(
    community: Community, facilitator: User, trust: Organisation, nurses: ProfessionalGroup
) -> None:
    known = member(community, "Nia Evans", "team@example.org", trust, nurses).person
    batch = previewed(
        as_csv(("Owen Price", "team@example.org", "", "Nursing", "")), community=community, by=facilitator
    )
    assert reasons(batch) == {2: "This address belongs to Nia Evans, not to “Owen Price”. Are they the same person?"}
    decide_rows(
        batch=batch, version=batch.version, decisions={"row:2": f"user:{known.user_id}"}, by=facilitator, now=NOW
    )
    assert kinds(batch) == ["already"]


def test_one_decision_serves_all_rows_with_the_same_unknown_word(
    community: Community, facilitator: User, trust: Organisation, nurses: ProfessionalGroup
) -> None:
    rows = [(f"Person {at}", f"p{at}@example.org", "Georges", "Nurse", "") for at in range(3)]
    batch = previewed(as_csv(*rows), community=community, by=facilitator)
    (question,) = open_questions(batch)
    assert (question.key, question.rows) == ("organisation:georges", 3)
    decide_rows(batch=batch, version=batch.version, decisions={question.key: "none"}, by=facilitator, now=NOW)
    (question,) = open_questions(batch)
    assert (question.key, question.rows) == ("professional_group:nurse", 3)
    decide_rows(batch=batch, version=batch.version, decisions={question.key: str(nurses.pk)}, by=facilitator, now=NOW)
    assert kinds(batch) == ["new", "new", "new"]
    assert [row.facts["organisation"] for row in ImportRow.objects.filter(batch=batch)] == [None, None, None]


@pytest.mark.parametrize("decisions", [{"row:2": "user:999999"}, {"row:3": "leave"}, {"other": "none"}, {"row:2": ""}])
def test_what_was_not_on_offer_is_not_a_decision(
    community: Community,
    facilitator: User,
    trust: Organisation,
    nurses: ProfessionalGroup,
    decisions: dict[str, str],
) -> None:
    member(community, "Nia Evans", "nia@example.org", trust, nurses)
    batch = previewed(as_csv(("Nia Evans", "n@example.org", "", "Nursing", "")), community=community, by=facilitator)
    with pytest.raises(NotADecision):
        decide_rows(batch=batch, version=batch.version, decisions=decisions, by=facilitator, now=NOW)
    assert kinds(batch) == ["undecided"]


# Columns


@pytest.mark.parametrize(
    ("mapping", "kind"),
    [
        ({"name": 0}, ColumnsMissing),
        ({"email": 1}, ColumnsMissing),
        ({"name": 0, "email": 0}, ColumnsShared),
        ({"name": 0, "email": 7}, NoSuchColumn),
        ({"name": 0, "email": 1, "salary": 2}, NoSuchColumn),
        ({"name": 0, "email": -1}, NoSuchColumn),
    ],
)
def test_columns_that_cannot_be_sorted_by_are_refused(
    community: Community, facilitator: User, mapping: dict[str, int], kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        previewed(as_csv(("Amara", "a@example.org")), community=community, by=facilitator, mapping=mapping)


def test_everyone_joins_today_or_earlier(community: Community, facilitator: User) -> None:
    with pytest.raises(StartsInTheFuture):
        previewed(
            as_csv(("Amara", "a@example.org")),
            community=community,
            by=facilitator,
            default_starts_on=TODAY + timedelta(days=1),
        )


def test_a_preview_made_from_an_older_look_is_refused(
    community: Community, facilitator: User, nurses: ProfessionalGroup
) -> None:
    batch = previewed(as_csv(("Amara", "a@example.org", "", "Nursing", "")), community=community, by=facilitator)
    with pytest.raises(ImportMovedOn):
        decide_rows(batch=batch, version=batch.version - 1, decisions={}, by=facilitator, now=NOW)


def test_a_file_without_headings_has_its_first_row_sorted_too(
    community: Community, facilitator: User, nurses: ProfessionalGroup
) -> None:
    batch = received(
        b"Amara Okafor,amara@example.org\nBen Adeyemi,ben@example.org\n", community=community, by=facilitator
    )
    assert (batch.has_headings, batch.headings, batch.mapping) == (False, ["Column 1", "Column 2"], {"email": 1})


def test_a_question_about_someone_of_another_community_says_neither_who_they_are_nor_where_they_work(
    community: Community, facilitator: User, trust: Organisation, nurses: ProfessionalGroup
) -> None:
    member(CommunityFactory.create(), "Nia Evans", "nia@example.org", trust, nurses)
    file = as_csv(("Owen Price", "nia@example.org", "", "Nursing", ""))
    by_facilitator = ImportRow.objects.get(batch=previewed(file, community=community, by=facilitator))
    by_staff = ImportRow.objects.get(batch=previewed(file, community=community, by=staff()))
    assert trust.name not in str(by_facilitator.facts["choices"])
    assert trust.name in str(by_staff.facts["choices"])
    assert "Nia" not in by_facilitator.reason + str(by_facilitator.facts)
    assert "Nia Evans" in by_staff.reason


def test_a_file_of_bare_addresses_tells_no_names(
    community: Community, facilitator: User, trust: Organisation, nurses: ProfessionalGroup
) -> None:
    member(CommunityFactory.create(), "Nia Evans", "nia@example.org", trust, nurses)
    row = ImportRow.objects.get(
        batch=previewed(as_csv(("", "nia@example.org", "", "", "")), community=community, by=facilitator)
    )
    assert row.reason.startswith("This person is known here already and keeps the organisation and professional group")
    assert "Nia" not in str(row.facts)
