"""A file of members that names an organisation nobody knows: someone decides, and may have it added."""

from typing import Any

import pytest

from communities.models import Affiliation, Community, ImportBatch, Organisation
from communities.services.imports import running
from communities.services.imports.preview import decide_rows
from communities.services.imports.questions import NotADecision, open_questions
from cop_portal.accounts.models import User
from tests.communities.services.import_world import everything, known_people
from tests.factories.communities import NOW, CommunityFactory, OrganisationFactory, PersonFactory, facilitator_of
from tests.factories.imports import as_csv, do_import, kinds, previewed, reasons, undone

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


PLACES = as_csv(
    ("Ines Marlow", "ines@example.org", "THE COTTAGE HOSPITAL", "Nursing", ""),
    ("Olga Petrova", "olga@example.org", "The Cottage Hospital", "Nursing", ""),
    ("Cleo Changes", "cleo@example.org", "the cottage-hospital", "Nursing", ""),
    ("Not Read", "not an address", "The Cottage Hospital", "Nursing", ""),
    ("Left Out", "left@example.org", "Another Place", "Nursing", ""),
)
COTTAGE, ANOTHER = "organisation:the cottage hospital", "organisation:another place"


def decided(community: Community, facilitator: User, **decisions: str) -> ImportBatch:
    batch = previewed(PLACES, community=community, by=facilitator)
    answers = {COTTAGE: "new", ANOTHER: "leave", **decisions}
    return decide_rows(batch=batch, version=batch.version, decisions=answers, by=facilitator, now=NOW)


def test_an_organisation_nobody_knows_is_added_once_if_someone_decides_so(
    community: Community, facilitator: User, known: dict[str, Any]
) -> None:
    batch = previewed(PLACES, community=community, by=facilitator)
    question = open_questions(batch)[0]
    assert (question.key, question.rows) == (COTTAGE, 3)
    assert question.answers == (
        ("new", "Add it as a new organisation"),
        *((str(pk), name) for pk, name in Organisation.objects.order_by("name").values_list("pk", "name")),
        ("none", "No organisation"),
        ("leave", "Leave these rows out"),
    )
    places = Organisation.objects.count()
    batch = decided(community, facilitator)
    assert kinds(batch) == ["new", "new", "changes", "malformed", "left_out"]
    assert reasons(batch)[2] == "The Cottage Hospital, new here (Nursing), member since 24 November 2026."
    assert Organisation.objects.count() == places, "a preview adds nothing"
    do_import(batch, by=facilitator)
    added = Organisation.objects.get(name="The Cottage Hospital")
    assert Organisation.objects.count() == places + 1
    workers = Affiliation.objects.current().filter(organisation=added).order_by("person__user__name")
    assert list(workers.values_list("person__user__name", flat=True)) == ["Cleo Changes", "Ines Marlow", "Olga Petrova"]


def test_an_organisation_added_meanwhile_by_somebody_else_is_looked_at_first(
    community: Community, facilitator: User
) -> None:
    batch = decided(community, facilitator)
    there = OrganisationFactory.create(name="The Cottage Hospital")
    do_import(batch, by=facilitator)
    assert (batch.state, batch.message) == (ImportBatch.State.PREVIEWED, running.OUTDATED)
    assert reasons(batch)[2] == "The Cottage Hospital (Nursing), member since 24 November 2026."
    do_import(batch, by=facilitator)
    assert (batch.state, there.affiliations.count()) == (ImportBatch.State.IMPORTED, 3)


def test_undoing_takes_an_added_organisation_away_unless_someone_works_there_by_now(
    community: Community, facilitator: User
) -> None:
    before = everything()
    batch = do_import(decided(community, facilitator), by=facilitator)
    assert everything() != before
    assert undone(batch, by=facilitator).state == ImportBatch.State.UNDONE
    assert everything() == before
    again = do_import(decided(community, facilitator), by=facilitator)
    added = Organisation.objects.get(name="The Cottage Hospital")
    PersonFactory.create().affiliations.update(organisation=added)
    assert undone(again, by=facilitator).state == ImportBatch.State.UNDONE
    assert Organisation.objects.filter(pk=added.pk).exists()


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "x" * 201])
def test_what_cannot_be_the_name_of_an_organisation_is_not_offered_as_a_new_one(
    community: Community, facilitator: User, name: str
) -> None:
    file = as_csv(("Ines Marlow", "ines@example.org", name, "Nursing", ""))
    batch = previewed(file, community=community, by=facilitator)
    (question,) = open_questions(batch)
    assert [answer for answer, _ in question.answers][-2:] == ["none", "leave"]
    assert "new" not in dict(question.answers)
    with pytest.raises(NotADecision):
        decide_rows(batch=batch, version=batch.version, decisions={question.key: "new"}, by=facilitator, now=NOW)
